"""What humans found: closed alerts behind which somebody really needed help; their rings are no false alarms."""

from collections.abc import Sequence

import msgspec

from alerts.model import AlertState, Outcome
from app.evaluation.ringing import Ring
from core.ids import HomeId
from store.truth.database import Truth

GENUINE = frozenset({Outcome.HELPED_AT_HOME, Outcome.TAKEN_TO_HOSPITAL, Outcome.FOUND_DEAD})
"""The person was not well. A hazard that was removed says nothing of whether a silence was one to ring for."""

MOST_ALERTS = 10_000
"""Of one home; one that was alerted more often has no figure that means anything."""


class Incident(msgspec.Struct, frozen=True):
    """One closed alert with a genuine outcome: since when what it was about had begun, until a human closed it."""

    since_ms: int
    closed_ms: int
    outcome: Outcome


def incidents_of(truth: Truth, home_id: HomeId) -> list[Incident]:
    """Return a home's incidents in order of time."""
    found: list[Incident] = []
    with truth.view() as unit:
        for alert in unit.alerts.list({AlertState.CLOSED}, MOST_ALERTS, home_id=home_id):
            if alert.outcome is None or alert.outcome not in GENUINE or alert.closed_at_ms is None:
                continue
            begun = [finding.since_ms for finding in unit.alerts.findings(alert.id) if not finding.is_cleared]
            found.append(Incident(min(begun, default=alert.opened_at_ms), alert.closed_at_ms, alert.outcome))
    return sorted(found, key=lambda incident: incident.since_ms)


def incident_of(ring: Ring, incidents: Sequence[Incident]) -> Incident | None:
    """Return the incident that a ring was for: it rang during it, or still held when it began."""
    for incident in incidents:
        is_during = incident.since_ms <= ring.at_ms <= incident.closed_ms
        if is_during or ring.at_ms < incident.since_ms <= ring.until_ms:
            return incident
    return None
