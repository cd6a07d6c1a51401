"""`shouwang journal` as an operator types it: verify on the data and on a copy, with exit codes; tail, filtered, followed."""

import os
import shutil
import subprocess
import sys
from contextlib import closing

import pytest
from pysqlite3 import dbapi2 as sqlite

from core.events import Flag, Metric, Reading
from core.ids import DeviceId, HomeId
from store.journal import Journal

BEGIN_MS = 1_772_400_000_000


def shouwang(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), capture_output=True, text=True, check=False, timeout=60)


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from app.cli import main; main()", "journal", *words]


def reading(home: str, device: str, number: int, **more) -> Reading:
    at_ms = BEGIN_MS + number * 60_000
    return Reading(
        HomeId(home), DeviceId(f"{home}/{device}"), Metric.MOTION, number % 2 == 0, at_ms, at_ms + 9_000, **more
    )


@pytest.fixture
def data(tmp_path):
    data = tmp_path / "data"
    with closing(Journal(data / "journal.sqlite")) as journal:
        for number in range(6):
            entry = [reading("h1", "pir", number), reading("h2", "pir", number, flags=int(Flag.REPLAY))]
            journal.append(entry, log_time_ms=BEGIN_MS + number)
    return data


def test_a_whole_journal_verifies_with_exit_code_0_and_says_what_it_holds(data):
    done = shouwang("verify", "--data-dir", str(data))
    assert (done.returncode, done.stderr) == (0, "")
    assert "whole:" in done.stdout
    assert "6 entries, 12 readings" in done.stdout


def test_a_damaged_copy_is_told_with_exit_code_1_and_is_not_changed(data, tmp_path):
    copy = tmp_path / "backup.sqlite"
    shutil.copyfile(data / "journal.sqlite", copy)
    with closing(sqlite.connect(copy)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("UPDATE entry SET crc = crc + 1 WHERE seq = 4")
        other.commit()
    before = copy.read_bytes()
    done = shouwang("verify", str(copy))
    assert done.returncode == 1
    assert "BAD  entry: journal entry 4 is damaged" in done.stdout
    assert copy.read_bytes() == before
    assert shouwang("verify", "--data-dir", str(data)).returncode == 0


@pytest.mark.parametrize("content", [None, b"not a journal at all" * 300])
def test_what_is_no_journal_is_no_success(content, tmp_path):
    path = tmp_path / "other.sqlite"
    if content is not None:
        path.write_bytes(content)
    done = shouwang("verify", str(path))
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr


def test_tail_shows_the_newest_of_one_home_with_delay_and_flags(data):
    done = shouwang("tail", "--data-dir", str(data), "--home", "h2", "--limit", "2")
    first, second = done.stdout.splitlines()
    assert "h2/pir  motion=true  +9 s  replay" in first
    assert "h2/pir  motion=false  +9 s  replay" in second
    assert shouwang("tail", "--data-dir", str(data), "--device", "h1/nothing").stdout == ""


def test_tail_follows_what_comes_in(data):
    words = command("tail", "--data-dir", str(data), "--device", "h1/pir", "--limit", "1", "--follow")
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=os.environ) as following:
        assert following.stdout is not None
        assert "motion=false" in following.stdout.readline()
        with closing(Journal(data / "journal.sqlite")) as journal:
            journal.append([reading("h1", "door", 8), reading("h1", "pir", 8)], log_time_ms=BEGIN_MS + 99)
        line = following.stdout.readline()
        following.terminate()
    assert "h1/pir  motion=true" in line
