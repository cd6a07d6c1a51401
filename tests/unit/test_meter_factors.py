"""Litres a pulse, impulses a kilowatt-hour, a transformer's factor: per device, in every convention, applied once."""

import json

import pytest
from ingest_directory import DirectoryInMemory

from ingest.admission import Admission

NOW_MS = 1_790_000_000_000
SHELLY = b'{"id":2,"counts":{"total":47}}'
HA_CONFIG = {
    "dev": {"ids": "box"},
    "o": {"name": "x"},
    "cmps": {
        "w": {"p": "sensor", "device_class": "water", "unit_of_measurement": "L", "value_template": "{{ value_json.w }}",
              "unique_id": "w"}
    },
    "state_topic": "box/state",
}  # fmt: skip


def heard(address, units, *messages: tuple[str, bytes]):
    """Return the values that the last of some messages gives, by metric."""
    door = Admission(DirectoryInMemory(records={address: units}))
    told = {}
    for topic, payload in messages:
        readings, parked = door.admit(topic, payload, retain=False, received_at_ms=NOW_MS)
        assert parked is None, parked
        told = {one.metric.value: one.value for one in readings}
    return told


@pytest.mark.parametrize(
    ("address", "name", "messages"),
    [
        ("care/h1/water", "water_total", [("care/h1/water/event", b'{"water_total":47}')]),
        ("care/h1/water", "water_total", [("care/h1/water/senml", b'[{"n":"water_total","u":"l","v":47}]')]),
        ("zigbee2mqtt/water", "water_consumed", [("zigbee2mqtt/water", b'{"water_consumed":47}')]),
        ("tasmota/board", "C1", [("tele/board/SENSOR", b'{"COUNTER":{"C1":47}}')]),
        ("shelly/uni-1", "input:2", [("uni-1/status/input:2", SHELLY)]),
        ("homie/meter", "m/total", [("homie/5/meter/m/total", b"47")]),
        ("alink/pk/dn", "WaterCount", [("/sys/pk/dn/thing/event/property/post", b'{"params":{"WaterCount":47}}')]),
        (
            "homeassistant/box",
            "w",
            [("homeassistant/device/box/config", json.dumps(HA_CONFIG).encode()), ("box/state", b'{"w":47}')],
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_pulse_is_worth_what_the_install_record_says_in_every_convention_and_once(address, name, messages):
    assert heard(address, {name: "10 L"}, *messages) == {"water_total": 470.0}


def test_a_definition_that_states_a_unit_yields_to_the_record_of_the_one_device():
    exposes = [{"type": "numeric", "property": "water_consumed", "name": "water_consumed", "unit": "m³", "access": 1}]
    bridge = json.dumps([{"friendly_name": "water", "definition": {"model": "x", "exposes": exposes}}]).encode()
    told = ("zigbee2mqtt/bridge/devices", bridge)
    said = ("zigbee2mqtt/water", b'{"water_consumed":47}')
    assert heard("zigbee2mqtt/water", {"other": "L"}, told, said) == {"water_total": 47_000.0}
    assert heard("zigbee2mqtt/water", {"water_consumed": "0.5 L"}, told, said) == {"water_total": 23.5}


@pytest.mark.parametrize(
    ("units", "value"),
    [
        ({"energy_total": "1.25 Wh"}, 1_000.0),
        ({"energy_total": "40 Wh"}, 32_000.0),
        ({"energy_total": "kWh"}, 800_000.0),
    ],
)
def test_an_electric_counter_has_its_impulses_and_its_transformer(units, value):
    said = ("care/h1/power/event", b'{"energy_total":800}')
    assert heard("care/h1/power", units, said) == {"energy_total": value}


def test_the_range_is_checked_after_the_factor():
    door = Admission(DirectoryInMemory(records={"care/h1/water": {"water_total": "1000 L"}}))
    said = b'{"water_total":2000000}'
    readings, parked = door.admit("care/h1/water/event", said, retain=False, received_at_ms=NOW_MS)
    assert readings == ()
    assert parked.reason == "absurd_value"
    assert "outside" in parked.detail


def test_a_record_about_something_else_changes_nothing():
    said = ("care/h1/water/event", b'{"water_total":47,"battery":90}')
    assert heard("care/h1/water", {"water_total": "kWh"}, said) == {"water_total": 47.0, "battery": 90.0}
