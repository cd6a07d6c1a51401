"""The change of keys under kill -9: at every step the names are readable, and another run ends it."""

import subprocess
import sys
from pathlib import Path

import pytest
from key_village import Village

ROOT = Path(__file__).parents[2]


def turn(folder: Path, deadly: int) -> int:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/support/key_turner.py"), str(folder), str(deadly)],
        cwd=ROOT,
        check=False,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests/support'}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode in {0, -9}, done.stderr
    return done.returncode


@pytest.mark.parametrize("deadly", [1, 2, 3, 4])
def test_killed_at_any_step_the_names_are_readable_and_another_run_ends_it(tmp_path, deadly):
    village = Village(tmp_path)
    before = village.key_id()
    assert turn(tmp_path, deadly) == -9
    village.check_readable()
    at_the_kill = village.key_id()
    assert (at_the_kill != before) is (deadly >= 3), "turned exactly when the transaction was done"
    assert turn(tmp_path, 0) == 0
    village.check_readable()
    assert village.key_id() != at_the_kill
    assert not (tmp_path / "shouwang.key.next").exists()


def test_killed_again_and_again_it_still_ends(tmp_path):
    village = Village(tmp_path)
    for deadly in (2, 1, 3, 2, 4, 3):
        assert turn(tmp_path, deadly) == -9
    assert turn(tmp_path, 0) == 0
    village.check_readable()
