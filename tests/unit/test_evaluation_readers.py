"""Recordings to be scored: any CSV with a small map, five-minute windows, registers; errors name file, line, remedy."""

import gzip
from pathlib import Path

import pytest

from app.evaluation.guessing import guess
from app.evaluation.tables import read_dataset
from core.errors import ConfigurationError
from core.events import Metric
from registry.homes import DeviceRole


def written(folder: Path, name: str, lines: list[str]) -> Path:
    path = folder / name
    data = "\n".join(lines).encode() + b"\n"
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def events(count=30):
    return [
        f"2024-03-04 {8 + n // 60:02d}:{n % 60:02d}:00,Kitchen,{'ON' if n % 2 == 0 else 'OFF'}" for n in range(count)
    ]


def read(path, **more):
    return read_dataset(path, path.name.split(".")[0], more.get("map_path"), every_household=more.get("all", False))


@pytest.mark.parametrize(
    ("sensor", "words", "role"),
    [
        ("Kitchen", {"ON", "OFF"}, DeviceRole.INTERIOR_MOTION),
        ("BathroomAToilet", {"ON", "OFF"}, DeviceRole.BATHROOM_MOTION),
        ("BedroomABed", {"ON"}, DeviceRole.BED_MOTION),
        ("OutsideDoor", {"OPEN", "CLOSE"}, DeviceRole.OUTSIDE_DOOR),
        ("MainEntryway", {"ON", "OFF"}, DeviceRole.OUTSIDE_DOOR_MOTION),
        ("Refrigerator", {"OPEN", "CLOSE"}, DeviceRole.INTERIOR_DOOR),
        ("KitchenARefrigerator", {"ON", "OFF"}, DeviceRole.INTERIOR_MOTION),
        ("WaterMeter", {"12.5", "13"}, DeviceRole.WATER_METER),
        ("T102", {"21.5"}, DeviceRole.CLIMATE),
        ("LS014", {"12"}, None),
    ],
)
def test_a_sensor_is_guessed_from_its_name_and_values_or_left_out(sensor, words, role):
    assert guess(sensor, words) is role


def test_a_csv_with_a_map_beside_it_is_read_with_its_zone_and_roles(tmp_path):
    (tmp_path / "flat.toml").write_text('zone = "Europe/Madrid"\n[sensor]\nKitchen = "bathroom_motion"\n')
    (recording,) = read(written(tmp_path, "flat.csv.gz", ["local_time,sensor,value", *events()]))
    assert recording.home.zone_name == "Europe/Madrid"
    assert [device.role for device in recording.home.devices] == [DeviceRole.BATHROOM_MOTION]
    assert recording.readings[0].observed_at_ms == 1_709_535_600_000  # 08:00 in Madrid, 07:00 UTC
    assert [reading.value for reading in recording.readings[:2]] == [True, False]


def test_unsorted_lines_are_sorted_and_unreadable_ones_are_counted(tmp_path):
    lines = [
        "local_time,sensor,value",
        *reversed(events()),
        "1970-01-01 00:00:00,Kitchen,ON",
        "2024-03-04 09:00,Kitchen,?",
    ]
    (recording,) = read(written(tmp_path, "flat.csv", lines))
    times = [reading.observed_at_ms for reading in recording.readings]
    assert times == sorted(times)
    assert len(times) == 30
    assert sum(recording.skipped.values()) == 2


def test_a_meter_that_reports_steadily_is_missed_when_it_does_not(tmp_path):
    lines = [f"2024-03-{4 + n // 24:02d} {n % 24:02d}:00:00,water_total,{n // 3}" for n in range(72)]
    (recording,) = read(written(tmp_path, "flat.csv", ["local_time,sensor,value", *lines]))
    (meter,) = recording.home.devices
    assert (meter.role, meter.heartbeat_ms) == (DeviceRole.WATER_METER, 3_600_000)
    assert recording.readings[0].metric is Metric.WATER_TOTAL_L
    assert recording.is_metered


def test_each_line_of_a_sensor_that_never_says_off_is_a_fresh_sign(tmp_path):
    lines = [f"2024-03-04 08:{n:02d}:00,Kitchen,ON" for n in range(30)]
    (recording,) = read(written(tmp_path, "flat.csv", ["local_time,sensor,value", *lines]))
    assert [reading.value for reading in recording.readings] == [True, False] * 30
    assert "never says off" in recording.sensors[0].told


def test_a_sensor_that_only_says_0_and_1_switches(tmp_path):
    lines = [f"2024-03-04 08:{n:02d}:00,Kitchen,{n % 2}" for n in range(30)]
    (recording,) = read(written(tmp_path, "flat.csv", ["local_time,sensor,value", *lines]))
    assert recording.home.devices[0].role is DeviceRole.INTERIOR_MOTION
    assert [reading.value for reading in recording.readings[:3]] == [False, True, False]


def test_water_whose_numbers_only_grow_is_a_register_and_else_a_flow(tmp_path):
    lines = [f"2024-03-{4 + n // 24:02d} {n % 24:02d}:00:00,Bath_water,{(n % 5) * 60}" for n in range(72)]
    lines += [f"2024-03-{4 + n // 24:02d} {n % 24:02d}:30:00,Water,{46_000 + n}" for n in range(72)]
    (recording,) = read(written(tmp_path, "flat.csv", ["local_time,sensor,value", *lines]))
    metrics = {reading.device_id.split("/")[1]: reading.metric for reading in recording.readings}
    assert metrics == {"bath_water": Metric.WATER_FLOW_L_H, "water": Metric.WATER_TOTAL_L}


def test_a_home_with_nothing_but_an_electricity_meter_is_judged_as_metered(tmp_path):
    lines = [f"2024-03-{4 + n // 24:02d} {n % 24:02d}:00:00,power,{100 + 900 * (n % 2)}" for n in range(72)]
    (recording,) = read(written(tmp_path, "flat.csv", ["local_time,sensor,value", *lines]))
    assert recording.is_metered


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["time,what"], "line 1"),
        (["user_key,local_time,meter_litres", "k,2024-03-04 00:00:00,1", "k,yesterday,2"], "line 3"),
        (["local_time,sensor,value", "2024-03-04 00:00:00,Kitchen,ON"], "only 1 lines"),
    ],
)
def test_a_file_that_cannot_be_scored_is_refused_with_its_place(tmp_path, lines, said):
    with pytest.raises(ConfigurationError, match=said):
        read(written(tmp_path, "flat.csv", lines), all=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sensor]\nKitchen = "interior_moton"\n', "line 2"),
        ("[sensor\n", "not TOML"),
        ('zone = "Mars/Base"\n[sensor]\nKitchen = "interior_motion"\n', "Mars/Base"),
        ("", "no sensors"),
    ],
)
def test_a_wrong_map_is_refused_with_its_line_and_the_remedy(tmp_path, text, said):
    (tmp_path / "flat.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        read(written(tmp_path, "flat.csv", ["local_time,sensor,value", *events()]))


def test_before_a_quiet_that_doors_enclose_the_door_is_the_last_of_its_window(tmp_path):
    lines = ["window_start,Kitchen,OutsideDoor,total_events"]
    lines += ["2024-03-04 08:00:00,4,2,6", "2024-03-04 10:00:00,4,2,6", "2024-03-04 10:05:00,2,0,2"]
    (recording,) = read(written(tmp_path, "home.csv", lines))
    order = [reading.device_id.split("/")[1] for reading in recording.readings if reading.value is True]
    assert order == ["kitchen", "kitchen", "outside_door", "outside_door", "kitchen", "kitchen", "kitchen"]


def test_a_stray_event_between_two_uses_of_the_door_leaves_the_door_last_before_it(tmp_path):
    lines = ["window_start,Kitchen,OutsideDoor,total_events"]
    lines += ["2024-03-04 08:00:00,4,2,6", "2024-03-04 09:00:00,2,0,2", "2024-03-04 10:00:00,4,2,6"]
    (recording,) = read(written(tmp_path, "home.csv", lines))
    order = [reading.device_id.split("/")[1] for reading in recording.readings if reading.value is True]
    assert order == ["kitchen", "kitchen", "outside_door", "kitchen", "outside_door", "kitchen", "kitchen"]


def test_what_an_annotation_says_of_absences_moves_no_event(tmp_path):
    lines = ["window_start,Kitchen,OutsideDoor,total_events"]
    lines += ["2024-03-04 08:00:00,4,2,6", "2024-03-04 09:00:00,40,0,40", "2024-03-04 19:00:00,4,0,4"]
    plain = read(written(tmp_path, "home_windows.csv", lines))[0]
    written(tmp_path, "home_annotations.csv", ["start,end,label,evidence", "2024-03-04 08:05,2024-03-04 19:00,away,-"])
    annotated = read(tmp_path / "home_windows.csv")[0]
    assert [span.label for span in annotated.spans] == ["away"]
    assert annotated.readings == plain.readings


def test_windows_may_name_their_rooms_in_chinese(tmp_path):
    lines = ["window_start,厨房,入户门,total_events", "2024-03-04 08:00:00,4,2,6", "2024-03-04 10:00:00,4,2,6"]
    (recording,) = read(written(tmp_path, "home.csv", lines))
    assert [device.role for device in recording.home.devices] == [DeviceRole.INTERIOR_MOTION, DeviceRole.OUTSIDE_DOOR]
