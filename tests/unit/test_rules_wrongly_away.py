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


def test_three_rooms_within_three_hours_are_somebody_who_lives_there():
    home = visited(KITCHEN, HALL, BATHROOM)
    rooms = ("hall", "kitchen", "bathroom")
    home.take([one for n, room in enumerate(rooms) for one in moved(room, NINE + HOUR_MS + n * 40 * MINUTE_MS)])
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
