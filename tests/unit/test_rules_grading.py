"""What proves life and what does not: the specification's own fixtures, and the roles they do not know."""

import json

import pytest
from fixture_rows import EXPOSES, address_of, arrival_ms, rows
from ingest_directory import DirectoryInMemory
from rules_walk import reading
from shared_data import shared_file

from core.events import Flag, Metric
from ingest.admission import Admission
from registry.homes import DeviceRole
from rules.grading import SIGNS_OF_LIFE, Grade, grade_of


def grades(row) -> list[Grade]:
    door = Admission(DirectoryInMemory(address_of(row["topic"])))
    now_ms = arrival_ms(row)
    door.admit("zigbee2mqtt/bridge/devices", json.dumps(EXPOSES).encode(), retain=True, received_at_ms=now_ms)
    admitted = door.admit(row["topic"], row["payload"].encode(), retain=row["retain"], received_at_ms=now_ms)
    return [grade_of(one, DeviceRole.INTERIOR_MOTION, row["prev"].get(one.metric)) for one in admitted.readings]


@pytest.mark.parametrize("convention", ["zigbee2mqtt", "generic"])
def test_every_fixture_is_a_sign_of_life_exactly_when_the_specification_says_so(convention):
    shared_file("spec/payload_fixtures.jsonl")
    for row in rows(convention):
        is_sign = any(grade in SIGNS_OF_LIFE for grade in grades(row))
        assert is_sign == (row["life"] in {"yes", "delta"}), row["name"]


@pytest.mark.parametrize(
    ("role", "metric", "previous", "value", "grade"),
    [
        (DeviceRole.INTERIOR_MOTION, Metric.MOTION, False, True, Grade.B),
        (DeviceRole.INTERIOR_MOTION, Metric.MOTION, None, True, Grade.B),
        (DeviceRole.INTERIOR_MOTION, Metric.MOTION, True, True, Grade.NONE),
        (DeviceRole.INTERIOR_MOTION, Metric.MOTION, True, False, Grade.NONE),
        (DeviceRole.BED_MOTION, Metric.MOTION, False, True, Grade.C),
        (DeviceRole.OUTSIDE_DOOR, Metric.OPEN, True, False, Grade.A),
        (DeviceRole.OUTSIDE_DOOR, Metric.OPEN, None, False, Grade.NONE),
        (DeviceRole.WATER_METER, Metric.WATER_TOTAL_L, 10.0, 10.0, Grade.NONE),
        (DeviceRole.WATER_METER, Metric.WATER_TOTAL_L, 10.0, 9.0, Grade.NONE),
        (DeviceRole.WATER_METER, Metric.WATER_TOTAL_L, None, 10.0, Grade.NONE),
        (DeviceRole.WATER_METER, Metric.WATER_TOTAL_L, 10.0, 11.0, Grade.A),
        (DeviceRole.APPLIANCE, Metric.POWER_W, 2.0, 1800.0, Grade.A),
        (DeviceRole.POWER_METER, Metric.POWER_W, 90.0, 240.0, Grade.NONE),  # a refrigerator starts
        (DeviceRole.POWER_METER, Metric.ENERGY_TOTAL_WH, 90.0, 240.0, Grade.D),
        (DeviceRole.SMOKE_GAS_CO, Metric.SMOKE, False, True, Grade.NONE),
        (DeviceRole.GATEWAY, Metric.ONLINE, False, True, Grade.NONE),
    ],
)
def test_only_a_fresh_change_proves_life(role, metric, previous, value, grade):
    assert grade_of(reading("d", metric, value, 1), role, previous) is grade


def test_a_retained_or_cached_state_proves_nothing():
    retained = reading("d", Metric.MOTION, True, 1, flags=int(Flag.REPLAY))
    assert grade_of(retained, DeviceRole.INTERIOR_MOTION, False) is Grade.NONE
