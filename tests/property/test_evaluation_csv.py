"""Whatever stands in a CSV: it is scored, or refused with its file, a line and a remedy; never anything else."""

import json
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli import app
from app.evaluation.recordings import Recording
from app.evaluation.tables import read_dataset
from core.errors import ConfigurationError

START = datetime.fromisoformat("2024-03-01T00:00")
HEADERS = st.sampled_from(
    ["local_time,sensor,value", "time,sensor,value", "时间,传感器,状态", "timestamp,entity_id,state", "a,b,c", "",
     "window_start,Kitchen,OutsideDoor", "user_key,local_time,meter_litres", "value,time,sensor,unit"]
)  # fmt: skip
SENSORS = st.sampled_from(
    ["Kitchen", "厨房", "卫生间", "入户门", "FrontDoor", "M001", "D001", "水表", "water m3", "电表", "power", "T101",
     "LS007", "xyz", "", "bed", "Toilet", "!!!"]
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(
        ["ON", "OFF", "open", "打开", "关闭", "有人", "Motion detected", "0", "1", "3", "12.5", "1,234", "3,5", "2 kWh",
         "0.4 m³", "-5", "nan", "inf", "1e308", "", "unknown", "unavailable", "'", "\x00"]
    ),
    st.floats().map(str),
    st.text(max_size=6),
)  # fmt: skip
FORMS = st.sampled_from(
    ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y-%m-%dT%H:%M:%SZ", "%Y%m%d %H%M%S",
     "%Y年%m月%d日 %H:%M", "%s"]
)  # fmt: skip
MINUTES = st.one_of(st.integers(0, 40 * 1440), st.integers(-(10**7), 10**7))
TIMES = st.one_of(
    st.builds(lambda minutes, form: (START + timedelta(minutes=minutes)).strftime(form), MINUTES, FORMS),
    st.text(max_size=8),
)
ROWS = st.lists(st.tuples(TIMES, SENSORS, WORDS), max_size=60)
SEPARATORS = st.sampled_from([",", ";", "\t"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"])


def is_refused_rightly(error: ConfigurationError, path) -> bool:
    return str(path) in error.where and "line" in error.where and bool(error.remedy)


def read(path) -> list[Recording] | ConfigurationError:
    try:
        return read_dataset(path, "flat", None, every_household=True)
    except ConfigurationError as error:
        return error


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(HEADERS, SEPARATORS, ENCODINGS), ROWS, st.integers(1, 12))
def test_a_list_of_anything_is_read_or_refused(tmp_path, manner, rows, times):
    header, separator, encoding = manner
    lines = [header.replace(",", separator), *(separator.join(row) for row in rows for _ in range(times))]
    path = tmp_path / "flat.csv"
    path.write_bytes("\n".join(lines).encode(encoding, errors="replace"))
    found = read(path)
    if isinstance(found, ConfigurationError):
        assert is_refused_rightly(found, path)
        return
    for recording in found:
        sensors = sum(use.used + use.unused for use in recording.sensors)
        assert sensors <= len(rows) * times + 1
        moments = [reading.observed_at_ms for reading in recording.readings]
        assert moments == sorted(moments)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path, data):
    path = tmp_path / "flat.csv"
    path.write_bytes(data)
    found = read(path)
    assert not isinstance(found, ConfigurationError) or is_refused_rightly(found, path)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 12 * 1440), SENSORS.filter(bool), WORDS), min_size=30, max_size=200),
    st.integers(0, 3),
)
def test_whatever_is_read_is_scored_or_refused_and_never_breaks(tmp_path, rows, days):
    """Lines as they fall, over days of ordinary life that may or may not be long enough."""
    life = [
        (day * 1440 + 420 + step * 20, "Kitchen", ("ON", "OFF")[step % 2])
        for day in range(days * 4)
        for step in range(40)
    ]
    lines = [f"{START + timedelta(minutes=minutes)},{sensor},{word}" for minutes, sensor, word in [*life, *rows]]
    path, out = tmp_path / "flat.csv", tmp_path / "out.json"
    path.write_bytes("\n".join(["local_time,sensor,value", *lines]).encode("utf-8", errors="replace"))
    out.unlink(missing_ok=True)
    result = CliRunner().invoke(app, ["rules", "evaluate", str(path), "--onsets", "3", "--json", str(out)])
    if result.exit_code == 0:
        assert {"homes", "pooled", "baselines"} <= json.loads(out.read_text()).keys()
    else:
        assert isinstance(result.exception, ConfigurationError), repr(result.exception)
        assert is_refused_rightly(result.exception, path)
