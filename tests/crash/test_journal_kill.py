"""What the journal promised is still there after kill -9."""

import subprocess
import sys
from pathlib import Path

import pytest

from store.journal import Journal

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("promises", [1, 7, 60])
def test_every_entry_acknowledged_before_a_kill_is_read_back_in_order(tmp_path, promises):
    writer = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/support/journal_writer.py"), str(tmp_path / "journal.db")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert writer.stdout is not None
    with writer.stdout as lines:
        promised = [int(next(lines)) for _ in range(promises)]
        writer.kill()
        promised += [int(line) for line in lines if line.endswith("\n")]
    writer.wait(10)
    journal = Journal(tmp_path / "journal.db")
    kept = [entry.seq for entry in journal.read(0, 100_000)]
    journal.close()
    assert kept[: len(promised)] == promised
