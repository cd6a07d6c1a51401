"""Writing in the ledger: one transaction a deed, closed months left alone; what counts is decided in visits/."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from app.ledger_due import area_on, standing_on
from app.register import filed_of, keep
from core.clock import Clock
from core.errors import ConflictError, NotFoundError
from core.ids import PersonId, VisitId, derived_id
from core.localtime import local_date
from registry.commands import LATE_AFTER, Doing, Verify, apply
from registry.people import Person
from registry.standing_facts import FactId, StandingFact
from store.truth.audit import BACKDATED
from store.truth.database import Truth, Unit
from visits.annex2 import Annex2
from visits.counting import is_same_visit
from visits.due_board import village_of
from visits.follow_ups import opened_by_attempts, opened_by_form
from visits.model import ContactClass, Visit
from visits.policy import CountingPolicy
from visits.recording import (
    NUMBERED,
    Entry,
    approved,
    check_told_again,
    corrected,
    drafted,
    filled,
    merged,
    needs_number,
    signed,
)
from visits.returns import is_closed

_DAY = timedelta(days=1)
TOLD_TWICE = "同一次探访重复录入 / the same visit told twice"


class LedgerBook:
    """Every change of the ledger that a person makes; `by` is "account:<name>". Blocking."""

    def __init__(self, truth: Truth, clock: Clock, policy: CountingPolicy, zone: ZoneInfo) -> None:
        self.truth = truth
        self.policy = policy
        self.zone = zone
        self._clock = clock

    def today(self) -> date:
        """Return the local date of now."""
        return local_date(self._clock.now_ms(), self.zone)

    def now_ms(self) -> int:
        """Return now."""
        return self._clock.now_ms()

    def record(self, entry: Entry, by: str) -> Visit:
        """Write a visit down as a draft; the same post again, or the same visit told again, is the row that is there.

        What is told differently the second time is kept as a row of its own, merged into the first. Raises
        NotFoundError, and ConflictError for a day whose month is closed and for another story under a known key.
        """
        with self.truth.transaction() as unit:
            person = self._person_then(unit, entry.person_id, entry.started_at_ms)
            draft = drafted(entry, person, by=by, at_ms=self.now_ms(), zone=self.zone)
            known = unit.visits.get(draft.id)
            if known is not None:
                check_told_again(next(iter(unit.visits.versions(known.id)), known), draft)
                return known
            self._refuse_closed(unit, draft)
            twin = self._twin(unit, draft)
            unit.visits.put(draft)
            if twin is None:
                return draft
            gone = merged(draft, twin, self.policy, by=by, at_ms=self.now_ms(), reason=TOLD_TWICE)
            unit.visits.put(gone)
            return twin

    def keep(self, digest: Visit, by: str) -> Visit:
        """Write down a monitored month, once, for staff to sign; raises ConflictError when its month is closed."""
        with self.truth.transaction() as unit:
            known = unit.visits.get(digest.id)
            if known is not None:
                return known
            self._refuse_closed(unit, digest)
            made = msgspec.structs.replace(digest, entered_by=by, changed_by=by, changed_at_ms=self.now_ms())
            unit.visits.put(made)
        return made

    def fill(self, visit_id: VisitId, form: Annex2, by: str, *, version: int, note: str | None = None) -> Visit:
        """Change an unsigned record's form; raises NotFoundError, ConflictError when it moved on or is signed."""
        with self.truth.transaction() as unit:
            visit = existing_visit(unit, visit_id, version)
            changed = filled(visit, form, by=by, at_ms=self.now_ms(), zone=self.zone, note=note)
            unit.visits.put(changed)
        return changed

    def sign(self, visit_id: VisitId, by: str, *, version: int | None = None) -> Visit:
        """Sign a record: it gets its number, opens what its answers demand, and never changes again.

        Raises NotFoundError, and ConflictError while the form is incomplete, when it is signed or its month is closed.
        """
        with self.truth.transaction() as unit:
            return self.sign_within(unit, existing_visit(unit, visit_id, version), by)

    def sign_within(self, unit: Unit, visit: Visit, by: str) -> Visit:
        """Sign a record in a transaction that writes more beside it; raises what `sign` raises."""
        self._refuse_closed(unit, visit)
        standing = standing_on(unit, existing_person(unit, visit.person_id))
        number = unit.visits.next_number(visit.person_id) if visit.contact_class in NUMBERED else 0
        final = signed(visit, standing, self.policy, by=by, at_ms=self.now_ms(), number=number, zone=self.zone)
        unit.visits.put(final)
        self._open_follow_ups(unit, final)
        self._note_confirmation(unit, final, by)
        return final

    def correct(self, visit_id: VisitId, entry: Entry, by: str, *, reason: str, version: int) -> Visit:
        """Write a signed record's next version; the old one stays readable. NotFoundError, ConflictError."""
        with self.truth.transaction() as unit:
            visit = existing_visit(unit, visit_id, version)
            standing = standing_on(unit, self._person_then(unit, visit.person_id, entry.started_at_ms))
            number = unit.visits.next_number(visit.person_id) if needs_number(visit, entry) else 0
            final = corrected(
                visit,
                entry,
                standing,
                self.policy,
                by=by,
                at_ms=self.now_ms(),
                reason=reason,
                number=number,
                zone=self.zone,
            )
            self._refuse_closed(unit, visit)
            self._refuse_closed(unit, final)
            unit.visits.put(final)
            self._open_follow_ups(unit, final)
        return final

    def approve(self, visit_id: VisitId, by: str, *, version: int | None = None) -> Visit:
        """Let a late entry count (补录); raises NotFoundError, ConflictError."""
        with self.truth.transaction() as unit:
            visit = existing_visit(unit, visit_id, version)
            self._refuse_closed(unit, visit)
            standing = standing_on(unit, existing_person(unit, visit.person_id))
            final = approved(visit, standing, self.policy, by=by, at_ms=self.now_ms())
            unit.visits.put(final)
        return final

    def merge(self, visit_id: VisitId, into: VisitId, by: str, *, reason: str, version: int | None = None) -> Visit:
        """Merge a double entry into another record; both months are open. Raises NotFoundError, ConflictError."""
        with self.truth.transaction() as unit:
            visit = existing_visit(unit, visit_id, version)
            self._refuse_closed(unit, visit)
            kept = existing_visit(unit, into)
            self._refuse_closed(unit, kept)
            final = merged(visit, kept, self.policy, by=by, at_ms=self.now_ms(), reason=reason)
            unit.visits.put(final)
        return final

    def tell(self, fact: StandingFact, by: str) -> StandingFact:
        """Write a fact of somebody's standing; raises NotFoundError, ConflictError for what cannot be."""
        with self.truth.transaction() as unit:
            existing_person(unit, fact.person_id)
            now_ms = self.now_ms()
            name = derived_id("fact", fact.person_id, fact.kind, fact.on.isoformat(), fact.purpose, now_ms)
            told = msgspec.structs.replace(fact, id=FactId(fact.id or name), recorded_at_ms=now_ms, recorded_by=by)
            unit.standing.add(told)
            marks = (BACKDATED,) if self.today() - told.on > LATE_AFTER else ()
            unit.audit.append(by, f"standing.{told.kind}", told.person_id, told.id, now_ms, marks=marks)
        return told

    def _note_confirmation(self, unit: Unit, visit: Visit, by: str) -> None:
        """Let the register know that annex 1 was gone through at home: one half-year, one answer (R18)."""
        if visit.contact_class is not ContactClass.C1_HOME or visit.form is None or not visit.form.is_annex1_confirmed:
            return
        filed = filed_of(unit, visit.person_id)
        known = filed.entry.verified_on
        if filed.entry.version == 0 or (known is not None and known >= visit.local_date):
            return
        doing = Doing(actor=by, why=f"探访 {visit.id} 核对附件1", at_ms=self.now_ms(), today=self.today())
        keep(unit, apply(Verify(on=visit.local_date), filed, doing), doing, "entry.verify")

    def _open_follow_ups(self, unit: Unit, visit: Visit) -> None:
        for follow_up in opened_by_form(visit):
            unit.follow_ups.open_unless_known(follow_up)
        if visit.contact_class is ContactClass.C6_ATTEMPT:
            check = opened_by_attempts(unit.visits.list(visit.person_id, visit.local_date - _DAY, self.today()))
            if check is not None:
                unit.follow_ups.open_unless_known(check)

    def _twin(self, unit: Unit, draft: Visit) -> Visit | None:
        same_days = unit.visits.list(draft.person_id, draft.local_date, draft.local_date)
        return next(
            (one for one in same_days if one.merged_into is None and is_same_visit(draft, one, self.policy)), None
        )

    def _person_then(self, unit: Unit, person_id: PersonId, at_ms: int) -> Person:
        """Return a person as living where they did at a time: they may have moved since. Raises NotFoundError."""
        person = existing_person(unit, person_id)
        area = area_on(unit, person, local_date(at_ms, self.zone), self.zone)
        return msgspec.structs.replace(person, area=area)

    def _refuse_closed(self, unit: Unit, visit: Visit) -> None:
        """Raise ConflictError when its month is closed where the visit was made, or elsewhere with the person in it."""
        month = f"{visit.local_date:%Y-%m}"
        areas = {visit.area, unit.evaluations.area_of(month, visit.person_id) or visit.area}
        for village in sorted({village_of(area) for area in areas}):
            if is_closed(visit.local_date, unit.returns.of_village(village)):
                raise ConflictError(
                    f"{month} 已上报结账，须先退回或重开月报 / {month} is closed by its return: reopen it first"
                )


def existing_person(unit: Unit, person_id: PersonId) -> Person:
    """Return a person; raises NotFoundError."""
    person = unit.people.person(person_id)
    if person is None:
        raise NotFoundError(f"没有此人 {person_id} / no person {person_id}")
    return person


def existing_visit(unit: Unit, visit_id: VisitId, version: int | None = None) -> Visit:
    """Return a record at the version that somebody saw; raises NotFoundError, ConflictError when it moved on."""
    visit = unit.visits.get(visit_id)
    if visit is None:
        raise NotFoundError(f"没有此探访记录 {visit_id} / no visit {visit_id}")
    if version is not None and visit.version != version:
        raise ConflictError(
            f"已有人先修改（第 {visit.version} 版）/ somebody was first: it is at version {visit.version}"
        )
    return visit
