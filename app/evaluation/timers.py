"""Loads that a clock switches: power that rises within the same five minutes on most days; nobody rises like that."""

from bisect import bisect_left, bisect_right
from zoneinfo import ZoneInfo

import msgspec

from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS, from_ms

DAYS_LOOKED_AT = 14
LEAST_DAYS = 7
LEAST_SHARE = 0.8
"""On so many of the last days, away or not (spec A4.1)."""

SLOT_MINUTES = 5
LEAST_RISE_W = 100.0
FINE_MS = 16 * MINUTE_MS
"""A meter read more seldom shows no timer: people too get up within the same hour every day."""

LONGEST_RUN_MS = 3 * HOUR_MS


class TimerRun(msgspec.Struct, frozen=True):
    """One run of a timed load as it was last recorded."""

    shown: list[tuple[int, float]]  # (UTC ms, W), its end included

    def again(self, from_ms_: int, until_ms: int) -> list[tuple[int, float]]:
        """Return what it shows on later days, after a moment and up to another."""
        found: list[tuple[int, float]] = []
        for at_ms, value in self.shown:
            next_ms = at_ms + max(1, (from_ms_ - at_ms) // DAY_MS + 1) * DAY_MS
            if from_ms_ < next_ms <= until_ms:
                found.append((next_ms, value))
        return found

    def covers(self, at_ms: int) -> bool:
        """Return whether it runs at this time of a later day."""
        return (at_ms - self.shown[0][0]) % DAY_MS <= self.shown[-1][0] - self.shown[0][0]


def timers_before(at_ms: list[int], values: list[float], until_ms: int, tz: ZoneInfo) -> list[TimerRun]:
    """Return a run of each load that a clock has switched up to a moment; times in order, values in W."""
    first, end = bisect_left(at_ms, until_ms - DAYS_LOOKED_AT * DAY_MS), bisect_right(at_ms, until_ms)
    days: dict[int, set[int]] = {}
    latest: dict[int, int] = {}
    known: set[int] = set()
    for index in range(max(first, 1), end):
        local = from_ms(at_ms[index], tz)
        known.add(local.toordinal())
        is_fine = at_ms[index] - at_ms[index - 1] <= FINE_MS
        if is_fine and values[index] - values[index - 1] >= LEAST_RISE_W:
            slot = int((local.hour * 60 + local.minute + local.second / 60 + SLOT_MINUTES / 2) // SLOT_MINUTES)
            days.setdefault(slot, set()).add(local.toordinal())
            latest[slot] = index
    if len(known) < LEAST_DAYS:
        return []
    return [
        TimerRun(_run(at_ms, values, latest[slot], end))
        for slot, on in days.items()
        if len(on) >= LEAST_SHARE * len(known)
    ]


def _run(at_ms: list[int], values: list[float], index: int, end: int) -> list[tuple[int, float]]:
    low = (values[index] + values[index - 1]) / 2
    found = [(at_ms[index], values[index])]
    for place in range(index + 1, end):
        if at_ms[place] - at_ms[index] > LONGEST_RUN_MS:
            break
        found.append((at_ms[place], values[place]))
        if values[place] < low:
            break
    return found
