"""Somebody taken for away who is at home: what ends that, and that an absence is asked after again and again."""

import pytest
from watched_home import BATHROOM, DOOR, HALL, KITCHEN, NINE, Watched, came_home, moved, went_out

from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Device
from rules.findings import FindingKind


def visited(*devices: Device) -> Watched:
    """A visitor leaves at nine; whoever lives here sits still for a while."""
    before = [*moved("kitchen", NINE - 8 * MINUTE_MS), *went_out(NINE)]
    return Watched(DOOR, *devices, start_ms=NINE - HOUR_MS).take(before).until(NINE + 11 * MINUTE_MS)


def is_away(home):
    return home.engine.home_status(home.home.id).is_away


def test_a_home_whose_one_sensor_blinks_now_and_then_is_not_empty():
    home = visited(KITCHEN)
    assert is_away(home)
    home.take([one for n in range(4) for one in moved("kitchen", NINE + 20 * MINUTE_MS + n * 40 * MINUTE_MS)])
    assert not is_away(home)
    assert len(home.until(NINE + 12 * HOUR_MS).raised(FindingKind.INACTIVITY)) >= 1


def test_stray_blips_of_three_rooms_within_three_hours_bring_nobody_home_and_a_fourth_sign_does():
    home = visited(KITCHEN, HALL, BATHROOM)
    rooms = ("hall", "kitchen", "bathroom")
    home.take([one for n, room in enumerate(rooms) for one in moved(room, NINE + HOUR_MS + n * 40 * MINUTE_MS)])
    assert is_away(home)
    assert not is_away(home.take(moved("kitchen", NINE + 3 * HOUR_MS + 30 * MINUTE_MS)))


def test_a_home_that_nobody_comes_back_to_for_half_a_year_keeps_four_questions_and_no_more():
    home = visited(KITCHEN, HALL).until(NINE + 180 * DAY_MS)
    assert len(home.raised(FindingKind.NO_RETURN)) > 25
    assert len(home.engine.rules_of(home.home.id).state.open) == 4
    back_ms = NINE + 180 * DAY_MS + HOUR_MS
    home.take([*came_home(back_ms), *moved("kitchen", back_ms + MINUTE_MS)])
    told, over = home.raised(FindingKind.NO_RETURN), home.cleared(FindingKind.NO_RETURN)
    assert len({one.id for one in told}) == len({one.id for one in over}) == len(told)
    assert [one.clears_alert for one in over] == [False] * (len(told) - 4) + [True] * 4


def test_a_cat_in_its_favourite_room_ends_no_absence_and_is_found_out():
    home = visited(KITCHEN, HALL)
    for day in range(6):
        left_ms = NINE + day * DAY_MS
        home.take(went_out(left_ms) if day else [])
        home.take([one for n in range(1, 14) for one in moved("hall", left_ms + n * 30 * MINUTE_MS)])
        assert is_away(home)
        home.take([*came_home(left_ms + 7 * HOUR_MS), *moved("kitchen", left_ms + 7 * HOUR_MS + MINUTE_MS)])
        home.take([one for n in range(20) for one in moved("kitchen", left_ms + 8 * HOUR_MS + n * 45 * MINUTE_MS)])
    assert len(home.raised(FindingKind.SENSOR_FAULT)) == 1


def test_somebody_who_sits_between_two_rooms_is_not_away():
    home = visited(KITCHEN, HALL)
    times = [NINE + HOUR_MS + n * 40 * MINUTE_MS for n in range(4)]
    home.take([one for n, at_ms in enumerate(times) for one in moved("kitchen" if n == 2 else "hall", at_ms)])
    assert not is_away(home)


@pytest.mark.parametrize("every_ms", [61 * MINUTE_MS, 3 * HOUR_MS])
def test_a_blip_an_hour_brings_nobody_home(every_ms):
    home = visited(KITCHEN, HALL)
    home.take([one for n in range(5) for one in moved("hall", NINE + 20 * MINUTE_MS + n * every_ms)])
    assert is_away(home)


def test_one_burst_of_a_sensor_is_one_blip():
    home = visited(KITCHEN, HALL)
    home.take(moved("hall", *(NINE + HOUR_MS + n * MINUTE_MS for n in range(4))))
    assert is_away(home)


def test_whoever_stays_away_is_asked_after_again_a_day_later_then_a_week():
    home = visited(KITCHEN).until(NINE + 20 * DAY_MS)
    hours = [(one.at_ms - NINE) // HOUR_MS for one in home.raised(FindingKind.NO_RETURN)]
    assert hours == [6, 30, 54, 54 + 7 * 24, 54 + 14 * 24]
    assert len({one.id for one in home.raised(FindingKind.NO_RETURN)}) == 5


def test_coming_home_takes_back_every_question():
    home = (
        visited(KITCHEN, HALL)
        .until(NINE + 3 * DAY_MS)
        .take(came_home(NINE + 3 * DAY_MS))
        .until(NINE + 3 * DAY_MS + HOUR_MS)
    )
    home.take(moved("kitchen", NINE + 3 * DAY_MS + HOUR_MS))
    assert len(home.cleared(FindingKind.NO_RETURN)) == len(home.raised(FindingKind.NO_RETURN)) == 3
    assert home.engine.home_status(home.home.id).open_kinds == ()


def test_questions_after_an_absence_go_on_over_a_restart():
    home = visited(KITCHEN).until(NINE + 7 * HOUR_MS).restart().until(NINE + 31 * HOUR_MS)
    assert len(home.raised(FindingKind.NO_RETURN)) == 2
