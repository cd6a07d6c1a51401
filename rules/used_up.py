"""What a silence has used up so far, in the three measures that bound it."""

import msgspec


class UsedUp(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The seen part of one silence; it goes on growing where a dark stretch interrupted it."""

    expected: float = 0.0  # half hours in which this home would have been active
    fixed: float = 0.0  # share of the fixed limit
    seen_ms: int = 0

    def plus(self, more: "UsedUp") -> "UsedUp":
        """Return both together."""
        return UsedUp(self.expected + more.expected, self.fixed + more.fixed, self.seen_ms + more.seen_ms)


NOTHING_USED = UsedUp()
