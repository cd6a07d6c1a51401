"""What a month owes each person, by the edge cases of policy B3 under their own numbers."""

from datetime import date

import msgspec
import pytest
from visits_kit import POLICY, at, general_person, key_person, visit

from core.ids import PersonId, VisitId
from registry.people import Category, Tier
from visits.counting import reviewed
from visits.model import ContactClass, Obligation, Visit
from visits.obligations import WindowState, due
from visits.policy import Switches, with_switches

HOME, PHONE, VIDEO = ContactClass.C1_HOME, ContactClass.C2_PHONE, ContactClass.C3_VIDEO
CALL = ContactClass.C4A_REMOTE_CONFIRMED_CALL


def month(person, *visits: Visit, of="2024-02", today=None, policy=POLICY):
    return due(of, [person], visits, today, policy)[0]


def owed(person, *visits: Visit, **given) -> list[int]:
    return [window.owed for window in month(person, *visits, **given).windows]


def test_a_key_person_without_visits_is_owed_two_home_visits_in_both_languages():
    found = month(key_person())
    assert found.owed == 2
    assert str(found.sentence) == "上门仍欠 2 次 / 2 home visits still owed"
    assert found.tier is Tier.KEY
    assert "孤寡" in found.tier_reason.zh


def test_a_general_person_without_contacts_is_owed_one_in_the_month():
    found = month(general_person())
    assert [window.window.obligation for window in found.windows] == [Obligation.GEN_MONTH]
    assert str(found.sentence) == "本月探访仍欠 1 次 / 1 contact still owed this month"


@pytest.mark.parametrize("contact_class", [HOME, PHONE, VIDEO])
def test_one_contact_with_the_person_satisfies_a_general_month_and_names_the_visit(contact_class):
    contact = visit(contact_class, "2024-02-20T10:00", general_person())
    found = month(general_person(), contact)
    assert (found.owed, found.windows[0].satisfied_by) == (0, (contact.id,))
    assert found.sentence.zh == "本月已按规定完成"


def test_a_key_person_called_every_day_is_still_owed_both_home_visits():
    calls = [visit(CALL, f"2024-02-{day:02}T10:00") for day in range(1, 30)]
    signed = [reviewed(call, "account:li", call.started_at_ms, key_person(), POLICY) for call in calls]
    phoned = [visit(PHONE, f"2024-02-{day:02}T12:00") for day in range(1, 30)]
    assert month(key_person(), *signed, *phoned).sentence.zh == "上门仍欠 2 次"


def test_the_next_due_day_is_the_end_of_the_next_window_that_can_still_be_kept():
    person = key_person()
    assert month(person, today=date(2024, 2, 3)).next_due == date(2024, 2, 15)
    late = month(person, today=date(2024, 2, 20))
    assert late.next_due == date(2024, 2, 29)
    assert [window.state for window in late.windows] == [WindowState.OVERDUE, WindowState.OPEN]
    assert month(person, today=date(2024, 3, 1)).next_due is None


def test_a_window_is_not_overdue_on_its_last_day():
    assert month(key_person(), today=date(2024, 2, 15)).windows[0].state is WindowState.OPEN


@pytest.mark.parametrize("text", ["2024-13", "2024-2", "february"])
def test_what_is_not_a_month_is_refused(text):
    with pytest.raises(ValueError, match="not a month"):
        due(text, [], [], None, POLICY)


def test_case_01_two_home_visits_in_one_window_leave_the_other_open():
    found = month(key_person(), visit(HOME, "2024-02-03T10:00"), visit(HOME, "2024-02-05T10:00"))
    assert [(window.done, window.owed) for window in found.windows] == [(2, 0), (0, 1)]
    assert found.sentence.en == "1 home visit still owed"


def test_case_02_a_visit_over_midnight_of_the_15th_belongs_to_the_first_half():
    assert owed(key_person(), visit(HOME, "2024-02-15T23:50")) == [0, 1]


def test_case_03_a_visit_entered_late_counts_by_the_date_of_the_visit():
    early, late = visit(HOME, "2024-02-03T10:00"), visit(HOME, "2024-02-18T10:00")
    assert month(key_person(), late, early) == month(key_person(), early, late)
    assert owed(key_person(), late, early, today=date(2024, 3, 5)) == [0, 0]


def test_case_04_february_h2_runs_to_the_29th_in_a_leap_year():
    second = month(key_person(), of="2024-02").windows[1].window
    assert (second.from_date, second.until_date) == (date(2024, 2, 16), date(2024, 2, 29))
    assert month(key_person(), of="2023-02").windows[1].window.until_date == date(2023, 2, 28)


def test_case_05_nothing_is_carried_over_or_made_in_advance():
    first_half = [visit(HOME, f"2024-02-{day:02}T10:00") for day in (1, 8, 15)]
    assert owed(key_person(), *first_half) == [0, 1]
    assert owed(key_person(), *first_half, of="2024-03") == [1, 1]


@pytest.mark.parametrize(
    ("active_from", "expected"),
    [
        (date(2024, 2, 8), [1, 1]),  # 8 days of the first half are left
        (date(2024, 2, 9), [0, 1]),
        (date(2024, 2, 22), [0, 1]),  # 8 days of the second half
        (date(2024, 2, 23), [0, 0]),
        (date(2024, 3, 1), [0, 0]),
    ],
)
def test_case_06_a_key_person_owes_a_half_month_only_with_eight_days_of_it_left(active_from, expected):
    assert owed(key_person(active_from=active_from)) == expected


@pytest.mark.parametrize(("active_from", "expected"), [(date(2024, 2, 15), [1]), (date(2024, 2, 16), [0])])
def test_case_06_a_general_person_owes_a_month_only_with_fifteen_days_of_it_left(active_from, expected):
    assert owed(general_person(active_from=active_from)) == expected


def test_case_06_real_visits_are_shown_even_where_none_is_owed():
    found = month(key_person(active_from=date(2024, 2, 9)), visit(HOME, "2024-02-12T10:00"))
    assert (found.windows[0].state, found.windows[0].done) == (WindowState.NOT_REQUIRED, 1)
    assert "不足 8 天" in found.windows[0].why.zh


def turns_80(day: int):
    return general_person(categories=frozenset({Category.ALONE}), birth_date=date(1944, 2, day))


@pytest.mark.parametrize(("birthday", "expected"), [(8, [1, 1, 1]), (9, [1, 0, 1]), (22, [1, 0, 1]), (23, [1, 0, 0])])
def test_case_07_who_becomes_a_key_person_keeps_the_month_and_owes_half_months_from_that_day(birthday, expected):
    found = month(turns_80(birthday))
    assert [window.owed for window in found.windows] == expected
    assert [window.window.obligation for window in found.windows] == [Obligation.GEN_MONTH] + [
        Obligation.KEY_HALFMONTH
    ] * 2


def test_case_07_a_home_visit_after_the_80th_birthday_serves_month_and_half_month():
    person = turns_80(9)
    assert owed(person, visit(HOME, "2024-02-20T10:00", person)) == [0, 0, 0]


def test_case_07_visits_to_a_key_person_who_becomes_general_count_for_the_month():
    made_while_key = visit(PHONE, "2024-02-05T10:00", key_person())
    now_general = key_person(tier_override=Tier.GENERAL, tier_override_reason="moved in with her son")
    assert owed(now_general, made_while_key) == [0]


def test_case_09_a_move_within_the_town_changes_nothing_about_what_is_owed():
    moved = key_person(area="shuren/g7", address="elsewhere")
    assert owed(moved, visit(HOME, "2024-02-03T10:00")) == owed(key_person(), visit(HOME, "2024-02-03T10:00"))


def test_case_10_a_death_ends_the_duty_and_drops_its_window():
    found = month(key_person(active_until=date(2024, 2, 20)), today=date(2024, 3, 1))
    assert [window.state for window in found.windows] == [WindowState.OVERDUE, WindowState.NOT_REQUIRED]
    assert "终止" in found.windows[1].why.zh
    assert owed(key_person(active_until=date(2024, 2, 20)), of="2024-03") == [0, 0]


def test_case_12_one_trip_to_a_couple_is_a_visit_to_each():
    wife, husband = key_person(id=PersonId("p1")), key_person(id=PersonId("p2"))
    trip = [visit(HOME, "2024-02-03T10:00", wife), visit(HOME, "2024-02-03T10:00", husband)]
    assert [found.owed for found in due("2024-02", [wife, husband], trip, None, POLICY)] == [1, 1]
    assert [found.owed for found in due("2024-02", [wife, husband], trip[:1], None, POLICY)] == [1, 2]


def test_case_13_a_visit_entered_twice_within_half_an_hour_is_one_visit():
    first, again = visit(HOME, "2024-02-03T10:00"), visit(HOME, "2024-02-03T10:30")
    assert month(key_person(), first, again).windows[0].done == 1
    assert month(key_person(), first, visit(HOME, "2024-02-03T10:31")).windows[0].done == 2
    other_visitor = visit(HOME, "2024-02-03T10:10", visitor="account:zhao", id=VisitId("other"))
    assert month(key_person(), first, other_visitor).windows[0].done == 2


def test_case_13_of_a_double_entry_the_complete_one_is_kept():
    unfinished = visit(HOME, "2024-02-03T10:00", is_form_complete=False)
    assert owed(key_person(), unfinished, visit(HOME, "2024-02-03T10:10")) == [0, 1]


def test_case_13_a_double_entry_over_midnight_does_not_pay_for_two_half_months():
    assert sum(owed(key_person(), visit(HOME, "2024-02-15T23:50"), visit(HOME, "2024-02-16T00:10"))) == 1


def test_case_22_a_visit_by_somebody_not_registered_is_shown_to_no_window():
    assert owed(key_person(), visit(HOME, "2024-02-03T10:00", is_registered_visitor=False)) == [1, 1]


def test_case_23_a_drill_satisfies_nothing():
    assert owed(general_person(), visit(PHONE, "2024-02-03T10:00", general_person(), is_drill=True)) == [1]


def test_case_24_the_frozen_date_of_the_record_decides_not_the_instant():
    frozen = visit(HOME, "2024-02-16T00:05", local_date=date(2024, 2, 15))
    assert owed(key_person(), frozen) == [0, 1]


def test_case_25_what_another_policy_version_has_judged_is_not_judged_again():
    person = general_person()
    signed = visit(CALL, "2024-02-03T10:00", person, reviewed_by="account:li", reviewed_at_ms=at("2024-02-03T11:00"))
    stricter = with_switches(POLICY, Switches(remote_counts_for_general=False))
    assert owed(person, signed, policy=stricter) == [0]
    assert owed(person, msgspec.structs.replace(signed, policy_version=""), policy=stricter) == [1]
    assert month(person, policy=stricter).policy_version == stricter.stamp


def test_case_26_a_legal_gap_of_more_than_16_days_between_home_visits_is_warned_about():
    visits = [visit(HOME, "2024-01-01T10:00"), visit(HOME, "2024-01-31T10:00")]
    found = month(key_person(), *visits, of="2024-01")
    assert found.owed == 0
    assert found.warning is not None
    assert "30 天" in found.warning.zh


@pytest.mark.parametrize(("day", "is_warned"), [(19, False), (20, True)])
def test_case_26_the_gap_since_the_last_visit_runs_on_to_today(day, is_warned):
    found = month(key_person(), visit(HOME, "2024-02-03T10:00"), today=date(2024, 2, day))
    assert (found.warning is not None) == is_warned


def test_case_26_general_people_are_owed_no_home_visits_and_get_no_warning():
    assert month(general_person(), today=date(2024, 2, 28)).warning is None
    assert month(key_person(active_from=date(2024, 2, 1)), today=date(2024, 2, 28)).warning is not None


def test_two_rows_of_one_incident_count_once_as_the_highest_class():
    person = general_person()
    rows = [
        visit(PHONE, "2024-02-29T23:00", person, alert_id="a1", signed_at_ms=at("2024-03-01T10:00")),
        visit(HOME, "2024-03-01T09:00", person, alert_id="a1", signed_at_ms=at("2024-03-01T10:00")),
    ]
    assert owed(person, *rows) == [1]
    assert owed(person, *rows, of="2024-03") == [0]


def test_an_alerts_contact_counts_for_duty_and_rate_only_once_it_is_signed():
    person = general_person()
    unsigned = visit(PHONE, "2024-02-03T10:00", person, alert_id="a1")
    signed = visit(PHONE, "2024-02-03T10:00", person, alert_id="a1", version=2, signed_at_ms=at("2024-02-03T12:00"))
    assert [month(person, unsigned).contacts, month(person, unsigned, signed).contacts] == [0, 1]
    assert (owed(person, unsigned), owed(person, signed)) == ([1], [0])
    assert "草稿" in unsigned.credits[1].why.zh


def test_an_alerts_unsigned_contact_takes_no_signed_record_of_the_same_call_away():
    person = general_person()
    unsigned = visit(PHONE, "2024-02-03T10:00", person, alert_id="a1")
    told = visit(PHONE, "2024-02-03T10:05", person, signed_at_ms=at("2024-02-03T12:00"))
    assert month(person, unsigned, told).contacts == 1


def test_of_two_versions_of_a_row_the_later_one_decides():
    person = general_person()
    call = visit(CALL, "2024-02-03T10:00", person)
    signed = reviewed(call, "account:li", at("2024-02-03T12:00"), person, POLICY)
    assert owed(person, signed, call) == [0]
