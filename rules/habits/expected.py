"""The expected-activity clock: how much activity a home usually shows between two moments, per kind of day."""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from core.localtime import DAY_MS, HOUR_MS

BINS = 48
"""Half hours of a day. Quarter hours measured no better (ADR 6) and double the state of a home."""

BIN_MS = DAY_MS // BINS

# fmt: off
POPULATION_CURVE: tuple[float, ...] = (
    .10, .10, .09, .09, .09, .09, .08, .08, .10, .12, .16, .18,  # 0 to 6 h
    .25, .35, .45, .51, .53, .54, .55, .55, .55, .55, .55, .55,  # 6 to 12 h
    .55, .55, .55, .55, .55, .55, .55, .55, .55, .55, .55, .55,  # 12 to 18 h
    .55, .55, .54, .53, .51, .48, .44, .41, .37, .31, .22, .14,  # 18 to 24 h
)
# fmt: on
"""Chance that a half hour shows a sign of life, of people in general (spec A4.2): what is assumed on day 1."""


class ExpectedClock:
    """Reads and inverts the cumulative expected activity; times are local wall-clock ms since 1970-01-01."""

    def __init__(
        self, work: Sequence[float], rest: Sequence[float], is_rest: Callable[[int], bool], even_share: float = 0.0
    ) -> None:
        """Take expected activity per bin of working days and days of rest, each of BINS values above zero.

        `even_share` of it is spread over the day, whatever the hour.
        """
        self._rates = {False: work, True: rest}
        self._even_share = even_share
        self._sums: dict[bool, array[float]] = {}
        self._is_rest = is_rest

    def between(self, from_ms: int, until_ms: int) -> float:
        """Return the activity expected from one moment to a later one, in expected active bins."""
        first, last = from_ms // DAY_MS, until_ms // DAY_MS
        whole = sum(self._sums_of(day)[BINS] for day in range(first, last))
        return whole + self._within(last, until_ms) - self._within(first, from_ms)

    def reach_ms(self, from_ms: int, amount: float) -> int:
        """Return the moment at which so much activity would have been expected since `from_ms`."""
        day = from_ms // DAY_MS
        left = self._within(day, from_ms) + max(amount, 0.0)
        while left > (total := self._sums_of(day)[BINS]):
            left -= total
            day += 1
        sums = self._sums_of(day)
        index = min(bisect_right(sums, left) - 1, BINS - 1)
        share = (left - sums[index]) / (sums[index + 1] - sums[index])
        return day * DAY_MS + index * BIN_MS + round(min(share, 1.0) * BIN_MS)

    def per_hour(self, at_ms: int) -> float:
        """Return the activity expected in an hour at this time of day."""
        sums = self._sums_of(at_ms // DAY_MS)
        index = at_ms % DAY_MS // BIN_MS
        return (sums[index + 1] - sums[index]) * HOUR_MS / BIN_MS

    def _within(self, day: int, at_ms: int) -> float:
        sums = self._sums_of(day)
        index, rest_ms = divmod(at_ms - day * DAY_MS, BIN_MS)
        return sums[index] + (sums[index + 1] - sums[index]) * rest_ms / BIN_MS

    def _sums_of(self, day: int) -> "array[float]":
        is_rest = self._is_rest(day)
        sums = self._sums.get(is_rest)
        if sums is None:  # a home that is woken for one reading asks for one kind of day
            rates, share = self._rates[is_rest], self._even_share
            keep, even = 1.0 - share, share * sum(rates) / BINS
            sums = array("d", accumulate([keep * rate + even for rate in rates], initial=0.0))
            self._sums[is_rest] = sums
        return sums
