"""What a limit may be: its unit, its range and how people write it; derived from RuleParameters, so it has no gap."""

import math
import re
from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.text import Bilingual
from rules.limit_bounds import LEAST, MOST, PRESET_CAP_MS
from rules.parameters import OFF_AT_ZERO, SWITCHES, RuleParameters

LIMITS: dict[str, float] = {field.name: field.default for field in msgspec.structs.fields(RuleParameters)}
"""Every limit's name, with its default."""

SHORTEST_MS = 1_000
"""Below a second nothing is a limit of a rule: somebody wrote hours or minutes without their unit."""

LONGEST_MS = 31 * DAY_MS
"""Whoever may be silent for more than a month is not watched over."""

HIGHEST = 1_000_000
"""Of anything counted, weighed or measured; beyond it somebody slipped."""

CAP = "inactivity_cap_ms"

_UNITS = {
    "ms": 1,
    "s": 1_000,
    "秒": 1_000,
    "min": MINUTE_MS,
    "分": MINUTE_MS,
    "分钟": MINUTE_MS,
    "h": HOUR_MS,
    "时": HOUR_MS,
    "小时": HOUR_MS,
    "d": DAY_MS,
    "天": DAY_MS,
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([^\d\s.]+)")
_WRITE_DURATION = 'write it as "45 min", "6 h", "90 s", "2 d" or whole milliseconds'


class LimitError(ValueError):
    """A limit that cannot be used: what is wrong and what to write instead; whoever read it knows where it stood."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def limit_value(name: str, value: object, *, of_preset: bool = False) -> float:
    """Return a limit as RuleParameters keeps it, whole for a whole one; raises LimitError.

    A preset may let silence last for a day; nothing else may.
    """
    if name not in LIMITS:
        raise LimitError(f"{name} is not a rule's limit", nearest(name, LIMITS))
    if name in SWITCHES:
        return _switch(name, value)
    if name.endswith("_ms") and isinstance(value, str):
        value = duration_ms(name, value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        write = _WRITE_DURATION if name.endswith("_ms") else "write a number, without quotes"
        raise LimitError(f"{name}: {value!r} is not a number", write)
    if isinstance(LIMITS[name], int) and value != int(value):
        raise LimitError(f"{name}: {value} is not whole", _WRITE_DURATION if name.endswith("_ms") else "round it")
    most = PRESET_CAP_MS if of_preset and name == CAP else MOST.get(name, math.inf)
    if value <= most:  # above it the bound says what to write, not the range of limits in general
        _check_range(name, value)
    _check_guard(name, value, most)
    return int(value) if isinstance(LIMITS[name], int) else float(value)


def duration_ms(name: str, text: str) -> int:
    """Return the milliseconds of a duration as people write it, e.g. "6 h", "1.5 h", "45 min", "6小时"."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or found[2] not in _UNITS:
        raise LimitError(f"{name}: {text!r} is not a duration", _WRITE_DURATION)
    return round(float(found[1]) * _UNITS[found[2]])


def shown(name: str, value: float) -> str:
    """Return a limit as people write it."""
    if not name.endswith("_ms"):
        return f"{value:g}"
    for unit, length_ms in (("h", HOUR_MS), ("min", MINUTE_MS), ("s", 1_000)):
        if value >= length_ms and value * 4 % length_ms == 0:
            return f"{value / length_ms:g} {unit}"
    return f"{value:g} ms"


def nearest(name: str, known: Iterable[str], otherwise: str = "docs/rules.md lists every name under Limits") -> str:
    """Return a remedy that names the nearest known name."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else otherwise


def contradiction(parameters: RuleParameters) -> tuple[str, str]:
    """Return (which two limits, what is wrong) when limits that are good alone contradict each other; else empty."""
    if parameters.day_starts_hour >= parameters.night_starts_hour:
        return "night_starts_hour", "the day (day_starts_hour) must begin before the night (night_starts_hour)"
    if parameters.inactivity_floor_ms > min(parameters.inactivity_cap_ms, parameters.inactivity_cap_meter_ms):
        return "inactivity_floor_ms", "the shortest silence (inactivity_floor_ms) is longer than the longest"
    if parameters.bathroom_least_ms > parameters.bathroom_most_ms:
        return "bathroom_least_ms", "the shortest stay (bathroom_least_ms) is longer than the longest"
    return "", ""


def _switch(name: str, value: object) -> int:
    if value in (0, 1):  # a list or a table has no hash; true and false are 1 and 0
        return int(bool(value))
    raise LimitError(f"{name}: {value!r} is neither on nor off", "write 1 (or true) for on, 0 (or false) for off")


def _check_range(name: str, value: float) -> None:
    least, most, unit = _range_of(name)
    if least <= value <= most:
        return
    if name.endswith("_ms") and value < least:
        raise LimitError(f"{name}: {value} ms is shorter than a second; a unit is missing", _WRITE_DURATION)
    raise LimitError(f"{name}: {value:g} is out of range", f"write {least:g} to {most:g}{unit}")


def _check_guard(name: str, value: float, most: float) -> None:
    """Refuse a limit that would switch off what watches over a life."""
    least = LEAST.get(name, -math.inf)
    if least <= value <= most or (value == 0 and name in OFF_AT_ZERO):
        return
    bound = shown(name, most if value > most else least)
    zh, en = ("最多", "at the most") if value > most else ("至少", "at the least")
    what = Bilingual(
        f"{name} = {shown(name, value)}：此限值守护生命，{zh}{bound}", f"this limit guards a life: {bound} {en}"
    )
    by_preset = Bilingual("，静默满一天才呼叫须选用预设 silence_24h", "; a day of silence is the preset silence_24h")
    also = by_preset if name == CAP and value > most else Bilingual("", "")
    raise LimitError(str(what), str(Bilingual(f"写{zh}{bound}{also.zh}", f"write {bound} {en}{also.en}")))


def _range_of(name: str) -> tuple[float, float, str]:
    if name.endswith("_ms"):
        return SHORTEST_MS, LONGEST_MS, f" milliseconds ({LONGEST_MS // DAY_MS} days); {_WRITE_DURATION}"
    if name.endswith("_hour"):
        return 0, 23, ", an hour of the local day"
    if "share" in name:
        return 0, 1, ", a share of the whole"
    if name.endswith("_percent"):
        return 1, 100, " percent"
    if name.endswith("_c"):
        return -40, 60, " degrees Celsius"
    least = 1 if isinstance(LIMITS[name], int) else 0.001
    return (0 if name in OFF_AT_ZERO else least), HIGHEST, ""
