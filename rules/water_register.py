"""What a meter's reading says was used since the one before it; refuses a register that steps back or leaps."""

import msgspec

from core.events import Metric, Reading, Value
from core.localtime import HOUR_MS

WATER_METRICS = frozenset({Metric.WATER_TOTAL_L, Metric.WATER_FLOW_L_H})

FLOW_HOLDS_MS = HOUR_MS
"""A flow that was told once is counted on for so long; then its sensor is silent, and nobody knows."""

POSSIBLE_L_H = 10_000.0
"""More than any dwelling's pipe carries: the register leapt (a new meter, garbage)."""

_SHORTEST_H = 0.1
"""Litres are told in lumps: a lump of a second is not judged as an hourly rate."""


class WaterStep(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Litres used between two readings of one meter."""

    litres: float
    from_ms: int
    to_ms: int

    @property
    def hours(self) -> float:
        """How long the step lasted."""
        return (self.to_ms - self.from_ms) / HOUR_MS


def step_of(
    reading: Reading, previous: Value | None, previous_ms: int | None, *, top_l: float | None, has_register: bool
) -> WaterStep | None:
    """Return what was used, None when the readings do not say it: the first one, a step back, a leap.

    `top_l` is what the register showed before it stepped back: what it makes good again was counted before.
    A flow counts only for a meter without a register.
    """
    if previous is None or isinstance(previous, str) or previous_ms is None or previous_ms >= reading.observed_at_ms:
        return None
    value, before, at_ms = float(reading.value), float(previous), reading.observed_at_ms
    if reading.metric is Metric.WATER_FLOW_L_H:
        held_ms = min(at_ms - previous_ms, FLOW_HOLDS_MS)
        return None if has_register else WaterStep(before * held_ms / HOUR_MS, previous_ms, at_ms)
    if value < before:
        return None
    used = value - before if top_l is None or value < top_l else max(0.0, value - max(before, top_l))
    step = WaterStep(used, previous_ms, at_ms)
    return None if used > POSSIBLE_L_H * max(step.hours, _SHORTEST_H) else step
