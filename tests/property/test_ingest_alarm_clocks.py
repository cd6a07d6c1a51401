"""Whatever a device's clock does (right, slow, fast, reset, ahead, standing still, none), each alarm that begins rings."""

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ingest_directory import DirectoryInMemory
from watched_home import NINE, Watched, device

from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from ingest.admission import Admission
from ingest.stated import REDELIVERED_WITHIN_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind

SENSOR = device("sensor", DeviceRole.SMOKE_GAS_CO, "kitchen")
BUILT_MS = NINE - 90 * DAY_MS
AHEAD_MS = 4_102_444_800_000
KINDS = (FindingKind.EMERGENCY, FindingKind.WATER_RUNNING)


def stated_ms(clock: str, now_ms: int, since_ms: int) -> int | None:
    """Return what a clock shows that was set at `since_ms`."""
    shown = {
        "right": now_ms,
        "slow": now_ms - 3 * MINUTE_MS,
        "fast": now_ms + 4 * MINUTE_MS,
        "reset": 0,
        "ahead": AHEAD_MS,
        "frozen": since_ms,
        "built": BUILT_MS + now_ms - since_ms,
    }
    return shown.get(clock)


clocks = st.sampled_from(["right", "slow", "fast", "reset", "ahead", "frozen", "built", "none"])
waits = st.sampled_from([REDELIVERED_WITHIN_MS + MINUTE_MS, 3 * HOUR_MS + 7, 30 * HOUR_MS + 13])
words = st.lists(st.tuples(waits, st.booleans(), st.one_of(st.none(), clocks)), min_size=2, max_size=12)


@example("wet", "", [(16 * MINUTE_MS, True, None), (16 * MINUTE_MS, False, "built"), (16 * MINUTE_MS, True, None)])
@given(st.sampled_from(["smoke", "wet", "sos"]), st.sampled_from(["", "one", "counts"]), words)
def test_each_alarm_that_begins_is_told_whatever_the_clock_of_its_device_shows(metric, counting, said):
    home, door = Watched(SENSOR), Admission(DirectoryInMemory(SENSOR.address))
    now_ms, clock, since_ms, is_on = NINE, "right", NINE, False
    for number, (wait_ms, value, changed) in enumerate(said):
        now_ms += wait_ms
        if changed is not None:
            clock, since_ms = changed, now_ms
        shown_ms = stated_ms(clock, now_ms, since_ms)
        body = {metric: value} | ({} if shown_ms is None else {"ts": shown_ms})
        body |= {"": {}, "one": {"seq": 1}, "counts": {"seq": number}}[counting]
        home.until(now_ms)
        told = len(home.raised(*KINDS))
        payload = json.dumps(body).encode()
        admitted = door.admit(f"{SENSOR.address}/event", payload, retain=False, received_at_ms=now_ms)
        kept = [msgspec.structs.replace(one, home_id=home.home.id, device_id=SENSOR.id) for one in admitted.readings]
        home.take_batch(kept, now_ms).until(now_ms + MINUTE_MS)
        if value and (metric == "sos" or not is_on):
            assert len(home.raised(*KINDS)) > told, (number, clock, body)
        is_on = value


@pytest.mark.parametrize("metric", ["smoke", "wet"])
def test_the_next_alarm_rings_after_an_end_by_a_reset_clock_of_one_from_before_a_restart(metric):
    home = Watched(SENSOR)
    for hours, value, shown_ms in ((0, True, NINE), (3, False, 0), (5, True, 0)):
        door, now_ms = Admission(DirectoryInMemory(SENSOR.address)), NINE + hours * HOUR_MS  # it knows the latest only
        body = json.dumps({metric: value, "ts": shown_ms}).encode()
        admitted = door.admit(f"{SENSOR.address}/event", body, retain=False, received_at_ms=now_ms)
        kept = [msgspec.structs.replace(one, home_id=home.home.id, device_id=SENSOR.id) for one in admitted.readings]
        home.until(now_ms).take_batch(kept, now_ms)
    assert len(home.raised(*KINDS)) == 2
