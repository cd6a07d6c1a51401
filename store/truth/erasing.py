"""Empties everything that says who somebody was; what the ledger counts stays, under an id that says nothing.

Bytes that the chain vouches for leave a tombstone with their hash; rows of the ledger are vouched for anew.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from core.ids import PersonId
from core.text import Bilingual
from registry.entries import Entry
from registry.homes import ContactRole
from registry.standing_facts import StandingFact
from store.cipher import FieldCipher
from store.truth import ledger_tables as ledger
from store.truth import registry_tables as register
from store.truth.audit import AuditRows
from store.truth.people import bump_version
from store.truth.person_rows import Subject, conditions
from store.truth.person_villages import villages_of
from store.truth.privacy_tables import erased_row
from store.truth.sealed_columns import SEALED_COLUMNS, opened, place_of, table_of
from store.truth.seals import SEALED_TABLES, Seals
from store.truth.tombstones import ERASED, digest_of
from visits.eligibility import Eligibility
from visits.follow_ups import FollowUp
from visits.obligations import Due
from visits.return_content import ReturnContent

GONE = Bilingual("已删除", "erased")
OWN_CONTACTS = (ContactRole.FAMILY.value, ContactRole.NEIGHBOUR.value)
"""Staff who stand beside a person stand beside others too, and in records: their ids stay."""

_TOMBSTONED: Mapping[str, tuple[str, dict[str, bytes]]] = {
    "entry_version": ("data", {"why": b""}),
    "visit_version": ("data", {}),
    "audit": ("detail", {}),
}


class Erasing:
    """The erasure of one person, bound to one transaction; counts what it empties, by table.

    Not `is_real`, it counts the same and writes nothing: in a view, which keeps no alarm from the database.
    """

    def __init__(
        self, connection: Connection, cipher: FieldCipher, seals: Seals, subject: Subject, *, is_real: bool
    ) -> None:
        self._connection = connection
        self._cipher = cipher
        self._seals = seals
        self._subject = subject
        self._where = conditions(subject)
        self._is_real = is_real
        self.emptied: Counter[str] = Counter()

    def carry_out(self, actor: str, at_ms: int) -> None:
        """Empty and remove; the last row of the chain tells of it and vouches for what stands instead."""
        self._person()
        self._ledger()
        self._returns()
        self._alerts()
        self._gathered()
        for name in ("child_contact", "conflict"):
            self._remove(name)
        self._remove("contact", table_of("contact").c.role.in_(OWN_CONTACTS))
        if self._subject.is_alone:
            self._remove("device")
            self._remove("silence")
            self._set("home", lambda _row: {"suspensions": None})
        lines = self._tombstones()
        if self._is_real:
            self._vouch(lines, actor, at_ms)
            bump_version(self._connection)

    def _person(self) -> None:
        def person(row: Mapping[str, Any]) -> dict[str, Any]:
            kept = msgspec.json.decode(row["details"], type=dict[str, Any])
            born = kept.get("birth_date")
            kept |= {"birth_date": f"{born[:4]}-01-01" if born else None, "tier_override_reason": ""}
            empty = dict.fromkeys(("name", "id_number", "phone", "address", "illness"), "")
            blind = {"id_number_blind": None, "phone_blind": None}
            return empty | {"details": msgspec.json.encode(kept).decode()} | blind

        def entry(row: Mapping[str, Any]) -> dict[str, Any]:
            was = msgspec.json.decode(row["data"], type=Entry)
            told = tuple(msgspec.structs.replace(one, evidence="", recorded_by="") for one in was.consents)
            left = Entry(person_id=was.person_id, verified_on=was.verified_on, consents=told, version=was.version)
            return {"data": msgspec.json.encode(left).decode()}

        def decided(_row: Mapping[str, Any]) -> dict[str, Any]:
            return {"note": ""}

        self._set("person", person)
        self._set("entry", entry)
        self._set("verification", decided)

    def _ledger(self) -> None:
        self._set("visit", lambda row: {"note": "", "details": None if row["details"] is None else "{}"})
        self._set("standing_fact", _changed(StandingFact, evidence="", reason="", recorded_by=""))
        self._set("follow_up", _follow_up)
        self._set("eligibility", _changed(Eligibility, note="", by=""))
        self._set("evaluation", _changed(Due, tier_reason=GONE))

    def _returns(self) -> None:
        """Take the name out of the returns of every village in which the person ever stood."""
        table, mine = ledger.monthly_return, self._subject
        stood = table.c.area.in_(villages_of(self._connection, self._cipher, mine))
        for row in self._connection.execute(select(table).where(table.c.content.is_not(None), stood)).mappings().all():
            content = msgspec.json.decode(opened(self._cipher, "monthly_return", row)["content"], type=ReturnContent)
            left = without_person(content, mine.person_id)
            if left != content:
                self._write(table, row, {"content": msgspec.json.encode(left).decode()})

    def _alerts(self) -> None:
        gone = msgspec.json.encode(GONE).decode()
        self._set("alert", lambda _row: {"outcome_note": ""})
        self._set("trace", lambda _row: {"text": gone, "suppression": None})
        self._set("attempt", lambda _row: {"to_blind": None, "detail": ""})

    def _gathered(self) -> None:
        def bare(row: Mapping[str, Any]) -> dict[str, Any]:
            told = msgspec.json.decode(row["detail"], type=dict[str, Any])
            return {"detail": msgspec.json.encode({"row": told["row"], "fate": told["fate"]}).decode()}

        self._set("gathered_row", bare)

    def forget_numbers(self) -> None:
        """Forget what is known of the person's numbers and their family's, but of those that others have too."""
        mine = self._subject.person_id
        blinds: set[bytes | None] = set()
        for name in ("person", "contact"):
            for row in self._connection.execute(select(table_of(name)).where(self._where[name])).mappings().all():
                phone = opened(self._cipher, name, row)["phone"]
                if not self._is_shared(phone, mine):
                    blinds.add(self._cipher.blind_phone(phone, table="number_state"))
        self._delete("number_state", table_of("number_state").c.phone_blind.in_(blinds - {None}))

    def _is_shared(self, phone: str, mine: str) -> bool:
        return any(
            self._connection.execute(
                select(table_of(name).c.id).where(
                    table_of(name).c.phone_blind == self._cipher.blind_phone(phone, table=name),
                    table_of(name).c[own] != mine,
                )
            ).first()
            is not None
            for name, own in (("person", "id"), ("contact", "person_id"))
        )

    def empty_gathered_rows(self, is_theirs: Callable[[str], bool]) -> None:
        """Empty rows of lists that belong to nobody yet and speak of the person: refused ones, with a slip in them."""
        table = register.gathered_row
        for row in self._connection.execute(select(table).where(table.c.person_id.is_(None))).mappings():
            told = opened(self._cipher, "gathered_row", row)["detail"]
            if is_theirs(told):
                fields = msgspec.json.decode(told, type=dict[str, Any])
                bare = msgspec.json.encode({"row": fields["row"], "fate": fields["fate"]}).decode()
                self._write(table, row, {"detail": bare})

    def _tombstones(self) -> list[tuple[str, str, str]]:
        """Empty what the chain vouches for; return table, place and hash of each, before it was emptied."""
        lines: list[tuple[str, str, str]] = []
        for name, (column, more) in _TOMBSTONED.items():
            table = table_of(name)
            for row in self._connection.execute(select(table).where(self._where[name])).mappings().all():
                if row[column]:
                    lines.append((name, place_of(name, row), hashlib.sha256(row[column]).hexdigest()))
                    self.emptied[name] += 1
                    if self._is_real:
                        self._connection.execute(update(table).where(*_same(table, row)).values({column: b""} | more))
        return lines

    def _vouch(self, lines: list[tuple[str, str, str]], actor: str, at_ms: int) -> None:
        chain = AuditRows(self._connection, self._cipher)
        number = chain.append(actor, ERASED, self._subject.person_id, "", at_ms, digest=digest_of(lines))
        if lines:
            kept = [{"table_name": t, "row_id": i, "sha256": s, "number": number} for t, i, s in lines]
            self._connection.execute(insert(erased_row), kept)

    def _set(self, name: str, values: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
        table = table_of(name)
        for row in self._connection.execute(select(table).where(self._where[name])).mappings().all():
            self._write(table, row, values(opened(self._cipher, name, row)))

    def _write(self, table: Table, row: Mapping[Any, Any], values: dict[str, Any]) -> None:
        self.emptied[table.name] += 1
        if not self._is_real:
            return
        known = SEALED_COLUMNS.get(table.name)
        sealed = dict(values)
        for column in known.columns if known else ():
            if values.get(column) is not None:
                place = place_of(table.name, row)
                sealed[column] = self._cipher.seal(values[column], table=table.name, column=column, row_id=place)
        self._connection.execute(update(table).where(*_same(table, row)).values(sealed))
        self._touch(table, row)

    def _remove(self, name: str, *more: ColumnElement[bool]) -> None:
        self._delete(name, self._where[name], *more)

    def _delete(self, name: str, *where: ColumnElement[bool]) -> None:
        table = table_of(name)
        self.emptied[name] += self._connection.scalar(select(func.count()).select_from(table).where(*where)) or 0
        if self._is_real:
            self._connection.execute(delete(table).where(*where))

    def _touch(self, table: Table, row: Mapping[Any, Any]) -> None:
        if table.name in SEALED_TABLES:
            self._seals.touch(table, [tuple(row[column.name] for column in table.primary_key.columns)])


def without_person(content: ReturnContent, person_id: PersonId) -> ReturnContent:
    """Return a return with every figure of it, and without one person's name and words."""
    return msgspec.structs.replace(
        content,
        records=tuple(
            msgspec.structs.replace(one, name="", reason="", needs="") if one.person_id == person_id else one
            for one in content.records
        ),
        previous=tuple(_month(one, person_id) for one in content.previous),
        interim=tuple(_month(one, person_id) for one in content.interim),
        follow_ups=tuple(_bare(one) if one.person_id == person_id else one for one in content.follow_ups),
        benefits=tuple(
            msgspec.structs.replace(one, note="") if one.person_id == person_id else one for one in content.benefits
        ),
        absent=tuple(
            msgspec.structs.replace(one, name="") if one.person_id == person_id else one for one in content.absent
        ),
    )


def _month(one: Any, person_id: PersonId) -> Any:  # noqa: ANN401 - a PersonMonth
    if one.due.person_id != person_id:
        return one
    return msgspec.structs.replace(one, name="", due=msgspec.structs.replace(one.due, tier_reason=GONE))


def _bare(one: FollowUp) -> FollowUp:
    steps = tuple(msgspec.structs.replace(step, text="") for step in one.steps)
    return msgspec.structs.replace(one, what="", referred_to="", outcome="", steps=steps)


def _follow_up(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": msgspec.json.encode(_bare(msgspec.json.decode(row["data"], type=FollowUp))).decode()}


def _changed(kind: type[msgspec.Struct], **fields: Any) -> Callable[[Mapping[str, Any]], dict[str, Any]]:  # noqa: ANN401
    def change(row: Mapping[str, Any]) -> dict[str, Any]:
        record = msgspec.json.decode(row["data"], type=kind)
        return {"data": msgspec.json.encode(msgspec.structs.replace(record, **fields)).decode()}

    return change


def _same(table: Table, row: Mapping[Any, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key.columns]
