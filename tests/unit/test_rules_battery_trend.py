"""A battery that falls is told weeks before it is empty; one that stands, wavers or was changed is not."""

import random

import pytest
from rules_walk import HOME_ID, at, home_of, reading, walk

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS
from rules.battery_trend import BatteryTrend, days_left, note
from rules.engine import Engine
from rules.findings import FindingKind

START = at("2024-01-01T08:00")


def told(levels, every_ms=DAY_MS):
    engine = Engine()
    engine.set_home(home_of())
    reports = [
        reading("kitchen", Metric.BATTERY_PERCENT, level, START + n * every_ms) for n, level in enumerate(levels)
    ]
    found = walk(engine, reports, START + len(reports) * every_ms)
    return [one for one in found if one.kind is FindingKind.BATTERY_LOW], engine


@pytest.mark.parametrize("a_day", [0.25, 0.5, 1.0])
def test_a_battery_that_falls_evenly_is_told_at_least_thirty_days_before_it_is_empty(a_day):
    levels = [100 - a_day * day for day in range(int(100 / a_day))]
    found, _ = told(levels)
    first = found[0]
    empty_ms = START + round((100 - 5) / a_day * DAY_MS)
    assert 30 <= (empty_ms - first.at_ms) / DAY_MS <= 50
    assert "还能用约" in first.sentence.zh
    assert [one.is_cleared for one in found] == [False, False]  # and once more when it is low


def test_a_battery_that_stands_or_wavers_is_never_told():
    chance = random.Random(5)
    found, engine = told([90 + chance.choice([-1, 0, 0, 1]) for _ in range(200)])
    assert found == []
    assert days_left(engine.rules_of(HOME_ID).state.batteries["kitchen"]) is None


def test_a_changed_battery_ends_it_and_begins_anew():
    found, engine = told([60 - day for day in range(30)] + [100] * 20)
    assert [one.is_cleared for one in found] == [False, True]
    assert days_left(engine.rules_of(HOME_ID).state.batteries["kitchen"]) is None


def test_weeks_are_needed_to_know_a_slope():
    trend = BatteryTrend()
    for day in range(13):
        note(trend, 90 - day, START + day * DAY_MS)
    assert days_left(trend) is None
    for day in range(13, 20):
        note(trend, 90 - day, START + day * DAY_MS)
    assert days_left(trend) == pytest.approx(90 - 18 - 5, abs=1)


def test_what_is_remembered_of_a_battery_stays_small():
    trend = BatteryTrend()
    for hour in range(24 * 400):
        note(trend, 100 - hour / 200, START + hour * HOUR_MS)
    assert len(trend.days) == 45
