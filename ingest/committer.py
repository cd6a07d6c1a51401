"""The committer: frames in, one durable append a batch, then their acknowledgements; it never acknowledges first."""

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import msgspec

from core.clock import Clock
from core.errors import NoRoomError
from core.events import Reading
from core.log import ParkedMessage, ParkReason, Reread
from ingest.admission import Admission
from ingest.framing import Frame
from ingest.lanes import Batch, Lanes, Taken
from ingest.link import CLOCK_TOPIC
from ingest.ports import ReadingLog
from ingest.raw import Message
from ingest.rereading import Rereading, read_again

ENTRY_READINGS = 5_000
"""Readings in one journal entry; a held backlog is cut so that a row stays below about a megabyte."""

LINGER_FROM = 64
"""A batch of this many frames means messages come fast: waiting a moment makes the next group commit larger."""

ROOM_LOOK_S = 1.0
"""A log without room is asked again each second; meanwhile the broker keeps what comes, up to its own window."""

_log = logging.getLogger(__name__)


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


class Committer:
    """Admits, appends and acknowledges what the brokers' lists hold; `run` is the body of its thread."""

    def __init__(
        self,
        lanes: Lanes,
        admission: Admission,
        log: ReadingLog,
        clock: Clock,
        *,
        on_committed: Callable[[int], None],
        on_tick: Callable[[Tick], None],
        is_driven: bool = False,
        linger_ms: float = 2.0,
    ) -> None:
        self._lanes = lanes
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
        while (taken := self._lanes.take()) is not None:
            if self._is_driven:
                for one in taken:
                    self._follow(one)
            else:
                self._commit(taken)
            if self._linger_s and sum(len(batch.frames) for one in taken for batch in one.batches) >= LINGER_FROM:
                self._lanes.linger(self._linger_s)

    def _follow(self, taken: Taken) -> None:
        """Commit where a recording drives the clock: readings stand between the ticks they came between."""
        for is_clock, batches in _runs(taken):
            if is_clock:
                for batch in batches:
                    for frame in batch.frames:
                        self._commit_tick(batch, frame)
            else:
                self._commit([Taken(batches, taken.is_held)])

    def _commit(self, taken: list[Taken]) -> None:
        readings: list[Reading] = []
        parked: list[ParkedMessage] = []
        again: list[tuple[Rereading, Sequence[Frame]]] = []
        for batches, is_held in taken:
            found = readings if not readings and not is_held else []
            for batch in batches:
                if isinstance(batch.connection, Rereading):
                    again.append((batch.connection, batch.frames))
                else:
                    self._admit(batch, found, parked)
            if is_held:
                found.sort(key=_event_time)
            if found is not readings:
                readings += found
        log_time_ms = self._log_time_ms()
        for start in range(0, len(readings) or min(len(parked), 1), ENTRY_READINGS):
            self._append(readings[start : start + ENTRY_READINGS], parked if start == 0 else (), log_time_ms)
        for told, outcomes in read_again(self._admission, again, self._log_time_ms(), ENTRY_READINGS):
            self._append(told, (), self._log_time_ms(), rereads=outcomes)
        self._admission.keep_definitions()
        for batches, _ in taken:
            for batch in batches:
                self._acknowledge(batch)

    def _admit(self, batch: Batch, readings: list[Reading], parked: list[ParkedMessage]) -> None:
        received_at_ms = self._log_time_ms() if self._is_driven else batch.received_at_ms
        take = self._admission.take
        for frame in batch.frames:
            _, topic, payload, retain = frame
            try:
                refused = take(Message(topic, payload, retain, received_at_ms), readings)
            except Exception as error:  # noqa: BLE001  # one message's task ends here: our fault may not stop a county
                _log.exception("a message could not be admitted and was parked")
                refused = self._park(batch, frame, f"our own fault: {type(error).__name__}")
            if refused is not None:
                parked.append(refused)

    def _commit_tick(self, batch: Batch, frame: Frame) -> None:
        alone = Batch(batch.connection, batch.received_at_ms, [frame])
        try:
            payload = _decode_tick(frame[2])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._append((), [self._park(batch, frame, f"not a tick: {error}")], self._log_time_ms())
            self._acknowledge(alone)
            return
        if payload.now_ms > self._log_time_ms():
            self._append((), (), payload.now_ms, is_tick=True)
            self._ticked_ms = payload.now_ms
        self._acknowledge(alone)
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
        if self._lanes.linger(ROOM_LOOK_S):
            raise error

    def _acknowledge(self, batch: Batch) -> None:
        packet_ids = [frame[0] for frame in batch.frames if frame[0]]
        if packet_ids and batch.connection.ack(packet_ids):
            self.acked += len(packet_ids)

    def _log_time_ms(self) -> int:
        """Return the present; driven, the last tick's time, wherever the application's clock is on its way there."""
        return max(self._ticked_ms, self._clock.now_ms()) if self._is_driven else self._clock.now_ms()

    def _park(self, batch: Batch, frame: Frame, detail: str) -> ParkedMessage:
        self.parked += 1
        _, topic, payload, retain = frame
        return ParkedMessage(
            received_at_ms=batch.received_at_ms,
            topic=topic,
            payload=payload,
            reason=ParkReason.UNDECODABLE,
            detail=detail,
            retain=retain,
        )


def _runs(taken: Taken) -> Iterator[tuple[bool, list[Batch]]]:
    """Cut frames where readings and ticks meet; held ticks come last, since older readings came behind them."""
    frames = [(batch, frame) for batch in taken.batches for frame in batch.frames]
    if taken.is_held:
        frames.sort(key=_is_clock)
    for is_clock, run in groupby(frames, key=_is_clock):
        yield is_clock, [Batch(batch.connection, batch.received_at_ms, [frame]) for batch, frame in run]


def _is_clock(one: tuple[Batch, Frame]) -> bool:
    return one[1][1] == CLOCK_TOPIC


def _event_time(reading: Reading) -> int:
    return reading.observed_at_ms


_decode_tick = msgspec.json.Decoder(_TickPayload).decode
