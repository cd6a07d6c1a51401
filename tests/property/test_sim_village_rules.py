"""Under the real rules the village's two emergencies ring, on time, and no other home does."""

from heapq import merge

from hypothesis import given, settings
from hypothesis import strategies as st

from core.events import Reading
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from device_sim.village import DEMO_START_MS, Scenario, home_events, scenario_of, village
from device_sim.villagers import FALLEN_HOME, STILL_HOME
from rules.engine import Engine
from rules.findings import FindingKind, Priority

DAYS = 2


def readings_of(seed, start_ms, scenario):
    specials = scenario_of(scenario, start_ms)
    homes = [home_events(r.home.id, seed, start_ms, specials.get(r.home.id, ())) for r in village(seed)]
    for event in merge(*homes, key=lambda event: event.at_ms):
        if event.at_ms >= start_ms + DAYS * DAY_MS:
            return
        home_id = event.device_id.split("/")[0]
        yield Reading(home_id, event.device_id, event.metric, event.value, event.at_ms, event.at_ms)


def findings_of(seed, start_ms, scenario):
    engine = Engine()
    for registration in village(seed):
        engine.set_home(registration.home)
    found = list(engine.on_time(start_ms))
    for reading in readings_of(seed, start_ms, scenario):
        found += engine.on_time(reading.observed_at_ms)
        found += engine.on_readings(reading.observed_at_ms, [reading])
    return [finding for finding in found if not finding.is_cleared]


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000))
def test_the_fall_and_the_stillness_ring_on_time_and_nothing_else_does(seed):
    fall, still, *later = findings_of(seed, DEMO_START_MS, Scenario())
    fallen_ms = DEMO_START_MS + 210 * MINUTE_MS
    assert (fall.home_id, fall.kind, fall.priority) == (FALLEN_HOME, FindingKind.WATER_RUNNING, Priority.P0)
    assert fallen_ms + 30 * MINUTE_MS <= fall.at_ms <= fallen_ms + 32 * MINUTE_MS
    sat_down_ms = DEMO_START_MS + 120 * MINUTE_MS
    assert (still.home_id, still.kind, still.priority) == (STILL_HOME, FindingKind.INACTIVITY, Priority.P1)
    assert sat_down_ms + 4 * HOUR_MS < still.at_ms <= sat_down_ms + 5 * HOUR_MS
    assert [(one.home_id, one.stage) for one in later] in (
        [],
        [(STILL_HOME, 2)],
    )  # moved again within 20 minutes, or not


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 23))
def test_a_village_without_an_emergency_is_silent_whenever_the_watch_begins(seed, hour):
    start_ms = DEMO_START_MS + hour * HOUR_MS
    assert findings_of(seed, start_ms, Scenario(fall_minute=None, still_minute=None)) == []
