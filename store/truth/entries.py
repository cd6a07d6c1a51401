"""Rows of ledger entries with every version, of areas, children's contacts and half-yearly snapshots; sealed."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, true, update

from core.errors import ConflictError
from core.ids import PersonId
from registry.areas import Area, AreaTree
from registry.entries import Entry, Filed
from registry.refresh import ChildChannel, ChildContact
from store.cipher import FieldCipher
from store.truth import registry_tables as tables
from store.truth.areas import below
from store.truth.privacy_tables import erased_row
from store.truth.seals import Seals
from store.truth.tables import person

_ENTRY = msgspec.json.Decoder(Entry)
_FILED = msgspec.json.Decoder(Filed)


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an entry: who changed it, when, why, and the record whole as it stood since."""

    person_id: str
    version: int
    at_ms: int
    actor: str
    action: str
    why: str
    marks: tuple[str, ...]
    filed: Filed
    sha256: str


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger as it stood at a half-year's end: which version of whom, under one hash."""

    day: date
    taken_at_ms: int
    taken_by: str
    people: int
    sha256: str
    audit_head: str


class EntryRows:
    """Entries and what belongs to them, bound to one transaction; the person's own record is PeopleRows'."""

    def __init__(self, connection: Connection, cipher: FieldCipher, seals: Seals) -> None:
        self._connection = connection
        self._cipher = cipher
        self._seals = seals

    def get(self, person_id: PersonId) -> Entry:
        """Return the entry; one that was never filed is empty, version 0."""
        row = self._connection.execute(select(tables.entry).where(tables.entry.c.person_id == person_id)).first()
        return Entry(person_id=person_id) if row is None else self._entry(row)

    def all(self, area: str = "") -> dict[PersonId, Entry]:
        """Return every filed entry of an area by person; nobody else's is opened."""
        query = select(tables.entry).where(_lives_in(tables.entry.c.person_id, area))
        return {PersonId(row.person_id): self._entry(row) for row in self._connection.execute(query)}

    def put(self, filed: Filed, actor: str, action: str, why: str, at_ms: int, *, marks: Sequence[str] = ()) -> Version:
        """Keep the next version of an entry; raises ConflictError when it is not the next.

        The caller has put the person's own record, and appends the audit row with the version's sha256.
        """
        entry = filed.entry
        held = self._connection.scalar(
            select(tables.entry.c.version).where(tables.entry.c.person_id == entry.person_id)
        )
        if entry.version != (held or 0) + 1:
            raise ConflictError(f"version {entry.version} of entry {entry.person_id} does not follow {held or 0}")
        self._put_entry(entry, is_new=held is None)
        version = Version(
            person_id=entry.person_id,
            version=entry.version,
            at_ms=at_ms,
            actor=actor,
            action=action,
            why=why,
            marks=tuple(marks),
            filed=filed,
            sha256="",
        )
        return self._put_version(version)

    def add_all(self, versions: Sequence[Version]) -> list[Version]:
        """Keep the first versions of people who have none, all in two statements; return them with their hashes."""
        rows = [self._version_row(one) for one in versions]
        if rows:
            self._connection.execute(insert(tables.entry), [self._entry_row(one.filed.entry) for one in versions])
            self._connection.execute(insert(tables.entry_version), rows)
            self._seals.touch(tables.entry, [one.person_id for one in versions])
        pairs = zip(versions, rows, strict=True)
        return [msgspec.structs.replace(one, sha256=row["sha256"]) for one, row in pairs]

    def versions(self, person_id: PersonId) -> list[Version]:
        """Return every version, the oldest first."""
        table = tables.entry_version
        query = select(table).where(table.c.person_id == person_id, table.c.data != b"").order_by(table.c.version)
        return [self._version(row) for row in self._connection.execute(query)]  # none of an erased person

    def areas(self) -> AreaTree:
        """Return the tree of areas."""
        return AreaTree(Area(row.path, row.name) for row in self._connection.execute(select(tables.area)))

    def put_areas(self, tree: AreaTree) -> None:
        """Let exactly these areas be known."""
        self._connection.execute(delete(tables.area))
        for one in tree.areas.values():
            self._connection.execute(insert(tables.area).values(path=one.path, name=one.name))

    def add_child_contact(self, contact: ChildContact) -> None:
        """Write down that a child was in touch."""
        row = {
            "id": contact.id,
            "person_id": contact.person_id,
            "local_date": contact.on.isoformat(),
            "channel": contact.channel.value,
            "note": self._cipher.seal(contact.note, table="child_contact", column="note", row_id=contact.id),
            "recorded_by": contact.recorded_by,
            "recorded_at_ms": contact.recorded_at_ms,
        }
        self._connection.execute(insert(tables.child_contact).values(row))

    def child_contacts(self, person_id: PersonId | None = None, area: str = "") -> list[ChildContact]:
        """Return when children were in touch with one person or with all of an area, the latest first."""
        table = tables.child_contact
        query = select(table).where(_lives_in(table.c.person_id, area)).order_by(table.c.local_date.desc(), table.c.id)
        if person_id is not None:
            query = query.where(table.c.person_id == person_id)
        return [self._child_contact(row) for row in self._connection.execute(query)]

    def take_snapshot(self, day: date, end_ms: int, taken_by: str, *, at_ms: int, audit_head: str) -> Snapshot | None:
        """Keep which version of everybody stood when a day ended (`end_ms`); None when nobody had one by then.

        However late it is taken, it tells of that moment. Raises ConflictError when that day's is there: none changes.
        """
        if self._connection.scalar(select(tables.snapshot.c.day).where(tables.snapshot.c.day == day.isoformat())):
            raise ConflictError(f"the snapshot of {day} was taken already")
        table = tables.entry_version
        latest = select(table.c.person_id, func.max(table.c.version).label("version")).where(table.c.at_ms < end_ms)
        newest = latest.group_by(table.c.person_id).subquery()
        is_newest = (table.c.person_id == newest.c.person_id) & (table.c.version == newest.c.version)
        query = select(table.c.person_id, table.c.version, table.c.sha256).join(newest, is_newest)
        rows = [tuple(row) for row in self._connection.execute(query.order_by(table.c.person_id))]
        if not rows:
            return None
        snapshot = Snapshot(
            day=day,
            taken_at_ms=at_ms,
            taken_by=taken_by,
            people=len(rows),
            sha256=hashlib.sha256(msgspec.json.encode([day.isoformat(), rows])).hexdigest(),
            audit_head=audit_head,
        )
        self._connection.execute(
            insert(tables.snapshot).values(msgspec.structs.asdict(snapshot) | {"day": day.isoformat()})
        )
        for person_id, version, sha256 in rows:
            row = {"day": day.isoformat(), "person_id": person_id, "version": version, "sha256": sha256}
            self._connection.execute(insert(tables.snapshot_row).values(row))
        return snapshot

    def snapshots(self) -> list[Snapshot]:
        """Return the snapshots, the latest first."""
        query = select(tables.snapshot).order_by(tables.snapshot.c.day.desc())
        return [
            msgspec.convert({str(name): value for name, value in row.items()}, Snapshot)
            for row in self._connection.execute(query).mappings()
        ]

    def is_snapshot_whole(self, day: date) -> bool:
        """Return whether a snapshot's rows still give its hash, and the versions that they name are unchanged."""
        kept, table = tables.snapshot, tables.snapshot_row
        text = day.isoformat()
        sha256 = self._connection.scalar(select(kept.c.sha256).where(kept.c.day == text))
        query = select(table).where(table.c.day == text).order_by(table.c.person_id)
        rows = [(row.person_id, row.version, row.sha256) for row in self._connection.execute(query)]
        if hashlib.sha256(msgspec.json.encode([text, rows])).hexdigest() != sha256:
            return False
        return all(self._is_kept(person_id, version, digest) for person_id, version, digest in rows)

    def _is_kept(self, person_id: str, version: int, digest: str) -> bool:
        table = tables.entry_version
        query = select(table.c.data).where(table.c.person_id == person_id, table.c.version == version)
        data = self._connection.scalar(query)
        if data == b"":  # erased: the chain vouches for the hash of what rested there
            place = (erased_row.c.table_name == "entry_version") & (erased_row.c.row_id == f"{person_id}:{version}")
            return self._connection.scalar(select(erased_row.c.sha256).where(place)) == digest
        return data is not None and hashlib.sha256(data).hexdigest() == digest

    def _put_entry(self, entry: Entry, *, is_new: bool) -> None:
        table = tables.entry
        statement = insert(table) if is_new else update(table).where(table.c.person_id == entry.person_id)
        self._connection.execute(statement.values(self._entry_row(entry)))
        self._seals.touch(table, [entry.person_id])

    def _entry_row(self, entry: Entry) -> dict[str, Any]:
        return {
            "person_id": entry.person_id,
            "version": entry.version,
            "verified_on": None if entry.verified_on is None else entry.verified_on.isoformat(),
            "data": self._seal("entry", "data", entry.person_id, msgspec.json.encode(entry).decode()),
        }

    def _put_version(self, version: Version) -> Version:
        row = self._version_row(version)
        self._connection.execute(insert(tables.entry_version).values(row))
        return msgspec.structs.replace(version, sha256=row["sha256"])

    def _version_row(self, version: Version) -> dict[str, Any]:
        place = f"{version.person_id}:{version.version}"
        data = self._seal("entry_version", "data", place, msgspec.json.encode(version.filed).decode())
        return {
            "person_id": version.person_id,
            "version": version.version,
            "at_ms": version.at_ms,
            "actor": version.actor,
            "action": version.action,
            "why": self._seal("entry_version", "why", place, version.why),
            "marks": ",".join(version.marks),
            "data": data,
            "sha256": hashlib.sha256(data).hexdigest(),
        }

    def _entry(self, row: Row[Any]) -> Entry:
        return _ENTRY.decode(self._open("entry", "data", row.person_id, row.data))

    def _version(self, row: Row[Any]) -> Version:
        place = f"{row.person_id}:{row.version}"
        return Version(
            person_id=row.person_id,
            version=row.version,
            at_ms=row.at_ms,
            actor=row.actor,
            action=row.action,
            why=self._open("entry_version", "why", place, row.why),
            marks=tuple(row.marks.split(",")) if row.marks else (),
            filed=_FILED.decode(self._open("entry_version", "data", place, row.data)),
            sha256=row.sha256,
        )

    def _child_contact(self, row: Row[Any]) -> ChildContact:
        return ChildContact(
            id=row.id,
            person_id=row.person_id,
            on=date.fromisoformat(row.local_date),
            channel=ChildChannel(row.channel),
            note=self._open("child_contact", "note", row.id, row.note),
            recorded_by=row.recorded_by,
            recorded_at_ms=row.recorded_at_ms,
        )

    def _seal(self, table: str, column: str, row_id: str, text: str) -> bytes:
        return self._cipher.seal(text, table=table, column=column, row_id=row_id)

    def _open(self, table: str, column: str, row_id: str, sealed: bytes) -> str:
        return self._cipher.open(sealed, table=table, column=column, row_id=row_id)


def _lives_in(person_id: ColumnElement[Any], area: str) -> ColumnElement[bool]:
    return person_id.in_(select(person.c.id).where(below(person.c.area, area))) if area else true()
