"""Entries in the truth database: every version kept whole and sealed, snapshots that do not change."""

from datetime import date

import msgspec
import pytest
from ledger_kit import CHILD, FORM, filed, keep, person

from core.errors import ConflictError
from core.ids import PersonId
from registry.areas import Area, AreaTree
from registry.refresh import ChildChannel, ChildContact


def test_every_version_comes_back_whole_with_who_when_and_why(truth):
    first, second = filed(1), filed(2, first_contact=CHILD)
    with truth.transaction() as unit:
        keep(unit, first, why="建档", at_ms=1_000, marks=("bulk",))
        keep(unit, second, actor="account:chen", why="补录联系人", at_ms=2_000)
    with truth.view() as unit:
        versions = unit.entries.versions(PersonId("p1"))
        assert unit.entries.get(PersonId("p1")) == second.entry
        assert list(unit.entries.all()) == ["p1"]
    assert [one.filed for one in versions] == [first, second]
    assert [(one.actor, one.why, one.at_ms, one.marks) for one in versions] == [
        ("account:zhang", "建档", 1_000, ("bulk",)),
        ("account:chen", "补录联系人", 2_000, ()),
    ]


def test_a_version_that_does_not_follow_the_last_is_refused(truth):
    with truth.transaction() as unit:
        keep(unit, filed(1))

    def again(version):
        with truth.transaction() as unit:
            keep(unit, filed(version))

    for version in (1, 3):
        with pytest.raises(ConflictError):
            again(version)


def test_a_person_without_an_entry_has_an_empty_one(truth):
    with truth.view() as unit:
        assert unit.entries.get(PersonId("p9")).version == 0


def test_nothing_of_an_entry_rests_in_clear(truth, tmp_path):
    contact = ChildContact(
        id="c1", person_id="p1", on=date(2024, 2, 1), channel=ChildChannel.PHONE, note="女儿李梅来电"
    )
    with truth.transaction() as unit:
        keep(unit, filed(1, first_contact=CHILD), why="女儿李梅要求")
        unit.entries.add_child_contact(contact)
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in ("李梅", "王秀英", "高血压", "13900005678", FORM.id_number, "每周送餐"):
        assert secret.encode() not in on_disk
    with truth.view() as unit:
        assert unit.entries.child_contacts(PersonId("p1")) == [contact]
        assert unit.entries.child_contacts() == [contact]


DAY = date(2024, 6, 30)


def snap(truth, end_ms=3_000):
    with truth.transaction() as unit:
        return unit.entries.take_snapshot(DAY, end_ms, "service", at_ms=5_000, audit_head="head")


def test_a_snapshot_tells_which_version_stood_when_its_day_ended_however_late_it_is_taken(truth):
    with truth.transaction() as unit:
        keep(unit, filed(1), at_ms=1_000)
        stood = keep(unit, filed(2), at_ms=2_999)
        keep(unit, filed(3), at_ms=3_000)
        keep(unit, filed(1, person=person("p2", id_number="")), at_ms=4_000)
    taken = snap(truth)
    with truth.view() as unit:
        assert unit.entries.snapshots() == [taken]
        assert unit.entries.is_snapshot_whole(DAY)
    with truth._writer.connect() as connection:
        rows = connection.exec_driver_sql("SELECT person_id, version, sha256 FROM ledger_snapshot_row").all()
    assert rows == [("p1", 2, stood.sha256)]
    assert taken.people == 1


def test_a_snapshot_is_taken_once_and_never_of_nobody(truth):
    assert snap(truth) is None
    with truth.transaction() as unit:
        keep(unit, filed(1))
    snap(truth)
    with pytest.raises(ConflictError):
        snap(truth)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_snapshot_row SET version = 7",
        "DELETE FROM ledger_snapshot_row",
        "UPDATE entry_version SET data = zeroblob(80)",
    ],
)
def test_a_snapshot_that_was_touched_is_not_whole(truth, statement):
    with truth.transaction() as unit:
        keep(unit, filed(1))
    snap(truth)
    with truth._writer.begin() as connection:
        connection.exec_driver_sql(statement)
    with truth.view() as unit:
        assert not unit.entries.is_snapshot_whole(DAY)


def test_areas_are_replaced_whole(truth):
    tree = AreaTree([Area("shuren", "树人镇"), Area("shuren/qiaotou", "桥头村")])
    with truth.transaction() as unit:
        unit.entries.put_areas(AreaTree([Area("old", "旧镇")]))
        unit.entries.put_areas(tree)
    with truth.view() as unit:
        assert unit.entries.areas().areas == tree.areas


def test_a_persons_own_record_and_entry_make_one_form():
    one = filed(1, person=msgspec.structs.replace(person(), illness="糖尿病"))
    assert one.form(date(2024, 2, 1)).illness == "糖尿病"
