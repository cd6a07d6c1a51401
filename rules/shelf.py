"""The homes of a partition: the few that something happens in are awake, all others lie packed; judges nothing."""

import heapq
import struct
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from core.ids import HomeId
from registry.homes import Home
from rules.home import HomeRules
from rules.parameters import RuleParameters
from rules.state import HomeState

AWAKE_HOMES = 256
"""Awake, a home takes eight times the room, and a reading of it a tenth of the time: a village stays awake in some 8 MB
on the smallest machine; where there is more memory, whoever makes the shelf lets more homes be awake."""

LEFT_BEHIND, LEAST_QUEUE = 1.25, 64
"""A home that comes to wait for something sooner leaves its old place behind: so many places, and they are cleared."""

_FAST, _WINDOW_BITS, _MEMORY_LEVEL = 1, -12, 7
"""Every reading may pay for it: zlib's slowest packs a tenth better in twice the time. A state is four kilobytes, so
is the window; half the usual memory to work in takes two thirds of the time that an eighth of it does."""

_encode = msgspec.msgpack.Encoder().encode
_PARTS = struct.Struct("<II")  # lengths of the rest and of what the habits have packed; what they expect follows
_decode = msgspec.msgpack.Decoder(HomeState).decode


@dataclass(slots=True, eq=False)
class Kept:
    """One home: its registration, its timer, and what it remembers: packed while it sleeps, rules while it is awake."""

    home: Home
    parameters: RuleParameters
    version: int = 0  # of the rulebook that it has taken up; 0: what ships with the service
    due_ms: int | None = None  # it waits for this
    queued_ms: int | None = None  # its place in the timers' queue, never after `due_ms`
    is_moved: bool = False  # something has happened to it since `due_ms` was found
    packed: bytes = b""
    rules: HomeRules | None = None


class Shelf:
    """Wakes a home that is asked for, and packs the one left alone longest: `on_sleep` is told if it has moved."""

    def __init__(self, most_awake: int, on_sleep: Callable[[Kept, HomeRules], None]) -> None:
        self._most = most_awake
        self._on_sleep = on_sleep
        self._homes: dict[HomeId, Kept] = {}
        self._awake: OrderedDict[HomeId, Kept] = OrderedDict()

    def __len__(self) -> int:
        """Return how many homes are kept."""
        return len(self._homes)

    def __iter__(self) -> Iterator[Kept]:
        """Yield every home, in the order in which they came."""
        return iter(self._homes.values())

    def get(self, home_id: HomeId) -> Kept | None:
        """Return a home, None when it is not kept here."""
        return self._homes.get(home_id)

    def keep(self, kept: Kept, state: HomeState) -> HomeRules:
        """Keep a home with this state, awake."""
        self._homes[kept.home.id] = kept
        kept.packed, kept.rules = b"", HomeRules(kept.home, kept.parameters, state)
        self._make_room(kept)
        return kept.rules

    def lay(self, kept: Kept, packed: bytes) -> None:
        """Keep a home with this state, asleep."""
        self._awake.pop(kept.home.id, None)
        self._homes[kept.home.id] = kept
        kept.packed, kept.rules = packed, None

    def remove(self, home_id: HomeId) -> None:
        """Forget a home."""
        self._homes.pop(home_id, None)
        self._awake.pop(home_id, None)

    def wake(self, kept: Kept) -> HomeRules:
        """Return a home's rules; they are its own until as many other homes have been woken as may be awake."""
        if kept.rules is not None:
            self._awake.move_to_end(kept.home.id)
            return kept.rules
        return self.keep(kept, unpacked(kept.packed))

    def _make_room(self, kept: Kept) -> None:
        self._awake[kept.home.id] = kept
        self._awake.move_to_end(kept.home.id)
        while len(self._awake) > self._most:
            _, oldest = self._awake.popitem(last=False)
            if oldest.rules is not None:
                if oldest.is_moved:
                    self._on_sleep(oldest, oldest.rules)
                oldest.packed, oldest.rules = packed(oldest.rules.state), None


class Timers:
    """What every home waits for: one place in a queue for each, moved only when its turn comes or it comes sooner."""

    def __init__(self, homes: Shelf) -> None:
        self._homes = homes
        self._queue: list[tuple[int, HomeId]] = []

    def set(self, kept: Kept, due_ms: int | None) -> None:
        """Let a home wait for this; None: for nothing."""
        kept.due_ms, kept.is_moved = due_ms, False
        if due_ms is not None and (kept.queued_ms is None or due_ms < kept.queued_ms):
            self._queue_at(kept, due_ms)

    def first(self) -> Kept | None:
        """Return the home that is due before all others; of two at once the one with the lower id."""
        while self._queue:
            queued_ms, home_id = self._queue[0]
            kept = self._homes.get(home_id)
            if kept is not None and kept.due_ms == queued_ms == kept.queued_ms:
                return kept
            heapq.heappop(self._queue)
            if kept is not None and kept.queued_ms == queued_ms:
                kept.queued_ms = None
                if kept.due_ms is not None:
                    self._queue_at(kept, kept.due_ms)
        return None

    def _queue_at(self, kept: Kept, due_ms: int) -> None:
        kept.queued_ms = due_ms
        heapq.heappush(self._queue, (due_ms, kept.home.id))
        if len(self._queue) > len(self._homes) * LEFT_BEHIND + LEAST_QUEUE:
            self._queue = [(one.queued_ms, one.home.id) for one in self._homes if one.queued_ms is not None]
            heapq.heapify(self._queue)


def packed(state: HomeState) -> bytes:
    """Return a state packed; what its habits have packed already is laid beside the rest as it is."""
    habits = state.habits
    rest = msgspec.structs.replace(state, habits=msgspec.structs.replace(habits, packed=b"", rates=b""))
    packing = zlib.compressobj(_FAST, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL)
    body, end = packing.compress(_encode(rest)), packing.flush()
    parts = _PARTS.pack(len(body) + len(end), len(habits.packed))
    return b"".join((parts, body, end, habits.packed, habits.rates))  # an encoder's own bytes keep room to grow


def unpacked(data: bytes) -> HomeState:
    """Return what was packed; raises msgspec.DecodeError, zlib.error or struct.error."""
    rest_size, past_size = _PARTS.unpack_from(data)
    past_at = _PARTS.size + rest_size
    state = _decode(zlib.decompress(data[_PARTS.size : past_at], _WINDOW_BITS))
    state.habits.packed = data[past_at : past_at + past_size]
    state.habits.rates = data[past_at + past_size :]
    return state
