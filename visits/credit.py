"""From an incident to its one row in the ledger, of the highest class reached; refuses to credit it twice."""

from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from core.errors import ConflictError
from core.ids import AlertId, PersonId, VisitId, derived_id
from core.localtime import local_date
from registry.people import Person
from visits.annex2 import Annex2, VisitedSignature, VisitKind
from visits.counting import NEEDS_REVIEW, OF_NOBODY, credited
from visits.model import ContactClass, EvidenceLine, Met, Visit
from visits.policy import CountingPolicy


class Reached(StrEnum):
    """What one contact of an incident was: who was reached, and how."""

    VISITOR_MET_RESIDENT = "visitor_met_resident"  # in person, at home
    WORKER_SAW_RESIDENT_BY_VIDEO = "worker_saw_resident_by_video"
    WORKER_SPOKE_WITH_RESIDENT = "worker_spoke_with_resident"  # two-way, by telephone
    RESIDENT_PRESSED_1 = "resident_pressed_1"  # a call by the system: C4a at most (case 15)
    CONTACT_PRESSED_3 = "contact_pressed_3"  # "I spoke to them, they are well"
    OTHER_ANSWERED_FOR_RESIDENT = "other_answered_for_resident"  # the child picked up (case 16)
    CONTACT_PRESSED_1 = "contact_pressed_1"  # "I am going": a promise, not yet news of the person
    RESIDENT_NOT_REACHED = "resident_not_reached"  # no answer, busy, voicemail (case 17), nobody home


CLASSES = {
    Reached.VISITOR_MET_RESIDENT: ContactClass.C1_HOME,
    Reached.WORKER_SAW_RESIDENT_BY_VIDEO: ContactClass.C3_VIDEO,
    Reached.WORKER_SPOKE_WITH_RESIDENT: ContactClass.C2_PHONE,
    Reached.RESIDENT_PRESSED_1: ContactClass.C4A_REMOTE_CONFIRMED_CALL,
    Reached.CONTACT_PRESSED_3: ContactClass.C7_COLLATERAL,
    Reached.OTHER_ANSWERED_FOR_RESIDENT: ContactClass.C7_COLLATERAL,
    Reached.CONTACT_PRESSED_1: ContactClass.C5_REMOTE_RAW,
    Reached.RESIDENT_NOT_REACHED: ContactClass.C6_ATTEMPT,
}

_KINDS = {
    Reached.VISITOR_MET_RESIDENT: VisitKind.HOME,
    Reached.WORKER_SAW_RESIDENT_BY_VIDEO: VisitKind.VIDEO,
    Reached.WORKER_SPOKE_WITH_RESIDENT: VisitKind.PHONE,
}
_MET = {
    Reached.VISITOR_MET_RESIDENT: Met.PERSON,
    Reached.WORKER_SAW_RESIDENT_BY_VIDEO: Met.PERSON,
    Reached.WORKER_SPOKE_WITH_RESIDENT: Met.PERSON,
    Reached.RESIDENT_PRESSED_1: Met.PERSON,
    Reached.CONTACT_PRESSED_3: Met.OTHER,
    Reached.OTHER_ANSWERED_FOR_RESIDENT: Met.OTHER,
}

RANKING = (
    ContactClass.C1_HOME,
    ContactClass.C3_VIDEO,
    ContactClass.C2_PHONE,
    ContactClass.C4A_REMOTE_CONFIRMED_CALL,
    ContactClass.C4B_REMOTE_CONFIRMED_MONTH,
    ContactClass.C7_COLLATERAL,
    ContactClass.C6_ATTEMPT,
    ContactClass.C5_REMOTE_RAW,
)
"""Highest first (policy B3: C1 > C3 > C2 > C4); the last three never count."""

CLOSINGS = {
    "well_spoken_to": Reached.WORKER_SPOKE_WITH_RESIDENT,
    "seen_well": Reached.VISITOR_MET_RESIDENT,
    "helped_at_home": Reached.VISITOR_MET_RESIDENT,
}
"""Outcomes that, reported by a worker, say how the person was reached; the others say nothing about that."""


SAID_WELL = "well_confirmed_by_resident"
"""Proven by the key that the resident pressed; reported by the desk it is word of it, and no contact of ours."""


class ContactMade(msgspec.Struct, frozen=True, kw_only=True):
    """One contact of an incident. `at_ms` is when the answered call (or the visit, or the attempt) began."""

    reached: Reached
    at_ms: int
    by: str = ""  # "account:<name>", "contact:<id>"; empty for a call by the system
    is_registered_visitor: bool = False
    is_form_complete: bool = False


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as the ledger sees it; `outcome` is the closing code, `closed_by` who reported it."""

    alert_id: AlertId
    person_id: PersonId
    opened_at_ms: int
    contacts: tuple[ContactMade, ...] = ()
    outcome: str = ""
    closed_by: str = ""
    closed_at_ms: int | None = None
    is_drill: bool = False
    evidence: tuple[EvidenceLine, ...] = ()


def visit_of(incident: Incident, person: Person, policy: CountingPolicy, zone: ZoneInfo) -> Visit:
    """Return the incident's one visit, version 1; the same incident gives the same visit, id and all.

    Its date is the local date on which the contact that earned the class began, derived here once. Raises
    ConflictError when the incident is another person's.
    """
    if incident.person_id != person.id:
        raise ConflictError(f"alert {incident.alert_id} is not an alert of {person.id}")
    best = min(incident.contacts, key=_rank, default=None)
    started_at_ms = incident.opened_at_ms if best is None else best.at_ms
    visit = Visit(
        id=visit_id(incident.alert_id),
        person_id=person.id,
        contact_class=ContactClass.C5_REMOTE_RAW if best is None else class_of(best),
        started_at_ms=started_at_ms,
        local_date=local_date(started_at_ms, zone),
        visitor=_vouching(incident, best),
        is_registered_visitor=best is not None and best.is_registered_visitor,
        is_form_complete=best is not None and best.is_form_complete,
        is_drill=incident.is_drill,
        alert_id=incident.alert_id,
        note=_note(incident),
        area=person.area,
        met=Met.NOBODY if best is None else _MET.get(best.reached, Met.NOBODY),
        form=_prefilled(best),
        evidence=incident.evidence,
    )
    return credited(visit, person, policy)


def visit_id(alert_id: AlertId) -> VisitId:
    """Return the id of an alert's one visit."""
    return VisitId(derived_id("visit", alert_id))


def class_of(contact: ContactMade) -> ContactClass:
    """Return the class of one contact; a worker who is not registered, or a visit without its form, is an attempt."""
    found = CLASSES[contact.reached]
    is_worker = found in {ContactClass.C1_HOME, ContactClass.C2_PHONE, ContactClass.C3_VIDEO}
    lacks_form = found is ContactClass.C1_HOME and not contact.is_form_complete
    return ContactClass.C6_ATTEMPT if is_worker and (not contact.is_registered_visitor or lacks_form) else found


def closing_contact(
    outcome: str, by: str, at_ms: int, *, is_registered_visitor: bool = False, is_form_complete: bool = False
) -> ContactMade | None:
    """Return the contact that a closing report is evidence of, or None when it is of none.

    A family contact's word is collateral, whatever they saw: only a registered visitor's own record is more.
    """
    reached = CLOSINGS.get(outcome)
    if reached is None or by in {"resident", "system", ""}:
        return None
    if by.startswith("contact:") and not is_registered_visitor:
        reached = Reached.CONTACT_PRESSED_3
    return ContactMade(
        reached=reached,
        at_ms=at_ms,
        by=by,
        is_registered_visitor=is_registered_visitor,
        is_form_complete=is_form_complete,
    )


def revised(kept: Visit, fresh: Visit) -> Visit | None:
    """Return the next version of a kept row when the same incident reached a higher class since; otherwise None.

    A staff signature on a remote contact is kept as history only: a higher class needs none.
    """
    if kept.id != fresh.id:
        raise ConflictError(f"visit {fresh.id} is not another version of {kept.id}")
    if RANKING.index(fresh.contact_class) >= RANKING.index(kept.contact_class):
        return None
    signature = (kept.reviewed_by, kept.reviewed_at_ms) if kept.contact_class in NEEDS_REVIEW else ("", None)
    return msgspec.structs.replace(
        fresh, version=kept.version + 1, reviewed_by=signature[0], reviewed_at_ms=signature[1]
    )


def _vouching(incident: Incident, best: ContactMade | None) -> str:
    """Return who made the contact; where nobody reached the person, the account whose word it is that they are well."""
    is_word = incident.outcome == SAID_WELL and incident.closed_by.startswith("account:")
    if is_word and (best is None or class_of(best) in OF_NOBODY):
        return incident.closed_by
    return "" if best is None else best.by


def _prefilled(best: ContactMade | None) -> Annex2:
    """Return annex 2 as far as the incident fills it: the way of contact; nobody has assessed anything yet."""
    kind = VisitKind.REMOTE_MONITORING if best is None else _KINDS.get(best.reached, VisitKind.REMOTE_MONITORING)
    signature = VisitedSignature.MISSING if kind is VisitKind.HOME else VisitedSignature.REMOTE
    return Annex2(kind=kind, visited_signature=signature)


def _rank(contact: ContactMade) -> tuple[int, int]:
    is_attempt = contact.reached is Reached.RESIDENT_NOT_REACHED  # an attempt names the row only if nothing else does
    rank = len(RANKING) if is_attempt else RANKING.index(class_of(contact))
    return rank, contact.at_ms  # of equals the first: a later one does not move the date


def _note(incident: Incident) -> str:
    ending = f"；结果 / outcome {incident.outcome}（{incident.closed_by}）" if incident.outcome else ""
    return f"报警编号 / alert {incident.alert_id}{ending}"
