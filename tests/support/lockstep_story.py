"""Fast-forwards a service and the phone network beside it: who has the next thing to do says what time it is."""

from collections.abc import Awaitable, Callable

from device_sim.phones import PhoneNetwork

MOST_TICKS = 5_000
"""A story of a day has some hundred; more means that somebody is due for ever and does nothing."""

Tick = Callable[[int], Awaitable[int | None]]
"""Lets it be a time in the service; returns when it wants the next tick, if ever."""


async def play(tick: Tick, phones: PhoneNetwork, *, from_ms: int, until_ms: int) -> int | None:
    """Play until a time, both included; return when the service wants the next tick."""
    now_ms, next_ms = from_ms, from_ms
    for _ in range(MOST_TICKS):
        phones.move_to(now_ms)
        next_ms = await tick(now_ms)
        while await phones.advance_to(now_ms):  # what the phones told may have made something due at once
            next_ms = await tick(now_ms)
        waits = [at_ms for at_ms in (next_ms, phones.next_event_ms()) if at_ms is not None]
        soonest_ms = max(min(waits, default=until_ms + 1), now_ms)
        if soonest_ms > until_ms:
            break
        now_ms = soonest_ms
    else:
        raise AssertionError(f"still something due at {now_ms} after {MOST_TICKS} ticks")
    phones.move_to(until_ms)
    return await tick(until_ms)
