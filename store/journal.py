"""The journal: the truth about readings, one row a group commit, fsynced; it never forgets what it acknowledged."""

import threading
import zlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from pysqlite3 import dbapi2 as sqlite

from core.errors import ConfigurationError, DurabilityError
from core.events import Reading
from core.ids import HomeId
from core.log import HomeEntry, LogEntry, ParkedMessage, ParkReason, Reread
from store.parked import PARKED_SCHEMA, insert_parked, settle

OLDEST_SQLITE = (3, 51, 3)
"""Older engines can corrupt a WAL that two connections reset at once (design/architecture, Stores)."""

BUSY_TIMEOUT_S = 10
"""A reader's checkpoint may hold the file for a moment; ten seconds is far beyond it, then it is an error."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, log_time_ms INTEGER NOT NULL, is_tick INTEGER NOT NULL,
  count INTEGER NOT NULL, crc INTEGER NOT NULL, records BLOB NOT NULL) STRICT;
"""


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

    def __init__(self, path: Path) -> None:
        if sqlite.sqlite_version_info < OLDEST_SQLITE:
            raise ConfigurationError(
                f"SQLite {sqlite.sqlite_version} can corrupt a write-ahead log",
                where="the pysqlite3 package",
                remedy="install pysqlite3 0.6.1 or newer",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._writer = _connect(path)
        self._writer.executescript(_SCHEMA + PARKED_SCHEMA)
        self._reader = _connect(path)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(tuple[Reading, ...]).decode
        self._log_time_ms = self.last()[1]
        self._failure = ""

    def append(
        self,
        readings: Sequence[Reading],
        parked: Sequence[ParkedMessage] = (),
        *,
        log_time_ms: int,
        is_tick: bool = False,
        rereads: Sequence[Reread] = (),
    ) -> int:
        """Write one entry and the parked messages in one transaction; return its seq once it is on the disk.

        What `rereads` have settled is settled with the readings that came of it, or not at all.
        Log time never goes back: an earlier one is lifted to the last. Raises DurabilityError, after which
        nothing may be acknowledged: a failed fsync is never retried.
        """
        records = self._encode(tuple(readings))
        with self._write_lock:
            if self._failure:
                raise DurabilityError(f"the journal stopped at its first failure: {self._failure}")
            log_time_ms = max(log_time_ms, self._log_time_ms)
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                cursor = self._writer.execute(
                    "INSERT INTO entry (log_time_ms, is_tick, count, crc, records) VALUES (?, ?, ?, ?, ?)",
                    (log_time_ms, is_tick, len(readings), zlib.crc32(records), records),
                )
                insert_parked(self._writer, parked)
                settle(self._writer, rereads, seq=int(cursor.lastrowid or 0), now_ms=log_time_ms)
                self._writer.execute("COMMIT")
            except sqlite.Error as error:
                self._failure = str(error)
                raise DurabilityError(f"the journal did not keep an entry: {error}") from error
            self._log_time_ms = log_time_ms
            return int(cursor.lastrowid or 0)

    def read(self, after_seq: int, limit: int) -> list[LogEntry]:
        """Return up to `limit` entries after a seq, in order; raises DurabilityError naming a damaged row."""
        with self._read_lock:
            rows = self._reader.execute(
                "SELECT seq, log_time_ms, is_tick, count, crc, records FROM entry WHERE seq > ? ORDER BY seq LIMIT ?",
                (after_seq, limit),
            ).fetchall()
        return [self._entry(row) for row in rows]

    def read_home(
        self, home_id: HomeId, after_seq: int, span: int, *, with_ticks: bool = False, pause_ms: int | None = None
    ) -> list[HomeEntry]:
        """Return those of the next `span` entries that hold readings of a home, in order, with these alone.

        The last of the span is always among them, so that the reader knows how far it has come; so is every tick where
        `with_ticks`, and every entry before which nothing at all was written for longer than `pause_ms`. What cannot be
        of the home is passed over undecoded: a journal holds a county, and this asks for one home of it. Raises
        DurabilityError naming a damaged row.
        """
        asked = {
            "home": self._encode(home_id),
            "after": after_seq,
            "last": after_seq + span,
            "ticks": with_ticks,
            "pause": pause_ms,
        }
        with self._read_lock:
            rows = self._reader.execute(_OF_HOME, asked).fetchall()
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

    def recent_keys(self, limit: int) -> list[tuple[str, str, int, int]]:
        """Return the keys of about the last `limit` readings, oldest first, to rebuild the dedupe window."""
        found: list[tuple[str, str, int, int]] = []
        before = self.last()[0] + 1
        while before > 1 and len(found) < limit:
            with self._read_lock:
                rows = self._reader.execute(
                    "SELECT seq, log_time_ms, is_tick, count, crc, records FROM entry"
                    " WHERE seq < ? AND count > 0 ORDER BY seq DESC LIMIT 500",
                    (before,),
                ).fetchall()
            if not rows:
                break
            for row in rows:
                found.extend(reading.key for reading in reversed(self._entry(row).readings))
            before = int(rows[-1][0])
        return found[:limit][::-1]

    def parked(self, limit: int) -> list[ParkedMessage]:
        """Return the newest parked messages, newest first."""
        with self._read_lock:
            rows = self._reader.execute(
                "SELECT id, received_at_ms, topic, payload, reason, detail, retain FROM parked"
                " ORDER BY id DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [
            ParkedMessage(
                id=row[0],
                received_at_ms=row[1],
                topic=row[2],
                payload=row[3],
                reason=ParkReason(row[4]),
                detail=row[5],
                retain=bool(row[6]),
            )
            for row in rows
        ]

    def parked_count(self) -> dict[str, int]:
        """Return how many messages are parked, by reason; what was read since is not."""
        with self._read_lock:
            rows = self._reader.execute(
                "SELECT reason, count(*) FROM parked WHERE id NOT IN (SELECT parked_id FROM parked_end) GROUP BY reason"
            ).fetchall()
        return {str(reason): int(count) for reason, count in rows}

    def trim(self, through_seq: int) -> None:
        """Forget entries up to a seq that every projection has passed; the newest entry always stays."""
        with self._write_lock:
            self._writer.execute(
                "DELETE FROM entry WHERE seq <= ? AND seq < (SELECT max(seq) FROM entry)", (through_seq,)
            )

    def close(self) -> None:
        """Close both connections; what was appended stays."""
        with self._write_lock, self._read_lock:
            self._writer.close()
            self._reader.close()

    def _home_entry(self, home_id: HomeId, row: tuple[int, int, int, int, int, bytes | None, int]) -> HomeEntry:
        seq, log_time_ms, is_tick, count, crc, records, before_ms = row
        readings: tuple[Reading, ...] = ()
        if records is not None:
            readings = self._entry((seq, log_time_ms, is_tick, count, crc, records)).readings
        own = tuple(reading for reading in readings if reading.home_id == home_id)
        return HomeEntry(seq, log_time_ms, own, before_ms, bool(is_tick))

    def _entry(self, row: tuple[int, int, int, int, int, bytes]) -> LogEntry:
        seq, log_time_ms, is_tick, count, crc, records = row
        if zlib.crc32(records) != crc:
            raise DurabilityError(f"journal entry {seq} is damaged: its checksum does not match")
        readings = self._decode(records)
        if len(readings) != count:
            raise DurabilityError(f"journal entry {seq} is damaged: {len(readings)} readings, {count} were written")
        return LogEntry(seq, log_time_ms, readings, bool(is_tick))


def _connect(path: Path) -> sqlite.Connection:
    connection = sqlite.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection
