"""The alert desk: what a finding, a timer, a pressed key or a clerk does to an alert; decides, does no I/O."""

import msgspec

from alerts.attempts import CallNews
from alerts.endings import acknowledged, closed, closed_by_system, ended
from alerts.holds import (
    held_line,
    hold_of,
    is_waiting,
    judged_again,
    silenced_now,
    with_hold,
    with_hold_timer,
    without,
)
from alerts.keys import MoreFoundError, is_answer, key_taken, only_noted
from alerts.ladder_book import LadderBook
from alerts.lifecycle import ENDED, UNANSWERED, moved
from alerts.model import (
    Alert,
    AlertEvent,
    AlertState,
    Attempt,
    AttemptState,
    Change,
    Outcome,
    Timer,
    TimerKind,
    TraceLine,
)
from alerts.service_subjects import SERVICE_OUTCOMES, outcomes_of
from alerts.situation import Situation
from alerts.steps import Steps, traced
from alerts.story import attempt_line, story_line
from core.errors import ConflictError
from core.ids import AlertId, HomeId, PersonId, derived_id
from core.text import Bilingual
from rules.findings import Finding, FindingKind, Priority


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
            change = None if alert is None else self._cleared(alert, finding, situation, now_ms)
        elif alert is None:
            change = self._opened(finding, situation, person_id, now_ms)
        else:
            change = self._joined(alert, finding, situation, now_ms)
        return None if change is None else with_hold_timer(change, situation, now_ms)

    def on_timer(self, timer: Timer, situation: Situation, *, now_ms: int) -> Change | None:
        """Take the next step, take an alert back from an owner who reported nothing, or judge a held finding again."""
        alert = situation.alert
        if alert is None or alert.state in ENDED:
            return None
        if timer.kind is TimerKind.HOLD_END:
            change = self._judged_again(alert, situation, now_ms)
            return with_hold_timer(change, situation, now_ms, is_judged=True)
        change = None
        if timer.kind is TimerKind.NEXT_STEP and alert.state in UNANSWERED:
            change = self._next(alert, situation, now_ms)
        if timer.kind is TimerKind.ACK_DEADLINE and alert.state is AlertState.ACKNOWLEDGED:
            change = self._expired(alert, situation, now_ms)
        return None if change is None else with_hold_timer(change, situation, now_ms)

    def on_attempt(self, attempt: Attempt, situation: Situation, news: CallNews, *, now_ms: int) -> Change | None:
        """Write down how a call went; a key moves the alert, nothing else does, also one that an account entered.

        Raises MoreFoundError for a key of somebody who can be told first what was found since.
        """
        alert = situation.alert
        if alert is None:
            return None
        line = attempt_line(alert, attempt, situation, now_ms, entered_by=news.entered_by)
        if alert.state in ENDED:
            return traced(alert, situation, line)
        if attempt.state is not AttemptState.ACKED:
            change = traced(alert, situation, line)
        elif is_answer(alert, attempt, news, situation):
            policy, by = self._steps.policy_of(alert), news.entered_by
            change = key_taken(alert, attempt, situation, policy, now_ms, line=line, entered_by=by)
        else:
            change = only_noted(alert, situation, now_ms, line=line)
        if attempt.state in {AttemptState.DECLINED, AttemptState.FAILED, AttemptState.BUSY, AttemptState.ACKED}:
            change = self._steps.hastened(change, attempt, situation, now_ms)
        return with_hold_timer(change, situation, now_ms)

    def acknowledge(self, situation: Situation, *, who: str, now_ms: int, seen_version: int | None = None) -> Change:
        """Give the alert an owner and a deadline; ConflictError when it has ended, or a new kind joined since."""
        alert = _still_open(situation)
        _check_seen(alert, seen_version)
        words = Bilingual("值班人员接手", "taken by the duty desk")
        return with_hold_timer(acknowledged(alert, who, words, self._steps.policy_of(alert), now_ms), situation, now_ms)

    def close(
        self,
        situation: Situation,
        *,
        outcome: Outcome,
        note: str,
        who: str,
        now_ms: int,
        seen_version: int | None = None,
    ) -> Change:
        """Close with the human fact; ConflictError when it has ended, or a new kind joined after what they saw."""
        alert = _still_open(situation)
        if outcome not in outcomes_of(alert.home_id):
            fitting = ", ".join(SERVICE_OUTCOMES)
            raise ConflictError(f"{outcome} is of a person, and this is about the service: use one of {fitting}")
        _check_seen(alert, seen_version)
        return closed(alert, outcome, who, now_ms, note=note)

    def audit(self, situation: Situation, *, now_ms: int) -> Change | None:
        """Push on an alert that waits for nobody: no timer, no live attempt, no owner with a deadline."""
        alert = situation.alert
        if alert is None or alert.state in ENDED or situation.live_attempts():
            return None
        if any(timer.kind is not TimerKind.HOLD_END or is_waiting(alert) for timer in situation.timers):
            return None
        if is_waiting(alert):
            return with_hold_timer(self._judged_again(alert, situation, now_ms), situation, now_ms, is_judged=True)
        is_owned = alert.state is AlertState.ACKNOWLEDGED
        change = (self._expired if is_owned else self._steps.next_step)(alert, situation, now_ms)
        return with_hold_timer(change, situation, now_ms)

    def _next(self, alert: Alert, situation: Situation, now_ms: int) -> Change:
        holds = silenced_now(alert, situation) if alert.state is AlertState.OPEN and alert.step < 0 else ()
        if not holds:  # a ladder that has begun is not silenced: whoever has the matter in hand takes the alert
            return self._steps.next_step(alert, situation, now_ms)
        held = msgspec.structs.replace(alert, holds=holds, version=alert.version + 1)
        lines = tuple(held_line(alert, hold, situation, now_ms) for hold in holds)
        return Change(alert=held, timers=(), trace=lines)

    def _judged_again(self, alert: Alert, situation: Situation, now_ms: int) -> Change:
        stay, over = judged_again(alert, situation)
        kept = msgspec.structs.replace(alert, holds=stay)
        changed = [hold for hold in stay if hold not in alert.holds]
        lines = [held_line(alert, hold, situation, now_ms) for hold in changed]
        released = [hold for hold in over if hold.finding_kind in situation.active_kinds]
        gone = Bilingual("暂缓通知的情况已不成立", "what was held back does not hold any more")
        lines += [story_line(alert, now_ms, "hold_ended", "system", gone) for hold in over if hold not in released]
        if released:
            kept = msgspec.structs.replace(kept, told_version=alert.version + 1)
            first = min(released, key=lambda hold: hold.priority)
            told = Bilingual("暂缓结束，情况仍成立，开始通知", "it still holds at the end of its hold: told now")
            line = story_line(alert, now_ms, "hold_released", "system", told)
            if is_waiting(alert) or first.priority < alert.priority:
                kept = msgspec.structs.replace(kept, sentence=situation.sentences[first.finding_kind])
            return self._told(kept, first.finding_kind, first.priority, (*lines, line), situation, now_ms=now_ms)
        if over and is_waiting(alert) and not (stay or situation.active_kinds):
            withdrawn = msgspec.structs.replace(kept, state=moved(kept.state, AlertEvent.WITHDRAW))
            return ended(closed_by_system(withdrawn, now_ms), tuple(lines))
        return traced(kept, situation, *lines)

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
        line = story_line(alert, now_ms, "opened", "system", finding.sentence)
        hold = hold_of(finding, situation)
        if hold is not None:
            held = msgspec.structs.replace(with_hold(alert, hold), version=1)
            return Change(alert=held, timers=(), trace=(line, held_line(alert, hold, situation, now_ms)))
        return self._steps.first_step(alert, situation, now_ms, before=(line,))

    def _joined(self, alert: Alert, finding: Finding, situation: Situation, now_ms: int) -> Change:
        was_held = any(hold.finding_kind is finding.kind for hold in alert.holds)
        is_new_kind = finding.kind not in alert.kinds or was_held  # nobody has been told of it
        hold = hold_of(finding, situation)
        is_graver = hold is None and finding.priority < alert.priority
        is_first_told = hold is None and is_waiting(alert)
        joined = msgspec.structs.replace(
            alert,
            kinds=tuple(dict.fromkeys((*alert.kinds, finding.kind))),
            # what nobody may be told of makes nobody's answer void; at its release it does
            told_version=alert.version + 1 if hold is None and (is_new_kind or is_graver) else alert.told_version,
            finding_ids=(*alert.finding_ids, finding.id),
            sentence=finding.sentence if is_graver or is_first_told else alert.sentence,
        )
        line = story_line(alert, now_ms, "finding_joined", "system", finding.sentence)
        if hold is not None and (is_new_kind or is_waiting(alert)):
            held = with_hold(joined, hold)
            return traced(held, situation, line, held_line(alert, hold, situation, now_ms))
        if hold is None:
            joined = msgspec.structs.replace(joined, holds=without(joined.holds, finding.kind))
        if is_new_kind or is_graver or is_waiting(alert):
            return self._told(joined, finding.kind, finding.priority, (line,), situation, now_ms=now_ms)
        return traced(joined, situation, line)

    def _told(
        self,
        alert: Alert,
        kind: FindingKind,
        priority: Priority,
        before: tuple[TraceLine, ...],
        situation: Situation,
        *,
        now_ms: int,
    ) -> Change:
        """Let an alert tell of a kind: begin its ladder, begin it again, or leave it to the one under way."""
        before_it = situation.alert or alert
        is_begun = not is_waiting(before_it)
        # A new hazard in a case somebody already has must not be swallowed by their acknowledgement; a technical
        # fault (P3) never makes a call by itself, so it only joins.
        is_swallowed = alert.state is AlertState.ACKNOWLEDGED and priority < Priority.P3
        is_graver = priority < alert.priority
        # What nobody is told of makes an alert graver when its hold ends, not before.
        is_all_held = not is_begun and situation.active_kinds <= {hold.finding_kind for hold in before_it.holds}
        graver = msgspec.structs.replace(alert, priority=priority if is_all_held else min(alert.priority, priority))
        is_asleep = priority < Priority.P3 and self._steps.is_resting(alert)  # its next step is hours away
        if is_begun and not (is_graver or is_swallowed or is_asleep):
            return traced(graver, situation, *before)
        restarted = msgspec.structs.replace(
            graver,
            state=moved(graver.state, AlertEvent.PAGE_AGAIN),
            step=-1,
            round=graver.round + is_begun,
            owner="",
            acknowledged_at_ms=None,
            ack_deadline_ms=None,
        )
        restarted = self._steps.with_ladder(restarted, kind, situation, now_ms)
        return self._steps.first_step(restarted, situation, now_ms, before=before)

    def _cleared(self, alert: Alert, finding: Finding, situation: Situation, now_ms: int) -> Change | None:
        if alert.state in ENDED or finding.kind not in alert.kinds:
            return None
        line = story_line(alert, now_ms, "finding_cleared", "system", finding.sentence)
        still_active = situation.active_kinds - {finding.kind}
        is_unasked = alert.state in {AlertState.OPEN, AlertState.ASKING_RESIDENT} or alert.priority is Priority.P3
        if not finding.clears_alert or still_active or not is_unasked or alert.state is AlertState.ACKNOWLEDGED:
            return traced(alert, situation, line)
        state = AlertState.WITHDRAWN if alert.priority is Priority.P3 else moved(alert.state, AlertEvent.WITHDRAW)
        withdrawn = closed_by_system(msgspec.structs.replace(alert, state=state), now_ms)
        words = Bilingual("出现新的可靠活动，警报撤回", "a fresh, strong sign: withdrawn")
        return ended(withdrawn, (line, story_line(alert, now_ms, "withdrawn", "system", words)))

    def _expired(self, alert: Alert, situation: Situation, now_ms: int) -> Change:
        is_p0 = alert.priority is Priority.P0  # the desk alone closes it, though its signal has ended
        if alert.owner == "resident" and not situation.active_kinds and not is_p0:
            return closed(alert, Outcome.WELL_CONFIRMED_BY_RESIDENT, "resident", now_ms)
        words = Bilingual("接手后未报告结果，重新逐级呼叫", "no outcome reported in time: the ladder starts again")
        line = story_line(alert, now_ms, "acknowledgement_expired", "system", words)
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


def _still_open(situation: Situation) -> Alert:
    alert = situation.alert
    if alert is None or alert.state in ENDED:
        raise ConflictError("the alert has already ended")
    return alert


def _check_seen(alert: Alert, seen_version: int | None) -> None:
    if seen_version is not None and seen_version < alert.told_version:
        raise MoreFoundError(alert)
