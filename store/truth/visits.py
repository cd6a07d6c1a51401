"""Rows of the visit ledger; keeps what visits/ decided and never counts by itself."""

import builtins
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from core.errors import ConflictError
from core.ids import AlertId, PersonId, VisitId
from store.cipher import FieldCipher
from store.truth import tables
from visits.model import ContactClass, Credit, Visit

_CREDITS = msgspec.json.Decoder(tuple[Credit, ...])
_NEEDS_REVIEW = (ContactClass.C4A_REMOTE_CONFIRMED_CALL.value, ContactClass.C4B_REMOTE_CONFIRMED_MONTH.value)
_table = tables.visit


class VisitRows:
    """The ledger, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    def put(self, visit: Visit) -> None:
        """Write version 1 of a new row or the next version of a known one.

        Raises ConflictError for any other version, and for a second row of the same alert.
        """
        row = self._row(visit)
        if visit.version > 1:
            same = (_table.c.id == visit.id, _table.c.version == visit.version - 1)
            if self._connection.execute(update(_table).where(*same).values(row)).rowcount == 1:
                return
        elif self.get(visit.id) is None:
            other = None if visit.alert_id is None else self.of_alert(visit.alert_id)
            if other is not None:
                raise ConflictError(f"alert {visit.alert_id} already has visit {other.id}: write its next version")
            self._connection.execute(insert(_table).values(row))
            return
        stored = self.get(visit.id)
        found = "is not there" if stored is None else f"stands at version {stored.version}"
        raise ConflictError(f"visit {visit.id} {found}, so version {visit.version} cannot be written")

    def get(self, visit_id: VisitId) -> Visit | None:
        """Return the visit, or None."""
        found = self._list(_table.c.id == visit_id)
        return found[0] if found else None

    def of_alert(self, alert_id: AlertId) -> Visit | None:
        """Return the one ledger row of an alert, or None."""
        found = self._list(_table.c.alert_id == alert_id)
        return found[0] if found else None

    def list(
        self,
        person_id: PersonId | None = None,
        from_date: date | None = None,
        until_date: date | None = None,
        limit: int = 1000,
    ) -> list[Visit]:
        """Return visits in the order they began; both local dates are included."""
        where: builtins.list[ColumnElement[bool]] = []
        if person_id is not None:
            where.append(_table.c.person_id == person_id)
        if from_date is not None:
            where.append(_table.c.local_date >= from_date.isoformat())
        if until_date is not None:
            where.append(_table.c.local_date <= until_date.isoformat())
        return self._list(*where, limit=limit)

    def awaiting_review(self, limit: int) -> Sequence[Visit]:
        """Return remote contacts that nobody has signed yet (C4a within 72 h), oldest first; drills never."""
        is_open = (_table.c.contact_class.in_(_NEEDS_REVIEW), _table.c.reviewed_at_ms.is_(None))
        return self._list(*is_open, _table.c.is_drill.is_(False), limit=limit)

    def _list(self, *where: ColumnElement[bool], limit: int | None = None) -> builtins.list[Visit]:
        query = select(_table).where(*where).order_by(_table.c.started_at_ms, _table.c.id).limit(limit)
        return [self._visit(row) for row in self._connection.execute(query).mappings()]

    def _row(self, visit: Visit) -> dict[str, Any]:
        return {
            **msgspec.structs.asdict(visit),
            "contact_class": visit.contact_class.value,
            "local_date": visit.local_date.isoformat(),
            "credits": msgspec.json.encode(visit.credits).decode(),
            "note": self._cipher.seal(visit.note, table="visit", column="note", row_id=visit.id),
        }

    def _visit(self, row: RowMapping) -> Visit:
        fields: dict[str, Any] = {
            **row,
            "contact_class": ContactClass(row["contact_class"]),
            "local_date": date.fromisoformat(row["local_date"]),
            "credits": _CREDITS.decode(row["credits"]),
            "note": self._cipher.open(row["note"], table="visit", column="note", row_id=row["id"]),
        }
        return Visit(**fields)
