"""Keeps the journal in its bounds: forgets what its readers have passed, warns before room ends, says why it stops."""

import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from alerts.service_findings import StorageTrouble, storage_finding
from app.desk_service import DeskService
from core.localtime import DAY_MS
from core.text import Bilingual
from store.journal import Journal
from store.journal_damage import DamageCount
from store.journal_room import MB, Usage
from store.truth.database import Truth

LOOK_EVERY_MS = 10_000
"""Full rate fills some tens of megabytes in that time, which the reserve holds many times over."""

TRIMS_AT_ONE_LOOK = 400
"""A day of a county; a journal that was never trimmed is brought into its bounds over some looks."""

TRIMMED_FOR_ROOM = 50
"""Entries between two looks at the room: no more history is given up than must be."""

_KNOWN = "storage_troubles"
_decode_known = msgspec.json.Decoder(dict[StorageTrouble, int]).decode
_log = logging.getLogger(__name__)


class Readers(NamedTuple):
    """Where the readers of the journal are, as seqs that they have safely passed."""

    rules: Callable[[], int]
    copies: Callable[[], Iterable[int]]  # of the time series; can be filled from elsewhere, a rule cannot


class Bounds(NamedTuple):
    """How much of the journal stays."""

    keep_days: int
    floor_days: int


class JournalKeeper:
    """Looks in rounds, used by one thread at a time."""

    def __init__(
        self,
        journal: Journal,
        truth: Truth,
        desk: DeskService,
        readers: Readers,
        *,
        bounds: Bounds,
        held_up: Callable[[], str],
        copy_stopped: Callable[[], str],
    ) -> None:
        self._journal = journal
        self._truth = truth
        self._desk = desk
        self._readers = readers
        self._bounds = bounds
        self._held_up = held_up
        self._copy_stopped = copy_stopped
        self.usage = journal.usage()
        self.damage = journal.damage_count()
        self.trimmed = 0

    def look(self, now_ms: int) -> None:
        """Measure, trim, and tell the supervisor of what is new; blocking."""
        self.usage = self._journal.usage()
        through = self._journal.seq_before(now_ms - self._bounds.keep_days * DAY_MS)
        self._trim(min([through, self._readers.rules(), *self._readers.copies()]))
        if self.usage.is_filling:
            self._make_room(now_ms)
        self.damage = self._journal.damage_count()
        self._tell(now_ms)

    def problems(self) -> list[str]:
        """Return that readings are refused, and why."""
        why = self._held_up() or self.usage.refusal
        return [f"{Bilingual('采集已停止确认', 'ingest has stopped acknowledging')}: {why}"] if why else []

    def notices(self) -> list[str]:
        """Return what somebody should mend before it becomes a problem."""
        told: list[Bilingual] = []
        if self.usage.is_filling and not self.problems():
            told.append(_filling(self.usage))
        if self.damage.found:
            told.append(_damaged(self.damage))
        return [f"{one} (shouwang journal verify)" for one in told]

    def _make_room(self, now_ms: int) -> None:
        """Forget down to the floor; a copy that stands still may not stop the watch, and counts what it misses."""
        through = self._journal.seq_before(now_ms - self._bounds.floor_days * DAY_MS)
        through = min(through, self._readers.rules())
        while self.usage.is_filling and (gone := self._journal.trim(through, TRIMMED_FOR_ROOM)):
            self.trimmed += gone
            self.usage = self._journal.usage()

    def _trim(self, through_seq: int) -> None:
        for _ in range(TRIMS_AT_ONE_LOOK):
            gone = self._journal.trim(through_seq)
            self.trimmed += gone
            if not gone:
                return

    def _tell(self, now_ms: int) -> None:
        with self._truth.view() as unit:
            blob = unit.cursors.blob(_KNOWN)
        known = {} if blob is None else _decode_known(blob)
        is_full = bool(self.problems())
        there = {
            StorageTrouble.FULL: is_full,
            StorageTrouble.FILLING: self.usage.is_filling or is_full,
            StorageTrouble.COPY: bool(self._copy_stopped()),
        }
        since = {trouble: known.get(trouble, now_ms) for trouble, is_there in there.items() if is_there}
        told = [(trouble, since_ms, False) for trouble, since_ms in since.items() if trouble not in known]
        told += [(trouble, known[trouble], True) for trouble in there if trouble in known and trouble not in since]
        if self.damage.found:
            since[StorageTrouble.DAMAGED] = self.damage.found  # how many have been told; nobody takes damage back
            if self.damage.found > known.get(StorageTrouble.DAMAGED, 0):
                told.append((StorageTrouble.DAMAGED, now_ms, False))
        if since == known:
            return
        for trouble, _, is_over in told:
            _log.error("storage: %s %s", trouble, "is over" if is_over else "; ".join(self._all_told()))
        # told before remembered, as in app/rota_watch.py
        self._desk.take_findings(
            [storage_finding(one, now_ms=now_ms, since_ms=since_ms, is_over=over) for one, since_ms, over in told]
        )
        with self._truth.transaction() as unit:
            unit.cursors.set_blob(_KNOWN, msgspec.json.encode(since))

    def _all_told(self) -> list[str]:
        return [*self.problems(), *self.notices(), self._copy_stopped()]


def _filling(usage: Usage) -> Bilingual:
    share, used, free = round(100 * usage.share), usage.used_bytes // MB, usage.free_bytes // MB
    return Bilingual(
        f"存储空间已用{share}%：日志{used}MB，磁盘剩余{free}MB；满后将停止采集",
        f"storage is {share} % full: journal {used} MB, disk {free} MB free; ingest stops when it is full",
    )


def _damaged(count: DamageCount) -> Bilingual:
    return Bilingual(
        f"日志有{count.found}处损坏：{count.entries}条记录、{count.readings}个读数已另存",
        f"the journal was damaged in {count.found} places: {count.entries} entries, {count.readings} readings lost",
    )


def gauges_of(keeper: JournalKeeper | None) -> dict[str, float]:
    """Return the present as metrics."""
    usage = Usage() if keeper is None else keeper.usage
    damage = DamageCount() if keeper is None else keeper.damage
    return {
        "shouwang_journal_bytes": usage.used_bytes,
        "shouwang_disk_free_bytes": usage.free_bytes,
        "shouwang_journal_filled_ratio": usage.share,
        "shouwang_journal_refuses": float(keeper is not None and bool(keeper.problems())),
        "shouwang_journal_damaged_entries": damage.entries,
        "shouwang_journal_damaged_readings": damage.readings,
    }
