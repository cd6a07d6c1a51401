"""Vouches in the audit chain for rows that may change: a fingerprint of each column, written with what it tells."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Table, delete, insert, select, tuple_

from store.cipher import FieldCipher
from store.truth import ledger_tables, privacy_tables, registry_tables, tables
from store.truth.audit import AuditRows, Event
from store.truth.ledger_tables import row_seal
from store.truth.signing import ADOPTED, KEPT
from store.truth.tables import fact

SEALED_TABLES: Mapping[str, Table] = {
    str(table.name): table
    for table in (
        ledger_tables.visit,
        ledger_tables.visit_sequence,
        ledger_tables.standing_fact,
        ledger_tables.special_period,
        ledger_tables.follow_up,
        ledger_tables.eligibility,
        ledger_tables.monthly_return,
        ledger_tables.return_item,
        ledger_tables.evaluation,
        tables.person,
        registry_tables.entry,
        privacy_tables.erasure,
        privacy_tables.legal_hold,
    )
}
"""Every table that a figure of the ledger is made of, and who may be erased and was. A new column is added at the end:
fingerprints stand in order."""

_COUNTED: Mapping[str, tuple[str, ...]] = {"person": ("id", "home_id", "area", "details")}
"""Where not every column counts: names open only in their own place, and their indexes are made anew with the keys."""

FINGERPRINT_BYTES = 8
"""Of one column: enough that nobody finds another value of that shape; the chain holds the SHA-256 of them all."""

ROWS_AT_ONCE = 400
"""Rows of one statement: SQLite takes some 32,000 bound variables, a key has two."""

Key = tuple[str | int, ...]


class Seals:
    """Rows that a transaction wrote or removed, bound to it; the chain vouches for them at its end, in one row."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self._connection = connection
        self._cipher = cipher
        self._touched: dict[str, set[Key]] = {}

    def touch(self, table: Table, keys: Iterable[str | int | Key]) -> None:
        """Note which rows of a table were written or removed, each by its primary key."""
        keys = {key if isinstance(key, tuple) else (key,) for key in keys}
        if keys:
            self._touched.setdefault(str(table.name), set()).update(keys)

    def write(self, action: str = KEPT) -> None:
        """Vouch for what was touched, as it rests now; without any there is nothing to say but of an adoption."""
        lines = [line for name, keys in sorted(self._touched.items()) for line in self._lines(name, keys)]
        self._touched.clear()
        if not lines and action == KEPT:
            return
        chain = AuditRows(self._connection, self._cipher)
        subject = ", ".join(sorted({name for name, _, _ in lines}))
        event = Event(
            actor="service",
            action=action,
            subject=subject,
            detail=f"{len(lines)}",
            at_ms=chain.last_at_ms(),  # of what the same transaction told: rows have no clock of their own
            digest=digest_of(lines),
        )
        number = chain.append_all([event])
        rows = [{"number": number, "table_name": n, "row_id": i, "columns": c} for n, i, c in lines]
        if rows:
            self._connection.execute(insert(row_seal), rows)

    def adopt(self) -> None:
        """Vouch for every row of a database of before; only migrations ask for it, by their fact: of which tables."""
        due = self._connection.scalar(select(fact.c.value).where(fact.c.name == ADOPTED))
        if due is not None:
            self._connection.execute(delete(fact).where(fact.c.name == ADOPTED))
            for table in [table for name, table in SEALED_TABLES.items() if due == "due" or name in due.split(",")]:
                found = self._connection.execute(select(*table.primary_key.columns))
                self.touch(table, [tuple(row) for row in found])
            self.write(ADOPTED)

    def _lines(self, name: str, keys: set[Key]) -> Iterator[tuple[str, str, bytes]]:
        table, ordered = SEALED_TABLES[name], sorted(keys)
        for start in range(0, len(ordered), ROWS_AT_ONCE):
            some = ordered[start : start + ROWS_AT_ONCE]
            rows = self._connection.execute(select(table).where(_is_one_of(table, some))).mappings()
            found = {row_id_of(table, row): fingerprints(table, row) for row in rows}
            for key in some:
                row_id = "/".join(str(part) for part in key)
                yield name, row_id, found.get(row_id, b"")  # removed


def row_id_of(table: Table, row: Mapping[Any, Any]) -> str:
    """Return the primary key of a row as one text."""
    return "/".join(str(row[column.name]) for column in table.primary_key.columns)


def columns_of(table: Table) -> Sequence[Column[Any]]:
    """Return the columns of a table that the chain vouches for, in their order."""
    counted = _COUNTED.get(str(table.name))
    return list(table.columns) if counted is None else [table.c[name] for name in counted]


def fingerprints(table: Table, row: Mapping[Any, Any]) -> bytes:
    """Return the fingerprints of a row's columns, one after the other, in the table's order."""
    return b"".join(_fingerprint(row[column.name]) for column in columns_of(table))


def changed_columns(table: Table, row: Mapping[Any, Any], kept: bytes) -> list[str]:
    """Return which columns of a row are not as they were vouched for; none of those that are newer than that."""
    now = fingerprints(table, row)[: len(kept)]
    steps = range(0, len(now), FINGERPRINT_BYTES)
    pairs = zip(columns_of(table), steps, strict=False)
    return [
        column.name for column, at in pairs if now[at : at + FINGERPRINT_BYTES] != kept[at : at + FINGERPRINT_BYTES]
    ]


def digest_of(lines: Sequence[tuple[str, str, bytes]]) -> str:
    """Return the SHA-256, hex, of fingerprints by table and row: what the row of the chain holds."""
    return hashlib.sha256(
        msgspec.json.encode(sorted((name, row_id, kept.hex()) for name, row_id, kept in lines))
    ).hexdigest()


def _is_one_of(table: Table, keys: Sequence[Key]) -> Any:  # noqa: ANN401 - SQLAlchemy's condition
    columns: list[Column[Any]] = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def _fingerprint(value: object) -> bytes:
    """Return the fingerprint of a value as it rests: a truth value is the number that SQLite keeps."""
    if value is None:
        told = b"-"
    elif isinstance(value, bytes):
        told = b"b" + value
    elif isinstance(value, int):
        told = b"i%d" % value
    else:
        told = b"s" + str(value).encode()
    return hashlib.blake2b(told, digest_size=FINGERPRINT_BYTES).digest()
