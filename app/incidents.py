"""What a silence or a village's incident holds of the alerts in the database, and lets go of again."""

import msgspec

from alerts.holds import INCIDENT
from alerts.model import Alert
from alerts.silences import Silence
from alerts.suppression import Hold
from core.ids import FindingId
from rules.findings import Finding
from rules.raising import usual_priority
from store.truth.database import Unit


def is_silenced(unit: Unit, alert: Alert, silence: Silence) -> bool:
    """Return whether a silence is about an alert."""
    home = unit.people.home(alert.home_id)
    is_about = silence.is_about(alert.home_id, "" if home is None else home.area)
    return is_about and any(silence.quiets(kind, alert.priority) for kind in alert.kinds)


def release(unit: Unit, incident: Alert, now_ms: int) -> None:
    """Have all that a village's incident held judged again at once."""
    for finding_id in incident.finding_ids:
        unit.silences.hasten(f"{INCIDENT}{finding_id}", now_ms)


def incident_of(hold: Hold) -> FindingId | None:
    """Return the incident that holds a finding, or None when a silence does."""
    return FindingId(hold.by.removeprefix(INCIDENT)) if hold.by.startswith(INCIDENT) else None


def at_its_own_priority(finding: Finding) -> Finding:
    """Return a finding that an incident explains as grave as it is by itself: the desk holds it, and may release it."""
    if finding.held_by is None:
        return finding
    return msgspec.structs.replace(finding, priority=min(finding.priority, usual_priority(finding.kind)))
