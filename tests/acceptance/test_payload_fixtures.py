"""The specification's 56 messages: exactly its values, and a sign of life exactly where it says so."""

import json
from typing import Any

import msgspec
import pytest
from fixture_rows import EXPOSES, NOW_MS, arrival_ms
from ingest_everywhere import EveryDevice
from shared_data import SHARED, shared_file

from core.events import Flag, Metric, Reading
from ingest.admission import Admission
from registry.homes import DeviceRole
from rules.grading import SIGNS_OF_LIFE, Grade, grade_of

FILE = "spec/payload_fixtures.jsonl"
PATH = SHARED / FILE
ROWS: list[dict[str, Any]] = (
    [json.loads(line) for line in PATH.read_text("utf-8").splitlines()] if PATH.exists() else []
)
RECORDS = {  # what the fixtures' notes say that an electrician wrote down
    "tasmota/tasmota_A1B2C3": {"Switch1": "open", "C1": "L"},
    "shelly/shellyplusuni-aabbccddeeff": {"input:2": "L"},
    "alink/a1PK/h0123box": {"DoorOpen": "open", "WaterTotal": "m³"},
}
SLOTS = {"id": 1, "src": "shellyblugwg3-aabbccddeeff", "dst": "x", "result": {"components": [
    {"key": "bthomesensor:201", "config": {"id": 201, "obj_id": 0x2D, "idx": 0}},
]}}  # fmt: skip


def described(name: str, node: str, **properties: dict[str, str]) -> tuple[str, dict[str, Any]]:
    body = {"homie": "5.0", "version": 1, "name": name, "nodes": {node: {"properties": properties}}}
    return f"homie/5/{name}/$description", body


DEFINITIONS: list[tuple[str, Any]] = [  # what the fixtures' notes say that discovery has told before
    ("zigbee2mqtt/bridge/devices", EXPOSES),
    ("shellyblugwg3-aabbccddeeff/rpc", SLOTS),
    described("h0123-pir", "motion", motion={"datatype": "boolean"}),
    described("h0123-leak", "leak", wet={"datatype": "boolean"}),
    described("h0123-water", "meter", total={"datatype": "float", "unit": "m³"}),
    described("h0123-elec", "meter", energy={"datatype": "float", "unit": "kWh"}),
]


def told() -> Admission:
    """Return a door that has heard every definition among the fixtures, and what their notes take for known."""
    door = Admission(EveryDevice(RECORDS))
    sent = [(topic, json.dumps(body)) for topic, body in DEFINITIONS]
    sent += [(row["topic"], row["payload"]) for row in ROWS if row["topic"].endswith(("/$description", "/config"))]
    for topic, payload in sent:
        if payload:
            door.admit(topic, payload.encode(), retain=True, received_at_ms=NOW_MS)
    return door


def values(row: dict[str, Any], readings: tuple[Reading, ...], door: Admission) -> dict[str, Any]:
    got: dict[str, Any] = {reading.metric.value: reading.value for reading in readings}
    if "discovered" in row["expect"]:
        got["discovered"] = [one.metric.value for one in door.conventions.home_assistant.discovered(row["topic"])]
    return got


def proof(row: dict[str, Any], readings: tuple[Reading, ...]) -> str:
    """Return "yes", "delta" (only growth proves, and how well is the rules' affair) or "no"."""
    registers = {Metric.WATER_TOTAL_L, Metric.ENERGY_TOTAL_WH}
    best = "no"
    for reading in readings:
        before = row["prev"].get(reading.metric.value)
        grade = grade_of(reading, DeviceRole.INTERIOR_MOTION, before)
        if grade in SIGNS_OF_LIFE and reading.metric not in registers:
            return "yes"
        still = msgspec.structs.replace(reading, value=before) if before is not None else reading
        if grade is not Grade.NONE and grade_of(still, DeviceRole.INTERIOR_MOTION, before) is Grade.NONE:
            best = "delta"
    return best


def test_the_specification_has_the_56_messages():
    shared_file(FILE)
    assert len(ROWS) == 56


@pytest.mark.parametrize("number", range(56), ids=[f"{row['conv']}: {row['name']}" for row in ROWS] or None)
def test_a_message_of_the_specification_gives_exactly_its_values_and_counts_as_life_only_where_it_may(number):
    shared_file(FILE)
    row = ROWS[number]
    door = told()
    readings, parked = door.admit(
        row["topic"], row["payload"].encode(), retain=row["retain"], received_at_ms=arrival_ms(row)
    )
    assert parked is None
    assert values(row, readings, door) == row["expect"]
    assert proof(row, readings) == row["life"]
    if row["retain"]:
        assert all(reading.flags & Flag.REPLAY or reading.metric is Metric.REMOVED for reading in readings)
