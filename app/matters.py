"""Writing what stands beside visits: follow-ups, benefits, special periods; one transaction a deed."""

from datetime import date

from app.ledger_book import LedgerBook, existing_person, existing_visit
from core.errors import ConflictError, NotFoundError
from core.ids import PersonId, VisitId
from visits.annex2 import Need
from visits.eligibility import ApplicationState, Benefit, Eligibility, found, moved
from visits.follow_ups import FollowUp, FollowUpId, FollowUpKind, Step, opened, stepped
from visits.special import SpecialPeriod


class Matters:
    """Follow-ups, benefits and special periods of the ledger. Blocking."""

    def __init__(self, book: LedgerBook) -> None:
        self._book = book

    def open(
        self,
        person_id: PersonId,
        kind: FollowUpKind,
        what: str,
        *,
        by: str,
        need: Need | None = None,
        referred_to: str = "",
    ) -> FollowUp:
        """Open a follow-up by hand; the same words of the same person once more are the same one. NotFoundError."""
        with self._book.truth.transaction() as unit:
            person = existing_person(unit, person_id)
            row = opened(
                kind,
                person_id,
                what=what,
                source=by,
                on=self._book.today(),
                area=person.area,
                need=need,
                referred_to=referred_to,
            )
            if unit.follow_ups.open_unless_known(row):
                unit.audit.append(by, f"follow_up.opened.{kind}", person_id, row.id, self._book.now_ms())
            return unit.follow_ups.get(row.id) or row

    def step(
        self,
        follow_up_id: FollowUpId,
        step: Step,
        *,
        on: date,
        by: str,
        text: str = "",
        visit_id: VisitId | None = None,
        version: int | None = None,
    ) -> FollowUp:
        """Take a follow-up one step further; raises NotFoundError, ConflictError."""
        with self._book.truth.transaction() as unit:
            row = unit.follow_ups.get(follow_up_id)
            if row is None:
                raise NotFoundError(f"没有此回访 {follow_up_id} / no follow-up {follow_up_id}")
            _check_version(row.version, version)
            visit = None if visit_id is None else existing_visit(unit, visit_id)
            after = stepped(row, step, on=on, by=by, text=text, visit=visit)
            unit.follow_ups.put(after)
            unit.audit.append(by, f"follow_up.{step}", after.person_id, after.id, self._book.now_ms())
        return after

    def find(self, person_id: PersonId, benefit: Benefit, *, by: str, note: str = "") -> Eligibility:
        """Write down that somebody may be entitled; once more is the same row. NotFoundError."""
        with self._book.truth.transaction() as unit:
            person = existing_person(unit, person_id)
            row = found(person_id, benefit, on=self._book.today(), area=person.area, by=by, note=note)
            known = unit.eligibility.get(row.id)
            if known is None:
                unit.eligibility.put(row)
                unit.audit.append(by, "benefit.found", person_id, row.id, self._book.now_ms())
            return known or row

    def move(
        self, eligibility_id: str, state: ApplicationState, *, on: date, by: str, version: int | None = None
    ) -> Eligibility:
        """Take an application one step further; raises NotFoundError, ConflictError."""
        with self._book.truth.transaction() as unit:
            row = unit.eligibility.get(eligibility_id)
            if row is None:
                raise NotFoundError(f"没有此待遇事项 {eligibility_id} / no benefit {eligibility_id}")
            _check_version(row.version, version)
            after = moved(row, state, on=on, by=by)
            unit.eligibility.put(after)
            unit.audit.append(by, f"benefit.{state}", after.person_id, after.id, self._book.now_ms())
        return after

    def put_period(self, period: SpecialPeriod) -> bool:
        """Enter, change or withdraw a special period; return whether anything changed. ConflictError."""
        with self._book.truth.transaction() as unit:
            is_new = unit.specials.put(period)
            if is_new:
                deed = "special.withdrawn" if period.is_withdrawn else "special.entered"
                unit.audit.append(period.source or "service", deed, period.id, period.title, self._book.now_ms())
        return is_new


def _check_version(stands: int, seen: int | None) -> None:
    if seen is not None and seen != stands:
        raise ConflictError(f"已有人先处理（第 {stands} 版）/ somebody was first: it is at version {stands}")
