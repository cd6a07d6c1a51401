"""Somebody moves: a closed month stays closed in the village where they lived, and a visit belongs where it was made."""

from datetime import date

import msgspec
import pytest
from ledger_town import BOSS, KEY, LI, VILLAGE, WANG, LedgerTown
from standing_kit import fact
from visits_kit import at

from app.ledger_due import area_on
from core.errors import ConflictError
from core.ids import PersonId
from registry.annex1 import Annex1
from registry.entries import Entry, Filed
from registry.standing_facts import FactId, FactKind
from visits.returns import ReturnStep

NEW_VILLAGE = "shuren/xihe"


@pytest.fixture
def town(tmp_path):
    town = LedgerTown(tmp_path)
    yield town
    town.truth.close()


def filed_then_moved(town, on="2024-03-05"):
    """Let the register know where p1 lived since January, and that they moved."""
    with town.truth.transaction() as unit:
        person = unit.people.person(KEY)
        for number, (begins, area) in enumerate((("2024-01-05", person.area), (on, f"{NEW_VILLAGE}/g1")), 1):
            moved = msgspec.structs.replace(person, area=area)
            unit.people.put_person(moved)
            filed = Filed(person=moved, entry=Entry(person_id=KEY, version=number, form=Annex1()))
            unit.entries.put(filed, LI, "entry.form", "建档", at(f"{begins}T09:00"))
        unit.standing.add(fact(FactKind.MOVED, on, area=f"{NEW_VILLAGE}/g1", id=FactId("m1")))


def test_a_closed_month_is_not_changed_through_the_village_that_somebody_moved_to(town):
    draft = town.book.record(town.entry("2024-02-03T10:00"), WANG)
    town.at("2024-03-04T09:00")
    signed = town.signed("2024-02-20T10:00")
    town.book.approve(signed.id, BOSS)
    row, _ = town.returning.draft("2024-03", VILLAGE, WANG)
    row = town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    filed_then_moved(town)
    town.at("2024-03-06T09:00")
    late = town.entry("2024-02-25T10:00")
    for closed_by in ("signature", "receipt"):
        with pytest.raises(ConflictError, match="2024-02 已上报"):
            town.book.record(late, WANG)
        with pytest.raises(ConflictError, match="2024-02 已上报"):
            town.book.sign(draft.id, WANG)
        with pytest.raises(ConflictError, match="2024-02 已上报"):
            town.book.correct(signed.id, town.entry("2024-02-21T10:00"), LI, reason="改日期", version=3)
        if closed_by == "signature":
            row = town.returning.step(row.id, ReturnStep.RECEIVE, by=BOSS, text="2024-031")
    town.returning.step(row.id, ReturnStep.REOPEN, by=BOSS, text="漏报")
    assert town.book.record(late, WANG).area == f"{VILLAGE}/g1"


def test_a_month_that_was_closed_with_somebody_in_it_stays_closed_even_if_nobody_told_of_the_move(town):
    town.at("2024-03-04T09:00")
    town.received("2024-03")
    with town.truth.transaction() as unit:
        unit.people.put_person(msgspec.structs.replace(unit.people.person(KEY), area=f"{NEW_VILLAGE}/g1"))
    with pytest.raises(ConflictError, match="2024-02 已上报"):
        town.book.record(town.entry("2024-02-25T10:00"), WANG)


def test_the_new_villages_closed_month_does_not_shut_out_what_happened_in_the_old_one(town):
    with town.truth.transaction() as unit:
        neighbour = msgspec.structs.replace(unit.people.person(KEY), id=PersonId("p9"), area=f"{NEW_VILLAGE}/g1")
        unit.people.put_person(msgspec.structs.replace(neighbour, phone="+8613800000019"))
    town.at("2024-03-04T09:00")
    row, _ = town.returning.draft("2024-03", NEW_VILLAGE, WANG)
    row = town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    town.returning.step(row.id, ReturnStep.RECEIVE, by=BOSS, text="1")
    filed_then_moved(town)
    town.at("2024-03-06T09:00")
    assert town.book.record(town.entry("2024-02-29T10:00"), WANG).area == f"{VILLAGE}/g1"
    assert town.signed("2024-03-05T10:00").area == f"{NEW_VILLAGE}/g1"


def test_a_correction_that_moves_a_visit_to_another_day_moves_it_to_where_the_person_lived_then(town):
    town.at("2024-03-04T09:00")
    old = town.signed("2024-03-04T08:00")
    filed_then_moved(town)
    town.at("2024-03-06T09:00")
    moved = town.book.correct(old.id, town.entry("2024-03-05T10:00"), LI, reason="日期写错", version=2)
    assert (old.area, moved.area) == (f"{VILLAGE}/g1", f"{NEW_VILLAGE}/g1")


def test_where_somebody_lived_is_known_for_each_day_of_two_moves(town):
    filed_then_moved(town)
    with town.truth.transaction() as unit:
        unit.standing.add(fact(FactKind.MOVED, "2024-04-01", area=f"{VILLAGE}/g2", id=FactId("m2")))
        unit.standing.add(fact(FactKind.MOVED, "2024-05-01", area="shuren/wrong", id=FactId("m3")))
        unit.standing.add(fact(FactKind.VOIDED, "2024-05-02", voids=FactId("m3"), id=FactId("m4")))
    days = (date(2024, 1, 1), date(2024, 3, 4), date(2024, 3, 5), date(2024, 4, 1), date(2024, 5, 9))
    with town.truth.view() as unit:
        person = unit.people.person(KEY)
        found = [area_on(unit, person, day, town.book.zone) for day in days]
    assert found == [f"{VILLAGE}/g1", f"{VILLAGE}/g1", f"{NEW_VILLAGE}/g1", f"{VILLAGE}/g2", f"{VILLAGE}/g2"]
