"""What is remembered of a home's habits: a decayed profile, the longest silences of 90 days, the limit they give."""

import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import msgspec

from core.localtime import DAY_MS, MINUTE_MS
from rules.habits.expected import BINS, POPULATION_CURVE

GAPS_PER_DAY = 3
"""Only the longest matter for the tail: 60 of 270 in 90 days."""

GAP_DAYS = 90
LONGEST_GAP_MS = 36 * 60 * MINUTE_MS
"""Longer than a day and a half is a journey or an incident, not a habit (spec A7)."""

_CURVE_BYTES = 4 * BINS  # float32
_GAP_BYTES = 6  # a step of four, a length of two
_PACKED_LEVEL = 6
"""Higher levels gain nothing on two kilobytes and take longer."""


class DayLog(msgspec.Struct, array_like=True, gc=False):
    """One local day as it was seen: half hours with a sign of life, half hours seen at all, longest silences."""

    day: int  # days since 1970-01-01, local
    active: int = 0  # bit i: half hour i had a sign of life
    seen: int = 0  # bit i: half hour i was seen and somebody was expected to be home
    gaps: list[tuple[float, int, int]] = []  # (missed activity, start, length): minutes of the wall clock


@dataclass(slots=True)
class Past:
    """What the lessons so far have left: decayed counts per half hour, and the longest silences; open to a lesson."""

    active: dict[bool, "array[float]"]  # on days of rest (True) and on working days
    seen: dict[bool, "array[float]"]
    gaps: list[tuple[int, int]]  # start, length: minutes of the wall clock since 1970, oldest first

    def remember(self, gaps: list[tuple[float, int, int]], today: int) -> None:
        """Add a day's longest silences and forget those older than GAP_DAYS."""
        oldest = (today - GAP_DAYS) * (DAY_MS // MINUTE_MS)
        first = next((at for at, (start, _) in enumerate(self.gaps) if start >= oldest), len(self.gaps))
        fresh = [(start, length) for _, start, length in sorted(gaps, key=lambda gap: gap[1])]
        self.gaps = [*self.gaps[first:], *fresh]

    def silences(self) -> Iterator[tuple[int, int]]:
        """Yield (start, length) of the remembered silences, ms of the wall clock."""
        for start, length in self.gaps:
            yield start * MINUTE_MS, length * MINUTE_MS


class Memory(msgspec.Struct, array_like=True, gc=False):
    """A home's habits; under 2 KB encoded. What only a lesson asks for is kept packed."""

    packed: bytes = b""  # a Past; nothing learned is nothing
    rates: bytes = b""  # of the last lesson: activity to expect per half hour, working days, then days of rest; float32
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

    def past(self) -> Past:
        """Return what the lessons so far have left, to be kept again by `keep`."""
        data = zlib.decompress(self.packed) if self.packed else bytes(4 * _CURVE_BYTES)
        curves = [_floats(data[at : at + _CURVE_BYTES]) for at in range(0, 4 * _CURVE_BYTES, _CURVE_BYTES)]
        active, seen = {False: curves[0], True: curves[2]}, {False: curves[1], True: curves[3]}
        return Past(active, seen, _gaps_of(data[4 * _CURVE_BYTES :]))

    def keep(self, past: Past) -> None:
        """Pack what a lesson leaves: a block for each sort of bytes, with codes of its own, takes the least room."""
        curves = (curves[is_rest].tobytes() for is_rest in (False, True) for curves in (past.active, past.seen))
        packing = zlib.compressobj(_PACKED_LEVEL)
        blocks = (b"".join(curves), *_gap_planes(past.gaps))
        packed = b"".join(packing.compress(block) + packing.flush(zlib.Z_PARTIAL_FLUSH) for block in blocks)
        self.packed = packed + packing.flush()


def curve_of(past: Past, kappa: float, prior: tuple[float, ...] = POPULATION_CURVE) -> list[float]:
    """Return the chance of a sign of life per half hour over all days, drawn to the prior by `kappa` days."""
    active, seen = past.active, past.seen
    return [
        (active[False][i] + active[True][i] + kappa * prior[i]) / (seen[False][i] + seen[True][i] + kappa)
        for i in range(BINS)
    ]


def _floats(data: bytes) -> "array[float]":
    values: array[float] = array("f")
    values.frombytes(data)
    return values


def _gaps_of(data: bytes) -> list[tuple[int, int]]:
    count = len(data) // _GAP_BYTES
    steps, lengths, four = array("i"), array("H"), bytearray(4 * count)
    for at in range(4):
        four[at::4] = data[at * count : (at + 1) * count]
    steps.frombytes(four)
    lengths.frombytes(data[4 * count :])
    return list(zip(accumulate(steps), lengths, strict=True))


def _gap_planes(gaps: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """Yield the steps from start to start, the like bytes of all together, then all lengths."""
    starts = [start for start, _ in gaps]
    steps = array("i", starts[:1] + [later - earlier for earlier, later in pairwise(starts)]).tobytes()
    yield from (steps[at::4] for at in range(4))
    yield array("H", [length for _, length in gaps]).tobytes()
