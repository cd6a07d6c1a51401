"""The desk with its database: gathers the situation, lets the desk decide, commits; each call is one transaction."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence

import msgspec

from alerts.attempts import CallNews, with_news
from alerts.desk import Desk
from alerts.ladder import built_in_policies
from alerts.lifecycle import ENDED
from alerts.messages import key_news
from alerts.model import (
    TERMINAL_ATTEMPT_STATES,
    Alert,
    AlertState,
    Attempt,
    AttemptState,
    Change,
    Outcome,
    PlaceCall,
    Timer,
    TraceLine,
)
from alerts.situation import Situation
from app.crediting import credit
from app.duty import contacts_for
from app.number_notes import note_number
from core.clock import Clock
from core.errors import ConflictError, NotFoundError
from core.ids import AlertId, AttemptId, HomeId
from core.log import LogEntry
from registry.homes import Home
from rules.findings import Finding, FindingKind, Priority
from store.truth.database import Truth, Unit
from visits.policy import CountingPolicy

RULES_CURSOR = "rules"
HANG_UP_KEPT = 1_000
"""Calls to hang up that the dispatcher has not come to: far more than can ring at once."""

_TO_HANG_UP = frozenset({AttemptState.SUBMITTED, AttemptState.RINGING})
_AUDIT_LIMIT = 500


class DeskService:
    """Thread-safe; `on_change` is told after each commit, outside the transaction."""

    def __init__(
        self,
        truth: Truth,
        clock: Clock,
        policy: CountingPolicy,
        *,
        on_change: Callable[[Sequence[TraceLine]], None],
    ) -> None:
        self._truth = truth
        self._clock = clock
        self._policy = policy
        self._desk = Desk(built_in_policies())
        self._on_change = on_change
        self._hang_up: deque[Attempt] = deque(maxlen=HANG_UP_KEPT)
        self._lock = threading.Lock()

    def take_findings(self, findings: Sequence[Finding], entry: LogEntry | None = None) -> None:
        """Let findings open, join or withdraw alerts, in one transaction with the journal cursor that caused them.

        Findings about the service itself come from no entry of the journal.
        """
        trace: list[TraceLine] = []
        with self._truth.transaction() as unit:
            for finding in findings:
                trace += self._take(unit, finding)
            if entry is not None:
                unit.cursors.set_seq(RULES_CURSOR, max(entry.seq, unit.cursors.seq(RULES_CURSOR)))
        self._on_change(trace)

    def run_timers(self, now_ms: int) -> int:
        """Take every step that is due, oldest first, each in its own transaction; return how many."""
        done = 0
        while True:
            with self._truth.view() as unit:
                due = unit.alerts.timers_due(now_ms, 1)
            if not due:
                return done
            self._run_timer(due[0])
            done += 1

    def news_of(self, attempt_id: AttemptId, news: CallNews, *, retry_at_ms: int | None = None) -> Attempt | None:
        """Write what became of an attempt, with what the desk makes of it; None when the news is old."""
        trace: list[TraceLine] = []
        with self._truth.transaction() as unit:
            changed = _with_news(unit, attempt_id, news, retry_at_ms)
            if changed is not None and news.state is not AttemptState.NEW:
                note_number(unit, changed, self._clock.now_ms())
                situation = self._situation(unit, unit.alerts.get(changed.alert_id), None)
                trace += self._commit(unit, self._desk.on_attempt(changed, situation, now_ms=self._clock.now_ms()))
        self._on_change(trace)
        return changed

    def press(self, attempt_id: AttemptId, digits: str) -> Attempt | None:
        """Take a key of a call; None when it means nothing there. Raises NotFoundError, ConflictError."""
        with self._truth.view() as unit:
            attempt = unit.outbox.get(attempt_id)
        if attempt is None or not isinstance(attempt.effect, PlaceCall):
            raise NotFoundError(f"no call {attempt_id}")
        news = key_news(attempt.effect.purpose, digits, self._clock.now_ms())
        if news is None:
            return None
        changed = self.news_of(attempt_id, news)
        if changed is None:
            raise ConflictError("this call is over, and a key was taken before")
        return changed

    def acknowledge(self, alert_id: AlertId, who: str, version: int) -> Alert:
        """Give an alert an owner; ConflictError when somebody else was first. The same owner again is harmless."""
        with self._truth.transaction() as unit:
            alert = self._existing(unit, alert_id)
            if alert.state is AlertState.ACKNOWLEDGED and alert.owner == who:
                return alert
            if alert.state is AlertState.ACKNOWLEDGED and alert.version != version:
                raise ConflictError(f"{alert.owner} was first")
            situation = self._situation(unit, alert, None)
            change = self._desk.acknowledge(situation, who=who, now_ms=self._clock.now_ms())
            trace = self._commit(unit, change)
        self._on_change(trace)
        return change.alert

    def close(self, alert_id: AlertId, outcome: Outcome, note: str, *, who: str) -> Alert:
        """Close with the human fact; the contact goes into the ledger in the same transaction."""
        with self._truth.transaction() as unit:
            situation = self._situation(unit, self._existing(unit, alert_id), None)
            change = self._desk.close(situation, outcome=outcome, note=note, who=who, now_ms=self._clock.now_ms())
            trace = self._commit(unit, change)
        self._on_change(trace)
        return change.alert

    def audit(self, now_ms: int) -> int:
        """Push on every alert that waits for nobody; return how many there were."""
        pushed = 0
        with self._truth.view() as unit:
            alerts = unit.alerts.list([state for state in AlertState if state not in ENDED], _AUDIT_LIMIT)
        for alert in alerts:
            with self._truth.transaction() as unit:
                situation = self._situation(unit, unit.alerts.get(alert.id), None)
                change = self._desk.audit(situation, now_ms=now_ms)
                trace = self._commit(unit, change)
            pushed += change is not None
            self._on_change(trace)
        return pushed

    def next_timer_ms(self) -> int | None:
        """Return when the next step of any alert is due."""
        with self._truth.view() as unit:
            return unit.alerts.next_timer_ms()

    def take_hang_ups(self) -> list[Attempt]:
        """Return calls that still ring although somebody has their alert; each once."""
        with self._lock:
            found = list(self._hang_up)
            self._hang_up.clear()
        return found

    def _take(self, unit: Unit, finding: Finding) -> list[TraceLine]:
        if unit.alerts.is_finding_known(finding.id, finding.is_cleared):
            return []  # a replay of the journal finds it again
        alert = unit.alerts.open_of_home(finding.home_id, is_ticket=finding.priority is Priority.P3)
        home = unit.people.home(finding.home_id)
        situation = self._situation(unit, alert, home, finding.home_id)
        person_id = None if home is None else home.person_id
        change = self._desk.on_finding(finding, situation, person_id=person_id, now_ms=self._clock.now_ms())
        trace = self._commit(unit, change)
        unit.alerts.remember_finding(finding, None if change is None else change.alert.id)
        return trace

    def _run_timer(self, timer: Timer) -> None:
        with self._truth.transaction() as unit:
            alert = unit.alerts.get(timer.alert_id)
            if timer not in unit.alerts.timers(timer.alert_id):
                return
            situation = self._situation(unit, alert, None)
            change = self._desk.on_timer(timer, situation, now_ms=self._clock.now_ms())
            if change is None:
                raise AssertionError(f"the timer {timer.key} of an alert in state {alert and alert.state} is stale")
            trace = self._commit(unit, change)
        self._on_change(trace)

    def _commit(self, unit: Unit, change: Change | None) -> list[TraceLine]:
        if change is None:
            return []
        unit.alerts.apply(change)
        alert = change.alert
        if alert.state in ENDED or alert.state is AlertState.ACKNOWLEDGED:
            ringing = [one for one in unit.outbox.of_alert(alert.id) if one.state in _TO_HANG_UP]
            with self._lock:
                self._hang_up.extend(ringing)
        if alert.state is AlertState.CLOSED and unit.visits.of_alert(alert.id) is None:
            logged = credit(unit, alert, self._policy, self._clock.now_ms())
            for line in logged:
                unit.alerts.add_trace(line)
            return [*change.trace, *logged]
        return list(change.trace)

    def _situation(
        self, unit: Unit, alert: Alert | None, home: Home | None, home_id: HomeId | None = None
    ) -> Situation:
        if home is None and alert is not None:
            home_id = alert.home_id
            home = unit.people.home(home_id)
        person_id = home.person_id if home is not None else None
        person = None if person_id is None else unit.people.person(person_id)
        contacts = () if home_id is None else contacts_for(unit, home_id, person_id, self._clock.now_ms())
        if alert is None:
            return Situation(alert=None, contacts=contacts, has_resident=_can_ring(person))
        return Situation(
            alert=alert,
            contacts=contacts,
            attempts=tuple(unit.outbox.of_alert(alert.id)),
            timers=tuple(unit.alerts.timers(alert.id)),
            active_kinds=active_kinds(unit.alerts.findings(alert.id)),
            has_resident=_can_ring(person),
            zone_name=home.zone_name if home is not None else Situation(alert=None).zone_name,
        )

    @staticmethod
    def _existing(unit: Unit, alert_id: AlertId) -> Alert:
        alert = unit.alerts.get(alert_id)
        if alert is None:
            raise NotFoundError(f"no alert {alert_id}")
        return alert


def active_kinds(findings: Sequence[Finding]) -> frozenset[FindingKind]:
    """Return the kinds of an alert's findings that have not been taken back."""
    held = Counter(finding.kind for finding in findings if not finding.is_cleared)
    held.subtract(finding.kind for finding in findings if finding.is_cleared)
    return frozenset(kind for kind, count in held.items() if count > 0)


def _with_news(unit: Unit, attempt_id: AttemptId, news: CallNews, retry_at_ms: int | None) -> Attempt | None:
    attempt = unit.outbox.get(attempt_id)
    if attempt is None:
        return None
    if news.state is AttemptState.NEW:  # surely not sent: it waits again, unless somebody cancelled it meanwhile
        if attempt.state in TERMINAL_ATTEMPT_STATES or retry_at_ms is None:
            return None
        changed = msgspec.structs.replace(
            attempt, state=AttemptState.NEW, not_before_ms=retry_at_ms, detail=news.detail
        )
    else:
        changed = with_news(attempt, news)
    if changed == attempt:
        return None
    unit.outbox.save(changed)
    return changed


def _can_ring(person: object) -> bool:
    return bool(getattr(person, "phone", ""))
