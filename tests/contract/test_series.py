"""What only the embedded time series does: changes, its nightly upkeep, roll-ups that late readings keep right."""

from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules_walk import HOME_ID, at, reading

from core.errors import ConfigurationError
from core.events import Flag, Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.log import LogEntry
from store.duckdb_series import DuckDbSeries
from store.duckdb_upkeep import Kept

FIRST_DAY = date(2026, 3, 2)
FIRST_MS = at("2026-03-02 00:00")
FIVE_MS = 5 * MINUTE_MS


@pytest.fixture
def series(tmp_path):
    series = DuckDbSeries(tmp_path / "series.duckdb")
    yield series
    series.close()


def entry(seq, *readings: Reading):
    return LogEntry(seq, max([seq, *(one.received_at_ms for one in readings)]), readings)


def rows(series, table: str) -> int:
    with series._database.cursor() as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608


def test_every_different_reading_counts_once_heartbeats_included(series):
    told = [reading("door", Metric.OPEN, True, 10, seq=1), reading("gateway", Metric.ONLINE, True, 30)]
    series.write([entry(1, *told), entry(2, *told)])
    assert series.count_distinct() == 2


def test_a_bin_tells_the_strongest_change_of_each_metric_and_nothing_that_stayed_fell_or_came_again(series):
    day = 100 * DAY_MS
    told = [
        reading("kitchen", Metric.MOTION, False, day - HOUR_MS),
        reading("kitchen", Metric.MOTION, True, day + 1),
        reading("kitchen", Metric.MOTION, False, day + 2),
        reading("kitchen", Metric.MOTION, False, day + HOUR_MS),
        reading("water", Metric.WATER_TOTAL_L, 10.0, day - HOUR_MS),
        reading("water", Metric.WATER_TOTAL_L, 12.0, day + 3),
        reading("water", Metric.WATER_TOTAL_L, 17.0, day + 4),
        reading("water", Metric.WATER_TOTAL_L, 17.0, day + HOUR_MS),
        reading("kettle", Metric.POWER_W, 2000.0, day - HOUR_MS),
        reading("kettle", Metric.POWER_W, 0.0, day + 5),
        reading("hall", Metric.MOTION, True, day + 6, flags=int(Flag.REPLAY)),
        reading("hall", Metric.MOTION, True, day + 7),
        reading("door", Metric.OPEN, True, day - HOUR_MS),
        reading("door", Metric.OPEN, False, day + HOUR_MS + 1),
        reading("hub", Metric.DEVICE_ALERT, "low battery", day + 8),
        Reading(HomeId("h2"), DeviceId("elsewhere"), Metric.MOTION, True, day, day),
    ]
    series.write([entry(1, *told), entry(2, told[1])])
    for _ in range(2):  # as it came, and sorted
        found = series.changes(HOME_ID, day, day + DAY_MS, HOUR_MS)
        assert [(one.device_id, one.from_ms - day, one.value, one.before) for one in found] == [
            ("kitchen", 0, True, False),
            ("water", 0, 17.0, 12.0),
            ("door", HOUR_MS, False, True),
        ]
        series.keep_up(day + 2 * DAY_MS)


def test_a_door_that_is_told_for_the_first_time_and_shut_at_once_was_opened_in_that_bin(series):
    series.write([entry(1, reading("door", Metric.OPEN, True, 10), reading("door", Metric.OPEN, False, 20))])
    assert [(one.value, one.before) for one in series.changes(HOME_ID, 0, DAY_MS, HOUR_MS)] == [(True, None)]


def test_a_button_that_is_pressed_again_without_being_released_is_a_change_each_time(series):
    series.write([entry(1, *(reading("sos", Metric.SOS, True, n * HOUR_MS) for n in range(3)))])
    assert [one.from_ms for one in series.changes(HOME_ID, 0, DAY_MS, HOUR_MS)] == [0, HOUR_MS, 2 * HOUR_MS]


def test_days_that_have_ended_are_sorted_and_rolled_up_once_and_today_waits(series):
    told = [reading("water", Metric.WATER_TOTAL_L, float(n), FIRST_MS + n * HOUR_MS) for n in range(30)]
    series.write([entry(1, *told)])
    done = series.keep_up(FIRST_MS + 30 * HOUR_MS)
    assert (done.moved, done.slots) == (24, 24)
    assert (rows(series, "fresh"), rows(series, "five"), rows(series, "days")) == (6, 24, 1)
    assert series.keep_up(FIRST_MS + 31 * HOUR_MS).moved == 0
    assert series.readings(HOME_ID, 0, FIRST_MS * 2, 100) == told


def test_a_week_is_settled_and_read_as_before(series):
    told = [reading("water", Metric.WATER_TOTAL_L, float(n), FIRST_MS + n * HOUR_MS, seq=n) for n in range(24 * 16)]
    for day in range(16):
        series.write([entry(day + 1, *told[day * 24 : day * 24 + 24])])
        series.keep_up(FIRST_MS + (day + 1) * DAY_MS + HOUR_MS)
    assert rows(series, "settled") >= 24 * 7
    assert series.readings(HOME_ID, 0, FIRST_MS * 2, 1_000) == told
    assert [one.count for one in series.daily(HOME_ID, FIRST_DAY, FIRST_DAY + timedelta(16))] == [24] * 16


def test_a_copy_that_arrives_after_its_day_was_sorted_still_counts_once(series):
    one = reading("water", Metric.WATER_TOTAL_L, 4.0, FIRST_MS, seq=9)
    for seq in range(1, 4):
        series.write([entry(seq, one)])
        series.keep_up(FIRST_MS + seq * DAY_MS + HOUR_MS)
    assert series.readings(HOME_ID, 0, FIRST_MS * 2, 10) == [one]
    assert series.count_distinct() == 1
    (day,) = series.daily(HOME_ID, FIRST_DAY, FIRST_DAY + timedelta(9))
    assert (day.count, day.total) == (1, 4.0)


def test_single_readings_go_after_their_days_and_daily_figures_after_theirs(tmp_path):
    series = DuckDbSeries(tmp_path / "series.duckdb", kept=Kept(raw_days=10, daily_days=20))
    for day in range(30):
        at_ms = FIRST_MS + day * DAY_MS
        series.write([entry(day + 1, reading("water", Metric.WATER_TOTAL_L, float(day), at_ms))])
        series.keep_up(at_ms + HOUR_MS)
    kept = series.readings(HOME_ID, 0, FIRST_MS * 2, 100)
    assert [one.value for one in kept] == [float(day) for day in range(19, 30)]
    days = series.daily(HOME_ID, FIRST_DAY, FIRST_DAY + timedelta(40))
    assert [one.last for one in days] == [float(day) for day in range(9, 30)]
    assert rows(series, "five") == 10
    series.close()


def test_a_reading_of_a_day_whose_single_readings_are_gone_does_not_make_that_day_anew(tmp_path):
    series = DuckDbSeries(tmp_path / "series.duckdb", kept=Kept(raw_days=5))
    day = [reading("water", Metric.WATER_TOTAL_L, float(n), FIRST_MS + n * HOUR_MS) for n in range(24)]
    series.write([entry(1, *day)])
    now_ms = FIRST_MS + 8 * DAY_MS
    series.keep_up(FIRST_MS + DAY_MS)
    series.keep_up(now_ms)
    late = Reading(HOME_ID, DeviceId("water"), Metric.WATER_TOTAL_L, 99.0, FIRST_MS + 7, now_ms)
    series.write([entry(2, late)])
    series.keep_up(now_ms + DAY_MS)
    assert series.too_late == 1
    (kept,) = series.daily(HOME_ID, FIRST_DAY, FIRST_DAY + timedelta(3))
    assert (kept.count, kept.high) == (24, 23.0)


def test_a_file_of_before_is_begun_anew_and_filled_from_the_journal(tmp_path):
    path = tmp_path / "series.duckdb"
    with duckdb.connect(str(path)) as old:
        old.execute("CREATE TABLE readings (home_id VARCHAR); CREATE TABLE liveness (home_id VARCHAR)")
        old.execute("CREATE TABLE cursor (seq BIGINT NOT NULL); INSERT INTO cursor VALUES (77)")
    series = DuckDbSeries(path)
    assert series.cursor() == 0
    series.write([entry(1, reading("door", Metric.OPEN, True, 10))])
    series.close()
    again = DuckDbSeries(path)
    assert again.cursor() == 1
    again.close()


def test_a_file_that_is_no_database_says_what_to_do(tmp_path):
    path = tmp_path / "series.duckdb"
    path.write_bytes(b"not a database" * 1_000)
    with pytest.raises(ConfigurationError, match="rebuilt from the journal"):
        DuckDbSeries(path)


def test_tracks_keep_their_numbers_over_a_restart(tmp_path):
    path = tmp_path / "series.duckdb"
    told = [reading("water", Metric.WATER_TOTAL_L, 1.0, FIRST_MS), reading("gateway", Metric.ONLINE, True, FIRST_MS)]
    for seq in range(1, 4):
        series = DuckDbSeries(path)
        moved = [Reading(*one.__reduce__()[1][:4], one.observed_at_ms + seq, one.received_at_ms + seq) for one in told]
        series.write([entry(seq, *moved, reading(f"new{seq}", Metric.MOTION, True, FIRST_MS + 9))])
        assert rows(series, "track") == 2 + seq
        series.close()


METRICS = (Metric.WATER_TOTAL_L, Metric.MOTION, Metric.TEMPERATURE_C)
TOLD = st.tuples(
    st.sampled_from(METRICS),
    st.integers(0, 6 * 288),  # five minutes of six days
    st.integers(0, FIVE_MS - 1),
    st.integers(0, 3),
    st.integers(0, 8),
)
STEPS = st.lists(st.one_of(st.lists(TOLD, max_size=12), st.just("night")), max_size=14)


def naive(told: dict, start_of) -> dict:
    found: dict = {}
    for (metric, at_ms, seq), value in sorted(told.items(), key=lambda item: (item[0][1], item[0][2])):
        found.setdefault((metric, start_of(at_ms)), []).append((at_ms, seq, float(value)))
    return {
        key: (
            len(values),
            min(v[2] for v in values),
            max(v[2] for v in values),
            sum(v[2] for v in values),
            values[-1][2],
        )
        for key, values in found.items()
    }


def figures(buckets) -> dict:
    return {(b.metric, b.from_ms): (b.count, b.low, b.high, b.total, b.last) for b in buckets}


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_whatever_comes_late_or_twice_and_whenever_the_nights_fall_every_figure_is_that_of_the_readings(
    tmp_path_factory, steps
):
    series = DuckDbSeries(tmp_path_factory.mktemp("series") / "series.duckdb")
    told: dict = {}
    night = 0
    for number, step in enumerate(steps, start=1):
        if step == "night":
            night += 1
            series.keep_up(FIRST_MS + night * DAY_MS + HOUR_MS)
            continue
        batch = []
        for metric, slot, offset, seq, value in step:
            at_ms = FIRST_MS + slot * FIVE_MS + offset
            kept = told.setdefault((metric, at_ms, seq), value % 2 == 0 if metric is Metric.MOTION else float(value))
            batch.append(Reading(HOME_ID, DeviceId(metric), metric, kept, at_ms, at_ms + number, seq))
        series.write([entry(number, *batch)])
    end_ms = FIRST_MS + 8 * DAY_MS
    by_slot = figures(series.buckets(HOME_ID, FIRST_MS, end_ms, FIVE_MS))
    by_day = figures(series.daily(HOME_ID, FIRST_DAY, FIRST_DAY + timedelta(8)))
    assert len(series.readings(HOME_ID, FIRST_MS, end_ms, 1_000)) == len(told)
    series.close()
    assert by_slot == naive(told, lambda at_ms: at_ms // FIVE_MS * FIVE_MS)
    assert by_day == naive(told, lambda at_ms: FIRST_MS + (at_ms - FIRST_MS) // DAY_MS * DAY_MS)
