"""Failed logins per name; refuses a name for a while after too many, without asking whether the name exists."""

from collections import OrderedDict
from collections.abc import Callable

from core.localtime import MINUTE_MS

MAX_FAILURES = 5
"""A clerk mistypes two or three times; a guesser needs thousands of tries."""

WINDOW_MS = 15 * MINUTE_MS
"""Five guesses a quarter of an hour are under 500 a day, too few even for a weak password."""

MAX_NAMES = 10_000
"""Names remembered at once: about 2 MB; the oldest is forgotten first, so made-up names cannot fill the memory."""


class LoginThrottle:
    """Counts failures of each name in a sliding window."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._failures: OrderedDict[str, list[int]] = OrderedDict()

    def wait_ms(self, name: str) -> int:
        """Return how long this name must wait, 0 when it may try."""
        recent = self._recent(name)
        return recent[-MAX_FAILURES] + WINDOW_MS - self._now_ms() if len(recent) >= MAX_FAILURES else 0

    def fail(self, name: str) -> None:
        """Count one failure."""
        self._failures[_key(name)] = [*self._recent(name), self._now_ms()]
        self._failures.move_to_end(_key(name))
        if len(self._failures) > MAX_NAMES:
            self._failures.popitem(last=False)

    def forgive(self, name: str) -> None:
        """Forget a name's failures: it has logged in."""
        self._failures.pop(_key(name), None)

    def _recent(self, name: str) -> list[int]:
        oldest_ms = self._now_ms() - WINDOW_MS
        return [at_ms for at_ms in self._failures.get(_key(name), []) if at_ms > oldest_ms]


def _key(name: str) -> str:
    return name.strip().casefold()
