"""The duty console's questions answered from the stores and the rules; writes go through the desk, never around it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from datetime import date, timedelta
from typing import TypeVar

from alerts.model import Alert, AlertState, Outcome, TraceLine
from api.conversion import (
    alert_view,
    attempt_view,
    bilingual_view,
    evidence_view,
    person_brief,
    person_view,
    reading_view,
    trace_view,
    visit_view,
)
from api.views import (
    AlertDetail,
    AlertView,
    DeviceView,
    DueStatus,
    DueView,
    HealthView,
    HomeView,
    ParkedView,
    PersonBrief,
    PersonView,
    Presence,
    ReadingView,
    RevealedContact,
    RevealedView,
    SignOfLifeView,
    VisitView,
)
from app.changes import Changes
from app.desk_service import DeskService
from app.health import Health
from core.clock import Clock
from core.errors import ConflictError, NotFoundError
from core.events import Metric
from core.ids import AlertId, AttemptId, HomeId, PersonId, VisitId
from core.localtime import local_date, zone
from core.text import Bilingual
from registry.homes import Home
from rules.engine import Engine
from store.duckdb_series import DuckDbSeries
from store.journal import Journal
from store.truth.database import Truth, Unit
from visits.counting import reviewed
from visits.obligations import due
from visits.policy import CountingPolicy

T = TypeVar("T")
EXCERPT_CHARS = 200
NEIGHBOURING = timedelta(days=31)
"""Visits of the months beside the asked one tell the gaps between home visits."""

MANY = 100_000
"""Ledger rows of a month and its neighbours in a large county; a page shows far fewer."""


class DeskConsole:
    """Fits api.ports.Console."""

    def __init__(
        self,
        truth: Truth,
        desk: DeskService,
        engine: Engine,
        *,
        journal: Journal,
        series: DuckDbSeries,
        policy: CountingPolicy,
        changes: Changes,
        health: Health,
        clock: Clock,
        zone_name: str,
        executor: Executor,
        engine_executor: Executor,
    ) -> None:
        self._truth = truth
        self._desk = desk
        self._engine = engine
        self._journal = journal
        self._series = series
        self._policy = policy
        self._changes = changes
        self._health = health
        self._clock = clock
        self._zone = zone(zone_name)
        self._executor = executor
        self._engine_executor = engine_executor

    async def people(self) -> Sequence[PersonView]:
        """Return all people."""
        return await self._view(lambda unit: [person_view(p, self._today()) for p in unit.people.persons()])

    async def person(self, person_id: str) -> PersonView:
        """Return one person."""
        found = await self._view(lambda unit: unit.people.person(PersonId(person_id)))
        if found is None:
            raise NotFoundError(f"no person {person_id}")
        return person_view(found, self._today())

    async def homes(self) -> Sequence[HomeView]:
        """Return all homes with what is known of them."""
        homes, briefs, alerts = await self._view(self._homes)
        return await self._run(
            lambda: [self._home_view(home, briefs.get(home.id), alerts.get(home.id)) for home in homes],
            self._engine_executor,
        )

    async def home(self, home_id: str) -> HomeView:
        """Return one home."""
        for view in await self.homes():
            if view.home_id == home_id:
                return view
        raise NotFoundError(f"no home {home_id}")

    async def devices(self, home_id: str) -> Sequence[DeviceView]:
        """Return a home's devices with how they are."""
        home = await self._view(lambda unit: unit.people.home(HomeId(home_id)))
        if home is None:
            raise NotFoundError(f"no home {home_id}")
        latest = await self._run(lambda: self._series.latest(HomeId(home_id)))
        status = await self._run(lambda: self._engine.home_status(HomeId(home_id)), self._engine_executor)
        heard: dict[str, int] = {}
        battery: dict[str, float] = {}
        for reading in latest:
            heard[reading.device_id] = max(heard.get(reading.device_id, 0), reading.received_at_ms)
            if reading.metric is Metric.BATTERY_PERCENT:
                battery[reading.device_id] = float(reading.value)
        return [
            DeviceView(
                device_id=device.id,
                home_id=home.id,
                role=device.role,
                room=device.room,
                last_heard_ms=heard.get(device.id),
                heartbeat_ms=device.heartbeat_ms,
                battery_percent=battery.get(device.id),
                is_silent=device.id in status.silent_devices,
            )
            for device in sorted(home.devices, key=lambda device: device.id)
        ]

    async def readings(self, home_id: str, from_ms: int, until_ms: int, limit: int) -> Sequence[ReadingView]:
        """Return readings of a home."""
        if await self._view(lambda unit: unit.people.home(HomeId(home_id))) is None:
            raise NotFoundError(f"no home {home_id}")
        found = await self._run(lambda: self._series.readings(HomeId(home_id), from_ms, until_ms, limit))
        return [reading_view(reading) for reading in found]

    async def alerts(self, states: frozenset[AlertState], limit: int, before_ms: int | None) -> Sequence[AlertView]:
        """Return alerts, newest first."""
        return await self._view(
            lambda unit: [self._alert(unit, alert) for alert in unit.alerts.list(states or None, limit, before_ms)]
        )

    async def alert(self, alert_id: str) -> AlertDetail:
        """Return one alert with its story."""
        return await self._view(lambda unit: self._detail(unit, AlertId(alert_id)))

    async def acknowledge(self, alert_id: str, account: str, version: int, idempotency_key: str) -> AlertView:
        """Give an alert an owner; the same account twice is one acknowledgement, whatever its key."""
        _ = idempotency_key  # ownership itself makes a repetition harmless
        await self._run(lambda: self._desk.acknowledge(AlertId(alert_id), f"account:{account}", version))
        return await self._view(lambda unit: self._alert(unit, _existing(unit, AlertId(alert_id))))

    async def close(self, alert_id: str, outcome: Outcome, note: str, *, account: str, version: int) -> AlertView:
        """Close with a human fact."""
        _ = version  # a closed alert refuses by itself; a fact is not refused because a phone rang meanwhile
        await self._run(lambda: self._desk.close(AlertId(alert_id), outcome, note, who=f"account:{account}"))
        return await self._view(lambda unit: self._alert(unit, _existing(unit, AlertId(alert_id))))

    async def press(self, attempt_id: str, digits: str, account: str) -> AlertDetail:
        """Record the key that a person said when the clerk rang by hand."""
        _ = account
        confirmed = "33" if digits == "3" else digits  # the clerk heard it: no second 3 is needed
        attempt = await self._run(lambda: self._desk.press(AttemptId(attempt_id), confirmed))
        if attempt is None:
            raise ConflictError(f"the key {digits} means nothing in this call")
        return await self.alert(attempt.alert_id)

    async def reveal(self, alert_id: str, reason: str, account: str) -> RevealedView:
        """Return numbers and address, after writing down who looked and why."""
        view = await self._run(lambda: self._reveal(AlertId(alert_id), reason, account))
        self._changes.tell()
        return view

    async def visits(self, person_id: str | None, from_date: date, until_date: date) -> Sequence[VisitView]:
        """Return ledger rows, newest first."""
        who = None if person_id is None else PersonId(person_id)
        return await self._view(lambda unit: self._visits(unit, who, from_date, until_date))

    async def review_visit(self, visit_id: str, account: str) -> VisitView:
        """Sign a contact that counts only when reviewed."""
        view = await self._run(lambda: self._review(VisitId(visit_id), account))
        self._changes.tell()
        return view

    async def due(self, month: date) -> Sequence[DueView]:
        """Return every obligation of a month."""
        return await self._view(lambda unit: self._due(unit, month))

    async def parked(self, limit: int) -> Sequence[ParkedView]:
        """Return messages that could not be read."""
        found = await self._run(lambda: self._journal.parked(limit))
        return [
            ParkedView(
                parked_id=message.id,
                received_at_ms=message.received_at_ms,
                topic=message.topic,
                reason=message.reason,
                detail=message.detail,
                payload_bytes=len(message.payload),
                payload_excerpt=message.payload.decode("utf-8", "backslashreplace")[:EXCERPT_CHARS],
            )
            for message in found
        ]

    async def health(self) -> HealthView:
        """Return the service's own state."""
        return await self._run(self._health.view, self._engine_executor)

    async def is_ready(self) -> tuple[bool, list[str]]:
        """Return whether it can do its work, and what stops it."""
        problems = (await self.health()).problems
        return not problems, problems

    def subscribe(self) -> AsyncIterator[int]:
        """Yield a version that grows with every change."""
        return self._changes.subscribe()

    def _homes(self, unit: Unit) -> tuple[list[Home], dict[str, PersonBrief], dict[str, str]]:
        briefs = {p.home_id: person_brief(p, self._today()) for p in unit.people.persons()}
        states = [s for s in AlertState if s not in {AlertState.CLOSED, AlertState.WITHDRAWN}]
        alerts = {str(a.home_id): str(a.id) for a in unit.alerts.list(states, MANY)}
        return unit.people.homes(), {str(k): v for k, v in briefs.items()}, alerts

    def _home_view(self, home: Home, person: PersonBrief | None, alert_id: str | None) -> HomeView:
        try:
            status = self._engine.home_status(home.id)
        except NotFoundError:  # registered a moment ago; the rules take it up with the next reading
            return HomeView(home_id=home.id, area=home.area, person=person, open_alert_id=alert_id)
        presence = Presence.AWAY if status.is_away else Presence.HOME
        sign = None
        if status.last_sign_at_ms is not None:
            sign = SignOfLifeView(
                at_ms=status.last_sign_at_ms, device_id=status.last_sign_device or "", grade=status.last_sign_grade
            )
        return HomeView(
            home_id=home.id,
            area=home.area,
            person=person,
            presence=Presence.UNKNOWN if status.is_blind or sign is None else presence,
            last_sign=sign,
            is_blind=status.is_blind,
            blind_since_ms=status.blind_since_ms,
            next_deadline_ms=status.next_deadline_ms,
            open_alert_id=alert_id,
        )

    def _alert(self, unit: Unit, alert: Alert) -> AlertView:
        return alert_view(alert, _brief(unit, alert.person_id, self._today()), **_times(unit, alert))

    def _detail(self, unit: Unit, alert_id: AlertId) -> AlertDetail:
        alert = _existing(unit, alert_id)
        person = None if alert.person_id is None else unit.people.person(alert.person_id)
        attempts = sorted(unit.outbox.of_alert(alert_id), key=lambda a: (a.created_at_ms, a.key))
        visit = unit.visits.of_alert(alert_id)
        who = _brief(unit, alert.person_id, self._today())
        return AlertDetail(
            **self._alert(unit, alert).model_dump(),
            evidence=[evidence_view(e) for f in unit.alerts.findings(alert_id) for e in f.evidence],
            attempts=[
                attempt_view(a, unit.people.contact(a.contact_id) if a.contact_id else None, person) for a in attempts
            ],
            trace=[trace_view(line) for line in unit.alerts.trace(alert_id)],
            visit=None if visit is None or who is None else visit_view(visit, who),
        )

    def _reveal(self, alert_id: AlertId, reason: str, account: str) -> RevealedView:
        with self._truth.transaction() as unit:
            alert = _existing(unit, alert_id)
            person = None if alert.person_id is None else unit.people.person(alert.person_id)
            contacts = [] if person is None else unit.people.contacts(person.id)
            unit.alerts.add_trace(
                TraceLine(
                    alert_id=alert_id,
                    at_ms=self._clock.now_ms(),
                    what="revealed",
                    who=f"account:{account}",
                    text=Bilingual(f"查看号码与地址：{reason}", f"looked at numbers and address: {reason}"),
                )
            )
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
            visit = unit.visits.get(visit_id)
            person = None if visit is None else unit.people.person(visit.person_id)
            if visit is None or person is None:
                raise NotFoundError(f"no visit {visit_id}")
            signed = reviewed(visit, account, self._clock.now_ms(), person, self._policy)
            unit.visits.put(signed)
        return visit_view(signed, person_brief(person, self._today()))

    def _due(self, unit: Unit, month: date) -> list[DueView]:
        people = {person.id: person for person in unit.people.persons()}
        visits = unit.visits.list(
            from_date=month - NEIGHBOURING, until_date=month + NEIGHBOURING + NEIGHBOURING, limit=MANY
        )
        owed = due(f"{month:%Y-%m}", list(people.values()), visits, self._today(), self._policy)
        return [
            DueView(
                person=person_brief(people[one.person_id], self._today()),
                area=people[one.person_id].area,
                obligation=window.window.obligation,
                window_from=window.window.from_date,
                window_until=window.window.until_date,
                status=DueStatus(window.state.value),
                owed=window.owed,
                visit_id=window.satisfied_by[0] if window.satisfied_by else None,
                why=bilingual_view(window.why),
            )
            for one in owed
            for window in one.windows
        ]

    def _today(self) -> date:
        return local_date(self._clock.now_ms(), self._zone)

    async def _view(self, work: Callable[[Unit], T]) -> T:
        def within() -> T:
            with self._truth.view() as unit:
                return work(unit)

        return await self._run(within)

    async def _run(self, work: Callable[[], T], executor: Executor | None = None) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor or self._executor, work)


def _existing(unit: Unit, alert_id: AlertId) -> Alert:
    alert = unit.alerts.get(alert_id)
    if alert is None:
        raise NotFoundError(f"no alert {alert_id}")
    return alert


def _brief(unit: Unit, person_id: PersonId | None, today: date) -> PersonBrief | None:
    person = None if person_id is None else unit.people.person(person_id)
    return None if person is None else person_brief(person, today)


def _times(unit: Unit, alert: Alert) -> dict[str, int | None]:
    timers = [timer.due_at_ms for timer in unit.alerts.timers(alert.id)]
    since = [finding.since_ms for finding in unit.alerts.findings(alert.id) if not finding.is_cleared]
    return {"since_ms": min(since, default=alert.opened_at_ms), "next_step_ms": min(timers, default=None)}
