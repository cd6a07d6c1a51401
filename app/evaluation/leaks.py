"""Water that never stood still: the long flows of a register, told by the record alone, and what the engine said."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from app.evaluation.recordings import Recording, Span
from app.evaluation.running import Trace
from app.evaluation.statistics import Figures, rate
from core.events import Metric
from core.localtime import HOUR_MS
from rules.findings import FindingKind

LONG_FLOW_MS = 100 * HOUR_MS
"""Spec A, figures: a flow of that length is a leak and no life, whoever lives there."""

FOUND_WITHIN_MS = 48 * HOUR_MS
LONGEST_GAP_MS = 12 * HOUR_MS
"""Growth over a longer stretch without a read says nothing of its hours."""


def long_flows(recording: Recording) -> list[Span]:
    """Return the stretches of at least 100 hours in which every read of the register was above the one before."""
    reads = [
        (reading.observed_at_ms, float(reading.value))
        for reading in recording.readings
        if reading.metric is Metric.WATER_TOTAL_L
    ]
    found: list[Span] = []
    begun_ms: int | None = None
    for (before_ms, before), (at_ms, litres) in pairwise(reads):
        if litres > before and at_ms - before_ms <= LONGEST_GAP_MS:
            begun_ms = before_ms if begun_ms is None else begun_ms
            continue
        found += _if_long(begun_ms, before_ms)
        begun_ms = None
    return found + _if_long(begun_ms, reads[-1][0] if reads else 0)


def leaks(recording: Recording, trace: Trace, days: float) -> Figures | None:
    """Return how many long flows there are, how many a finding told within 48 hours, and the rate of findings apart.

    None where no register was recorded.
    """
    if not any(reading.metric is Metric.WATER_TOTAL_L for reading in recording.readings):
        return None
    flows = long_flows(recording)
    told = [f.at_ms for f in trace.findings if f.kind is FindingKind.SLOW_LEAK and not f.is_cleared]
    waits = [_wait_ms(flow, told) for flow in flows]
    known = [wait for wait in waits if wait is not None]
    elsewhere = sum(not any(flow.from_ms <= at_ms <= flow.until_ms for flow in flows) for at_ms in told)
    return {
        "long_flows": len(flows),
        "found_within_48h": sum(wait <= FOUND_WITHIN_MS for wait in known),
        "slowest_h": round(max(known) / HOUR_MS, 1) if known else None,
        "elsewhere": rate(elsewhere, days),
    }


def together(found: Iterable[Figures | None], days: float) -> Figures | None:
    """Return the same over several homes; None where none has a register."""
    homes = [one for one in found if one is not None]
    if not homes:
        return None
    slowest = [one["slowest_h"] for one in homes if one["slowest_h"] is not None]
    return {
        "long_flows": sum(one["long_flows"] for one in homes),
        "found_within_48h": sum(one["found_within_48h"] for one in homes),
        "slowest_h": max(slowest, default=None),
        "elsewhere": rate(sum(one["elsewhere"]["false_alarms"] for one in homes), days),
    }


def _wait_ms(flow: Span, told: Sequence[int]) -> int | None:
    """Return how long after its beginning a flow was told; one that was told before it grew long at once."""
    return next((at_ms - flow.from_ms for at_ms in told if flow.from_ms <= at_ms <= flow.until_ms), None)


def _if_long(from_ms: int | None, until_ms: int) -> list[Span]:
    return [] if from_ms is None or until_ms - from_ms < LONG_FLOW_MS else [Span(from_ms, until_ms)]
