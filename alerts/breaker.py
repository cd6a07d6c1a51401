"""Whether a provider is worth asking: a circuit breaker with one probe at a time; time is an argument, no I/O."""

FAILURES_TO_OPEN = 5
"""One lost answer is bad luck; five in a row without a single success are the provider."""

OPEN_FIRST_MS = 30_000
"""A restart at the provider is over by then; meanwhile the next channel carries the calls."""

OPEN_MOST_MS = 300_000
"""A longer pause would leave a repaired provider unused; one probe in five minutes costs one attempt 15 s."""


class Breaker:
    """Of one provider's account. Closed: ask. Open: do not. After a pause one attempt probes, the rest stay away."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until_ms: int | None = None
        self._pause_ms = OPEN_FIRST_MS
        self._probe_until_ms: int | None = None
        self.reason = ""

    @property
    def is_open(self) -> bool:
        """True from the fault that opened it until a probe has succeeded."""
        return self._open_until_ms is not None

    def blocked_until_ms(self, now_ms: int) -> int | None:
        """Return when it may be asked again; None: now."""
        if self._open_until_ms is None:
            return None
        if now_ms < self._open_until_ms:
            return self._open_until_ms
        if self._probe_until_ms is not None and now_ms < self._probe_until_ms:
            return self._probe_until_ms  # the probe is on its way; a probe that is lost does not hold it for ever
        return None

    def on_asked(self, now_ms: int) -> None:
        """Note that an attempt is handed over; half-open it is the probe, and others stay away until it has ended."""
        if self._open_until_ms is not None:
            self._probe_until_ms = now_ms + OPEN_FIRST_MS

    def on_success(self) -> None:
        """Close: the provider took an attempt, or refused one for reasons of its number alone."""
        self._failures = 0
        self._open_until_ms = self._probe_until_ms = None
        self._pause_ms = OPEN_FIRST_MS
        self.reason = ""

    def on_failure(self, now_ms: int, reason: str) -> None:
        """Count an attempt that did not get through; the fifth in a row opens, a failed probe opens again."""
        self._failures += 1
        if self._open_until_ms is not None or self._failures >= FAILURES_TO_OPEN:
            self._open(now_ms, reason)

    def on_misconfigured(self, now_ms: int, reason: str) -> None:
        """Open at once: the account or a setting is wrong, and asking again changes nothing."""
        self._open(now_ms, reason)

    def _open(self, now_ms: int, reason: str) -> None:
        is_late_echo = self._open_until_ms is not None and now_ms < self._open_until_ms
        if is_late_echo:
            return  # an attempt that was under way when it opened says nothing new
        if self._open_until_ms is not None:
            self._pause_ms = min(self._pause_ms * 2, OPEN_MOST_MS)
        self._open_until_ms = now_ms + self._pause_ms
        self._probe_until_ms = None
        self.reason = reason
