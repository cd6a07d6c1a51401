"""Since when a village is served: by who lived there then, so that a return that is owed stays owed when people move."""

from datetime import date

import msgspec
import pytest
from ledger_town import GENERAL, KEY, LI, SPOUSE, VILLAGE, WANG, LedgerTown
from standing_kit import fact
from visits_kit import ZONE, at

from app.ledger_due import ServedFrom, served_from
from core.ids import HomeId, PersonId
from registry.annex1 import Annex1
from registry.entries import Entry, Filed
from registry.people import Category, Person
from registry.standing_facts import FactId, FactKind
from visits.returns import ReturnStep, deadline_words

ELSEWHERE = "shuren/xin"
SINCE = date(2023, 1, 1)
CAME = date(2024, 3, 22)


@pytest.fixture
def town(tmp_path):
    town = LedgerTown(tmp_path)
    yield town
    town.truth.close()


def moved_away(town, *, is_told: bool, on="2024-03-22") -> None:
    """Let everybody of the village move elsewhere; told: the register's versions and a fact say so."""
    with town.truth.transaction() as unit:
        for person in [unit.people.person(one) for one in (KEY, SPOUSE, GENERAL)]:
            after = msgspec.structs.replace(person, area=f"{ELSEWHERE}/g1")
            if is_told:
                for version, (begins, filed) in enumerate(((f"{SINCE}", person), (on, after)), 1):
                    entry = Entry(person_id=person.id, version=version, form=Annex1())
                    told_at_ms = at(f"{begins}T09:00")
                    unit.entries.put(Filed(person=filed, entry=entry), LI, "entry.form", "建档", told_at_ms)
                told = fact(FactKind.MOVED, on, person_id=person.id, area=after.area, id=FactId(f"m-{person.id}"))
                unit.standing.add(told)
            unit.people.put_person(after)


def came(town, area=VILLAGE, on=CAME) -> None:
    newcomer = Person(
        id=PersonId("p9"),
        home_id=HomeId("h9"),
        area=f"{area}/g1",
        categories=frozenset({Category.CHILDLESS}),
        active_from=on,
    )
    with town.truth.transaction() as unit:
        unit.people.put_person(newcomer)


def is_red(town, month="2024-02", row=None, village=VILLAGE) -> bool:
    with town.truth.view() as unit:
        return deadline_words(month, town.book.today(), row, served_from(unit, village))[0]


def test_a_drafted_return_with_a_record_stays_owed_though_its_people_moved_and_nobody_told_of_it(town):
    town.signed("2024-02-01T10:00")
    row, _ = town.returning.draft("2024-02", VILLAGE, WANG)
    town.at("2024-03-25T09:00")
    assert is_red(town, row=row)
    moved_away(town, is_told=False)
    came(town)
    assert is_red(town, row=row)


def test_a_record_of_before_alone_or_a_draft_alone_shows_that_the_village_was_served(town):
    town.signed("2024-02-01T10:00")
    town.at("2024-03-25T09:00")
    moved_away(town, is_told=False)
    came(town)
    with town.truth.view() as unit:
        assert served_from(unit, VILLAGE) == date(2024, 2, 1)
        assert served_from(unit, ELSEWHERE) == SINCE  # nothing tells when they came


def test_a_draft_alone_shows_that_somebody_was_registered_by_then(town):
    town.returning.draft("2024-02", VILLAGE, WANG)
    moved_away(town, is_told=False)
    came(town)
    with town.truth.view() as unit:
        assert served_from(unit, VILLAGE) == date(2024, 2, 3)


def test_where_people_lived_then_counts_for_the_village_they_left_and_for_the_one_they_came_to(town):
    town.at("2024-03-25T09:00")
    moved_away(town, is_told=True)
    came(town)
    with town.truth.view() as unit:
        assert served_from(unit, VILLAGE) == SINCE
        assert served_from(unit, ELSEWHERE) == CAME
    assert is_red(town)
    assert not is_red(town, village=ELSEWHERE)
    assert is_red(town, month="2024-04", village=ELSEWHERE) is False  # not yet due in March
    town.at("2024-04-25T09:00")
    assert is_red(town, month="2024-04", village=ELSEWHERE)


def test_a_signed_return_is_owed_whoever_lives_there(town):
    row, _ = town.returning.draft("2024-02", VILLAGE, WANG)
    row = town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    assert deadline_words("2024-02", date(2024, 3, 25), row, CAME)[0]


def test_a_village_that_came_after_the_twentieth_owes_nothing_though_somebody_looked_by_a_draft(town):
    town.at("2024-03-25T09:00")
    came(town, area="shuren/neu")
    row, _ = town.returning.draft("2024-02", "shuren/neu", WANG)
    assert not is_red(town, row=row, village="shuren/neu")


def test_the_search_ends_where_todays_people_answer_already(town):
    town.signed("2022-12-01T10:00")
    with town.truth.view() as unit:
        assert ServedFrom(unit, ZONE, date(2024, 2, 1)).of(VILLAGE) == SINCE
        assert ServedFrom(unit, ZONE, date(2022, 12, 15)).of(VILLAGE) == date(2022, 12, 1)
