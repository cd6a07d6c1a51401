"""Gathers what one decision about one home's alert may know, from one unit of the truth; decides nothing."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from alerts.model import Alert
from alerts.situation import Situation
from core.ids import HomeId
from core.localtime import DEFAULT_ZONE_NAME
from registry.homes import Home
from rules.findings import Finding, FindingKind
from store.truth.database import Unit


def situation_of(unit: Unit, alert: Alert | None, home: Home | None) -> Situation:
    """Return the situation of an alert (None: none yet) and of its home (None: look it up)."""
    if home is None and alert is not None:
        home = unit.people.home(HomeId(alert.home_id))
    known = _of_home(unit, home)
    if alert is None:
        return known
    return msgspec.structs.replace(
        known,
        alert=alert,
        attempts=tuple(unit.outbox.of_alert(alert.id)),
        timers=tuple(unit.alerts.timers(alert.id)),
        active_kinds=active_kinds(unit.alerts.findings(alert.id)),
    )


def active_kinds(findings: Sequence[Finding]) -> frozenset[FindingKind]:
    """Return the kinds of an alert's findings that have not been taken back."""
    held = Counter(finding.kind for finding in findings if not finding.is_cleared)
    held.subtract(finding.kind for finding in findings if finding.is_cleared)
    return frozenset(kind for kind, count in held.items() if count > 0)


def _of_home(unit: Unit, home: Home | None) -> Situation:
    person_id = home.person_id if home is not None else None
    person = None if person_id is None else unit.people.person(person_id)
    return Situation(
        alert=None,
        contacts=() if person_id is None else tuple(unit.people.contacts(person_id)),
        has_resident=person is not None and bool(person.phone),
        zone_name=home.zone_name if home is not None else DEFAULT_ZONE_NAME,
        person_id=person_id or "",
        area=home.area if home is not None else "",
        is_key_person=home is not None and home.is_key_person,
    )
