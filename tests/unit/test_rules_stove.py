"""Power that runs on with nobody there: a plug, the home's meter, a heater by night; what is a habit is not told."""

import pytest
from rules_walk import at
from watched_home import BED, GATEWAY, HALL, KITCHEN, NINE, Watched, device, moved, said

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind, Priority

STOVE, HEATER = FindingKind.STOVE_ON, FindingKind.HEATER_ON
PLUG = device("plug", DeviceRole.APPLIANCE, "kitchen")
METER = device("power", DeviceRole.POWER_METER, "hall")


def plugged(watts, at_ms):
    return said("plug", Metric.POWER_W, watts, at_ms)


def powered(watts, from_ms, until_ms):
    return [said("power", Metric.POWER_W, watts, each) for each in range(from_ms, until_ms, 10 * MINUTE_MS)]


def test_a_plug_in_the_kitchen_that_runs_with_nobody_there_is_told():
    home = Watched(PLUG, KITCHEN, HALL).take([*moved("kitchen", NINE), plugged(1500.0, NINE + MINUTE_MS)])
    home.take(moved("hall", NINE + 10 * MINUTE_MS))
    due_ms = NINE + 21 * MINUTE_MS
    assert home.until(due_ms - 1).raised(STOVE) == []
    (finding,) = home.restart().until(due_ms).raised(STOVE)
    assert (finding.priority, finding.at_ms) == (Priority.P2, due_ms)
    assert len(home.take([plugged(0.0, due_ms + 1)]).cleared(STOVE)) == 1


def test_somebody_in_the_kitchen_moves_the_limit_and_takes_the_finding_back():
    home = Watched(PLUG, KITCHEN).take([plugged(1500.0, NINE), *moved("kitchen", NINE + 19 * MINUTE_MS)])
    assert home.until(NINE + 39 * MINUTE_MS - 1).raised(STOVE) == []
    assert len(home.until(NINE + 39 * MINUTE_MS).raised(STOVE)) == 1
    assert len(home.take(moved("kitchen", NINE + HOUR_MS)).cleared(STOVE)) == 1
    first, second = home.until(NINE + HOUR_MS + 20 * MINUTE_MS).raised(STOVE)  # and left again
    assert first.id != second.id


def test_a_rice_cooker_stays_below_the_limit():
    home = Watched(PLUG, KITCHEN).take([plugged(700.0, NINE)])
    assert home.until(NINE + 3 * HOUR_MS).raised(STOVE) == []


def test_a_home_without_a_sensor_in_the_kitchen_cannot_tell_who_is_there():
    home = Watched(PLUG, HALL).take([plugged(1500.0, NINE)])
    assert home.until(NINE + 3 * HOUR_MS).raised(STOVE) == []


def test_a_plug_in_another_room_is_no_stove():
    lamp = device("plug", DeviceRole.APPLIANCE, "bedroom")
    assert Watched(lamp, KITCHEN).take([plugged(1500.0, NINE)]).until(NINE + 3 * HOUR_MS).raised(STOVE) == []


def test_a_home_that_cannot_be_seen_may_have_somebody_in_its_kitchen():
    dark = Watched(PLUG, KITCHEN, GATEWAY, stove_plug_ms=2 * HOUR_MS)
    dark.take([said("gateway", Metric.ONLINE, True, NINE), plugged(1500.0, NINE + 15 * MINUTE_MS)])
    assert dark.until(NINE + 10 * HOUR_MS).raised(STOVE) == []


def quiet_days(days):
    return powered(90.0, NINE, NINE + days * DAY_MS)


def test_a_load_above_standby_with_nobody_in_the_kitchen_is_told_after_three_quarters_of_an_hour():
    on_ms = NINE + 5 * DAY_MS
    home = Watched(METER, KITCHEN).take([*quiet_days(5), *moved("kitchen", on_ms - MINUTE_MS)])
    home.restart().take(powered(1000.0, on_ms, on_ms + 41 * MINUTE_MS))
    assert home.until(on_ms + 45 * MINUTE_MS - 1).raised(STOVE) == []
    (finding,) = home.until(on_ms + 45 * MINUTE_MS).raised(STOVE)
    assert finding.since_ms == on_ms
    assert len(home.take(powered(90.0, on_ms + HOUR_MS, on_ms + HOUR_MS + 1)).cleared(STOVE)) == 1


@pytest.mark.parametrize("watts", [890.0, 500.0])
def test_a_load_within_the_limit_of_standby_is_nothing(watts):
    on_ms = NINE + 5 * DAY_MS
    home = Watched(METER, KITCHEN).take([*quiet_days(5), *powered(watts, on_ms, on_ms + 3 * HOUR_MS)])
    assert home.raised(STOVE) == []


def test_before_standby_is_known_nothing_is_above_it():
    home = Watched(METER, KITCHEN).take(powered(3000.0, NINE, NINE + 4 * HOUR_MS))
    assert home.raised(STOVE) == []


def test_whoever_cooks_is_in_the_kitchen():
    on_ms = NINE + 5 * DAY_MS
    cook = [one for n in range(12) for one in moved("kitchen", on_ms + n * 15 * MINUTE_MS)]
    home = Watched(METER, KITCHEN).take([*quiet_days(5), *powered(2000.0, on_ms, on_ms + 3 * HOUR_MS), *cook])
    assert home.raised(STOVE) == []


def test_a_meter_that_fell_silent_does_not_say_that_it_still_runs():
    on_ms = NINE + 5 * DAY_MS
    home = Watched(METER, KITCHEN, stove_ms=2 * HOUR_MS).take([*quiet_days(5), *powered(2000.0, on_ms, on_ms + 1)])
    assert home.until(on_ms + 5 * HOUR_MS).raised(STOVE) == []


def test_an_air_conditioner_that_runs_every_afternoon_is_a_habit():
    readings = quiet_days(5)
    for day in range(5, 25):
        start_ms = NINE + day * DAY_MS
        readings += powered(1500.0, start_ms, start_ms + 3 * HOUR_MS) + powered(
            90.0, start_ms + 3 * HOUR_MS, start_ms + DAY_MS
        )
    told = [finding.at_ms for finding in Watched(METER, KITCHEN).take(readings).raised(STOVE)]
    assert 0 < len(told) <= 4
    assert max(told) < NINE + 12 * DAY_MS


TEN_PM = at("2024-03-05T22:00")


def test_a_heater_by_night_with_nobody_outside_the_bedroom_is_a_notice():
    home = Watched(METER, BED, HALL, start_ms=TEN_PM - HOUR_MS)
    home.take([*powered(1600.0, TEN_PM, TEN_PM + 3 * HOUR_MS), *moved("bed", TEN_PM + HOUR_MS)])
    assert home.until(TEN_PM + 3 * HOUR_MS - 1).raised(HEATER) == []
    (finding,) = home.restart().until(TEN_PM + 3 * HOUR_MS).raised(HEATER)
    assert finding.priority is Priority.P3


def test_whoever_walks_about_by_night_knows_of_the_heater():
    home = Watched(METER, BED, HALL, start_ms=TEN_PM - HOUR_MS)
    home.take([*powered(1600.0, TEN_PM, TEN_PM + 5 * HOUR_MS), *moved("hall", TEN_PM + 2 * HOUR_MS + MINUTE_MS)])
    assert home.until(TEN_PM + 5 * HOUR_MS).raised(HEATER) == []


def test_a_heater_by_day_is_no_notice():
    home = Watched(METER, BED, HALL).take(powered(1600.0, NINE, NINE + 6 * HOUR_MS))
    assert home.raised(HEATER) == []
