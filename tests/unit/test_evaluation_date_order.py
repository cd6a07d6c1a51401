"""Dates with the year last: all lines of a file decide what is the day, before any of them is read."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from app.evaluation.date_order import date_order
from app.evaluation.tables import read_dataset
from core.errors import ConfigurationError
from core.localtime import DAY_MS, from_ms, zone

SHANGHAI = zone("Asia/Shanghai")
HEADER = "date,time,sensor,value"


def us_lines(first: date, days: int) -> list[str]:
    """Sixty lines a day, as an American export writes them, in order."""
    found: list[str] = []
    for number in range(days):
        day = first + timedelta(days=number)
        found += [
            f"{day.month}/{day.day}/{day.year},08:{m:02d} AM,Kitchen,{'OFF' if m % 2 else 'ON'}" for m in range(60)
        ]
    return found


def read(folder, lines):
    path = folder / "flat.csv"
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    return read_dataset(path, "flat", None, every_household=False)[0]


def days_of(recording):
    return [from_ms(reading.observed_at_ms, SHANGHAI).date() for reading in recording.readings]


def test_a_day_above_twelve_far_down_in_a_sorted_file_tells_what_all_lines_mean(tmp_path):
    recording = read(tmp_path, us_lines(date(2026, 1, 5), 40))
    assert (days_of(recording)[0], days_of(recording)[-1]) == (date(2026, 1, 5), date(2026, 2, 13))
    assert recording.skipped.total() == 0
    assert "dates are month/day: line 482 says 1/13/2026 08:00 AM" in recording.notes


def test_where_no_day_is_above_twelve_the_reading_whose_days_lie_together_is_taken_and_said(tmp_path):
    recording = read(tmp_path, us_lines(date(2026, 1, 5), 8))
    assert (days_of(recording)[0], days_of(recording)[-1]) == (date(2026, 1, 5), date(2026, 1, 12))
    said = next(note for note in recording.notes if "could be" in note)
    assert (
        "taken for month/day (8 days in 1 stretches, 0 steps back; else 215 days in 8 stretches, 0 steps back)" in said
    )


def test_days_that_lie_together_as_day_and_month_are_read_so(tmp_path):
    lines = [f"{day}.1.2026,08:{m:02d},Kitchen,{'OFF' if m % 2 else 'ON'}" for day in range(3, 10) for m in range(60)]
    assert days_of(read(tmp_path, lines))[-1] == date(2026, 1, 9)


def test_of_two_readings_of_equal_length_the_one_in_order_is_taken():
    order = date_order(Path("flat.csv"), [(2, "1/2/2026"), (3, "2/1/2026")])
    assert order.is_month_first


def test_a_single_date_that_nothing_tells_is_day_and_month_and_said_to_be_a_guess():
    order = date_order(Path("flat.csv"), [(2, "04/03/2024 08:00")])
    assert (order.is_month_first, order.told) == (
        False,
        "dates could be day/month or month/day: taken for day/month (nothing tells)",
    )


def test_a_line_that_contradicts_the_others_is_an_error_that_names_it(tmp_path):
    lines = us_lines(date(2026, 1, 5), 40)
    lines[100] = "25/1/2026,08:00 AM,Kitchen,ON"
    with pytest.raises(
        ConfigurationError, match=r"line 102: '25/1/2026.*only be day/month, line 482 .*month/day"
    ) as found:
        read(tmp_path, lines)
    assert "write the dates of all lines alike" in found.value.remedy


def test_a_file_without_a_heading_may_begin_with_a_day_above_twelve(tmp_path):
    path = tmp_path / "flat.csv"
    lines = [f"1/{13 + n // 60}/2026 08:{n % 60:02d},Kitchen,{'OFF' if n % 2 else 'ON'}" for n in range(120)]
    path.write_text("\n".join(lines), encoding="utf-8")
    recording = read_dataset(path, "flat", None, every_household=False)[0]
    assert recording.readings[-1].observed_at_ms - recording.readings[0].observed_at_ms < 2 * DAY_MS


def test_a_file_is_refused_when_more_than_a_tenth_of_its_lines_have_no_time(tmp_path):
    lines = us_lines(date(2026, 1, 5), 40)
    lines[::8] = [line.replace("AM", "o'clock") for line in lines[::8]]
    with pytest.raises(ConfigurationError, match=r"line 2: only 2100 lines of 2400 .*300 has no time") as found:
        read(tmp_path, lines)
    assert "write every time as 2026-01-05 06:14:16" in found.value.remedy
