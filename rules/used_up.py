"""What a silence has used up so far, in the three measures that bound it."""

import msgspec

from core.localtime import HOUR_MS

RENEWED_AFTER_MS = HOUR_MS
"""So long a silence must be seen before a further dark stretch gives it the floor of a resumed one again."""


class UsedUp(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The seen part of one silence; it goes on growing where a dark stretch interrupted it."""

    expected: float = 0.0  # half hours in which this home would have been active
    fixed: float = 0.0  # share of the fixed limit
    seen_ms: int = 0
    resumed_ms: int = 0  # of it, what was seen since the dark stretch that last gave the floor of a resumed silence

    def plus(self, more: "UsedUp") -> "UsedUp":
        """Return both together, `more` being what was seen since the last dark stretch, up to the next one."""
        resumed_ms = self.resumed_ms + more.seen_ms if self.seen_ms else 0
        return UsedUp(
            self.expected + more.expected,
            self.fixed + more.fixed,
            self.seen_ms + more.seen_ms,
            resumed_ms if resumed_ms < RENEWED_AFTER_MS else 0,
        )


NOTHING_USED = UsedUp()
