"""Whether the service hears its homes: not while the broker is away, the journal full or the clock behind it."""

from collections.abc import Callable
from enum import Enum, StrEnum
from typing import Protocol

from app.settling import Settling
from core.clock import Clock, Leap, monotonic_s
from ingest.session import Counters, IngestSession

DEAF_AFTER_S = 60.0
"""No rule waits for less than a quarter of an hour of silence: a minute unheard is no false call, and a broker that is
started anew takes less. A shorter stretch would darken every home of a county for each packet that is lost."""

STOOD_STILL_S = 60.0
"""It is asked every five seconds, and less often only while a backlog is replayed, or when the machine was stopped."""

SETTLES_AGAIN_AFTER_S = 600.0
"""A service that is so busy that it is asked once a minute must judge all the same."""


CLOCK_BEHIND_MS = 60_000
"""A clock that was set back by less delays a deadline by less than the shortest of them waits."""


class Hears(Enum):
    """What may be judged now."""

    WAITING = "waiting"  # the backlog is still coming in: nothing
    WELL = "well"
    DEAF = "deaf"  # nothing that rests on silence


class Deafness(StrEnum):
    """Why nothing is heard."""

    BROKER = "broker"
    ROOM = "room"
    CLOCK = "clock"  # set back while the service was not running: behind what the journal holds already


class Taking(Protocol):
    """A broker whose watch knows whether it takes messages."""

    takes: bool


class Hearing:
    """Asked from the loop's thread; what it says of itself any thread may read."""

    def __init__(
        self,
        settling: Settling,
        seen: Callable[[], Counters],
        held_up: Callable[[], str],
        seconds: Callable[[], float] = monotonic_s,
        *,
        takes: Callable[[], bool] = lambda: True,
        leap: Callable[[], Leap | None] = lambda: None,
        behind_ms: Callable[[], int] = lambda: 0,
    ) -> None:
        """Ask all of these each time; `takes`: whether a broker that is there promises devices anything at all.

        `leap` is the last of the service's clock, `behind_ms` how far that is behind what the journal holds.
        """
        self._settling = settling
        self._seen = seen
        self._held_up = held_up
        self._seconds = seconds
        self._takes = takes
        self._leap, self._leapt = leap, leap()
        self._behind_ms = behind_ms
        self._asked_s = self._stood_still_s = seconds()
        self._unheard_s: float | None = None
        self._is_settling = False
        self.since_s: float | None = None  # on the monotonic clock; from deaf until the backlog has come in
        self.why: Deafness | None = None
        self.last = Hears.WAITING  # what was answered last

    def goes_on(self, for_ms: int) -> None:
        """Begin deaf, as the journal says that it was before the start, until the broker is there and all has come."""
        self.since_s = self._seconds() - max(for_ms, 0) / 1000

    def now(self) -> Hears:
        """Return what may be judged; a stretch of deafness ends when what waited meanwhile has been taken in."""
        self.last = self._now()
        return self.last

    def deaf_for_ms(self) -> int | None:
        """Return how long nothing has been heard, None while all is well."""
        since_s = self.since_s
        return None if since_s is None else round((self._seconds() - since_s) * 1000)

    def _now(self) -> Hears:
        why, now_s = self._reason(), self._seconds()
        if why is None:
            self._unheard_s = None
        elif self._unheard_s is None:
            self._unheard_s = now_s
        self._look_at_time(now_s)
        if self.since_s is not None:
            return self._deaf(why)
        if why is not None and self._unheard_s is not None and now_s - self._unheard_s >= DEAF_AFTER_S:
            self.since_s = self._unheard_s
            return self._deaf(why)
        return Hears.WELL if self._settling.is_over() else Hears.WAITING

    def _look_at_time(self, now_s: float) -> None:
        """Let what waited come in after a leap, whose ticks the journal writes, or when nobody asked for a while."""
        leap, unasked_s, self._asked_s = self._leap(), now_s - self._asked_s, now_s
        if leap != self._leapt:
            self._leapt, self._is_settling = leap, False
            if self.since_s is None:
                self.since_s, self.why = now_s, Deafness.CLOCK
        elif unasked_s > STOOD_STILL_S and now_s - self._stood_still_s > SETTLES_AGAIN_AFTER_S:
            self._stood_still_s = now_s
            self._settling.again()

    def _deaf(self, why: Deafness | None) -> Hears:
        if why is not None:
            self.why, self._is_settling = why, False
            return Hears.DEAF
        if not self._is_settling:
            self._is_settling = True
            self._settling.again()
        if not self._settling.is_over():
            return Hears.DEAF
        self.since_s, self.why, self._is_settling = None, None, False
        return Hears.WELL

    def _reason(self) -> Deafness | None:
        if self._held_up():
            return Deafness.ROOM
        if not (self._seen().is_main_connected and self._takes()):
            return Deafness.BROKER
        return Deafness.CLOCK if self._behind_ms() > CLOCK_BEHIND_MS else None


def hearing_of(
    settling: Settling,
    ingest: Callable[[], IngestSession],
    broker: Callable[[], Taking | None],
    *,
    clock: Clock,
    log_ms: Callable[[], int],
) -> Hearing:
    """Return the hearing of a service; `broker` is its embedded one, None where it listens to another."""

    def takes() -> bool:
        one = broker()
        return one is None or one.takes

    return Hearing(
        settling,
        lambda: ingest().counters,
        lambda: ingest().held_up,
        takes=takes,
        leap=lambda: max(clock.leaps, default=None),
        behind_ms=lambda: log_ms() - clock.now_ms(),
    )
