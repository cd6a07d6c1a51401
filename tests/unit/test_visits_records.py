"""The edge cases of policy B3 about records: late and double entries, corrections, months that are closed."""

from datetime import date

import msgspec
import pytest
from annex2_kit import home_form
from record_kit import month, recorded
from standing_kit import standing
from visits_kit import POLICY, ZONE, at, key_person

from core.errors import ConflictError
from core.ids import PersonId
from visits.model import Met, Visit
from visits.obligations import due
from visits.recording import Entry, approved, corrected, drafted, filled, merged, signed
from visits.returns import MonthlyReturn, ReturnStep, is_closed, new_return, stepped


def test_case_03_an_entry_within_seven_days_counts_and_a_later_one_waits_for_a_supervisor():
    week, later = recorded("2024-02-03T10:00", "2024-02-10T23:59"), recorded("2024-02-03T10:00", "2024-02-11T00:00")
    assert month(key_person(), week).windows[0].done == 1
    assert month(key_person(), later).windows[0].done == 0
    assert "待主管批准" in later.credits[0].why.zh
    allowed = approved(later, standing(), POLICY, by="account:boss", at_ms=at("2024-02-12T09:00"))
    assert month(key_person(), allowed).windows[0].done == 1
    for visit_row, by in [(later, "account:wang"), (allowed, "account:boss"), (week, "account:boss")]:
        with pytest.raises(ConflictError):
            approved(visit_row, standing(), POLICY, by=by, at_ms=at("2024-02-12T09:00"))


def test_case_03_a_month_is_closed_by_the_towns_receipt_and_opened_again_only_on_record():
    row: MonthlyReturn = new_return("2024-03", "shuren/qiaotou", by="account:wang", at_ms=0)
    assert not is_closed(date(2024, 2, 3), [row])
    row = stepped(row, ReturnStep.SIGN, at_ms=1, by="account:wang")
    assert is_closed(date(2024, 2, 3), [row])  # what the village signed of February is what the town receives
    assert not is_closed(date(2024, 2, 3), [stepped(row, ReturnStep.SEND_BACK, at_ms=1, by="account:boss", text="缺")])
    row = stepped(row, ReturnStep.RECEIVE, at_ms=1, by="account:boss", text="2024-031")
    assert is_closed(date(2024, 2, 3), [row])
    assert not is_closed(date(2024, 3, 3), [row])
    with pytest.raises(ConflictError):
        stepped(row, ReturnStep.REOPEN, at_ms=2, by="account:boss", text=" ")
    reopened = stepped(row, ReturnStep.REOPEN, at_ms=2, by="account:boss", text="漏报一次上门")
    assert not is_closed(date(2024, 2, 3), [reopened])
    assert [(one.step, one.by, one.text) for one in reopened.log][-1] == ("reopen", "account:boss", "漏报一次上门")
    assert is_closed(date(2024, 2, 3), [stepped(reopened, ReturnStep.CLOSE_AGAIN, at_ms=3, by="account:boss")])


def test_who_signed_a_return_for_its_village_takes_no_step_of_the_towns_until_another_signature_stands():
    row = new_return("2024-03", "shuren/qiaotou", by="account:wang", at_ms=0)
    row = stepped(row, ReturnStep.SIGN, at_ms=1, by="account:wang")
    for step in (ReturnStep.RECEIVE, ReturnStep.SEND_BACK):
        with pytest.raises(ConflictError, match=r"村签署人不能.*let another account"):
            stepped(row, step, at_ms=2, by="account:wang", text="2024-031")
    row = stepped(row, ReturnStep.SEND_BACK, at_ms=2, by="account:boss", text="缺")
    row = stepped(row, ReturnStep.SIGN, at_ms=3, by="account:li")
    assert stepped(row, ReturnStep.RECEIVE, at_ms=4, by="account:wang", text="2024-031").receipt == "2024-031"


def test_case_12_one_trip_is_two_records_each_with_its_own_form():
    wife, husband = key_person(id=PersonId("p1")), key_person(id=PersonId("p2"))
    trip = [recorded("2024-02-03T10:00", "2024-02-03T11:00", one, trip_id="t1") for one in (wife, husband)]
    assert trip[0].id != trip[1].id
    assert [row.owed for row in due("2024-02", [wife, husband], trip, None, POLICY)] == [1, 1]


def test_case_13_the_same_post_twice_is_one_record_and_a_merged_one_counts_for_nothing_and_stays():
    first = recorded("2024-02-03T10:00", "2024-02-03T11:00", key="form-1")
    assert recorded("2024-02-03T10:00", "2024-02-03T11:05", key="form-1").id == first.id
    other = recorded("2024-02-03T10:30", "2024-02-03T11:00", key="form-2")
    given = {"policy": POLICY, "by": "account:boss", "at_ms": at("2024-02-21T09:00"), "reason": "重复"}
    gone = merged(other, first, **given)
    assert (gone.version, gone.merged_into, gone.form, gone.change_reason) == (3, first.id, other.form, "重复")
    assert [window.done for window in month(key_person(), first, gone).windows] == [1, 0]
    with pytest.raises(ConflictError):
        merged(first, gone, **given)
    with pytest.raises(ConflictError, match="原因"):
        merged(other, first, **(given | {"reason": " "}))


def test_case_13_only_what_is_the_same_visit_is_merged_and_a_visit_never_into_less():
    first = recorded("2024-02-03T10:00", "2024-02-03T11:00")
    missed = recorded("2024-02-03T10:10", "2024-02-03T11:00", met=Met.NOBODY)
    given = {"policy": POLICY, "by": "account:boss", "at_ms": at("2024-02-21T09:00"), "reason": "重复"}
    told = entry_of(first, started_at_ms=at("2024-02-03T10:20"))
    draft = drafted(told, key_person(), by="account:wang", at_ms=at("2024-02-03T11:00"), zone=ZONE)
    for into in (
        draft,
        missed,
        recorded("2024-02-03T10:20", "2024-02-03T11:00", is_drill=True),
        recorded("2024-02-03T10:31", "2024-02-03T11:00"),
        recorded("2024-02-04T10:00", "2024-02-04T11:00"),
        msgspec.structs.replace(draft, visitor="account:li"),
    ):
        with pytest.raises(ConflictError):
            merged(first, into, **given)
    assert merged(missed, first, **given).merged_into == first.id
    assert merged(draft, first, **given).merged_into == first.id


def test_a_correction_is_a_new_version_with_a_reason_and_keeps_number_and_date():
    first = recorded("2024-02-03T10:00", "2024-02-03T11:00")
    entry = Entry(
        person_id=first.person_id,
        started_at_ms=first.started_at_ms,
        form=home_form(advice="每周一次"),
        is_registered_visitor=True,
        visitor=first.visitor,
    )
    given = {"by": "account:li", "at_ms": at("2024-03-05T09:00"), "zone": ZONE, "number": 2}
    fixed = corrected(first, entry, standing(), POLICY, reason="补写建议", **given)
    assert (fixed.version, fixed.number, fixed.local_date, fixed.entered_on) == (
        first.version + 1,
        1,
        first.local_date,
        first.entered_on,
    )
    assert fixed.form.advice == "每周一次"
    assert fixed.credits[0].counts
    with pytest.raises(ConflictError):
        corrected(first, entry, standing(), POLICY, reason=" ", **given)
    moved = corrected(
        first,
        msgspec.structs.replace(entry, started_at_ms=at("2024-02-20T10:00")),
        standing(),
        POLICY,
        reason="日期写错",
        **given,
    )
    assert not moved.credits[0].counts
    assert "待主管批准" in moved.credits[0].why.zh


def entry_of(row: Visit, **fields) -> Entry:
    """Return a record as it would be told again."""
    told = {name: getattr(row, name) for name in ("person_id", "started_at_ms", "form", "met", "visitor", "is_drill")}
    return Entry(**(told | {"is_registered_visitor": True} | fields))


def put_right(row: Visit, when: str, number=7, **fields) -> Visit:
    given = {"by": "account:li", "at_ms": at(when), "zone": ZONE, "reason": "更正", "number": number}
    return corrected(row, entry_of(row, **fields), standing(), POLICY, **given)


def test_case_03_an_attempt_that_is_corrected_into_a_visit_weeks_later_is_late_and_gets_its_number():
    missed = recorded("2024-02-03T10:00", "2024-02-03T11:00", met=Met.NOBODY)
    fixed = put_right(missed, "2024-03-08T09:00", met=Met.PERSON)
    assert (missed.number, fixed.number, fixed.entered_on) == (0, 7, date(2024, 3, 8))
    assert not any(credit.counts for credit in fixed.credits)
    assert "待主管批准" in fixed.credits[0].why.zh
    allowed = approved(fixed, standing(), POLICY, by="account:boss", at_ms=at("2024-03-09T09:00"))
    assert allowed.credits[0].counts
    again = put_right(allowed, "2024-03-10T09:00", number=8, met=Met.OTHER)
    assert (again.number, again.approved_by, again.entered_on) == (7, "", date(2024, 3, 10))
    assert put_right(allowed, "2024-03-10T09:00", number=8).approved_by == "account:boss"


def test_case_23_a_drill_never_becomes_a_visit_by_a_correction():
    drill = recorded("2024-02-03T10:00", "2024-02-03T11:00", is_drill=True)
    fixed = put_right(drill, "2024-02-04T09:00", is_drill=False)
    assert fixed.is_drill
    assert not fixed.credits[0].counts
    real = recorded("2024-02-03T10:00", "2024-02-03T11:00")
    assert put_right(real, "2024-02-04T09:00", is_drill=True).is_drill


def test_case_03_a_draft_that_is_filled_weeks_later_is_late_though_it_was_begun_in_time():
    person = key_person()
    told = entry_of(recorded("2024-02-03T10:00", "2024-02-03T11:00"))
    draft = drafted(told, person, by="account:wang", at_ms=at("2024-02-03T11:00"), zone=ZONE)
    given = {"by": "account:wang", "at_ms": at("2024-03-14T09:00"), "zone": ZONE}
    assert signed(draft, standing(), POLICY, number=1, **given).credits[0].counts
    late = signed(filled(draft, home_form(advice="每周一次"), **given), standing(), POLICY, number=1, **given)
    assert late.entered_on == date(2024, 3, 14)
    assert "待主管批准" in late.credits[0].why.zh
