"""The longest durations of the last sixty days and how many there were: enough for a person's own high percentile."""

import msgspec

DAYS = 60
KEPT = 10
"""The tenth longest stands for the thousandth part of ten thousand: rarer than anything asked of it."""


class Longest(msgspec.Struct, array_like=True, gc=False):
    """The longest durations, each with its day, and the fading count of all of them."""

    tops: list[tuple[int, int]] = []  # day, minutes
    count: float = 0.0
    day: int = 0

    def add(self, day: int, minutes: int) -> None:
        """Take one more duration in; the count forgets at the pace of the window."""
        if day > self.day:
            if self.day:
                self.count *= max(0.0, 1 - (day - self.day) / DAYS)
            self.day = day
        self.count += 1
        kept = [top for top in self.tops if top[0] > self.day - DAYS]
        if len(kept) < KEPT or minutes > kept[-1][1]:
            kept = sorted([*kept, (day, minutes)], key=lambda top: -top[1])[:KEPT]
        self.tops = kept

    def percentile(self, per_thousand: float) -> int:
        """Return the duration that so many in a thousand do not pass; 0 when none is known."""
        if not self.tops:
            return 0
        rank = int(self.count * (1000 - per_thousand) / 1000)
        return self.tops[min(rank, len(self.tops) - 1)][1]
