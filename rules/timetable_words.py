"""One line of a timetable, `08:00..10:00 every 15 min kitchen motion`, as readings; refuses what it cannot read."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from core.events import Metric, Value
from core.localtime import DAY_MS, to_ms
from registry.homes import DeviceRole
from rules.limit_values import LimitError, duration_ms, nearest

PULSE_MS = 10_000
"""How long `motion` lasts: a motion sensor falls back by itself; `motion=true` stays on."""

MAX_SERIES = 10_000
"""Readings of one line: one a minute for a week; more is a slip of the pen."""

_TIME = r"(?:\+(\d{1,3})d\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?"
_LINE = re.compile(rf"{_TIME}(?:\.\.(\d{{1,2}}):(\d{{2}})\s+every\s+(\d+(?:\.\d+)?\s*[^\d\s]+))?\s+(\S+)\s+(.+)")
_MOMENT = re.compile(_TIME)
_WRITE = 'write "06:30 kitchen motion", "08:00..10:00 every 15 min kitchen motion" or "+1d 09:00 water 12.5"'

_MOTION: dict[str, tuple[Metric, Value]] = {"motion": (Metric.MOTION, True), "clear": (Metric.MOTION, False)}
_DOOR: dict[str, tuple[Metric, Value]] = {
    "open": (Metric.OPEN, True),
    "closed": (Metric.OPEN, False),
    "shut": (Metric.OPEN, False),
}
_WORDS: dict[DeviceRole, dict[str, tuple[Metric, Value]]] = {
    DeviceRole.INTERIOR_MOTION: _MOTION,
    DeviceRole.BED_MOTION: _MOTION,
    DeviceRole.BATHROOM_MOTION: _MOTION,
    DeviceRole.OUTSIDE_DOOR_MOTION: _MOTION,
    DeviceRole.OUTSIDE_DOOR: _DOOR,
    DeviceRole.INTERIOR_DOOR: _DOOR,
    DeviceRole.LEAK: {"wet": (Metric.WET, True), "dry": (Metric.WET, False)},
    DeviceRole.SMOKE_GAS_CO: {
        "smoke": (Metric.SMOKE, True),
        "gas": (Metric.GAS, True),
        "co": (Metric.CO, True),
    },
    DeviceRole.SOS_BUTTON: {"pressed": (Metric.SOS, True)},
    DeviceRole.GATEWAY: {"power_off": (Metric.MAINS, False), "power_on": (Metric.MAINS, True)},
}
_ALWAYS: dict[str, tuple[Metric, Value]] = {"alive": (Metric.ONLINE, True), "lost": (Metric.ONLINE, False)}
_NUMBERS: dict[DeviceRole, dict[str, Metric]] = {  # by unit; the first is meant when none is written
    DeviceRole.WATER_METER: {"L": Metric.WATER_TOTAL_L, "L/h": Metric.WATER_FLOW_L_H},
    DeviceRole.POWER_METER: {"W": Metric.POWER_W, "Wh": Metric.ENERGY_TOTAL_WH},
    DeviceRole.APPLIANCE: {"W": Metric.POWER_W, "Wh": Metric.ENERGY_TOTAL_WH},
    DeviceRole.CLIMATE: {"C": Metric.TEMPERATURE_C},
}
_NUMBER = re.compile(r"(\+?)(-?\d+(?:\.\d+)?)\s*(\S*)")
_TRUTH = {"true": True, "false": False, "on": True, "off": False}


class Rise(msgspec.Struct, frozen=True):
    """So much more than the register showed before."""

    by: float


class Said(NamedTuple):
    """What one device says at one moment, UTC ms."""

    at_ms: int
    device: str
    metric: Metric
    value: Value | Rise


def moment_ms(text: str, start: datetime) -> int:
    """Return the instant of "14:30" or "+1d 09:00", counted from the day of an aware start; raises LimitError."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise LimitError(f"{text!r} is not a time", 'write "14:30", or "+1d 09:00" for the next day')
    return _at_ms(found.groups(), start)


def said_by(line: str, start: datetime, roles: dict[str, DeviceRole]) -> Iterator[Said]:
    """Yield what a line says; raises LimitError with the remedy."""
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise LimitError(f"{line!r} cannot be read", _WRITE)
    device, words = found[8], found[9]
    if device not in roles:
        raise LimitError(f"there is no device {device!r}", nearest(device, roles, "name it below [device]"))
    metric, value, lasts_ms = _meaning(words, roles[device])
    for at_ms in _times(found, start):
        yield Said(at_ms, device, metric, value)
        if lasts_ms:
            yield Said(at_ms + lasts_ms, device, metric, False)


def _times(found: re.Match[str], start: datetime) -> range:
    from_ms = _at_ms(found.groups()[:4], start)
    if found[7] is None:
        return range(from_ms, from_ms + 1)
    until_ms = _at_ms((found[1], found[5], found[6], None), start)
    if until_ms < from_ms:
        until_ms += DAY_MS  # past midnight
    step_ms = duration_ms("every", found[7])
    if step_ms < 1 or (until_ms - from_ms) // step_ms > MAX_SERIES:
        raise LimitError(f"every {found[7]} is too often", f"at most {MAX_SERIES} readings a line")
    return range(from_ms, until_ms + 1, step_ms)


def _at_ms(groups: tuple[str | None, ...], start: datetime) -> int:
    days, hour, minute, second = (int(group or 0) for group in groups)
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004  # a clock's own
        raise LimitError(f"{hour:02d}:{minute:02d} is no time of day", "write 00:00 to 23:59")
    day = start.replace(hour=hour, minute=minute, second=second, microsecond=0)
    at_ms = to_ms(day + timedelta(days=days))
    if at_ms < to_ms(start):
        raise LimitError(f"{hour:02d}:{minute:02d} lies before the start", f"write +{days + 1}d for the day after")
    return at_ms


def _meaning(words: str, role: DeviceRole) -> tuple[Metric, Value | Rise, int]:
    """Return the metric, the value, and how long the value holds; 0: until the next."""
    known = _WORDS.get(role, {}) | _ALWAYS
    if words in known:
        metric, value = known[words]
        return metric, value, PULSE_MS if words == "motion" else 0
    name, _, given = words.partition("=")
    if name in set(Metric) and given:
        return Metric(name), _plain_value(given), 0
    units = _NUMBERS.get(role, {})
    number = _NUMBER.fullmatch(words)
    if number is None or not units or (number[3] and number[3] not in units):
        choices = [*known, *(f"a number in {unit}" for unit in units), "metric=value"]
        raise LimitError(f"{words!r} means nothing for a {role}", f"write one of: {', '.join(choices)}")
    metric = units[number[3]] if number[3] else next(iter(units.values()))
    return metric, Rise(float(number[2])) if number[1] else float(number[2]), 0


def _plain_value(text: str) -> Value:
    if text in _TRUTH:
        return _TRUTH[text]
    try:
        return float(text)
    except ValueError:
        raise LimitError(f"{text!r} is no value", "write true, false or a number") from None
