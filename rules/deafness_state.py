"""What a home remembers of the time in which the service itself heard nothing; such time counts against nobody."""

import msgspec

STRETCHES_KEPT = 8
"""A link that drops all day long makes many; the two oldest become one, which gives no device less time than it had."""


class DeafState(msgspec.Struct, array_like=True, gc=False):
    """The stretch under way, and the last ones that are over: (from, until) on the log's clock."""

    from_ms: int | None = None  # None: the service hears
    was_blind: bool = False  # the home could not be seen before the service went deaf
    stretches: list[tuple[int, int]] = []


def counted_ms(state: DeafState, at_ms: int) -> int:
    """Return a moment, later by all the deaf time that has passed since: what waits from it waits while it can hear."""
    if not state.stretches:  # most homes, most of the time
        return at_ms
    return at_ms + sum(max(until_ms - max(from_ms, at_ms), 0) for from_ms, until_ms in state.stretches)


def note(state: DeafState, until_ms: int) -> None:
    """End the stretch under way and keep it."""
    begun_ms = until_ms if state.from_ms is None else state.from_ms
    stretches = [*state.stretches, (begun_ms, until_ms)]
    if len(stretches) > STRETCHES_KEPT:
        (first_ms, first_end_ms), (second_ms, second_end_ms), *rest = stretches
        lasted_ms = first_end_ms - first_ms + second_end_ms - second_ms
        stretches = [(second_end_ms - lasted_ms, second_end_ms), *rest]
    state.stretches, state.from_ms, state.was_blind = stretches, None, False
