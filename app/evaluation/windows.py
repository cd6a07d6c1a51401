"""Which days of a history are counted, and which before them the rules only learn from."""

import msgspec

from app.evaluation.recordings import Recording
from core.localtime import DAY_MS
from rules.inactivity import LEARNING_DAYS

LOOKS_BACK_DAYS = 60
"""What the slowest rules look back on: outings, quiet days, nights. More days before would change little."""

LEAST_COUNTED_DAYS = 7
"""A shorter history is counted for a week all the same, and learned from for what is left of it."""


class Window(msgspec.Struct, frozen=True):
    """From `from_ms` on the rules learn, from `counted_from_ms` on they are judged, until `until_ms`."""

    from_ms: int
    counted_from_ms: int
    until_ms: int

    @property
    def learning_days(self) -> float:
        """Return the days that are only learned from."""
        return (self.counted_from_ms - self.from_ms) / DAY_MS

    @property
    def counted_days(self) -> float:
        """Return the days that are judged."""
        return (self.until_ms - self.counted_from_ms) / DAY_MS

    @property
    def is_short(self) -> bool:
        """Return whether the history is too short for the habits to be learned and a week to be judged."""
        return self.learning_days < LEARNING_DAYS


def earliest_ms(until_ms: int, days: int) -> int:
    """Return from when on a history is of use."""
    return until_ms - (days + LOOKS_BACK_DAYS) * DAY_MS


def window_of(first_ms: int, until_ms: int, days: int) -> Window:
    """Return the window of a history that began at `first_ms`, of which the last `days` are to be counted."""
    from_ms = max(first_ms, earliest_ms(until_ms, days))
    length_ms = until_ms - from_ms
    if length_ms >= (LEARNING_DAYS + LEAST_COUNTED_DAYS) * DAY_MS:
        learning_ms = max(LEARNING_DAYS * DAY_MS, length_ms - days * DAY_MS)
    else:
        learning_ms = max(length_ms - LEAST_COUNTED_DAYS * DAY_MS, min(DAY_MS, length_ms // 2))
    return Window(from_ms, from_ms + learning_ms, until_ms)


def within(recording: Recording, window: Window) -> Recording:
    """Return a recording cut to a window."""
    return msgspec.structs.replace(
        recording, readings=list(recording.during(window.from_ms, window.until_ms + 1)), until_ms=window.until_ms
    )
