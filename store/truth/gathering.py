"""Rows of gathered lists: each row's fate, conflicts that wait for a person, what is to be verified; sealed."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from core.errors import ConflictError, NotFoundError
from core.ids import PersonId
from registry.gathering import Fate, Source
from registry.matching import Difference, Judged, OpenConflict
from store.cipher import FieldCipher
from store.truth import registry_tables as tables

_JUDGED = msgspec.json.Decoder(Judged)
_WORDS = msgspec.json.Decoder(dict[str, str])
_COUNTS = msgspec.json.Decoder(dict[Fate, int])


class Gathering(msgspec.Struct, frozen=True, kw_only=True):
    """One list that was taken in."""

    id: str
    source: Source
    file_sha256: str
    at_ms: int
    actor: str
    mapping: dict[str, str]
    counts: dict[Fate, int]


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """A person whom a list named and whom somebody has to see at home; outcome "": not yet."""

    person_id: str
    gathering_id: str
    area: str
    household: str
    opened_at_ms: int
    outcome: str = ""
    done_by: str = ""
    done_at_ms: int | None = None


class GatheringRows:
    """Gathered lists, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    def put(self, gathering: Gathering, rows: Sequence[Judged]) -> None:
        """Keep a list with the fate of each row and its conflicts."""
        row = msgspec.structs.asdict(gathering) | {
            "source": gathering.source.value,
            "mapping": msgspec.json.encode(gathering.mapping).decode(),
            "counts": msgspec.json.encode(gathering.counts).decode(),
        }
        self._connection.execute(insert(tables.gathering).values(row))
        if rows:
            self._connection.execute(insert(tables.gathered_row), [self._row(gathering.id, one) for one in rows])
        for one in rows:
            for difference in one.differences:
                self._put_conflict(gathering.id, one, difference)

    def get(self, gathering_id: str) -> Gathering:
        """Return a list; raises NotFoundError."""
        found = self._gatherings(tables.gathering.c.id == gathering_id)
        if not found:
            raise NotFoundError(f"没有此名单 {gathering_id} / no gathering {gathering_id}")
        return found[0]

    def latest(self, limit: int = 100) -> list[Gathering]:
        """Return lists, the latest first."""
        return self._gatherings()[:limit]

    def rows(self, gathering_id: str) -> list[Judged]:
        """Return the fate of every row of a list."""
        table = tables.gathered_row
        query = select(table).where(table.c.gathering_id == gathering_id).order_by(table.c.row)
        return [
            _JUDGED.decode(self._open("gathered_row", "detail", f"{gathering_id}:{row.row}", row.detail))
            for row in self._connection.execute(query)
        ]

    def conflicts(self, person_id: PersonId | None = None) -> list[OpenConflict]:
        """Return what nobody has decided, of one person or of all."""
        table, lists = tables.conflict, tables.gathering
        query = select(table, lists.c.source).join(lists, lists.c.id == table.c.gathering_id)
        query = query.where(table.c.decided == "").order_by(table.c.person_id, table.c.field, table.c.id)
        if person_id is not None:
            query = query.where(table.c.person_id == person_id)
        return [self._conflict(row) for row in self._connection.execute(query)]

    def decide(self, conflict_id: str, decided: str, by: str, at_ms: int) -> OpenConflict:
        """Write down what was decided, "kept" or "offered"; NotFoundError, or ConflictError when somebody was first."""
        table, lists = tables.conflict, tables.gathering
        query = select(table, lists.c.source).join(lists, lists.c.id == table.c.gathering_id)
        row = self._connection.execute(query.where(table.c.id == conflict_id)).first()
        if row is None:
            raise NotFoundError(f"没有此矛盾项 {conflict_id} / no conflict {conflict_id}")
        if row.decided:
            raise ConflictError(f"{row.decided_by} has decided it already")
        changed = {"decided": decided, "decided_by": by, "decided_at_ms": at_ms}
        self._connection.execute(update(table).where(table.c.id == conflict_id).values(changed))
        return self._conflict(row)

    def open_verifications(self, wanted: Sequence[Verification]) -> None:
        """Ask for people to be seen at home."""
        rows: list[dict[str, Any]] = []
        for one in wanted:
            place = f"{one.person_id}:{one.gathering_id}"
            note = self._cipher.seal("", table="verification", column="note", row_id=place)
            rows.append(msgspec.structs.asdict(one) | {"note": note})
        if rows:
            self._connection.execute(insert(tables.verification), rows)

    def verifications(self) -> list[Verification]:
        """Return everybody whom lists named, done or not."""
        table = tables.verification
        query = select(table).order_by(table.c.area, table.c.household, table.c.person_id, table.c.gathering_id)
        names = Verification.__struct_fields__
        return [Verification(**{name: getattr(row, name) for name in names}) for row in self._connection.execute(query)]

    def close_verifications(self, person_id: PersonId, outcome: str, note: str, *, by: str, at_ms: int) -> int:
        """Write down how it went, for every list that named the person; return how many had been open."""
        table = tables.verification
        is_open = (table.c.person_id == person_id) & (table.c.outcome == "")
        waiting = self._connection.execute(select(table.c.gathering_id).where(is_open)).all()
        for row in waiting:
            place = f"{person_id}:{row.gathering_id}"
            sealed = self._cipher.seal(note, table="verification", column="note", row_id=place)
            done = {"outcome": outcome, "done_by": by, "done_at_ms": at_ms, "note": sealed}
            where = is_open & (table.c.gathering_id == row.gathering_id)
            self._connection.execute(update(table).where(where).values(done))
        return len(waiting)

    def _row(self, gathering_id: str, one: Judged) -> dict[str, Any]:
        text = msgspec.json.encode(one).decode()
        place = f"{gathering_id}:{one.row}"
        return {
            "gathering_id": gathering_id,
            "row": one.row,
            "fate": one.fate.value,
            "person_id": one.person_id or None,
            "detail": self._cipher.seal(text, table="gathered_row", column="detail", row_id=place),
        }

    def _put_conflict(self, gathering_id: str, one: Judged, difference: Difference) -> None:
        conflict_id = f"{gathering_id}.{one.row}.{difference.field}"
        row = {
            "id": conflict_id,
            "gathering_id": gathering_id,
            "row": one.row,
            "person_id": one.person_id,
            "field": difference.field,
            "kept": self._cipher.seal(difference.kept, table="conflict", column="kept", row_id=conflict_id),
            "offered": self._cipher.seal(difference.offered, table="conflict", column="offered", row_id=conflict_id),
            "decided": "",
            "decided_by": "",
        }
        self._connection.execute(insert(tables.conflict).values(row))

    def _gatherings(self, *where: Any) -> list[Gathering]:  # noqa: ANN401 - a clause
        table = tables.gathering
        query = select(table).where(*where).order_by(table.c.at_ms.desc(), table.c.id)
        return [
            Gathering(
                id=row.id,
                source=Source(row.source),
                file_sha256=row.file_sha256,
                at_ms=row.at_ms,
                actor=row.actor,
                mapping=_WORDS.decode(row.mapping),
                counts=_COUNTS.decode(row.counts),
            )
            for row in self._connection.execute(query)
        ]

    def _conflict(self, row: Row[Any]) -> OpenConflict:
        return OpenConflict(
            id=row.id,
            gathering_id=row.gathering_id,
            row=row.row,
            person_id=row.person_id,
            difference=Difference(
                field=row.field,
                kept=self._open("conflict", "kept", row.id, row.kept),
                offered=self._open("conflict", "offered", row.id, row.offered),
            ),
            source=Source(row.source),
        )

    def _open(self, table: str, column: str, row_id: str, sealed: bytes) -> str:
        return self._cipher.open(sealed, table=table, column=column, row_id=row_id)
