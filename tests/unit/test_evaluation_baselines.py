"""Other people's detectors: when each would ring, on the wall clock of the home, summer time included."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest
from recorded_flat import KITCHEN, LIVING, flat, moved

from app.evaluation.baselines import longest_before, morning_window, wilhelm_wahl, within_window
from app.evaluation.comparing import low_water, low_water_figures, score, silences_h, thinned_h
from app.evaluation.recordings import reading_of
from app.evaluation.running import Silence, Trace
from core.events import Metric
from core.localtime import HOUR_MS, MINUTE_MS, to_ms
from registry.homes import DeviceRole

DAY_H = 24.0
NOTHING = np.zeros((0, 2))


def due(detector, start, past=NOTHING) -> float:
    return float(detector(past, np.array([start]))[0])


@pytest.mark.parametrize(("start", "rings"), [(6.5, 10.0), (7.0, 10.0), (7.5, 34.0), (22.0, 34.0)])
def test_nobody_up_between_seven_and_ten_rings_at_ten(start, rings):
    assert due(morning_window(), start) == rings


@pytest.mark.parametrize(("start", "rings"), [(8.0, 12.0), (3.0, 11.0), (17.9, 21.9), (19.0, 35.0), (23.0, 35.0)])
def test_four_hours_count_within_the_window_only(start, rings):
    assert due(within_window(4.0), start) == pytest.approx(rings)


def test_the_longest_silence_of_the_past_and_half_an_hour_rings():
    past = np.array([[8.0, 9.0], [22.0, 31.5], [40.0, 41.0]])
    assert due(longest_before(), 50.0, past) == 60.0


def test_a_silence_longer_than_sixty_days_ago_is_forgotten():
    past = np.array([[8.0, 30.0], [62 * DAY_H + 8, 62 * DAY_H + 10]])
    assert due(longest_before(), 62 * DAY_H + 12, past) == 62 * DAY_H + 14.5


def test_weekends_are_judged_by_weekends():
    monday = 4 * DAY_H  # 1970-01-05
    rows = []
    for day in range(28):
        at = monday + day * DAY_H
        step = 4.0 if day % 7 >= 5 else 1.0
        rows += [[at + hour, at + hour + step] for hour in np.arange(0.0, 24.0, step)]
    past = np.array(rows)
    week, weekend = monday + 28 * DAY_H + 8, monday + 33 * DAY_H + 8
    assert due(wilhelm_wahl(), week, past) - week < 2.5
    assert due(wilhelm_wahl(), weekend, past) - weekend > 3.5


def spoken(*signs: tuple[int, str]) -> Trace:
    """A trace of (minutes, device) signs."""
    times = [(minutes * MINUTE_MS, device) for minutes, device in signs]
    silences = [Silence(a, b, device) for (a, device), (b, _) in pairwise(times)]
    return Trace(silences=silences)


def test_one_activation_of_a_sensor_an_hour_is_heard():
    recording = flat(moved(KITCHEN, 8))
    trace = spoken((0, "a"), (20, "a"), (40, "b"), (50, "a"), (70, "a"), (200, "a"))
    lengths = [round((until - start) * 60) for start, until in thinned_h(recording, trace)]
    assert lengths == [40, 30, 130]  # a at 0, b at 40, a again at 70: those at 20 and 50 are not heard


def test_hours_are_those_of_the_wall_in_winter_and_in_summer():
    madrid = ZoneInfo("Europe/Madrid")
    recording = flat(moved(LIVING, 8))
    recording.home = msgspec.structs.replace(recording.home, zone_name="Europe/Madrid")
    starts = [to_ms(datetime(2024, month, 10, 12, tzinfo=madrid)) for month in (1, 7)]
    trace = Trace(silences=[Silence(start, start + HOUR_MS) for start in starts])
    assert [row[0] % 24 for row in silences_h(recording, trace)] == [12.0, 12.0]


def test_a_silence_over_the_change_of_clocks_keeps_its_length():
    madrid = ZoneInfo("Europe/Madrid")
    recording = flat(moved(LIVING, 8))
    recording.home = msgspec.structs.replace(recording.home, zone_name="Europe/Madrid")
    start = to_ms(datetime(2024, 3, 30, 23, tzinfo=madrid))
    (row,) = silences_h(recording, Trace(silences=[Silence(start, start + 9 * HOUR_MS)]))
    assert row[1] - row[0] == 9.0


def test_eight_hours_without_water_ring_as_in_nagano():
    meter = flat(devices=()).home
    water = [0, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 9]
    device = msgspec.structs.replace(KITCHEN, role=DeviceRole.WATER_METER)
    readings = [reading_of(device, Metric.WATER_TOTAL_L, float(v), hour * HOUR_MS) for hour, v in enumerate(water)]
    recording = msgspec.structs.replace(flat(readings, devices=(device,)), home=meter)
    found = low_water_figures(low_water(recording, (8.0, 1.0), 1 / 24), 30.0)
    assert found["stage1"]["false_alarms"] == 1


def test_a_baseline_is_scored_on_silences_after_the_learning_days_alone():
    rows = np.array([[day * 24.0 + 8, day * 24.0 + 14] for day in range(20)])
    assert len(score(rows, within_window(4.0), 14.0)["due"]) == 6
