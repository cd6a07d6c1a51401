"""A parked message is checked as an entry is: what was altered is found, what an older release wrote is counted."""

import shutil
from contextlib import closing

import pytest
from pysqlite3 import dbapi2 as sqlite
from typer.testing import CliRunner

from app.cli import app
from core.log import ParkedMessage, ParkReason, Reread
from store.journal import Journal
from store.journal_check import verify
from store.journal_damage import DamageKind
from store.journal_recovery import mark_unreadable, recover
from store.parked import ParkedFile

OLD_TABLE = """CREATE TABLE parked (
  id INTEGER PRIMARY KEY AUTOINCREMENT, received_at_ms INTEGER NOT NULL, topic TEXT NOT NULL,
  payload BLOB NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, retain INTEGER NOT NULL) STRICT"""


def message(number: int) -> ParkedMessage:
    return ParkedMessage(
        received_at_ms=number,
        topic=f"care/h1/pir{number}/event",
        payload=b"\x00not json",
        reason=ParkReason.UNKNOWN_DEVICE,
        detail="nobody registered it",
        retain=number % 2 == 0,
    )


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "journal.sqlite"
    with closing(Journal(path)) as journal:
        journal.append([], log_time_ms=1, parked=[message(number) for number in range(1, 10)])
    return path


def altered(path, sql):
    with closing(sqlite.connect(path)) as other:
        other.execute(sql)
        other.commit()


def of_an_older_release(path):
    """What the release before wrote: the same rows in a table without the column."""
    with closing(sqlite.connect(path)) as other:
        columns = "id, received_at_ms, topic, payload, reason, detail, retain"
        kept = other.execute(f"SELECT {columns} FROM parked").fetchall()  # noqa: S608  # our own words
        other.execute("DROP TABLE parked")
        other.execute(OLD_TABLE)
        other.executemany(f"INSERT INTO parked ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", kept)  # noqa: S608
        other.commit()


@pytest.mark.parametrize(
    "change",
    [
        "payload = x'01'",
        "topic = 'care/h2/pir/event'",
        "topic = CAST(x'ff' AS TEXT)",
        "received_at_ms = 7",
        "retain = 1",
        "crc = crc + 1",
    ],
)
def test_a_parked_message_that_was_altered_is_a_fault_with_its_number(path, change):
    assert verify(path).is_whole
    altered(path, f"UPDATE parked SET {change} WHERE id = 3")  # noqa: S608  # our own words
    (fault,) = verify(path).faults
    assert fault.kind is DamageKind.PARKED
    assert fault.detail == "parked message 3 is damaged: its checksum does not match"


def test_the_reason_may_change_as_it_is_read_again(path):
    with closing(Journal(path)) as journal:
        still = message(1)
        journal.append([], log_time_ms=2, rereads=[Reread(parked_id=1, still=still), Reread(parked_id=2)])
    verdict = verify(path)
    assert (verdict.is_whole, verdict.parked, verdict.parked_read, verdict.parked_unchecked) == (True, 9, 1, 0)


def test_what_an_older_release_parked_is_counted_as_unchecked_and_what_comes_after_is_checked(path):
    of_an_older_release(path)
    assert (verify(path).parked_unchecked, verify(path).is_whole) == (9, True)
    with closing(Journal(path)) as journal:
        journal.append([], log_time_ms=2, parked=[message(10)])
    assert (verify(path).parked, verify(path).parked_unchecked) == (10, 9)
    altered(path, "UPDATE parked SET payload = x'01' WHERE id = 10")
    assert [fault.kind for fault in verify(path).faults] == [DamageKind.PARKED]


def test_a_file_of_an_older_release_is_opened_by_the_commands_over_parked_messages(path):
    of_an_older_release(path)
    for _ in range(2):
        with closing(ParkedFile(path)) as file:
            assert len(file.waiting(50)) == 9


@pytest.mark.parametrize("is_older", [False, True])
def test_a_file_that_is_copied_keeps_its_parked_messages_and_their_checksums(path, is_older):
    if is_older:
        of_an_older_release(path)
    else:
        altered(path, "UPDATE parked SET payload = x'01' WHERE id = 3")
    mark_unreadable(path, "a page could not be read")
    recover(path)
    verdict = verify(path)
    assert (verdict.parked, verdict.parked_unchecked) == (9, 9 if is_older else 0)
    assert [fault.kind for fault in verdict.faults] == ([] if is_older else [DamageKind.PARKED])


def test_the_command_says_how_many_of_them_were_read_since(path, tmp_path):
    with closing(Journal(path)) as journal:
        journal.append([], log_time_ms=2, rereads=[Reread(parked_id=one) for one in (1, 2, 3)])
    copy = tmp_path / "copy.sqlite"
    shutil.copyfile(path, copy)
    done = CliRunner().invoke(app, ["journal", "verify", str(copy)])
    assert "9 parked messages, 3 of them read since" in done.stdout
    altered(copy, "UPDATE parked SET payload = x'01' WHERE id = 3")
    done = CliRunner().invoke(app, ["journal", "verify", str(copy)])
    assert done.exit_code == 1
    assert "BAD  parked: parked message 3 is damaged" in done.stdout
