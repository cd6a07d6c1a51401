"""Other people's detectors, written anew from what their papers say, on the same signs of life and absences."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
DAY_H = 24.0
SLOTS = 48
MORNING_H, NIGHT_H = 7.0, 22.0
HISTORY_DAYS = 60
LEAST_DAYS = 3
LONGEST_H = 72.0
"""No baseline is waited for longer than the protocol looks ahead."""

Deadline = Callable[[Numbers, Numbers], Numbers]
"""(past silences as rows of from, until; starts of silences) -> when each would ring; hours of the wall clock."""


def fixed(limit_h: float) -> Deadline:
    """Ring after so many hours, whoever lives there and whatever the hour."""
    return lambda _past, starts: starts + limit_h


def day_night(day_h: float, night_h: float) -> Deadline:
    """Use up a limit by day (7 to 22) and another by night."""

    def deadline(_past: Numbers, starts: Numbers) -> Numbers:
        return np.array([_used_up(start, day_h, night_h) for start in starts])

    return deadline


def _used_up(start: float, day_h: float, night_h: float) -> float:
    at, left = start, 1.0
    while True:
        hour = at % DAY_H
        is_day = MORNING_H <= hour < NIGHT_H
        edge = at - hour + (NIGHT_H if is_day else MORNING_H if hour < MORNING_H else MORNING_H + DAY_H)
        limit = day_h if is_day else night_h
        if (edge - at) / limit >= left:
            return at + left * limit
        left -= (edge - at) / limit
        at = edge


def cuddihy(scale: float = 1.0) -> Deadline:
    """Cuddihy and others 2007: per half hour the 97th percentile of elapsed silence, widened by two buffers."""

    def deadline(past: Numbers, starts: Numbers) -> Numbers:
        elapsed = _elapsed(past, HISTORY_DAYS)
        if not len(elapsed):
            return starts + LONGEST_H
        usual = np.percentile(elapsed, 97, axis=0)
        around = np.stack([np.roll(usual, shift) for shift in (2, 1, 0, -1, -2)])
        weighted = (np.array([1, 2, 3, 2, 1])[:, None] * around).sum(0) / 9
        return _crossing(starts, scale * (around.max(0) + 0.30 * usual + 0.40 * weighted))

    return deadline


def floeck_litz(margin: float = 0.10) -> Deadline:
    """Floeck and Litz 2009: a polynomial of degree four over the day, lifted until no past silence would have rung."""

    def deadline(past: Numbers, starts: Numbers) -> Numbers:
        elapsed = _elapsed(past, HISTORY_DAYS)
        if not len(elapsed):
            return starts + LONGEST_H
        top = elapsed.max(0)
        hours = np.arange(SLOTS) / 2
        fitted: Numbers = np.asarray(np.polynomial.Polynomial.fit(hours, top, 4)(hours), dtype=np.float64)
        return _crossing(starts, np.maximum(fitted + max((top - fitted).max(), 0.0), 0.5) * (1 + margin))

    return deadline


def wilhelm_wahl(factor: float = 1.1) -> Deadline:
    """Wilhelm and Wahl 2024: a score of silence against the upper quartile fence at that time of day, last 30 days.

    The paper's score is thinned to one activation an hour and decays by sensor; with one certain sign an hour it is
    the time since the last one, which is what is used here.
    """

    def deadline(past: Numbers, starts: Numbers) -> Numbers:
        elapsed = _elapsed(past, 30)
        if not len(elapsed):
            return starts + LONGEST_H
        near = np.concatenate([np.roll(elapsed, shift, axis=1) for shift in (-2, -1, 0, 1, 2)])
        low, high = np.percentile(near, 25, axis=0), np.percentile(near, 75, axis=0)
        fence = np.minimum(near.max(0), high + 1.5 * (high - low)) * factor
        return _crossing(starts, np.maximum(fence, 0.5))

    return deadline


def _elapsed(past: Numbers, days: int) -> Numbers:
    """Return silence elapsed at each half hour of each of the last days, hours; unknown (away, blind) counts as 0."""
    if not len(past):
        return np.zeros((0, SLOTS))
    last = int(past[-1, 1] // DAY_H)
    first = max(int(past[0, 0] // DAY_H) + 1, last - days)
    if last - first < LEAST_DAYS:
        return np.zeros((0, SLOTS))
    grid = first * DAY_H + np.arange((last - first) * SLOTS) / 2
    index = np.searchsorted(past[:, 0], grid, side="right") - 1
    index = np.clip(index, 0, len(past) - 1)
    inside = (grid >= past[index, 0]) & (grid < past[index, 1])
    return np.where(inside, grid - past[index, 0], 0.0).reshape(-1, SLOTS)


def _crossing(starts: Numbers, limits: Numbers) -> Numbers:
    """Return the first half-hour boundary at which the silence begun at each start is above the limit there."""
    due = np.full(len(starts), LONGEST_H) + starts
    boundaries = np.floor(starts[:, None] * 2 + 1 + np.arange(int(LONGEST_H * 2))[None, :]) / 2
    above = boundaries - starts[:, None] > limits[(boundaries * 2).astype(int) % SLOTS]
    hit = above.any(1)
    due[hit] = boundaries[np.arange(len(starts))[hit], above.argmax(1)[hit]]
    return due


FAMILIES: dict[str, tuple[Callable[[float], Deadline], Sequence[float]]] = {
    "fixed hours": (fixed, (2, 3, 4, 5, 6, 8, 12, 16, 24)),
    "Cuddihy 2007": (cuddihy, (0.6, 0.8, 1.0, 1.3, 1.6, 2.0)),
    "Floeck-Litz 2009": (floeck_litz, (-0.3, -0.1, 0.1, 0.3, 0.6)),
    "Wilhelm-Wahl 2024 (from its description)": (wilhelm_wahl, (0.8, 1.1, 1.5, 2.0, 3.0, 4.0)),
}
"""For the curve: each with the values of its one parameter."""

NAMED: dict[str, Deadline] = {
    **{f"fixed {hours} h": fixed(hours) for hours in (4, 5, 6, 8, 12, 24)},
    "day 4 h / night 8 h": day_night(4.0, 8.0),
    "Cuddihy 2007": cuddihy(),
    "Floeck-Litz 2009": floeck_litz(),
    "Wilhelm-Wahl 2024 (from its description)": wilhelm_wahl(),
}
LOW_WATER = {"12 h < 10 L": (12.0, 10.0), "24 h < 10 L": (24.0, 10.0)}
