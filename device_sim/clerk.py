"""A duty clerk who works by the HTTP API like everybody else: closes what was taken on, signs what counts."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx
import msgspec

from alerts.model import AlertState, Outcome
from core.ids import HomeId
from core.localtime import MINUTE_MS
from rules.findings import FindingKind

POLL_MS = 10 * MINUTE_MS
"""Simulated time between two looks at the board; twice in the time a clerk takes to report."""

REPORT_AFTER_MS = 20 * MINUTE_MS
"""Simulated time from somebody's taking an alert to the report of what was found: the way there and a call back."""

HTTP_TIMEOUT_S = 10.0

SIMULATED = "模拟值班员 simulated clerk"
"""Who says it, in every report: nobody is to take a made-up clerk's word for a human's."""

TECHNICAL_KINDS = frozenset({FindingKind.DEVICE_SILENT, FindingKind.HOME_BLIND, FindingKind.METER_FAULT})
HAZARD_KINDS = frozenset(
    {
        FindingKind.DOOR_LEFT_OPEN,
        FindingKind.POWER_OUT,
        FindingKind.WATER_BURST,
        FindingKind.SLOW_LEAK,
        FindingKind.HIGH_WATER,
        FindingKind.STOVE_ON,
        FindingKind.HEATER_ON,
        FindingKind.COLD_HOME,
        FindingKind.HOT_HOME,
    }
)

NOTES: dict[Outcome, str] = {
    Outcome.TAKEN_TO_HOSPITAL: "家属到场，发现老人摔倒，已送医 / found fallen, taken to hospital",
    Outcome.HELPED_AT_HOME: "家属到场，已在家帮助 / family went there and helped at home",
    Outcome.WELL_SPOKEN_TO: "已与本人通话，平安 / spoke to the person, all is well",
    Outcome.TECHNICAL_FIXED: "设备已检修 / the device works again",
    Outcome.HAZARD_REMOVED: "隐患已排除 / the hazard is removed",
}

_log = logging.getLogger(__name__)


class ClerkSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The account and how its owner works; `outcomes` names homes whose alerts do not end well."""

    name: str
    password: str
    outcomes: Mapping[HomeId, Outcome] = {}
    poll_ms: int = POLL_MS
    report_after_ms: int = REPORT_AFTER_MS


class Clerk:
    """An actor of the lock-step; a service that is down only makes the clerk wait for the next look."""

    def __init__(self, settings: ClerkSettings, http: httpx.AsyncClient) -> None:
        """`http` has the service's address as its base_url; the caller closes it."""
        self._settings = settings
        self._http = http
        self._token: str | None = None
        self._next_poll_ms: int | None = None
        self._reports: dict[str, int] = {}  # alert -> when to report
        self._is_outage_logged = False
        self.closed = 0
        self.signed = 0

    def next_event_ms(self) -> int | None:
        """Return the next look at the board or the next report, whichever is first; None before the first look."""
        if self._next_poll_ms is None:
            return None
        return min([self._next_poll_ms, *self._reports.values()])

    def move_to(self, now_ms: int) -> None:
        """Nothing: a clerk only acts when it is time."""

    async def advance_to(self, now_ms: int) -> int:
        """Look at the board when it is time, and report what is due; return how much was reported and signed."""
        due_ms = self.next_event_ms()
        if due_ms is not None and now_ms < due_ms:
            return 0
        before = self.closed + self.signed
        self._next_poll_ms = now_ms + self._settings.poll_ms
        try:
            await self._look(now_ms)
            self._is_outage_logged = False
        except (httpx.HTTPError, msgspec.DecodeError, msgspec.ValidationError) as error:
            self._reports = {alert: max(at_ms, self._next_poll_ms) for alert, at_ms in self._reports.items()}
            if not self._is_outage_logged:
                _log.warning("the clerk could not work and looks again later: %s", type(error).__name__)
                self._is_outage_logged = True
        return self.closed + self.signed - before

    async def _look(self, now_ms: int) -> None:
        page = _decode_page(await self._call("GET", "/api/v1/alerts?state=acknowledged&limit=100"))
        alerts = {alert.alert_id: alert for alert in page.items if alert.state is AlertState.ACKNOWLEDGED}
        self._reports = {alert: at_ms for alert, at_ms in self._reports.items() if alert in alerts}
        for alert in alerts.values():
            if alert.alert_id not in self._reports:
                taken_ms = await self._taken_ms(alert.alert_id, now_ms)
                self._reports[alert.alert_id] = taken_ms + self._settings.report_after_ms
            if self._reports[alert.alert_id] <= now_ms:
                await self._report(alert, now_ms)
        await self._sign()

    async def _story(self, alert_id: str) -> "_Story":
        return _decode_story(await self._call("GET", f"/api/v1/alerts/{alert_id}"))

    async def _taken_ms(self, alert_id: str, now_ms: int) -> int:
        """Return when the alert was last taken by somebody, as its own story tells."""
        story = await self._story(alert_id)
        return max((line.at_ms for line in story.trace if line.what == "acknowledged"), default=now_ms)

    async def _report(self, alert: "_Alert", now_ms: int) -> None:
        outcome = self._outcome_of(alert, await self._story(alert.alert_id))
        note = f"{SIMULATED}：{NOTES.get(outcome, '')}"
        body = {"outcome": outcome.value, "note": note, "version": alert.version}
        try:
            await self._call("POST", f"/api/v1/alerts/{alert.alert_id}/close", body)
        except httpx.HTTPStatusError as error:
            _raise_unless_refused(error)
            self._reports[alert.alert_id] = now_ms + self._settings.poll_ms  # it moved on: the next look shows how
            return
        self._reports.pop(alert.alert_id, None)
        self.closed += 1

    def _outcome_of(self, alert: "_Alert", story: "_Story") -> Outcome:
        known = self._settings.outcomes.get(HomeId(alert.home_id))
        kinds = set(alert.kinds)
        if kinds <= TECHNICAL_KINDS:
            return Outcome.TECHNICAL_FIXED
        if kinds <= TECHNICAL_KINDS | HAZARD_KINDS:
            return Outcome.HAZARD_REMOVED
        if known is not None:
            return known
        # A conversation counts in the ledger: it is never reported of a person who answered no call.
        has_answered = any(one.role == "resident" and one.answered_at_ms is not None for one in story.attempts)
        return Outcome.WELL_SPOKEN_TO if has_answered else Outcome.HELPED_AT_HOME

    async def _sign(self) -> None:
        for visit in _decode_visits(await self._call("GET", "/api/v1/visits?awaiting_review=true")):
            if not visit.needs_review or visit.reviewed_at_ms is not None:
                continue
            try:
                await self._call("POST", f"/api/v1/visits/{visit.visit_id}/review")
            except httpx.HTTPStatusError as error:
                _raise_unless_refused(error)
            else:
                self.signed += 1

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        """Return the answer's body; logs in when needed, once more when the session has ended."""
        for is_last in (False, True):
            if self._token is None:
                self._token = await self._log_in()
            headers = {"Authorization": f"Bearer {self._token}"}
            answer = await self._http.request(method, path, json=body, headers=headers, timeout=HTTP_TIMEOUT_S)
            if answer.status_code == HTTPStatus.UNAUTHORIZED and not is_last:
                self._token = None
                continue
            answer.raise_for_status()
            return answer.content
        raise AssertionError("the second round returns or raises")

    async def _log_in(self) -> str:
        body = {"name": self._settings.name, "password": self._settings.password}
        answer = await self._http.post("/api/v1/login", json=body, timeout=HTTP_TIMEOUT_S)
        answer.raise_for_status()
        # The session's cookie is for browsers: who sends it must also say which page it comes from.
        self._http.cookies.clear()
        return _decode_session(answer.content).token


def _raise_unless_refused(error: httpx.HTTPStatusError) -> None:
    """One request that the service will not do must not keep the clerk from the others."""
    if not error.response.is_client_error or error.response.status_code == HTTPStatus.UNAUTHORIZED:
        raise error
    if error.response.status_code != HTTPStatus.CONFLICT:
        _log.warning("the service refused what the clerk asked: status %d", error.response.status_code)


class _Alert(msgspec.Struct, frozen=True):
    alert_id: str
    home_id: str
    state: AlertState
    kinds: tuple[FindingKind, ...]
    version: int


class _Page(msgspec.Struct, frozen=True):
    items: list[_Alert]


class _TraceLine(msgspec.Struct, frozen=True):
    at_ms: int
    what: str


class _Attempt(msgspec.Struct, frozen=True):
    role: str
    answered_at_ms: int | None = None


class _Story(msgspec.Struct, frozen=True):
    trace: list[_TraceLine]
    attempts: list[_Attempt] = []


class _Visit(msgspec.Struct, frozen=True):
    visit_id: str
    needs_review: bool = False
    reviewed_at_ms: int | None = None


class _Session(msgspec.Struct, frozen=True):
    token: str


_decode_page = msgspec.json.Decoder(_Page).decode
_decode_story = msgspec.json.Decoder(_Story).decode
_decode_visits = msgspec.json.Decoder(list[_Visit]).decode
_decode_session = msgspec.json.Decoder(_Session).decode
