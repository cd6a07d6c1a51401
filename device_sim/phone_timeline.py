"""Simulated time of a phone network: steps that come when they are due, and what every provider's network shares."""

import heapq
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Generic, TypeVar

import msgspec

from device_sim.phone_behaviour import Faults, Phone, Phones
from device_sim.phone_records import Ring

DIAL_MS = 1_000
"""From the request to the first ring, and from dialling to the engaged tone."""

HANG_UP_MS = 1_000
"""From the last word to the end of the call."""

TEXT_STEP_MS = 1_000
"""From accepted to sent, and from sent to delivered."""

MOST_RINGS = 10_000
"""Rings kept for a look; a village makes a few hundred on its worst day."""

Step = Callable[[int], Awaitable[None]]
Post = TypeVar("Post")


class PhoneEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One line for a feed: `what` is ringing, answered, heard, pressed, text, or how a call ended."""

    at_ms: int
    what: str
    to: str
    sid: str
    text: str = ""


class Timeline:
    """Steps by their due time; of two at the same time the one that was added first comes first."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, int, Step]] = []
        self._number = count()

    def add(self, at_ms: int, step: Step) -> None:
        """Let a step come at `at_ms`."""
        heapq.heappush(self._steps, (at_ms, next(self._number), step))

    def next_ms(self) -> int | None:
        """Return when the next step is due."""
        return self._steps[0][0] if self._steps else None

    def take(self, now_ms: int) -> tuple[int, Step] | None:
        """Return the next step that is due, with its time."""
        if not self._steps or self._steps[0][0] > now_ms:
            return None
        at_ms, _, step = heapq.heappop(self._steps)
        return at_ms, step


class StepPlayer(Generic[Post]):
    """Plays calls and texts step by step and posts what becomes of them; `rings` are the phones that rang, in order."""

    def __init__(
        self,
        timeline: Timeline,
        post: Post,
        *,
        faults_of: Callable[[str], Faults],
        on_event: Callable[[PhoneEvent], None] | None,
    ) -> None:
        self._timeline = timeline
        self._post = post
        self._faults_of = faults_of
        self._on_event: Callable[[PhoneEvent], None] = on_event or (lambda _event: None)
        self.rings: deque[Ring] = deque(maxlen=MOST_RINGS)


class PhonesInTime:
    """Everybody's phones, in simulated time that does not go back."""

    def __init__(self, now_ms: int, phones: Phones | None) -> None:
        self._phones = phones or Phones()
        self._timeline = Timeline()
        self._now_ms = now_ms

    @property
    def now_ms(self) -> int:
        """The network's time, simulated UTC ms."""
        return self._now_ms

    def at(self, number: str) -> Phone:
        """Return the phone of an E.164 number, to tell it what it does."""
        return self._phones.at(number)

    def next_event_ms(self) -> int | None:
        """Return when something is due."""
        return self._timeline.next_ms()

    def move_to(self, now_ms: int) -> None:
        """Let the network's time be `now_ms` without firing anything; it does not go back."""
        self._now_ms = max(self._now_ms, now_ms)

    async def advance_to(self, now_ms: int) -> int:
        """Fire what is due until `now_ms`, in order, and return how much it was."""
        self.move_to(now_ms)
        fired = 0
        while (due := self._timeline.take(self._now_ms)) is not None:
            at_ms, step = due
            await step(at_ms)
            fired += 1
        return fired

    def _faults_of(self, number: str) -> Faults:
        return self.at(number).faults
