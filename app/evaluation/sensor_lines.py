"""Turns the lines of one sensor into readings of a device: switches, counts of events, meters in any unit."""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from app.evaluation.csv_words import quantity_of, switch_of
from app.evaluation.maps import Sensor
from app.evaluation.recordings import reading_of
from app.evaluation.units import Scale, scale_of, spelled, unit_in
from core.events import Metric, Reading
from core.localtime import HOUR_MS, MINUTE_MS
from device_sim.sensor_map import METRIC_OF_ROLE
from ingest.raw import PHYSICAL_RANGES
from registry.homes import Device, DeviceRole

STEADY_MS = (MINUTE_MS, 6 * HOUR_MS)
"""A meter that reports about this often, whether water flows or not, is missed when it does not."""

STEADY_SHARE = 0.8
LEAST_STEPS = 20
PULSE_MS = 2_000
"""How long a sensor that never says "off" is taken to be on: each of its lines is an event of its own."""

PLACES_KEPT = 5
_METERS = frozenset({DeviceRole.WATER_METER, DeviceRole.POWER_METER, DeviceRole.APPLIANCE})
_NUMBERS = frozenset({Metric.WATER_TOTAL_L, Metric.WATER_FLOW_L_H, Metric.POWER_W, Metric.ENERGY_TOTAL_WH,
                      Metric.TEMPERATURE_C})  # fmt: skip


class Said(msgspec.Struct, frozen=True):
    """One line of a sensor."""

    at_ms: int
    word: str
    line: int
    unit: str = ""  # from a column of its own


class Taken(msgspec.Struct, frozen=True):
    """What became of a sensor's lines; `told` says how its numbers were understood."""

    readings: list[Reading]
    used: int
    told: str = ""


class Unused:
    """Lines that could not be used: how many for which reason, and the first few of them."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.places: dict[str, list[int]] = {}
        self.samples: dict[str, str] = {}  # what the first of them says
        self.on_purpose = 0  # of sensors that a map leaves out, or that show no person

    def note(self, reason: str, line: int, sample: str = "", *, is_meant: bool = False) -> None:
        """Count one line."""
        self.counts[reason] += 1
        self.samples.setdefault(reason, sample)
        self.on_purpose += is_meant
        places = self.places.setdefault(reason, [])
        if len(places) < PLACES_KEPT:
            places.append(line)

    @property
    def unmeant(self) -> int:
        """Return how many lines nobody meant to leave out."""
        return self.counts.total() - self.on_purpose


def taken(device: Device, entry: Sensor, said: Sequence[Said], unit_of_all: str, unused: Unused) -> Taken:
    """Return the readings of a sensor whose lines are in order of time."""
    if entry.role in _METERS:
        return _metered(device, entry, said, unit_of_all, unused)
    metric = entry.metric or METRIC_OF_ROLE[entry.role]
    if metric in _NUMBERS:
        readings = list(_scaled(device, Scale(metric, 1.0, told=""), said, "", unused))
        return Taken(readings, len(readings))
    return _switched(device, metric, said, unused)


def beat_of(device: Device, readings: Sequence[Reading]) -> int | None:
    """Return the heartbeat of a meter that reports steadily: its silence is then blindness, not stillness."""
    if device.role not in _METERS - {DeviceRole.APPLIANCE}:
        return None
    steps = [after.observed_at_ms - before.observed_at_ms for before, after in pairwise(readings[:2000])]
    if len(steps) <= LEAST_STEPS:
        return None
    usual_ms = statistics.median(steps)
    is_steady = sum(step <= 1.5 * usual_ms for step in steps) > STEADY_SHARE * len(steps)
    return max(int(usual_ms), 10 * MINUTE_MS) if is_steady and STEADY_MS[0] <= usual_ms <= STEADY_MS[1] else None


def _metered(device: Device, entry: Sensor, said: Sequence[Said], unit_of_all: str, unused: Unused) -> Taken:
    numbers: list[float] = []
    times: list[int] = []
    units: Counter[str] = Counter()
    for each in said:
        quantity = quantity_of(each.word)
        if quantity is not None:
            numbers.append(quantity.number)
            times.append(each.at_ms)
            units[spelled(each.unit or quantity.unit)] += 1
    written = next((unit for unit, _ in units.most_common() if unit), "")
    unit = spelled(entry.unit) or written or spelled(unit_of_all) or unit_in(device.id.partition("/")[2])
    if not numbers:
        scale = Scale(entry.metric or METRIC_OF_ROLE[entry.role], 1.0, told="")
    elif entry.metric is not None and not unit:
        scale = Scale(entry.metric, 1.0, told=f"{entry.metric} by its map")
    else:
        scale = scale_of(entry.role, unit, times, numbers)
    readings = list(_scaled(device, scale, said, written, unused))
    return Taken(readings, len(readings), scale.told)


def _scaled(device: Device, scale: Scale, said: Sequence[Said], unit: str, unused: Unused) -> Iterator[Reading]:
    low, high = PHYSICAL_RANGES[scale.metric]
    for each in said:
        quantity = quantity_of(each.word)
        own = "" if quantity is None else spelled(each.unit or quantity.unit)
        if quantity is None:
            unused.note("says no number", each.line, each.word)
        elif own and unit and own != unit:
            unused.note("in another unit than most of its sensor's lines", each.line, each.word)
        elif not max(low, 0.0 if device.role in _METERS else low) <= quantity.number * scale.factor <= high:
            unused.note("a number that nothing in a home gives", each.line, each.word)
        else:
            yield reading_of(device, scale.metric, quantity.number * scale.factor, each.at_ms)


def _switched(device: Device, metric: Metric, said: Sequence[Said], unused: Unused) -> Taken:
    states: list[tuple[Said, bool, bool]] = []  # line, whether it is on, whether it counts events
    for each in said:
        is_on, quantity = switch_of(each.word), quantity_of(each.word)
        if is_on is None and quantity is not None and not quantity.unit:
            states.append((each, quantity.number > 0, True))
        elif is_on is not None:
            states.append((each, is_on, False))
        else:
            unused.note("says neither on nor off", each.line, each.word)
    is_counting = any(counts for _, _, counts in states)
    never_off = all(is_on for _, is_on, _ in states)
    readings: list[Reading] = []
    for each, is_on, _ in states:
        readings.append(reading_of(device, metric, is_on, each.at_ms))
        if is_on and (is_counting or never_off):
            readings.append(reading_of(device, metric, False, each.at_ms + PULSE_MS))
    told = "counts events, each line with one is an event" if is_counting else ""
    told = told or ("never says off, each line is an event" if never_off else "")
    return Taken(readings, len(states), told)
