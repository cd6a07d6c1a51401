"""Holds the rows that the ledger counts against the fingerprints in the chain, without a key; names what differs."""

from collections.abc import Iterator
from itertools import groupby, islice

from pysqlite3 import dbapi2 as sqlite

from core.hash_chain import Verdict
from store.truth.seals import SEALED_TABLES, changed_columns, digest_of, row_id_of
from store.truth.signing import ADOPTED, KEPT, digest_in, is_signed

NAMED = 5
"""Differences that a verdict names; there may be more, and who restores a back-up needs no list."""

Kept = dict[tuple[str, str], tuple[int, bytes]]
"""By table and row: the number in the chain that vouches for it last, and the fingerprints."""


def verified_rows(connection: sqlite.Connection, verdict: Verdict) -> Verdict:
    """Return the verdict, broken where a row of a counted table was changed, removed or slipped in by other hands."""
    if not _has_seals(connection):
        told = connection.execute("SELECT number FROM audit WHERE action = ?", (KEPT,)).fetchone()
        return verdict if told is None else _broken(verdict, told["number"], "the table row_seal is gone")
    kept: Kept = {}
    why = _read(connection, kept)
    if why is not None:
        return _broken(verdict, *why)
    found = list(islice(_differences(connection, kept, verdict.rows + 1), NAMED))
    if not found:
        return verdict
    return _broken(verdict, min(number for number, _ in found), "; ".join(what for _, what in found))


def _has_seals(connection: sqlite.Connection) -> bool:
    """Return whether the file was written by a release that keeps fingerprints; an older copy has none to check."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'row_seal'"
    return connection.execute(query).fetchone() is not None


def _read(connection: sqlite.Connection, kept: Kept) -> tuple[int, str] | None:
    """Fill what each row was vouched for as last; return what is wrong with the fingerprints themselves."""
    query = "SELECT number, action, digest FROM audit WHERE action IN (?, ?) ORDER BY number"
    told = {row["number"]: row for row in connection.execute(query, (KEPT, ADOPTED))}
    has_signed = False
    for place, (number, row) in enumerate(told.items()):
        # once by the release that brought fingerprints, once by the one that brought signatures and further tables
        is_first = not place or (is_signed(row["digest"]) and not has_signed)
        if row["action"] == ADOPTED and not is_first:
            return number, "rows were adopted unseen after the chain had begun to vouch for them"
        has_signed |= is_signed(row["digest"])
    seals = connection.execute("SELECT * FROM row_seal ORDER BY number")
    for number, rows in groupby(seals, key=lambda row: int(row["number"])):
        lines = [(str(row["table_name"]), str(row["row_id"]), bytes(row["columns"])) for row in rows]
        one = told.pop(number, None)
        if one is None or digest_in(one["digest"]) != digest_of(lines):
            return number, "the fingerprints in row_seal that it vouches for were changed"
        kept.update({(name, row_id): (number, columns) for name, row_id, columns in lines})
    told = {number: row for number, row in told.items() if digest_in(row["digest"]) != digest_of([])}
    if told:
        return min(told), "the fingerprints in row_seal that it vouches for were removed"
    return None


def _differences(connection: sqlite.Connection, kept: Kept, stray: int) -> Iterator[tuple[int, str]]:
    for name, table in SEALED_TABLES.items():
        missing = {row_id for (of, row_id), (_, columns) in kept.items() if of == name and columns}
        for row in connection.execute(f"SELECT * FROM {name}"):  # noqa: S608 - our own names
            row_id = row_id_of(table, row)
            number, columns = kept.get((name, row_id), (stray, b""))
            if not columns:
                yield number, f"table {name}, row {row_id}: the chain knows no such row"
                continue
            missing.discard(row_id)
            changed = changed_columns(table, row, columns)
            if changed:
                yield (
                    number,
                    f"table {name}, row {row_id}, column {', '.join(changed)}: not as row {number} vouches for",
                )
        for row_id in sorted(missing):
            yield kept[name, row_id][0], f"table {name}, row {row_id}: removed"


def _broken(verdict: Verdict, number: int, why: str) -> Verdict:
    return Verdict(verdict.rows, verdict.head, number, why)
