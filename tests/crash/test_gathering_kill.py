"""A list that is killed while it is taken in leaves nothing of it, or all of it: never a half."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from gathering_taker import AFTER_THE_PEOPLE, ROWS

from store.cipher import FieldCipher
from store.truth.audit_file import verify_file
from store.truth.database import Truth

HERE = Path(__file__).parents[1] / "support"


@pytest.mark.parametrize(("at", "taken"), [(2, 0), (ROWS + 1, 0), (AFTER_THE_PEOPLE, 0), (0, ROWS)])
def test_kill_9_at_any_row_leaves_nothing_and_after_the_last_leaves_all(tmp_path, at, taken):
    done = subprocess.run(
        [sys.executable, str(HERE / "gathering_taker.py"), str(tmp_path), str(at)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(Path.cwd()), str(HERE)])},
        timeout=100,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    truth = Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))
    with truth.view() as unit:
        people, lists = unit.people.persons(), unit.gathering.latest()
        verifications, rows = unit.gathering.verifications(), unit.audit.head()[0]
        versions = [len(unit.entries.versions(one.id)) for one in people]
    truth.close()
    assert (len(people), len(verifications), len(lists)) == (taken, taken, int(taken > 0))
    assert versions == [1] * taken
    assert rows == (taken + 2 if taken else 0)  # of each, of the list, and the one that vouches for them
    assert verify_file(tmp_path / "truth.sqlite").broken_at is None
