"""A count a day, and how many days running it lay beyond everything known of this person."""

import msgspec

KEPT = 60
KNOWN = 28
"""Before four weeks nobody knows what is usual."""

ADAPTS_AFTER = 14
"""What has been unusual for two weeks is the new usual."""


class DailyCounts(msgspec.Struct, array_like=True, gc=False):
    """The counts of two months; days that run beyond them are judged by what was usual before the first of them."""

    counts: list[int] = []
    unusual: list[int] = []
    least: int = 0
    most: int = 0

    @property
    def is_known(self) -> bool:
        """Whether enough days were seen to say what is usual."""
        return len(self.counts) >= KNOWN

    def take(self, count: int, *, is_unusual: bool) -> None:
        """Take a day in; with an ordinary one the unusual ones before it belong to the usual."""
        self.unusual = [*self.unusual, count]
        if is_unusual and len(self.unusual) <= ADAPTS_AFTER:
            return
        self.counts, self.unusual = [*self.counts, *self.unusual][-KEPT:], []
        self.least, self.most = min(self.counts), max(self.counts)
