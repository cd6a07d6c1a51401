"""Figures of the protocol: exact Poisson intervals, quantiles, means; no more precision than the data have."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Figures = dict[str, Any]
"""A JSON object."""

DAYS = 30.0
CONFIDENCE_TAIL = 0.025
SHARES_WITHIN_H = (1, 2, 4, 6, 12)


def poisson_interval(count: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a Poisson mean of which `count` was seen."""
    low = 0.0 if count == 0 else _solve(lambda mean: 1.0 - _cdf(count - 1, mean), CONFIDENCE_TAIL, count)
    return low, _solve(lambda mean: -_cdf(count, mean), -CONFIDENCE_TAIL, count)


LEAST_DAYS = 1.0
"""Of an hour's history the interval would reach to thousands of alarms: that is no figure."""


def rate(count: int, days: float) -> Figures:
    """Return false alarms in 30 days with their interval; no rate of less than a day."""
    if days < LEAST_DAYS:
        return {"false_alarms": count, "false_alarms_per_30d": None, "ci95": None}
    low, high = poisson_interval(count)
    return {
        "false_alarms": count,
        "false_alarms_per_30d": round(count / days * DAYS, 3),
        "ci95": [round(low / days * DAYS, 3), round(high / days * DAYS, 3)],
    }


ROUNDING = 1e-9
"""Weights of a thousandth each do not add up to a half exactly: without it equal weights gave the next value."""


def delays(hours: Numbers | Sequence[float], weights: Numbers | Sequence[float] | None = None) -> Figures:
    """Return mean, quantiles and shares of delays in hours; every value None when there are none."""
    values = np.asarray(hours, dtype=float)
    shares = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    if not len(values) or shares.sum() <= 0:
        return {"mean_delay_h": None, "median_delay_h": None, "p90_delay_h": None, "p95_delay_h": None}
    order = np.argsort(values)
    ordered, sums = values[order], np.cumsum(shares[order]) / shares.sum()

    def quantile(share: float) -> float:
        at = int(np.searchsorted(sums, share - ROUNDING))
        return round(float(ordered[min(at, len(ordered) - 1)]), 3)

    within = {f"{h}h": round(float(shares[values <= h].sum() / shares.sum()), 3) for h in SHARES_WITHIN_H}
    return {
        "mean_delay_h": round(float((values * shares).sum() / shares.sum()), 3),
        "median_delay_h": quantile(0.5),
        "p90_delay_h": quantile(0.9),
        "p95_delay_h": quantile(0.95),
        "within": within,
    }


def _cdf(count: int, mean: float) -> float:
    return sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)) if mean else 1.0


def _solve(rising: Callable[[float], float], target: float, count: int) -> float:
    low, high = 0.0, 4.0 * count + 20.0
    for _ in range(80):  # halving 80 times leaves nothing of a float's 53 bits
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < target else (low, middle)
    return low


def chance_of(more: int, fewer: int) -> float:
    """Return the probability of a split at least as uneven by chance alone: the exact two-sided sign test."""
    total = more + fewer
    tail = sum(math.comb(total, k) for k in range(min(more, fewer) + 1)) / 2**total
    return min(1.0, 2 * tail)
