"""Signals that page at once, and what an old backlog's last word is worth."""

from watched_home import NINE, Watched, device, said

from core.events import Flag, Metric
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind, Priority

SMOKE = device("smoke", DeviceRole.SMOKE_GAS_CO, "kitchen")
BUTTON = device("button", DeviceRole.SOS_BUTTON, "bedroom")
KIND = FindingKind.EMERGENCY
NOW = NINE + 5 * HOUR_MS


def late(name, metric, value, at_ms, now_ms=NOW):
    return said(name, metric, value, at_ms, arrived_ms=now_ms, flags=int(Flag.LATE))


def test_an_alarm_hours_old_that_was_never_taken_back_pages_once_its_backlog_has_drained():
    home = Watched(SMOKE).take_batch([late("smoke", Metric.SMOKE, True, NINE)], NOW)
    assert home.until(NOW + MINUTE_MS - 1).raised(KIND) == []
    (finding,) = home.restart().until(NOW + MINUTE_MS).raised(KIND)
    assert (finding.priority, finding.since_ms) == (Priority.P0, NINE)
    assert len(home.until(NOW + HOUR_MS).raised(KIND)) == 1


def test_an_alarm_that_the_same_backlog_takes_back_pages_nobody():
    home = Watched(SMOKE)
    home.take_batch([late("smoke", Metric.SMOKE, True, NINE)], NOW)
    home.take_batch([late("smoke", Metric.SMOKE, False, NINE + HOUR_MS, NOW + 100)], NOW + 100)
    assert home.until(NOW + HOUR_MS).raised(KIND) == []


def test_a_press_that_a_dead_gateway_kept_for_hours_pages_when_it_comes_and_says_from_when_it_is():
    home = Watched(BUTTON).take_batch([late("button", Metric.SOS, True, NINE)], NOW)
    assert [(one.at_ms, one.since_ms) for one in home.until(NOW + HOUR_MS).raised(KIND)] == [(NOW, NINE)]


def test_a_press_older_than_a_day_is_history():
    now_ms = NINE + 25 * HOUR_MS
    home = Watched(BUTTON).take_batch([late("button", Metric.SOS, True, NINE, now_ms)], now_ms)
    assert home.until(now_ms + HOUR_MS).raised(KIND) == []


def test_an_old_alarm_behind_a_newer_word_is_history():
    home = Watched(SMOKE).take([said("smoke", Metric.SMOKE, False, NINE + HOUR_MS)])
    home.take_batch([late("smoke", Metric.SMOKE, True, NINE)], NOW)
    assert home.until(NOW + HOUR_MS).raised(KIND) == []


def test_an_alarm_told_late_does_not_hide_the_next_one():
    home = Watched(SMOKE).take([said("smoke", Metric.SMOKE, False, NINE + 30 * MINUTE_MS)])
    home.take_batch([late("smoke", Metric.SMOKE, True, NINE, NINE + 40 * MINUTE_MS)], NINE + 40 * MINUTE_MS)
    assert len(home.raised(KIND)) == 1
    home.take([said("smoke", Metric.SMOKE, True, NOW)])
    assert len(home.raised(KIND)) == 2


def test_a_repeated_alarm_pages_once_and_its_end_does_not_withdraw_it():
    home = Watched(SMOKE).take([said("smoke", Metric.SMOKE, True, NINE + n * MINUTE_MS) for n in range(3)])
    assert len(home.raised(KIND)) == 1
    home.take([said("smoke", Metric.SMOKE, False, NINE + HOUR_MS)])
    assert [finding.clears_alert for finding in home.cleared(KIND)] == [False]
