"""When to look for the rules' next deadline: not after every entry while readings pour in; judges nothing."""

from collections.abc import Callable

LOOK_EVERY_MS = 100
"""While readings pour in, the next deadline is looked for so often: for each home that has moved it costs as much as
several readings, and deadlines are minutes away. What a reading itself finds is told at once."""


class DeadlineLook:
    """Remembers what the rules had taken in when they were asked last."""

    def __init__(self, ask: Callable[[], int | None], every_ms: int = LOOK_EVERY_MS) -> None:
        """`ask` returns the rules' next deadline, UTC ms; `every_ms` 0 asks after every entry, as a replay must."""
        self._ask = ask
        self._every_ms = every_ms
        self._due_ms: int | None = None
        self._seq = -1
        self._asked_s = float("-inf")

    def due_ms(self, seq: int, *, now_ms: int, now_s: float) -> int | None:
        """Return the deadline after entry `seq`; the time to ask again, where it is too early to ask."""
        if seq == self._seq:
            return self._due_ms
        left_ms = self._every_ms - (now_s - self._asked_s) * 1000
        if left_ms > 0:
            return now_ms + round(left_ms) + 1
        self._due_ms, self._seq, self._asked_s = self._ask(), seq, now_s
        return self._due_ms

    def forget(self) -> None:
        """Ask again though nothing has come: homes or their limits have changed."""
        self._seq = -1
