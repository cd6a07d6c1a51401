"""How fast a provider is asked and how often a number is rung; data and arithmetic, time is an argument."""

import math
from collections.abc import Sequence

import msgspec

MOST_BORROWED = 10
"""Life hazards go ahead of the pace; ten calls of debt hold the others back for seconds, never for minutes."""


BEAT_MS = 200
"""How far apart rounds of the dispatcher are; what the pace allows in one beat goes together, or it would never be
reached: one token a beat is five a second whatever the provider takes."""


class NumberLimit(msgspec.Struct, frozen=True):
    """At most so many attempts to one number within so long."""

    most: int
    within_ms: int


def burst_of(per_s: float | None) -> int:
    """Return how many attempts of a channel may go at once: one up to five a second, then a beat's and a part's."""
    a_beat = 0.0 if per_s is None else per_s * BEAT_MS / 1000
    return 1 if a_beat <= 1 else math.ceil(a_beat) + 1


class Bucket:
    """Tokens for one channel: `per_s` come in each second, `burst` can wait. None: no pace at all."""

    def __init__(self, per_s: float | None, *, burst: int = 1) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._tokens = float(burst)
        self._at_ms: int | None = None

    def ready_at_ms(self, now_ms: int, *, may_borrow: bool = False) -> int | None:
        """Return when the next token is there; None: now. Who may borrow only waits for a debt that is too large."""
        if self._per_s is None:
            return None
        self._refill(now_ms, self._per_s)
        needed = 1.0 - (MOST_BORROWED if may_borrow else 0.0)
        missing = needed - self._tokens
        if missing <= 0:
            return None
        return now_ms + max(1, -int(-missing * 1000 // self._per_s))

    def take(self, now_ms: int) -> None:
        """Take one token, into debt if there is none."""
        if self._per_s is not None:
            self._refill(now_ms, self._per_s)
            self._tokens -= 1.0

    def _refill(self, now_ms: int, per_s: float) -> None:
        # a wall clock that is set back must not take tokens away
        passed_ms = 0 if self._at_ms is None else max(0, now_ms - self._at_ms)
        self._tokens = min(self._burst, self._tokens + passed_ms * per_s / 1000)
        self._at_ms = now_ms


def number_free_at_ms(rung_at_ms: Sequence[int], limits: Sequence[NumberLimit], now_ms: int) -> int | None:
    """Return when a number may be rung again under all limits; None: now. `rung_at_ms` in any order."""
    free_ms = now_ms
    newest_first = sorted(rung_at_ms, reverse=True)
    for limit in limits:
        within = [at_ms for at_ms in newest_first if at_ms > now_ms - limit.within_ms]
        if len(within) >= limit.most:
            free_ms = max(free_ms, within[limit.most - 1] + limit.within_ms)
    return None if free_ms <= now_ms else free_ms
