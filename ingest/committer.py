"""The committer: frames in, one durable append a batch, then their acknowledgements; it never acknowledges first."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

import msgspec

from core.clock import Clock, monotonic_s
from core.errors import NoRoomError
from core.events import Reading
from core.log import ParkedMessage, ParkReason, Reread
from ingest.admission import Admission, Admitted
from ingest.ports import ReadingLog
from ingest.rereading import Rereading, read_again

CLOCK_TOPIC = "shouwang/clock"
"""Where a recording drives the clock; only listened to by a driven session."""

ENTRY_READINGS = 5_000
"""Readings in one journal entry; a held backlog is cut so that a row stays below about a megabyte."""

MAX_HELD = 65_535
"""QoS 1 messages that a broker can have in flight on one connection: MQTT's packet ids end there."""

MAX_HOLD_S = 30.0
"""A link that drops again and again may not hold readings back from the rules for longer than this."""

LINGER_FROM = 64
"""A batch of this many frames means messages come fast: waiting a moment makes the next group commit larger."""

ROOM_LOOK_S = 1.0
"""A log without room is asked again each second; meanwhile the broker keeps what comes, up to its own window."""

_log = logging.getLogger(__name__)


class Connection(Protocol):
    """The connection a frame came by."""

    def ack(self, mid: int) -> bool:
        """Acknowledge a QoS 1 message; False when the connection is gone, and the broker will deliver it again."""
        ...


class Frame(NamedTuple):
    """One message as it came from the network."""

    connection: Connection
    mid: int
    qos: int
    topic: str
    payload: bytes
    retain: bool
    received_at_ms: int


class Tick(msgspec.Struct, frozen=True):
    """Log time that was moved, or moved before and told again.

    `seq` is the newest entry of this process; 0 for a tick sent again before it has committed anything.
    """

    now_ms: int
    tick: int
    seq: int


class _TickPayload(msgspec.Struct, frozen=True):
    now_ms: int
    tick: int


class FrameQueue:
    """The one bounded list between the network and the committer; a full one blocks the network."""

    def __init__(self, max_queued: int) -> None:
        self._max_queued = max_queued
        self._frames: list[Frame] = []
        self._changed = threading.Condition()
        self._is_closed = False
        self._hold_since_s: float | None = None
        self._hold_until_s = 0.0

    def __len__(self) -> int:
        """Return how many frames wait."""
        return len(self._frames)

    def put(self, frame: Frame) -> bool:
        """Add a frame, waiting for room; False when the queue is closed: it is dropped, unacknowledged."""
        with self._changed:
            while len(self._frames) >= self._max_queued and not self._is_closed:
                self._changed.wait()
            if self._is_closed:
                return False
            self._frames.append(frame)
            if len(self._frames) == 1:
                self._changed.notify_all()
            return True

    def hold(self, seconds: float) -> None:
        """Let nothing be committed before `seconds` have passed: older messages are still to come."""
        with self._changed:
            now_s = monotonic_s()
            if self._hold_since_s is None:
                self._hold_since_s = now_s
            self._hold_until_s = min(now_s + seconds, self._hold_since_s + MAX_HOLD_S)

    def take(self) -> tuple[list[Frame], bool] | None:
        """Wait for frames and take all, in order of event time if they were held; None once it is closed and empty.

        Returns (frames, whether they were held). Frames still held when it closes are left to the broker.
        """
        held: list[Frame] = []
        with self._changed:
            while True:
                left_s = self._hold_until_s - monotonic_s() if self._hold_since_s is not None else None
                if self._is_closed and (left_s is not None or not self._frames):
                    return None
                if left_s is None and self._frames:
                    return self._swap(), False
                if left_s is not None:
                    held += self._swap()
                    if left_s <= 0 or len(held) >= MAX_HELD:
                        self._hold_since_s = None
                        return held, True
                self._changed.wait(left_s)

    def linger(self, seconds: float) -> bool:
        """Wait a moment, so that more frames share one append; return at once whether it is closed."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_closed, seconds)

    def close(self) -> None:
        """Take no more frames; what is queued may still be taken."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _swap(self) -> list[Frame]:
        frames, self._frames = self._frames, []
        self._changed.notify_all()
        return frames


class Committer:
    """Admits, appends and acknowledges what a queue holds; `run` is the body of its thread."""

    def __init__(
        self,
        queue: FrameQueue,
        admission: Admission,
        log: ReadingLog,
        clock: Clock,
        *,
        on_committed: Callable[[int], None],
        on_tick: Callable[[Tick], None],
        is_driven: bool = False,
        linger_ms: float = 2.0,
    ) -> None:
        self._queue = queue
        self._admission = admission
        self._log = log
        self._clock = clock
        self._on_committed = on_committed
        self._on_tick = on_tick
        self._is_driven = is_driven
        self._linger_s = linger_ms / 1000
        self._ticked_ms = 0
        self._seq = 0
        self.commits = 0
        self.acked = 0
        self.parked = 0
        self.held_up = ""  # why nothing is committed for now; empty while all goes well

    def run(self) -> None:
        """Commit until the queue is closed and empty. Raises DurabilityError, after which nothing is acknowledged."""
        try:
            self._run()
        except NoRoomError as error:  # closed while there was no room: what it held is the broker's
            _log.warning("ingest ends without room: %s", error)

    def _run(self) -> None:
        while (taken := self._queue.take()) is not None:
            frames, is_held = taken
            for is_clock, batch in self._runs(frames, is_held=is_held):
                if is_clock:
                    self._commit_ticks(batch)
                else:
                    self._commit(batch, is_held=is_held)
            if len(frames) >= LINGER_FROM and self._linger_s:
                self._queue.linger(self._linger_s)

    def _runs(self, frames: list[Frame], *, is_held: bool) -> Iterator[tuple[bool, list[Frame]]]:
        """Cut frames where readings and ticks meet; held ticks come last, since older readings came behind them."""
        if not self._is_driven:
            yield False, frames
            return
        if is_held:
            frames = sorted(frames, key=_is_clock)
        for is_clock, batch in groupby(frames, key=_is_clock):
            yield is_clock, list(batch)

    def _commit(self, frames: list[Frame], *, is_held: bool) -> None:
        readings: list[Reading] = []
        parked: list[ParkedMessage] = []
        again: list[ParkedMessage] = []
        for frame in frames:
            if isinstance(frame.connection, Rereading):
                again.append(frame.connection.parked)
                continue
            admitted = self._admit(frame)
            readings.extend(admitted.readings)
            if admitted.parked is not None:
                parked.append(admitted.parked)
        if is_held:
            readings.sort(key=_event_time)
        log_time_ms = self._log_time_ms()
        for start in range(0, len(readings) or min(len(parked), 1), ENTRY_READINGS):
            self._append(readings[start : start + ENTRY_READINGS], parked if start == 0 else (), log_time_ms)
        for told, outcomes in read_again(self._admission, again, self._log_time_ms(), ENTRY_READINGS):
            self._append(told, (), self._log_time_ms(), rereads=outcomes)
        self._admission.keep_definitions()
        self._acknowledge(frames)

    def _admit(self, frame: Frame) -> Admitted:
        received_at_ms = self._log_time_ms() if self._is_driven else frame.received_at_ms
        try:
            return self._admission.admit(frame.topic, frame.payload, retain=frame.retain, received_at_ms=received_at_ms)
        except Exception as error:  # noqa: BLE001  # one message's task ends here: our fault may not stop a county
            _log.exception("a message could not be admitted and was parked")
            return Admitted((), self._park(frame, f"our own fault: {type(error).__name__}"))

    def _commit_ticks(self, frames: list[Frame]) -> None:
        for frame in frames:
            try:
                payload = _decode_tick(frame.payload)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                self._append((), [self._park(frame, f"not a tick: {error}")], self._log_time_ms())
                self._acknowledge([frame])
                continue
            if payload.now_ms > self._log_time_ms():
                self._append((), (), payload.now_ms, is_tick=True)
                self._ticked_ms = payload.now_ms
            self._acknowledge([frame])
            self._on_tick(Tick(payload.now_ms, payload.tick, self._seq))

    def _append(
        self,
        readings: Sequence[Reading],
        parked: Sequence[ParkedMessage],
        log_time_ms: int,
        *,
        is_tick: bool = False,
        rereads: Sequence[Reread] = (),
    ) -> None:
        while True:
            try:
                self._seq = self._log.append(
                    readings, parked, log_time_ms=log_time_ms, is_tick=is_tick, rereads=rereads
                )
                break
            except NoRoomError as error:
                self._wait_for_room(error)
        self.held_up = ""
        self.commits += 1
        self._on_committed(self._seq)

    def _wait_for_room(self, error: NoRoomError) -> None:
        if not self.held_up:
            _log.error("ingest does not acknowledge, the log has no room: %s", error)
        self.held_up = str(error)
        if self._queue.linger(ROOM_LOOK_S):
            raise error

    def _acknowledge(self, frames: list[Frame]) -> None:
        for frame in frames:
            if frame.qos and frame.connection.ack(frame.mid):
                self.acked += 1

    def _log_time_ms(self) -> int:
        """Return the present; driven, the last tick's time, wherever the application's clock is on its way there."""
        return max(self._ticked_ms, self._clock.now_ms()) if self._is_driven else self._clock.now_ms()

    def _park(self, frame: Frame, detail: str) -> ParkedMessage:
        self.parked += 1
        return ParkedMessage(
            received_at_ms=frame.received_at_ms,
            topic=frame.topic,
            payload=frame.payload,
            reason=ParkReason.UNDECODABLE,
            detail=detail,
            retain=frame.retain,
        )


def _is_clock(frame: Frame) -> bool:
    return frame.topic == CLOCK_TOPIC


def _event_time(reading: Reading) -> int:
    return reading.observed_at_ms


_decode_tick = msgspec.json.Decoder(_TickPayload).decode
