"""Domain data to views; the one place that decides which fields a view leaves out."""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from alerts.attempts import SHOWN, is_only_shown
from alerts.model import Alert, Attempt, PlaceCall, TraceLine
from alerts.routing import BOARD
from alerts.still_holding import still_holding
from alerts.suppression import Hold, Suppression, SuppressionKind
from api.home_views import ReadingView
from api.views import (
    AlertView,
    AttemptView,
    BilingualView,
    CreditView,
    EvidenceView,
    HoldView,
    PersonBrief,
    PersonView,
    SuppressionView,
    TraceView,
    VisitView,
)
from api.wording import class_words
from core.events import Flag, Reading
from core.localtime import HOUR_MS
from core.text import Bilingual
from registry.homes import Contact
from registry.people import Person, tier_of
from rules.findings import Evidence, Finding, Priority
from visits.model import ContactClass, Visit

REVIEW_WITHIN_MS = 72 * HOUR_MS
"""A call confirmed by key counts only when duty staff sign it within 72 h (policy B3, C4a)."""

PRIORITY_CODES: dict[Priority, Literal["P0", "P1", "P2", "P3"]] = {
    Priority.P0: "P0",
    Priority.P1: "P1",
    Priority.P2: "P2",
    Priority.P3: "P3",
}


def bilingual_view(text: Bilingual) -> BilingualView:
    """Return both languages of a sentence."""
    return BilingualView(zh=text.zh, en=text.en)


def person_brief(person: Person, on: date) -> PersonBrief:
    """Return the least that tells a person from another; the tier is that of the day."""
    return PersonBrief(person_id=person.id, name=person.name, tier=tier_of(person, on).tier)


def person_view(person: Person, on: date) -> PersonView:
    """Return a person without ID number, address and illness."""
    decision = tier_of(person, on)
    return PersonView(
        person_id=person.id,
        home_id=person.home_id,
        area=person.area,
        name=person.name,
        phone=person.phone,
        categories=sorted(person.categories),
        capacity=person.capacity,
        tier=decision.tier,
        tier_reason=bilingual_view(decision.reason),
        is_active=(person.active_from or on) <= on <= (person.active_until or on),
    )


def reading_view(reading: Reading) -> ReadingView:
    """Return a reading with its flags as words."""
    return ReadingView(
        device_id=reading.device_id,
        metric=reading.metric,
        value=reading.value,
        observed_at_ms=reading.observed_at_ms,
        received_at_ms=reading.received_at_ms,
        seq=reading.seq,
        flags=[(flag.name or "").lower() for flag in Flag(reading.flags)],
    )


def evidence_view(evidence: Evidence) -> EvidenceView:
    """Return one fact of a finding."""
    return EvidenceView(
        at_ms=evidence.at_ms,
        device_id=evidence.device_id,
        grade=evidence.grade,
        text=bilingual_view(evidence.text),
    )


def trace_view(line: TraceLine) -> TraceView:
    """Return one line of an alert's story."""
    return TraceView(
        at_ms=line.at_ms,
        what=line.what,
        who=line.who,
        text=bilingual_view(line.text),
        attempt_id=line.attempt_id,
        suppression=None if line.suppression is None else suppression_view(line.suppression),
    )


def suppression_view(suppression: Suppression) -> SuppressionView:
    """Return why somebody was not told."""
    return SuppressionView(
        kind=suppression.kind,
        by=suppression.by,
        reason=bilingual_view(suppression.reason),
        until_ms=suppression.until_ms,
        ends_with=bilingual_view(suppression.ends_with),
    )


def hold_view(hold: Hold, incident_alert_id: str | None = None) -> HoldView:
    """Return what is held back of an alert; the id is that of the village's alert which explains it."""
    return HoldView(
        finding=hold.finding_kind,
        kind=SuppressionKind(hold.by.partition(":")[0]),
        by=hold.by,
        until_ms=hold.until_ms,
        incident_alert_id=incident_alert_id,
    )


def attempt_view(attempt: Attempt, contact: Contact | None, resident: Person | None) -> AttemptView:
    """Return an attempt with whom it is for; `contact` None means the resident."""
    somebody = contact or resident
    is_shown = is_only_shown(attempt)
    return AttemptView(
        attempt_id=attempt.id,
        role=contact.role if contact else "resident",
        relation=contact.relation if contact else "",
        name=somebody.name if somebody else "",
        phone=somebody.phone if somebody else "",
        channel=attempt.channel,
        purpose=attempt.effect.purpose if isinstance(attempt.effect, PlaceCall) else None,
        state=SHOWN if is_shown else attempt.state,
        digits=attempt.digits,
        created_at_ms=attempt.created_at_ms,
        submitted_at_ms=None if attempt.channel == BOARD else attempt.submitted_at_ms,
        answered_at_ms=attempt.answered_at_ms,
        ended_at_ms=attempt.ended_at_ms,
        detail="" if is_shown else attempt.detail,
    )


def alert_view(
    alert: Alert, person: PersonBrief | None, *, findings: Iterable[Finding] = (), next_step_ms: int | None = None
) -> AlertView:
    """Return an alert as the board lists it, with its findings; `next_step_ms` is its earliest timer."""
    found = tuple(findings)
    since_ms = min((one.since_ms for one in found if not one.is_cleared), default=alert.opened_at_ms)
    return AlertView.model_validate(
        {
            "alert_id": alert.id,
            "home_id": alert.home_id,
            "person": person,
            "state": alert.state,
            "priority": PRIORITY_CODES[alert.priority],
            "kinds": alert.kinds,
            "sentence": bilingual_view(alert.sentence),
            "opened_at_ms": alert.opened_at_ms,
            "since_ms": since_ms,
            "deadline_ms": alert.ack_deadline_ms if next_step_ms is None else next_step_ms,
            "holds": [hold_view(hold) for hold in alert.holds],
            "still_holds": [bilingual_view(one.sentence) for one in still_holding(found)],
            "owner": alert.owner,
            "outcome": alert.outcome,
            "outcome_note": alert.outcome_note,
            "closed_by": alert.closed_by,
            "closed_at_ms": alert.closed_at_ms,
            "version": alert.version,
        }
    )


def visit_view(visit: Visit, person: PersonBrief) -> VisitView:
    """Return a ledger row; a call confirmed by key says that it waits for a signature, and until when."""
    waits = visit.contact_class is ContactClass.C4A_REMOTE_CONFIRMED_CALL and not visit.reviewed_by
    return VisitView(
        visit_id=visit.id,
        person=person,
        contact_class=visit.contact_class,
        class_words=bilingual_view(class_words(visit)),
        started_at_ms=visit.started_at_ms,
        local_date=visit.local_date,
        visitor=visit.visitor,
        alert_id=visit.alert_id,
        needs_review=waits and not visit.is_drill,
        review_until_ms=visit.started_at_ms + REVIEW_WITHIN_MS if waits else None,
        reviewed_by=visit.reviewed_by,
        reviewed_at_ms=visit.reviewed_at_ms,
        credits=[
            CreditView(obligation=c.obligation, counts=c.counts, clause=c.clause, why=bilingual_view(c.why))
            for c in visit.credits
        ],
        policy_version=visit.policy_version,
        note=visit.note,
        version=visit.version,
    )
