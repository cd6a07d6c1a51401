"""The only reader of clocks; everything else is given its time or asks one of these."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

STEP_MS = 1_000
"""What a clock is off by beyond this was set; less is a slew, or a thread that waited between two readings."""

SLEWED = 0.001
"""A kernel slews a clock by at most half as much. By so much, too, a lead is worked off: 86 s a day."""

LEAP_MS = 60_000
"""No rule waits for less than a quarter of an hour of silence: a shorter leap makes no false call (app/hearing)."""

LEAPS_KEPT = 32
"""Until the journal has room for their ticks; of more the two oldest are one, with what was lived through between."""

TORN_S = 0.05
TORN_MOST = 20
"""Both clocks are read anew when a busy machine took longer from one to the other; so often, then as they are."""


class Leap(NamedTuple):
    """A stretch that the clock went over without living through it: it was set ahead, or the machine stood still."""

    number: int  # of the process, from 1
    from_ms: int
    until_ms: int


class Clock(Protocol):
    """Where the present comes from: the machine, or a recording that drives it."""

    @property
    def leaps(self) -> Sequence[Leap]:
        """Return the last leaps, oldest first."""
        ...

    @property
    def lead_ms(self) -> int:
        """Return how far it is ahead of the machine's clock, which was set back."""
        ...

    def now_ms(self) -> int:
        """Return the present, UTC epoch milliseconds."""
        ...

    async def sleep_until_ms(self, due_ms: int) -> None:
        """Return once now_ms() >= due_ms."""
        ...


class SystemClock:
    """The machine's clock, but that its time never goes back while the process lives; any thread may ask.

    A machine's clock that is set back would hold up every deadline until it has caught up. What it lost is kept as a
    lead and worked off by and by. One that is set ahead is followed, and what was left out is known as a leap.
    """

    def __init__(
        self,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        seconds: Callable[[], float] | None = None,
    ) -> None:
        """Begin with what the machine says; `seconds` is a clock that never steps."""
        self._wall_ms = wall_ms
        self._seconds = seconds or monotonic_s
        self._lock = threading.Lock()
        self._lead_ms = 0.0
        self._leaps: tuple[Leap, ...] = ()
        wall, self._at_s = self._both()
        self._at_ms = float(wall)

    @property
    def leaps(self) -> Sequence[Leap]:
        """Return the last leaps, oldest first."""
        self.now_ms()
        return self._leaps

    @property
    def lead_ms(self) -> int:
        """Return how far it is ahead of the machine's clock, which was set back."""
        self.now_ms()
        return round(self._lead_ms)

    def now_ms(self) -> int:
        """Return the present, UTC epoch milliseconds."""
        with self._lock:
            wall_ms, at_s = self._both()
            passed_ms = (at_s - self._at_s) * 1000
            expected_ms = self._at_ms + passed_ms
            self._lead_ms = max(self._lead_ms - passed_ms * SLEWED, 0.0)
            off_ms = wall_ms + self._lead_ms - expected_ms
            if abs(off_ms) > STEP_MS + passed_ms * 2 * SLEWED:
                self._stepped(off_ms, expected_ms)
            self._at_ms, self._at_s = max(wall_ms + self._lead_ms, self._at_ms), at_s
            return int(self._at_ms)

    async def sleep_until_ms(self, due_ms: int) -> None:
        """Return once now_ms() >= due_ms."""
        while (left_ms := due_ms - self.now_ms()) > 0:
            await asyncio.sleep(left_ms / 1000)

    def _stepped(self, off_ms: float, expected_ms: float) -> None:
        """Keep what was set back as a lead; give up the lead first for what was set ahead."""
        before_ms = self._lead_ms
        self._lead_ms = max(before_ms - off_ms, 0.0)
        ahead_ms = off_ms - before_ms
        if ahead_ms >= LEAP_MS:
            number = self._leaps[-1].number + 1 if self._leaps else 1
            leaps = (*self._leaps, Leap(number, round(expected_ms), round(expected_ms + ahead_ms)))
            if len(leaps) > LEAPS_KEPT:
                leaps = (leaps[1]._replace(from_ms=leaps[0].from_ms), *leaps[2:])
            self._leaps = leaps

    def _both(self) -> tuple[int, float]:
        """Return the machine's time and the seconds of the same moment."""
        before_s, wall_ms, at_s = self._seconds(), self._wall_ms(), self._seconds()
        for _ in range(TORN_MOST):
            if at_s - before_s < TORN_S:
                break
            before_s, wall_ms, at_s = self._seconds(), self._wall_ms(), self._seconds()
        return wall_ms, at_s


class ManualClock:
    """A clock that stands until it is moved: recordings drive it (`--clock driven`), tests fast-forward it.

    Moving it wakes the sleepers of its event loop; it may be read from any thread and is moved from one.
    """

    def __init__(self, now_ms: int = 0) -> None:
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    @property
    def leaps(self) -> Sequence[Leap]:
        """Return none: a recording passes over what it passes over."""
        return ()

    @property
    def lead_ms(self) -> int:
        """Return 0: it has a time of its own."""
        return 0

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
