"""How far InfluxDB has come, and the lines that it refused: one small SQLite file, so that both move together."""

import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec
from pysqlite3 import dbapi2 as sqlite

from core.errors import DurabilityError

MAX_PARKED = 100_000
"""Refused lines kept, the newest; some 30 MB. How many there were in all is counted on."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL,
  parked_total INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS parked_line (id INTEGER PRIMARY KEY AUTOINCREMENT, log_time_ms INTEGER NOT NULL,
  status INTEGER NOT NULL, reason TEXT NOT NULL, line TEXT NOT NULL) STRICT;
INSERT OR IGNORE INTO state VALUES (1, 0, 0);
"""


class ParkedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line that the server refused, with its words; `log_time_ms` is that of the newest entry sent with it."""

    status: int
    reason: str
    line: str
    log_time_ms: int = 0
    id: int = 0


class InfluxLedger:
    """Any thread may call it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_SCHEMA)

    def cursor(self) -> int:
        """Return the seq of the last entry that the server has taken."""
        with self._lock:
            return int(self._database.execute("SELECT seq FROM state").fetchone()[0])

    def advance(self, seq: int, refused: Sequence[ParkedLine]) -> None:
        """Move the cursor and keep what was refused on the way, both or neither; raises DurabilityError."""
        with self._lock:
            try:
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany(
                    "INSERT INTO parked_line (log_time_ms, status, reason, line) VALUES (?, ?, ?, ?)",
                    [(one.log_time_ms, one.status, one.reason, one.line) for one in refused],
                )
                self._database.execute("UPDATE state SET seq = ?, parked_total = parked_total + ?", (seq, len(refused)))
                self._database.execute(
                    "DELETE FROM parked_line WHERE id <= (SELECT max(id) FROM parked_line) - ?", (MAX_PARKED,)
                )
                self._database.execute("COMMIT")
            except sqlite.Error as error:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise DurabilityError(f"the cursor of InfluxDB was not kept: {error}") from error

    def parked(self, limit: int, after_id: int = 0) -> list[ParkedLine]:
        """Return refused lines, oldest first."""
        with self._lock:
            rows = self._database.execute(
                "SELECT id, log_time_ms, status, reason, line FROM parked_line WHERE id > ? ORDER BY id LIMIT ?",
                (after_id, limit),
            ).fetchall()
        return [ParkedLine(id=row[0], log_time_ms=row[1], status=row[2], reason=row[3], line=row[4]) for row in rows]

    def parked_count(self) -> tuple[int, int]:
        """Return how many refused lines are kept, and how many there were in all."""
        with self._lock:
            kept = self._database.execute("SELECT count(*) FROM parked_line").fetchone()[0]
            total = self._database.execute("SELECT parked_total FROM state").fetchone()[0]
        return int(kept), int(total)

    def forget(self, ids: Sequence[int]) -> None:
        """Take out lines that the server has taken after all."""
        with self._lock:
            self._database.executemany("DELETE FROM parked_line WHERE id = ?", [(one,) for one in ids])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()
