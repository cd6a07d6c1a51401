"""After an onset the hands rest and everything else goes on: leaks, cisterns, refrigerator, boiler."""

from itertools import pairwise

import msgspec
import pytest
from recorded_flat import KITCHEN, LIVING, POWER, WATER, at, busy, flat, moved

from app.evaluation.automatic import Automatic
from app.evaluation.onsets import Law, inject
from app.evaluation.recordings import reading_of
from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.parameters import RuleParameters


def register(litres, *, days=3, minutes=60):
    """Readings of a register that grows by litres(day, hour) in the time up to each reading."""
    total, readings = 1000.0, []
    for count in range(days * 1440 // minutes):
        day, hour = divmod(count * minutes / 60, 24)
        total += litres(int(day), hour)
        readings.append(reading_of(WATER, Metric.WATER_TOTAL_L, total, at(hour, int(day))))
    return readings


def powered(watts, *, days=3, minutes=5):
    return [
        reading_of(
            POWER,
            Metric.POWER_W,
            watts(count * minutes // 1440, count * minutes / 60 % 24),
            at(0) + count * minutes * MINUTE_MS,
        )
        for count in range(days * 1440 // minutes)
    ]


def after(recording, at_ms, hours=24):
    return list(Automatic(recording).after(at_ms, at_ms + hours * HOUR_MS))


def test_a_leak_runs_on_after_the_hands_have_stopped():
    recording = flat(register(lambda _, hour: 2 + (20 if 7 <= hour < 22 else 0)), devices=(WATER,))
    shown = after(recording, at(18, day=2) + 1)
    assert shown[0].value - recording.readings[66].value == 2
    assert shown[-1].value - shown[0].value == 2 * (len(shown) - 1)


def test_a_meter_without_a_leak_stands_and_is_still_heard_every_hour():
    recording = flat(register(lambda _, hour: 20 if 7 <= hour < 22 else 0), devices=(WATER,))
    shown = after(recording, at(18, day=2) + 1)
    assert {reading.value for reading in shown} == {recording.readings[66].value}
    assert len(shown) == 24


def test_a_glass_of_water_in_the_night_is_no_leak():
    recording = flat(register(lambda _, hour: 6 if hour == 3 else 20 if 7 <= hour < 22 else 0), devices=(WATER,))
    assert len({reading.value for reading in after(recording, at(18, day=2) + 1)}) == 1


def test_somebody_who_is_up_in_every_second_hour_of_the_night_is_no_leak():
    hours = [0.5, 2.5, 4.5]
    readings = [
        msgspec.structs.replace(reading, observed_at_ms=reading.observed_at_ms + 30 * MINUTE_MS)
        for reading in register(lambda _, hour: 6 if hour + 0.5 in hours or 7 <= hour < 22 else 0)
    ]
    recording = flat(readings, devices=(WATER,))
    assert len({reading.value for reading in after(recording, at(18, day=2) + 1)}) == 1


def test_a_cistern_that_fills_with_nobody_near_fills_again_and_a_flush_does_not():
    cistern, flush = (lambda hour: hour == 11), (lambda hour: hour == 15)
    recording = flat(
        register(lambda _, hour: 3 if cistern(hour) else 9 if flush(hour) else 0, minutes=15),
        *(moved(KITCHEN, 8, 15, day=day) for day in range(3)),
        devices=(KITCHEN, LIVING, WATER),
    )
    shown = after(recording, at(20, day=1), hours=48)
    grown = [(reading.observed_at_ms, reading.value) for reading in shown]
    steps = [(now_ms, value - before) for (_, before), (now_ms, value) in pairwise(grown) if value > before]
    assert steps == [(at(11, day=2), 3.0), (at(11, day=3), 3.0)]


def test_a_draw_beyond_the_leak_is_by_hand_and_the_leak_is_not():
    recording = flat(register(lambda _, hour: 2 + (20 if hour == 8 else 0)), devices=(WATER,))
    told = Automatic(recording)
    leak, breakfast = recording.readings[54], recording.readings[56]
    assert not told.is_by_hand(leak, recording.readings[53].value)
    assert told.is_by_hand(breakfast, recording.readings[55].value)


def test_the_refrigerator_goes_on_and_the_kettle_does_not():
    fridge = lambda hour: 120.0 if hour % 1 < 0.34 else 40.0  # noqa: E731  # two shapes of one function
    recording = flat(powered(lambda _, hour: 2000.0 if 8 <= hour < 8.2 else fridge(hour)), devices=(POWER,))
    shown = [reading.value for reading in after(recording, at(18, day=2))]
    assert set(shown) == {40.0, 120.0}
    assert 0.25 < shown.count(120.0) / len(shown) < 0.45


def test_a_boiler_that_a_clock_switches_is_switched_again():
    recording = flat(powered(lambda _, hour: 1500.0 if 6 <= hour < 6.5 else 60.0, days=16), devices=(POWER,))
    high = [reading for reading in after(recording, at(18, day=14), hours=48) if reading.value > 1000]
    assert {(reading.observed_at_ms - at(0)) // DAY_MS for reading in high} == {15, 16}
    assert all(6 <= (reading.observed_at_ms - at(0)) % DAY_MS / HOUR_MS < 6.5 for reading in high)


def test_somebody_who_gets_up_at_about_six_is_no_clock():
    kettle = lambda day: 6 + (day * 7 % 12) / 12  # noqa: E731  # within the hour, never within five minutes
    recording = flat(
        powered(lambda day, hour: 1500.0 if kettle(day) <= hour < kettle(day) + 0.1 else 60.0, days=16),
        devices=(POWER,),
    )
    assert all(reading.value < 1000 for reading in after(recording, at(18, day=14), hours=48))


@pytest.mark.parametrize(("leak_l", "most_h"), [(0, 6), (2, 12)])
def test_a_leak_after_the_onset_is_no_hand_for_ever_but_costs_hours(leak_l, most_h):
    recording = flat(
        register(lambda _, hour: leak_l + (20 if 7 <= hour < 22 else 0), days=6),
        *(busy(7, 22, day) for day in range(6)),
        devices=(KITCHEN, LIVING, WATER),
    )
    (onset,) = inject(recording, RuleParameters(), [(at(12, day=5), Law.UNIFORM)]).onsets
    assert most_h - 6 < onset.delay_h < most_h
