"""The journal: the truth about readings, one row a group commit, fsynced; it never forgets what it acknowledged."""

import logging
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite

from core.errors import DurabilityError, NoRoomError
from core.events import Reading
from core.ids import HomeId
from core.log import HomeEntry, LogEntry, ParkedMessage, Reread
from store.journal_damage import (
    Damage,
    DamageCount,
    DamagedEntryError,
    DamageKind,
    count_damage,
    read_damage,
    write_damage,
)
from store.journal_recovery import mark_unreadable
from store.journal_room import Room, RoomLimits, Usage
from store.journal_rows import (
    DEAF_TICK,
    OLDEST_SQLITE,
    TICK,
    UNREADABLE,
    Row,
    connect,
    encode,
    entry_of,
    error_code,
    prepare,
)
from store.owed_ticks import Leaps, OwedTicks, no_leaps
from store.parked import insert_parked, read_parked, settle

__all__ = ["OLDEST_SQLITE", "Journal"]

NOTHING = encode(())
TRIM_AT_ONCE = 500
"""Entries forgotten in one transaction: some milliseconds in which nothing is appended."""

_log = logging.getLogger(__name__)
# A home's id stands in the bytes of its readings as it is encoded alone: what does not hold it is never taken apart.
_OF_HOME = """
SELECT seq, log_time_ms, is_tick, count, crc, CASE WHEN instr(records, :home) > 0 THEN records END, coalesce(
    (SELECT b.log_time_ms FROM entry b WHERE b.seq < e.seq ORDER BY b.seq DESC LIMIT 1), log_time_ms) AS before_ms
FROM entry e
WHERE seq > :after AND seq <= :last AND (seq = :last OR (is_tick AND :ticks) OR instr(records, :home) > 0
    OR (:pause IS NOT NULL AND log_time_ms - before_ms > :pause))
ORDER BY seq
"""


class Journal:
    """An append-only log of readings in one SQLite file; any thread may call it."""

    def __init__(self, path: Path, limits: RoomLimits | None = None, leaps: Leaps = no_leaps) -> None:
        """Open or begin a journal; without `limits` readings may fill the disk. `leaps` are the writers' clock's."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._writer = connect(path)
        prepare(self._writer)
        self._reader = connect(path)
        self._room = Room(path, limits or RoomLimits(journal_bytes=1 << 60, reserve_bytes=0))
        self._room.measure(self._writer)
        self._log_time_ms = self.last()[1]
        self._failure = ""
        self._owed = OwedTicks(path, self._log_time_ms, leaps)

    def append(
        self,
        readings: Sequence[Reading],
        parked: Sequence[ParkedMessage] = (),
        *,
        log_time_ms: int,
        is_tick: bool = False,
        is_deaf: bool = False,
        rereads: Sequence[Reread] = (),
    ) -> int:
        """Write one entry and the parked messages in one transaction; return its seq once it is on the disk.

        What `rereads` have settled is settled with the readings that came of it, or not at all. Log time never goes
        back: an earlier one is lifted to the last. Raises DurabilityError, after which nothing may be acknowledged: a
        failed fsync is never retried. Raises NoRoomError when readings find no room: nothing was written then, and the
        same may be tried again; ticks have the reserve. What ticks are owed is written before what comes next.
        """
        records = encode(tuple(readings))
        with self._write_lock:
            if self._failure:
                raise DurabilityError(f"the journal stopped at its first failure: {self._failure}")
            if not is_tick:
                self._room.take(len(records), self._writer)
            log_time_ms = max(log_time_ms, self._log_time_ms, self._owed.until_ms)
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                for owed_ms in self._owed.times_ms(self._log_time_ms, log_time_ms):
                    self._insert(owed_ms, DEAF_TICK)
                seq = self._insert(log_time_ms, DEAF_TICK if is_deaf else TICK * is_tick, len(readings), records)
                insert_parked(self._writer, parked)
                settle(self._writer, rereads, seq=seq, now_ms=log_time_ms)
                self._writer.execute("COMMIT")
            except sqlite.Error as error:
                failure = self._failed(error)
                if is_deaf and isinstance(failure, NoRoomError):
                    self._owed.owe(log_time_ms)
                raise failure from error
            self._log_time_ms = log_time_ms
            self._owed.paid()
            return seq

    def read(self, after_seq: int, limit: int) -> list[LogEntry]:
        """Return up to `limit` entries after a seq, in order; one that is damaged comes empty, see `damage`."""
        rows = self._query(
            "SELECT seq, log_time_ms, is_tick, count, crc, records FROM entry WHERE seq > ? ORDER BY seq LIMIT ?",
            (after_seq, limit),
        )
        return [self._entry(row) for row in rows]

    def read_home(
        self, home_id: HomeId, after_seq: int, span: int, *, with_ticks: bool = False, pause_ms: int | None = None
    ) -> list[HomeEntry]:
        """Return those of the next `span` entries that hold readings of a home, in order, with these alone.

        The last of the span is always among them, so that the reader knows how far it has come; so is every tick where
        `with_ticks`, and every entry before which nothing at all was written for longer than `pause_ms`. What cannot be
        of the home is passed over undecoded: a journal holds a county, and this asks for one home of it. A damaged
        entry comes empty.
        """
        asked = {
            "home": encode(home_id),
            "after": after_seq,
            "last": after_seq + span,
            "ticks": with_ticks,
            "pause": pause_ms,
        }
        rows = self._query(_OF_HOME, asked)
        return [self._home_entry(home_id, row) for row in rows]

    def seq_before(self, at_ms: int) -> int:
        """Return the seq of the last entry before a log time; 0 when there is none."""
        low, high = 0, self.last()[0]  # all through `low` is before that time, nothing after `high` is
        while low < high:
            middle = (low + high) // 2
            with self._read_lock:
                seq, log_time_ms = self._reader.execute(
                    "SELECT seq, log_time_ms FROM entry WHERE seq > ? ORDER BY seq LIMIT 1", (middle,)
                ).fetchone()
            low, high = (int(seq), high) if log_time_ms < at_ms else (low, middle)
        return low

    def last(self) -> tuple[int, int]:
        """Return (seq, log time in ms) of the newest entry; (0, 0) when there is none."""
        with self._read_lock:
            row = self._reader.execute("SELECT seq, log_time_ms FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def recent_readings(self, limit: int) -> list[Reading]:
        """Return about the last `limit` readings, oldest first, from which ingest knows what is delivered again."""
        found: list[Reading] = []
        before = self.last()[0] + 1
        while before > 1 and len(found) < limit:
            rows = self._query(
                "SELECT seq, log_time_ms, is_tick, count, crc, records FROM entry"
                " WHERE seq < ? AND count > 0 ORDER BY seq DESC LIMIT 500",
                (before,),
            )
            if not rows:
                break
            for row in rows:
                found.extend(reversed(self._entry(row).readings))
            before = int(rows[-1][0])
        return found[:limit][::-1]

    def parked(self, limit: int) -> list[ParkedMessage]:
        """Return the newest parked messages, newest first."""
        with self._read_lock:
            return read_parked(self._reader, limit)

    def parked_count(self) -> dict[str, int]:
        """Return how many messages are parked, by reason; what was read since is not."""
        with self._read_lock:
            rows = self._reader.execute(
                "SELECT reason, count(*) FROM parked WHERE id NOT IN (SELECT parked_id FROM parked_end) GROUP BY reason"
            ).fetchall()
        return {str(reason): int(count) for reason, count in rows}

    def trim(self, through_seq: int, limit: int = TRIM_AT_ONCE) -> int:
        """Forget the oldest entries up to a seq that every reader has passed, `limit` at most; return how many.

        The newest entry always stays. The freed pages are room for the next ones.
        """
        with self._write_lock:
            return self._writer.execute(
                "DELETE FROM entry WHERE seq IN (SELECT seq FROM entry WHERE seq <= ?"
                " AND seq < (SELECT max(seq) FROM entry) ORDER BY seq LIMIT ?)",
                (through_seq, limit),
            ).rowcount

    def usage(self) -> Usage:
        """Look how much room is left for readings; an end of a stop is noticed here too."""
        with self._write_lock:
            return self._room.measure(self._writer)

    def damage(self, limit: int) -> list[Damage]:
        """Return what was not whole and has been set aside, newest first."""
        with self._read_lock:
            return read_damage(self._reader, limit)

    def damage_count(self) -> DamageCount:
        """Return how much was not whole since the journal was begun."""
        with self._read_lock:
            return count_damage(self._reader)

    def close(self) -> None:
        """Close both connections; what was appended stays."""
        with self._write_lock, self._read_lock:
            self._writer.close()
            self._reader.close()

    def _insert(self, log_time_ms: int, is_tick: int, count: int = 0, records: bytes = NOTHING) -> int:
        cursor = self._writer.execute(
            "INSERT INTO entry (log_time_ms, is_tick, count, crc, records) VALUES (?, ?, ?, ?, ?)",
            (log_time_ms, is_tick, count, zlib.crc32(records), records),
        )
        return int(cursor.lastrowid or 0)

    def _home_entry(self, home_id: HomeId, row: tuple[int, int, int, int, int, bytes | None, int]) -> HomeEntry:
        seq, log_time_ms, is_tick, count, crc, records, before_ms = row
        readings: tuple[Reading, ...] = ()
        if records is not None:
            readings = self._entry((seq, log_time_ms, is_tick, count, crc, records)).readings
        own = tuple(reading for reading in readings if reading.home_id == home_id)
        return HomeEntry(seq, log_time_ms, own, before_ms, bool(is_tick), is_tick == DEAF_TICK)

    def _entry(self, row: Row) -> LogEntry:
        try:
            return entry_of(row)
        except DamagedEntryError as error:
            self._set_aside(row, str(error))
            return LogEntry(row[0], row[1], is_tick=bool(row[2]), is_deaf=row[2] == DEAF_TICK)

    def _set_aside(self, row: Row, detail: str) -> None:
        """Move a damaged entry's bytes to what is damaged; its place, time and tick stay."""
        seq, log_time_ms, _, count, crc, records = row
        _log.error("%s; its %d readings are set aside", detail, count)
        found = Damage(
            kind=DamageKind.ENTRY,
            detail=detail,
            first_seq=seq,
            last_seq=seq,
            entries=1,
            readings=count,
            log_time_ms=log_time_ms,
            remains=records,
        )
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            emptied = self._writer.execute(
                "UPDATE entry SET count = 0, crc = ?, records = ? WHERE seq = ? AND count = ? AND crc = ?",
                (zlib.crc32(NOTHING), NOTHING, seq, count, crc),
            )
            if emptied.rowcount:  # once, whoever reads it
                write_damage(self._writer, [found])
            self._writer.execute("COMMIT")

    def _query(self, sql: str, asked: Any) -> list[Any]:  # noqa: ANN401  # rows as the driver gives them
        try:
            with self._read_lock:
                return self._reader.execute(sql, asked).fetchall()
        except sqlite.DatabaseError as error:
            if error_code(error) in UNREADABLE:
                mark_unreadable(self._path, str(error))
            raise DurabilityError(f"the journal cannot be read: {error}") from error

    def _failed(self, error: sqlite.Error) -> DurabilityError:
        """Return what a failed transaction means: a full disk left nothing behind, all else is the journal's end."""
        if error_code(error) == sqlite.SQLITE_FULL and self._rolled_back():
            return NoRoomError(f"磁盘已满 the disk is full: {error}")
        self._failure = str(error)
        return DurabilityError(f"the journal did not keep an entry: {error}")

    def _rolled_back(self) -> bool:
        try:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        except sqlite.Error:
            return False
        return not self._writer.in_transaction
