"""On how many of the last thirty days something happened: what happens on many of them is a habit, no hazard."""

import msgspec

DAYS = 30
_MASK = (1 << DAYS) - 1


class Recurrence(msgspec.Struct, array_like=True, gc=False):
    """A bit a day, the newest lowest, and how many days are known."""

    bits: int = 0
    known: int = 0

    def note(self, *, happened: bool) -> None:
        """Take in one more day."""
        self.bits = (self.bits << 1 | happened) & _MASK
        self.known = min(DAYS, self.known + 1)

    def is_above(self, percent: int, least_days: int) -> bool:
        """Return whether it happened on more than that share of the days, once enough of them are known."""
        return self.known >= least_days and self.bits.bit_count() * 100 > percent * self.known
