"""Looks at a journal before it is opened: what is whole is kept, what is not is told of; nothing is thrown away."""

import logging
import shutil
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite

from core.errors import DurabilityError
from store.folders import sync_folder
from store.journal_damage import Damage, DamageKind, write_damage
from store.journal_rows import UNREADABLE, connect, encode, error_code, prepare
from store.journal_wal import read_tail

PROBED_ENTRIES = 200
"""Read at each start, the newest: where a torn write would be. The rest is read by whoever needs it, or by verify."""

COPIED_AT_ONCE = 500
MAX_TORN = 5
"""Torn write-ahead logs kept, some megabytes each; a machine that makes more has a disk to be replaced."""

_TABLES = {
    "entry": ("seq", "log_time_ms, is_tick, count, crc, records"),
    "parked": ("id", "received_at_ms, topic, payload, reason, detail, retain, crc"),
    "parked_part": ("number", "parked_id, address, part, metrics, entry_seq"),
    "parked_end": ("parked_id", "entry_seq, ended_at_ms"),
    "damage": ("id", "log_time_ms, kind, first_seq, last_seq, entries, readings, detail, remains"),
}
_log = logging.getLogger(__name__)


def recover(path: Path, taken_seq: int = 0) -> list[Damage]:
    """Make a journal fit to be opened and return what was not whole in it; call it while no process has it open.

    `taken_seq`: the furthest entry that a reader has taken; the next one comes after it, so that no reader passes it
    over. A file that SQLite cannot read is copied, entry by entry, and kept beside as `<name>.damaged-<n>`. Killed
    anywhere, it goes on at the next start: a copy that is whole takes the place, one that is not is begun anew.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh, whole = (path.with_name(f"{path.name}.{name}") for name in ("rescued", "whole"))
    if whole.exists():
        _take_place(path, whole)
    elif not path.exists() and fresh.exists():
        fresh.replace(path)  # of a release that had no other word for a whole copy
    found: list[Damage] = []
    tail = read_tail(path)
    if tail.is_torn:
        told = f"{tail.detail}; {tail.lost_frames} pages behind the last whole entry are not read"
        found.append(Damage(kind=DamageKind.TAIL, detail=told, entries=tail.lost_commits))
        _keep_torn(path)
    noted: list[Damage] = []
    if path.exists() and (problem := _problem(path)):
        noted = _rescue(path, fresh, problem, found)
        fresh.replace(whole)
        _take_place(path, whole)
        found = []  # they stand in the copy
    with closing(connect(path)) as connection:
        prepare(connection)
        found += _missing(connection, taken_seq)
        if found:
            _keep(connection, found, taken_seq)
    found = noted + found
    for one in found:
        _log.error("journal: %s (%d entries)", one.detail, one.entries)
    return found


def mark_unreadable(path: Path, problem: str) -> None:
    """Note that the file could not be read somewhere, so that the next start copies what can be."""
    _mark(path).write_text(problem, "utf-8")


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.unreadable")


def _problem(path: Path) -> str:
    """Return why SQLite cannot read the file, as far as a look at its newest entries tells; empty when it can."""
    if _mark(path).exists():
        return _mark(path).read_text("utf-8")
    try:
        with closing(connect(path)) as connection:
            prepare(connection)
            for table, (key, columns) in _TABLES.items():
                connection.execute(
                    f"SELECT {key}, {columns} FROM {table} ORDER BY {key} DESC LIMIT {PROBED_ENTRIES}"  # noqa: S608
                ).fetchall()
    except sqlite.DatabaseError as error:
        if error_code(error) in UNREADABLE:
            return str(error)
        raise DurabilityError(f"the journal cannot be opened: {error}") from error
    return ""


def _keep_torn(path: Path) -> None:
    """Keep a torn write-ahead log for a look: SQLite writes over it."""
    free = [n for n in range(1, MAX_TORN + 1) if not path.with_name(f"{path.name}.torn-{n}").exists()]
    if free:
        shutil.copyfile(path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}.torn-{free[0]}"))


def _missing(connection: sqlite.Connection, taken_seq: int) -> list[Damage]:
    told_seq = connection.execute("SELECT coalesce(max(last_seq), 0) FROM damage").fetchone()[0]
    row = connection.execute("SELECT seq, log_time_ms FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    last_seq, log_time_ms = row or (0, 0)
    first_seq = max(int(last_seq), int(told_seq)) + 1
    if taken_seq < first_seq:
        return []
    told = f"a reader has taken entries up to {taken_seq}, the newest one is {last_seq}"
    return [
        Damage(
            kind=DamageKind.MISSING,
            detail=told,
            first_seq=first_seq,
            last_seq=taken_seq,
            entries=taken_seq - first_seq + 1,
            log_time_ms=log_time_ms,
        )
    ]


def _keep(connection: sqlite.Connection, found: list[Damage], taken_seq: int) -> None:
    last_seq, log_time_ms = connection.execute(
        "SELECT coalesce(max(seq), 0), coalesce(max(log_time_ms), 0) FROM entry"
    ).fetchone()
    connection.execute("BEGIN IMMEDIATE")
    write_damage(connection, found)
    if taken_seq > last_seq:  # an empty entry, so that seq and log time go on behind what was taken
        connection.execute(
            "INSERT INTO entry (seq, log_time_ms, is_tick, count, crc, records) VALUES (?, ?, 0, 0, ?, ?)",
            (taken_seq, log_time_ms, zlib.crc32(encode(())), encode(())),
        )
    connection.execute("COMMIT")


def _rescue(path: Path, fresh: Path, problem: str, found: list[Damage]) -> list[Damage]:
    """Copy what can be read into a new file; return what was found, and is lost: it stands in the copy as well."""
    number = _free_number(path)
    told = f"the file could not be read ({problem}); it stands beside as {path.name}.damaged-{number}"
    for leftover in (fresh, fresh.with_name(f"{fresh.name}-wal"), fresh.with_name(f"{fresh.name}-shm")):
        leftover.unlink(missing_ok=True)
    with closing(connect(fresh)) as new:
        prepare(new)
        lost: list[tuple[int, int]] = []
        with _as_it_is(path) as old:
            for table in _TABLES:
                new.execute("BEGIN")
                gaps = _copy(old, new, table)
                new.execute("COMMIT")
                lost += gaps if table == "entry" else []
        found = found + [
            Damage(kind=DamageKind.PAGES, detail=told, first_seq=first, last_seq=last, entries=last - first + 1)
            for first, last in lost
        ]
        if not lost:
            found.append(Damage(kind=DamageKind.PAGES, detail=f"{told}; no entry is known to be lost"))
        write_damage(new, found)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, whole in itself, that can be renamed
    return found


def _take_place(path: Path, whole: Path) -> None:
    """Put a whole copy in the place of the file that it was made of, and keep that one; may be done again."""
    sync_folder(path.parent)  # that the copy is whole, before anything of what it was made of moves
    _mark(path).unlink(missing_ok=True)
    number = _free_number(path)
    for suffix in ("-wal", "-shm", ""):  # the file itself last: its number is free until then
        part = path.with_name(f"{path.name}{suffix}")
        if part.exists():
            part.replace(path.with_name(f"{path.name}.damaged-{number}{suffix}"))
    sync_folder(path.parent)
    whole.replace(path)
    sync_folder(path.parent)


def _free_number(path: Path) -> int:
    return next(n for n in range(1, 1_000) if not path.with_name(f"{path.name}.damaged-{n}").exists())


@contextmanager
def _as_it_is(path: Path) -> Generator[sqlite.Connection | None]:
    """Give a connection that reads a file even where its length does not fit its header; None when nothing can."""
    connection = sqlite.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite.DatabaseError:
        connection.close()
        yield None
        return
    with closing(connection):
        yield connection


def _copy(old: sqlite.Connection | None, new: sqlite.Connection, table: str) -> list[tuple[int, int]]:
    """Copy the rows of a table that can be read; return the stretches of keys that cannot."""
    if old is None:
        return []
    key, columns = _TABLES[table]
    places = ", ".join("?" * (columns.count(",") + 2))
    gaps: list[tuple[int, int]] = []
    first, last = None, 0
    for row in _rows(old, table):
        if table == "entry" and not _is_whole(row):  # a page of something else: its bytes stay in the file beside
            continue
        new.execute(f"INSERT OR IGNORE INTO {table} ({key}, {columns}) VALUES ({places})", row)  # noqa: S608
        if first is not None and row[0] > last + 1:
            gaps.append((last + 1, row[0] - 1))
        first, last = row[0] if first is None else first, row[0]
    highest = _highest(old, table)
    if highest > last:
        gaps.append((last + 1, highest))
        if last:  # what was given is not given again
            new.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (highest, table))
    return gaps


def _rows(old: sqlite.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    key, columns = _TABLES[table]
    known = {row[1] for row in old.execute(f"PRAGMA table_info({table})").fetchall()}
    columns = ", ".join(one if one in known else "NULL" for one in columns.split(", "))  # an older release's has fewer
    sql = f"SELECT {key}, {columns} FROM {table} WHERE {key} > ? ORDER BY {key} LIMIT ?"  # noqa: S608
    at, limit, highest = 0, COPIED_AT_ONCE, _highest(old, table)
    while True:
        try:
            rows = old.execute(sql, (at, limit)).fetchall()
        except sqlite.DatabaseError:
            if limit > 1:
                limit = 1
                continue
            if at >= highest:
                return
            at += 1
            continue
        if not rows:
            return
        sound = _rising(rows, at)
        yield from sound
        if len(sound) == len(rows):
            at, limit = rows[-1][0], COPIED_AT_ONCE
        elif at >= highest:
            return
        else:  # a page that answers with keys of its own: what rose is kept, then on, key by key
            at, limit = (sound[-1][0] if sound else at + 1), 1


def _is_whole(row: tuple[Any, ...]) -> bool:
    *_, crc, records = row
    return isinstance(records, bytes) and zlib.crc32(records) == crc


def _rising(rows: list[tuple[Any, ...]], after: int) -> list[tuple[Any, ...]]:
    """Return the rows from the first on whose keys rise as a sound table's do."""
    sound: list[tuple[Any, ...]] = []
    for row in rows:
        if not isinstance(row[0], int) or row[0] <= after:
            break
        sound.append(row)
        after = row[0]
    return sound


def _highest(old: sqlite.Connection, table: str) -> int:
    """Return the highest key that was ever given, as far as it can be read."""
    key, _ = _TABLES[table]
    found = 0
    for sql in (
        f"SELECT max({key}) FROM {table}",  # noqa: S608
        f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'",  # noqa: S608
    ):
        try:
            row = old.execute(sql).fetchone()
        except sqlite.DatabaseError:
            continue
        found = max(found, int(row[0] or 0) if row else 0)
    return found
