"""The desk with its database: gathers the situation, lets the desk decide, commits; each call is one transaction."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence

from alerts.attempts import CallNews
from alerts.desk import Desk
from alerts.holds import SILENCE
from alerts.ladder_book import LadderBook
from alerts.ladder_file import built_in_ladders
from alerts.lifecycle import ENDED
from alerts.messages import key_news
from alerts.model import Alert, AlertState, Attempt, AttemptState, Outcome, PlaceCall, Timer, TraceLine
from alerts.ports import Upkeep
from alerts.silences import Silence, checked, ended
from app.attempt_news import news_written
from app.decided import Decided
from app.incidents import at_its_own_priority, is_silenced, release
from app.number_notes import note_number
from app.situations import situation_of
from core.clock import Clock
from core.errors import BusyError, ConflictError, NotFoundError
from core.ids import AlertId, AttemptId
from rules.findings import Finding, FindingKind, Priority
from store.truth.database import Truth, Unit
from visits.policy import CountingPolicy

RULES_CURSOR = "rules"
HANG_UP_KEPT = 1_000
"""Calls to hang up that the dispatcher has not come to: far more than can ring at once."""

SHOWN_GOING_ON = 500
"""Alerts whose calls a new silence does not stop, as many as anybody reads."""

FAULTY_AGAIN_MS = 30_000
"""A step that failed by a fault of ours is tried again as often as the auditor looks."""

_log = logging.getLogger(__name__)


class DeskService:
    """Thread-safe; `on_change` is told after each commit, and `on_queued` when it queued an effect."""

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
        self._desk = Desk(built_in_ladders())
        self._tell = on_change
        self.on_queued: Callable[[], None] = lambda: None
        self._hang_up: deque[Attempt] = deque(maxlen=HANG_UP_KEPT)
        self._lock = threading.Lock()
        self.timer_faults = 0

    def use_ladders(self, ladders: LadderBook) -> None:
        """Let rounds that begin from now on run on other ladders."""
        self._desk.use_ladders(ladders)

    def take_findings(self, findings: Sequence[Finding], *, kept_seq: int | None = None) -> None:
        """Let findings open, join or withdraw alerts, in one transaction with the journal cursor that they reach.

        `kept_seq` is the entry up to which all findings are kept with these; findings about the service itself come
        from no entry of the journal.
        """
        decided = Decided()
        with self._truth.transaction() as unit:
            # a village's incident first: it may hold what its homes report in the same moment
            for finding in sorted(findings, key=lambda one: one.kind is not FindingKind.INFRASTRUCTURE):
                self._take(unit, finding, decided)
            if kept_seq is not None:
                unit.cursors.set_seq(RULES_CURSOR, max(kept_seq, unit.cursors.seq(RULES_CURSOR)))
        self._changed(decided)

    def run_timers(self, now_ms: int, most: int | None = None) -> int:
        """Take the steps that are due, gravest alert first, each in its own transaction; return how many.

        At most so many when `most` is given. Raises BusyError: they are as due as they were.
        """
        done = 0
        while most is None or done < most:
            with self._truth.view() as unit:
                due = unit.alerts.timers_due(now_ms, 1 if most is None else most - done)
            if not due:
                break
            for timer in due:
                try:
                    self._run_timer(timer)
                except BusyError:  # no step is at fault, and each would wait as long in vain
                    raise
                except Exception:  # noqa: BLE001  # one alert's step ends here; it must not keep all others from ringing
                    self._put_off(timer, now_ms)
                done += 1
        return done

    def news_of(self, attempt_id: AttemptId, news: CallNews, *, upkeep: Upkeep | None = None) -> Attempt | None:
        """Write what became of an attempt, with what the desk makes of it; None when the news is old.

        The dispatcher's upkeep is written with it, however old the news is: a kill leaves both or none.
        """
        decided = Decided()
        with self._truth.transaction() as unit:
            if upkeep is not None:
                unit.outbox.keep(attempt_id, upkeep)
            changed = news_written(unit, attempt_id, news, None if upkeep is None else upkeep.retry_at_ms)
            if changed is not None and news.state is not AttemptState.NEW:
                now_ms = self._clock.now_ms()
                if not news.entered_by:  # what a clerk enters says nothing about whom our calls reach
                    note_number(unit, changed, now_ms)
                alert = unit.alerts.get(changed.alert_id)
                situation = situation_of(unit, alert, None, now_ms, may_ring=False)
                change = self._desk.on_attempt(changed, situation, news, now_ms=now_ms)
                decided.write(unit, change, self._policy, now_ms)
        self._changed(decided)
        return changed

    def press(
        self, attempt_id: AttemptId, digits: str, *, entered_by: str = "", told_version: int | None = None
    ) -> Attempt | None:
        """Take a key of a call, or one an account entered; None when it means nothing. NotFoundError, ConflictError.

        MoreFoundError when more has joined the alert than it told at `told_version`: nothing is kept of the key.
        """
        with self._truth.view() as unit:
            attempt = unit.outbox.get(attempt_id)
        if attempt is None or not isinstance(attempt.effect, PlaceCall):
            raise NotFoundError(f"没有此呼叫 {attempt_id} / no call {attempt_id}")
        now_ms = self._clock.now_ms()
        news = key_news(attempt.effect.purpose, digits, now_ms, entered_by=entered_by, told_version=told_version)
        if news is None:
            return None
        changed = self.news_of(attempt_id, news)
        if changed is None:
            raise ConflictError("this call is over, and a key was taken before")
        return changed

    def acknowledge(self, alert_id: AlertId, who: str, version: int) -> Alert:
        """Give an alert an owner, who saw it at a version. The same owner again is harmless.

        ConflictError when somebody else was first, or when more has been found than that version told.
        """
        decided = Decided()
        with self._truth.transaction() as unit:
            alert = self._existing(unit, alert_id)
            if alert.state is AlertState.ACKNOWLEDGED and alert.owner == who:
                return alert
            if alert.state is AlertState.ACKNOWLEDGED and alert.version != version:
                raise ConflictError(f"{alert.owner} was first")
            now_ms = self._clock.now_ms()
            situation = situation_of(unit, alert, None, now_ms)
            change = self._desk.acknowledge(situation, who=who, now_ms=now_ms, seen_version=version)
            decided.write(unit, change, self._policy, now_ms)
        self._changed(decided)
        return change.alert

    def close(
        self, alert_id: AlertId, outcome: Outcome, note: str, *, who: str, seen_version: int | None = None
    ) -> Alert:
        """Close with the human fact; the contact goes into the ledger in the same transaction. ConflictError."""
        decided = Decided()
        with self._truth.transaction() as unit:
            now_ms = self._clock.now_ms()
            situation = situation_of(unit, self._existing(unit, alert_id), None, now_ms)
            change = self._desk.close(
                situation, outcome=outcome, note=note, who=who, now_ms=now_ms, seen_version=seen_version
            )
            decided.write(unit, change, self._policy, now_ms)
        self._changed(decided)
        return change.alert

    def silence(self, silence: Silence) -> list[Alert]:
        """Take a silence; return open alerts that it is about and whose ladder has begun: it does not stop those.

        Raises ConfigurationError naming the option that is wrong.
        """
        now_ms = self._clock.now_ms()
        with self._truth.transaction() as unit:
            unit.silences.put(checked(silence, now_ms))
            alerts = unit.alerts.list([state for state in AlertState if state not in ENDED], SHOWN_GOING_ON)
            return [alert for alert in alerts if alert.step >= 0 and is_silenced(unit, alert, silence)]

    def end_silence(self, silence_id: str, who: str) -> Silence:
        """End a silence before its time; what it held is judged again at once. NotFoundError, ConflictError."""
        now_ms = self._clock.now_ms()
        with self._truth.transaction() as unit:
            found = unit.silences.get(silence_id)
            if found is None:
                raise NotFoundError(f"no silence {silence_id}; see: shouwang silence list")
            over = ended(found, who, now_ms)
            unit.silences.put(over)
            unit.silences.hasten(f"{SILENCE}{silence_id}", now_ms)
        self._changed(Decided())
        return over

    def audit(self, now_ms: int) -> int:
        """Push on every alert that waits for nobody; return how many there were."""
        pushed = 0
        with self._truth.view() as unit:
            alert_ids = unit.alerts.waiting_for_no_step()
        for alert_id in alert_ids:
            try:
                pushed += self._push_on(alert_id, now_ms)
            except BusyError:
                raise
            except Exception:  # noqa: BLE001  # one alert's look ends here; it must not hide all others that wait for nobody
                _log.exception("the auditor could not push on alert %s", alert_id)
                self.timer_faults += 1
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

    def _take(self, unit: Unit, told: Finding, decided: Decided) -> None:
        if unit.alerts.is_finding_known(told.id, told.is_cleared):
            return  # a replay of the journal finds it again
        finding = at_its_own_priority(told)
        alert = unit.alerts.open_of_home(finding.home_id, is_ticket=finding.priority is Priority.P3)
        home = unit.people.home(finding.home_id)
        now_ms = self._clock.now_ms()
        situation = situation_of(unit, alert, home, now_ms, finding=finding)
        person_id = None if home is None else home.person_id
        change = self._desk.on_finding(finding, situation, person_id=person_id, now_ms=now_ms)
        decided.write(unit, change, self._policy, now_ms)
        unit.alerts.remember_finding(finding, None if change is None else change.alert.id)
        if finding.kind is FindingKind.INFRASTRUCTURE and finding.is_cleared and change is not None:
            release(unit, change.alert, now_ms)

    def _put_off(self, timer: Timer, now_ms: int) -> None:
        _log.exception("a step of alert %s failed; it is tried again", timer.alert_id)
        self.timer_faults += 1
        with self._truth.transaction() as unit:
            unit.alerts.put_off(timer.key, now_ms + FAULTY_AGAIN_MS)

    def _push_on(self, alert_id: AlertId, now_ms: int) -> bool:
        decided = Decided()
        with self._truth.transaction() as unit:
            situation = situation_of(unit, unit.alerts.get(alert_id), None, now_ms)
            change = self._desk.audit(situation, now_ms=now_ms)
            decided.write(unit, change, self._policy, now_ms)
        self._changed(decided)
        return change is not None

    def _run_timer(self, timer: Timer) -> None:
        decided = Decided()
        with self._truth.transaction() as unit:
            alert = unit.alerts.get(timer.alert_id)
            if timer not in unit.alerts.timers(timer.alert_id):
                return
            now_ms = self._clock.now_ms()
            situation = situation_of(unit, alert, None, now_ms)
            change = self._desk.on_timer(timer, situation, now_ms=now_ms)
            if change is None:  # nothing in the table leads here; the auditor looks at what is left without a timer
                _log.error("the timer %s of an alert in state %s is stale", timer.key, alert and alert.state)
                self.timer_faults += 1
                unit.alerts.drop_timer(timer.key)
            decided.write(unit, change, self._policy, now_ms)
        self._changed(decided)

    def _changed(self, decided: Decided) -> None:
        with self._lock:
            self._hang_up.extend(decided.hang_up)
        self._tell(decided.trace)
        if decided.is_queued:
            self.on_queued()

    @staticmethod
    def _existing(unit: Unit, alert_id: AlertId) -> Alert:
        alert = unit.alerts.get(alert_id)
        if alert is None:
            raise NotFoundError(f"没有此报警 {alert_id} / no alert {alert_id}")
        return alert
