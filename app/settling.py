"""Whether the backlog after a start has come in: no deadline is judged before the broker's redeliveries are there."""

from collections.abc import Callable

from core.clock import monotonic_s

SETTLE_AFTER_START_S = 60.0
"""A broker that cannot be reached must not stop the clock for ever: then silence is judged, as blindness."""

REDELIVERY_SLACK_S = 2.0


class Settling:
    """Begins with its making; asked from the loop's thread."""

    def __init__(self, is_connected: Callable[[], bool], ack_wait_s: float) -> None:
        self._is_connected = is_connected
        self._wait_s = ack_wait_s + REDELIVERY_SLACK_S
        self._started_s = monotonic_s()
        self._connected_s: float | None = None

    def is_over(self) -> bool:
        """Return whether deadlines may be judged."""
        now_s = monotonic_s()
        if self._connected_s is None and self._is_connected():
            self._connected_s = now_s
        waited_s = 0.0 if self._connected_s is None else now_s - self._connected_s
        return waited_s > self._wait_s or now_s - self._started_s > SETTLE_AFTER_START_S
