"""The list of a village's incident, built inside one view of the database: only the page asked for is read in full."""

from collections.abc import Sequence
from datetime import date

from alerts.model import Alert
from alerts.outage import Affected, by_risk
from api.conversion import PRIORITY_CODES, bilingual_view, hold_view, person_brief
from api.incident_views import AffectedPage, AffectedView
from api.views import HoldView
from app.incidents import incident_of
from core.errors import NotFoundError
from core.ids import AlertId
from rules.findings import FindingKind
from store.truth.database import Unit


def affected_page(
    unit: Unit, alert_id: AlertId, page: int, limit: int, *, today: date, areas: Sequence[str]
) -> AffectedPage:
    """Return a page of the homes in some areas that an alert explains, the last when there are fewer; NotFoundError."""
    alert = unit.alerts.get(alert_id)
    if alert is None:
        raise NotFoundError(f"没有此报警 {alert_id} / no alert {alert_id}")
    is_incident = FindingKind.INFRASTRUCTURE in alert.kinds
    found = by_risk(unit.incidents.affected(alert.finding_ids, areas)) if is_incident else []
    pages = max(1, -(-len(found) // limit))
    page = min(page, pages)
    return AffectedPage(
        items=[_affected_view(unit, one, today) for one in found[(page - 1) * limit : page * limit]],
        page=page,
        pages=pages,
        total=len(found),
        open=sum(one.is_open for one in found),
        held=sum(one.is_held for one in found),
    )


def holds_of(unit: Unit, alert: Alert) -> list[HoldView]:
    """Return what is held of an alert, with the village's alert where one explains it."""
    views: list[HoldView] = []
    for hold in alert.holds:
        incident = incident_of(hold)
        explaining = None if incident is None else unit.incidents.alert_of(incident)
        views.append(hold_view(hold, explaining))
    return views


def _affected_view(unit: Unit, one: Affected, today: date) -> AffectedView:
    alert = unit.alerts.get(one.alert_id)
    if alert is None:
        raise NotFoundError(f"没有此报警 {one.alert_id} / no alert {one.alert_id}")
    home = unit.people.home(one.home_id)
    person = None if alert.person_id is None else unit.people.person(alert.person_id)
    return AffectedView(
        home_id=one.home_id,
        area="" if home is None else home.area,
        person=None if person is None else person_brief(person, today),
        alert_id=one.alert_id,
        priority=PRIORITY_CODES[alert.priority],
        state=alert.state,
        sentence=bilingual_view(alert.sentence),
        since_ms=one.since_ms,
        holds=holds_of(unit, alert),
    )
