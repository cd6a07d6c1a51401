"""Rows of privacy: who asked for an erasure and who confirmed it, legal holds; hands out what is kept of a person."""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, delete, func, insert, select, update

from core.errors import ConflictError
from core.ids import PersonId
from registry.gathering import Fate
from store.cipher import FieldCipher
from store.truth.erasing import Erasing
from store.truth.person_rows import Rows, Subject, places_of, rows_of, subject_of
from store.truth.privacy_tables import erasure, legal_hold
from store.truth.registry_tables import audit, gathered_row, gathering
from store.truth.sealed_columns import everything_opened, opened, place_of
from store.truth.seals import Seals
from store.truth.tables import metadata


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure that somebody asked for, and that somebody else began (`done_by`) and ended (`done_at_ms`).

    One that was begun has emptied the database; until it is ended, the files may still hold what was deleted.
    """

    person_id: PersonId
    asked_by: str
    asked_at_ms: int
    reason: str
    done_by: str = ""
    done_at_ms: int | None = None

    @property
    def is_begun(self) -> bool:
        """Return whether the person is erased from the database."""
        return bool(self.done_by)


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """What forbids somebody's erasure: a dispute, an investigation."""

    person_id: PersonId
    by: str
    at_ms: int
    reason: str


class PrivacyRows:
    """Erasures and holds, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher, seals: Seals) -> None:
        self._connection = connection
        self._cipher = cipher
        self._seals = seals

    def subject(self, person_id: PersonId) -> Subject | None:
        """Return a person with what hangs on them, or None."""
        return subject_of(self._connection, person_id)

    def rows_of(self, subject: Subject) -> Rows:
        """Return everything that is kept of a person, in clear, by table."""
        return rows_of(self._connection, self._cipher, subject)

    def places(self, subject: Subject) -> set[tuple[str, str]]:
        """Return the table and place of every sealed row that an erasure of the person reaches."""
        return places_of(self._connection, subject)

    def erasing(self, subject: Subject, *, is_real: bool = True) -> Erasing:
        """Return the erasure of a person, to be carried out in this transaction; not real, counted in this view."""
        return Erasing(self._connection, self._cipher, self._seals, subject, is_real=is_real)

    def everything_opened(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield every sealed value: table, place, column, text."""
        return everything_opened(self._connection, self._cipher)

    def key_changes(self) -> int:
        """Return how often the key was changed, by the chain."""
        where = audit.c.action == "keys.rotated"
        return int(self._connection.scalar(select(func.count()).select_from(audit).where(where)) or 0)

    def table_counts(self) -> dict[str, int]:
        """Return how many rows each table has."""
        return {
            name: int(self._connection.scalar(select(func.count()).select_from(table)) or 0)
            for name, table in sorted(metadata.tables.items())
        }

    def refused_rows(self, before_ms: int) -> dict[str, int]:
        """Return the lists taken before an instant, with how many refused rows still say what they said."""
        counts: dict[str, int] = {}
        for row in self._connection.execute(_refused().where(gathering.c.at_ms < before_ms)).mappings():
            if _says_something(opened(self._cipher, "gathered_row", row)["detail"]):
                counts[row["gathering_id"]] = counts.get(row["gathering_id"], 0) + 1
        return counts

    def empty_refused(self, gathering_id: str) -> int:
        """Empty a list's refused rows; return how many said something. Their number and fate stay."""
        emptied = 0
        query = _refused().where(gathered_row.c.gathering_id == gathering_id)
        for row in self._connection.execute(query).mappings().all():
            if _says_something(opened(self._cipher, "gathered_row", row)["detail"]):
                bare = msgspec.json.encode({"row": row["row"], "fate": row["fate"]}).decode()
                place = place_of("gathered_row", row)
                sealed = self._cipher.seal(bare, table="gathered_row", column="detail", row_id=place)
                same = (gathered_row.c.gathering_id == gathering_id, gathered_row.c.row == row["row"])
                self._connection.execute(update(gathered_row).where(*same).values(detail=sealed))
                emptied += 1
        return emptied

    def ask(self, wanted: Erasure) -> None:
        """Keep what somebody asked for; ConflictError when the person is erased already."""
        known = self.erasure_of(wanted.person_id)
        if known is not None and known.is_begun:
            raise ConflictError(f"{wanted.person_id} 已删除 / is erased already")
        self._connection.execute(delete(erasure).where(erasure.c.person_id == wanted.person_id))
        self._connection.execute(insert(erasure).values(self._sealed(wanted, "erasure")))
        self._seals.touch(erasure, [wanted.person_id])

    def withdraw(self, person_id: PersonId) -> bool:
        """Forget an erasure that was not begun; return whether there was one."""
        where = (erasure.c.person_id == person_id, erasure.c.done_by == "")
        if self._connection.execute(delete(erasure).where(*where)).rowcount != 1:
            return False
        self._seals.touch(erasure, [person_id])
        return True

    def begun(self, person_id: PersonId, by: str, sought: str) -> None:
        """Note that the database is emptied, with what is still to be sought in the files, in the reason's place."""
        sealed = self._cipher.seal(sought, table="erasure", column="reason", row_id=person_id)
        values = {"done_by": by, "done_at_ms": None, "reason": sealed}
        self._connection.execute(update(erasure).where(erasure.c.person_id == person_id).values(values))
        self._seals.touch(erasure, [person_id])

    def sought(self, person_id: PersonId) -> str | None:
        """Return what an erasure that was begun and not ended has still to seek in the files; None: there is none."""
        where = (erasure.c.person_id == person_id, erasure.c.done_by != "", erasure.c.done_at_ms.is_(None))
        sealed = self._connection.scalar(select(erasure.c.reason).where(*where))
        return None if sealed is None else self._opened(sealed, "erasure", person_id)

    def done(self, person_id: PersonId, at_ms: int) -> None:
        """Note that an erasure that was begun is ended; what was sought goes as its reason went."""
        empty = self._cipher.seal("", table="erasure", column="reason", row_id=person_id)
        values = {"done_at_ms": at_ms, "reason": empty}
        self._connection.execute(update(erasure).where(erasure.c.person_id == person_id).values(values))
        self._seals.touch(erasure, [person_id])

    def erasure_of(self, person_id: PersonId) -> Erasure | None:
        """Return a person's erasure, asked for or carried out, or None."""
        return next((one for one in self.erasures() if one.person_id == person_id), None)

    def erasures(self) -> list[Erasure]:
        """Return every erasure that was asked for, the oldest first; of one that was begun without a reason."""
        query = select(erasure).order_by(erasure.c.asked_at_ms, erasure.c.person_id)
        found = ({str(k): v for k, v in row.items()} for row in self._connection.execute(query).mappings())
        return [
            msgspec.convert(row | {"reason": "" if row["done_by"] else self._reason_of(row)}, Erasure) for row in found
        ]

    def hold(self, wanted: Hold) -> None:
        """Forbid a person's erasure until the hold is lifted."""
        self._connection.execute(delete(legal_hold).where(legal_hold.c.person_id == wanted.person_id))
        self._connection.execute(insert(legal_hold).values(self._sealed(wanted, "legal_hold")))
        self._seals.touch(legal_hold, [wanted.person_id])

    def lift(self, person_id: PersonId) -> bool:
        """Lift a hold; return whether there was one."""
        if self._connection.execute(delete(legal_hold).where(legal_hold.c.person_id == person_id)).rowcount != 1:
            return False
        self._seals.touch(legal_hold, [person_id])
        return True

    def holds(self) -> dict[PersonId, Hold]:
        """Return what is held, by person."""
        found = ({str(k): v for k, v in row.items()} for row in self._connection.execute(select(legal_hold)).mappings())
        return {
            PersonId(row["person_id"]): msgspec.convert(
                row | {"reason": self._opened(row["reason"], "legal_hold", row["person_id"])}, Hold
            )
            for row in found
        }

    def _sealed(self, record: Erasure | Hold, table: str) -> dict[str, Any]:
        reason = self._cipher.seal(record.reason, table=table, column="reason", row_id=record.person_id)
        return msgspec.structs.asdict(record) | {"reason": reason}

    def _reason_of(self, row: dict[str, Any]) -> str:
        return self._opened(row["reason"], "erasure", row["person_id"])

    def _opened(self, sealed: bytes, table: str, person_id: str) -> str:
        return self._cipher.open(sealed, table=table, column="reason", row_id=person_id)


def _refused() -> Select[Any]:
    """Select refused rows of lists: they never became anybody's record."""
    joined = gathered_row.join(gathering, gathering.c.id == gathered_row.c.gathering_id)
    return select(gathered_row).select_from(joined).where(gathered_row.c.fate == Fate.REFUSED.value)


def _says_something(detail: str) -> bool:
    return bool(msgspec.json.decode(detail, type=dict[str, Any]).get("values"))
