"""Gathers what one decision about one home's alert may know, from one unit of the truth; decides nothing."""

import logging
from collections import Counter
from collections.abc import Sequence

import msgspec

from alerts.answered import Answered, answered_by, is_second
from alerts.holds import ANSWER, INCIDENT
from alerts.model import Alert, AlertState
from alerts.situation import BUNDLE_PREFIX, Bundle, Situation, who_of
from alerts.throttle import LONGEST_WINDOW_MS
from app.duty import contacts_for
from core.errors import DurabilityError
from core.ids import ContactId, FindingId, HomeId
from core.localtime import DEFAULT_ZONE_NAME, local_date, zone
from registry.homes import Home
from rules.findings import Finding, FindingKind, Priority
from rules.village import AREA_PREFIX
from store.truth.database import Unit
from store.truth.silences import Times

ENDED_BEFORE = 3
"""Alerts of a home that are looked through for who has answered: others may have come and gone within the hour."""

_log = logging.getLogger(__name__)


def situation_of(
    unit: Unit,
    alert: Alert | None,
    home: Home | None,
    now_ms: int,
    *,
    finding: Finding | None = None,
    may_ring: bool = True,
) -> Situation:
    """Return the situation of an alert (None: none yet) and of its home (None: look it up), for a finding of it.

    Without `may_ring` it leaves out silences and what limits the ringing of somebody: half of all that is asked, and of
    no use to a decision that only writes down how a call goes.
    """
    about = alert or finding
    home_id = about.home_id if about is not None else HomeId("") if home is None else home.id
    if home is None and home_id:
        home = unit.people.home(home_id)
    known = _of_home_or_nobody(unit, home, home_id, now_ms, may_ring=may_ring)
    may_hold = {FindingId(hold.by.removeprefix(INCIDENT)) for hold in (alert.holds if alert is not None else ())}
    if finding is not None and finding.held_by is not None:
        may_hold.add(finding.held_by)
    standing = frozenset(incident for incident in may_hold if unit.incidents.is_standing(incident))
    answered = _answered(unit, alert, home_id, now_ms, finding=finding)
    known = msgspec.structs.replace(known, standing_incidents=standing, answered=answered)
    if alert is None:
        return known
    if alert.priority is Priority.P3:
        known = msgspec.structs.replace(known, bundles=_bundles(unit, known, now_ms))
    findings = unit.alerts.findings(alert.id)
    return msgspec.structs.replace(
        known,
        alert=alert,
        attempts=tuple(unit.outbox.of_alert(alert.id)),
        timers=tuple(unit.alerts.timers(alert.id)),
        active_kinds=active_kinds(findings),
        sentences={one.kind: one.sentence for one in findings if not one.is_cleared},
    )


def _answered(
    unit: Unit, alert: Alert | None, home_id: HomeId, now_ms: int, *, finding: Finding | None
) -> Answered | None:
    """Return what a human has told of a silence that is told again now; asked for where it matters alone."""
    waits = alert is not None and any(hold.by.startswith(ANSWER) for hold in alert.holds)
    is_told_again = finding is not None and is_second(finding) and (alert is None or finding.kind not in alert.kinds)
    if not (waits or is_told_again):
        return None
    closed = unit.alerts.list((AlertState.CLOSED,), ENDED_BEFORE, home_id=home_id)
    found = (answered_by(one, unit.alerts.findings(one.id), now_ms) for one in closed)
    return next((one for one in found if one is not None), None)


def active_kinds(findings: Sequence[Finding]) -> frozenset[FindingKind]:
    """Return the kinds of an alert's findings that have not been taken back."""
    held = Counter(finding.kind for finding in findings if not finding.is_cleared)
    held.subtract(finding.kind for finding in findings if finding.is_cleared)
    return frozenset(kind for kind, count in held.items() if count > 0)


def _of_home_or_nobody(unit: Unit, home: Home | None, home_id: HomeId, now_ms: int, *, may_ring: bool) -> Situation:
    """Return a home's situation; without people when a row of theirs is damaged.

    The alert then stands on the board and rings nobody; raising instead would end the service at each start, for all.
    """
    try:
        return _of_home(unit, home, home_id, now_ms, may_ring=may_ring)
    except DurabilityError:
        _log.exception("the people of home %s cannot be read: its alerts are on the board alone", home_id)
        return Situation(
            alert=None, has_resident=False, zone_name=DEFAULT_ZONE_NAME if home is None else home.zone_name
        )


def _of_home(unit: Unit, home: Home | None, home_id: HomeId, now_ms: int, *, may_ring: bool) -> Situation:
    person_id = home.person_id if home is not None else None
    area = home.area if home is not None else home_id.removeprefix(AREA_PREFIX)  # an incident is its area's
    contacts = contacts_for(unit, home_id, person_id, now_ms)
    person = None if person_id is None else unit.people.person(person_id)
    known = Situation(
        alert=None,
        contacts=contacts,
        has_resident=person is not None and bool(person.phone),
        zone_name=home.zone_name if home is not None else DEFAULT_ZONE_NAME,
        person_id=person_id or "",
        area=area,
        is_key_person=home is not None and home.is_key_person,
    )
    if not may_ring:
        return known
    numbers = {contact.id: unit.numbers.get(contact.phone) for contact in contacts}
    calls, messages = unit.silences.tried_ms(person_id, list(numbers), now_ms - LONGEST_WINDOW_MS)
    return msgspec.structs.replace(
        known,
        silences=tuple(one for one in unit.silences.list(active_at_ms=now_ms) if one.is_about(home_id, area)),
        calls_ms=_by_who(calls),
        messages_ms=_by_who(messages),
        dead_for_calls=frozenset(contact_id for contact_id, number in numbers.items() if number.is_bounced),
        dead_for_messages=frozenset(contact_id for contact_id, number in numbers.items() if number.refuses_messages),
    )


def _by_who(times: Times) -> dict[str, tuple[int, ...]]:
    return {who_of(ContactId(who) if who else None): tuple(found) for who, found in times.items()}


def _bundles(unit: Unit, situation: Situation, now_ms: int) -> dict[str, Bundle]:
    """Return for each contact the one message of this local morning to its number."""
    day = local_date(now_ms, zone(situation.zone_name))
    found: dict[str, Bundle] = {}
    for contact in situation.contacts:
        number, count = unit.silences.waiting_tickets(contact, now_ms)
        if number:
            found[contact.id] = Bundle(f"{BUNDLE_PREFIX}{day}/{number}", max(1, count))
    return found
