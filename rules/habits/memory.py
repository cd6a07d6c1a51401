"""What is remembered of a home's habits: a decayed profile, the longest silences of 90 days, the limit they give."""

import struct
from array import array
from collections.abc import Iterator

import msgspec

from core.localtime import DAY_MS, MINUTE_MS
from rules.habits.expected import BINS, POPULATION_CURVE

GAPS_PER_DAY = 3
"""Only the longest matter for the tail: 60 of 270 in 90 days."""

GAP_DAYS = 90
LONGEST_GAP_MS = 36 * 60 * MINUTE_MS
"""Longer than a day and a half is a journey or an incident, not a habit (spec A7)."""

_GAP = struct.Struct("<IH")  # start in minutes since 1970 on the wall clock, length in minutes
_ZEROS = bytes(4 * BINS)


class DayLog(msgspec.Struct):
    """One local day as it was seen: half hours with a sign of life, half hours seen at all, longest silences."""

    day: int  # days since 1970-01-01, local
    active: int = 0  # bit i: half hour i had a sign of life
    seen: int = 0  # bit i: half hour i was seen and somebody was expected to be home
    gaps: list[tuple[float, int, int]] = []  # (missed activity, start, length): minutes of the wall clock


class Memory(msgspec.Struct):
    """A home's habits; about 3 KB encoded. Arrays are float32, little endian."""

    work_active: bytes = _ZEROS  # decayed counts per half hour of working days
    work_seen: bytes = _ZEROS
    rest_active: bytes = _ZEROS  # of days of rest
    rest_seen: bytes = _ZEROS
    gaps: bytes = b""  # packed silences, oldest first
    logs: list[DayLog] = []  # days not folded yet, oldest first; at most LOGS_KEPT
    gap_from_ms: int | None = None  # wall clock: the silence under way began with this sign
    seen_until_ms: int | None = None  # wall clock: half hours up to here are marked as seen
    dark_from_ms: int | None = None  # wall clock: since then nothing can be seen
    folded_day: int | None = None
    days_learned: float = 0.0  # whole days' worth of half hours seen
    limit: float = 0.0  # expected active bins that may be missed; 0: nothing learned yet
    limit_second: float = 0.0  # the same for the second stage's budget
    feedback_ln: float = 0.0  # the multiplier that keeps the realised rate near the budget
    alarms: int = 0  # first-stage alarms since the last fold, of silences that ended by a sign of life
    is_ringing: bool = False  # the silence under way has rung
    drift_days: int = 0  # days in a row with more (or, negative, less) activity than the profile expects
    drift_until_day: int = 0  # until then the profile forgets faster

    def profile(self, kind: str) -> "tuple[array[float], array[float]]":
        """Return (active, seen) of "work" or "rest" days."""
        return _floats(getattr(self, f"{kind}_active")), _floats(getattr(self, f"{kind}_seen"))

    def set_profile(self, kind: str, active: "array[float]", seen: "array[float]") -> None:
        """Keep (active, seen) of "work" or "rest" days."""
        setattr(self, f"{kind}_active", active.tobytes())
        setattr(self, f"{kind}_seen", seen.tobytes())

    def silences(self) -> Iterator[tuple[int, int]]:
        """Yield (start, length) of the remembered silences, ms of the wall clock."""
        for start, length in _GAP.iter_unpack(self.gaps):
            yield start * MINUTE_MS, length * MINUTE_MS

    def remember(self, gaps: list[tuple[float, int, int]], today: int) -> None:
        """Add a day's longest silences and forget those older than GAP_DAYS."""
        fresh = b"".join(_GAP.pack(start, length) for _, start, length in sorted(gaps, key=lambda gap: gap[1]))
        oldest = (today - GAP_DAYS) * (DAY_MS // MINUTE_MS)
        kept = self.gaps
        while kept and _GAP.unpack_from(kept)[0] < oldest:
            kept = kept[_GAP.size :]
        self.gaps = kept + fresh


def curve_of(memory: Memory, kappa: float, prior: tuple[float, ...] = POPULATION_CURVE) -> list[float]:
    """Return the chance of a sign of life per half hour over all days, drawn to the prior by `kappa` days."""
    work_active, work_seen = memory.profile("work")
    rest_active, rest_seen = memory.profile("rest")
    return [
        (work_active[i] + rest_active[i] + kappa * prior[i]) / (work_seen[i] + rest_seen[i] + kappa)
        for i in range(BINS)
    ]


def _floats(data: bytes) -> "array[float]":
    values: array[float] = array("f")
    values.frombytes(data)
    return values
