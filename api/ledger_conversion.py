"""The ledger's data to views and posted forms to its data; names are masked by their type."""

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from api.conversion import bilingual_view, person_brief
from api.ledger_forms import EntryIn, FactIn, FormIn
from api.ledger_views import (
    BenefitView,
    BoardRowView,
    BoardWindowView,
    EvidenceLineView,
    FactView,
    FollowUpStepView,
    FollowUpView,
    LineView,
    MissingView,
    RateView,
    RecordView,
    ReturnLogView,
    ReturnView,
    SpecialView,
    StandingView,
    TallyView,
    VersionView,
)
from api.views import CreditView, PersonBrief
from api.wording import class_words
from core.ids import PersonId
from core.localtime import HOUR_MS, to_ms
from registry.people import Person
from registry.standing import Standing
from registry.standing_facts import FACT_WORDS, FactId, FactKind, StandingFact, in_force
from visits.annex2 import Annex2, Care
from visits.annex2_lines import lines_of
from visits.counting import is_late_entry
from visits.due_board import BoardRow, Tally
from visits.due_windows import WindowDue, WindowState
from visits.eligibility import MOVES, Eligibility
from visits.follow_ups import ONLY_REFERRALS, TRANSITIONS, FollowUp, FollowUpKind, Step, is_overdue
from visits.half_year import HalfYearDue
from visits.model import Visit
from visits.policy import CountingPolicy
from visits.rate import Rate
from visits.recording import SIGN_WITHIN_H, Entry, sign_problems
from visits.returns import MonthlyReturn, deadline_words
from visits.special import SpecialPeriod

NOBODY = PersonBrief(person_id="")


def form_of(given: FormIn, *, visitor: str, recorder: str, on: date) -> Annex2:
    """Return annex 2 of a posted form, signed by who visited and who typed it in."""
    fields = {name: getattr(given, name) for name in FormIn.model_fields if name in Annex2.__struct_fields__}
    care = None
    if given.care_text.strip():
        care = Care(
            on=given.care_on or on, text=given.care_text, signature=visitor, satisfaction=given.care_satisfaction
        )
    fields["needs"] = frozenset(given.needs)
    return Annex2(**fields, visitor_signature=visitor, recorder_signature=recorder, filled_on=on, care=care)


def form_view(form: Annex2) -> FormIn:
    """Return a form as it is posted, for a page to fill in again."""
    fields = {name: getattr(form, name) for name in FormIn.model_fields if name in Annex2.__struct_fields__}
    fields["needs"] = sorted(form.needs)
    care = form.care
    if care is not None:
        fields |= {"care_on": care.on, "care_text": care.text, "care_satisfaction": care.satisfaction}
    return FormIn(**fields)


def entry_of(given: EntryIn, *, visitor: str, is_registered: bool, recorder: str, zone: ZoneInfo) -> Entry:
    """Return what somebody wrote down; a time without an offset is the township's own."""
    begun = given.started_at if given.started_at.tzinfo else given.started_at.replace(tzinfo=zone)
    return Entry(
        person_id=PersonId(given.person_id),
        started_at_ms=to_ms(begun),
        form=form_of(given, visitor=visitor, recorder=recorder, on=begun.astimezone(zone).date()),
        met=given.met,
        visitor=visitor,
        is_registered_visitor=is_registered,
        is_drill=given.is_drill,
        trip_id=given.trip_id,
        proof=given.proof,
        note=given.note.strip(),
        key=given.key,
    )


def fact_of(given: FactIn, person_id: str) -> StandingFact:
    """Return the fact that somebody told."""
    fields = {name: getattr(given, name) for name in FactIn.model_fields if name != "voids"}
    voids = FactId(given.voids) if given.voids else None
    return StandingFact(id=FactId(""), person_id=PersonId(person_id), voids=voids, **fields)


def record_view(
    visit: Visit,
    person: Person | None,
    policy: CountingPolicy,
    *,
    versions: Sequence[Visit] = (),
    housemates: Sequence[PersonBrief] = (),
) -> RecordView:
    """Return a record with its form and history; of an erased person only the id is left."""
    brief = PersonBrief(person_id=visit.person_id) if person is None else person_brief(person, visit.local_date)
    is_alert = visit.alert_id is not None and visit.signed_at_ms is None
    fields = {
        name: getattr(visit, name)
        for name in RecordView.model_fields
        if name in Visit.__struct_fields__ and name not in {"credits", "form", "evidence"}
    }
    return RecordView(
        **fields,
        visit_id=visit.id,
        person=brief,
        kind=None if visit.form is None else visit.form.kind,
        class_words=bilingual_view(class_words(visit)),
        is_late=is_late_entry(visit, policy),
        sign_until_ms=visit.started_at_ms + SIGN_WITHIN_H * HOUR_MS if is_alert else None,
        credits=[
            CreditView(obligation=c.obligation, counts=c.counts, clause=c.clause, why=bilingual_view(c.why))
            for c in visit.credits
        ],
        problems=[bilingual_view(one) for one in sign_problems(visit)] if visit.signed_at_ms is None else [],
        form=None if visit.form is None else form_view(visit.form),
        lines=_lines(visit),
        evidence=[EvidenceLineView(at_ms=one.at_ms, text=bilingual_view(one.text)) for one in visit.evidence],
        versions=[_version_view(one) for one in versions],
        housemates=list(housemates),
    )


def board_row_view(row: BoardRow, person: PersonBrief, half_year: HalfYearDue | None) -> BoardRowView:
    """Return a person's place on the board."""
    due = row.due
    return BoardRowView(
        person=person,
        home_id=row.home_id,
        area=row.area,
        worker=row.worker,
        status=due.status,
        risk=row.risk,
        days_left=row.days_left,
        home_visits_owed=row.home_visits_owed,
        sentence=bilingual_view(due.sentence),
        warning=None if due.warning is None else bilingual_view(due.warning),
        suggestion=None if due.suggestion is None else bilingual_view(due.suggestion),
        windows=[_window_view(one) for one in due.windows],
        specials=[_window_view(one) for one in due.specials],
        annex1_due_on=None if half_year is None else half_year.due_on,
        is_annex1_overdue=half_year is not None and half_year.state is WindowState.OVERDUE,
    )


def tally_view(tally: Tally) -> TallyView:
    """Return figures of a village, grid or worker."""
    return TallyView(**msgspec.structs.asdict(tally))


def rate_view(rate: Rate, people: Mapping[str, tuple[PersonBrief, str]]) -> RateView:
    """Return the monthly rate with who is missing; `people` gives each their brief and area."""
    missing = [
        MissingView(person=people[person_id][0], area=people[person_id][1], why=why) for person_id, why in rate.missing
    ]
    return RateView(contacted=rate.contacted, active=rate.active, share=rate.share, missing=missing)


def follow_up_view(row: FollowUp, person: PersonBrief, today: date) -> FollowUpView:
    """Return a follow-up with the steps that exist for it."""
    fields = {name: getattr(row, name) for name in FollowUpView.model_fields if name in FollowUp.__struct_fields__}
    fields["steps"] = [FollowUpStepView(step=one.step, on=one.on, by=one.by, text=one.text) for one in row.steps]
    return FollowUpView(
        **fields,
        follow_up_id=row.id,
        person=person,
        is_overdue=is_overdue(row, today),
        next_steps=[step for state, step in TRANSITIONS if state is row.state and _exists_for(step, row.kind)],
    )


def benefit_view(row: Eligibility, person: PersonBrief) -> BenefitView:
    """Return a benefit with the states that may follow."""
    fields = {name: getattr(row, name) for name in BenefitView.model_fields if name in Eligibility.__struct_fields__}
    return BenefitView(**fields, eligibility_id=row.id, person=person, next_states=sorted(MOVES[row.state]))


def standing_view(standing: Standing, facts: Sequence[StandingFact], today: date) -> StandingView:
    """Return how a person stands today, with every fact, voided ones too."""
    decision = standing.tier_on(today)
    kept = {fact.id for fact in in_force(list(facts))}
    return StandingView(
        person=person_brief(standing.person, today),
        area=standing.person.area,
        status=standing.status_on(today),
        tier=decision.tier,
        tier_reason=bilingual_view(decision.reason),
        re_ask_on=standing.re_ask_on(today),
        facts=[
            FactView(
                fact_id=fact.id,
                kind=fact.kind,
                on=fact.on,
                until=fact.until,
                words=bilingual_view(FACT_WORDS[fact.kind]),
                evidence=fact.evidence,
                reason=fact.reason,
                is_voided=fact.kind is not FactKind.VOIDED and fact.id not in kept,
                recorded_by=fact.recorded_by,
                recorded_at_ms=fact.recorded_at_ms,
            )
            for fact in sorted(facts, key=lambda one: (one.on, one.recorded_at_ms, one.id))
        ],
    )


def special_view(period: SpecialPeriod) -> SpecialView:
    """Return a special period."""
    fields = {
        name: getattr(period, name) for name in SpecialView.model_fields if name in SpecialPeriod.__struct_fields__
    }
    return SpecialView(**fields, period_id=period.id, words=bilingual_view(period.words), is_open=period.is_open)


def return_view(
    month: date, area: str, row: MonthlyReturn | None, records: int, today: date, *, served_from: date | None
) -> ReturnView:
    """Return a village's return, or that there is none yet; `served_from` as deadline_words takes it."""
    is_red, words = deadline_words(f"{month:%Y-%m}", today, row, served_from)
    return ReturnView(
        return_id=None if row is None else row.id,
        month=month,
        area=area,
        state=None if row is None else row.state,
        is_red=is_red,
        next_step=bilingual_view(words),
        records=records,
        receipt="" if row is None else row.receipt,
        digest="" if row is None else row.digest,
        log=[ReturnLogView(step=o.step, at_ms=o.at_ms, by=o.by, text=o.text) for o in (row.log if row else ())],
        version=1 if row is None else row.version,
    )


def _exists_for(step: Step, kind: FollowUpKind) -> bool:
    if step in ONLY_REFERRALS:
        return kind is FollowUpKind.REFERRAL
    return step is not Step.REMIND or kind is FollowUpKind.HAZARD


def _lines(visit: Visit) -> list[LineView]:
    if visit.form is None:
        return []
    return [
        LineView(section=bilingual_view(line.section), label=bilingual_view(line.label), value=line.value)
        for line in lines_of(visit.form, number=visit.number, on=visit.local_date)
    ]


def _version_view(visit: Visit) -> VersionView:
    return VersionView(
        version=visit.version,
        changed_by=visit.changed_by,
        changed_at_ms=visit.changed_at_ms,
        change_reason=visit.change_reason,
        lines=_lines(visit),
    )


def _window_view(one: WindowDue) -> BoardWindowView:
    window = one.window
    return BoardWindowView(
        obligation=window.obligation,
        from_date=window.from_date,
        until_date=window.until_date,
        state=one.state,
        done=one.done,
        owed=one.owed,
        why=bilingual_view(one.why),
    )
