"""The only reader of clocks; everything else is given its time or asks one of these."""

import asyncio
import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Where the present comes from: the machine, or a recording that drives it."""

    def now_ms(self) -> int:
        """Return the present, UTC epoch milliseconds."""
        ...

    async def sleep_until_ms(self, due_ms: int) -> None:
        """Return once now_ms() >= due_ms."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Return the present, UTC epoch milliseconds."""
        return time.time_ns() // 1_000_000

    async def sleep_until_ms(self, due_ms: int) -> None:
        """Return once now_ms() >= due_ms; a wall clock that is set back only makes the wait longer."""
        while (left_ms := due_ms - self.now_ms()) > 0:
            await asyncio.sleep(left_ms / 1000)


class ManualClock:
    """A clock that stands until it is moved: recordings drive it (`--clock driven`), tests fast-forward it.

    Moving it wakes the sleepers of its event loop; it may be read from any thread and is moved from one.
    """

    def __init__(self, now_ms: int = 0) -> None:
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        """Return the time it was last moved to, UTC epoch milliseconds."""
        return self._now_ms

    def advance_to_ms(self, now_ms: int) -> None:
        """Move to `now_ms`; an earlier time is ignored, since time does not go back."""
        with self._lock:
            self._now_ms = max(self._now_ms, now_ms)
            due = [sleeper for at_ms, sleeper in self._sleepers if at_ms <= self._now_ms]
            self._sleepers = [item for item in self._sleepers if item[0] > self._now_ms]
        for sleeper in due:
            loop = sleeper.get_loop()
            loop.call_soon_threadsafe(_wake, sleeper)

    async def sleep_until_ms(self, due_ms: int) -> None:
        """Return once the clock has been moved to `due_ms` or later."""
        with self._lock:
            if self._now_ms >= due_ms:
                return
            sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._sleepers.append((due_ms, sleeper))
        await sleeper


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)


def monotonic_s() -> float:
    """Return seconds on a clock that never steps: for time-outs and measurements, never for event time."""
    return time.monotonic()
