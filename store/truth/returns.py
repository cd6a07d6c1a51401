"""Rows of monthly returns, which record stands in which, and the months that were closed; each record in one return."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, delete, exists, insert, or_, select, update

from core.errors import ConflictError
from core.ids import PersonId, VisitId
from store.cipher import FieldCipher
from store.truth import ledger_tables
from store.truth.areas import below
from store.truth.sealed import SealedRows
from store.truth.seals import Seals
from visits.obligations import Due
from visits.returns import MonthlyReturn, ReturnId, ReturnState
from visits.windows import month_of

_returns = ledger_tables.monthly_return
_items = ledger_tables.return_item
_visits = ledger_tables.visit
_evaluations = ledger_tables.evaluation
_DUE = msgspec.json.Decoder(Due)

AT_ONCE = 500
"""Bound variables of one statement; SQLite takes some 32,000."""


class ReturnRows:
    """Monthly returns, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher, seals: Seals) -> None:
        self._connection = connection
        self._cipher = cipher
        self._seals = seals
        self._rows = SealedRows(connection, cipher, seals, _returns, MonthlyReturn)

    def put(self, row: MonthlyReturn) -> None:
        """Write version 1 or the next version; raises ConflictError for any other."""
        self._rows.put(row.id, row, row.version, month=row.month, area=row.area, state=row.state.value)

    def get(self, return_id: ReturnId) -> MonthlyReturn | None:
        """Return it, or None."""
        return self._rows.get(return_id)

    def of_month(self, month: str, area: str = "") -> list[MonthlyReturn]:
        """Return the returns of a month in an area and below it."""
        return self._rows.list(_returns.c.month == month, below(_returns.c.area, area), order=(_returns.c.area,))

    def of_village(self, area: str) -> list[MonthlyReturn]:
        """Return every return of exactly that area, oldest first."""
        return self._rows.list(_returns.c.area == area, order=(_returns.c.month,))

    def freeze(self, return_id: ReturnId, content: bytes | None) -> None:
        """Keep the content of a return as the village signed it; None: it is a draft again."""
        sealed = None
        if content is not None:
            text = content.decode()
            sealed = self._cipher.seal(text, table="monthly_return", column="content", row_id=return_id)
        self._connection.execute(update(_returns).where(_returns.c.id == return_id).values(content=sealed))
        self._seals.touch(_returns, [return_id])

    def content(self, return_id: ReturnId) -> bytes | None:
        """Return the frozen content, None while there is none."""
        sealed = self._connection.scalar(select(_returns.c.content).where(_returns.c.id == return_id))
        if sealed is None:
            return None
        return self._cipher.open(sealed, table="monthly_return", column="content", row_id=return_id).encode()

    def unreported(self, area: str, until: date) -> list[tuple[VisitId, int]]:
        """Return every final record of an area up to a day, at its latest version, that stands in no signed return.

        What an earlier release kept of a draft is no obstacle: a draft holds nothing.
        """
        is_fed = exists().where(
            _items.c.visit_id == _visits.c.id,
            _items.c.visit_version == _visits.c.version,
            _items.c.return_id.not_in(_drafts()),
        )
        is_final = or_(_visits.c.signed_at_ms.is_not(None), _visits.c.details.is_(None))
        query = (
            select(_visits.c.id, _visits.c.version)
            .where(is_final, _visits.c.is_drill.is_(False), below(_visits.c.area, area), ~is_fed)
            .where(_visits.c.local_date <= until)
            .order_by(_visits.c.local_date, _visits.c.id)
        )
        return [(VisitId(row.id), int(row.version)) for row in self._connection.execute(query)]

    def take(self, row: MonthlyReturn) -> list[tuple[VisitId, int]]:
        """Put what is unreported into a return that is being signed, and return it.

        A record's row and its return are written in one transaction: in two it cannot stand.
        """
        self._remove(_items.c.return_id.in_(_drafts()))
        found = self.unreported(row.area, _last_day(row))
        if found:
            rows = [{"visit_id": one, "visit_version": version, "return_id": row.id} for one, version in found]
            self._connection.execute(insert(_items), rows)
            self._seals.touch(_items, found)
        return found

    def release(self, return_id: ReturnId) -> None:
        """Take every record out of a return that is a draft again."""
        self._remove(_items.c.return_id == return_id)

    def held(self, row: MonthlyReturn) -> list[tuple[VisitId, int]]:
        """Return which records stand in a return; of a draft, those that would if it were signed now."""
        is_draft = row.state is ReturnState.DRAFT
        return self.unreported(row.area, _last_day(row)) if is_draft else self.items(row.id)

    def items(self, return_id: ReturnId) -> list[tuple[VisitId, int]]:
        """Return which records, at which version, stand in a return."""
        query = select(_items.c.visit_id, _items.c.visit_version).where(_items.c.return_id == return_id)
        return [(VisitId(row.visit_id), int(row.visit_version)) for row in self._connection.execute(query)]

    def _remove(self, where: ColumnElement[bool]) -> None:
        gone = self._connection.execute(select(*_items.primary_key.columns).where(where)).all()
        self._connection.execute(delete(_items).where(where))
        self._seals.touch(_items, [tuple(row) for row in gone])


class EvaluationRows:
    """What was owed in a closed month, as it was closed: written once, never judged again (policy B3, case 25)."""

    def __init__(self, connection: Connection, cipher: FieldCipher, seals: Seals) -> None:
        self._connection = connection
        self._cipher = cipher
        self._seals = seals

    def close(self, month: str, rows: Iterable[tuple[str, Due]], *, at_ms: int) -> None:
        """Keep a month of some people, each with their area; raises ConflictError for one who is closed already."""
        told: list[dict[str, Any]] = [
            {
                "month": month,
                "person_id": due.person_id,
                "area": area,
                "policy_version": due.policy_version,
                "evaluated_at_ms": at_ms,
                "data": self._cipher.seal(
                    msgspec.json.encode(due).decode(),
                    table="evaluation",
                    column="data",
                    row_id=f"{month}/{due.person_id}",
                ),
            }
            for area, due in rows
        ]
        known = self.persons(month)
        twice = next((row["person_id"] for row in told if row["person_id"] in known), None)
        if twice is not None:
            raise ConflictError(f"{month} 已结账，不再重算 / {month} is closed for {twice}: it is not judged again")
        if told:
            self._connection.execute(insert(_evaluations), told)
            self._seals.touch(_evaluations, [(month, row["person_id"]) for row in told])

    def persons(self, month: str) -> set[PersonId]:
        """Return whose month is closed."""
        query = select(_evaluations.c.person_id).where(_evaluations.c.month == month)
        return {PersonId(row.person_id) for row in self._connection.execute(query)}

    def areas(self, month: str, area: str = "", persons: Sequence[PersonId] = ()) -> dict[PersonId, str]:
        """Return whose month is closed in an area, and of some people wherever it was; each with that area."""
        ids = sorted(persons) if area else []
        of_persons = [_evaluations.c.person_id.in_(ids[at : at + AT_ONCE]) for at in range(0, len(ids), AT_ONCE)]
        found: dict[PersonId, str] = {}
        for where in (below(_evaluations.c.area, area), *of_persons):
            query = select(_evaluations.c.person_id, _evaluations.c.area).where(_evaluations.c.month == month, where)
            found.update({PersonId(row.person_id): str(row.area) for row in self._connection.execute(query)})
        return found

    def area_of(self, month: str, person_id: PersonId) -> str | None:
        """Return the area in which somebody's month was closed, None while it is open."""
        where = (_evaluations.c.month == month, _evaluations.c.person_id == person_id)
        return self._connection.scalar(select(_evaluations.c.area).where(*where))

    def of_month(self, month: str, area: str = "") -> Sequence[Due]:
        """Return a closed month's results of an area, by person."""
        where = (_evaluations.c.month == month, below(_evaluations.c.area, area))
        query = select(_evaluations).where(*where).order_by(_evaluations.c.person_id)
        return [self._opened(month, row.person_id, row.data) for row in self._connection.execute(query)]

    def _opened(self, month: str, person_id: str, data: bytes) -> Due:
        return _DUE.decode(self._cipher.open(data, table="evaluation", column="data", row_id=f"{month}/{person_id}"))


def _last_day(row: MonthlyReturn) -> date:
    """Whenever a return is drawn up, what came after its month is the next one's."""
    return month_of(row.month).until_date


def _drafts() -> Select[tuple[str]]:
    return select(_returns.c.id).where(_returns.c.state == ReturnState.DRAFT.value)
