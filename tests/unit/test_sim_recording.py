"""A recording becomes messages exactly, with a map that names its mistakes and a replay that can fall silent."""

import gzip
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from shared_data import shared_file
from sim_homes import bodies

from core.errors import ConfigurationError
from core.localtime import DAY_MS, to_ms
from device_sim.guessed_map import guessed_sensor_map
from device_sim.map_tables import MappedSensor
from device_sim.messages import messages_of
from device_sim.recording import read_recording
from device_sim.replay import open_replay
from device_sim.sensor_map import bare_sensor_map, device_name, load_sensor_map, parse_sensor_map, shipped_sensor_map
from ingest.formats.meaning import Installed
from ingest.formats.native import Native
from ingest.raw import Message
from registry.homes import ContactRole, DeviceRole

TM000 = "data/motion/tm000_multiday_absence.csv.gz"
EVENTS = 21_968
SHANGHAI = ZoneInfo("Asia/Shanghai")

LINES = """local_time,sensor,value
2024-03-01 08:00:00.500,Kitchen,ON
2024-03-01 08:00:01,Kitchen,OFF
2024-03-01 09:30:00,FrontDoor,OPEN
2024-03-01 09:30:05,FrontDoor,CLOSE
2024-03-02 07:00:00,Meter,1234.5
"""
MAP = bare_sensor_map(
    "h9",
    {
        "Kitchen": MappedSensor(role=DeviceRole.INTERIOR_MOTION),
        "FrontDoor": MappedSensor(role=DeviceRole.OUTSIDE_DOOR),
        "Meter": MappedSensor(role=DeviceRole.WATER_METER),
    },
    where="the test's map",
)


def at(text, tz=SHANGHAI):
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=tz))


def written(tmp_path, text=LINES, name="r.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(call, *words: str):
    with pytest.raises(ConfigurationError) as caught:
        call()
    text = str(caught.value)
    assert "Remedy: " in text
    assert all(word in text for word in words), text


def test_a_recording_as_casas_publishes_it_is_the_same_recording(tmp_path):
    rows = [line.split(",") for line in LINES.splitlines()[1:]]
    raw = "".join("\t".join((*time.split(), sensor, value)) + "\n" for time, sensor, value in rows)
    raw = raw.replace("ON\n", "ON\tMeal_Preparation begin\n") + "\n"  # some lines are annotated, and the last is empty
    as_casas = list(read_recording(written(tmp_path, raw, "raw.txt"), MAP))
    assert as_casas == list(read_recording(written(tmp_path), MAP))


def test_a_line_of_such_a_recording_that_lacks_a_column_is_named(tmp_path):
    raw = "2024-03-01 08:00:00 Kitchen ON\n2024-03-01 08:00:01 Kitchen\n"
    refused(
        lambda: list(read_recording(written(tmp_path, raw), MAP)), "line 2", "3 columns", "date, time, sensor, value"
    )


def test_all_events_of_the_week_become_messages_with_keys_of_their_own():
    path, sensor_map = shared_file(TM000), shipped_sensor_map("tm000")
    replay = open_replay(path, sensor_map)
    messages = list(replay.source())
    keys = set()
    for message in messages:
        (raw,) = Native(Installed(lambda _address: {})).decode(
            Message(message.topic, message.payload, False, message.at_ms)
        )
        keys.add((raw.address, raw.metric, raw.observed_at_ms, raw.seq))
    assert replay.events == len(messages) == len(keys) == EVENTS
    assert replay.start_ms == messages[0].at_ms == at("2016-07-12 00:00:30.600")
    assert replay.until_ms == messages[-1].at_ms == at("2016-07-18 23:43:36.143")
    assert all(a.at_ms <= b.at_ms for a, b in pairwise(messages))
    with gzip.open(path, "rt") as lines:
        next(lines)
        for line, message, (_, device, body) in zip(lines, messages, bodies(messages), strict=True):
            local_time, sensor, value = line.strip().split(",")
            assert (message.at_ms, device, body["motion"]) == (at(local_time), device_name(sensor), value == "ON")


def test_the_shipped_map_has_every_sensor_of_the_recording_and_a_person_with_people_to_call():
    registration = shipped_sensor_map("tm000").registration
    roles = {d.address: d.role for d in registration.home.devices}
    assert len(roles) == 22
    assert roles["care/tm000/main_entryway"] is DeviceRole.OUTSIDE_DOOR_MOTION
    assert roles["care/tm000/bedroom_a_bed"] is DeviceRole.BED_MOTION
    assert roles["care/tm000/bathroom_a_toilet"] is DeviceRole.BATHROOM_MOTION
    assert roles["care/tm000/kitchen_a_sink"] is DeviceRole.INTERIOR_MOTION
    assert {c.role for c in registration.contacts} == set(ContactRole)
    assert registration.home.zone_name == "Asia/Shanghai"
    assert all(d.heartbeat_ms is None for d in registration.home.devices)


def test_values_are_read_as_their_device_means_them(tmp_path):
    events = list(read_recording(written(tmp_path), MAP))
    assert [(e.at_ms, e.device_id, e.metric.value, e.value) for e in events] == [
        (at("2024-03-01 08:00:00.500"), "h9/kitchen", "motion", True),
        (at("2024-03-01 08:00:01"), "h9/kitchen", "motion", False),
        (at("2024-03-01 09:30:00"), "h9/front_door", "open", True),
        (at("2024-03-01 09:30:05"), "h9/front_door", "open", False),
        (at("2024-03-02 07:00:00"), "h9/meter", "water_total", 1234.5),
    ]
    seqs = [(device, body["seq"]) for _, device, body in bodies(messages_of(events))]
    assert seqs == [("kitchen", 1), ("kitchen", 2), ("front_door", 1), ("front_door", 2), ("meter", 1)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2024-03-03 08:00:00,Kitchen", "2 columns"),
        ("2024-03-03 08:00:00,Cellar,ON", "no sensor 'Cellar'"),
        ("2024-03-03 08:00:00,Kitchen,PERHAPS", "neither on nor off"),
        ("2024-03-03 08:00:00,Meter,many", "many"),
        ("2024-03-03 08:00:00,Meter,nan", "not a finite number"),
        ("yesterday,Kitchen,ON", "yesterday"),
        ("2024-03-03 08:00:00+08:00,Kitchen,ON", "has no zone"),
        ("2024-03-01 08:00:00,Kitchen,ON", "earlier than the line before"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_before_anything_is_published(tmp_path, line, words):
    path = written(tmp_path, LINES + line + "\n")
    refused(lambda: open_replay(path, MAP), f"{path}, line 7", words)


def test_a_file_of_another_shape_is_named_with_its_remedy(tmp_path):
    refused(lambda: open_replay(written(tmp_path, "a,b\n"), MAP), "line 1", "local_time,sensor,value")
    refused(lambda: open_replay(tmp_path / "absent.csv", MAP), "absent.csv")
    broken = written(tmp_path, LINES, "r.csv.gz")
    refused(lambda: open_replay(broken, MAP), "r.csv.gz")
    refused(lambda: open_replay(written(tmp_path, "local_time,sensor,value\n"), MAP), "no event")


def test_the_hour_that_a_zone_repeats_is_read_as_two_hours(tmp_path):
    text = (
        "local_time,sensor,value\n"
        "2024-10-27 02:30:00,Kitchen,ON\n2024-10-27 02:59:00,Kitchen,OFF\n2024-10-27 02:10:00,Kitchen,ON\n"
    )
    in_berlin = parse_sensor_map(
        '[home]\nid = "h9"\nzone = "Europe/Berlin"\n[sensor]\nKitchen = { role = "interior_motion" }', where="x"
    )
    times = [e.at_ms for e in read_recording(written(tmp_path, text), in_berlin)]
    assert [b - a for a, b in pairwise(times)] == [29 * 60_000, 11 * 60_000]


def test_a_gateway_of_a_home_file_promises_its_heartbeat_and_a_sensor_without_one_promises_nothing():
    text = '[home]\nid = "h9"\n[sensor]\ngw = { role = "gateway", heartbeat_s = 60 }\nB = { role = "bed_motion" }\n'
    devices = parse_sensor_map(text, where="x").registration.home.devices
    assert [device.heartbeat_ms for device in devices] == [60_000, None]


def test_sensors_fall_silent_at_a_time_and_time_goes_on_to_the_end(tmp_path):
    replay = open_replay(written(tmp_path), MAP, silence_from_ms=at("2024-03-01 09:30:00"))
    assert [m.at_ms for m in replay.source()] == [at("2024-03-01 08:00:00.500"), at("2024-03-01 08:00:01")]
    assert replay.until_ms == at("2024-03-02 07:00:00")


def test_a_loop_lives_at_the_same_hours_and_its_seq_goes_on(tmp_path):
    replay = open_replay(written(tmp_path), MAP, loops=3)
    messages = list(replay.source())
    assert len(messages) == 15
    assert messages[5].at_ms - messages[0].at_ms == DAY_MS
    assert [body["seq"] for _, device, body in bodies(messages) if device == "kitchen"] == [1, 2, 3, 4, 5, 6]
    assert replay.until_ms == messages[-1].at_ms
    assert open_replay(written(tmp_path), MAP, loops=None).until_ms is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[home]\nid = "h9"\n[sensor]\nA = { role = "roof" }\n', 4, "interior_motion"),
        ('[home]\nid = "h9"\n[sensor]\nA = { role = "gateway", heartbeat_s = 0 }\n', 4, "from 1 to 2678400"),
        ('[home]\nid = "h9"\n[sensor]\nA = { role = "gateway", heartbeat_s = 2678401 }\n', 4, "31 days"),
        ('[home]\nid = "h9"\n[sensor]\nA = { role = "gateway", heartbeat_s = "60" }\n', 4, "whole seconds"),
        ('[home]\nid = "h9"\n[sensor]\nA = { rolle = "bed_motion" }\n', 4, "rolle"),
        ('[home]\nid = "h9"\n[sensor.A]\nroom = "x"\n', 3, "role"),
        ('[home]\nid = "h/9"\n[sensor]\nA = { role = "bed_motion" }\n', 2, "a-z"),
        ('[home]\nid = "h9"\nzone = "Moon/Base"\n[sensor]\nA = { role = "bed_motion" }\n', 3, "IANA"),
        ('[home]\nid = "h9"\ncolour = 1\n[sensor]\nA = { role = "bed_motion" }\n', 3, "colour"),
        ('[home]\nid = "h9"\n[[contact]]\nrole = "duty"\n[[contact]]\nrole = "cat"\n[sensor]\nA = { role = "bed_motion" }\n', 6, "family"),
        ('[home]\nid = "h9"\n[person]\ncategories = ["happy"]\n[sensor]\nA = { role = "bed_motion" }\n', 4, "alone"),
        ('[home]\nid = "h9"\n[senors]\n', 3, "senors"),
        ("[home]\nid = = 3\n", 2, "not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_map_is_named_with_file_line_and_remedy(tmp_path, text, line, words):
    path = written(tmp_path, text, "home.toml")
    refused(lambda: load_sensor_map(path), f"{path}, line {line}:", words)


def test_a_map_without_its_tables_says_what_to_add(tmp_path):
    refused(lambda: parse_sensor_map("", where="x.toml"), "no [home]", "add [home]")
    refused(lambda: parse_sensor_map('[home]\nid = "h9"\n', where="x.toml"), "no sensors", "add [sensor]")
    refused(lambda: load_sensor_map(tmp_path / "absent.toml"), "absent.toml")
    refused(lambda: shipped_sensor_map("nowhere"), "nowhere")
    two = '[home]\nid = "h9"\n[sensor]\nKitchenA = { role = "bed_motion" }\nkitchen_a = { role = "bed_motion" }\n'
    refused(lambda: parse_sensor_map(two, where="x.toml"), "line 5", "kitchen_a")


def test_a_map_is_guessed_from_names_and_values_and_said_aloud(tmp_path):
    text = (
        LINES.replace("Meter", "WaterMeter")
        + "2024-03-02 08:00:00,BedroomBed,ON\n2024-03-02 08:00:00,HallDoor,OPEN\n2024-03-02 08:00:00,WC,OFF\n"
    )
    guessed, said = guessed_sensor_map(written(tmp_path, text), "h5")
    roles = {name: sensor.role for name, sensor in guessed.sensors.items()}
    assert roles == {
        "BedroomBed": DeviceRole.BED_MOTION,
        "FrontDoor": DeviceRole.OUTSIDE_DOOR,
        "HallDoor": DeviceRole.INTERIOR_DOOR,
        "Kitchen": DeviceRole.INTERIOR_MOTION,
        "WaterMeter": DeviceRole.WATER_METER,
        "WC": DeviceRole.BATHROOM_MOTION,
    }
    assert len(said) == 6
    assert any("FrontDoor" in line and "outside_door" in line for line in said)
    assert len(list(read_recording(written(tmp_path, text), guessed))) == 8


def test_the_guess_for_the_real_week_finds_the_entrance_and_the_beds():
    guessed, _ = guessed_sensor_map(shared_file(TM000), "tm000")
    mine, shipped = guessed.sensors, shipped_sensor_map("tm000").sensors
    assert {name: s.role for name, s in mine.items()} == {name: s.role for name, s in shipped.items()}


def test_values_that_no_sensor_gives_are_refused_by_the_guess(tmp_path):
    assert "Meter,1234.5" in LINES
    refused(lambda: guessed_sensor_map(written(tmp_path, LINES), "h5"), "Meter", "what its numbers count")
    text = "local_time,sensor,value\n2024-03-02 08:00:00,Radio,jazz\n"
    refused(lambda: guessed_sensor_map(written(tmp_path, text), "h5"), "Radio", "neither on/off")
