"""What the console shows, built inside one view of the database; every read answers from one moment."""

from collections.abc import Sequence
from datetime import date

from alerts.model import Alert, AlertState, TraceLine
from api.conversion import (
    alert_view,
    attempt_view,
    bilingual_view,
    evidence_view,
    person_brief,
    trace_view,
    visit_view,
)
from api.views import (
    AlertDetail,
    AlertView,
    DueStatus,
    DueView,
    PersonBrief,
    RevealedContact,
    RevealedView,
    VisitView,
)
from app.crediting import visit_sentence
from app.duty import contacts_for
from app.incident_views import holds_of
from app.ledger_book import LedgerBook, existing_person, existing_visit
from app.ledger_due import month_rows
from core.clock import Clock
from core.errors import ConflictError, NotFoundError
from core.ids import AlertId, HomeId, PersonId, VisitId
from core.localtime import local_date, zone
from core.text import Bilingual
from registry.homes import Home
from store.truth.database import Truth, Unit
from visits.counting import NEEDS_REVIEW
from visits.policy import CountingPolicy

MANY = 100_000
"""Ledger rows of a month and its neighbours in a large county; a page shows far fewer."""


class ConsoleViews:
    """The blocking half of the console."""

    def __init__(
        self,
        truth: Truth,
        *,
        policy: CountingPolicy,
        clock: Clock,
        zone_name: str,
    ) -> None:
        self._truth = truth
        self._policy = policy
        self._clock = clock
        self._zone = zone(zone_name)
        self._book = LedgerBook(truth, clock, policy, self._zone)
        self._reviewed: list[TraceLine] = []

    def _homes(self, unit: Unit, areas: Sequence[str]) -> tuple[list[Home], dict[str, PersonBrief], dict[str, str]]:
        homes = unit.people.homes_in(areas) if areas else []
        people = [p for area in areas for p in unit.people.persons(area)]
        briefs = {p.home_id: person_brief(p, self._today()) for p in people}
        states = [s for s in AlertState if s not in {AlertState.CLOSED, AlertState.WITHDRAWN}]
        by_gravity = sorted(unit.alerts.list(states, MANY, areas=areas), key=lambda alert: alert.priority, reverse=True)
        alerts = {str(alert.home_id): str(alert.id) for alert in by_gravity}  # the gravest of a home wins
        return homes, {str(k): v for k, v in briefs.items()}, alerts

    def _home(self, unit: Unit, home_id: HomeId) -> tuple[Home, PersonBrief | None, str | None]:
        home = existing_home(unit, home_id)
        person = _brief(unit, home.person_id, self._today())
        alert = unit.alerts.open_of_home(home_id, is_ticket=False) or unit.alerts.open_of_home(home_id, is_ticket=True)
        return home, person, None if alert is None else str(alert.id)

    def _alert(self, unit: Unit, alert: Alert) -> AlertView:
        who, timers = _brief(unit, alert.person_id, self._today()), unit.alerts.timers(alert.id)
        next_step_ms = min((timer.due_at_ms for timer in timers), default=None)
        return alert_view(alert, who, findings=unit.alerts.findings(alert.id), next_step_ms=next_step_ms)

    def _detail(self, unit: Unit, alert_id: AlertId) -> AlertDetail:
        alert = existing_alert(unit, alert_id)
        person = None if alert.person_id is None else unit.people.person(alert.person_id)
        attempts = sorted(unit.outbox.of_alert(alert_id), key=lambda a: (a.created_at_ms, a.key))
        visit = unit.visits.of_alert(alert_id)
        who = _brief(unit, alert.person_id, self._today())
        # a finding that is told again, or graver, brings what it rested on before: each line is said once
        evidence = dict.fromkeys(one for finding in unit.alerts.findings(alert_id) for one in finding.evidence)
        return AlertDetail(
            **self._alert(unit, alert).model_copy(update={"holds": holds_of(unit, alert)}).model_dump(),
            evidence=[evidence_view(one) for one in evidence],
            attempts=[
                attempt_view(a, unit.people.contact(a.contact_id) if a.contact_id else None, person) for a in attempts
            ],
            trace=[trace_view(line) for line in unit.alerts.trace(alert_id)],
            visit=None if visit is None or who is None else visit_view(visit, who),
        )

    def _reveal(self, alert_id: AlertId, reason: str, account: str) -> RevealedView:
        with self._truth.transaction() as unit:
            alert = existing_alert(unit, alert_id)
            person = None if alert.person_id is None else unit.people.person(alert.person_id)
            contacts = contacts_for(unit, alert.home_id, alert.person_id, self._clock.now_ms())
            unit.alerts.add_trace(
                TraceLine(
                    alert_id=alert_id,
                    at_ms=self._clock.now_ms(),
                    what="revealed",
                    who=f"account:{account}",
                    text=Bilingual(f"查看号码与地址：{reason}", f"looked at numbers and address: {reason}"),
                )
            )
            subject = str(alert_id) if alert.person_id is None else alert.person_id
            unit.audit.append(f"account:{account}", "person.revealed", subject, reason, self._clock.now_ms())
        own = [] if person is None else [RevealedContact(name=person.name, phone=person.phone)]
        return RevealedView(
            alert_id=alert_id,
            address="" if person is None else person.address,
            contacts=own
            + [RevealedContact(role=c.role, relation=c.relation, name=c.name, phone=c.phone) for c in contacts],
        )

    def _visits(self, unit: Unit, who: PersonId | None, from_date: date, until_date: date) -> list[VisitView]:
        found = unit.visits.list(person_id=who, from_date=from_date, until_date=until_date, limit=MANY)
        ordered = sorted(found, key=lambda visit: (visit.started_at_ms, visit.id), reverse=True)
        return [
            visit_view(visit, brief)
            for visit in ordered
            if (brief := _brief(unit, visit.person_id, self._today())) is not None
        ]

    def _review(self, visit_id: VisitId, account: str) -> VisitView:
        with self._truth.transaction() as unit:
            visit = existing_visit(unit, visit_id)
            if visit.contact_class not in NEEDS_REVIEW:
                raise ConflictError(f"visit {visit_id} is of class {visit.contact_class}, which nobody needs to review")
            signed = self._book.sign_within(unit, visit, f"account:{account}")
            person = existing_person(unit, visit.person_id)
            if signed.alert_id is not None:
                said = visit_sentence(signed)
                line = TraceLine(
                    alert_id=signed.alert_id,
                    at_ms=self._clock.now_ms(),
                    what="visit_reviewed",
                    who=f"account:{account}",
                    text=Bilingual(f"复核签字。{said.zh}", f"reviewed and signed. {said.en}"),
                )
                unit.alerts.add_trace(line)
                self._reviewed.append(line)
        return visit_view(signed, person_brief(person, self._today()))

    def _due(self, unit: Unit, month: date) -> list[DueView]:
        people = {person.id: person for person in unit.people.persons()}
        found = month_rows(unit, f"{month:%Y-%m}", self._today(), self._policy)
        return [
            DueView(
                person=person_brief(people[row.due.person_id], self._today()),
                area=row.standing.person.area,
                obligation=window.window.obligation,
                window_from=window.window.from_date,
                window_until=window.window.until_date,
                status=DueStatus(window.state.value),
                owed=window.owed,
                visit_id=window.satisfied_by[0] if window.satisfied_by else None,
                why=bilingual_view(window.why),
            )
            for row in found.rows
            for window in row.due.windows
        ]

    def _today(self) -> date:
        return local_date(self._clock.now_ms(), self._zone)


def existing_alert(unit: Unit, alert_id: AlertId) -> Alert:
    """Return an alert; raises NotFoundError."""
    alert = unit.alerts.get(alert_id)
    if alert is None:
        raise NotFoundError(f"没有此报警 {alert_id} / no alert {alert_id}")
    return alert


def existing_home(unit: Unit, home_id: HomeId) -> Home:
    """Return a home; raises NotFoundError."""
    home = unit.people.home(home_id)
    if home is None:
        raise NotFoundError(f"没有此住户 {home_id} / no home {home_id}")
    return home


def _brief(unit: Unit, person_id: PersonId | None, today: date) -> PersonBrief | None:
    person = None if person_id is None else unit.people.person(person_id)
    return None if person is None else person_brief(person, today)
