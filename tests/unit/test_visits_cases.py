"""The edge cases of policy B3 that need more than a month's visits: standing, records, proof, cover, special days."""

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest
from annex2_kit import home_form
from standing_kit import became, day, fact, in_hospital, refused, standing
from visits_kit import POLICY, ZONE, at, general_person, key_person, visit

from core.errors import ConflictError
from core.ids import PersonId
from registry.people import Tier
from registry.standing import Status, standing_of
from registry.standing_facts import FactKind, StandingFact
from visits.due_windows import WindowState
from visits.model import ContactClass, Met, Visit
from visits.monitoring import MonitoredDay, covered_days, is_covered, monitored_month
from visits.obligations import due, due_of, month_given
from visits.rate import monthly_rate
from visits.recording import Entry, approved, corrected, drafted, filled, merged, signed
from visits.returns import MonthlyReturn, ReturnStep, is_closed, new_return, stepped
from visits.special import SpecialKind, SpecialPeriod, stretches
from visits.windows import month_of

HOME, PHONE = ContactClass.C1_HOME, ContactClass.C2_PHONE


def month(person, *visits: Visit, of="2024-02", today=None, facts=(), periods=()):
    return due(of, [person], visits, today, POLICY, facts=facts, periods=periods)[0]


def required(person, *facts: StandingFact, of="2024-02") -> list[bool]:
    return [window.is_required for window in month(person, facts=facts, of=of).windows]


def recorded(begins: str, entered: str, person=None, **fields) -> Visit:
    """Return a home visit written down and signed at `entered`."""
    person = person or key_person()
    entry = Entry(
        person_id=person.id,
        started_at_ms=at(begins),
        form=home_form(),
        visitor="account:wang",
        is_registered_visitor=True,
        **fields,
    )
    draft = drafted(entry, person, by="account:wang", at_ms=at(entered), zone=ZONE)
    given = {"by": "account:wang", "at_ms": at(entered), "number": 1, "zone": ZONE}
    return signed(draft, standing_of(person), POLICY, **given)


def test_all_twenty_six_edge_cases_have_a_test_of_their_number():
    text = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_visits_*.py"))
    found = {int(number) for number in re.findall(r"def test_case_(\d\d)_", text)}
    assert found == set(range(1, 27))


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
    row = stepped(row, ReturnStep.RECEIVE, at_ms=1, by="account:wang", text="2024-031")
    assert is_closed(date(2024, 2, 3), [row])
    assert not is_closed(date(2024, 3, 3), [row])
    with pytest.raises(ConflictError):
        stepped(row, ReturnStep.REOPEN, at_ms=2, by="account:boss", text=" ")
    reopened = stepped(row, ReturnStep.REOPEN, at_ms=2, by="account:boss", text="漏报一次上门")
    assert not is_closed(date(2024, 2, 3), [reopened])
    assert [(one.step, one.by, one.text) for one in reopened.log][-1] == ("reopen", "account:boss", "漏报一次上门")
    assert is_closed(date(2024, 2, 3), [stepped(reopened, ReturnStep.CLOSE_AGAIN, at_ms=3, by="account:boss")])


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2024-02-01", [True, True]),  # a key person for the whole month
        ("2024-02-08", [True, True, True]),  # the month's duty is kept, 8 days of the first half are left
        ("2024-02-09", [True, False, True]),
        ("2024-02-22", [True, False, True]),
        ("2024-02-23", [True, False, False]),
    ],
)
def test_case_07_from_general_to_key_the_month_is_kept_and_half_months_begin_under_case_6(on, expected):
    assert required(general_person(), became(Tier.KEY, on)) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2024-02-10", [True, False, False]), ("2024-02-16", [True, True, False]), ("2024-02-20", [True, True, False])],
)
def test_case_07_from_key_to_general_visits_already_made_count_for_the_month(on, expected):
    changed = became(Tier.GENERAL, on)
    assert required(key_person(), changed) == expected
    made = visit(HOME, "2024-02-03T10:00", key_person())
    assert month(key_person(), made, facts=[changed]).windows[0].owed == 0


@pytest.mark.parametrize(
    ("until", "expected"),
    [("2024-02-07", [True, True]), ("2024-02-08", [False, True]), ("2024-02-23", [False, False])],
)
def test_case_08_a_window_is_not_required_when_half_of_its_days_were_suspended(until, expected):
    assert required(key_person(), in_hospital("2024-02-01", until)) == expected


def test_case_08_a_suspension_without_evidence_excuses_nothing_and_says_so():
    found = month(key_person(), facts=[in_hospital("2024-02-01", evidence="")])
    assert [window.is_required for window in found.windows] == [True, True]
    assert found.status is Status.SUSPENDED


def test_case_08_a_suspended_person_is_never_shown_as_visited_and_a_call_counts_for_the_rate():
    stay = [in_hospital("2024-02-01", "2024-02-29")]
    found = month(key_person(), facts=stay)
    assert {window.state for window in found.windows} == {WindowState.NOT_REQUIRED}
    assert "不计/异动" in found.windows[0].why.zh
    assert found.suggestion is not None
    given, person = month_given("2024-02", None, POLICY), standing_of(key_person(), stay)
    rate = monthly_rate([(person, due_of(person, [], given))], given)
    assert (rate.contacted, rate.active, rate.missing) == (0, 1, ((PersonId("p1"), "suspended"),))
    call = visit(PHONE, "2024-02-03T10:00")
    assert monthly_rate([(person, due_of(person, [call], given))], given).share == 1


def test_case_08_coming_home_ends_a_suspension():
    home_again = fact(FactKind.RESUMED, "2024-02-08")
    assert required(key_person(), in_hospital("2024-01-20"), home_again) == [True, True]
    assert required(key_person(), in_hospital("2024-01-20"), fact(FactKind.RESUMED, "2024-02-09")) == [False, True]


def test_case_08_who_is_home_again_on_the_day_of_the_suspension_is_due_from_that_day():
    away = in_hospital("2024-02-05", recorded_at_ms=1)
    home = fact(FactKind.RESUMED, "2024-02-05", recorded_at_ms=2)
    assert required(key_person(), away, home) == [True, True]
    assert required(key_person(), home, away) == [True, True]
    assert standing(away, home).status_on(day("2024-02-05")) is Status.ACTIVE
    again = in_hospital("2024-02-05", recorded_at_ms=3)
    assert required(key_person(), away, home, again) == [False, False]
    assert standing(away, home, again).status_on(day("2024-02-20")) is Status.SUSPENDED


def test_case_09_who_moves_in_with_a_child_in_the_same_town_is_still_due_at_the_new_address():
    moved = fact(FactKind.MOVED, "2024-02-05", area="shuren/xihe/g2")
    assert required(key_person(), moved) == [True, True]
    left = fact(FactKind.LEFT_TOWN, "2024-02-05")
    assert required(key_person(), left) == [False, False]


def test_case_10_a_recorded_death_drops_its_window_and_the_person_from_the_rate():
    died = fact(FactKind.DIED, "2024-02-20")
    found = month(key_person(), facts=[died], today=date(2024, 3, 1))
    assert [window.state for window in found.windows] == [WindowState.OVERDUE, WindowState.NOT_REQUIRED]
    given, person = month_given("2024-02", None, POLICY), standing(died)
    assert monthly_rate([(person, due_of(person, [], given))], given).active == 0


def test_case_11_a_signed_refusal_of_visits_is_its_own_line_and_is_asked_again_after_half_a_year():
    no = refused("2024-02-01")
    found = month(key_person(), facts=[no])
    assert [window.is_required for window in found.windows] == [False, False]
    assert found.status is Status.REFUSED
    assert found.windows[0].why.zh == "自愿拒绝"
    assert standing(no).re_ask_on(day("2024-02-10")) == date(2024, 8, 1)
    assert required(key_person(), no, of="2024-08") == [True, True]
    assert required(key_person(), no, refused("2024-08-01"), of="2024-08") == [False, False]
    assert required(key_person(), no, fact(FactKind.AGREED, "2024-02-05")) == [True, True]


@pytest.mark.parametrize("fields", [{"purpose": "sensors"}, {"purpose": "calls"}, {"is_signed": False}])
def test_case_11_refusing_sensors_or_not_signing_never_lowers_the_visiting_duty(fields):
    assert required(key_person(), refused("2024-02-01", **fields)) == [True, True]


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


def test_case_14_a_visit_without_gps_or_qr_proof_counts_all_the_same():
    bare, proven = (
        recorded("2024-02-03T10:00", "2024-02-03T11:00"),
        recorded("2024-02-03T10:00", "2024-02-03T11:00", proof="qr:1"),
    )
    assert (bare.proof, proven.proof) == ("", "qr:1")
    assert bare.credits == proven.credits
    assert bare.credits[0].counts


@pytest.mark.parametrize(
    ("seen_min", "signs", "expected"), [(1296, 1, True), (1295, 1, False), (1440, 0, False), (None, 9, False)]
)
def test_case_20_a_home_that_was_dark_for_more_than_a_tenth_of_the_day_is_not_covered(seen_min, signs, expected):
    assert is_covered(MonitoredDay(date(2024, 2, 3), seen_min, signs)) is expected


def test_case_20_a_month_needs_twenty_covered_days_and_counts_only_where_the_town_confirmed_it():
    days = [MonitoredDay(date(2024, 2, number), 1440, 3) for number in range(1, 21)]
    february = month_of("2024-02")
    assert len(covered_days(days, february)) == 20
    with pytest.raises(ConflictError):
        monitored_month(general_person(), days[1:], february, POLICY, ZONE)
    digest = monitored_month(general_person(), days, february, POLICY, ZONE)
    assert (digest.local_date, digest.reviewed_at_ms) == (date(2024, 2, 29), None)
    given = {"by": "account:li", "at_ms": at("2024-03-01T09:00"), "number": 4, "zone": ZONE}
    final = signed(digest, standing(person=general_person()), POLICY, **given)
    assert month(general_person(), final).owed == 1
    confirmed = msgspec.structs.replace(POLICY.switches, remote_month_counts=True)
    policy = msgspec.structs.replace(POLICY, switches=confirmed)
    final = signed(digest, standing(person=general_person()), policy, **given)
    assert due("2024-02", [general_person()], [final], None, policy)[0].owed == 0
    assert due("2024-02", [key_person()], [final], None, policy)[0].owed == 2


def special(kind: SpecialKind, from_day: int, until_day: int, **fields) -> SpecialPeriod:
    base = {"id": f"{kind}-{from_day}", "from_date": date(2024, 2, from_day), "until_date": date(2024, 2, until_day)}
    return SpecialPeriod(kind=kind, **(base | fields))


def test_case_21_special_periods_that_share_a_day_are_one_and_neighbours_are_two():
    festival = special(SpecialKind.SPRING_FESTIVAL, 9, 17)
    overlapping, after = special(SpecialKind.WEATHER, 17, 19), special(SpecialKind.WEATHER, 18, 19)
    assert [one.period_ids for one in stretches([festival, overlapping], "a")] == [(festival.id, overlapping.id)]
    assert len(stretches([festival, after], "a")) == 2
    call = visit(PHONE, "2024-02-17T10:00")
    joined = month(key_person(), call, periods=[festival, overlapping])
    assert [(one.done, one.owed) for one in joined.specials] == [(1, 0)]
    apart = month(key_person(), call, periods=[festival, after])
    assert [(one.done, one.owed) for one in apart.specials] == [(1, 0), (0, 1)]
    assert apart.owed == joined.owed == 2


def test_a_special_period_holds_in_its_area_and_a_yellow_or_withdrawn_warning_recommends_nothing():
    storm = special(SpecialKind.WEATHER, 5, 6, area="shuren/qiaotou", level="orange")
    assert storm.concerns("shuren/qiaotou/g3")
    assert not storm.concerns("shuren/qiaotou2/g3")
    assert len(stretches([storm], "shuren/qiaotou/g3")) == 1
    for fields in ({"level": "yellow"}, {"is_withdrawn": True}):
        assert stretches([special(SpecialKind.WEATHER, 5, 6, **fields)], "shuren/qiaotou/g3") == []


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
