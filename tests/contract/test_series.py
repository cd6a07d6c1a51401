"""The time-series store is a projection: its cursor moves with its readings, and a reading counts once."""

import pytest
from rules_walk import HOME_ID, reading

from core.events import Flag, Metric, Reading
from core.ids import HomeId
from core.localtime import DAY_MS, HOUR_MS
from core.log import LogEntry
from store.duckdb_series import DuckDbSeries


@pytest.fixture
def series(tmp_path):
    series = DuckDbSeries(tmp_path / "series.duckdb")
    yield series
    series.close()


def entry(seq, *readings: Reading):
    return LogEntry(seq, seq, readings)


VALUES = (
    reading("door", Metric.OPEN, True, 10, seq=1),
    reading("water", Metric.WATER_TOTAL_L, 12.5, 20),
    reading("gateway", Metric.ONLINE, True, 30),
)


def test_readings_come_back_as_they_were_and_heartbeats_stand_apart(series):
    series.write([entry(1, *VALUES)])
    assert series.readings(HOME_ID, 0, 100, 10) == list(VALUES[:2])
    assert series.count_distinct() == 3


def test_the_cursor_moves_with_the_readings_and_entries_taken_before_are_skipped(series):
    series.write([entry(1, VALUES[0]), entry(2)])
    assert series.cursor() == 2
    series.write([entry(2, VALUES[1]), entry(3)])
    assert series.cursor() == 3
    assert series.count_distinct() == 1


def test_a_reading_that_was_journalled_twice_counts_once(series):
    series.write([entry(1, VALUES[0]), entry(2, VALUES[0])])
    assert series.count_distinct() == 1
    assert series.readings(HOME_ID, 0, 100, 10) == [VALUES[0]]


def test_what_was_taken_is_there_after_a_restart(tmp_path):
    first = DuckDbSeries(tmp_path / "series.duckdb")
    first.write([entry(7, *VALUES)])
    first.close()
    second = DuckDbSeries(tmp_path / "series.duckdb")
    assert (second.cursor(), second.count_distinct()) == (7, 3)
    second.close()


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
        Reading(HomeId("h2"), "elsewhere", Metric.MOTION, True, day, day),
    ]
    series.write([entry(1, *told), entry(2, told[1])])
    found = series.changes(HOME_ID, day, day + DAY_MS, HOUR_MS)
    assert [(one.device_id, one.from_ms - day, one.value, one.before) for one in found] == [
        ("kitchen", 0, True, False),
        ("water", 0, 17.0, 12.0),
        ("door", HOUR_MS, False, True),
    ]


def test_a_door_that_is_told_for_the_first_time_and_shut_at_once_was_opened_in_that_bin(series):
    series.write([entry(1, reading("door", Metric.OPEN, True, 10), reading("door", Metric.OPEN, False, 20))])
    assert [(one.value, one.before) for one in series.changes(HOME_ID, 0, DAY_MS, HOUR_MS)] == [(True, None)]


def test_a_button_that_is_pressed_again_without_being_released_is_a_change_each_time(series):
    series.write([entry(1, *(reading("sos", Metric.SOS, True, n * HOUR_MS) for n in range(3)))])
    assert [one.from_ms for one in series.changes(HOME_ID, 0, DAY_MS, HOUR_MS)] == [0, HOUR_MS, 2 * HOUR_MS]
