"""Electricity that switches by itself: it puts off no call where motion sensors would show somebody."""

import pytest
from watched_home import BATHROOM, DOOR, GATEWAY, HALL, KITCHEN, METER, NINE, SECOND, Watched, device, moved, said
from watched_home import went_out as door_moved

from core.events import Metric, Reading
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole
from rules.findings import FindingKind, Priority

POWER = device("power", DeviceRole.POWER_METER)
PLUG = device("plug", DeviceRole.APPLIANCE, "kitchen")
CAP_MS = 12 * HOUR_MS


def cycles(name: str, from_ms: int, until_ms: int, every_ms: int = 47 * MINUTE_MS, watts: float = 1500.0):
    """Return a load that a thermostat switches on for ten minutes, over and over."""
    return [
        said(name, Metric.POWER_W, value, at_ms + after)
        for at_ms in range(from_ms, until_ms, every_ms)
        for value, after in ((0.0, -SECOND), (watts, 0), (0.0, 10 * MINUTE_MS))
    ]


def lying(*devices: Device, last: str = "kitchen", load: str = "power") -> Watched:
    """Somebody moved at nine, then nothing but a load that cycles, for a day and four hours."""
    home = Watched(*devices, start_ms=NINE - HOUR_MS)
    return home.take([*moved(last, NINE - SECOND), *cycles(load, NINE + MINUTE_MS, NINE + 28 * HOUR_MS)])


def called(home: Watched) -> list[float]:
    """Return the hours since nine at which the first stage called."""
    return [(one.at_ms - NINE) / HOUR_MS for one in home.raised(FindingKind.INACTIVITY) if one.stage == 1]


@pytest.mark.parametrize("load", ["power", "plug"])
def test_a_boiler_or_a_fridge_that_switches_by_itself_puts_off_no_call_for_longer_than_half_a_day(load):
    home = lying(KITCHEN, HALL, POWER, PLUG, load=load)
    assert len(called(home)) == 1
    assert called(home)[0] == pytest.approx(12, abs=0.01)
    (first, *_) = home.raised(FindingKind.INACTIVITY)
    assert any("switch by themselves" in fact.text.en for fact in first.evidence)
    assert first.since_ms == NINE - SECOND
    assert [one.stage for one in home.raised(FindingKind.INACTIVITY)] == [1, 2]
    assert home.cleared(FindingKind.INACTIVITY) == []  # nor does it answer a call


def test_where_no_motion_sensor_could_show_anybody_a_rise_of_power_still_counts():
    assert called(lying(DOOR, POWER, last="door")) == []


def test_a_motion_sensor_that_has_never_spoken_shows_nobody():
    home = Watched(KITCHEN, DOOR, POWER, start_ms=NINE - HOUR_MS)
    home.take([said("door", Metric.OPEN, False, NINE - 2 * SECOND), said("door", Metric.OPEN, True, NINE - SECOND)])
    assert called(home.take(cycles("power", NINE + MINUTE_MS, NINE + DAY_MS))) == []


def test_a_motion_sensor_that_is_silent_or_at_fault_shows_nobody():
    beating = device("beating", DeviceRole.INTERIOR_MOTION, "bedroom", HOUR_MS)
    home = Watched(beating, GATEWAY, POWER, start_ms=NINE - HOUR_MS)
    beats = [said("gateway", Metric.ONLINE, True, at_ms) for at_ms in range(NINE, NINE + DAY_MS, 10 * MINUTE_MS)]
    home.take([*moved("beating", NINE), *beats, *cycles("power", NINE + MINUTE_MS, NINE + DAY_MS)])
    assert called(home) == []


def test_water_that_runs_with_nobody_moving_is_found_though_the_boiler_heats_it():
    run = [said("water", Metric.WATER_TOTAL_L, 100.0 + n * 5, NINE + n * MINUTE_MS) for n in range(60)]
    home = Watched(KITCHEN, METER, POWER, start_ms=NINE - HOUR_MS)
    home.take(
        [*moved("kitchen", NINE - SECOND), *run, *cycles("power", NINE + MINUTE_MS, NINE + HOUR_MS, 20 * MINUTE_MS)]
    )
    assert [one.priority for one in home.raised(FindingKind.WATER_RUNNING)] == [Priority.P0]


def test_somebody_who_lies_in_the_bathroom_is_found_though_the_boiler_heats():
    home = Watched(BATHROOM, KITCHEN, POWER, start_ms=NINE - HOUR_MS)
    home.take([*moved("kitchen", NINE - MINUTE_MS), *moved("bathroom", NINE)])
    home.take(cycles("power", NINE + 5 * MINUTE_MS, NINE + HOUR_MS, 20 * MINUTE_MS)).until(NINE + HOUR_MS)
    assert [one.at_ms for one in home.raised(FindingKind.BATHROOM_SILENCE)] == [NINE + HOUR_MS]


def lived_with(name: str, *, away: bool) -> Watched:
    """Five days: out from ten to seven; the load runs at home, and through the absences where `away`."""
    home = Watched(DOOR, KITCHEN, HALL, POWER, PLUG, start_ms=NINE - 6 * DAY_MS)
    log: list[Reading] = []
    for day in range(6, 1, -1):
        out_ms = NINE - day * DAY_MS + HOUR_MS
        back_ms = out_ms + 9 * HOUR_MS
        log += [*moved("kitchen", out_ms - 5 * MINUTE_MS), *door_moved(out_ms), *door_moved(back_ms)]
        log += [*moved("kitchen", back_ms + SECOND), *moved("hall", back_ms + MINUTE_MS)]
        log += cycles(name, back_ms + 10 * MINUTE_MS, back_ms + 3 * HOUR_MS)
        log += cycles(name, out_ms + 30 * MINUTE_MS, back_ms - 20 * MINUTE_MS) if away else []
    home.take([*log, *moved("kitchen", NINE - DAY_MS), *moved("hall", NINE - DAY_MS + SECOND)])
    return home.take([*moved("kitchen", NINE - SECOND), *cycles(name, NINE + MINUTE_MS, NINE + 2 * DAY_MS)])


def called_after_nine(home: Watched) -> list[float]:
    return [hours for hours in called(home) if hours > 0]


@pytest.mark.parametrize("name", ["power", "plug"])
def test_a_load_that_never_runs_in_an_empty_home_speaks_for_somebody_for_half_a_day_more(name):
    (hours,) = called_after_nine(lived_with(name, away=False))
    assert 23 <= hours <= 24


@pytest.mark.parametrize("name", ["power", "plug"])
def test_a_load_that_runs_in_an_empty_home_too_speaks_for_nobody(name):
    home = lived_with(name, away=True)
    assert any(name in key for key in home.engine.rules_of(home.home.id).state.reach.reached)
    assert called_after_nine(home)[0] < 12
