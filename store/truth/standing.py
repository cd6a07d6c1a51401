"""Rows of standing facts and special periods; facts are added and never changed."""

from collections.abc import Collection, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, delete, insert, select

from core.ids import PersonId
from registry.standing_facts import StandingFact, check_fact
from store.cipher import FieldCipher
from store.truth import ledger_tables
from store.truth.sealed import SealedRows
from store.truth.seals import Seals
from visits.special import SpecialPeriod, check_period

_facts = ledger_tables.standing_fact
_periods = ledger_tables.special_period
_PERIOD = msgspec.json.Decoder(SpecialPeriod)

PERSONS_AT_ONCE = 500
"""Bound variables of one statement; SQLite takes some 32,000."""


class StandingRows:
    """Dated facts of people, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher, seals: Seals) -> None:
        self._connection = connection
        self._seals = seals
        self._rows = SealedRows(connection, cipher, seals, _facts, StandingFact)

    def add(self, fact: StandingFact) -> None:
        """Write a fact; raises ConflictError for one that cannot be, or is there already."""
        check_fact(fact, self.of(fact.person_id))
        self._rows.add(fact.id, fact, person_id=fact.person_id)

    def add_all(self, facts: Sequence[StandingFact]) -> None:
        """Write many facts that are known to be possible: for a made-up township."""
        if facts:
            rows = [{"id": f.id, "person_id": f.person_id, "data": self._rows.sealed(f.id, f)} for f in facts]
            self._connection.execute(insert(_facts), rows)
            self._seals.touch(_facts, [fact.id for fact in facts])

    def of(self, person_id: PersonId) -> list[StandingFact]:
        """Return a person's facts."""
        return self._rows.list(_facts.c.person_id == person_id)

    def of_people(self, persons: Collection[PersonId]) -> list[StandingFact]:
        """Return the facts of some people."""
        ids, found = sorted(persons), list[StandingFact]()
        for start in range(0, len(ids), PERSONS_AT_ONCE):
            found.extend(self._rows.list(_facts.c.person_id.in_(ids[start : start + PERSONS_AT_ONCE])))
        return found

    def all(self) -> list[StandingFact]:
        """Return everybody's facts."""
        return self._rows.list()


class SpecialRows:
    """Special periods that somebody entered or a warning opened; festivals are reckoned, not kept."""

    def __init__(self, connection: Connection, seals: Seals) -> None:
        self._connection = connection
        self._seals = seals

    def put(self, period: SpecialPeriod) -> bool:
        """Write or replace a period; return whether anything changed. Raises ConflictError for days that are none."""
        check_period(period)
        if self.get(period.id) == period:
            return False
        self._connection.execute(delete(_periods).where(_periods.c.id == period.id))
        self._connection.execute(
            insert(_periods).values(
                id=period.id,
                from_date=period.from_date.isoformat(),
                until_date=period.until_date.isoformat(),
                data=msgspec.json.encode(period).decode(),
            )
        )
        self._seals.touch(_periods, [period.id])
        return True

    def get(self, period_id: str) -> SpecialPeriod | None:
        """Return a period, or None."""
        data = self._connection.scalar(select(_periods.c.data).where(_periods.c.id == period_id))
        return None if data is None else _PERIOD.decode(data)

    def touching(self, from_date: date, until_date: date) -> list[SpecialPeriod]:
        """Return the periods that touch some days, first first."""
        where = (_periods.c.from_date <= until_date.isoformat(), _periods.c.until_date >= from_date.isoformat())
        query = select(_periods.c.data).where(*where).order_by(_periods.c.from_date, _periods.c.id)
        return [_PERIOD.decode(row.data) for row in self._connection.execute(query)]
