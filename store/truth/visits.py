"""Rows of the visit ledger; keeps what visits/ decided, every version of it, and never counts by itself."""

import builtins
import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from core.errors import ConflictError
from core.ids import AlertId, PersonId, VisitId
from store.cipher import FieldCipher
from store.truth import ledger_tables
from store.truth.areas import below
from store.truth.audit import BACKDATED, BULK, AuditRows, Event
from store.truth.seals import Seals
from visits.annex2 import Annex2
from visits.model import ContactClass, Credit, EvidenceLine, Met, Visit

_CREDITS = msgspec.json.Decoder(tuple[Credit, ...])
_VISIT = msgspec.json.Decoder(Visit)
_NEEDS_REVIEW = (ContactClass.C4A_REMOTE_CONFIRMED_CALL.value, ContactClass.C4B_REMOTE_CONFIRMED_MONTH.value)
_table = ledger_tables.visit
_versions = ledger_tables.visit_version
_sequence = ledger_tables.visit_sequence

_LIGHT = tuple(column for column in _table.columns if column.name not in {"note", "details", "is_annex1_confirmed"})
"""What counting needs: no sealed column is opened for it."""

LATE_AFTER = timedelta(days=7)
"""Told later than this it is marked in the chain (policy B3, case 3)."""

PERSONS_AT_ONCE = 500
"""Bound variables of one statement; SQLite takes some 32,000."""


class _Details(msgspec.Struct, frozen=True, kw_only=True):
    """The sealed rest of a record."""

    entered_by: str = ""
    signed_by: str = ""
    approved_by: str = ""
    trip_id: str = ""
    met: Met = Met.PERSON
    form: Annex2 | None = None
    evidence: tuple[EvidenceLine, ...] = ()
    proof: str = ""
    changed_by: str = ""
    changed_at_ms: int | None = None
    change_reason: str = ""


_DETAILS = msgspec.json.Decoder(_Details)
_DETAIL_NAMES = _Details.__struct_fields__


class VisitRows:
    """The ledger, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher, seals: Seals) -> None:
        self._connection = connection
        self._cipher = cipher
        self._seals = seals

    def put(self, visit: Visit, *, at_ms: int | None = None) -> None:
        """Write version 1 of a new row or the next version of a known one; every version stays readable.

        `at_ms` is when it is written, for the chain; without it, the latest time that the record itself tells.
        Raises ConflictError for any other version, and for a second row of the same alert.
        """
        row = self._row(visit)
        if visit.version > 1:
            same = (_table.c.id == visit.id, _table.c.version == visit.version - 1)
            if self._connection.execute(update(_table).where(*same).values(row)).rowcount == 1:
                self._keep(visit, at_ms)
                return
        elif self.get(visit.id) is None:
            other = None if visit.alert_id is None else self.of_alert(visit.alert_id)
            if other is not None:
                raise ConflictError(f"alert {visit.alert_id} already has visit {other.id}: write its next version")
            self._connection.execute(insert(_table).values(row))
            self._keep(visit, at_ms)
            return
        stored = self.get(visit.id)
        found = "is not there" if stored is None else f"stands at version {stored.version}"
        raise ConflictError(f"visit {visit.id} {found}, so version {visit.version} cannot be written")

    def put_all(self, visits: Sequence[Visit]) -> None:
        """Write many rows at once, each as its latest version: for an import and a made-up township."""
        if visits:
            self._connection.execute(insert(_table), [self._row(visit) for visit in visits])
            self._seals.touch(_table, [visit.id for visit in visits])
            rows = [self._version_row(visit) for visit in visits]
            self._connection.execute(insert(_versions), rows)
            events = [_event(visit, row["data"], (BULK,)) for visit, row in zip(visits, rows, strict=True)]
            AuditRows(self._connection, self._cipher).append_all(events)

    def next_number(self, person_id: PersonId) -> int:
        """Return the person's next 第_次, which is never given again; to be called in the transaction that uses it."""
        self._seals.touch(_sequence, [person_id])
        last = self._connection.scalar(select(_sequence.c.last).where(_sequence.c.person_id == person_id))
        if last is None:
            self._connection.execute(insert(_sequence).values(person_id=person_id, last=1))
            return 1
        self._connection.execute(update(_sequence).where(_sequence.c.person_id == person_id).values(last=last + 1))
        return last + 1

    def put_sequences(self, last: dict[PersonId, int]) -> None:
        """Write how far the numbers of many people have come: for an import and a made-up township."""
        if last:
            rows = [{"person_id": person_id, "last": number} for person_id, number in last.items()]
            self._connection.execute(insert(_sequence), rows)
            self._seals.touch(_sequence, last)

    def get(self, visit_id: VisitId) -> Visit | None:
        """Return the visit, or None."""
        found = self._list(_table.c.id == visit_id)
        return found[0] if found else None

    def versions(self, visit_id: VisitId) -> builtins.list[Visit]:
        """Return every version of a record that was kept, first first; empty for one of before versions were kept."""
        is_there = _versions.c.data != b""  # an erased one is empty
        query = select(_versions).where(_versions.c.visit_id == visit_id, is_there).order_by(_versions.c.version)
        return [self._opened_version(row) for row in self._connection.execute(query).mappings()]

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
        where = _within(from_date, until_date)
        if person_id is not None:
            where.append(_table.c.person_id == person_id)
        return self._list(*where, limit=limit)

    def counted(self, from_date: date, until_date: date) -> builtins.list[Visit]:
        """Return everybody's visits of some days without notes, forms and evidence: what counting needs of them."""
        return list(self._light(*_within(from_date, until_date)))

    def counted_of(self, persons: Collection[PersonId], from_date: date, until_date: date) -> builtins.list[Visit]:
        """Return the same of some people."""
        ids, found = sorted(persons), builtins.list[Visit]()
        for start in range(0, len(ids), PERSONS_AT_ONCE):
            some = ids[start : start + PERSONS_AT_ONCE]
            found.extend(self._light(_table.c.person_id.in_(some), *_within(from_date, until_date)))
        return found

    def confirmations(self, area: str) -> builtins.list[Visit]:
        """Return the visits of an area at which annex 1 was confirmed."""
        return self._list(_table.c.is_annex1_confirmed.is_(True), below(_table.c.area, area))

    def first_days(self) -> dict[str, date]:
        """Return of each area, exactly as records name it, the day of its first record; drills are none."""
        query = select(_table.c.area, func.min(_table.c.local_date)).where(_table.c.is_drill.is_(False))
        return {str(area): _day(day) for area, day in self._connection.execute(query.group_by(_table.c.area))}

    def awaiting_review(self, limit: int) -> Sequence[Visit]:
        """Return remote contacts that nobody has signed yet (C4a within 72 h), oldest first; drills never."""
        is_open = (_table.c.contact_class.in_(_NEEDS_REVIEW), _table.c.reviewed_at_ms.is_(None))
        return self._list(*is_open, _table.c.is_drill.is_(False), limit=limit)

    def awaiting_signature(self, area: str, limit: int) -> builtins.list[Visit]:
        """Return records of an area that nobody has signed yet, oldest first; what was automatic needs no signature."""
        return self._list(*_unsigned(area), limit=limit)

    def unsigned_count(self, area: str) -> int:
        """Return how many records of an area wait for a signature."""
        return int(self._connection.scalar(select(func.count()).select_from(_table).where(*_unsigned(area))) or 0)

    def _list(self, *where: ColumnElement[bool], limit: int | None = None) -> builtins.list[Visit]:
        query = select(_table).where(*where).order_by(_table.c.started_at_ms, _table.c.id).limit(limit)
        return [self._visit(row) for row in self._connection.execute(query).mappings()]

    def _light(self, *where: ColumnElement[bool]) -> Iterator[Visit]:
        for row in self._connection.execute(select(*_LIGHT).where(*where)).all():
            yield _light_visit(dict(zip(_LIGHT_NAMES, row, strict=True)))

    def _keep(self, visit: Visit, at_ms: int | None) -> None:
        self._seals.touch(_table, [visit.id])
        row = self._version_row(visit)
        self._connection.execute(insert(_versions).values(row))
        AuditRows(self._connection, self._cipher).append_all([_event(visit, row["data"], (), at_ms)])

    def _version_row(self, visit: Visit) -> dict[str, Any]:
        text = msgspec.json.encode(visit).decode()
        sealed = self._cipher.seal(text, table="visit_version", column="data", row_id=f"{visit.id}/{visit.version}")
        return {"visit_id": visit.id, "version": visit.version, "data": sealed}

    def _opened_version(self, row: RowMapping) -> Visit:
        name = f"{row['visit_id']}/{row['version']}"
        return _VISIT.decode(self._cipher.open(row["data"], table="visit_version", column="data", row_id=name))

    def _row(self, visit: Visit) -> dict[str, Any]:
        fields = {name: getattr(visit, name) for name in Visit.__struct_fields__ if name not in _DETAIL_NAMES}
        details = _Details(**{name: getattr(visit, name) for name in _DETAIL_NAMES})
        text = msgspec.json.encode(details).decode()
        return {
            **fields,
            "contact_class": visit.contact_class.value,
            "local_date": visit.local_date.isoformat(),
            "entered_on": None if visit.entered_on is None else visit.entered_on.isoformat(),
            "credits": msgspec.json.encode(visit.credits).decode(),
            "note": self._cipher.seal(visit.note, table="visit", column="note", row_id=visit.id),
            "is_annex1_confirmed": visit.form is not None and visit.form.is_annex1_confirmed,
            "details": self._cipher.seal(text, table="visit", column="details", row_id=visit.id),
        }

    def _visit(self, row: RowMapping) -> Visit:
        details = _Details()
        if row["details"] is not None:
            text = self._cipher.open(row["details"], table="visit", column="details", row_id=row["id"])
            details = _DETAILS.decode(text)
        note = self._cipher.open(row["note"], table="visit", column="note", row_id=row["id"])
        rest = {name: getattr(details, name) for name in _DETAIL_NAMES}
        light = _light_visit({name: row[name] for name in _LIGHT_NAMES})
        return msgspec.structs.replace(light, note=note, **rest)


def _event(visit: Visit, data: bytes, marks: tuple[str, ...], at_ms: int | None = None) -> Event:
    """Return the row of the chain that vouches for a version of a record, marked when it was told late."""
    late = visit.entered_on is not None and visit.entered_on - visit.local_date > LATE_AFTER
    times = (visit.changed_at_ms, visit.reviewed_at_ms, visit.signed_at_ms, visit.entered_at_ms, visit.started_at_ms)
    return Event(
        actor=visit.changed_by or visit.reviewed_by or visit.entered_by or visit.visitor or "service",
        action="visit.recorded" if visit.version == 1 else "visit.changed",
        subject=visit.id,
        detail=f"{visit.person_id} {visit.contact_class} {visit.local_date} v{visit.version}",
        at_ms=max(at for at in times if at is not None) if at_ms is None else at_ms,
        marks=(*marks, BACKDATED) if late else marks,
        digest=hashlib.sha256(data).hexdigest(),
    )


def _light_visit(row: dict[str, Any]) -> Visit:
    """Return the record of the light columns; written for a county's month, some hundred thousand times in a row."""
    row["contact_class"] = _CLASSES[row["contact_class"]]
    row["local_date"] = _day(row["local_date"])
    if row["entered_on"] is not None:
        row["entered_on"] = _day(row["entered_on"])
    row["credits"] = _credits(row["credits"])
    return Visit(**row)


@lru_cache(maxsize=4096)  # a dozen years of days
def _day(text: str) -> date:
    return date.fromisoformat(text)


@lru_cache(maxsize=1024)  # a hundred thousand rows say the same few things
def _credits(text: str) -> tuple[Credit, ...]:
    return _CREDITS.decode(text)


_CLASSES = {one.value: one for one in ContactClass}
_LIGHT_NAMES = tuple(column.name for column in _LIGHT)


def _unsigned(area: str) -> tuple[ColumnElement[bool], ...]:
    return (
        _table.c.signed_at_ms.is_(None),
        _table.c.details.is_not(None),
        _table.c.merged_into.is_(None),
        _table.c.contact_class != ContactClass.C5_REMOTE_RAW.value,
        _table.c.is_drill.is_(False),
        below(_table.c.area, area),
    )


def _within(from_date: date | None, until_date: date | None) -> builtins.list[ColumnElement[bool]]:
    where: builtins.list[ColumnElement[bool]] = []
    if from_date is not None:
        where.append(_table.c.local_date >= from_date.isoformat())
    if until_date is not None:
        where.append(_table.c.local_date <= until_date.isoformat())
    return where
