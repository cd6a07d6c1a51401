"""Late, retained and unseen: what a backlog, a cache or a dead gateway must neither hide nor invent."""

import msgspec
import pytest
from rules_walk import HOME_ID, at, door, home_of, motion, reading, walk

from core.errors import ConfigurationError
from core.events import Flag, Metric
from core.ids import DeviceId
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole, Home
from rules.engine import Engine
from rules.findings import FindingKind

NINE = at("2024-03-05T09:00")
SECOND = 1000


def engine_for(home) -> Engine:
    engine = Engine()
    engine.set_home(home)
    engine.on_time(NINE)
    return engine


def home_with(**devices: tuple[DeviceRole, int | None]) -> Home:
    return Home(
        id=HOME_ID,
        person_id=None,
        area="a",
        is_key_person=True,
        devices=tuple(
            Device(id=DeviceId(name), home_id=HOME_ID, address=f"care/h1/{name}", role=role, heartbeat_ms=beat_ms)
            for name, (role, beat_ms) in devices.items()
        ),
    )


def late(readings, arrived_ms):
    return [msgspec.structs.replace(one, received_at_ms=arrived_ms, flags=int(Flag.LATE)) for one in readings]


def kinds(findings):
    return [finding.kind for finding in findings if not finding.is_cleared]


def test_a_smoke_alarm_first_seen_as_a_retained_state_pages_when_it_sounds_live():
    engine = engine_for(home_of())
    engine.on_readings(NINE, [reading("leak", Metric.SMOKE, True, NINE, flags=int(Flag.REPLAY))])
    live = engine.on_readings(NINE + 1, [reading("leak", Metric.SMOKE, True, NINE + 1)])
    assert kinds(live) == [FindingKind.EMERGENCY]
    assert engine.on_readings(NINE + 2, [reading("leak", Metric.SMOKE, True, NINE + 2)]) == ()


def test_a_smoke_alarm_out_of_an_old_backlog_pages_when_it_still_sounds():
    engine, now = engine_for(home_of()), NINE + 3 * HOUR_MS
    assert engine.on_readings(now, late([reading("leak", Metric.SMOKE, True, NINE)], now)) == ()
    live = engine.on_readings(now + 1, [reading("leak", Metric.SMOKE, True, now + 1)])
    assert kinds(live) == [FindingKind.EMERGENCY]


def test_a_late_clear_does_not_make_a_stuck_motion_sensor_look_alive():
    engine, now = engine_for(home_of()), NINE + 3 * HOUR_MS
    engine.on_readings(NINE, [reading("kitchen", Metric.MOTION, True, NINE)])
    engine.on_readings(now, late([reading("kitchen", Metric.MOTION, False, NINE - HOUR_MS)], now))
    engine.on_readings(now + 1, [reading("kitchen", Metric.MOTION, True, now + 1)])
    assert engine.home_status(HOME_ID).last_sign_at_ms == NINE


def test_late_pulses_from_before_a_sign_inside_are_no_exit():
    engine, now = engine_for(home_of()), NINE + 2 * MINUTE_MS
    engine.on_readings(NINE + MINUTE_MS, motion("hall", NINE + MINUTE_MS))
    engine.on_readings(now, late([*motion("entry", NINE + 30 * SECOND), *motion("entry", NINE + 35 * SECOND)], now))
    engine.on_time(NINE + HOUR_MS)
    assert not engine.home_status(HOME_ID).is_away


def test_a_late_sign_inside_from_before_the_door_does_not_undo_an_exit():
    engine, now = engine_for(home_of()), NINE + 2 * MINUTE_MS
    walk(engine, [door(True, NINE), door(False, NINE + SECOND)], now)
    engine.on_readings(now, late(motion("hall", NINE - 10 * MINUTE_MS), now))
    engine.on_time(NINE + HOUR_MS)
    assert engine.home_status(HOME_ID).is_away


def test_a_home_with_a_water_meter_alone_never_says_that_nobody_moved():
    engine = engine_for(home_with(water=(DeviceRole.WATER_METER, None)))
    log = [reading("water", Metric.WATER_TOTAL_L, 100.0 + n, NINE + n * MINUTE_MS) for n in range(60)]
    assert kinds(walk(engine, log, NINE + HOUR_MS)) == []


def test_a_home_whose_gateway_died_is_never_inactive_though_a_slow_sensor_is_not_yet_overdue():
    home = home_with(gateway=(DeviceRole.GATEWAY, MINUTE_MS), kitchen=(DeviceRole.INTERIOR_MOTION, 60 * MINUTE_MS))
    beats = [reading("gateway", Metric.ONLINE, True, NINE + n * MINUTE_MS) for n in range(1, 240)]
    slow = reading("kitchen", Metric.BATTERY_PERCENT, 90.0, NINE + 210 * MINUTE_MS + 1)
    log = sorted([*motion("kitchen", NINE), *beats, slow], key=lambda one: one.observed_at_ms)
    found = kinds(walk(engine_for(home), log, NINE + 12 * HOUR_MS))
    assert FindingKind.INACTIVITY not in found
    assert FindingKind.HOME_BLIND in found


def test_one_late_sign_after_a_blind_stretch_does_not_turn_it_into_silence():
    engine, now = engine_for(home_of(10 * MINUTE_MS)), NINE + 8 * HOUR_MS
    walk(engine, motion("kitchen", NINE), now)
    engine.on_readings(now, late(motion("kitchen", NINE + 10 * MINUTE_MS), now))
    assert kinds(engine.on_time(now)) == []


@pytest.mark.parametrize("value", [0.5, float("nan"), float("inf")])
def test_a_limit_that_is_no_whole_positive_number_is_refused_before_it_stops_a_rule(value):
    with pytest.raises(ConfigurationError, match="inactivity_day_ms"):
        engine_for(home_of(inactivity_day_ms=value))
