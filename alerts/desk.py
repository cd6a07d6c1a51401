"""The alert desk: what a finding, a timer, a pressed key or a clerk does to an alert; decides, does no I/O."""

import msgspec

from alerts.ladder_book import LadderBook
from alerts.lifecycle import ENDED, UNANSWERED, moved
from alerts.model import (
    Alert,
    AlertEvent,
    AlertState,
    Attempt,
    AttemptState,
    CallPurpose,
    CancelPending,
    Change,
    Outcome,
    PlaceCall,
    Timer,
    TimerKind,
    TraceLine,
)
from alerts.situation import Situation, who_of
from alerts.steps import Steps, ack_timer, traced
from core.errors import ConflictError
from core.ids import AlertId, HomeId, PersonId, derived_id
from core.text import Bilingual
from rules.findings import Finding, FindingKind, Priority

WELLNESS_KINDS = frozenset(
    {
        FindingKind.INACTIVITY,
        FindingKind.NO_RETURN,
        FindingKind.BATHROOM_SILENCE,
        FindingKind.LOW_WATER,
        FindingKind.LOW_ACTIVITY,
    }
)
"""What "I am well" answers in full; a running tap or a dark house is still there after it."""


class Desk:
    """Pure decisions; every method returns the change to commit, or None when nothing changes."""

    def __init__(self, ladders: LadderBook) -> None:
        self._steps = Steps(ladders)

    def use_ladders(self, ladders: LadderBook) -> None:
        """Take up other ladders; a round that is under way ends on the one it began with."""
        self._steps.ladders = ladders

    def on_finding(
        self, finding: Finding, situation: Situation, *, person_id: PersonId | None, now_ms: int
    ) -> Change | None:
        """Open an alert, join the one that is open, or withdraw it on a fresh, strong sign of life."""
        alert = situation.alert
        if finding.is_cleared:
            return None if alert is None else self._cleared(alert, finding, situation, now_ms)
        if alert is None:
            return self._opened(finding, situation, person_id, now_ms)
        return self._joined(alert, finding, situation, now_ms)

    def on_timer(self, timer: Timer, situation: Situation, *, now_ms: int) -> Change | None:
        """Take the next step of the ladder, or take an alert back from an owner who reported nothing in time."""
        alert = situation.alert
        if alert is None or alert.state in ENDED:
            return None
        if timer.kind is TimerKind.NEXT_STEP and alert.state in UNANSWERED:
            return self._steps.next_step(alert, situation, now_ms)
        if timer.kind is TimerKind.ACK_DEADLINE and alert.state is AlertState.ACKNOWLEDGED:
            return self._expired(alert, situation, now_ms)
        return None

    def on_attempt(self, attempt: Attempt, situation: Situation, *, now_ms: int) -> Change | None:
        """Write down how a call went; a pressed key moves the alert, nothing else does."""
        alert = situation.alert
        if alert is None:
            return None
        line = self._steps.attempt_line(alert, attempt, situation, now_ms)
        if alert.state in ENDED:
            return traced(alert, situation, line)
        if attempt.state is AttemptState.ACKED:
            return self._key_taken(alert, attempt, situation, now_ms)
        if attempt.state in {AttemptState.DECLINED, AttemptState.FAILED, AttemptState.BUSY}:
            return self._unreached(alert, attempt, situation, now_ms)
        return traced(alert, situation, line)

    def acknowledge(self, situation: Situation, *, who: str, now_ms: int) -> Change:
        """Give the alert an owner and a deadline; raises ConflictError when it has ended."""
        alert = _still_open(situation)
        words = Bilingual("值班人员接手", "taken by the duty desk")
        return self._acknowledged(alert, who, words, now_ms)

    def close(self, situation: Situation, *, outcome: Outcome, note: str, who: str, now_ms: int) -> Change:
        """Close with the human fact; raises ConflictError when it has ended."""
        return self._closed(_still_open(situation), outcome, who, now_ms, note=note)

    def audit(self, situation: Situation, *, now_ms: int) -> Change | None:
        """Push on an alert that waits for nobody: no timer, no live attempt, no owner with a deadline."""
        alert = situation.alert
        if alert is None or alert.state in ENDED or situation.timers or situation.live_attempts():
            return None
        if alert.state is AlertState.ACKNOWLEDGED:
            return self._expired(alert, situation, now_ms)
        return self._steps.next_step(alert, situation, now_ms)

    def _opened(self, finding: Finding, situation: Situation, person_id: PersonId | None, now_ms: int) -> Change:
        alert = Alert(
            id=AlertId(derived_id("alert", finding.id)),
            home_id=HomeId(finding.home_id),
            person_id=person_id,
            priority=finding.priority,
            kinds=(finding.kind,),
            finding_ids=(finding.id,),
            state=AlertState.OPEN,
            opened_at_ms=now_ms,
            sentence=finding.sentence,
            policy="",
            version=0,
        )
        alert = self._steps.with_ladder(alert, finding.kind, situation, now_ms)
        line = self._steps.line(alert, now_ms, "opened", "system", finding.sentence)
        return self._steps.first_step(alert, situation, now_ms, before=(line,))

    def _joined(self, alert: Alert, finding: Finding, situation: Situation, now_ms: int) -> Change:
        is_new_kind = finding.kind not in alert.kinds
        is_graver = finding.priority < alert.priority
        joined = msgspec.structs.replace(
            alert,
            priority=min(alert.priority, finding.priority),
            kinds=(*alert.kinds, finding.kind) if is_new_kind else alert.kinds,
            finding_ids=(*alert.finding_ids, finding.id),
            sentence=finding.sentence if is_graver else alert.sentence,
        )
        line = self._steps.line(alert, now_ms, "finding_joined", "system", finding.sentence)
        # A new hazard in a case somebody already has must not be swallowed by their acknowledgement; a technical
        # fault (P3) never makes a call by itself, so it only joins.
        is_swallowed = is_new_kind and alert.state is AlertState.ACKNOWLEDGED and finding.priority < Priority.P3
        if not (is_graver or is_swallowed):
            return msgspec.structs.replace(traced(joined, situation, line), timers=situation.timers)
        restarted = msgspec.structs.replace(
            joined,
            state=moved(joined.state, AlertEvent.PAGE_AGAIN),
            step=-1,
            round=joined.round + 1,
            owner="",
            acknowledged_at_ms=None,
            ack_deadline_ms=None,
        )
        restarted = self._steps.with_ladder(restarted, finding.kind, situation, now_ms)
        return self._steps.first_step(restarted, situation, now_ms, before=(line,))

    def _cleared(self, alert: Alert, finding: Finding, situation: Situation, now_ms: int) -> Change | None:
        if alert.state in ENDED or finding.kind not in alert.kinds:
            return None
        line = self._steps.line(alert, now_ms, "finding_cleared", "system", finding.sentence)
        still_active = situation.active_kinds - {finding.kind}
        is_unasked = alert.state in {AlertState.OPEN, AlertState.ASKING_RESIDENT} or alert.priority is Priority.P3
        if not finding.clears_alert or still_active or not is_unasked or alert.state is AlertState.ACKNOWLEDGED:
            return traced(alert, situation, line)
        state = AlertState.WITHDRAWN if alert.priority is Priority.P3 else moved(alert.state, AlertEvent.WITHDRAW)
        withdrawn = msgspec.structs.replace(alert, state=state, closed_at_ms=now_ms, closed_by="system")
        words = Bilingual("出现新的可靠活动，警报撤回", "a fresh, strong sign: withdrawn")
        return self._ended(withdrawn, (line, self._steps.line(alert, now_ms, "withdrawn", "system", words)))

    def _expired(self, alert: Alert, situation: Situation, now_ms: int) -> Change:
        if alert.owner == "resident" and not situation.active_kinds:
            return self._closed(alert, Outcome.WELL_CONFIRMED_BY_RESIDENT, "resident", now_ms)
        words = Bilingual("接手后未报告结果，重新逐级呼叫", "no outcome reported in time: the ladder starts again")
        line = self._steps.line(alert, now_ms, "acknowledgement_expired", "system", words)
        kind = alert.kinds[0] if alert.ladder is None else alert.ladder.kind
        again = self._steps.with_ladder(alert, kind, situation, now_ms)
        again = msgspec.structs.replace(
            again,
            state=moved(alert.state, AlertEvent.EXPIRE_ACKNOWLEDGEMENT),
            owner="",
            acknowledged_at_ms=None,
            ack_deadline_ms=None,
            round=alert.round + 1,
            step=self._steps.policy_of(again).loop_from - 1,
        )
        return self._steps.next_step(again, situation, now_ms, before=(line,))

    def _key_taken(self, alert: Alert, attempt: Attempt, situation: Situation, now_ms: int) -> Change:
        line = self._steps.attempt_line(alert, attempt, situation, now_ms)
        purpose = attempt.effect.purpose if isinstance(attempt.effect, PlaceCall) else None
        who, words = who_of(attempt.contact_id), situation.words_for(attempt.contact_id)
        is_p0 = alert.priority is Priority.P0
        if purpose is CallPurpose.ASK_RESIDENT and not is_p0 and situation.active_kinds <= WELLNESS_KINDS:
            return self._closed(alert, Outcome.WELL_CONFIRMED_BY_RESIDENT, who, now_ms, before=(line,))
        if attempt.digits == "33" and not is_p0:
            return self._closed(alert, Outcome.WELL_SPOKEN_TO, who, now_ms, before=(line,))
        if alert.state is AlertState.ACKNOWLEDGED:
            return traced(alert, situation, line)
        taken = Bilingual(f"{words.zh}接手", f"taken by {words.en}")
        return self._acknowledged(alert, who, taken, now_ms, before=(line,))

    def _unreached(self, alert: Alert, attempt: Attempt, situation: Situation, now_ms: int) -> Change:
        change = traced(alert, situation, self._steps.attempt_line(alert, attempt, situation, now_ms))
        of_step = f"{alert.id}:{alert.round}/{alert.step}/"
        others = [
            other
            for other in situation.live_attempts()
            if other.id != attempt.id and other.key.startswith(of_step) and isinstance(other.effect, PlaceCall)
        ]
        is_waiting = alert.state is AlertState.CALLING_CONTACTS and not others
        due = tuple(
            msgspec.structs.replace(timer, due_at_ms=min(timer.due_at_ms, now_ms))
            if is_waiting and timer.kind is TimerKind.NEXT_STEP
            else timer
            for timer in change.timers
        )
        return msgspec.structs.replace(change, timers=due)

    def _acknowledged(
        self, alert: Alert, who: str, words: Bilingual, now_ms: int, before: tuple[TraceLine, ...] = ()
    ) -> Change:
        deadline_ms = now_ms + self._steps.policy_of(alert).ack_deadline_s * 1000
        owned = msgspec.structs.replace(
            alert,
            state=moved(alert.state, AlertEvent.ACKNOWLEDGE),
            owner=who,
            acknowledged_at_ms=now_ms,
            ack_deadline_ms=deadline_ms,
            version=alert.version + 1,
        )
        line = self._steps.line(alert, now_ms, "acknowledged", who, words)
        return Change(
            alert=owned,
            timers=(ack_timer(owned, deadline_ms),),
            effects=(CancelPending(alert_id=alert.id),),
            trace=(*before, line),
        )

    def _closed(
        self,
        alert: Alert,
        outcome: Outcome,
        who: str,
        now_ms: int,
        *,
        note: str = "",
        before: tuple[TraceLine, ...] = (),
    ) -> Change:
        closed = msgspec.structs.replace(
            alert,
            state=moved(alert.state, AlertEvent.CLOSE),
            outcome=outcome,
            outcome_note=note,
            closed_by=who,
            closed_at_ms=now_ms,
            ack_deadline_ms=None,
        )
        words = Bilingual(f"结案：{outcome.value}", f"closed: {outcome.value}")
        return self._ended(closed, (*before, self._steps.line(alert, now_ms, "closed", who, words)))

    def _ended(self, alert: Alert, trace: tuple[TraceLine, ...]) -> Change:
        ended = msgspec.structs.replace(alert, version=alert.version + 1)
        return Change(alert=ended, timers=(), effects=(CancelPending(alert_id=alert.id),), trace=trace)


def _still_open(situation: Situation) -> Alert:
    alert = situation.alert
    if alert is None or alert.state in ENDED:
        raise ConflictError("the alert has already ended")
    return alert
