"""Shelly Gen2 and later: notifications, Bluetooth slots, several channels, and every dump of the vendor's devices."""

import gzip
import json

import pytest
from formats_kit import Ear
from shared_data import shared_file

from core.log import ParkReason
from ingest.formats.report import yielded

GATEWAY = "shellyblugwg3-aabb"


def slots(**objects):
    components = [{"key": f"bthomesensor:{key[1:]}", "config": {"obj_id": number}} for key, number in objects.items()]
    return {"id": 1, "src": GATEWAY, "dst": "someone", "result": {"components": components}}


def test_a_slot_of_which_nobody_said_what_it_is_is_refused():
    assert Ear().refusal(f"{GATEWAY}/status/bthomesensor:201", {"value": True})[0] is ParkReason.UNKNOWN_MEANING


@pytest.mark.parametrize(
    ("number", "value", "heard"),
    [
        (0x2D, True, {"open": True}), (0x21, True, {"motion": True}), (0x20, True, {"wet": True}), (0x01, 87, {"battery": 87.0}),
        (0x45, 21.5, {"temperature": 21.5}), (0x4F, 12.5, {"water_total": 12.5}), (0x4D, 1.5, {"energy_total": 1500.0}),
        (0x2E, 40, {}),
    ],
)  # fmt: skip
def test_a_slot_means_what_its_bthome_object_says(number, value, heard):
    ear = Ear()
    ear.hear("someone/rpc", slots(s201=number))
    said = ear.hear(f"{GATEWAY}/status/bthomesensor:201", {"value": value, "last_updated_ts": 1_795_392_120})
    assert said == {f"bthomesensor:201 {metric}": value for metric, value in heard.items()}


def test_the_install_record_says_what_a_slot_or_an_input_is():
    ear = Ear()
    ear.install(f"shelly/{GATEWAY}", bthomesensor__201="not open", input__0="wet")
    assert ear.hear(f"{GATEWAY}/status/bthomesensor:201", {"value": True}) == {"bthomesensor:201 open": False}
    assert ear.hear(f"{GATEWAY}/status/input:0", {"state": True}) == {"input:0 wet": True}


def test_an_input_that_may_be_a_wall_switch_is_no_reading_and_no_refusal():
    assert Ear().hear("plug/status/input:0", {"id": 0, "state": True}) == {}


def test_an_event_time_of_the_slot_wins_over_that_of_the_notification():
    ear = Ear()
    ear.hear("someone/rpc", slots(s201=0x2D))
    params = {"ts": 1_795_392_200.5, "bthomesensor:201": {"value": True, "last_updated_ts": 1_795_392_120}}
    (one,) = ear.readings(f"{GATEWAY}/events/rpc", {"src": GATEWAY, "method": "NotifyStatus", "params": params})
    assert one.observed_at_ms == 1_795_392_120_000


def test_only_the_first_of_several_channels_speaks_for_the_device():
    found = Ear().readings(
        "strip/events/rpc",
        {"method": "NotifyFullStatus", "params": {"switch:0": {"apower": 3}, "switch:1": {"apower": 1800}}},
    )
    assert [(one.part, one.value, one.is_main) for one in found] == [
        ("switch:0", 3.0, True),
        ("switch:1", 1800.0, False),
    ]


def test_a_notification_speaks_for_the_topic_it_came_by_and_not_for_whom_it_claims_to_be():
    claimed = {"src": "another", "method": "NotifyStatus", "params": {"smoke:0": {"alarm": True}}}
    (one,) = Ear().readings("h1/kitchen/smoke/events/rpc", claimed)
    assert (one.address, one.metric, one.value) == ("shelly/h1/kitchen/smoke", "smoke", True)


def test_a_press_is_an_sos_only_where_the_install_record_says_so():
    event = {"method": "NotifyEvent", "params": {"ts": 1.0, "events": [{"component": "input:0", "event": "single_push", "ts": 1_795_392_120}]}}  # fmt: skip
    ear = Ear()
    assert ear.hear("button/events/rpc", event) == {}
    ear.install("shelly/button", input__0="sos")
    assert ear.hear("button/events/rpc", event) == {"input:0 sos": True}


def test_a_flood_sensor_without_its_cable_says_so():
    said = Ear().hear("flood/status/flood:0", {"id": 0, "alarm": False, "errors": ["cable_unplugged"]})
    assert said == {"flood:0 wet": False, "flood:0 device_alert": "cable_unplugged"}


@pytest.mark.parametrize(
    ("component", "status", "heard"),
    [
        ("em1:0", {"act_power": 230.5}, {"power": 230.5}),
        ("em1data:0", {"total_act_energy": 9000.5}, {"energy_total": 9000.5}),
        ("pm1:0", {"apower": 12, "aenergy": {"total": 5}}, {"power": 12.0, "energy_total": 5.0}),
        ("presence:0", {"num_objects": 2}, {"presence": True}),
        ("presence:0", {"num_objects": 0}, {"presence": False}),
        ("presencezone:200", {"value": True}, {"presence": True}),
        ("blutrv:200", {"battery": 100, "current_C": 21}, {"battery": 100.0, "temperature": 21.0}),
        ("switch:0", {"output": True, "temperature": {"tC": 60}}, {}),
        ("temperature:0", {"tC": None}, {}),
    ],
)
def test_components_say_what_they_measure(component, status, heard):
    assert Ear().hear(f"shelly-x/status/{component}", status) == {f"{component} {m}": v for m, v in heard.items()}


@pytest.mark.parametrize("payload", ["maybe", ""])
def test_a_last_will_that_is_neither_true_nor_false_is_refused(payload):
    assert Ear().refusal("plug/online", payload)[0] is ParkReason.UNDECODABLE


def dumps():
    with gzip.open(shared_file("data/vendor/shelly_fixtures.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_every_part_of_every_dump_is_read_or_has_its_reason():
    found = [yielded(dump) for dump in dumps()]
    assert len(found) == 30
    assert [(one.name, one.unexplained) for one in found if one.unexplained] == []
    assert sum(bool(one.read) for one in found) == 10
    assert all(one.read or one.past for one in found)
