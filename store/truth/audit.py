"""Rows of the audit chain: appended within the transaction of what they tell, read in order; never changed."""

import builtins
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select

from core.hash_chain import FIRST_PREVIOUS, Link, Verdict, linked, verified
from store.cipher import FieldCipher
from store.truth.privacy_tables import erased_row
from store.truth.registry_tables import audit
from store.truth.signing import SIGNED, digest_in, signed, unsigned
from store.truth.tombstones import ERASED, Tombstones, sha256_of, tombstones_of

BULK = "bulk"
BACKDATED = "backdated"
"""Marks: one of many taken from a file; told of a day that is long past."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written into the chain."""

    actor: str  # "account:<name>", "cli:<user>", "service"
    action: str  # e.g. "entry.changed"
    subject: str  # an id, never a name
    detail: str
    at_ms: int
    marks: tuple[str, ...] = ()
    digest: str = ""


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row as people read it."""

    number: int
    at_ms: int
    actor: str  # "account:<name>", "cli:<user>", "service"
    action: str  # e.g. "entry.changed"
    subject: str  # an id, never a name
    marks: tuple[str, ...]
    detail: str


class AuditRows:
    """The chain, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    def append(
        self,
        actor: str,
        action: str,
        subject: str,
        detail: str,
        at_ms: int,
        *,
        marks: Sequence[str] = (),
        digest: str = "",
    ) -> int:
        """Add a row and return its number; `digest` is the SHA-256, hex, of a record that it vouches for."""
        event = Event(
            actor=actor,
            action=action,
            subject=subject,
            detail=detail,
            at_ms=at_ms,
            marks=tuple(marks),
            digest=digest,
        )
        return self.append_all([event])

    def append_all(self, events: Iterable[Event]) -> int:
        """Add rows in their order and return the last one's number, that of the head when there are none."""
        number, previous = self.head()
        rows: builtins.list[dict[str, Any]] = []
        for event in events:
            number += 1
            sealed = self._cipher.seal(event.detail, table="audit", column="detail", row_id=str(number))
            digest = event.digest
            if event.action in SIGNED:
                digest = signed(self._cipher, digest, number=number, previous=previous, action=event.action)
            link = linked(
                Link(
                    number=number,
                    at_ms=event.at_ms,
                    actor=event.actor,
                    action=event.action,
                    subject=event.subject,
                    marks=",".join(event.marks),
                    digest=digest,
                    detail_sha256=hashlib.sha256(sealed).hexdigest(),
                    previous=previous,
                )
            )
            previous = link.hash
            rows.append(
                {k: v for k, v in msgspec.structs.asdict(link).items() if k != "detail_sha256"} | {"detail": sealed}
            )
        if rows:
            self._connection.execute(insert(audit), rows)
        return number

    def head(self) -> tuple[int, str]:
        """Return the number and hash of the last row; 0 and zeros of an empty chain."""
        query = select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
        row = self._connection.execute(query).first()
        return (0, FIRST_PREVIOUS) if row is None else (row.number, row.hash)

    def last_at_ms(self) -> int:
        """Return the time of the last row, 0 of an empty chain."""
        return self._connection.scalar(select(audit.c.at_ms).order_by(audit.c.number.desc()).limit(1)) or 0

    def list(self, *, subject: str = "", before: int | None = None, limit: int = 100) -> list[AuditRow]:
        """Return rows, the newest first: of one subject or of all, below a number."""
        query = select(audit).order_by(audit.c.number.desc()).limit(limit)
        if subject:
            query = query.where(audit.c.subject == subject)
        if before is not None:
            query = query.where(audit.c.number < before)
        return [self._row(row) for row in self._connection.execute(query)]

    def verify(self) -> Verdict:
        """Walk the whole chain."""
        ordered = select(erased_row).order_by(erased_row.c.number)
        told = select(audit.c.number, audit.c.digest).where(audit.c.action == ERASED)
        digests = {row.number: digest_in(row.digest) for row in self._connection.execute(told)}
        tombstones, wrong = tombstones_of(self._connection.execute(ordered).mappings(), digests)
        rows = self._connection.execute(select(audit).order_by(audit.c.number).execution_options(yield_per=1000))
        verdict = verified(links_of(rows.mappings(), tombstones))
        if verdict.broken_at is not None:
            return verdict
        vouching = select(audit).where(audit.c.action.in_(SIGNED)).order_by(audit.c.number)
        other = unsigned(self._connection.execute(vouching).mappings(), self._cipher, is_demanded=True)
        number, why = (1, wrong) if wrong else other or (None, "")
        return Verdict(verdict.rows, verdict.head, number, why)

    def _row(self, row: Row[Any]) -> AuditRow:
        return AuditRow(
            number=row.number,
            at_ms=row.at_ms,
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            marks=tuple(row.marks.split(",")) if row.marks else (),
            detail=self._cipher.open(row.detail, table="audit", column="detail", row_id=str(row.number))
            if row.detail
            else "",  # erased
        )


def links_of(rows: Iterable[Any], tombstones: Tombstones) -> Iterator[Link]:
    """Yield the links of rows as they rest; needs no key. Of an erased detail the hash stands among the tombstones."""
    names = [name for name in Link.__struct_fields__ if name != "detail_sha256"]
    for row in rows:
        detail_sha256 = sha256_of(row["detail"], "audit", str(row["number"]), tombstones)
        yield Link(**{name: row[name] for name in names}, detail_sha256=detail_sha256)
