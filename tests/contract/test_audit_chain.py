"""The audit chain in its database: appended with what it tells, verified without the key, broken by any touch."""

import shutil
from datetime import date

import pytest
from ledger_kit import filed, keep
from pysqlite3 import dbapi2 as sqlite

from core.errors import ConfigurationError
from store.truth.audit_file import verify_file
from visits.model import ContactClass, Visit


def grown(truth, rows=5):
    with truth.transaction() as unit:
        for number in range(rows):
            unit.audit.append("account:zhang", "person.read", f"p{number}", f"看望前查看 {number}", 1_000 + number)


def touched(tmp_path, *statements: str):
    """Return the verdict on a copy of the file after somebody wrote into it."""
    copy = tmp_path / "copy.sqlite"
    with sqlite.connect(tmp_path / "truth.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(tmp_path / "truth.sqlite", copy)
    connection = sqlite.connect(copy)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return verify_file(copy)


def test_rows_are_numbered_without_a_gap_and_read_back_newest_first(truth):
    grown(truth)
    with truth.view() as unit:
        rows = unit.audit.list(limit=2)
        assert [(row.number, row.subject, row.detail) for row in rows] == [
            (5, "p4", "看望前查看 4"),
            (4, "p3", "看望前查看 3"),
        ]
        assert [row.number for row in unit.audit.list(subject="p1")] == [2]
        assert [row.number for row in unit.audit.list(before=3)] == [2, 1]
        assert unit.audit.verify().rows == 5


def test_a_row_is_not_written_when_what_it_tells_of_is_undone(truth):
    def fail():
        with truth.transaction() as unit:
            unit.audit.append("cli:root", "x", "p1", "", 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with truth.view() as unit:
        assert unit.audit.head()[0] == 0


def test_the_chain_of_a_file_is_verified_beside_a_running_writer_and_without_a_key(truth, tmp_path):
    grown(truth)
    verdict = verify_file(tmp_path / "truth.sqlite")
    assert (verdict.rows, verdict.broken_at) == (5, None)
    with truth.view() as unit:
        assert unit.audit.head() == (5, verdict.head)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET actor = 'account:li' WHERE number = 2", 2),
        ("UPDATE audit SET detail = zeroblob(80) WHERE number = 3", 3),
        ("UPDATE audit SET at_ms = at_ms + 1 WHERE number = 1", 1),
        ("UPDATE audit SET hash = substr(previous, 1) WHERE number = 4", 4),
        ("DELETE FROM audit WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("UPDATE audit SET number = number + 1 WHERE number = 5", 5),
    ],
)
def test_any_touch_is_found_with_the_number_of_the_first_broken_row(truth, tmp_path, statement, broken_at):
    grown(truth)
    assert touched(tmp_path, statement).broken_at == broken_at


def test_the_end_that_was_cut_off_is_found_by_what_was_written_down(truth, tmp_path):
    grown(truth)
    with truth.view() as unit:
        rows, head = unit.audit.head()
    copy = tmp_path / "copy.sqlite"
    assert touched(tmp_path, "DELETE FROM audit WHERE number = 5").broken_at is None
    assert verify_file(copy, rows=rows).broken_at == 5
    assert verify_file(copy, head=head).broken_at == 5
    assert verify_file(tmp_path / "truth.sqlite", rows=rows, head=head).broken_at is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry_version SET data = zeroblob(300) WHERE version = 1",
        "DELETE FROM entry_version WHERE version = 1",
        "INSERT INTO entry_version SELECT person_id, 9, at_ms, actor, action, why, marks, data, 'x' FROM entry_version WHERE version = 1",
    ],
)
def test_a_version_that_was_changed_removed_or_slipped_in_is_found(truth, tmp_path, statement):
    with truth.transaction() as unit:
        keep(unit, filed(1))
        keep(unit, filed(2), why="核实")
    assert touched(tmp_path).broken_at is None
    assert touched(tmp_path, statement).broken_at is not None


def test_marks_say_what_was_taken_in_bulk_or_told_late(truth):
    with truth.transaction() as unit:
        unit.audit.append("cli:root", "visit.recorded", "v1", "", 1, marks=("bulk", "backdated"))
    with truth.view() as unit:
        assert unit.audit.list()[0].marks == ("bulk", "backdated")


def test_a_detail_does_not_rest_in_clear(truth, tmp_path):
    with truth.transaction() as unit:
        unit.audit.append("cli:root", "x", "p1", "联系女儿李梅", 1)
    assert "李梅".encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_file_without_a_chain_is_refused_with_a_remedy(tmp_path):
    (tmp_path / "other").write_bytes(b"not a database")
    for path in (tmp_path / "other", tmp_path / "nothing"):
        with pytest.raises(ConfigurationError, match="Remedy"):
            verify_file(path)


def visit(visit_id="v1", **fields):
    given = {"person_id": "p1", "contact_class": ContactClass.C1_HOME, "started_at_ms": 1_709_000_000_000}
    return Visit(id=visit_id, local_date=date(2024, 2, 27), visitor="account:zhang", **(given | fields))


def test_every_version_of_a_visit_is_an_event_of_the_chain_and_a_late_one_is_marked(truth, tmp_path):
    late = {"entered_on": date(2024, 3, 7), "entered_at_ms": 1_709_800_000_000, "entered_by": "account:chen"}
    with truth.transaction() as unit:
        unit.visits.put(visit())
        unit.visits.put(visit(version=2, changed_by="account:li", changed_at_ms=1_709_000_100_000))
        unit.visits.put(visit("v2", **late))
    with truth.view() as unit:
        rows = [(row.action, row.subject, row.actor, row.marks) for row in reversed(unit.audit.list())]
    assert rows == [  # and one that vouches for the rows that counting reads
        ("visit.recorded", "v1", "account:zhang", ()),
        ("visit.changed", "v1", "account:li", ()),
        ("visit.recorded", "v2", "account:chen", ("backdated",)),
        ("rows.kept", "visit", "service", ()),
    ]
    assert verify_file(tmp_path / "truth.sqlite").broken_at is None


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE visit_version SET data = zeroblob(300) WHERE visit_id = 'v1'", 1),
        ("DELETE FROM visit_version WHERE visit_id = 'v2'", 2),
        ("INSERT INTO visit_version VALUES ('v9', 1, zeroblob(80))", 4),
    ],
)
def test_a_visit_that_was_changed_removed_or_slipped_in_is_found(truth, tmp_path, statement, broken_at):
    with truth.transaction() as unit:
        unit.visits.put_all([visit(), visit("v2")])
    assert touched(tmp_path, statement).broken_at == broken_at


def test_many_at_once_are_marked_bulk_one_row_each(truth):
    with truth.transaction() as unit:
        unit.visits.put_all([visit(f"v{number}") for number in range(5)])
    with truth.view() as unit:
        assert [row.marks for row in unit.audit.list() if row.subject != "visit"] == [("bulk",)] * 5
        assert unit.audit.verify().rows == 6
