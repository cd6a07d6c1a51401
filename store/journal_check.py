"""Reads a whole journal and says what in it is not as it was written; changes nothing, also works on a copy."""

from collections.abc import Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path

import msgspec
from pysqlite3 import dbapi2 as sqlite

from core.errors import ConfigurationError, DurabilityError
from store.journal_damage import Damage, DamageCount, DamageKind, count_damage
from store.journal_rows import UNREADABLE, entry_of, error_code
from store.journal_wal import read_tail
from store.parked import checksum, has_checksums

ROWS_AT_ONCE = 500
MAX_TOLD = 100
"""Faults told one by one; a file with more is to be replaced from its backup."""


class Verdict(msgspec.Struct, frozen=True):
    """What a journal holds, and what is wrong with it; `noted` was set aside before and is not among `faults`."""

    entries: int
    readings: int
    parked: int
    parked_read: int  # of them became readings, or nobody wants them
    parked_unchecked: int  # of them are of a release that gave them no checksum
    first_seq: int
    last_seq: int
    from_ms: int
    until_ms: int
    noted: DamageCount
    faults: tuple[Damage, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Return whether all that is there is what was written."""
        return not self.faults


class _Seen(msgspec.Struct):
    entries: int = 0
    readings: int = 0
    first_seq: int = 0
    last_seq: int = 0
    from_ms: int = 0
    until_ms: int = 0
    parked: int = 0
    parked_read: int = 0
    parked_unchecked: int = 0


def verify(path: Path, *, is_closed: bool = True) -> Verdict:
    """Return what is wrong with a journal. `is_closed`: nobody writes it, so that its very end can be judged too.

    Raises ConfigurationError when there is no journal there.
    """
    if not path.exists():
        raise ConfigurationError("there is no journal", where=str(path), remedy="name its file, or --data-dir")
    faults: list[Damage] = []
    if is_closed and (tail := read_tail(path)).is_torn:
        faults.append(Damage(kind=DamageKind.TAIL, detail=tail.detail, entries=tail.lost_commits))
    seen, noted = _Seen(), DamageCount()
    with closing(sqlite.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
        try:
            faults += _pages(connection)
            found = chain(_faults(connection, seen), _parked_faults(connection))
            faults += islice(found, max(0, MAX_TOLD - len(faults)))
            _count_parked(connection, seen)
            noted = count_damage(connection)
        except sqlite.DatabaseError as error:
            if error_code(error) not in UNREADABLE:
                raise ConfigurationError(
                    f"cannot be read: {error}", where=str(path), remedy="name a journal of this release"
                ) from error
            faults.append(Damage(kind=DamageKind.PAGES, detail=str(error), first_seq=seen.last_seq + 1))
    return Verdict(
        entries=seen.entries,
        readings=seen.readings,
        parked=seen.parked,
        parked_read=seen.parked_read,
        parked_unchecked=seen.parked_unchecked,
        first_seq=seen.first_seq,
        last_seq=seen.last_seq,
        from_ms=seen.from_ms,
        until_ms=seen.until_ms,
        noted=noted,
        faults=tuple(faults),
    )


def _pages(connection: sqlite.Connection) -> list[Damage]:
    told = [str(row[0]) for row in connection.execute(f"PRAGMA quick_check({MAX_TOLD})").fetchall()]
    return [Damage(kind=DamageKind.PAGES, detail=line) for line in told if line != "ok"]


def _faults(connection: sqlite.Connection, seen: _Seen) -> Iterator[Damage]:
    known = _known_gaps(connection)
    while True:
        rows = connection.execute(
            "SELECT seq, log_time_ms, is_tick, count, crc, records FROM entry WHERE seq > ? ORDER BY seq LIMIT ?",
            (seen.last_seq, ROWS_AT_ONCE),
        ).fetchall()
        if not rows:
            return
        for row in rows:
            seq, log_time_ms, count = row[0], row[1], row[3]
            if seen.entries:
                yield from _gap(seen.last_seq + 1, seq - 1, known)
                if log_time_ms < seen.until_ms:
                    yield Damage(kind=DamageKind.ENTRY, detail=f"the log time of entry {seq} goes back", first_seq=seq)
            else:
                seen.first_seq, seen.from_ms = seq, log_time_ms
            seen.entries += 1
            seen.last_seq, seen.until_ms = seq, log_time_ms
            try:
                seen.readings += len(entry_of(row).readings)
            except DurabilityError as error:
                told = str(error)
                yield Damage(kind=DamageKind.ENTRY, detail=told, first_seq=seq, last_seq=seq, entries=1, readings=count)


def _parked_faults(connection: sqlite.Connection) -> Iterator[Damage]:
    """Tell of parked messages that are not what came; those without a checksum are counted by `_count_parked`."""
    last_id = 0
    while has_checksums(connection):
        rows = connection.execute(
            "SELECT id, received_at_ms, CAST(topic AS BLOB), payload, retain, crc FROM parked"
            " WHERE id > ? AND crc IS NOT NULL ORDER BY id LIMIT ?",
            (last_id, ROWS_AT_ONCE),
        ).fetchall()
        if not rows:
            return
        for last_id, received_at_ms, topic, payload, retain, crc in rows:
            if checksum(received_at_ms, topic, payload, retain) != crc:
                told = f"parked message {last_id} is damaged: its checksum does not match"
                yield Damage(kind=DamageKind.PARKED, detail=told)


def _count_parked(connection: sqlite.Connection, seen: _Seen) -> None:
    without = "crc IS NULL" if has_checksums(connection) else "1"
    seen.parked, seen.parked_read, seen.parked_unchecked = connection.execute(
        "SELECT count(*), coalesce(sum(id IN (SELECT parked_id FROM parked_end)), 0),"  # noqa: S608  # our own words
        f" coalesce(sum({without}), 0) FROM parked"
    ).fetchone()


def _known_gaps(connection: sqlite.Connection) -> list[tuple[int, int]]:
    rows = connection.execute("SELECT first_seq, last_seq FROM damage WHERE last_seq > 0").fetchall()
    return [(int(first), int(last)) for first, last in rows]


def _gap(first: int, last: int, known: list[tuple[int, int]]) -> Iterator[Damage]:
    """Tell of entries that are not there, but for those whose loss is known."""
    while first <= last:
        covered = next((end for begin, end in known if begin <= first <= end), None)
        if covered is not None:
            first = covered + 1
            continue
        until = min((begin - 1 for begin, _ in known if first < begin <= last), default=last)
        told = f"entries {first} to {until} are not there"
        yield Damage(kind=DamageKind.MISSING, detail=told, first_seq=first, last_seq=until, entries=until - first + 1)
        first = until + 1
