"""What the journal could not keep whole: named, counted and kept beside the rest, until somebody has looked."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec
from pysqlite3 import dbapi2 as sqlite

from core.errors import DurabilityError

REMAINS_KEPT = 200
"""Damaged entries whose bytes are kept for a look; of what is more only the row is."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS damage (
  id INTEGER PRIMARY KEY AUTOINCREMENT, log_time_ms INTEGER NOT NULL, kind TEXT NOT NULL, first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL, entries INTEGER NOT NULL, readings INTEGER NOT NULL, detail TEXT NOT NULL,
  remains BLOB) STRICT;
"""
_INSERT = """INSERT INTO damage (log_time_ms, kind, first_seq, last_seq, entries, readings, detail, remains)
  VALUES (?, ?, ?, ?, ?, ?, ?, CASE WHEN (SELECT count(*) FROM damage) < ? THEN ? END)"""


class DamageKind(StrEnum):
    """How it was found."""

    ENTRY = "entry"  # a row whose bytes do not match their checksum or their count
    TAIL = "tail"  # the write-ahead log's end is cut, or a bit of it has flipped
    PAGES = "pages"  # the file itself could not be read there
    PARKED = "parked"  # a parked message whose bytes do not match their checksum
    MISSING = "missing"  # a reader had already taken entries that are no longer there


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was not whole. `entries`, `readings`: what is lost by it, as far as that is known."""

    kind: DamageKind
    detail: str
    first_seq: int = 0
    last_seq: int = 0
    entries: int = 0
    readings: int = 0
    log_time_ms: int = 0
    remains: bytes | None = None


class DamageCount(msgspec.Struct, frozen=True):
    """How much was not whole since this journal was begun."""

    found: int = 0
    entries: int = 0
    readings: int = 0


class DamagedEntryError(DurabilityError):
    """A row of the journal is not what was written."""


def write_damage(connection: sqlite.Connection, found: Iterable[Damage]) -> None:
    """Keep what was found; the caller has a transaction open, or wants each for itself."""
    connection.executemany(
        _INSERT,
        [
            (
                one.log_time_ms,
                one.kind.value,
                one.first_seq,
                one.last_seq,
                one.entries,
                one.readings,
                one.detail,
                REMAINS_KEPT,
                one.remains,
            )
            for one in found
        ],
    )


def read_damage(connection: sqlite.Connection, limit: int) -> list[Damage]:
    """Return what was found, newest first."""
    rows = connection.execute(
        "SELECT log_time_ms, kind, first_seq, last_seq, entries, readings, detail, remains FROM damage"
        " ORDER BY id DESC LIMIT ?",
        (limit,),
    ).fetchall()
    return [
        Damage(
            log_time_ms=row[0],
            kind=DamageKind(row[1]),
            first_seq=row[2],
            last_seq=row[3],
            entries=row[4],
            readings=row[5],
            detail=row[6],
            remains=row[7],
        )
        for row in rows
    ]


def count_damage(connection: sqlite.Connection) -> DamageCount:
    """Return how much was found in all."""
    row = connection.execute(
        "SELECT count(*), coalesce(sum(entries), 0), coalesce(sum(readings), 0) FROM damage"
    ).fetchone()
    return DamageCount(*map(int, row))
