"""Rows of follow-ups and of benefits that somebody may be entitled to; each change is the next version."""

from sqlalchemy import Connection

from core.ids import PersonId
from store.cipher import FieldCipher
from store.truth import ledger_tables
from store.truth.areas import lives_below
from store.truth.sealed import SealedRows
from store.truth.seals import Seals
from visits.eligibility import STILL_OPEN, Eligibility
from visits.follow_ups import FollowUp, FollowUpId

_follow_ups = ledger_tables.follow_up
_eligible = ledger_tables.eligibility


class FollowUpRows:
    """Follow-ups, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher, seals: Seals) -> None:
        self._rows = SealedRows(connection, cipher, seals, _follow_ups, FollowUp)

    def put(self, row: FollowUp) -> None:
        """Write version 1 or the next version; raises ConflictError for any other."""
        self._rows.put(
            row.id,
            row,
            row.version,
            person_id=row.person_id,
            area=row.area,
            is_open=row.is_open,
            due_on=row.due_on.isoformat(),
        )

    def open_unless_known(self, row: FollowUp) -> bool:
        """Write a new follow-up unless its source has opened it before; return whether it was written."""
        if self.get(row.id) is not None:
            return False
        self.put(row)
        return True

    def get(self, follow_up_id: FollowUpId) -> FollowUp | None:
        """Return it, or None."""
        return self._rows.get(follow_up_id)

    def open_in(self, area: str) -> list[FollowUp]:
        """Return the open ones of whoever lives in an area, the one due first first."""
        where = (_follow_ups.c.is_open.is_(True), lives_below(_follow_ups, area))
        return self._rows.list(*where, order=(_follow_ups.c.due_on,))

    def of(self, person_id: PersonId) -> list[FollowUp]:
        """Return a person's, open and closed."""
        return self._rows.list(_follow_ups.c.person_id == person_id, order=(_follow_ups.c.due_on,))


class EligibilityRows:
    """Benefits, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher, seals: Seals) -> None:
        self._rows = SealedRows(connection, cipher, seals, _eligible, Eligibility)

    def put(self, row: Eligibility) -> None:
        """Write version 1 or the next version; raises ConflictError for any other."""
        plain = {"person_id": row.person_id, "area": row.area, "is_open": row.state in STILL_OPEN}
        self._rows.put(row.id, row, row.version, **plain)

    def get(self, eligibility_id: str) -> Eligibility | None:
        """Return it, or None."""
        return self._rows.get(eligibility_id)

    def open_in(self, area: str) -> list[Eligibility]:
        """Return what is still under way for whoever lives in an area."""
        return self._rows.list(_eligible.c.is_open.is_(True), lives_below(_eligible, area))
