"""Devices being tried out, and a home that nobody lives in for a while: what is held back then, and what is not lost."""

import pytest
from watched_home import DOOR, HALL, KITCHEN, METER, NINE, SECOND, Watched, device, moved, said
from watched_home import went_out as door_moved

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import LONGEST_TEST_MS, Device, DeviceRole, Suspension, SuspensionReason
from rules.explaining import explain
from rules.findings import FindingKind, Priority
from rules.home_mode import HomeMode

LEAK = device("leak", DeviceRole.LEAK, "bathroom")
SMOKE = device("smoke", DeviceRole.SMOKE_GAS_CO, "kitchen")
STOVE = device("stove", DeviceRole.APPLIANCE, "kitchen")
ROOM = device("room", DeviceRole.CLIMATE, "living_room")
TEST_OVER_MS = NINE + 2 * HOUR_MS


def tried_out(*more: Device, until_ms=TEST_OVER_MS):
    """Under test from nine to eleven; somebody was seen at nine."""
    home = Watched(DOOR, HALL, KITCHEN, *more, start_ms=NINE - HOUR_MS).take(moved("kitchen", NINE - MINUTE_MS))
    home.register(test_until_ms=until_ms)
    return home.until(NINE)


def wet(value, at_ms):
    return said("leak", Metric.WET, value, at_ms)


def mode(home):
    return home.engine.home_status(home.home.id).mode


def test_a_leak_that_begins_under_test_and_still_holds_is_raised_when_the_test_ends():
    home = tried_out(LEAK).take([wet(True, NINE + HOUR_MS)]).until(TEST_OVER_MS - 1)
    assert home.findings == []
    (told,) = explain(home.engine.rules_of(home.home.id), TEST_OVER_MS - 1).state
    assert "1项" in told.zh
    (finding,) = home.restart().until(TEST_OVER_MS).raised(FindingKind.WATER_RUNNING)
    assert finding.at_ms == TEST_OVER_MS
    assert finding.since_ms == NINE + HOUR_MS
    assert any("test" in fact.text.en and "测试" in fact.text.zh for fact in finding.evidence)
    home.take([wet(False, TEST_OVER_MS + HOUR_MS)])
    assert len(home.cleared(FindingKind.WATER_RUNNING)) == 1


def test_a_leak_that_is_dry_again_before_the_test_ends_is_told_to_nobody():
    home = tried_out(LEAK).take([wet(True, NINE + HOUR_MS), wet(False, NINE + HOUR_MS + MINUTE_MS)])
    assert home.until(TEST_OVER_MS + HOUR_MS).findings == []


def test_smoke_under_test_pages_at_once():
    home = tried_out(SMOKE).take([said("smoke", Metric.SMOKE, True, NINE + HOUR_MS)])
    assert [one.at_ms for one in home.raised(FindingKind.EMERGENCY)] == [NINE + HOUR_MS]


def test_a_stove_left_on_under_test_is_told_as_the_test_ends_and_not_an_hour_later():
    home = tried_out(STOVE).take(
        [*moved("kitchen", NINE + MINUTE_MS), said("stove", Metric.POWER_W, 1200.0, NINE + 2 * MINUTE_MS)]
    )
    (finding,) = home.until(TEST_OVER_MS).raised(FindingKind.STOVE_ON)
    assert finding.since_ms == NINE + 2 * MINUTE_MS


def test_a_stove_switched_on_shortly_before_the_test_ends_has_its_usual_time():
    on_ms = TEST_OVER_MS - 5 * MINUTE_MS
    home = tried_out(STOVE).take([said("stove", Metric.POWER_W, 1200.0, on_ms)]).until(on_ms + 20 * MINUTE_MS)
    assert [one.at_ms for one in home.raised(FindingKind.STOVE_ON)] == [on_ms + 20 * MINUTE_MS]


def test_a_door_left_open_by_those_who_tried_it_out_is_told_as_they_leave():
    home = tried_out().take([said("door", Metric.OPEN, True, NINE + HOUR_MS)]).until(TEST_OVER_MS)
    assert [one.at_ms for one in home.raised(FindingKind.DOOR_LEFT_OPEN)] == [TEST_OVER_MS]


def test_water_that_runs_all_through_the_test_is_told_when_it_ends():
    run = [
        said("water", Metric.WATER_TOTAL_L, 100.0 + n * 5, NINE + n * MINUTE_MS) for n in range(2 * 60 + 5)
    ]  # 300 L/h
    home = tried_out(METER).take(run)
    (finding,) = [one for one in home.raised(FindingKind.WATER_RUNNING) if one.priority is Priority.P0]
    assert TEST_OVER_MS <= finding.at_ms <= TEST_OVER_MS + MINUTE_MS


def test_a_cold_home_is_told_when_the_test_ends():
    cold = [said("room", Metric.TEMPERATURE_C, 10.0, NINE + n * 30 * MINUTE_MS) for n in range(10)]
    home = tried_out(ROOM, until_ms=NINE + 3 * HOUR_MS).take(cold)
    assert [one.at_ms for one in home.raised(FindingKind.COLD_HOME)] == [NINE + 3 * HOUR_MS]


def test_a_low_battery_found_under_test_is_told_afterwards_unless_it_is_changed():
    low = said("hall", Metric.BATTERY_PERCENT, 5.0, NINE + HOUR_MS)
    assert len(tried_out().take([low]).until(TEST_OVER_MS).raised(FindingKind.BATTERY_LOW)) == 1
    changed = said("hall", Metric.BATTERY_PERCENT, 100.0, NINE + HOUR_MS + MINUTE_MS)
    assert tried_out().take([low, changed]).until(TEST_OVER_MS).raised(FindingKind.BATTERY_LOW) == []


def test_a_test_that_turns_into_a_stay_in_hospital_still_gives_back_the_leak():
    home = tried_out(LEAK).take([wet(True, NINE + HOUR_MS)])
    stay = Suspension(from_ms=NINE + HOUR_MS, until_ms=None, reason=SuspensionReason.HOSPITAL)
    home.register(test_until_ms=None, suspensions=(stay,))
    assert len(home.until(TEST_OVER_MS).raised(FindingKind.WATER_RUNNING)) == 1


@pytest.mark.parametrize("until_ms", [NINE + DAY_MS, NINE + 400 * DAY_MS])
def test_no_test_lasts_longer_than_four_hours_whatever_was_declared(until_ms):
    home = tried_out(LEAK, until_ms=until_ms).until(until_ms - LONGEST_TEST_MS - 1)
    assert mode(home) is not HomeMode.TEST
    assert mode(home.until(until_ms - LONGEST_TEST_MS)) is HomeMode.TEST
    assert mode(home.until(until_ms)) is not HomeMode.TEST


def test_a_test_is_said_to_hold_since_it_was_declared_and_not_since_the_longest_one_could_have_begun():
    home = tried_out()
    heard_ms = home.engine.rules_of(home.home.id).state.suspension.declared_ms
    status = home.until(NINE + MINUTE_MS).engine.home_status(home.home.id)
    assert NINE - MINUTE_MS <= heard_ms <= NINE  # the engine's time when the registry said so
    assert (status.mode, status.mode_since_ms, status.mode_until_ms) == (HomeMode.TEST, heard_ms, TEST_OVER_MS)


def test_an_absence_through_a_test_is_counted_anew_from_its_end():
    home = Watched(DOOR, HALL, KITCHEN, start_ms=NINE - HOUR_MS)
    home.take([*moved("kitchen", NINE - 5 * MINUTE_MS), *door_moved(NINE)]).until(NINE + HOUR_MS)
    home.register(test_until_ms=NINE + 3 * HOUR_MS)
    home.until(NINE + 14 * HOUR_MS)
    assert [one.at_ms for one in home.raised(FindingKind.NO_RETURN)][:1] == [NINE + 9 * HOUR_MS]


def test_a_home_that_was_cold_while_nobody_lived_there_is_cold_from_the_return_on():
    home = Watched(ROOM, HALL, KITCHEN, start_ms=NINE - HOUR_MS)
    back_ms = NINE + 10 * HOUR_MS
    stay = Suspension(from_ms=NINE, until_ms=back_ms, reason=SuspensionReason.HOSPITAL)
    home.register(suspensions=(stay,))
    home.take([said("room", Metric.TEMPERATURE_C, 10.0, NINE + n * HOUR_MS + SECOND) for n in range(16)])
    assert [one.at_ms for one in home.raised(FindingKind.COLD_HOME)] == [back_ms + 2 * HOUR_MS]
