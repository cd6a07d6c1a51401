"""Units in which meters of recordings count, to the litres, watts and watt-hours of the rules; guesses are told."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import msgspec

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS
from registry.homes import DeviceRole

MAX_FALLS = 0.02
"""A register that was reset or replaced steps back once; a flow falls at every second line."""

CUBIC_METRES_BELOW = 8.0
"""A home uses hundreds of litres a day, or some tenths of a cubic metre: a register that grows by less counts these."""

KILOWATT_HOURS_BELOW = 150.0
"""A home uses a few kilowatt-hours a day, thousands of watt-hours."""

KILOWATTS_BELOW = 25.0
"""No home's highest power is as few watts, none is as many kilowatts."""

_SPELLINGS = (
    (re.compile(r"^(m3|m³|㎥|cbm|立方米?|方|吨|t)\s*/\s*(h|hour|小时|时)$"), "m3/h"),
    (re.compile(r"^(l|liters?|litres?|升)\s*/\s*(h|hour|小时|时)$"), "l/h"),
    (re.compile(r"^(l|liters?|litres?|升)\s*/\s*(min|m|分钟?)$|^lpm$"), "l/min"),
    (re.compile(r"^(m3|m³|㎥|cbm|m\^3|cubic met(er|re)s?|立方米?|方|吨|t)$"), "m3"),
    (re.compile(r"^(l|liters?|litres?|升)$"), "l"),
    (re.compile(r"^(kwh|kw·h|kw\.h|kw h|千瓦时|度|度电)$"), "kwh"),
    (re.compile(r"^(wh|w·h|w h|瓦时)$"), "wh"),
    (re.compile(r"^(kw|千瓦)$"), "kw"),
    (re.compile(r"^(w|watts?|瓦)$"), "w"),
    (re.compile(r"^(°c|℃|c|celsius|摄氏度|度)$"), "c"),
)
_IN_NAMES = (
    (re.compile(r"(^|[_\s(（])(m3|m³|㎥|立方)"), "m3"),
    (re.compile(r"kwh|千瓦时"), "kwh"),
    (re.compile(r"(^|[_\s(（])wh($|[_\s)）])"), "wh"),
    (re.compile(r"(^|[_\s(（])kw($|[_\s)）])"), "kw"),
    (re.compile(r"(^|[_\s(（])(l_?min|lpm|l_per_min)"), "l/min"),
    (re.compile(r"(^|[_\s(（])(l_?h|l_per_h)($|[_\s)）])"), "l/h"),
    (re.compile(r"lit(er|re)s?|(^|[_\s(（])l($|[_\s)）])"), "l"),
    (re.compile(r"watts?|(^|[_\s(（])w($|[_\s)）])"), "w"),
)
_REGISTERS = {"m3": (Metric.WATER_TOTAL_L, 1000.0), "l": (Metric.WATER_TOTAL_L, 1.0)}
_FLOWS = {
    "m3/h": (Metric.WATER_FLOW_L_H, 1000.0),
    "l/h": (Metric.WATER_FLOW_L_H, 1.0),
    "l/min": (Metric.WATER_FLOW_L_H, 60.0),
}
_ENERGY = {"kwh": (Metric.ENERGY_TOTAL_WH, 1000.0), "wh": (Metric.ENERGY_TOTAL_WH, 1.0)}
_POWERS = {"kw": (Metric.POWER_W, 1000.0), "w": (Metric.POWER_W, 1.0)}


class Scale(msgspec.Struct, frozen=True):
    """What a meter's numbers mean: of this metric, times `factor`; `told` says how that was found."""

    metric: Metric
    factor: float
    told: str


def spelled(text: str) -> str:
    """Return a unit as this module spells it, empty for one that it does not know."""
    plain = re.sub(r"\s+", " ", text.strip().casefold())
    return next((unit for pattern, unit in _SPELLINGS if pattern.fullmatch(plain)), "")


def unit_in(name: str) -> str:
    """Return the unit that a sensor's name tells of, empty when it tells of none."""
    return next((unit for pattern, unit in _IN_NAMES if pattern.search(name.casefold())), "")


def is_register(numbers: Sequence[float]) -> bool:
    """Return whether numbers in order of time hardly ever fall, and grow in the end."""
    falls = sum(after < before for before, after in pairwise(numbers))
    return len(numbers) > 1 and numbers[-1] > numbers[0] and falls <= MAX_FALLS * len(numbers)


def scale_of(role: DeviceRole, unit: str, at_ms: Sequence[int], numbers: Sequence[float]) -> Scale:
    """Return the scale of a water or power meter by its unit, or by how its numbers move; both in order of time."""
    grows = is_register(numbers)
    if role is DeviceRole.WATER_METER:
        return _water(unit, at_ms, numbers, grows=grows)
    return _power(unit, at_ms, numbers, grows=grows)


def _water(unit: str, at_ms: Sequence[int], numbers: Sequence[float], *, grows: bool) -> Scale:
    if unit in _FLOWS:
        return Scale(*_FLOWS[unit], told=f"a flow in {unit}")
    if unit in _REGISTERS:
        metric, factor = _REGISTERS[unit]
        if grows:
            return Scale(metric, factor, told=f"a register in {unit}")
        hours = _interval_h(at_ms)
        return Scale(Metric.WATER_FLOW_L_H, factor / hours, told=f"{unit} used in each {hours:g} h")
    if not grows:
        return Scale(Metric.WATER_FLOW_L_H, 1.0, told="its numbers fall too, taken for a flow in L/h")
    if any(number != int(number) for number in numbers) and _per_day(at_ms, numbers) < CUBIC_METRES_BELOW:
        return Scale(Metric.WATER_TOTAL_L, 1000.0, told="a register, by its growth in m3")
    return Scale(Metric.WATER_TOTAL_L, 1.0, told="a register, by its growth in L")


def _power(unit: str, at_ms: Sequence[int], numbers: Sequence[float], *, grows: bool) -> Scale:
    if unit in _POWERS:
        return Scale(*_POWERS[unit], told=f"power in {unit}")
    if unit in _ENERGY:
        metric, factor = _ENERGY[unit]
        if grows:
            return Scale(metric, factor, told=f"a register in {unit}")
        hours = _interval_h(at_ms)
        return Scale(Metric.POWER_W, factor / hours, told=f"{unit} used in each {hours:g} h")
    if grows:
        is_kilo = _per_day(at_ms, numbers) < KILOWATT_HOURS_BELOW
        word = "kWh" if is_kilo else "Wh"
        return Scale(Metric.ENERGY_TOTAL_WH, 1000.0 if is_kilo else 1.0, told=f"a register, by its growth in {word}")
    if any(number != int(number) for number in numbers) and max(numbers, default=0.0) < KILOWATTS_BELOW:
        return Scale(Metric.POWER_W, 1000.0, told="power, by its height in kW")
    return Scale(Metric.POWER_W, 1.0, told="power in W")


def _per_day(at_ms: Sequence[int], numbers: Sequence[float]) -> float:
    grown = sum(max(after - before, 0.0) for before, after in pairwise(numbers))
    return grown * DAY_MS / max(at_ms[-1] - at_ms[0], 1) if at_ms else 0.0


def _interval_h(at_ms: Sequence[int]) -> float:
    steps = [after - before for before, after in pairwise(at_ms) if after > before]
    return round(max(median(steps) / HOUR_MS, 1 / 3600), 4) if steps else 1.0
