"""Hazards of weeks, stopped anywhere and gone on from a snapshot: the same findings, none twice, nothing in the past."""

from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from watched_home import BATHROOM, BED, DOOR, GATEWAY, HALL, KITCHEN, METER, NINE, device, said

from core.events import Flag, Metric
from core.ids import HomeId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole, Home, Suspension, SuspensionReason
from rules.engine import Engine

HOME = Home(
    id=HomeId("h1"),
    person_id=None,
    area="a",
    devices=(
        METER,
        DOOR,
        HALL,
        KITCHEN,
        BATHROOM,
        BED,
        GATEWAY,
        device("power", DeviceRole.POWER_METER),
        device("plug", DeviceRole.APPLIANCE, "kitchen"),
        device("room", DeviceRole.CLIMATE, "living_room"),
        device("smoke", DeviceRole.SMOKE_GAS_CO, "kitchen"),
    ),
    limits={"low_water_hours": 12},
)
VALUES = st.one_of(
    st.tuples(st.sampled_from(["hall", "kitchen", "bathroom", "bed"]), st.just(Metric.MOTION), st.booleans()),
    st.tuples(st.just("door"), st.just(Metric.OPEN), st.booleans()),
    st.tuples(st.just("gateway"), st.just(Metric.ONLINE), st.booleans()),
    st.tuples(st.just("smoke"), st.just(Metric.SMOKE), st.booleans()),
    st.tuples(st.just("water"), st.just(Metric.WATER_TOTAL_L), st.sampled_from([0.0, 1.0, 12.0, 400.0, -50.0, 9e6])),
    st.tuples(st.just("water"), st.just(Metric.WATER_FLOW_L_H), st.sampled_from([0.0, 60.0, 900.0])),
    st.tuples(st.sampled_from(["power", "plug"]), st.just(Metric.POWER_W), st.sampled_from([0.0, 80.0, 1700.0])),
    st.tuples(st.just("room"), st.just(Metric.TEMPERATURE_C), st.sampled_from([8.0, 15.0, 21.0, 36.0])),
)
PAUSES = st.sampled_from([0, MINUTE_MS, 7 * MINUTE_MS, 20 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS, DAY_MS])
LATENESS = st.sampled_from([0, 0, 0, 0, 30 * MINUTE_MS, 3 * HOUR_MS])
logs = st.lists(st.tuples(PAUSES, VALUES, LATENESS), max_size=60)


def readings_of(log):
    """Return readings with a register that grows by what was drawn, some of them late."""
    now_ms, litres = NINE, 1000.0
    for pause_ms, (name, metric, value), late_ms in log:
        now_ms += pause_ms
        is_register = metric is Metric.WATER_TOTAL_L
        litres = max(0.0, litres + value) if is_register else litres
        flags = int(Flag.LATE) if late_ms else 0
        yield said(name, metric, litres if is_register else value, now_ms - late_ms, arrived_ms=now_ms, flags=flags)


@st.composite
def declared(draw):
    """Return the home with some stretches in which nobody lives there, and a test of its devices."""
    hours = draw(st.lists(st.integers(0, 200), max_size=4, unique=True).map(sorted))
    stays = tuple(
        Suspension(from_ms=NINE + a * HOUR_MS, until_ms=NINE + b * HOUR_MS, reason=SuspensionReason.HOSPITAL)
        for a, b in zip(hours[::2], hours[1::2], strict=False)
    )
    tested_hour = draw(st.none() | st.integers(1, 200))
    tested_until_ms = None if tested_hour is None else NINE + tested_hour * HOUR_MS
    return msgspec.structs.replace(HOME, suspensions=stays, test_until_ms=tested_until_ms)


def fresh(home=HOME) -> Engine:
    engine = Engine()
    engine.set_home(home)
    engine.on_time(NINE)
    return engine


def run(log, cuts=frozenset(), home=HOME):
    engine, found, now_ms = fresh(home), [], NINE
    for number, one in enumerate(readings_of(log)):
        now_ms = one.received_at_ms
        found += engine.on_time(now_ms)
        assert (due_ms := engine.next_deadline_ms()) is None or due_ms > now_ms
        found += engine.on_readings(now_ms, [one])
        if number in cuts:
            data, engine = engine.snapshot(), fresh(home)
            assert engine.restore(data)
    return found + list(engine.on_time(now_ms + 3 * DAY_MS))


@settings(deadline=None)
@given(logs, st.frozensets(st.integers(0, 60), max_size=5))
def test_a_snapshot_taken_anywhere_changes_no_hazard(log, cuts):
    assert run(log, cuts) == run(log)


@settings(deadline=None)
@given(logs, st.frozensets(st.integers(0, 60), max_size=5), declared())
def test_a_stay_elsewhere_or_a_test_never_stops_the_clock_of_a_home(log, cuts, home):
    assert run(log, cuts, home) == run(log, home=home)


@settings(deadline=None)
@given(logs, st.frozensets(st.sampled_from([device.id for device in HOME.devices])), st.integers(0, 60))
def test_devices_that_are_removed_anywhere_leave_no_finding_open(log, gone, cut):
    left = msgspec.structs.replace(HOME, devices=tuple(one for one in HOME.devices if one.id not in gone))
    engine, now_ms = fresh(), NINE
    for number, one in enumerate(readings_of(log)):
        now_ms = one.received_at_ms
        engine.on_time(now_ms)
        engine.on_readings(now_ms, [one])
        if number == cut:
            engine.set_home(left)
    engine.set_home(left)
    engine.on_time(now_ms + 3 * DAY_MS)
    keys = engine.rules_of(HOME.id).state.open
    assert [key for key in keys if key.rpartition(" ")[2] in gone] == []


@settings(deadline=None)
@given(logs)
def test_no_hazard_of_a_log_is_told_twice(log):
    told = Counter((finding.id, finding.is_cleared) for finding in run(log))
    assert [one for one, count in told.items() if count > 1] == []
