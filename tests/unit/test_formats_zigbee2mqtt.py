"""Zigbee2MQTT: what a definition changes, what several parts of one device say, and what no definition may guess."""

import gzip
import json

import msgspec
import pytest
from formats_kit import Ear
from shared_data import shared_file

from core.log import ParkReason
from ingest.formats.zigbee2mqtt_exposes import Expose, Verdict, properties_of

DEVICES = "zigbee2mqtt/bridge/devices"


def listed(name, *exposes: dict):
    return {"friendly_name": name, "definition": {"exposes": list(exposes)}}


def numeric(name, unit=None, **more):
    return {"type": "numeric", "property": name, "access": 1, "unit": unit, **more}


def binary(name, **more):
    return {"type": "binary", "property": name, "access": 1, "value_on": True, "value_off": False, **more}


@pytest.mark.parametrize(("unit", "litres"), [("L", 12.0), ("m³", 12_000.0), ("m3", 12_000.0)])
def test_a_water_registers_unit_comes_from_the_definition(unit, litres):
    ear = Ear()
    ear.hear(DEVICES, [listed("h1/water", numeric("water_consumed", unit))], retain=True)
    assert ear.hear("zigbee2mqtt/h1/water", {"water_consumed": 12}) == {"water_total": litres}


def test_a_unit_that_only_the_install_record_states_is_taken_and_discovery_wins_over_it():
    ear = Ear()
    ear.install("zigbee2mqtt/h1/water", water_consumed="m³")
    assert ear.hear("zigbee2mqtt/h1/water", {"water_consumed": 12}) == {"water_total": 12_000.0}
    ear.hear(DEVICES, [listed("h1/water", numeric("water_consumed", "L"))], retain=True)
    assert ear.hear("zigbee2mqtt/h1/water", {"water_consumed": 12}) == {"water_total": 12.0}


def test_a_unit_that_nobody_knows_is_refused_and_not_guessed():
    ear = Ear()
    ear.hear(DEVICES, [listed("h1/water", numeric("water_consumed", "firkin"))], retain=True)
    assert ear.refusal("zigbee2mqtt/h1/water", {"water_consumed": 12})[0] is ParkReason.UNKNOWN_UNIT


def test_the_contact_of_a_device_that_says_on_and_off_is_closed_when_on():
    ear = Ear()
    odd = {"type": "binary", "property": "contact", "access": 5, "value_on": "ON", "value_off": "OFF"}
    ear.hear(DEVICES, [listed("h1/door", odd)], retain=True)
    assert ear.hear("zigbee2mqtt/h1/door", {"contact": "ON"}) == {"open": False}


def test_gas_is_an_alarm_where_it_is_a_truth_and_nothing_where_it_is_a_quantity():
    ear = Ear()
    assert ear.hear("zigbee2mqtt/h1/gas", {"gas": True}) == {"gas": True}
    assert ear.hear("zigbee2mqtt/h1/meter", {"gas": 12.5}) == {}
    ear.hear(DEVICES, [listed("h1/meter", numeric("gas", "m³"))], retain=True)
    assert ear.hear("zigbee2mqtt/h1/meter", {"gas": 1}) == {}


@pytest.mark.parametrize(
    ("fields", "heard"),
    [
        ({"leak_1": True, "leak_2": False}, True),
        ({"leak_2": True}, True),
        ({"leak_1": False, "leak_2": False}, False),
        ({"leak_1": False}, None),  # the other one may still be wet
    ],
)
def test_several_leak_inputs_are_one_leak_and_end_only_when_all_have_said_so(fields, heard):
    ear = Ear()
    inputs = [binary(f"water_leak_zone_{n}") for n in (1, 2)]
    ear.hear(DEVICES, [listed("h1/hub", *inputs)], retain=True)
    said = ear.hear("zigbee2mqtt/h1/hub", {name.replace("leak", "water_leak_zone"): v for name, v in fields.items()})
    assert said.get("wet") is heard
    assert {name for name in said if name != "wet"} == {f"water_leak_zone_{name[-1]} wet" for name in fields}


def test_of_two_meters_in_one_device_neither_speaks_for_the_whole():
    ear = Ear()
    sockets = [numeric(f"power_{n}", "W", endpoint=str(n)) for n in (1, 2)]
    ear.hear(DEVICES, [listed("h1/strip", *sockets)], retain=True)
    found = ear.readings("zigbee2mqtt/h1/strip", {"power_1": 3, "power_2": 1800})
    assert [(one.part, one.value, one.is_main) for one in found] == [
        ("power_1", 3.0, False),
        ("power_2", 1800.0, False),
    ]


def test_an_irrigations_last_amount_is_not_taken_for_a_register():
    ear = Ear()
    told = numeric("water_consumed", "L", description="Last irrigation water consumption")
    ear.hear(DEVICES, [listed("h1/garden", told)], retain=True)
    assert ear.hear("zigbee2mqtt/h1/garden", {"water_consumed": 12}) == {}


@pytest.mark.parametrize("action", ["emergency", "sos", "panic"])
def test_every_word_for_help_is_an_sos_and_other_actions_are_nothing(action):
    ear = Ear()
    assert ear.hear("zigbee2mqtt/h1/remote", {"action": action}) == {"sos": True}
    assert ear.hear("zigbee2mqtt/h1/remote", {"action": "arm_all_zones"}) == {}


def test_a_home_may_have_a_bridge_of_its_own_below_the_base():
    ear = Ear()
    ear.hear("zigbee2mqtt/h1/bridge/devices", [listed("water", numeric("water_consumed", "L"))], retain=True)
    assert ear.hear("zigbee2mqtt/h1/water", {"water_consumed": 12}) == {"water_total": 12.0}
    (down,) = ear.readings("zigbee2mqtt/h1/bridge/state", {"state": "offline"}, retain=True)
    assert (down.address, down.metric, down.value) == ("zigbee2mqtt/h1/bridge", "bridge_online", False)


def test_attribute_output_gives_the_same_reading_as_json():
    ear = Ear()
    (one,) = ear.readings("zigbee2mqtt/h1/door/contact", "false")
    assert (one.address, one.metric, one.value) == ("zigbee2mqtt/h1/door", "open", True)
    assert ear.hear("zigbee2mqtt/h1/door/battery", "87") == {"battery": 87.0}


@pytest.mark.parametrize("topic", ["zigbee2mqtt/h1/door/set", "zigbee2mqtt/h1/door/get", "zigbee2mqtt/bridge/health"])
def test_commands_and_the_bridges_own_talk_are_no_readings(topic):
    assert Ear().hear(topic, {"state": ""}) == {}


def test_a_device_that_leaves_or_vanishes_from_the_list_is_said_to_be_removed():
    ear = Ear()
    ear.hear(DEVICES, [listed("h1/door", binary("contact")), listed("h1/pir", binary("occupancy"))], retain=True)
    (gone,) = ear.readings(DEVICES, [listed("h1/pir", binary("occupancy"))], retain=True)
    assert (gone.address, gone.metric, gone.value) == ("zigbee2mqtt/h1/door", "removed", True)
    left = {"type": "device_leave", "data": {"friendly_name": "h1/pir"}}
    (gone,) = ear.readings("zigbee2mqtt/bridge/event", left)
    assert (gone.address, gone.metric) == ("zigbee2mqtt/h1/pir", "removed")


def test_a_retained_availability_is_marked_as_sent_again():
    (one,) = Ear().readings("zigbee2mqtt/h1/pir/availability", "online", retain=True)
    assert one.is_replay


def test_a_definition_with_one_broken_device_is_refused_and_the_old_one_stays():
    ear = Ear()
    ear.hear(DEVICES, [listed("h1/water", numeric("water_consumed", "L"))], retain=True)
    assert ear.refusal(DEVICES, [{"friendly_name": 7}])[0] is ParkReason.UNDECODABLE
    assert ear.hear("zigbee2mqtt/h1/water", {"water_consumed": 12}) == {"water_total": 12.0}


def definitions():
    path = shared_file("data/vendor/z2m_exposes_relevant.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_every_property_of_every_known_device_is_read_or_has_its_reason():
    found = definitions()
    assert len(found) == 995
    leftover = [
        (device["vendor"], device["model"], one.name)
        for device in found
        for one in properties_of(msgspec.convert(device["exposes"], list[Expose]))
        if one.verdict is Verdict.UNEXPLAINED
    ]
    assert leftover == []


def test_every_known_door_motion_and_hazard_sensor_yields_what_it_is_bought_for():
    wanted = {
        "contact": "open", "occupancy": "motion", "presence": "presence", "water_leak": "wet", "smoke": "smoke",
        "carbon_monoxide": "co", "sos": "sos", "water_consumed": "water_total",
    }  # fmt: skip
    blind = []
    for device in definitions():
        properties = properties_of(msgspec.convert(device["exposes"], list[Expose]))
        metrics = {one.metric.value for one in properties if one.is_read}
        blind += [(device["model"], hit) for hit in device["hit"] if hit in wanted and wanted[hit] not in metrics]
    # what a valve let through last time is no register
    assert blind == [("QT06_1", "water_consumed"), ("QT06_2", "water_consumed")]
