"""The edge cases of policy B3 that need more than a month's visits: standing, proof, cover, special days."""

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest
from record_kit import month, recorded
from standing_kit import became, day, fact, in_hospital, refused, standing
from visits_kit import POLICY, ZONE, at, general_person, key_person, visit

from core.errors import ConflictError
from core.ids import PersonId
from registry.people import Tier
from registry.standing import Status, standing_of
from registry.standing_facts import FactKind, StandingFact
from visits.due_windows import WindowState
from visits.model import ContactClass
from visits.monitoring import MonitoredDay, covered_days, is_covered, monitored_month
from visits.obligations import due, due_of, month_given
from visits.rate import monthly_rate
from visits.recording import signed
from visits.special import SpecialKind, SpecialPeriod, stretches
from visits.windows import month_of

HOME, PHONE = ContactClass.C1_HOME, ContactClass.C2_PHONE


def required(person, *facts: StandingFact, of="2024-02") -> list[bool]:
    return [window.is_required for window in month(person, facts=facts, of=of).windows]


def test_all_twenty_six_edge_cases_have_a_test_of_their_number():
    text = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_visits_*.py"))
    found = {int(number) for number in re.findall(r"def test_case_(\d\d)_", text)}
    assert found == set(range(1, 27))


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
    rate = monthly_rate([(person, due_of(person, [], given))], given)
    assert (rate.active, rate.share) == (0, None)


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
