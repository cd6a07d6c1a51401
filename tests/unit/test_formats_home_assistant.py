"""Home Assistant discovery: what a config makes readable, what stays refused, and that no removal goes untold."""

import pytest
from fixture_rows import NOW_MS
from formats_kit import Ear

from core.log import ParkReason

BOX = "homeassistant/device/box/config"


def component(ear, platform="binary_sensor", *, name="x", **options):
    config = {"state_topic": "box/state", "unique_id": name, "device": {"identifiers": ["box"]}, **options}
    ear.hear(f"homeassistant/{platform}/{name}/config", config, retain=True)
    return ear


def box(**components):
    return {"dev": {"ids": "box"}, "o": {"name": "acme"}, "cmps": components, "state_topic": "box/state"}


def door(**more):
    return {
        "p": "binary_sensor",
        "device_class": "door",
        "value_template": "{{ value_json.door }}",
        "unique_id": "door",
        **more,
    }


def water(**more):
    return {
        "p": "sensor",
        "device_class": "water",
        "unit_of_measurement": "m³",
        "value_template": "{{ value_json.w }}",
        "unique_id": "water",
        **more,
    }


@pytest.mark.parametrize(
    ("kind", "metric"),
    [
        ("door", "open"), ("window", "open"), ("opening", "open"), ("garage_door", "open"), ("motion", "motion"),
        ("occupancy", "motion"), ("presence", "motion"), ("moisture", "wet"), ("smoke", "smoke"), ("gas", "gas"),
        ("carbon_monoxide", "co"), ("safety", "sos"), ("battery", "battery_low"), ("tamper", "tamper"),
        ("connectivity", "online"),
    ],
)  # fmt: skip
def test_a_device_class_is_a_truth_of_ours(kind, metric):
    ear = component(Ear(), device_class=kind)
    assert ear.hear("box/state", "ON") == {f"x {metric}": True}
    assert ear.hear("box/state", "OFF") == {f"x {metric}": False}


def test_a_problem_is_an_alert_of_the_device():
    ear = component(Ear(), device_class="problem")
    assert ear.hear("box/state", "ON") == {"x device_alert": "problem"}
    assert ear.hear("box/state", "OFF") == {"x device_alert": ""}


@pytest.mark.parametrize(
    ("kind", "unit", "given", "heard"),
    [
        ("water", "L", "12.5", {"water_total": 12.5}), ("energy", "MWh", "1", {"energy_total": 1e6}),
        ("power", "kW", "1.5", {"power": 1500.0}), ("battery", "%", "80", {"battery": 80.0}),
        ("temperature", "°F", "68", {"temperature": 20.0}), ("volume_flow_rate", "L/min", "2", {"water_flow": 120.0}),
        ("power", "W", "unknown", {}), ("humidity", "%", "40", None), ("gas", "m³", "40", None),
    ],
)  # fmt: skip
def test_a_number_is_read_in_the_unit_that_the_config_states(kind, unit, given, heard):
    ear = component(Ear(), "sensor", device_class=kind, unit_of_measurement=unit)
    if heard is None:
        assert ear.refusal("box/state", given)[0] is ParkReason.UNKNOWN_TOPIC
    else:
        assert ear.hear("box/state", given) == {f"x {metric}": value for metric, value in heard.items()}


def test_payloads_of_a_config_are_the_words_their_template_renders():
    ear = Ear()
    ear.hear(
        BOX,
        box(
            door=door(payload_on=False, payload_off=True),
            lid=door(unique_id="lid", pl_on="1", pl_off="0", val_tpl="{{ value_json.lid }}"),
        ),
    )
    assert ear.hear("box/state", {"door": False, "lid": 1}) == {"door open": True, "lid open": True}


def test_a_field_that_is_not_there_this_time_is_nothing_and_a_word_that_is_neither_is_absurd():
    ear = Ear()
    ear.hear(BOX, box(door=door(), water=water()))
    assert ear.hear("box/state", {"w": 1.5}) == {"water water_total": 1500.0}
    assert ear.refusal("box/state", {"door": "ajar"})[0] is ParkReason.ABSURD_VALUE


def test_the_base_and_the_abbreviations_are_written_out():
    ear = Ear()
    config = {
        "~": "box/",
        "uniq_id": "pir",
        "dev_cla": "motion",
        "stat_t": "~state",
        "pl_on": "1",
        "pl_off": "0",
        "dev": {"ids": ["box"]},
    }
    ear.hear("homeassistant/binary_sensor/n/pir/config", config)
    (one,) = ear.readings("box/state", "1")
    assert (one.address, one.part, one.metric, one.value) == ("homeassistant/box", "pir", "motion", True)


def test_a_sensor_that_never_says_off_ends_when_it_said_it_would_and_begins_again():
    ear = component(Ear(), device_class="motion", off_delay=30)
    assert [one.value for one in ear.readings("box/state", "ON", at_ms=NOW_MS)] == [True]
    assert [one.value for one in ear.readings("box/state", "ON", at_ms=NOW_MS + 10_000)] == [True]
    found = ear.readings("box/state", "ON", at_ms=NOW_MS + 100_000)
    assert [(one.value, one.observed_at_ms) for one in found] == [(False, NOW_MS + 40_000), (True, None)]
    assert [one.value for one in ear.readings("box/state", "ON", retain=True, at_ms=NOW_MS + 900_000)] == [True]


def test_of_two_doors_neither_speaks_for_the_box_but_each_hazard_does():
    ear = Ear()
    leak = door(device_class="moisture", unique_id="leak")
    ear.hear(BOX, box(a=door(unique_id="a"), b=door(unique_id="b"), leak=leak))
    found = ear.readings("box/state", {"door": "ON"})
    assert [(one.part, one.is_main) for one in found] == [("a", False), ("b", False), ("leak", True)]


def test_an_availability_speaks_for_the_device_and_for_each_entity():
    ear = Ear()
    ear.hear(BOX, box(door=door(), water=water()) | {"avty_t": "box/status", "pl_avail": "up", "pl_not_avail": "down"})
    said = ear.hear("box/status", "down", retain=True)
    assert said == {"online": False, "door online": False, "water online": False}
    assert ear.refusal("box/status", "sideways")[0] is ParkReason.UNDECODABLE


def test_when_all_are_needed_one_alone_does_not_vouch_but_one_alone_ends_it():
    ear = Ear()
    both = [{"topic": "bridge/state", "value_template": "{{ value_json.state }}"}, {"topic": "box/status"}]
    ear.hear(BOX, box(door=door(availability=both, availability_mode="all")))
    assert ear.hear("box/status", "online") == {}
    assert ear.hear("bridge/state", {"state": "online"}) == {"online": True, "door online": True}
    assert ear.hear("box/status", "offline") == {"online": False, "door online": False}


def test_an_entity_that_cannot_be_read_refuses_the_config_and_the_others_are_read():
    ear = Ear()
    unitless = water(unit_of_measurement=None)
    assert ear.refusal(BOX, box(door=door(), water=unitless))[0] is ParkReason.UNKNOWN_UNIT
    assert ear.hear("box/state", {"door": "ON", "w": 1}) == {"door open": True}
    looped = water(value_template="{% for x in value_json %}{{ x }}{% endfor %}")
    assert ear.refusal(BOX, box(door=door(), water=looped))[0] is ParkReason.UNKNOWN_MEANING


def test_a_topic_that_nobody_can_listen_to_is_complained_of_with_the_remedy_and_the_entity_kept():
    ear = Ear(topics=("homeassistant/#", "heard/+"), room=0)
    reason, detail = ear.refusal(BOX, box(door=door()))
    assert reason is ParkReason.UNKNOWN_TOPIC
    assert "box/state" in detail
    assert "mqtt_topics" in detail
    assert ear.hear(BOX, box(door=door()) | {"state_topic": "heard/box"}) == {}


def test_the_install_record_may_turn_a_truth_round():
    ear = component(Ear(), device_class="door")
    ear.install("homeassistant/box", x="not open")
    assert ear.hear("box/state", "ON") == {"x open": False}


def test_every_way_to_remove_is_told():
    ear = Ear()
    ear.hear(BOX, box(door=door(), water=water()))
    assert ear.hear(BOX, box(door=door(), water={"p": "sensor"})) == {"water removed": True}
    assert ear.hear(BOX, "") == {"door removed": True, "removed": True}
    assert ear.refusal("box/state", {"door": "ON"})[0] is ParkReason.UNKNOWN_TOPIC
    (gone,) = ear.readings("homeassistant/device/unheard/config", "")
    assert (gone.address, gone.metric) == ("homeassistant/unheard", "removed")


def test_a_device_of_several_configs_is_removed_with_the_last_of_them():
    ear = component(component(Ear(), name="a", device_class="door"), name="b", device_class="motion")
    assert ear.hear("homeassistant/binary_sensor/a/config", "") == {"a removed": True}
    assert ear.hear("homeassistant/binary_sensor/b/config", "") == {"b removed": True, "removed": True}


def test_a_config_of_another_convention_is_learned_and_that_convention_goes_on_reading():
    ear = component(
        Ear(), device_class="door", state_topic="zigbee2mqtt/h1/door", value_template="{{ value_json.contact }}"
    )
    (one,) = ear.readings("zigbee2mqtt/h1/door", {"contact": False})
    assert one.address == "zigbee2mqtt/h1/door"


def test_a_state_topic_below_a_tasmota_board_that_tasmota_does_not_know_is_read_by_discovery():
    ear = component(Ear(), device_class="motion", state_topic="stat/board/MOTION", payload_on="1", payload_off="0")
    assert ear.hear("stat/board/MOTION", "1") == {"x motion": True}


@pytest.mark.parametrize("topic", ["homeassistant/status", "homeassistant/light/x/config"])
def test_births_and_other_platforms_are_no_readings(topic):
    assert Ear().hear(topic, {"state_topic": "x", "device": {}} if topic.endswith("config") else "online") == {}


@pytest.mark.parametrize(
    "body",
    ["[]", "7", '{"cmps":7}', '{"dev":7,"cmps":{"a":7}}', '{"dev":{"ids":[]},"cmps":{"a":{}}}', '{"dev":{"ids":{}}}'],
)
def test_a_config_of_the_wrong_shape_is_refused_or_empty_and_raises_nothing_else(body):
    ear = Ear()
    if body[0] == "{":
        assert ear.hear(BOX, body) == {}
    else:
        assert ear.refusal(BOX, body)[0] is ParkReason.UNDECODABLE
