"""Messages that could not be read, beside the journal's entries in its file: what waits, what was read again.

Nothing is taken out but by `trim`, and that only after it was settled, or over a limit that health tells of.
"""

import threading
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from pysqlite3 import dbapi2 as sqlite

from core.log import ParkedMessage, ParkReason, Reread, UnknownPart

PARKED_SCHEMA = """
CREATE TABLE IF NOT EXISTS parked (
  id INTEGER PRIMARY KEY AUTOINCREMENT, received_at_ms INTEGER NOT NULL, topic TEXT NOT NULL,
  payload BLOB NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, retain INTEGER NOT NULL,
  crc INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS parked_part (
  number INTEGER PRIMARY KEY, parked_id INTEGER NOT NULL, address TEXT NOT NULL, part TEXT NOT NULL,
  metrics TEXT NOT NULL, entry_seq INTEGER, UNIQUE (parked_id, address, part)) STRICT;
CREATE INDEX IF NOT EXISTS ix_parked_part_address ON parked_part (address) WHERE entry_seq IS NULL;
CREATE TABLE IF NOT EXISTS parked_end (
  parked_id INTEGER PRIMARY KEY, entry_seq INTEGER NOT NULL, ended_at_ms INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS ix_parked_end_at ON parked_end (ended_at_ms);
"""

MAX_OPEN = 200_000
"""Parked messages that wait for somebody: five hundred unknown sensors for a day, some 100 MB of sensor payloads."""

SETTLED_KEPT_MS = 7 * 86_400_000
"""A message that has become readings is shown for a week more, so that whoever adopted its device can compare."""

WARN_SHARE = 0.8
BUSY_TIMEOUT_S = 10
_PARTS_AT_ONCE = 500
_TRIM_AT_ONCE = 5_000  # rows in one transaction: some milliseconds, for which the committer waits

_OPEN = "NOT EXISTS (SELECT 1 FROM parked_end e WHERE e.parked_id = p.id)"
_COLUMNS = "p.id, p.received_at_ms, p.topic, p.payload, p.reason, p.detail, p.retain"
_SOUNDED = "!"
"""Behind a metric's word: it sounded. Part of the word, so that an older release reads the file as it did."""
_encode = msgspec.msgpack.Encoder().encode
ParkedRow = tuple[int, int, str, bytes, str, str, int]


def prepare_parked(connection: sqlite.Connection) -> None:
    """Make the tables, and give those of an older release the checksum's column; their rows have none."""
    connection.executescript(PARKED_SCHEMA)
    if has_checksums(connection):
        return
    connection.execute("BEGIN IMMEDIATE")  # another process may be at it
    if not has_checksums(connection):
        connection.execute("ALTER TABLE parked ADD COLUMN crc INTEGER")
    connection.execute("COMMIT")


def has_checksums(connection: sqlite.Connection) -> bool:
    """Return whether the table has the column, which files of older releases lack."""
    return any(row[1] == "crc" for row in connection.execute("PRAGMA table_info(parked)").fetchall())


def checksum(received_at_ms: int, topic: bytes, payload: bytes, retain: int) -> int:
    """Return the checksum of what came; reason and detail are ours and change when it is read again."""
    return zlib.crc32(_encode((received_at_ms, topic, payload, int(retain))))


def insert_parked(connection: sqlite.Connection, parked: Iterable[ParkedMessage]) -> None:
    """Insert messages with the devices they speak of, within the caller's transaction."""
    for one in parked:
        cursor = connection.execute(
            "INSERT INTO parked (received_at_ms, topic, payload, reason, detail, retain, crc)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                one.received_at_ms,
                one.topic,
                one.payload,
                one.reason.value,
                one.detail,
                one.retain,
                checksum(one.received_at_ms, one.topic.encode(), one.payload, one.retain),
            ),
        )
        _insert_parts(connection, int(cursor.lastrowid or 0), one.unknown)


def settle(connection: sqlite.Connection, rereads: Iterable[Reread], *, seq: int, now_ms: int) -> None:
    """Note what reading again came to, within the transaction that appends its readings; what is settled stays so."""
    for one in rereads:
        connection.executemany(
            "UPDATE parked_part SET entry_seq = ? WHERE parked_id = ? AND address = ? AND part = ?",
            [(seq, one.parked_id, part.address, part.part) for part in one.settled],
        )
        if one.still is None:
            connection.execute("INSERT OR IGNORE INTO parked_end VALUES (?, ?, ?)", (one.parked_id, seq, now_ms))
        else:
            connection.execute(
                "UPDATE parked SET reason = ?, detail = ? WHERE id = ?",
                (one.still.reason.value, one.still.detail, one.parked_id),
            )
            _insert_parts(connection, one.parked_id, one.still.unknown)


def read_parked(connection: sqlite.Connection, limit: int) -> list[ParkedMessage]:
    """Return the newest messages, newest first, without the devices they speak of."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM parked p ORDER BY p.id DESC LIMIT ?", (limit,))  # noqa: S608 - our own names
    return [_message(row) for row in rows]


class ParkedFile:
    """The parked messages of one journal file; any thread may call it."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite.connect(
            str(path), timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        prepare_parked(self._connection)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def waiting(self, limit: int, *, reason: ParkReason | None = None, before_id: int = 0) -> list[ParkedMessage]:
        """Return messages that wait, newest first; of one reason, or all but those of rejected devices."""
        query = (
            f"SELECT {_COLUMNS} FROM parked p WHERE (? = 0 OR p.id < ?) AND (p.reason = ?) = ? AND {_OPEN}"  # noqa: S608
            " ORDER BY p.id DESC LIMIT ?"
        )
        named = (reason or ParkReason.REJECTED_DEVICE).value
        return self._messages(query, (before_id, before_id, named, int(reason is not None), limit))

    def get(self, parked_id: int) -> tuple[ParkedMessage, int | None] | None:
        """Return a message and the entry that its readings stand in (None: it waits), or None."""
        found = self._messages(f"SELECT {_COLUMNS} FROM parked p WHERE p.id = ?", (parked_id,))  # noqa: S608
        if not found:
            return None
        end = self._all("SELECT entry_seq FROM parked_end WHERE parked_id = ?", (parked_id,))
        return found[0], int(end[0][0]) if end else None

    def after(self, parked_id: int, limit: int) -> list[ParkedMessage]:
        """Return messages after an id in order, settled ones too."""
        query = f"SELECT {_COLUMNS} FROM parked p WHERE p.id > ? ORDER BY p.id LIMIT ?"  # noqa: S608  # our own words
        return self._messages(query, (parked_id, limit))

    def open_after(self, parked_id: int, limit: int, reasons: Sequence[ParkReason]) -> list[ParkedMessage]:
        """Return messages that wait for some reasons after an id, in order."""
        marks = ", ".join("?" * len(reasons))
        query = (
            f"SELECT {_COLUMNS} FROM parked p WHERE p.id > ? AND p.reason IN ({marks})"  # noqa: S608
            f" AND {_OPEN} ORDER BY p.id LIMIT ?"
        )
        return self._messages(query, (parked_id, *(reason.value for reason in reasons), limit))

    def waiting_addresses(self) -> list[tuple[str, str]]:
        """Return (address, part) of every device or sensor that a waiting message speaks of."""
        rows = self._all("SELECT DISTINCT address, part FROM parked_part WHERE entry_seq IS NULL ORDER BY 1, 2", ())
        return [(str(address), str(part)) for address, part in rows]

    def of_address(self, address: str, after_id: int, limit: int) -> list[ParkedMessage]:
        """Return messages that wait for a device, in order."""
        query = (
            f"SELECT {_COLUMNS} FROM parked p WHERE p.id > ? AND {_OPEN} AND p.id IN "  # noqa: S608
            "(SELECT parked_id FROM parked_part WHERE address = ? AND entry_seq IS NULL) ORDER BY p.id LIMIT ?"
        )
        return self._messages(query, (after_id, address, limit))

    def counts(self) -> dict[str, int]:
        """Return how many messages wait, by reason."""
        rows = self._all(f"SELECT reason, count(*) FROM parked p WHERE {_OPEN} GROUP BY reason", ())  # noqa: S608
        return {str(reason): int(count) for reason, count in rows}

    def end(self, parked_ids: Sequence[int], now_ms: int) -> None:
        """Settle messages that nobody will read: those of rejected devices, once they are counted."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT OR IGNORE INTO parked_end VALUES (?, 0, ?)", [(one, now_ms) for one in parked_ids]
            )
            self._connection.execute("COMMIT")

    def trim(self, now_ms: int, max_open: int = MAX_OPEN) -> int:
        """Forget what was settled long ago, and the oldest of what waits above a limit; return how many of those."""
        settled = self._ids("SELECT parked_id FROM parked_end WHERE ended_at_ms < ? LIMIT ?", now_ms - SETTLED_KEPT_MS)
        self._forget(settled)
        surplus = sum(self.counts().values()) - max_open
        if surplus <= 0:
            return 0
        query = f"SELECT p.id FROM parked p WHERE ? AND {_OPEN} ORDER BY p.id LIMIT ?"  # noqa: S608
        dropped = self._ids(query, 1, min(surplus, _TRIM_AT_ONCE))
        self._forget(dropped)
        return len(dropped)

    def _ids(self, query: str, given: int, limit: int = _TRIM_AT_ONCE) -> list[int]:
        return [int(row[0]) for row in self._all(query, (given, limit))]

    def _forget(self, parked_ids: Sequence[int]) -> None:
        if not parked_ids:
            return
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            for table, column in (("parked", "id"), ("parked_part", "parked_id"), ("parked_end", "parked_id")):
                self._connection.executemany(
                    f"DELETE FROM {table} WHERE {column} = ?",  # noqa: S608
                    [(one,) for one in parked_ids],
                )
            self._connection.execute("COMMIT")

    def _messages(self, query: str, asked: Sequence[int | str]) -> list[ParkedMessage]:
        rows = self._all(query, asked)
        parts: dict[int, list[UnknownPart]] = {}
        for start in range(0, len(rows), _PARTS_AT_ONCE):
            ids = [row[0] for row in rows[start : start + _PARTS_AT_ONCE]]
            found = self._all(
                "SELECT parked_id, address, part, metrics FROM parked_part WHERE entry_seq IS NULL"  # noqa: S608
                f" AND parked_id IN ({', '.join('?' * len(ids))}) ORDER BY number",
                ids,
            )
            for parked_id, address, part, metrics in found:
                parts.setdefault(parked_id, []).append(_part(address, part, metrics))
        return [_message(row, tuple(parts.get(row[0], ()))) for row in rows]

    def _all(self, query: str, asked: Sequence[int | str]) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, tuple(asked)).fetchall()


def _message(row: ParkedRow, parts: tuple[UnknownPart, ...] = ()) -> ParkedMessage:
    """Return a message from its row: id, received_at_ms, topic, payload, reason, detail, retain."""
    return ParkedMessage(
        id=row[0],
        received_at_ms=row[1],
        topic=row[2],
        payload=row[3],
        reason=ParkReason(row[4]),
        detail=row[5],
        retain=bool(row[6]),
        unknown=parts,
    )


def _part(address: str, part: str, words: str) -> UnknownPart:
    told = words.split(",") if words else []
    alarms = tuple(word.removesuffix(_SOUNDED) for word in told if word.endswith(_SOUNDED))
    return UnknownPart(address, part, tuple(word.removesuffix(_SOUNDED) for word in told), alarms)


def _words(one: UnknownPart) -> str:
    return ",".join(f"{metric}{_SOUNDED}" if metric in one.alarms else metric for metric in one.metrics)


def _insert_parts(connection: sqlite.Connection, parked_id: int, parts: Iterable[UnknownPart]) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO parked_part (parked_id, address, part, metrics) VALUES (?, ?, ?, ?)",
        [(parked_id, one.address, one.part, _words(one)) for one in parts],
    )
