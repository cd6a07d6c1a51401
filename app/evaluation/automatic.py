"""What a home's meters go on to show when nobody does anything: leaks, cisterns, standby, refrigerator, timers."""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

import msgspec

from app.evaluation.recordings import Recording
from app.evaluation.timers import TimerRun, timers_before
from core.events import Metric, Reading, Value
from core.ids import DeviceId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS, from_ms, to_ms, zone
from registry.homes import DeviceRole
from rules.rooms import MOTION_ROLES

REGISTERS = frozenset({Metric.WATER_TOTAL_L, Metric.ENERGY_TOTAL_WH})
METERED = REGISTERS | {Metric.WATER_FLOW_L_H, Metric.POWER_W}

NIGHT_HOURS = 5
"""From midnight on: the hours in which least is done by hand."""

QUIET_HOURS = 3
"""Of the night before the onset, those with the lowest power: three hours hold every cycle of a refrigerator."""

HOUR_AT_LEAST_MS = 55 * MINUTE_MS
"""A register is read a little early now and then; one that is read more often is looked at in such hours."""

NEAR_MS = 15 * MINUTE_MS
"""Water that runs while no motion sensor has seen anybody for so long before and after ran by itself."""

SLOWEST_MS, FASTEST_MS = HOUR_MS, MINUTE_MS
"""A meter reports at its own pace, within these: a standing one is heard at least every hour."""

HAND_L = 1.0
"""Litres above twice the base that only a hand draws: registers tell whole litres."""


class Meter(msgspec.Struct):
    """The readings of one meter in order of time; `sums` is its register without its steps back."""

    device_id: DeviceId
    metric: Metric
    at_ms: list[int] = []
    values: list[float] = []
    sums: list[float] = []

    def take(self, reading: Reading) -> None:
        """Add the next reading."""
        value = float(reading.value)
        grown = max(value - self.values[-1], 0.0) if self.values else 0.0
        self.sums.append((self.sums[-1] if self.sums else 0.0) + grown)
        self.at_ms.append(reading.observed_at_ms)
        self.values.append(value)


class Automatic:
    """Tells hands from automatic loads by the recording's own nights, and carries the latter on."""

    def __init__(self, recording: Recording) -> None:
        self._tz: ZoneInfo = zone(recording.home.zone_name)
        self._home_id = recording.home.id
        self.meters: dict[str, Meter] = {}
        roles = {device.id: device.role for device in recording.home.devices}
        seen: list[int] = []
        for reading in recording.readings:
            if reading.metric in METERED and not isinstance(reading.value, str):
                key = f"{reading.device_id} {reading.metric}"
                meter = self.meters.setdefault(key, Meter(reading.device_id, reading.metric))
                if not meter.at_ms or reading.observed_at_ms > meter.at_ms[-1]:
                    meter.take(reading)
            elif reading.value is True and roles.get(reading.device_id) in MOTION_ROLES:
                seen.append(reading.observed_at_ms)
        self._moved_ms = sorted(seen)
        self._has_motion = any(role in MOTION_ROLES for role in roles.values())
        self._bases: dict[tuple[str, int], float] = {}
        self._plugs = {key for key, role in roles.items() if role is DeviceRole.APPLIANCE}

    def is_by_hand(self, reading: Reading, before: Value | None) -> bool:
        """Return whether somebody made a meter show this: above the base of the night before, and not by itself."""
        if isinstance(before, str) or before is None:
            return False
        key = f"{reading.device_id} {reading.metric}"
        meter, value = self.meters[key], float(reading.value)
        base = self.base_per_hour(key, reading.observed_at_ms)
        if reading.metric is Metric.WATER_FLOW_L_H:
            return value > 2 * base
        if reading.metric is Metric.WATER_TOTAL_L:
            index = bisect_left(meter.at_ms, reading.observed_at_ms)
            hours = (reading.observed_at_ms - meter.at_ms[index - 1]) / HOUR_MS if index else 0.0
            return value - float(before) > (2 * base * hours + HAND_L if base else 0.0)
        return True

    def base_per_hour(self, key: str, at_ms: int) -> float:
        """Return what runs by itself hour after hour: the least that the hours of the last whole night show."""
        midnight = from_ms(at_ms - NIGHT_HOURS * HOUR_MS, self._tz).replace(hour=0, minute=0, second=0, microsecond=0)
        found = self._bases.get((key, midnight.toordinal()))
        if found is None:
            found = self._bases[key, midnight.toordinal()] = self._least(self.meters[key], midnight)
        return found

    def after(self, at_ms: int, until_ms: int) -> Iterator[Reading]:
        """Yield what the meters show after a moment from which nobody does anything, in order of time."""
        streams = [self._carried(key, meter, at_ms, until_ms) for key, meter in self.meters.items()]
        return heapq.merge(*streams, key=lambda reading: reading.observed_at_ms)

    def _least(self, meter: Meter, midnight: datetime) -> float:
        begun_ms, ended_ms = to_ms(midnight), to_ms(midnight + timedelta(hours=NIGHT_HOURS))
        first, end = bisect_left(meter.at_ms, begun_ms), bisect_right(meter.at_ms, ended_ms)
        if end - first < NIGHT_HOURS:
            return 0.0  # it speaks only when something happens, or was not read: nothing is known to run
        if meter.metric not in REGISTERS:
            return min(meter.values[first:end])
        rates: list[float] = []
        mark = first
        for place in range(first + 1, end):  # from reading to reading: what lies between two of them is not known
            lasted_ms = meter.at_ms[place] - meter.at_ms[mark]
            if lasted_ms >= HOUR_AT_LEAST_MS:
                rates.append((meter.sums[place] - meter.sums[mark]) * HOUR_MS / lasted_ms)
                mark = place
        return min(rates) if len(rates) >= NIGHT_HOURS - 1 else 0.0

    def _carried(self, key: str, meter: Meter, at_ms: int, until_ms: int) -> Iterator[Reading]:
        index = bisect_right(meter.at_ms, at_ms)
        if not index:
            return iter(())
        if meter.metric is Metric.POWER_W:
            return self._powered(meter, index, at_ms, until_ms)
        pace_ms = _pace_ms(meter, index)
        base = self.base_per_hour(key, at_ms)
        if meter.metric is Metric.WATER_FLOW_L_H:
            times = range(at_ms + FASTEST_MS, until_ms, SLOWEST_MS)
            return (self._reading(meter, base, next_ms) for next_ms in times)
        return self._grown(meter, index, at_ms, until_ms, base=base, pace_ms=pace_ms)

    def _grown(
        self, meter: Meter, index: int, at_ms: int, until_ms: int, *, base: float, pace_ms: int
    ) -> Iterator[Reading]:
        """Yield a register that grows by its base, and every day again by what ran by itself on the last one."""
        draws = self._by_themselves(meter, index, at_ms, base)
        is_whole = all(value == int(value) for value in meter.values[max(0, index - 50) : index])
        next_ms, total = meter.at_ms[index - 1] + pace_ms, meter.values[index - 1]
        told, told_ms, before_ms = total, meter.at_ms[index - 1], meter.at_ms[index - 1]
        while next_ms <= until_ms:
            total += base * (next_ms - before_ms) / HOUR_MS
            total += sum(litres for drawn_ms, litres in draws if _falls(drawn_ms, before_ms, next_ms))
            shown = float(int(total + 1e-6)) if is_whole else total
            if next_ms > at_ms and (shown != told or next_ms - told_ms >= SLOWEST_MS):
                yield self._reading(meter, shown, next_ms)
                told, told_ms = shown, next_ms
            before_ms, next_ms = next_ms, next_ms + pace_ms

    def _by_themselves(self, meter: Meter, index: int, at_ms: int, base: float) -> list[tuple[int, float]]:
        """Return (when, litres) of the draws of the last day near which nobody moved, without the base."""
        if not self._has_motion or meter.metric is not Metric.WATER_TOTAL_L:
            return []
        found: list[tuple[int, float]] = []
        for place in range(max(1, bisect_right(meter.at_ms, at_ms - DAY_MS)), index):
            from_ms_, drawn_ms = meter.at_ms[place - 1], meter.at_ms[place]
            litres = meter.sums[place] - meter.sums[place - 1] - base * (drawn_ms - from_ms_) / HOUR_MS
            near = bisect_left(self._moved_ms, from_ms_ - NEAR_MS)
            is_seen = near < len(self._moved_ms) and self._moved_ms[near] <= drawn_ms + NEAR_MS
            if litres > 0 and not is_seen:
                found.append((drawn_ms, litres))
        return found

    def _powered(self, meter: Meter, index: int, at_ms: int, until_ms: int) -> Iterator[Reading]:
        """Yield the quietest hours of the last night over and over, and every day again what a timer switches."""
        pattern = self._quietest(meter, at_ms)
        if meter.device_id in self._plugs or not pattern:  # a plug with nobody near it falls back
            pattern = [(FASTEST_MS, min(meter.values[max(0, index - 200) : index]))]
        timers = timers_before(meter.at_ms, meter.values, at_ms, self._tz)
        length_ms = QUIET_HOURS * HOUR_MS
        for begun_ms in range(at_ms, until_ms, length_ms):
            end_ms = min(begun_ms + length_ms, until_ms)
            shown = [(begun_ms + offset_ms, value) for offset_ms, value in pattern]
            found = [(next_ms, value) for next_ms, value in _with_timers(shown, timers) if at_ms < next_ms <= end_ms]
            found += [each for run in timers for each in run.again(begun_ms, end_ms)]
            for next_ms, value in sorted(found):
                yield self._reading(meter, value, next_ms)

    def _quietest(self, meter: Meter, at_ms: int) -> list[tuple[int, float]]:
        """Return the lowest hours in a row of the last whole night as (offset, W)."""
        midnight = from_ms(at_ms - NIGHT_HOURS * HOUR_MS, self._tz).replace(hour=0, minute=0, second=0, microsecond=0)
        found: list[tuple[float, list[tuple[int, float]]]] = []
        for hour in range(NIGHT_HOURS - QUIET_HOURS + 1):
            begun_ms = to_ms(midnight + timedelta(hours=hour))
            first = bisect_left(meter.at_ms, begun_ms)
            end = bisect_left(meter.at_ms, begun_ms + QUIET_HOURS * HOUR_MS)
            if end > first:
                shown = [(meter.at_ms[i] - begun_ms + 1, meter.values[i]) for i in range(first, end)]
                found.append((max(value for _, value in shown), shown))
        return min(found)[1] if found else []

    def _reading(self, meter: Meter, value: float, at_ms: int) -> Reading:
        return Reading(self._home_id, meter.device_id, meter.metric, value, at_ms, at_ms)


def _pace_ms(meter: Meter, index: int) -> int:
    recent = meter.at_ms[max(0, index - 25) : index]
    steps = [b - a for a, b in pairwise(recent)]
    return min(max(int(median(steps)), FASTEST_MS), SLOWEST_MS) if steps else SLOWEST_MS


def _falls(drawn_ms: int, from_ms_: int, until_ms: int) -> bool:
    """Return whether the same time of a later day lies after a moment, up to another."""
    days = (until_ms - drawn_ms) // DAY_MS
    return days >= 1 and drawn_ms + days * DAY_MS > from_ms_


def _with_timers(shown: list[tuple[int, float]], timers: list[TimerRun]) -> list[tuple[int, float]]:
    """Return what is shown outside the runs of timers, which show their own."""
    return [(at_ms, value) for at_ms, value in shown if not any(run.covers(at_ms) for run in timers)]
