"""Rows that a village's incident explains: which homes' alerts, and which alert an incident is; decides no order."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection, and_, bindparam, func, select

from alerts.holds import ANSWER, SILENCE
from alerts.model import AlertState
from alerts.outage import Affected
from core.ids import AlertId, FindingId, HomeId
from rules.findings import Finding, Priority
from rules.village import end_of
from store.truth import tables
from store.truth.areas import EVERYWHERE, home_in

_FINDING = msgspec.json.Decoder(Finding)
_INCIDENT = select(tables.finding.c.data, tables.finding.c.alert_id).where(
    tables.finding.c.id == bindparam("wanted"), ~tables.finding.c.is_cleared
)
_ENDED = frozenset({AlertState.CLOSED.value, AlertState.WITHDRAWN.value})

_alert = tables.alert
IS_WAITING = _alert.c.holds.is_not(None) & (_alert.c.state == AlertState.OPEN.value) & (_alert.c.step < 0)
"""All of it is held, and nobody has been told."""

_is_by_silence, _is_by_answer = (_alert.c.holds.contains(f'"by":"{by}') for by in (SILENCE, ANSWER))
IS_LISTED = and_(IS_WAITING, ~_is_by_silence, ~_is_by_answer)
"""It stands in the list of the incident that explains all of it: ten thousand of an outage must hide nothing."""


class IncidentRows:
    """What incidents explain, bound to one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def affected(self, incidents: Collection[FindingId], areas: Sequence[str] = EVERYWHERE) -> Sequence[Affected]:
        """Return every alert in some areas with a finding that one of these incidents explains; ended ones too."""
        finding, alert, home = tables.finding, tables.alert, tables.home
        since_ms = func.min(func.json_extract(finding.c.data, "$.since_ms")).label("since_ms")
        columns = (alert.c.id, alert.c.home_id, alert.c.priority, alert.c.state, alert.c.step, alert.c.holds)
        rows = (
            select(*columns, home.c.is_key_person, since_ms)
            .select_from(finding)
            .join(alert, alert.c.id == finding.c.alert_id)
            .outerjoin(home, home.c.id == alert.c.home_id)
            .where(finding.c.held_by.in_(sorted(incidents)), ~finding.c.is_cleared, home_in(alert.c.home_id, areas))
            .group_by(*columns, home.c.is_key_person)
        )
        return [
            Affected(
                home_id=HomeId(row.home_id),
                alert_id=AlertId(row.id),
                priority=Priority(row.priority),
                is_open=row.state not in _ENDED,
                is_held=row.holds is not None and row.state == AlertState.OPEN.value and row.step < 0,
                is_key_person=bool(row.is_key_person),
                since_ms=int(row.since_ms),
            )
            for row in self._connection.execute(rows)
        ]

    def is_standing(self, incident: FindingId) -> bool:
        """Return whether an incident still holds: nobody took it back and no human closed its alert."""
        finding, alert = tables.finding, tables.alert
        row = self._connection.execute(_INCIDENT, {"wanted": incident}).first()
        if row is None:
            return False
        is_end = (finding.c.id == end_of(_FINDING.decode(row.data))) & finding.c.is_cleared
        if self._connection.execute(select(finding.c.id).where(is_end)).first() is not None:
            return False
        state = self._connection.scalar(select(alert.c.state).where(alert.c.id == row.alert_id))
        return state not in _ENDED

    def alert_of(self, incident: FindingId) -> AlertId | None:
        """Return the alert that an incident's finding joined, or None."""
        row = self._connection.execute(_INCIDENT, {"wanted": incident}).first()
        return None if row is None or row.alert_id is None else AlertId(row.alert_id)

    def listed_count(self, areas: Sequence[str] = EVERYWHERE) -> int:
        """Return how many alerts of some areas stand in the list of an incident, and nobody is told of them for now."""
        return (
            self._connection.scalar(
                select(func.count()).select_from(_alert).where(IS_LISTED, home_in(_alert.c.home_id, areas))
            )
            or 0
        )
