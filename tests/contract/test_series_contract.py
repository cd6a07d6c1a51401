"""What every time-series store promises, held to the embedded one and to a real InfluxDB engine alike."""

import itertools
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from influx_engine import TOKEN, influx_engine
from rules_walk import HOME_ID, at, reading

from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import HOUR_MS, MINUTE_MS
from core.log import LogEntry
from store.duckdb_series import DuckDbSeries
from store.influx_ledger import InfluxLedger
from store.influx_series import InfluxSeries, InfluxTarget
from store.series_port import Bucket

NOON = at("2026-03-02 12:00")
STORES = ("duckdb", "influx")
_databases = itertools.count()


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with influx_engine(tmp_path_factory.mktemp("influx")) as engine:
        yield engine


@pytest.fixture(params=STORES)
def opened(request, tmp_path):
    """Return how the store under test is opened, again and again on the same data."""
    if request.param == "duckdb":
        return lambda: DuckDbSeries(tmp_path / "series.duckdb")
    engine = request.getfixturevalue("engine")
    database = f"series{next(_databases)}"
    engine.query(f"CREATE DATABASE {database}")
    target = InfluxTarget(url=engine.url, token=TOKEN, org="o", bucket=database)
    return lambda: InfluxSeries(target, InfluxLedger(tmp_path / "influx.sqlite"))


@pytest.fixture
def series(opened):
    series = opened()
    yield series
    series.close()


def entry(seq, *readings: Reading):
    return LogEntry(seq, NOON + seq, readings)


VALUES = (
    reading("door", Metric.OPEN, True, NOON + 10, seq=1),
    reading("water", Metric.WATER_TOTAL_L, 12.5, NOON + 20),
    reading("hub", Metric.DEVICE_ALERT, 'low "battery", 电量低\\', NOON + 25),
    reading("gateway", Metric.ONLINE, True, NOON + 30),
)


def test_readings_come_back_as_they_were_oldest_first_and_heartbeats_stand_apart(series):
    series.write([entry(1, VALUES[2], VALUES[1], VALUES[3], VALUES[0])])
    assert series.readings(HOME_ID, NOON, NOON + 100, 10) == list(VALUES[:3])


def test_an_end_of_the_stretch_is_outside_of_it_and_a_limit_holds(series):
    series.write([entry(1, *VALUES)])
    assert series.readings(HOME_ID, NOON + 10, NOON + 20, 10) == [VALUES[0]]
    assert series.readings(HOME_ID, NOON, NOON + 100, 2) == list(VALUES[:2])


def test_the_cursor_moves_with_the_readings_and_entries_taken_before_are_skipped(series):
    series.write([entry(1, VALUES[0]), entry(2)])
    assert series.cursor() == 2
    series.write([entry(2, VALUES[1]), entry(3)])
    assert series.cursor() == 3
    assert series.readings(HOME_ID, NOON, NOON + 100, 10) == [VALUES[0]]


def test_a_reading_that_was_journalled_twice_counts_once(series):
    series.write([entry(1, VALUES[0]), entry(2, VALUES[0]), entry(3, VALUES[0])])
    assert series.readings(HOME_ID, NOON, NOON + 100, 10) == [VALUES[0]]
    assert [one.count for one in series.buckets(HOME_ID, NOON, NOON + HOUR_MS, HOUR_MS)] == [1]


def test_what_was_taken_is_there_after_a_restart(opened):
    first = opened()
    first.write([entry(7, *VALUES)])
    first.close()
    second = opened()
    assert second.cursor() == 7
    assert second.readings(HOME_ID, NOON, NOON + 100, 10) == list(VALUES[:3])
    second.close()


def test_readings_of_one_moment_that_differ_in_their_seq_are_all_kept(series):
    told = [reading("pir", Metric.MOTION, n % 2 == 0, NOON, seq=n) for n in range(5)]
    told.insert(0, reading("pir", Metric.MOTION, True, NOON))
    series.write([entry(1, *told)])
    assert series.readings(HOME_ID, NOON, NOON + 1, 10) == told


PULSE = (  # within the one millisecond, or second, that the device stamps
    reading("door", Metric.OPEN, True, NOON),
    reading("door", Metric.OPEN, False, NOON),
    reading("door", Metric.OPEN, True, NOON),
    reading("door", Metric.OPEN, False, NOON),
)


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_values_of_one_moment_without_a_seq_are_all_kept_and_the_last_one_is_the_last(series, cut):
    series.write([entry(1, *PULSE[:cut]), entry(2, *PULSE[cut:])])
    assert series.readings(HOME_ID, NOON, NOON + 1, 10) == list(PULSE)
    figures = [(one.count, one.total, one.last) for one in series.buckets(HOME_ID, NOON, NOON + HOUR_MS, HOUR_MS)]
    assert figures == [(4, 2.0, 0.0)]


def test_values_of_one_moment_are_all_kept_though_the_store_was_opened_anew_between_them(opened):
    entries = [entry(n + 1, one) for n, one in enumerate(PULSE)]
    for number, one in enumerate(entries):
        store = opened()
        store.remember(entries[:number])
        store.write([one])
        store.close()
    store = opened()
    assert store.readings(HOME_ID, NOON, NOON + 1, 10) == list(PULSE)
    store.close()


def test_a_value_without_a_seq_that_was_journalled_twice_counts_once(series):
    told = [reading("water", Metric.WATER_TOTAL_L, litres, NOON) for litres in (1.0, 1.0, 2.0)]
    series.write([entry(1, told[0]), entry(2, told[1]), entry(3, told[2], told[2])])
    assert series.readings(HOME_ID, NOON, NOON + 1, 10) == told[1:]


def test_values_of_one_moment_with_and_without_a_seq_are_all_kept(series):
    told = [*PULSE, *(reading("door", Metric.OPEN, n % 2 == 0, NOON, seq=n) for n in (0, 1, 2, 998_998))]
    series.write([entry(1, *told)])
    assert series.readings(HOME_ID, NOON, NOON + 1, 20) == told


def test_homes_are_told_apart_and_a_stranger_has_nothing(series):
    other = Reading(HomeId("h2"), DeviceId("door"), Metric.OPEN, True, NOON, NOON)
    series.write([entry(1, VALUES[0], other)])
    assert series.readings(HomeId("h2"), 0, NOON * 2, 10) == [other]
    assert series.readings(HomeId("h9"), 0, NOON * 2, 10) == []
    assert series.buckets(HomeId("h9"), 0, NOON * 2, HOUR_MS) == []
    assert series.daily(HomeId("h9"), date(2026, 1, 1), date(2027, 1, 1)) == []


@pytest.mark.parametrize(
    "name",
    [
        "h1' OR 'a' = 'a",
        "h1'; DROP MEASUREMENT readings; --",
        'h1" OR 1 = 1',
        "h1\\' OR time > 0 --",
        "h 1,home=h2",
        "幸福里3号",
    ],
)
def test_a_home_whose_name_is_an_attack_is_a_home_with_that_name_and_nothing_else(series, name):
    odd = Reading(HomeId(name), DeviceId("door"), Metric.OPEN, True, NOON, NOON)
    series.write([entry(1, VALUES[0], odd)])
    assert series.readings(HomeId(name), 0, NOON * 2, 10) == [odd]
    assert series.readings(HOME_ID, NOON, NOON + 100, 10) == [VALUES[0]]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12))
def test_no_name_of_a_home_finds_anything_that_is_not_its_own(series, name):
    if series.cursor() == 0:
        series.write([entry(1, VALUES[0])])
    assert series.readings(HomeId(f"x{name}"), 0, NOON * 2, 10) == []


def test_stretches_count_numbers_and_switches_and_leave_out_what_is_empty_and_what_is_text(series):
    told = [
        reading("water", Metric.WATER_TOTAL_L, 10.0, NOON + 1),
        reading("water", Metric.WATER_TOTAL_L, 14.5, NOON + 2),
        reading("water", Metric.WATER_TOTAL_L, 12.5, NOON + 3),
        reading("water", Metric.WATER_TOTAL_L, 20.0, NOON + 12 * MINUTE_MS),
        reading("pir", Metric.MOTION, True, NOON + 4),
        reading("pir", Metric.MOTION, False, NOON + 5),
        reading("pir", Metric.MOTION, True, NOON + 6),
        reading("pir", Metric.MOTION, False, NOON + 7),
        VALUES[2],
        VALUES[3],
    ]
    series.write([entry(1, *told)])

    def bucket(device, metric, from_ms, *figures: float):
        names = ("count", "low", "high", "total", "last")
        return Bucket(device_id=device, metric=metric, from_ms=from_ms, **dict(zip(names, figures, strict=True)))

    assert series.buckets(HOME_ID, NOON, NOON + HOUR_MS, 5 * MINUTE_MS) == [
        bucket("pir", Metric.MOTION, NOON, 4, 0.0, 1.0, 2.0, 0.0),
        bucket("water", Metric.WATER_TOTAL_L, NOON, 3, 10.0, 14.5, 37.0, 12.5),
        bucket("water", Metric.WATER_TOTAL_L, NOON + 10 * MINUTE_MS, 1, 20.0, 20.0, 20.0, 20.0),
    ]
    assert [one.count for one in series.buckets(HOME_ID, NOON + 2, NOON + 6, MINUTE_MS)] == [2, 2]


def test_days_are_those_of_the_clock_on_the_wall(series):
    evening = at("2026-03-02 23:59")
    told = [reading("water", Metric.WATER_TOTAL_L, float(n), evening + n * MINUTE_MS) for n in range(3)]
    series.write([entry(1, *told)])
    first, second = series.daily(HOME_ID, date(2026, 3, 2), date(2026, 3, 4))
    assert (first.from_ms, first.count, first.total) == (at("2026-03-02 00:00"), 1, 0.0)
    assert (second.from_ms, second.count, second.total, second.last) == (at("2026-03-03 00:00"), 2, 3.0, 2.0)
    assert len(series.daily(HOME_ID, date(2026, 3, 3), date(2026, 3, 4))) == 1


def test_a_late_reading_changes_the_stretch_and_the_day_that_it_belongs_to(series):
    series.write([entry(1, reading("water", Metric.WATER_TOTAL_L, 5.0, NOON))])
    assert [one.high for one in series.daily(HOME_ID, date(2026, 3, 2), date(2026, 3, 3))] == [5.0]
    series.write([entry(2, reading("water", Metric.WATER_TOTAL_L, 9.0, NOON + 1))])
    assert [one.high for one in series.buckets(HOME_ID, NOON, NOON + HOUR_MS, 5 * MINUTE_MS)] == [9.0]
    assert [(one.high, one.count) for one in series.daily(HOME_ID, date(2026, 3, 2), date(2026, 3, 3))] == [(9.0, 2)]
