"""Fits api.ledger_port.Ledger: the ledger's questions and deeds, each on a thread that may wait for the database."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from api.ledger_conversion import (
    entry_of,
    fact_of,
    form_of,
    record_view,
    standing_view,
)
from api.ledger_forms import (
    CorrectionIn,
    EntryIn,
    FactIn,
    FilledIn,
    MergeIn,
)
from api.ledger_views import (
    BoardView,
    FoundPersonView,
    RecordView,
    StandingView,
)
from api.views import PersonBrief
from app.ledger_board import board_view, briefs_of, villages_of
from app.ledger_book import existing_person, existing_visit
from app.ledger_due import area_on, standing_on
from app.ledger_matters import MattersConsole
from app.people_search import found_people
from core.errors import ForbiddenError, NotFoundError
from core.ids import ContactId, PersonId, VisitId
from registry.access import Deed, may
from registry.people import Person
from store.truth.database import Unit
from visits.due_board import Risk, village_of
from visits.monitoring import MonitoredDay, monitored_month
from visits.windows import month_of

FOUR_WEEKS = timedelta(days=27)
"""The raster of a home has 28 days: a month is read in two."""

MANY = 500
"""Unsigned records that one page lists: more than a village makes in a month."""


class LedgerConsole(MattersConsole):
    """The ledger behind the API."""

    async def board(self, month: date, area: str, worker: str, *, account: str, risk: Risk | None = None) -> BoardView:
        """Return the due board."""
        seen = await self._reach(account, Deed.SEE, area)
        return await self._view(lambda unit: board_view(unit, self._book, month, seen[0], worker, risk=risk))

    async def villages(self, account: str) -> Sequence[tuple[str, int]]:
        """Return every village with its people; of who has single grids, those: each is a board of its own."""
        seen = await self._reach(account, Deed.SEE)
        grids = [area for area in seen if area != village_of(area)]
        wide = [area for area in seen if area not in grids]
        return await self._view(
            lambda unit: [
                *villages_of(unit, wide),
                *((area, sum(count for _, count in unit.people.villages(area))) for area in grids),
            ]
        )

    async def record(self, entry: EntryIn, account: str) -> RecordView:
        """Write a visit down."""
        by = f"account:{account}"

        def work() -> RecordView:
            self._door.check_person(account, Deed.CHANGE, entry.person_id)
            with self._book.truth.view() as unit:
                visitor, is_registered = _visitor(unit, entry, by)
            given = entry_of(entry, visitor=visitor, is_registered=is_registered, recorder=by, zone=self._book.zone)
            return self._read(self._book.record(given, by).id, account)

        return await self._run(work)

    async def find_people(self, text: str, account: str) -> Sequence[FoundPersonView]:
        """Return whom a text names, within the account's areas."""
        seen = await self._reach(account, Deed.SEE)
        return await self._view(lambda unit: found_people(unit, text, seen, self._book.today()))

    async def read(self, visit_id: str, account: str) -> RecordView:
        """Return one record."""
        await self._allow_visit(account, Deed.SEE, visit_id)
        return await self._run(lambda: self._read(VisitId(visit_id), account))

    async def unsigned(self, area: str, account: str) -> Sequence[RecordView]:
        """Return what waits for a signature."""
        seen = await self._reach(account, Deed.SEE, area)

        def work(unit: Unit) -> list[RecordView]:
            found = [visit for place in seen for visit in unit.visits.awaiting_signature(place, MANY)]
            found = sorted(found, key=lambda visit: (visit.started_at_ms, visit.id))[:MANY]
            return [record_view(one, unit.people.person(one.person_id), self._book.policy) for one in found]

        return await self._view(work)

    async def fill(self, visit_id: str, form: FilledIn, account: str) -> RecordView:
        """Fill a draft's form."""
        by = f"account:{account}"

        def work() -> RecordView:
            self._door.check_visit(account, Deed.CHANGE, visit_id)
            with self._book.truth.view() as unit:
                visit = existing_visit(unit, VisitId(visit_id))
            visitor = visit.visitor if visit.visitor.startswith("contact:") else by
            filled = form_of(form, visitor=visitor, recorder=by, on=visit.local_date)
            self._book.fill(visit.id, filled, by, version=form.version, note=form.note.strip() or visit.note)
            return self._read(visit.id, account)

        return await self._run(work)

    async def sign(self, visit_id: str, version: int, account: str) -> RecordView:
        """Sign a record."""
        await self._allow_visit(account, Deed.CHANGE, visit_id)
        return await self._run(
            lambda: self._read(self._book.sign(VisitId(visit_id), f"account:{account}", version=version).id, account)
        )

    async def correct(self, visit_id: str, correction: CorrectionIn, account: str) -> RecordView:
        """Write a signed record's next version."""
        by = f"account:{account}"

        def work() -> RecordView:
            self._door.check_visit(account, Deed.CHANGE, visit_id)
            with self._book.truth.view() as unit:
                old = existing_visit(unit, VisitId(visit_id))
                if correction.person_id != old.person_id:  # a contact of somebody else is no visitor here
                    raise ForbiddenError(
                        "更正须针对记录所属的本人 / a record is corrected as of the person it is about"
                    )
                visitor, is_registered = (
                    _visitor(unit, correction, by) if correction.visitor else (old.visitor, old.is_registered_visitor)
                )
            given = entry_of(
                correction, visitor=visitor, is_registered=is_registered, recorder=by, zone=self._book.zone
            )
            self._book.correct(old.id, given, by, reason=correction.reason, version=correction.version)
            return self._read(old.id, account)

        return await self._run(work)

    async def approve(self, visit_id: str, version: int, account: str) -> RecordView:
        """Let a late entry count."""
        await self._allow_visit(account, Deed.DECIDE, visit_id)
        return await self._run(
            lambda: self._read(self._book.approve(VisitId(visit_id), f"account:{account}", version=version).id, account)
        )

    async def merge(self, visit_id: str, merge: MergeIn, account: str) -> RecordView:
        """Merge a double entry."""
        await self._allow_visit(account, Deed.DECIDE, visit_id)
        await self._allow_visit(account, Deed.DECIDE, merge.into)
        by, into = f"account:{account}", VisitId(merge.into)
        return await self._run(
            lambda: self._read(
                self._book.merge(VisitId(visit_id), into, by, reason=merge.reason, version=merge.version).id, account
            )
        )

    async def monitored(self, person_id: str, month: date, account: str) -> RecordView:
        """Make the unsigned record of a monitored month."""
        await self._allow(account, Deed.CHANGE, person_id)
        window = month_of(f"{month:%Y-%m}")
        person = await self._view(lambda unit: self._person_on(unit, PersonId(person_id), window.until_date))
        if self._watcher is None:
            raise NotFoundError("no home is watched here")
        seen = {one.day: one.seen_min for one in await self._watcher.coverage(person.home_id)}
        signs: dict[date, int] = {}
        for last in (window.from_date + FOUR_WEEKS, window.until_date):
            activity = await self._watcher.activity(person.home_id, last)
            signs |= {one.day: len(one.half_hours) for one in activity.days}
        days = [MonitoredDay(day, minutes, signs.get(day, 0)) for day, minutes in seen.items()]
        digest = monitored_month(person, days, window, self._book.policy, self._book.zone)
        return await self._run(lambda: self._read(self._book.keep(digest, f"account:{account}").id, account))

    async def standing(self, person_id: str, account: str) -> StandingView:
        """Return how a person stands."""
        await self._allow(account, Deed.SEE, person_id)
        return await self._view(lambda unit: self._standing(unit, PersonId(person_id)))

    async def tell(self, person_id: str, fact: FactIn, account: str) -> StandingView:
        """Add a fact."""
        await self._allow(account, Deed.DECIDE, person_id)
        await self._run(lambda: self._book.tell(fact_of(fact, person_id), f"account:{account}"))
        return await self.standing(person_id, account)

    def _person_on(self, unit: Unit, person_id: PersonId, day: date) -> Person:
        """Return a person as living where they did on a day."""
        person = existing_person(unit, person_id)
        return msgspec.structs.replace(person, area=area_on(unit, person, day, self._book.zone))

    def _read(self, visit_id: VisitId, account: str) -> RecordView:
        grants = self._door.grants(account)
        with self._book.truth.view() as unit:
            visit = existing_visit(unit, visit_id)
            person = unit.people.person(visit.person_id)
            mates: list[PersonBrief] = []
            if person is not None:
                # who moved away is seen by the village of before, but not who lives where they live now
                named = unit.people.persons_named(unit.people.housemates(person.home_id))
                seen = {one.id for one in named if one.id != person.id and may(grants, Deed.SEE, one.area)}
                mates = [brief for _, brief in sorted(briefs_of(unit, seen, self._book.today()).items())]
            versions = unit.visits.versions(visit_id)
        return record_view(visit, person, self._book.policy, versions=versions, housemates=mates)

    def _standing(self, unit: Unit, person_id: PersonId) -> StandingView:
        person = existing_person(unit, person_id)
        return standing_view(standing_on(unit, person), unit.standing.of(person_id), self._book.today())


def _visitor(unit: Unit, entry: EntryIn, by: str) -> tuple[str, bool]:
    """Return who visited and whether their home visits count: an account that may write here is the town's staff."""
    if not entry.visitor or entry.visitor == by:
        return by, True
    contact = unit.people.contact(ContactId(entry.visitor.removeprefix("contact:")))
    if contact is None or contact.person_id != entry.person_id:
        raise NotFoundError(f"{entry.visitor} is no contact of {entry.person_id}")
    return f"contact:{contact.id}", contact.is_registered_visitor
