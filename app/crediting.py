"""From a closed alert to its one row in the ledger; what counts is decided in visits/, nothing is decided here."""

from datetime import timedelta

from alerts.attempts import SHOWN, is_only_shown
from alerts.canary import CANARY_HOME
from alerts.model import Alert, Attempt, AttemptState, CallPurpose, PlaceCall, TraceLine
from alerts.story import is_entered
from api.wording import attempt_said, class_words, said
from core.ids import AttemptId, PersonId
from core.localtime import zone
from core.text import Bilingual
from rules.findings import Evidence, FindingKind
from rules.grading import SIGNS_OF_LIFE
from store.truth.database import Unit
from visits.credit import ContactMade, Incident, Reached, closing_contact, visit_of
from visits.follow_ups import FollowUpKind, opened, opened_by_attempts
from visits.model import ContactClass, EvidenceLine, Visit
from visits.policy import CountingPolicy

_PRESSED = {
    (CallPurpose.ASK_RESIDENT, "1"): Reached.RESIDENT_PRESSED_1,
    (CallPurpose.ASK_CONTACT, "1"): Reached.CONTACT_PRESSED_1,
    (CallPurpose.ASK_CONTACT, "33"): Reached.CONTACT_PRESSED_3,
}
HAZARD_FINDINGS = frozenset(
    {
        FindingKind.EMERGENCY,
        FindingKind.WATER_RUNNING,
        FindingKind.WATER_BURST,
        FindingKind.SLOW_LEAK,
        FindingKind.STOVE_ON,
        FindingKind.HEATER_ON,
        FindingKind.COLD_HOME,
        FindingKind.HOT_HOME,
    }
)
"""Findings about the house: after the alert is closed somebody looks whether it was mended (R17, R30)."""

MOST_EVIDENCE = 100
"""Lines attached to one record: an alert of three days rings some sixty times."""

_DAY = timedelta(days=1)
_NOT_REACHED = frozenset({AttemptState.NO_ANSWER, AttemptState.BUSY, AttemptState.FAILED})


def credit(unit: Unit, alert: Alert, policy: CountingPolicy, now_ms: int) -> list[TraceLine]:
    """Write the visit of an alert that was closed, in the caller's transaction; return the lines to show."""
    person = None if alert.person_id is None else unit.people.person(alert.person_id)
    home = unit.people.home(alert.home_id)
    if person is None or home is None:
        return []
    visit = visit_of(_incident(unit, alert, person.id), person, policy, zone(home.zone_name))
    unit.visits.put(visit, at_ms=now_ms)  # it tells of the contact alone: the alert may have been closed days after
    if not visit.is_drill:
        _open_follow_ups(unit, alert, visit)
    return [TraceLine(alert_id=alert.id, at_ms=now_ms, what="visit_logged", who="system", text=visit_sentence(visit))]


def visit_sentence(visit: Visit) -> Bilingual:
    """Return what a visit counts for and why, in one sentence."""
    told = [(said("obligation", one.obligation), one) for one in visit.credits]
    said_zh = "；".join(f"{duty.zh}{'计入' if c.counts else '不计入'}（{c.clause}：{c.why.zh}）" for duty, c in told)
    said_en = "; ".join(
        f"{duty.en} {'counts' if c.counts else 'does not count'} ({c.clause}: {c.why.en})" for duty, c in told
    )
    return Bilingual(
        f"记入台账 {visit.local_date} {class_words(visit).zh}：{said_zh}",
        f"in the ledger {visit.local_date} {class_words(visit).en}: {said_en}",
    )


def _open_follow_ups(unit: Unit, alert: Alert, visit: Visit) -> None:
    """Track what a hazard left behind (R30), and send somebody to see who was missed twice in a day."""
    hazards = [kind for kind in alert.kinds if kind in HAZARD_FINDINGS]
    if hazards:
        matter = opened(
            FollowUpKind.HAZARD,
            visit.person_id,
            what=alert.sentence.zh,
            source=f"alert:{alert.id}",
            on=visit.local_date,
            area=visit.area,
            about=",".join(hazards),
        )
        unit.follow_ups.open_unless_known(matter)
    if visit.contact_class is ContactClass.C6_ATTEMPT:
        check = opened_by_attempts(unit.visits.list(visit.person_id, visit.local_date - _DAY, visit.local_date))
        if check is not None:
            unit.follow_ups.open_unless_known(check)


def _evidence(unit: Unit, alert: Alert) -> tuple[EvidenceLine, ...]:
    """Return the last proof of life where one is known, who was rung, and the key that was pressed; ids, no names."""
    noticed = [one for finding in unit.alerts.findings(alert.id) for one in finding.evidence]
    sign = max((one for one in noticed if one.grade in SIGNS_OF_LIFE), key=lambda one: one.at_ms, default=None)
    found = [] if sign is None else [EvidenceLine(sign.at_ms, _last_sign(sign))]
    entered = _entered(unit, alert)
    for attempt in sorted(unit.outbox.of_alert(alert.id), key=lambda one: (one.created_at_ms, one.key)):
        whom = "本人" if attempt.contact_id is None else f"联系人 {attempt.contact_id}"
        who = "the resident" if attempt.contact_id is None else f"contact {attempt.contact_id}"
        by = entered.get(attempt.id, "")
        pressed = f"，按键 {attempt.digits}{by and f'（值班员 {by} 代按）'}" if attempt.digits else ""
        key = f", pressed {attempt.digits}{by and f' (entered on the board by {by})'}" if attempt.digits else ""
        at_ms = attempt.answered_at_ms or attempt.submitted_at_ms or attempt.created_at_ms
        stands = SHOWN if is_only_shown(attempt) else attempt.state
        state = attempt_said(stands, is_call=isinstance(attempt.effect, PlaceCall))
        line = Bilingual(f"联系{whom}：{state.zh}{pressed}", f"contact of {who}: {state.en}{key}")
        found.append(EvidenceLine(at_ms, line))
    return tuple(found[:MOST_EVIDENCE])


def _entered(unit: Unit, alert: Alert) -> dict[AttemptId | None, str]:
    """Return which account entered the key of which attempt, where nobody pressed one."""
    return {one.attempt_id: one.who for one in unit.alerts.trace(alert.id) if is_entered(one)}


def _last_sign(sign: Evidence) -> Bilingual:
    return Bilingual(f"最后生命迹象依据：{sign.text.zh}", f"last proof of life: {sign.text.en}")


def _incident(unit: Unit, alert: Alert, person_id: PersonId) -> Incident:
    entered = _entered(unit, alert)
    attempts = unit.outbox.of_alert(alert.id)
    found = [_contact_made(one, is_entered=one.id in entered) for one in attempts]
    made = [contact for contact in found if contact is not None]
    closing = closing_contact(
        alert.outcome.value if alert.outcome else "",
        alert.closed_by,
        alert.closed_at_ms or alert.opened_at_ms,
        is_registered_visitor=alert.closed_by.startswith("account:"),  # accounts are the township's own staff
    )
    return Incident(
        alert_id=alert.id,
        person_id=person_id,
        opened_at_ms=alert.opened_at_ms,
        contacts=(*made, *([closing] if closing else [])),
        outcome=alert.outcome.value if alert.outcome else "",
        closed_by=alert.closed_by,
        closed_at_ms=alert.closed_at_ms,
        is_drill=alert.home_id == CANARY_HOME,
        evidence=_evidence(unit, alert),
    )


def _contact_made(attempt: Attempt, *, is_entered: bool) -> ContactMade | None:
    if not isinstance(attempt.effect, PlaceCall):
        return None
    by = "" if attempt.contact_id is None else f"contact:{attempt.contact_id}"
    reached = _PRESSED.get((attempt.effect.purpose, attempt.digits))
    if reached is Reached.RESIDENT_PRESSED_1 and is_entered:
        return None  # nobody pressed it: the desk's word is no proof of a call (visits.counting, "the desk closed it")
    if reached is not None:
        at_ms = attempt.answered_at_ms or attempt.ended_at_ms or attempt.created_at_ms
        return ContactMade(reached=reached, at_ms=at_ms, by=by)
    if attempt.contact_id is None and attempt.state in _NOT_REACHED:
        return ContactMade(reached=Reached.RESIDENT_NOT_REACHED, at_ms=attempt.created_at_ms, by=by)
    return None
