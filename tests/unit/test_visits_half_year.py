"""The half-yearly update of annex 1: confirmed at a home visit, due six calendar months later, red when it is late."""

from datetime import date

from annex2_kit import home_form
from standing_kit import day, fact, standing
from visits_kit import POLICY, key_person, visit

from registry.standing_facts import FactKind
from visits.due_windows import WindowState
from visits.half_year import half_year_due
from visits.model import ContactClass, Visit


def confirmed(begins, contact=ContactClass.C1_HOME, **fields):
    return visit(contact, begins, form=home_form(is_annex1_confirmed=True), **fields)


def due(today, *visits: Visit, person=None, facts=()):
    return half_year_due(
        standing(*facts, person=person or key_person(active_from=date(2024, 1, 10))), visits, day(today), POLICY
    )


def test_annex_1_is_due_six_calendar_months_after_it_was_last_confirmed():
    visits = [confirmed("2024-02-03T10:00"), confirmed("2024-08-31T10:00")]
    assert due("2024-08-03", visits[0]).state is WindowState.SATISFIED
    assert due("2024-08-04", visits[0]).state is WindowState.OVERDUE
    assert due("2024-09-01", *visits).due_on == date(2025, 2, 28)


def test_a_person_who_was_never_confirmed_has_half_a_year_from_the_day_they_joined():
    assert (due("2024-07-10").state, due("2024-07-10").due_on) == (WindowState.OPEN, date(2024, 7, 10))
    assert due("2024-07-11").state is WindowState.OVERDUE
    assert due("2024-07-11", person=key_person()).state is WindowState.OVERDUE


def test_only_a_home_visit_that_counts_confirms_it():
    call = confirmed("2024-06-03T10:00", ContactClass.C2_PHONE)
    drill = confirmed("2024-06-03T10:00", is_drill=True)
    plain = visit(ContactClass.C1_HOME, "2024-06-03T10:00", form=home_form())
    assert due("2024-06-04", call, drill, plain).last is None
    assert due("2024-06-04", confirmed("2024-06-05T10:00")).last is None


def test_who_died_owes_no_update():
    assert due("2024-07-11", facts=[fact(FactKind.DIED, "2024-07-01")]).state is WindowState.NOT_REQUIRED
