"""What a home remembers of the time in which the service itself heard nothing; such time counts against nobody."""

from itertools import pairwise

import msgspec

from core.localtime import DAY_MS

STRETCHES_KEPT = 24
"""A link that drops all day long makes many: those that lie closest together become one, which knows how long it heard
in between. A day of flapping is then known to the hour, and its last hours to the minute."""

KEPT_FOR_MS = 7 * DAY_MS
"""Nothing waits for longer from one moment: a meter that speaks once a day is missed after three."""


class Stretch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """From when until when nothing was heard, but for `heard_ms` somewhere in between; on the log's clock."""

    from_ms: int
    until_ms: int
    heard_ms: int = 0

    def after_ms(self, at_ms: int) -> int:
        """Return how much deaf time of it lies behind a moment: of what is not known to the minute, the least."""
        return max(self.until_ms - max(self.from_ms, at_ms) - self.heard_ms, 0)


class DeafState(msgspec.Struct, array_like=True, gc=False):
    """The stretch under way, and those that are over, oldest first."""

    from_ms: int | None = None  # None: the service hears
    was_blind: bool = False  # the home could not be seen before the service went deaf
    stretches: list[Stretch] = []


def counted_ms(state: DeafState, at_ms: int) -> int:
    """Return a moment, later by the deaf time that has passed since, and never by more than passed."""
    lasted_ms = 0
    for one in reversed(state.stretches):  # most homes have none, and most moments lie behind the last
        if one.until_ms <= at_ms:
            break
        lasted_ms += one.after_ms(at_ms)
    return at_ms + lasted_ms


def note(state: DeafState, until_ms: int) -> None:
    """End the stretch under way and keep it."""
    begun_ms = until_ms if state.from_ms is None else state.from_ms
    stretches = [one for one in state.stretches if one.until_ms > until_ms - KEPT_FOR_MS]
    stretches.append(Stretch(begun_ms, until_ms))
    if len(stretches) > STRETCHES_KEPT:
        merged = [_merged(one, other) for one, other in pairwise(stretches)]
        place = min(range(len(merged)), key=lambda n: merged[n].heard_ms)
        stretches[place : place + 2] = [merged[place]]
    state.stretches, state.from_ms, state.was_blind = stretches, None, False


def _merged(one: Stretch, other: Stretch) -> Stretch:
    between_ms = other.from_ms - one.until_ms
    return Stretch(one.from_ms, other.until_ms, one.heard_ms + between_ms + other.heard_ms)
