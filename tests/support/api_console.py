"""An in-memory console, accounts and phone callbacks for tests of the API and pages."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date

import httpx
from api_devices import FakeDevices
from api_home import FakeHomes
from api_village import BASE, MINUTE_MS, NOW_MS, SIGNATURE, WANG, sample_alert, sample_due, sample_visit
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter

from alerts.model import TERMINAL_ATTEMPT_STATES, AlertState, AttemptState, Outcome
from api.application import create_app
from api.board import OPEN_STATES
from api.conversion import person_view
from api.incident_views import AffectedPage, AffectedView, OpenAlerts
from api.views import (
    AlertDetail,
    AlertView,
    DueView,
    HealthView,
    PersonView,
    RevealedContact,
    RevealedView,
    VisitView,
)
from core.clock import ManualClock
from core.errors import ConflictError, NotFoundError
from registry.homes import ContactRole


class FakeConsole(FakeDevices, FakeHomes):
    """The Console port in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.alert_rows: dict[str, AlertDetail] = {
            "a1": sample_alert(),
            "a0": sample_alert(
                "a0",
                state=AlertState.CLOSED,
                opened_at_ms=NOW_MS - 120 * MINUTE_MS,
                outcome=Outcome.WELL_CONFIRMED_BY_RESIDENT,
                closed_by="account:zhang",
                closed_at_ms=NOW_MS - 90 * MINUTE_MS,
                visit=sample_visit(),
                version=5,
            ),
        }
        self.visit_rows: dict[str, VisitView] = {"v1": sample_visit()}
        self.keys: dict[str, str] = {}
        self.looks: list[tuple[str, str, str]] = []
        self.problems: list[str] = []
        self.pressed_by = ""
        self.versions: list[int] = [1, 2]
        self.breaks_on_health = False
        self.listed = 0
        self.affected_rows: list[AffectedView] = []

    async def check_watch(self, account: str, *, acts: bool = False, **named: str) -> None:
        """Every account sees everything."""

    async def people(self, account: str) -> Sequence[PersonView]:  # noqa: ARG002 - every account sees all here
        return [person_view(WANG, date(2024, 2, 27))]

    async def person(self, person_id: str) -> PersonView:
        if person_id != WANG.id:
            raise NotFoundError(f"no person {person_id}")
        return person_view(WANG, date(2024, 2, 27))

    async def alerts(
        self,
        states: frozenset[AlertState],
        limit: int,
        before_ms: int | None,
        *,
        account: str,  # noqa: ARG002 - every account sees all here
    ) -> Sequence[AlertView]:
        rows = [a for a in self.alert_rows.values() if a.state in states]
        rows = [a for a in rows if before_ms is None or a.opened_at_ms < before_ms]
        rows.sort(key=lambda a: (-a.opened_at_ms, a.alert_id))
        return [AlertView.model_validate(a.model_dump(include=set(AlertView.model_fields))) for a in rows[:limit]]

    async def open_alerts(self, limit: int, account: str) -> OpenAlerts:
        rows = await self.alerts(OPEN_STATES, limit, None, account=account)
        return OpenAlerts(alerts=sorted(rows, key=lambda a: a.priority)[:limit], listed=self.listed)

    async def affected(self, alert_id: str, page: int, limit: int, *, account: str) -> AffectedPage:  # noqa: ARG002 - every account sees all here
        await self.alert(alert_id)
        rows = self.affected_rows
        pages = max(1, -(-len(rows) // limit))
        page = min(page, pages)
        shown = rows[(page - 1) * limit : page * limit]
        held = sum(bool(row.holds) for row in rows)
        return AffectedPage(items=shown, page=page, pages=pages, total=len(rows), open=len(rows), held=held)

    async def alert(self, alert_id: str) -> AlertDetail:
        if alert_id not in self.alert_rows:
            raise NotFoundError(f"no alert {alert_id}")
        return self.alert_rows[alert_id]

    async def acknowledge(self, alert_id: str, account: str, version: int, idempotency_key: str) -> AlertView:
        alert = await self.alert(alert_id)
        if self.keys.get(idempotency_key) == alert_id:
            return alert
        self._check(alert, version)
        self.keys[idempotency_key] = alert_id
        return self._put(alert, state=AlertState.ACKNOWLEDGED, owner=f"account:{account}")

    async def close(self, alert_id: str, outcome: Outcome, note: str, *, account: str, version: int) -> AlertView:
        alert = await self.alert(alert_id)
        self._check(alert, version)
        return self._put(
            alert,
            state=AlertState.CLOSED,
            outcome=outcome,
            outcome_note=note,
            closed_by=f"account:{account}",
            closed_at_ms=NOW_MS,
        )

    async def press(self, attempt_id: str, digits: str, account: str, *, version: int | None) -> AlertDetail:
        self.pressed_by = account
        for alert in self.alert_rows.values():
            for index, attempt in enumerate(alert.attempts):
                if attempt.attempt_id != attempt_id:
                    continue
                if attempt.state in TERMINAL_ATTEMPT_STATES:
                    raise ConflictError(f"attempt {attempt_id} is over")
                self._check(alert, alert.version if version is None else version)
                state = AttemptState.DECLINED if digits == "2" else AttemptState.ACKED
                pressed = attempt.model_copy(update={"digits": digits, "state": state})
                attempts = [*alert.attempts[:index], pressed, *alert.attempts[index + 1 :]]
                return self._put(alert, attempts=attempts)
        raise NotFoundError(f"no attempt {attempt_id}")

    async def reveal(self, alert_id: str, reason: str, account: str) -> RevealedView:
        await self.alert(alert_id)
        self.looks.append((alert_id, reason, account))
        daughter = RevealedContact(role=ContactRole.FAMILY, relation="女儿", name="李梅", phone="+8613900005678")
        return RevealedView(alert_id=alert_id, address=WANG.address, contacts=[daughter])

    async def visits(
        self, person_id: str | None, from_date: date, until_date: date, *, account: str
    ) -> Sequence[VisitView]:
        assert account
        rows = [v for v in self.visit_rows.values() if from_date <= v.local_date <= until_date]
        return [v for v in rows if person_id in {None, v.person.person_id}]

    async def review_visit(self, visit_id: str, account: str) -> VisitView:
        if visit_id not in self.visit_rows:
            raise NotFoundError(f"no visit {visit_id}")
        if not self.visit_rows[visit_id].needs_review:
            raise ConflictError(f"visit {visit_id} is signed")
        signed = {"needs_review": False, "reviewed_by": f"account:{account}", "reviewed_at_ms": NOW_MS}
        self.visit_rows[visit_id] = self.visit_rows[visit_id].model_copy(update=signed)
        return self.visit_rows[visit_id]

    async def due(self, month: date, account: str) -> Sequence[DueView]:
        assert account
        return sample_due() if month == date(2024, 2, 1) else []

    async def rota_calendar(self) -> str:
        return "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

    async def health(self) -> HealthView:
        if self.breaks_on_health:
            raise RuntimeError("王秀英 is in this message")
        return HealthView(now_ms=NOW_MS, homes=2, blind_homes=1, open_alerts=1)

    async def is_ready(self) -> tuple[bool, list[str]]:
        return not self.problems, self.problems

    async def subscribe(self) -> AsyncIterator[int]:
        for version in self.versions:
            yield version

    def _check(self, alert: AlertDetail, version: int) -> None:
        if alert.version != version:
            raise ConflictError(f"somebody was first: {alert.owner or 'the alert moved on'}")

    def _put(self, alert: AlertDetail, **changes: object) -> AlertDetail:
        changed = alert.model_copy(update={**changes, "version": alert.version + 1})
        self.alert_rows[alert.alert_id] = changed
        return changed


class FakeAccounts:
    """The Accounts port in memory: two clerks."""

    def __init__(self) -> None:
        self.passwords = {"zhang": "right horse", "chen": "other horse"}
        self.sessions, self.set_ms = dict[str, str](), dict[str, int]()
        self.asked = 0

    async def login(self, name: str, password: str) -> str | None:
        self.asked += 1
        if self.passwords.get(name) != password:
            return None
        token = f"token-{name}-{len(self.sessions)}"
        self.sessions[token] = name
        return token

    async def password_set_ms(self, name: str) -> int:
        return self.set_ms.get(name, 0)

    async def account_of(self, token: str) -> str | None:
        return self.sessions.get(token)

    async def logout(self, token: str) -> None:
        self.sessions.pop(token, None)


class FakeCallbacks:
    """The PhoneCallbacks port in memory: one attempt, one signature."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.signed_paths: list[str] = []
        self.signed_forms: list[dict[str, str]] = []

    def is_signed(self, path_with_query: str, form: Mapping[str, str], signature: str) -> bool:
        self.signed_paths.append(path_with_query)
        self.signed_forms.append(dict(form))
        return signature == SIGNATURE

    async def twiml(self, attempt_id: str, form: Mapping[str, str]) -> str:
        self._note("twiml", attempt_id, form)
        return '<?xml version="1.0" encoding="UTF-8"?><Response><Say>您好</Say></Response>'

    async def gather(self, attempt_id: str, form: Mapping[str, str]) -> str:
        self._note("gather", attempt_id, form)
        return "<Response><Say>谢谢</Say></Response>"

    async def status(self, attempt_id: str, form: Mapping[str, str]) -> None:
        self._note("status", attempt_id, form)

    async def sms_status(self, attempt_id: str, form: Mapping[str, str]) -> None:
        self._note("sms-status", attempt_id, form)

    def _note(self, what: str, attempt_id: str, form: Mapping[str, str]) -> None:
        if attempt_id != "t1":
            raise NotFoundError(f"no attempt {attempt_id}")
        self.seen.append((what, attempt_id, dict(form)))


class Desk:
    """One application over the fakes, with clients to reach it."""

    def __init__(self, *, secure_cookies: bool = False, clock: ManualClock | None = None, **ports: object) -> None:
        self.console = FakeConsole()
        self.accounts = FakeAccounts()
        self.callbacks = FakeCallbacks()
        self.clock = clock or ManualClock(NOW_MS)
        self.registry = CollectorRegistry()
        Counter("shouwang_test", "a metric to find", registry=self.registry).inc()
        self.app: FastAPI = create_app(
            self.console,
            self.accounts,
            self.callbacks,
            self.registry,
            now_ms=self.clock.now_ms,
            secure_cookies=secure_cookies,
            **ports,
        )

    def client(self, *, raises: bool = True, address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
        """A client that nobody has logged in, at an address."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=raises, client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers)

    def browser(self) -> httpx.AsyncClient:
        """A client that says what a browser says on our own pages."""
        return self.client(**{"accept": "text/html", "sec-fetch-site": "same-origin"})

    @asynccontextmanager
    async def clerk(self, name: str = "zhang") -> AsyncIterator[httpx.AsyncClient]:
        """A browser that is logged in by the login form."""
        async with self.browser() as browser:
            answer = await browser.post("/login", data={"name": name, "password": self.accounts.passwords[name]})
            assert answer.status_code == 303
            yield browser

    @asynccontextmanager
    async def program(self, name: str = "zhang") -> AsyncIterator[httpx.AsyncClient]:
        """A program that is logged in with a bearer token."""
        async with self.client() as client:
            body = {"name": name, "password": self.accounts.passwords[name]}
            token = (await client.post("/api/v1/login", json=body)).json()["token"]
            client.cookies.clear()
            client.headers["authorization"] = f"Bearer {token}"
            yield client


def run(story):
    """Return what a story gives, within a minute."""
    return asyncio.run(asyncio.wait_for(story, 60))
