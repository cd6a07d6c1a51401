"""The duty console's questions answered from the stores and the rules; writes go through the desk, never around it."""

from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Executor
from datetime import date

from alerts.model import AlertState, Outcome
from api.conversion import person_view
from api.incident_views import AffectedPage, OpenAlerts
from api.views import (
    AlertDetail,
    AlertView,
    DueView,
    HealthView,
    PersonView,
    RevealedView,
    VisitView,
)
from app.changes import Changes
from app.console_devices import DevicesConsole
from app.console_homes import HomeSources
from app.console_views import existing_alert
from app.desk_service import DeskService
from app.devices import DeviceDesk
from app.health import Health
from app.incident_views import affected_page
from core.clock import Clock
from core.errors import ConflictError, NotFoundError
from core.ids import AlertId, AttemptId, PersonId, VisitId
from core.localtime import DAY_MS
from registry.access import Deed
from registry.areas import is_within
from registry.rota import Span
from registry.rota_ical import ical
from store.parked import ParkedFile
from store.truth.database import Truth, Unit
from visits.policy import CountingPolicy

CALENDAR_BACK_MS = 7 * DAY_MS
CALENDAR_AHEAD_MS = 60 * DAY_MS
"""Last week to look something up, two months to plan with: some hundred events."""


class DeskConsole(DevicesConsole):
    """Fits api.ports.Console."""

    def __init__(
        self,
        truth: Truth,
        desk: DeskService,
        sources: HomeSources,
        *,
        parked: ParkedFile,
        policy: CountingPolicy,
        changes: Changes,
        health: Health,
        clock: Clock,
        zone_name: str,
        executor: Executor,
    ) -> None:
        super().__init__(truth, sources, policy=policy, clock=clock, zone_name=zone_name, executor=executor)
        self._desk = desk
        self._parked = parked
        self._devices = DeviceDesk(truth, clock)
        self._changes = changes
        self._health = health

    async def people(self, account: str) -> Sequence[PersonView]:
        """Return the people of the account's areas."""
        seen = await self._watched(account)
        return await self._view(
            lambda unit: [person_view(p, self._today()) for area in seen for p in unit.people.persons(area)]
        )

    async def person(self, person_id: str) -> PersonView:
        """Return one person."""
        found = await self._view(lambda unit: unit.people.person(PersonId(person_id)))
        if found is None:
            raise NotFoundError(f"没有此人 {person_id} / no person {person_id}")
        return person_view(found, self._today())

    async def alerts(
        self, states: frozenset[AlertState], limit: int, before_ms: int | None, *, account: str
    ) -> Sequence[AlertView]:
        """Return the account's alerts, newest first."""
        seen = await self._watched(account)
        return await self._view(
            lambda unit: [
                self._alert(unit, alert) for alert in unit.alerts.list(states or None, limit, before_ms, areas=seen)
            ]
        )

    async def open_alerts(self, limit: int, account: str) -> OpenAlerts:
        """Return the account's open alerts, gravest first, and how many more stand in the lists of incidents."""
        seen = await self._watched(account)
        return await self._view(
            lambda unit: OpenAlerts(
                alerts=[self._alert(unit, alert) for alert in unit.alerts.gravest(limit, seen)],
                listed=unit.incidents.listed_count(seen),
            )
        )

    async def affected(self, alert_id: str, page: int, limit: int, *, account: str) -> AffectedPage:
        """Return the account's homes that a village's incident explains."""
        seen, today = await self._watched(account), self._today()
        return await self._view(
            lambda unit: affected_page(unit, AlertId(alert_id), page, limit, today=today, areas=seen)
        )

    async def alert(self, alert_id: str) -> AlertDetail:
        """Return one alert with its story."""
        return await self._view(lambda unit: self._detail(unit, AlertId(alert_id)))

    async def acknowledge(self, alert_id: str, account: str, version: int, idempotency_key: str) -> AlertView:
        """Give an alert an owner; the same account twice is one acknowledgement, whatever its key."""
        _ = idempotency_key  # ownership itself makes a repetition harmless
        await self._run(lambda: self._desk.acknowledge(AlertId(alert_id), f"account:{account}", version))
        return await self._view(lambda unit: self._alert(unit, existing_alert(unit, AlertId(alert_id))))

    async def close(self, alert_id: str, outcome: Outcome, note: str, *, account: str, version: int) -> AlertView:
        """Close with a human fact, unless a new kind of finding has joined since; a phone that rang is no reason."""
        who = f"account:{account}"
        await self._run(lambda: self._desk.close(AlertId(alert_id), outcome, note, who=who, seen_version=version))
        return await self._view(lambda unit: self._alert(unit, existing_alert(unit, AlertId(alert_id))))

    async def press(self, attempt_id: str, digits: str, account: str, *, version: int | None) -> AlertDetail:
        """Record the key that a person said when the clerk rang by hand, who saw the alert at a version."""
        confirmed = "33" if digits == "3" else digits  # the clerk heard it: no second 3 is needed
        attempt = await self._run(
            lambda: self._desk.press(
                AttemptId(attempt_id), confirmed, entered_by=f"account:{account}", told_version=version
            )
        )
        if attempt is None:
            raise ConflictError(f"the key {digits} means nothing in this call")
        return await self.alert(attempt.alert_id)

    async def reveal(self, alert_id: str, reason: str, account: str) -> RevealedView:
        """Return numbers and address, after writing down who looked and why."""
        view = await self._run(lambda: self._reveal(AlertId(alert_id), reason, account))
        self._changes.tell()
        return view

    async def visits(
        self, person_id: str | None, from_date: date, until_date: date, *, account: str
    ) -> Sequence[VisitView]:
        """Return ledger rows, newest first."""
        who = None if person_id is None else PersonId(person_id)
        seen = await self._run(lambda: self._door.reach(account, Deed.SEE))
        if who is not None:
            await self._run(lambda: self._door.check_person(account, Deed.SEE, who))

        def work(unit: Unit) -> list[VisitView]:
            rows = self._visits(unit, who, from_date, until_date)
            if "" in seen:
                return rows
            theirs = {person.id for area in seen for person in unit.people.persons(area)}
            return [row for row in rows if row.person.person_id in theirs]

        return await self._view(work)

    async def review_visit(self, visit_id: str, account: str) -> VisitView:
        """Sign a contact that counts only when reviewed."""
        await self._run(lambda: self._door.check_visit(account, Deed.REVIEW, visit_id))
        view = await self._run(lambda: self._review(VisitId(visit_id), account))
        told, self._reviewed = self._reviewed, []
        self._changes.tell(told)
        return view

    async def due(self, month: date, account: str) -> Sequence[DueView]:
        """Return every obligation of a month."""
        seen = await self._run(lambda: self._door.reach(account, Deed.SEE))
        rows = await self._view(lambda unit: self._due(unit, month))
        return [row for row in rows if any(is_within(row.area, area) for area in seen)]

    async def rota_calendar(self) -> str:
        """Return the duty rota as a calendar."""
        now_ms = self._clock.now_ms()
        within = Span(now_ms - CALENDAR_BACK_MS, now_ms + CALENDAR_AHEAD_MS)
        return await self._view(lambda unit: ical(unit.rota.current(), within, now_ms=now_ms))

    async def health(self) -> HealthView:
        """Return the service's own state."""
        return await self._ask(self._health.view)

    async def is_ready(self) -> tuple[bool, list[str]]:
        """Return whether it can do its work, and what stops it."""
        problems = await self.problems()
        return not problems, problems

    async def problems(self) -> list[str]:
        """Return what stops the service from doing its work."""
        return (await self.health()).problems

    def subscribe(self) -> AsyncIterator[int]:
        """Yield a version that grows with every change."""
        return self._changes.subscribe()
