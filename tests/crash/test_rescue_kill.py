"""A rescue of a damaged journal that is killed anywhere goes on at the next start: nothing that was read is lost again."""

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from store.journal import Journal
from store.journal_check import verify
from store.journal_damage import DamageKind
from store.journal_recovery import mark_unreadable, recover

ROOT = Path(__file__).parents[2]
ENTRIES = 40
MOVES = 12
"""More than a rescue makes; the last ones come to its end."""


def lost_power(path: Path, entries: int) -> None:
    """Leave what a machine without power leaves: a file, and a log beside it that holds its newest entries."""
    live = path.with_name("live.sqlite")
    with closing(Journal(live)) as journal:
        for number in range(entries):
            one = Reading(HomeId("h1"), DeviceId("h1/pir"), Metric.MOTION, True, number, number + 5, number)
            journal.append([one], log_time_ms=number)
        for suffix in ("", "-wal"):
            shutil.copyfile(live.with_name(f"{live.name}{suffix}"), path.with_name(f"{path.name}{suffix}"))
    mark_unreadable(path, "database disk image is malformed")


def start(path: Path, *, killed_before: int, taken_seq: int = 0) -> str:
    asked = [
        sys.executable,
        str(ROOT / "tests/support/rescue_runner.py"),
        str(path),
        str(killed_before),
        str(taken_seq),
    ]
    return subprocess.run(asked, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False).stdout.strip()


def held(path: Path) -> list[int]:
    with closing(Journal(path)) as journal:
        return [entry.seq for entry in journal.read(0, 100_000) if entry.readings]


def told(path: Path) -> list[DamageKind]:
    with closing(Journal(path)) as journal:
        return [one.kind for one in journal.damage(100)]


@pytest.mark.parametrize("killed_before", range(1, MOVES + 1))
def test_a_rescue_that_is_killed_goes_on_with_what_it_had_copied_and_tells_it_once(tmp_path, killed_before):
    path = tmp_path / "journal.sqlite"
    lost_power(path, ENTRIES)
    start(path, killed_before=killed_before)
    recover(path)
    assert held(path) == list(range(1, ENTRIES + 1))
    assert told(path) == [DamageKind.PAGES]
    assert verify(path).is_whole
    assert recover(path) == []
    assert path.with_name(f"{path.name}.damaged-1").exists()
    left = {one.name for one in tmp_path.iterdir() if one.name.startswith("journal.sqlite.")}
    assert left <= {f"{path.name}.damaged-1{suffix}" for suffix in ("", "-wal", "-shm")}


def test_a_rescue_that_is_killed_over_and_over_comes_to_its_end(tmp_path):
    path = tmp_path / "journal.sqlite"
    lost_power(path, ENTRIES)
    assert start(path, killed_before=5) == ""  # the copy is whole
    starts = 1
    while start(path, killed_before=3) != "done":
        starts += 1
        assert starts < MOVES
    assert starts > 1
    assert held(path) == list(range(1, ENTRIES + 1))
    assert told(path) == [DamageKind.PAGES]


@pytest.mark.parametrize("killed_before", range(1, MOVES + 1))
def test_what_readers_had_taken_and_is_gone_is_told_once_though_the_rescue_was_killed(tmp_path, killed_before):
    path = tmp_path / "journal.sqlite"
    lost_power(path, ENTRIES)
    start(path, killed_before=killed_before, taken_seq=ENTRIES + 5)
    recover(path, taken_seq=ENTRIES + 5)
    assert sorted(told(path)) == sorted([DamageKind.PAGES, DamageKind.MISSING])
    with closing(Journal(path)) as journal:
        assert journal.append([], log_time_ms=100) == ENTRIES + 6
