"""The journal's tables and rows: how an entry stands in SQLite, and whether it is still what was written."""

import zlib
from pathlib import Path

import msgspec
from pysqlite3 import dbapi2 as sqlite

from core.errors import ConfigurationError, DurabilityError
from core.events import Reading
from core.log import LogEntry
from store.journal_damage import SCHEMA as DAMAGE_SCHEMA
from store.journal_damage import DamagedEntryError
from store.parked import prepare_parked

OLDEST_SQLITE = (3, 51, 3)
"""Older engines can corrupt a WAL that two connections reset at once (design/architecture, Stores)."""

TICK, DEAF_TICK = 1, 2
"""What `is_tick` holds beside 0, readings; files from before there were deaf ticks hold none, and read as ever."""

BUSY_TIMEOUT_S = 10
"""A reader's checkpoint may hold the file for a moment; ten seconds is far beyond it, then it is an error."""

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS entry (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, log_time_ms INTEGER NOT NULL, is_tick INTEGER NOT NULL,
  count INTEGER NOT NULL, crc INTEGER NOT NULL, records BLOB NOT NULL) STRICT;
{DAMAGE_SCHEMA}"""

UNREADABLE = frozenset({sqlite.SQLITE_CORRUPT, sqlite.SQLITE_NOTADB})
"""What SQLite says of a file that is not what it wrote."""

Row = tuple[int, int, int, int, int, bytes]

encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Reading, ...]).decode


def entry_of(row: Row) -> LogEntry:
    """Return a row's entry; raises DamagedEntryError, or DurabilityError for what a newer release has written."""
    seq, log_time_ms, is_tick, count, crc, records = row
    if zlib.crc32(records) != crc:
        raise DamagedEntryError(f"journal entry {seq} is damaged: its checksum does not match")
    try:
        readings = _decode(records)
    except msgspec.DecodeError as error:  # whole, or its checksum would not match
        raise DurabilityError(f"journal entry {seq} is of another release: {error}") from error
    if len(readings) != count:
        raise DamagedEntryError(f"journal entry {seq} is damaged: {len(readings)} readings, {count} were written")
    return LogEntry(seq, log_time_ms, readings, bool(is_tick), is_tick == DEAF_TICK)


def connect(path: Path) -> sqlite.Connection:
    """Open the file for one of the journal's own connections; raises ConfigurationError for an engine too old."""
    if sqlite.sqlite_version_info < OLDEST_SQLITE:
        raise ConfigurationError(
            f"SQLite {sqlite.sqlite_version} can corrupt a write-ahead log",
            where="the pysqlite3 package",
            remedy="install pysqlite3 0.6.1 or newer",
        )
    connection = sqlite.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def prepare(connection: sqlite.Connection) -> None:
    """Make the journal's tables where they are not there yet, as this release has them."""
    connection.executescript(_SCHEMA)
    prepare_parked(connection)


def error_code(error: sqlite.Error) -> int:
    """Return SQLite's primary result code; 0 where the driver itself refused."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
