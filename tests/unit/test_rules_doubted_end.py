"""An all-clear of a leak or a fall that may be from before it: a late gateway's, or of a clock that was set back."""

import pytest
from watched_home import NINE, Watched, device, said

from core.events import Flag, Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind

BUTTON = device("button", DeviceRole.SOS_BUTTON, "bedroom")
RADAR = device("radar", DeviceRole.INTERIOR_MOTION, "bedroom")
LEAK = device("leak", DeviceRole.LEAK, "kitchen")
WATER = FindingKind.WATER_RUNNING


def late(name, metric, value, at_ms, now_ms=NINE + 5 * HOUR_MS):
    return said(name, metric, value, at_ms, arrived_ms=now_ms, flags=int(Flag.LATE))


def test_an_all_clear_from_before_a_leak_ends_nothing_however_late_a_gateway_brings_it():
    home = Watched(LEAK).take([said("leak", Metric.WET, False, NINE - 2 * HOUR_MS)])
    home.take([said("leak", Metric.WET, True, NINE)])
    home.take_batch([late("leak", Metric.WET, False, NINE - HOUR_MS)], NINE + 3 * MINUTE_MS)
    assert home.cleared(WATER) == []
    home.take([said("leak", Metric.WET, False, NINE + HOUR_MS)])
    assert [one.clears_alert for one in home.cleared(WATER)] == [True]


def test_a_leak_that_newer_word_has_taken_back_is_told_and_over_though_an_older_word_came_between():
    home = Watched(LEAK).take([said("leak", Metric.WET, False, NINE)])
    for value, ago_ms in ((False, 3 * HOUR_MS), (True, HOUR_MS // 2)):
        home.take_batch([late("leak", Metric.WET, value, NINE - ago_ms, NINE + MINUTE_MS)], NINE + MINUTE_MS)
    assert (len(home.raised(WATER)), len(home.cleared(WATER))) == (1, 1)


@pytest.mark.parametrize("is_reset", [False, True], ids=["put right", "still behind"])
def test_a_leak_rings_again_after_an_end_that_was_doubted_for_its_clock(is_reset):
    home = Watched(LEAK).take([said("leak", Metric.WET, True, NINE)])
    home.take_batch([late("leak", Metric.WET, False, NINE - 90 * DAY_MS)], NINE + HOUR_MS)  # a battery was changed
    assert home.cleared(WATER) == []
    again_ms = NINE + 2 * HOUR_MS
    wet = (
        late("leak", Metric.WET, True, NINE - 90 * DAY_MS + HOUR_MS)
        if is_reset
        else said("leak", Metric.WET, True, again_ms)
    )
    home.take_batch([wet], again_ms).until(again_ms + MINUTE_MS)
    assert len(home.raised(WATER)) == 2
    home.take([said("leak", Metric.WET, True, again_ms + HOUR_MS)])
    assert len(home.raised(WATER)) == 2


def test_a_backlog_from_before_a_leak_neither_ends_it_nor_tells_it_again():
    home = Watched(LEAK).take([said("leak", Metric.WET, True, NINE)])
    now_ms, words = NINE + 3 * MINUTE_MS, ((False, NINE - 2 * HOUR_MS), (True, NINE - HOUR_MS))
    home.take_batch([late("leak", Metric.WET, value, at_ms, now_ms) for value, at_ms in words], now_ms)
    home.until(NINE + HOUR_MS)
    assert (len(home.raised(WATER)), home.cleared(WATER)) == (1, [])


def test_a_backlog_of_days_from_before_a_leak_neither_ends_it_nor_tells_it_again():
    home, now_ms = Watched(LEAK).take([said("leak", Metric.WET, True, NINE)]), NINE + 3 * MINUTE_MS
    told_ms = range(NINE - 2 * DAY_MS, NINE - DAY_MS, HOUR_MS)
    home.take_batch([late("leak", Metric.WET, not n % 2, at_ms, now_ms) for n, at_ms in enumerate(told_ms)], now_ms)
    home.restart().until(NINE + HOUR_MS)
    assert (len(told_ms) % 2, len(home.raised(WATER)), home.cleared(WATER)) == (0, 1, [])


def test_a_leak_that_begins_anew_while_devices_are_tried_out_is_told_when_the_test_ends():
    home = Watched(LEAK).take([said("leak", Metric.WET, True, NINE)])
    home.take_batch([late("leak", Metric.WET, False, NINE - 90 * DAY_MS)], NINE + HOUR_MS)
    home.until(NINE + 2 * HOUR_MS).register(test_until_ms=NINE + 4 * HOUR_MS).until(NINE + 2 * HOUR_MS + MINUTE_MS)
    home.take([said("leak", Metric.WET, True, NINE + 3 * HOUR_MS)])
    assert len(home.raised(WATER)) == 1
    home.until(NINE + 4 * HOUR_MS)
    assert len(home.raised(WATER)) == 2


def test_a_leak_that_waits_to_be_told_after_a_doubted_end_is_told_when_its_sensor_is_removed():
    home = Watched(LEAK, BUTTON).take([said("leak", Metric.WET, True, NINE)])
    home.take_batch([late("leak", Metric.WET, False, NINE - 90 * DAY_MS)], NINE + HOUR_MS)
    home.take_batch([late("leak", Metric.WET, True, NINE - 80 * DAY_MS)], NINE + 2 * HOUR_MS)
    home.register(devices=(BUTTON,)).until(NINE + 3 * HOUR_MS)
    assert len(home.raised(WATER)) == 2


@pytest.mark.parametrize("behind_ms", [0, 90 * DAY_MS])
def test_a_fall_after_an_end_that_was_doubted_for_its_clock_is_told_as_another(behind_ms):
    home = Watched(RADAR).take([said("radar", Metric.DEVICE_ALERT, "fall", NINE)])
    home.take_batch([late("radar", Metric.DEVICE_ALERT, "", NINE - 90 * DAY_MS)], NINE + HOUR_MS)
    again_ms = NINE + 2 * HOUR_MS
    home.take_batch([late("radar", Metric.DEVICE_ALERT, "fall", again_ms - behind_ms, again_ms)], again_ms)
    home.until(again_ms + MINUTE_MS)
    assert len(home.raised(FindingKind.FALL)) == 2
    home.take([said("radar", Metric.DEVICE_ALERT, "fall", again_ms + HOUR_MS)])
    assert len(home.raised(FindingKind.FALL)) == 2


@pytest.mark.parametrize("back_min", [3, 30])
def test_a_leak_rings_again_also_by_a_clock_that_was_set_back_by_minutes_and_then_holds(back_min):
    home = Watched(LEAK).take([said("leak", Metric.WET, True, NINE)])
    for minutes, value in ((1, False), (2, True), (3, True), (4, True)):
        now_ms = NINE + minutes * MINUTE_MS
        home.take_batch([late("leak", Metric.WET, value, now_ms - back_min * MINUTE_MS, now_ms)], now_ms)
    assert len(home.raised(WATER)) == 2


def test_smoke_after_a_doubted_end_is_told_as_another_alarm_in_its_own_words():
    smoke = device("smoke", DeviceRole.SMOKE_GAS_CO, "kitchen")
    home = Watched(smoke).take([said("smoke", Metric.SMOKE, True, NINE)])
    home.take_batch([late("smoke", Metric.SMOKE, False, NINE - 90 * DAY_MS)], NINE + HOUR_MS)
    home.take([said("smoke", Metric.SMOKE, True, NINE + 2 * HOUR_MS)])
    assert len(home.raised(FindingKind.EMERGENCY)) == 2
    (over,) = home.cleared(FindingKind.EMERGENCY)
    told = str([over.sentence, *(one.text for one in over.evidence)])
    assert ("another alarm" in told, "leak" in told) == (True, False)
