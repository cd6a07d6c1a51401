"""An erasure that is killed anywhere: the person is whole or gone, the chain holds, and another run ends it."""

import signal
import subprocess
import sys
from pathlib import Path

from ledger_kit import FORM
from privacy_town import QIAN, TRACES, PrivacyTown

from app.files import DataFiles
from app.privacy.traces import Traces, found_in_files
from store.truth.audit_file import verify_file

ROOT = Path(__file__).parents[2]
KILLS_MS = (1, 5, 10, 20, 30, 40, 60, 80, 120, 200)


def erase(folder: Path, person_id: str, after_ms: int) -> bool:
    """Return whether it came to its end."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/support/eraser_runner.py"), str(folder), person_id, str(after_ms)],
        cwd=ROOT,
        check=False,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests/support'}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode in {0, -signal.SIGALRM}, done.stderr
    return done.returncode == 0


def test_killed_anywhere_somebody_is_whole_or_gone_and_another_run_ends_it(tmp_path):
    town = PrivacyTown(tmp_path)
    town.live()
    town.end_service()
    town.eraser.ask(town.wang, "家属要求", QIAN)
    town.close()
    for after_ms in KILLS_MS:
        erase(tmp_path, town.wang, after_ms)
        truth = DataFiles(tmp_path).open_truth()
        with truth.view() as unit:
            person, asked = unit.people.person(town.wang), unit.privacy.erasure_of(town.wang)
            versions = unit.entries.versions(town.wang)
        truth.close()
        assert person is not None
        assert asked is not None
        is_gone = asked.is_begun
        assert (person.name, len(versions)) == (("", 0) if is_gone else (FORM.name, 4))
        assert verify_file(tmp_path / "truth.sqlite").broken_at is None
    assert erase(tmp_path, town.wang, 0)
    assert found_in_files(tmp_path, Traces(TRACES)) == []
