"""CSVs as people have them: other words, units, names, dates, separators and encodings; what is not used is told."""

from datetime import datetime, timedelta

import pytest

from app.evaluation.csv_times import Times
from app.evaluation.csv_words import Quantity, quantity_of
from app.evaluation.date_order import DateOrder
from app.evaluation.guessing import guess
from app.evaluation.tables import read_dataset
from core.errors import ConfigurationError
from core.events import Metric
from core.localtime import zone
from registry.homes import DeviceRole

SHANGHAI = zone("Asia/Shanghai")
EIGHT_MS = 1_709_510_400_000  # 2024-03-04 08:00 in Shanghai, 00:00 UTC
START = datetime.fromisoformat("2024-03-04T08:00")


def read(folder, text, *, encoding="utf-8", name="flat.csv"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return read_dataset(path, "flat", None, every_household=False)[0]


def listed(sensor, *words: str, separator=",", header="local_time,sensor,value", count=30, minutes=1):
    """Lines of a sensor that says some words in turn."""
    lines = [f"{START + timedelta(minutes=minutes * n)},{sensor},{words[n % len(words)]}" for n in range(count)]
    return "\n".join(line.replace(",", separator) for line in [header, *lines]) + "\n"


@pytest.mark.parametrize(
    "words",
    [
        ("ON", "OFF"),
        ("Motion detected", "No motion"),
        ("motion_detected", "clear"),
        ("Active", "Inactive"),
        ("有人", "无人"),
        ("触发", "未触发"),
        ("TRUE", "false"),
        ("yes", "no"),
    ],
)
def test_a_motion_sensor_says_on_and_off_in_many_words(tmp_path, words):
    recording = read(tmp_path, listed("LivingRoom", *words))
    assert [reading.value for reading in recording.readings[:4]] == [True, False, True, False]
    assert recording.readings[0].metric is Metric.MOTION
    assert recording.skipped.total() == 0


@pytest.mark.parametrize("words", [("open", "closed"), ("打开", "关闭"), ("开门", "关门"), ("OPENED", "CLOSE")])
def test_a_door_says_open_and_shut_in_many_words(tmp_path, words):
    recording = read(tmp_path, listed("FrontDoor", *words))
    assert recording.home.devices[0].role is DeviceRole.OUTSIDE_DOOR
    assert [reading.value for reading in recording.readings[:2]] == [True, False]


@pytest.mark.parametrize(
    ("sensor", "words", "role"),
    [
        ("入户门", {"打开", "关闭"}, DeviceRole.OUTSIDE_DOOR),
        ("大门门磁", {"ON", "OFF"}, DeviceRole.OUTSIDE_DOOR),
        ("玄关人体", {"有人", "无人"}, DeviceRole.OUTSIDE_DOOR_MOTION),
        ("卫生间", {"有人", "无人"}, DeviceRole.BATHROOM_MOTION),
        ("洗手间红外", {"1", "0"}, DeviceRole.BATHROOM_MOTION),
        ("厨房", {"ON", "OFF"}, DeviceRole.INTERIOR_MOTION),
        ("卧室", {"有人"}, DeviceRole.INTERIOR_MOTION),
        ("床垫", {"有人", "无人"}, DeviceRole.BED_MOTION),
        ("客厅", {"3", "0", "7"}, DeviceRole.INTERIOR_MOTION),
        ("冰箱门", {"打开", "关闭"}, DeviceRole.INTERIOR_DOOR),
        ("卧室门", {"开", "关"}, DeviceRole.INTERIOR_DOOR),
        ("水表", {"123.4", "123.5"}, DeviceRole.WATER_METER),
        ("电表", {"1234.5"}, DeviceRole.POWER_METER),
        ("烟感", {"正常", "报警"}, DeviceRole.SMOKE_GAS_CO),
        ("SOS按钮", {"按下"}, DeviceRole.SOS_BUTTON),
        ("M001", {"2", "5", "0"}, DeviceRole.INTERIOR_MOTION),
        ("M017", {"ON", "OFF"}, DeviceRole.INTERIOR_MOTION),
        ("D001", {"OPEN", "CLOSE"}, DeviceRole.OUTSIDE_DOOR),
        ("Kitchen", {"4", "12", "0"}, DeviceRole.INTERIOR_MOTION),
        ("Kitchenfaucet", {"123", "54", "0"}, DeviceRole.WATER_METER),
        ("LS007", {"12", "40"}, None),
    ],
)
def test_rooms_doors_and_meters_are_guessed_in_both_languages(sensor, words, role):
    assert guess(sensor, words) is role


def test_counts_of_events_are_events_and_noughts_are_none(tmp_path):
    recording = read(tmp_path, listed("M001", "3", "0", "5"))
    assert [reading.value for reading in recording.readings[:5]] == [True, False, False, True, False]
    assert "counts events" in recording.sensors[0].told
    assert recording.sensors[0].used == 30


def metered(sensor, value, count=72, header="local_time,sensor,value"):
    lines = [f"{START + timedelta(hours=n)},{sensor},{value(n)}" for n in range(count)]
    return "\n".join([header, *lines]) + "\n"


@pytest.mark.parametrize(
    ("sensor", "value", "metric", "tenth"),
    [
        ("water_total", lambda n: f"{1000 + 10 * n}", Metric.WATER_TOTAL_L, 1100.0),
        ("water", lambda n: f"{1 + 0.01 * n:.3f} m³", Metric.WATER_TOTAL_L, 1100.0),
        ("水表", lambda n: f"{1 + 0.01 * n:.3f}", Metric.WATER_TOTAL_L, 1100.0),  # by its growth
        ("水表(m³)", lambda n: f"{1 + 0.01 * n:.3f}", Metric.WATER_TOTAL_L, 1100.0),
        ("自来水", lambda n: f"{1000 + 10 * n}升", Metric.WATER_TOTAL_L, 1100.0),
        ("water", lambda n: f"{n % 3} L/min", Metric.WATER_FLOW_L_H, 60.0),
        ("water", lambda n: f"{n % 3} L", Metric.WATER_FLOW_L_H, 1.0),  # of each hour
        ("power", lambda n: f"{100 + 900 * (n % 2)}", Metric.POWER_W, 100.0),
        ("power", lambda n: f"{0.1 + 0.9 * (n % 2):.1f} kW", Metric.POWER_W, 100.0),
        ("electricity", lambda n: f"{0.1 + 0.9 * (n % 2):.1f}", Metric.POWER_W, 100.0),  # by its height
        ("电表", lambda n: f"{12 + 0.25 * n:.2f}", Metric.ENERGY_TOTAL_WH, 14_500.0),
        ("energy", lambda n: f"{12 + 0.25 * n:.2f} kWh", Metric.ENERGY_TOTAL_WH, 14_500.0),
        ("energy", lambda n: f"{12_000 + 250 * n} Wh", Metric.ENERGY_TOTAL_WH, 14_500.0),
        ("energy", lambda n: f"{0.1 + 0.2 * (n % 2):.1f} kWh", Metric.POWER_W, 100.0),  # of each hour
    ],
)
def test_meters_count_in_any_unit(tmp_path, sensor, value, metric, tenth):
    recording = read(tmp_path, metered(sensor, value))
    found = [reading for reading in recording.readings if reading.metric is metric]
    assert len(found) == 72
    assert found[10].value == pytest.approx(tenth)


def test_a_unit_may_stand_in_the_heading_or_in_a_column_of_its_own(tmp_path):
    headed = read(tmp_path, metered("meter", lambda n: f"{1 + 0.01 * n:.3f}", header="time,sensor,value (m³)"))
    assert headed.readings[10].value == pytest.approx(1100.0)
    apart = read(tmp_path, metered("meter", lambda n: f"{1 + 0.01 * n:.3f},m3", header="time,sensor,value,unit"))
    assert apart.readings[10].value == pytest.approx(1100.0)


@pytest.mark.parametrize(
    ("word", "quantity"),
    [
        ("12", Quantity(12.0)),
        ("1,234.5 L", Quantity(1234.5, "L")),
        ("3,5", Quantity(3.5)),
        ("1,234", Quantity(1234.0)),
        ("-0.5 kW", Quantity(-0.5, "kW")),
        ("1e3", Quantity(1000.0)),
        ("12.5m³", Quantity(12.5, "m³")),
        ("nan", None),
        ("1e999", None),
        ("ON", None),
        ("", None),
    ],
)
def test_a_number_is_read_with_its_unit(word, quantity):
    assert quantity_of(word) == quantity


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-04 08:00:00",
        "2024-03-04T08:00:00.000",
        "2024-03-04T00:00:00Z",
        "2024-03-04T01:00:00+01:00",
        "2024-03-04 08:00:00 +0800",
        "2024/3/4 8:00",
        "2024/03/04 08:00:00",
        "2024.03.04 08:00",
        "2024年3月4日 8时0分0秒",
        "2024年3月4日 上午8:00",
        "04.03.2024 08:00",
        "3/4/2024 8:00 AM",
        "20240304 080000",
        "20240304T080000",
        "1709510400",
        "1709510400000",
    ],
)
def test_times_are_read_in_many_forms(text):
    order = DateOrder(is_month_first=text.startswith("3/"))
    assert Times(SHANGHAI, order).ms(text) == EIGHT_MS


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-45 00:00", "31.31.2024 10:00", "0001-01-01 00:00", "99"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"time|value|month|isoformat|day"):
        Times(SHANGHAI).ms(text)


def test_an_afternoon_is_twelve_hours_later():
    assert Times(SHANGHAI).ms("2024-03-04 下午2:30") == Times(SHANGHAI).ms("2024-03-04 14:30")
    assert Times(SHANGHAI).ms("2024/03/04 12:05 AM") == Times(SHANGHAI).ms("2024-03-04 00:05")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_separators_and_encodings_are_found_out(tmp_path, separator, encoding):
    text = listed("卫生间", "有人", "无人", separator=separator, header="时间,传感器,状态")
    recording = read(tmp_path, text, encoding=encoding)
    assert len(recording.readings) == 30
    assert recording.home.devices[0].role is DeviceRole.BATHROOM_MOTION


@pytest.mark.parametrize(
    "header", ["timestamp,entity_id,state", "Time,Device Name,Value", "日期时间,设备名称,数值", "ts,sensor_id,reading"]
)
def test_headings_are_told_by_many_names(tmp_path, header):
    assert len(read(tmp_path, listed("Kitchen", "ON", "OFF", header=header)).readings) == 30


def test_columns_may_stand_in_any_order_and_date_and_time_apart(tmp_path):
    lines = [f"{'ON' if n % 2 else 'OFF'},x,Kitchen,2024-03-04,08:{n:02d}:00" for n in range(30)]
    recording = read(tmp_path, "\n".join(["value,remark,sensor,date,time", *lines]))
    assert recording.readings[0].observed_at_ms == EIGHT_MS
    assert len(recording.readings) == 30


def test_a_list_without_a_heading_is_read_from_its_first_line(tmp_path):
    text = listed("Kitchen", "ON", "OFF").partition("\n")[2]
    assert len(read(tmp_path, text).readings) == 30


def test_what_cannot_be_used_is_counted_with_reasons_and_the_numbers_of_its_lines(tmp_path):
    text = listed("Kitchen", "ON", "OFF") + "2024-03-04 09:00,Kitchen,perhaps\nwhen?,Kitchen,ON\n2024-03-04 09:01\n"
    recording = read(tmp_path, text)
    assert recording.skipped == {"says neither on nor off": 1, "has no time": 1, "has too few columns": 1}
    assert recording.skipped_at == {"says neither on nor off": [32], "has no time": [33], "has too few columns": [34]}
    assert (recording.sensors[0].used, recording.sensors[0].unused) == (30, 1)


def test_a_sensor_that_nothing_names_is_told_and_its_lines_are_counted(tmp_path):
    recording = read(
        tmp_path, listed("Kitchen", "ON", "OFF", count=60) + listed("xyz", "17.5", "19.25").partition("\n")[2]
    )
    left = next(use for use in recording.sensors if use.sensor == "xyz")
    assert (left.role, left.told, left.unused) == ("", "nothing says what it is", 30)
    assert recording.skipped["belongs to a sensor that is left out"] == 30


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing in it"),
        ("local_time,what\n1,2\n", "no column for sensor, value"),
        (listed("Kitchen", "ON", "OFF", count=5), "only 5 lines"),
        (listed("Kitchen", "maybe", "perhaps", count=99), "says neither on nor off 'maybe' .line 2, 3"),
        (listed("xyz", "17.5", "19.25", count=99), "left out: xyz"),
        (listed("Kitchen", "ON", "OFF", count=30) + "x,Kitchen,ON\n" * 40, r"line 32.*has no time"),
    ],
)
def test_a_file_of_which_little_could_be_used_is_refused_with_line_and_remedy(tmp_path, text, said):
    with pytest.raises(ConfigurationError, match=said) as error:
        read(tmp_path, text)
    assert "Remedy" in str(error.value)
    assert "line" in str(error.value)


def test_light_sensors_and_batteries_may_be_most_of_a_file(tmp_path):
    text = listed("Kitchen", "ON", "OFF", count=30) + listed("LS007", "12", "40", count=300).partition("\n")[2]
    recording = read(tmp_path, text)
    assert [use.told for use in recording.sensors if not use.role] == ["shows no person"]


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path):
    path = tmp_path / "flat.csv"
    path.write_bytes(b"local_time,sensor,value\n2024-03-04 08:00,Kitchen,ON\n\xff\xff\xff\x80\n")
    with pytest.raises(ConfigurationError, match="line 3"):
        read_dataset(path, "flat", None, every_household=False)


def test_two_names_that_would_be_one_device_stay_two(tmp_path):
    text = listed("Kitchen", "ON", "OFF") + listed("kitchen", "ON", "OFF").partition("\n")[2]
    assert [device.id for device in read(tmp_path, text).home.devices] == ["flat/kitchen", "flat/kitchen_2"]


def test_a_map_may_say_the_unit(tmp_path):
    (tmp_path / "flat.toml").write_text('[sensor]\nX = { role = "water_meter", unit = "m3" }\n')
    recording = read(tmp_path, metered("X", lambda n: f"{1 + 0.01 * n:.3f}"))
    assert recording.readings[10].value == pytest.approx(1100.0)


def test_a_stamp_years_away_from_the_others_is_left_out(tmp_path):
    recording = read(tmp_path, listed("Kitchen", "ON", "OFF") + "2011-03-04 09:00,Kitchen,ON\n")
    assert recording.skipped == {"lies years away from the others": 1}
