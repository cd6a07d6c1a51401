"""The time-series store is a projection: its cursor moves with its readings, and a reading counts once."""

import pytest
from rules_walk import HOME_ID, reading

from core.events import Metric, Reading
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
    assert {one.device_id for one in series.latest(HOME_ID)} == {"door", "water", "gateway"}


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
