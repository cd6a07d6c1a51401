"""Whatever bytes arrive, they become readings or a parked message; nothing raises and nothing vanishes."""

import json

from hypothesis import given
from hypothesis import strategies as st
from ingest_directory import DirectoryInMemory

from core.events import Metric
from ingest.admission import Admission

TOPICS = [
    "care/h1/pir/event",
    "zigbee2mqtt/h1/pir",
    "zigbee2mqtt/h1/pir/availability",
    "zigbee2mqtt/bridge/devices",
    "x",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
NAMES = st.sampled_from(
    [*map(str, Metric), "ts", "seq", "contact", "occupancy", "last_seen", "state", "energy", "flow"]
)
BODIES = st.recursive(
    SCALARS | st.dictionaries(NAMES, SCALARS, max_size=4), lambda inner: st.lists(inner, max_size=3), max_leaves=6
)


@given(
    topic=st.sampled_from(TOPICS), payload=st.binary(max_size=60) | BODIES.map(lambda body: json.dumps(body).encode())
)
def test_any_payload_becomes_readings_or_is_parked_with_a_reason(topic, payload):
    door = Admission(DirectoryInMemory("care/h1/pir", "zigbee2mqtt/h1/pir"))
    readings, parked = door.admit(topic, payload, retain=False, received_at_ms=1_800_000_000_000)
    if parked is not None:
        assert parked.payload == payload
        assert parked.detail
    assert all(reading.home_id == "h1" for reading in readings)
