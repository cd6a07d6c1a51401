"""The bounded lists between the brokers and the committer: a full one lets its broker wait; nothing is dropped."""

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from core.clock import monotonic_s
from ingest.framing import Frame

MAX_HELD = 65_535
"""QoS 1 messages that a broker can have in flight on one connection: MQTT's packet ids end there."""

MAX_HOLD_S = 30.0
"""A link that drops again and again may not hold readings back from the rules for longer than this."""


class Connection(Protocol):
    """The connection that frames came by."""

    def ack(self, packet_ids: Sequence[int]) -> bool:
        """Acknowledge messages in order; False when the connection is gone, and the broker will deliver them again."""
        ...


class Batch(NamedTuple):
    """What one read of a connection brought."""

    connection: Connection
    received_at_ms: int
    frames: list[Frame]


class Taken(NamedTuple):
    """What one broker's list held. `is_held`: older messages may stand behind newer ones."""

    batches: list[Batch]
    is_held: bool


class Lane:
    """One broker's list. The network adds, above the mark it stops reading; holding, it may hold what is in flight."""

    def __init__(self, changed: threading.Condition, max_queued: int) -> None:
        self._changed = changed
        self._max_queued = max_queued
        self._batches: list[Batch] = []
        self._queued = 0
        self._hold_since_s: float | None = None
        self.holds = 0
        self._hold_until_s = 0.0
        self._is_closed = False
        self._on_room: Callable[[], None] | None = None

    def __len__(self) -> int:
        """Return how many frames wait."""
        return self._queued

    def has_room(self, on_room: Callable[[], None]) -> bool:
        """Return whether the list is below its mark; otherwise `on_room` is called once as soon as it is."""
        with self._changed:
            if self._queued < (self._max_queued if self._hold_since_s is None else MAX_HELD) or self._is_closed:
                return True
            self._on_room = on_room
            return False

    def put(self, batch: Batch) -> None:
        """Add what was read; after `close` it is dropped, unacknowledged."""
        with self._changed:
            if self._is_closed or not batch.frames:
                return
            self._batches.append(batch)
            self._queued += len(batch.frames)
            if len(self._batches) == 1 or self._queued >= MAX_HELD:
                self._changed.notify_all()

    def hold(self, seconds: float) -> None:
        """Let nothing be committed before `seconds` have passed: older messages are still to come."""
        with self._changed:
            now_s = monotonic_s()
            self.holds += 1
            if self._hold_since_s is None:
                self._hold_since_s = now_s
            self._hold_until_s = min(now_s + seconds, self._hold_since_s + MAX_HOLD_S)
            self._changed.notify_all()

    def take(self) -> Taken | None:
        """Take all there is, None for nothing; the caller has the lock."""
        is_held = self._hold_since_s is not None
        if not is_held and not self._batches:
            return None
        if is_held:
            if self._is_closed:  # what is still held is left to the broker
                self._batches, self._queued = [], 0
                return None
            if self._hold_until_s > monotonic_s() and self._queued < MAX_HELD:
                return None
            self._hold_since_s = None
        batches, self._batches, self._queued = self._batches, [], 0
        self._tell_of_room()
        return Taken(batches, is_held) if batches else None

    def left_s(self) -> float | None:
        """Return how long nothing may be taken yet; None: nothing is held."""
        return None if self._hold_since_s is None else max(0.0, self._hold_until_s - monotonic_s())

    @property
    def is_held(self) -> bool:
        """Return whether nothing may be taken yet."""
        return self._hold_since_s is not None

    def close(self) -> None:
        """Take no more frames; the caller has the lock."""
        self._is_closed = True
        self._tell_of_room()

    def _tell_of_room(self) -> None:
        on_room, self._on_room = self._on_room, None
        if on_room is not None:
            on_room()


class Lanes:
    """The lists of all brokers, taken together by the one committer."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lanes: list[Lane] = []
        self._is_closed = False
        self.in_hand = 0  # frames that were taken last, until the committer asks for more
        self._is_held_in_hand = False

    def __len__(self) -> int:
        """Return how many frames wait in all."""
        return sum(len(lane) for lane in self._lanes)

    @property
    def is_held(self) -> bool:
        """Return whether any list is held, or what was is taken and not committed yet."""
        with self._changed:
            return self._is_held_in_hand or any(lane.is_held for lane in self._lanes)

    @property
    def holds(self) -> int:
        """Return how often any list was held."""
        return sum(lane.holds for lane in self._lanes)

    def add(self, max_queued: int) -> Lane:
        """Return a further list."""
        lane = Lane(self._changed, max_queued)
        self._lanes.append(lane)
        return lane

    def take(self) -> list[Taken] | None:
        """Wait for frames and return what each list holds; None once they are closed and empty."""
        with self._changed:
            self.in_hand, self._is_held_in_hand = 0, False
            while True:
                taken = [one for lane in self._lanes if (one := lane.take()) is not None]
                if taken:
                    self._is_held_in_hand = any(one.is_held for one in taken)
                    self.in_hand = sum(len(batch.frames) for one in taken for batch in one.batches)
                    return taken
                if self._is_closed:
                    return None
                waits = [left_s for lane in self._lanes if (left_s := lane.left_s()) is not None]
                self._changed.wait(min(waits, default=None))

    def linger(self, seconds: float) -> bool:
        """Wait a moment, so that more frames share one append; return at once whether it is closed."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_closed, seconds)

    def close(self) -> None:
        """Take no more frames; what is queued may still be taken."""
        with self._changed:
            self._is_closed = True
            for lane in self._lanes:
                lane.close()
            self._changed.notify_all()
