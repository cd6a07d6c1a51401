"""Whether the backlog has come in: after a start or a reconnection nothing is judged before what waited is there."""

from collections.abc import Callable

from core.clock import monotonic_s
from ingest.session import Counters

SETTLE_AT_MOST_S = 60.0
"""A broker that cannot be reached must not stop the clock for ever: from then on the service is deaf (app/hearing)."""

BACKLOG_AT_MOST_S = 600.0
"""What a county says in half an hour comes in within six minutes; whatever comes for longer is no backlog."""

JUDGED_AT_LEAST_S = 60.0
"""Between two times of settling of which the first was cut short: a link that drops all the time holds up no rule."""

REDELIVERY_SLACK_S = 2.0

CALM_PER_S = 500.0
"""Messages of a town; a broker gives out its backlog several times as fast. Above it, what has halved has ended."""

_MEASURED_S = 1.0


class Settling:
    """Begins with `begin`, and again when a broker resumes a session; asked from the loop's thread."""

    def __init__(
        self, seen: Callable[[], Counters], ack_wait_s: float, seconds: Callable[[], float] = monotonic_s
    ) -> None:
        self._seen = seen
        self._wait_s = ack_wait_s + REDELIVERY_SLACK_S
        self._seconds = seconds
        self._is_over = False
        self._begun_s: float | None = None
        self._connected_s: float | None = None
        self._again_s = 0.0
        self._holds = 0
        self._measured: tuple[float, int] | None = None
        self._rate: float | None = None
        self._peak = 0.0

    def begin(self) -> None:
        """Count from now: ingest has been started."""
        self._begun_s = self._seconds()

    def again(self) -> None:
        """Count anew: nothing was heard for a while, and what waited comes in from now on."""
        self._is_over, self._begun_s = False, self._seconds()
        self._start_again(self._begun_s)

    def is_over(self) -> bool:
        """Return whether deadlines may be judged."""
        seen, now_s = self._seen(), self._seconds()
        if self._begun_s is None:
            return False
        if seen.holds != self._holds and now_s >= self._again_s:
            self._holds = seen.holds
            self._start_again(now_s)
        if self._is_over:
            return True
        self._measure(seen.received, now_s)
        if self._is_settled(seen, now_s):
            self._is_over = True
        elif now_s - self._begun_s > (BACKLOG_AT_MOST_S if self._is_pouring() else SETTLE_AT_MOST_S):
            self._is_over, self._again_s = True, now_s + JUDGED_AT_LEAST_S
        return self._is_over

    def _start_again(self, now_s: float) -> None:
        if self._is_over:  # otherwise the limit goes on counting
            self._is_over, self._begun_s = False, now_s
        self._connected_s = self._measured = self._rate = None
        self._peak = 0.0

    def _is_settled(self, seen: Counters, now_s: float) -> bool:
        if self._connected_s is None and seen.is_main_connected:
            self._connected_s = now_s
        if self._connected_s is None or now_s - self._connected_s <= self._wait_s:
            return False
        is_committed = not seen.is_held and seen.queued + seen.in_hand <= CALM_PER_S
        return is_committed and self._rate is not None and not self._is_pouring()

    def _measure(self, received: int, now_s: float) -> None:
        at_s, before = self._measured or (now_s, received)
        if self._measured is None:
            self._measured = (now_s, received)
        elif now_s - at_s >= _MEASURED_S:
            self._rate = (received - before) / (now_s - at_s)
            self._peak = max(self._peak, self._rate)
            self._measured = (now_s, received)

    def _is_pouring(self) -> bool:
        return self._rate is not None and self._rate > max(CALM_PER_S, self._peak / 2)
