"""Which simulated time comes next and which messages go before it; decides, sends nothing."""

from collections.abc import Iterator

import msgspec

from device_sim.messages import SimMessage

MAX_STEP_MS = 180_000
"""While readings flow: a reading arrives at the last tick's time, and one "five minutes early" is a wrong clock."""

REFRESH_STEP_MS = 1
"""After somebody acted, the service is asked again at once; a tick that does not move time would move nothing."""

OVERDUE_STEP_MS = 1_000
"""What somebody still waits for although its time is past gets a second at a time and not a flood of ticks."""


class Step(msgspec.Struct, frozen=True):
    """Messages to publish, then the tick that says that all up to `now_ms` (UTC ms) has been published."""

    now_ms: int
    messages: tuple[SimMessage, ...] = ()


class StepPlanner:
    """Cuts a source into steps; long silences are jumped over, to whatever happens first."""

    def __init__(
        self,
        source: Iterator[SimMessage],
        *,
        start_ms: int | None,
        until_ms: int | None,
        tail_ms: int,
        max_step_ms: int | None = None,
    ) -> None:
        """Messages after `until_ms` are left out; `max_step_ms` bounds even a jump."""
        self._source = source
        self._until_ms = until_ms
        self._tail_ms = tail_ms
        self._max_step_ms = max_step_ms
        self._last_ms: int | None = None
        self._head = self._next_message()
        self._start_ms = start_ms

    def first(self) -> Step | None:
        """Return the tick before any message: its answer proves that the service listens. None: nothing to do."""
        if self._start_ms is not None:
            return Step(self._start_ms)
        return None if self._head is None else Step(self._head.at_ms - 1)

    def after(self, now_ms: int, next_ms: int | None, actors_ms: int | None, *, has_acted: bool) -> Step | None:
        """Return the step after `now_ms`; None when nothing is pending before the tail ends."""
        due = [self._flow_ms(now_ms), self._until_ms if self._until_ms is not None else None]
        due += [
            at_ms if at_ms is None or at_ms > now_ms else now_ms + OVERDUE_STEP_MS for at_ms in (next_ms, actors_ms)
        ]
        due += [now_ms + REFRESH_STEP_MS if has_acted else None]
        coming = [at_ms for at_ms in due if at_ms is not None and at_ms > now_ms]
        if not coming:
            return None
        target_ms = min(coming)
        if self._head is None and target_ms > self._end_ms(now_ms) + self._tail_ms:
            return None
        if self._max_step_ms is not None:
            target_ms = min(target_ms, now_ms + self._max_step_ms)
        return Step(target_ms, tuple(self._taken(target_ms)))

    def _flow_ms(self, now_ms: int) -> int | None:
        if self._head is None:
            return None
        is_near = self._head.at_ms <= now_ms + MAX_STEP_MS
        # Just before the first message after a silence: it must not arrive a whole silence "too early".
        return now_ms + MAX_STEP_MS if is_near else self._head.at_ms - 1

    def _end_ms(self, now_ms: int) -> int:
        ends = [end_ms for end_ms in (self._until_ms, self._last_ms) if end_ms is not None]
        return max(ends, default=now_ms)

    def _taken(self, until_ms: int) -> Iterator[SimMessage]:
        while self._head is not None and self._head.at_ms <= until_ms:
            yield self._head
            self._head = self._next_message()

    def _next_message(self) -> SimMessage | None:
        message = next(self._source, None)
        if message is None or (self._until_ms is not None and message.at_ms > self._until_ms):
            return None
        self._last_ms = message.at_ms
        return message
