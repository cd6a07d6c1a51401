"""Whose homes a village's incident explains, the most endangered first: whom to look after when many cannot be seen."""

import msgspec

from alerts.holds import INCIDENT
from alerts.lifecycle import ENDED
from alerts.model import Alert, AlertState
from core.ids import HomeId, PersonId
from rules.findings import FindingKind, Priority
from store.truth.database import Unit

MOST_HOMES = 20_000
"""Open alerts looked through: more than a county has homes."""


class AtRisk(msgspec.Struct, frozen=True, kw_only=True):
    """One home of which nobody is told, because the incident explains it."""

    home_id: HomeId
    person_id: PersonId | None
    is_key_person: bool
    priority: Priority  # of the gravest thing that is held
    kinds: tuple[FindingKind, ...]
    since_ms: int

    def rank(self) -> tuple[int, bool, int, str]:
        """Return its place: what is graver, then key people, then who has been waiting longest."""
        return int(self.priority), not self.is_key_person, self.since_ms, self.home_id


def at_risk(unit: Unit, incident: Alert) -> tuple[AtRisk, ...]:
    """Return the homes that an incident holds, those at the highest risk first."""
    by = {f"{INCIDENT}{finding_id}" for finding_id in incident.finding_ids}
    open_states = [state for state in AlertState if state not in ENDED]
    found: list[AtRisk] = []
    for alert in unit.alerts.list(open_states, MOST_HOMES):
        holds = [hold for hold in alert.holds if hold.by in by]
        if not holds:
            continue
        home = unit.people.home(alert.home_id)
        found.append(
            AtRisk(
                home_id=alert.home_id,
                person_id=alert.person_id,
                is_key_person=home is not None and home.is_key_person,
                priority=min(hold.priority for hold in holds),
                kinds=tuple(hold.finding_kind for hold in holds),
                since_ms=alert.opened_at_ms,
            )
        )
    return tuple(sorted(found, key=AtRisk.rank))
