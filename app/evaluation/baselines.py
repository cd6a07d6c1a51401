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
THURSDAY, SATURDAY = 3, 5
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
    """Wilhelm and Wahl 2024: the score of silence above the fence of that time of day and that kind of day.

    The fence is the lesser of the highest score and Q3 + 1.5 IQR of the scores within an hour of the same time, on
    days of the same kind (weekday, weekend) of the last 30. Feed it silences thinned to one activation of a sensor
    an hour, as the paper does. What is simpler here: every sign is certain, so the score is the time since the last
    one (the paper multiplies it by 1 - w * certainty, w ramping up after the sensor's last event); and it is looked at
    every half hour, not every second.
    """

    def deadline(past: Numbers, starts: Numbers) -> Numbers:
        elapsed = _elapsed(past, 30)
        if not len(elapsed):
            return starts + LONGEST_H
        last = int(past[-1, 1] // DAY_H)
        weekends = _is_weekend(np.arange(last - len(elapsed), last))
        limits = [_fence(elapsed[weekends == kind] if (weekends == kind).any() else elapsed) for kind in (False, True)]
        return _crossing(starts, np.maximum(np.stack(limits) * factor, 0.5))

    return deadline


def longest_before(more_h: float = 0.5, times: float = 1.0) -> Deadline:
    """Floeck and Litz 2008: the longest silence of the past days, and half an hour more."""

    def deadline(past: Numbers, starts: Numbers) -> Numbers:
        if not len(past):
            return starts + LONGEST_H
        recent = past[past[:, 1] >= past[-1, 1] - HISTORY_DAYS * DAY_H]
        return starts + times * float((recent[:, 1] - recent[:, 0]).max()) + more_h

    return deadline


def morning_window(from_h: float = 7.0, until_h: float = 10.0) -> Deadline:
    """Tunstall mode 2: no sign between two hours of the morning rings at the second."""

    def deadline(_past: Numbers, starts: Numbers) -> Numbers:
        midnight = np.floor(starts / DAY_H) * DAY_H
        return np.where(starts <= midnight + from_h, midnight + until_h, midnight + DAY_H + until_h)

    return deadline


def within_window(limit_h: float, from_h: float = MORNING_H, until_h: float = NIGHT_H) -> Deadline:
    """Tunstall mode 3: so many hours without a sign within a window of the day; what was before it does not count."""

    def deadline(_past: Numbers, starts: Numbers) -> Numbers:
        midnight = np.floor(starts / DAY_H) * DAY_H
        today = np.maximum(starts, midnight + from_h) + limit_h
        return np.where(today <= midnight + until_h, today, midnight + DAY_H + from_h + limit_h)

    return deadline


def _fence(elapsed: Numbers) -> Numbers:
    near = np.concatenate([np.roll(elapsed, shift, axis=1) for shift in (-2, -1, 0, 1, 2)])
    low, high = np.percentile(near, 25, axis=0), np.percentile(near, 75, axis=0)
    return np.minimum(near.max(0), high + 1.5 * (high - low))


def _is_weekend(days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether days counted from 1970-01-01, a Thursday, are Saturdays or Sundays."""
    return (days + THURSDAY) % 7 >= SATURDAY


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
    """Return the first half-hour boundary at which the silence begun at each start is above the limit there.

    Limits are for each half hour of a day, or one row of them for weekdays and one for weekends.
    """
    due = np.full(len(starts), LONGEST_H) + starts
    boundaries = np.floor(starts[:, None] * 2 + 1 + np.arange(int(LONGEST_H * 2))[None, :]) / 2
    slots = (boundaries * 2).astype(int) % SLOTS
    if limits.ndim > 1:
        kinds = _is_weekend(np.floor(boundaries / DAY_H).astype(int)).astype(int)
        at_boundary = limits[kinds, slots]
    else:
        at_boundary = limits[slots]
    above = boundaries - starts[:, None] > at_boundary
    hit = above.any(1)
    due[hit] = boundaries[np.arange(len(starts))[hit], above.argmax(1)[hit]]
    return due


WILHELM_WAHL = "Wilhelm-Wahl 2024 (from its description)"
THINNED = frozenset({WILHELM_WAHL})
"""Detectors that see one activation of a sensor an hour."""

FAMILIES: dict[str, tuple[Callable[[float], Deadline], Sequence[float]]] = {
    "fixed hours": (fixed, (2, 3, 4, 5, 6, 8, 12, 16, 24)),
    "Cuddihy 2007": (cuddihy, (0.6, 0.8, 1.0, 1.3, 1.6, 2.0)),
    "Floeck-Litz 2009": (floeck_litz, (-0.3, -0.1, 0.1, 0.3, 0.6)),
    WILHELM_WAHL: (wilhelm_wahl, (0.8, 1.1, 1.5, 2.0, 3.0, 4.0)),
}
"""For the curve: each with the values of its one parameter."""

NAMED: dict[str, Deadline] = {
    **{f"fixed {hours} h": fixed(hours) for hours in (4, 5, 6, 8, 12, 24)},
    "day 4 h / night 8 h": day_night(4.0, 8.0),
    "Cuddihy 2007": cuddihy(),
    "Floeck-Litz 2009": floeck_litz(),
    WILHELM_WAHL: wilhelm_wahl(),
    "longest of 60 d + 30 min (Floeck-Litz 2008)": longest_before(),
    "Tunstall: none from 7 to 10": morning_window(),
    "Tunstall: 4 h between 7 and 22": within_window(4.0),
}
LOW_WATER = {"12 h < 10 L": (12.0, 10.0), "24 h < 10 L": (24.0, 10.0), "Nagano: 8 h no water": (8.0, 1.0)}
"""Tunstall's mode 1 (none in 12 or 24 h) is the fixed 12 and 24 h."""
