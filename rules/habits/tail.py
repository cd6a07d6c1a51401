"""From past silences to one limit: a generalised Pareto tail, and the threshold that keeps a budget of false alarms."""

from collections.abc import Sequence

import msgspec

TAIL_SIZE = 60
"""The largest silences that make the tail (spec A4.5): about two thirds of one a day over 90 days."""

LEAST_TAIL = 5
PRIOR_SHAPE = 0.15
"""Silences of real homes have a tail a little heavier than exponential (spec A4.5)."""

SHAPE_PRIOR_WEIGHT = 0.7
SHAPE_BOUNDS = (-0.1, 0.4)
LEAST_SHAPE = 0.01  # a shape of exactly 0 divides by zero; 0.01 is an exponential tail to three digits


class Tail(msgspec.Struct, frozen=True):
    """Silences above `base` exceed it by a generalised Pareto law, `rate_per_30d` times in 30 days."""

    base: float
    scale: float
    shape: float
    rate_per_30d: float

    def threshold(self, budget_per_30d: float) -> float:
        """Return the silence that is exceeded as often as the budget allows; never below three quarters of `base`."""
        ratio = self.rate_per_30d / budget_per_30d
        return max(0.75 * self.base, self.base + self.scale / self.shape * (ratio**self.shape - 1.0))


def fit_tail(silences: Sequence[float], days: float) -> Tail | None:
    """Fit the tail of silences (in expected active bins) seen in so many observed days; None with too few."""
    size = min(TAIL_SIZE, len(silences) // 2)
    if size < LEAST_TAIL or days <= 0:
        return None
    ordered = sorted(silences, reverse=True)
    base = ordered[size - 1]
    excesses = [silence - base for silence in ordered[: size - 1]]
    mean = sum(excesses) / len(excesses)
    if mean <= 0:
        return None
    variance = sum((excess - mean) ** 2 for excess in excesses) / len(excesses)
    by_moments = 0.5 * (1.0 - mean * mean / variance) if variance > 0 else SHAPE_BOUNDS[0]
    low, high = SHAPE_BOUNDS
    own = min(max(by_moments, low), high)
    shape = max(SHAPE_PRIOR_WEIGHT * PRIOR_SHAPE + (1 - SHAPE_PRIOR_WEIGHT) * own, LEAST_SHAPE)
    return Tail(base, mean * (1.0 - shape), shape, (len(excesses) + 0.3) / days * 30.0)
