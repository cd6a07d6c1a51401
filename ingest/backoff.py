"""When to connect again: full jitter, so that nobody's thousand clients return in the same second."""

import random

LONGEST_S = 30.0
"""A broker's restart takes a second, a power cut longer: nobody is unheard for more than this once it is back."""

FIRST_S = 1.0
MAX_DOUBLINGS = 5

STABLE_S = 10.0
"""A connection that stood for less has not shown that the trouble is over: two of one id chase each other."""


class Backoff:
    """Counts failures in a row."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()  # noqa: S311  # spreads load, guards nothing
        self._failures = 0

    def wait_s(self, stood_s: float) -> float:
        """Return how long to wait after a connection that stood for so long (0: it was never made)."""
        if stood_s >= STABLE_S:
            self._failures = 0
        longest_s = min(LONGEST_S, FIRST_S * 2 ** min(self._failures, MAX_DOUBLINGS))
        self._failures += 1
        return self._chance.uniform(0.0, longest_s)
