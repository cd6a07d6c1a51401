"""Follows the parked messages: reads again what can be read by now, lists unknown devices, keeps the file bounded."""

import asyncio
import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.device_inbox import DeviceInbox
from core.clock import Clock, SystemClock, monotonic_s
from core.errors import BusyError
from core.log import ParkedMessage, ParkReason
from ingest import formats
from ingest.rereading import REREAD_AT_ONCE, OnSettled
from store.parked import MAX_OPEN, WARN_SHARE, ParkedFile
from store.truth.database import Truth

LOOK_EVERY_MS = 1_000
"""Whoever adopts a device looks at its readings a moment later."""

SETTLE_WAIT_S = 60.0
"""A restarted broker's redelivery holds the committer back for some seconds; half a minute is its own limit."""

TRIM_EVERY_ROUNDS = 60
_LOOK_S = 0.2
READ_BY = "parked_read_by"
"""The snapshot that names the decoders which have seen everything that is parked."""

WAITS_FOR_JOURNAL = "待重读的消息在等日志 messages given to be read again wait for the journal"

_ALL = tuple(reason for reason in ParkReason if reason is not ParkReason.REJECTED_DEVICE)
_BY_RECORD = (ParkReason.UNKNOWN_UNIT, ParkReason.UNKNOWN_MEANING)
_log = logging.getLogger(__name__)

Put = Callable[[Sequence[ParkedMessage], OnSettled], None]
"""Lets messages through the committer; tells of each that its outcome is on the disk, or that it was not read."""


class ParkedKeeper:
    """One thread of its own at a time; what it has done is counted."""

    def __init__(
        self,
        truth: Truth,
        parked: ParkedFile,
        inbox: DeviceInbox,
        put: Put,
        clock: Clock,
        *,
        settle_wait_s: float = SETTLE_WAIT_S,
    ) -> None:
        self.identities = inbox.identities
        self._truth = truth
        self.parked = parked
        self._inbox = inbox
        self._put = put
        self._clock = clock
        self._settle_wait_s = settle_wait_s
        self._is_closing = threading.Event()
        self._known: frozenset[str] = frozenset()
        self._version = -1
        self._records: int = -1
        self._rounds = 0
        self._fresh: set[tuple[str, str]] = set()
        self._out: threading.Event | None = None  # set once what was waited for in vain has come back
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="parked")
        self.reread = 0
        self.dropped = 0
        self.faults = 0

    async def run(self) -> None:
        """Look every second until cancelled."""
        clock = SystemClock()
        while True:
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self.round)
            except Exception:  # noqa: BLE001  # one round ends here; everything stays parked and the next one goes on
                self.faults += 1
                _log.exception("a round over the parked messages failed")
            await clock.sleep_until_ms(clock.now_ms() + LOOK_EVERY_MS)

    def round(self) -> None:
        """Read again what a change has made readable, and list unknown devices; blocking."""
        if self._is_out():
            return  # the committer stands still, so nothing new is parked; what it holds is not given again
        self._read_by_new_decoders()
        self._read_what_was_asked_for()
        now_ms = self._clock.now_ms()
        self._fresh |= self._inbox.follow(now_ms)
        self._read_by_the_registry(self._fresh)
        self._fresh = set()
        if self._rounds % TRIM_EVERY_ROUNDS == 0:
            self.dropped += self.parked.trim(now_ms)
        self._rounds += 1

    def close(self) -> None:
        """Let a round under way end, and close the file; everything that was not settled stays parked."""
        self._is_closing.set()
        self._thread.shutdown()
        self.parked.close()

    def notices(self) -> list[str]:
        """Return what somebody must see to before parked messages are lost."""
        waiting = sum(self.parked.counts().values())
        found = list(self._inbox.notices())
        if self._is_out():
            found.append(WAITS_FOR_JOURNAL)
        if waiting >= MAX_OPEN * WARN_SHARE:
            found.append(f"{waiting} messages are parked; above {MAX_OPEN} the oldest go: shouwang parked list")
        return found

    def _read_by_new_decoders(self) -> None:
        """Read everything once with decoders that have not seen it."""
        digest = decoders_digest()
        with self._truth.view() as unit:
            before = unit.cursors.blob(READ_BY)
        if before == digest:
            return
        self._read(self._waiting(_ALL))
        with self._truth.transaction() as unit:
            unit.cursors.set_blob(READ_BY, digest)

    def _read_what_was_asked_for(self) -> None:
        with self._truth.view() as unit:
            asked = unit.devices.retries()
        for start in range(0, len(asked), REREAD_AT_ONCE):
            ids = asked[start : start + REREAD_AT_ONCE]
            found = [self.parked.get(parked_id) for parked_id in ids]
            self._read(iter([[one for one, seq in filter(None, found) if seq is None]]))
            with self._truth.transaction() as unit:
                unit.devices.drop_retries(ids)

    def _read_by_the_registry(self, fresh: set[tuple[str, str]]) -> None:
        """Read what waits for devices that are registered by now, and for what install records now say.

        `fresh` are those that spoke since the last round: one may have been registered while its message came in.
        """
        with self._truth.view() as unit:
            version = unit.people.version()
            is_new = version != self._version
            devices = [device for home in unit.people.homes() for device in home.devices] if is_new else []
        if is_new:
            self._known = frozenset(device.address for device in devices)
            fresh = set(self.parked.waiting_addresses())
        for address in sorted({address for address, part in fresh if self._known & {address, f"{address}/{part}"}}):
            self._read(self._of_address(address))
        if is_new:
            records = hash(tuple(sorted(f"{one.address} {sorted(one.units.items())}" for one in devices if one.units)))
            if self._version >= 0 and records != self._records:
                self._read(self._waiting(_BY_RECORD))
            self._records, self._version = records, version

    def _waiting(self, reasons: Sequence[ParkReason]) -> Iterator[list[ParkedMessage]]:
        after = 0
        while found := self.parked.open_after(after, REREAD_AT_ONCE, reasons):
            yield found
            after = found[-1].id

    def _of_address(self, address: str) -> Iterator[list[ParkedMessage]]:
        after = 0
        while found := self.parked.of_address(address, after, REREAD_AT_ONCE):
            yield found
            after = found[-1].id

    def _read(self, batches: Iterator[list[ParkedMessage]]) -> None:
        """Let each batch through and wait until its outcome is on the disk: nothing is in hand twice.

        Raises BusyError when ingest could not read the registry: what asked for this has to ask again.
        """
        for batch in batches:
            if batch:
                given = _Given({one.id for one in batch})
                self._put(batch, given.settled)
                self._wait(given.done)
                if given.was_unread:
                    raise BusyError("ingest cannot read the registry: what is parked is read again when it can")
                self.reread += len(batch)

    def _is_out(self) -> bool:
        return self._out is not None and not self._out.is_set()

    def _wait(self, done: threading.Event) -> None:
        end_s = monotonic_s() + self._settle_wait_s
        while (left_s := end_s - monotonic_s()) > 0:
            if done.wait(min(left_s, _LOOK_S)):
                return
            if self._is_closing.is_set():
                raise InterruptedError("the service stops")
        self._out = done
        raise TimeoutError("the committer has not settled what it was given to read again")


class _Given:
    """A batch in the committer's hands; told from its thread."""

    def __init__(self, ids: set[int]) -> None:
        self._left = ids
        self.done = threading.Event()
        self.was_unread = False

    def settled(self, parked_id: int, was_read: bool) -> None:  # noqa: FBT001  # what OnSettled is told
        self.was_unread = self.was_unread or not was_read
        self._left.discard(parked_id)
        if not self._left:
            self.done.set()


def decoders_digest() -> bytes:
    """Return what changes when any decoder does: a digest over their sources."""
    digest = hashlib.sha256()
    for file in sorted(Path(next(iter(formats.__path__))).glob("*.py")):
        digest.update(file.read_bytes())
    return digest.digest()
