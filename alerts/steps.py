"""One step of a ladder as a change: whom it rings, what comes next; it never leaves an alert without a next step."""

from datetime import datetime, time, timedelta

import msgspec

from alerts.ladder import Ladder, Policy, Step, callees
from alerts.ladder_book import Case, Chosen, LadderBook
from alerts.ladder_file import built_in_ladders
from alerts.lifecycle import moved
from alerts.messages import SMS_ALERT
from alerts.model import (
    Alert,
    AlertEvent,
    Attempt,
    AttemptState,
    CallPurpose,
    Change,
    Effect,
    PlaceCall,
    SendSms,
    Timer,
    TimerKind,
    TraceLine,
)
from alerts.situation import Situation, who_of
from core.ids import ContactId, EffectKey
from core.localtime import DEFAULT_ZONE_NAME, from_ms, to_ms, zone
from core.text import Bilingual
from registry.homes import Contact
from rules.findings import FindingKind

REMIND_AFTER_MS = 4 * 3_600_000
"""A ladder whose rounds are used up begins one more round every four hours: an open alert never falls asleep."""

_STATE_WORDS = {
    AttemptState.SUBMITTED: Bilingual("已拨出", "call placed"),
    AttemptState.RINGING: Bilingual("振铃中", "ringing"),
    AttemptState.ANSWERED: Bilingual("已接听", "answered"),
    AttemptState.DECLINED: Bilingual("按2：去不了", "pressed 2: cannot go"),
    AttemptState.DELIVERED: Bilingual("短信已送达", "message delivered"),
    AttemptState.NO_ANSWER: Bilingual("无人应答", "no answer"),
    AttemptState.BUSY: Bilingual("占线", "busy"),
    AttemptState.FAILED: Bilingual("呼叫失败", "failed"),
    AttemptState.CANCELED: Bilingual("已取消", "cancelled"),
    AttemptState.UNKNOWN: Bilingual("结果未知，正在核实", "outcome unknown, looking it up"),
}


class Steps:
    """Walks ladders; pure."""

    def __init__(self, ladders: LadderBook) -> None:
        self.ladders = ladders  # replaced when the town's file has changed; rounds under way keep theirs

    def policy_of(self, alert: Alert) -> Policy:
        """Return the ladder that the alert's round runs on."""
        if alert.ladder is not None:
            return alert.ladder.policy
        case = Case(priority=alert.priority, kind=alert.kinds[0], at_ms=alert.opened_at_ms, zone_name=DEFAULT_ZONE_NAME)
        return built_in_ladders().chosen(case).policy

    def with_ladder(self, alert: Alert, kind: FindingKind, situation: Situation, now_ms: int) -> Alert:
        """Return the alert with the ladder of a round that begins now, for a kind of finding."""
        chosen = self.chosen(alert, kind, situation, now_ms)
        return msgspec.structs.replace(alert, ladder=Ladder(kind, chosen.policy), policy=chosen.name)

    def chosen(self, alert: Alert, kind: FindingKind, situation: Situation, now_ms: int) -> Chosen:
        """Return the ladder that a round takes which begins now, with the tables it comes from."""
        return self.ladders.chosen(
            Case(
                priority=alert.priority,
                kind=kind,
                at_ms=now_ms,
                person_id=situation.person_id,
                area=situation.area,
                is_key_person=situation.is_key_person,
                zone_name=situation.zone_name,
            )
        )

    def begins_ms(self, alert: Alert, situation: Situation, now_ms: int) -> int:
        """Return when the first step of the alert's ladder is due."""
        return _due_ms(self.policy_of(alert).steps[0], now_ms, situation)

    def first_step(
        self, alert: Alert, situation: Situation, now_ms: int, *, before: tuple[TraceLine, ...] = ()
    ) -> Change:
        """Return the change that begins the ladder: its first step now, or a timer when that comes later."""
        due_ms = self.begins_ms(alert, situation, now_ms)
        if due_ms <= now_ms:
            return self.next_step(alert, situation, now_ms, before=before)
        waiting = msgspec.structs.replace(alert, version=alert.version + 1)
        return Change(alert=waiting, timers=(_step_timer(alert, due_ms),), trace=before)

    def next_step(
        self, alert: Alert, situation: Situation, now_ms: int, *, before: tuple[TraceLine, ...] = ()
    ) -> Change:
        """Return the change that takes the next step which reaches anybody, and sets the timer of the one after."""
        walked = self.following(alert, situation, now_ms)
        while walked.round <= alert.round + 1:  # the rest of this round and one more: then nobody can be reached
            step = self.policy_of(walked).steps[walked.step]
            if _calls(step, situation) or callees(step.sms, situation.contacts):
                return self._taken(walked, step, situation, now_ms=now_ms, before=before)
            walked = self.following(walked, situation, now_ms)
        words = Bilingual("没有可呼叫的人，请值班员处理", "nobody can be reached: the desk must act")
        line = self.line(alert, now_ms, "nobody_to_call", "system", words)
        stuck = msgspec.structs.replace(alert, version=alert.version + 1)
        return Change(alert=stuck, timers=(_step_timer(alert, now_ms + REMIND_AFTER_MS),), trace=(*before, line))

    def following(self, alert: Alert, situation: Situation, now_ms: int) -> Alert:
        """Return the alert at its next step; a new round takes the ladder that is right at its time."""
        if alert.step + 1 < len(self.policy_of(alert).steps):
            return msgspec.structs.replace(alert, step=alert.step + 1)
        kind = alert.kinds[0] if alert.ladder is None else alert.ladder.kind
        again = self.with_ladder(alert, kind, situation, now_ms)
        return msgspec.structs.replace(again, step=self.policy_of(again).loop_from, round=alert.round + 1)

    def attempt_line(self, alert: Alert, attempt: Attempt, situation: Situation, now_ms: int) -> TraceLine:
        """Return the line that says how an attempt stands."""
        who = situation.words_for(attempt.contact_id)
        if attempt.state is AttemptState.ACKED:
            did = Bilingual(f"按键 {attempt.digits[:1]}", f"pressed {attempt.digits[:1]}")
        else:
            plain = Bilingual(attempt.state.value, attempt.state.value)
            did = _words(attempt) or _STATE_WORDS.get(attempt.state, plain)
        line = self.line(
            alert,
            now_ms,
            "key_pressed" if attempt.digits else f"attempt_{attempt.state.value}",
            who_of(attempt.contact_id),
            Bilingual(f"{who.zh}：{did.zh}", f"{who.en}: {did.en}"),
        )
        return msgspec.structs.replace(line, attempt_id=attempt.id)

    @staticmethod
    def line(alert: Alert, at_ms: int, what: str, who: str, text: Bilingual) -> TraceLine:
        """Return one line of the alert's story."""
        return TraceLine(alert_id=alert.id, at_ms=at_ms, what=what, who=who, text=text)

    def _taken(
        self, walked: Alert, step: Step, situation: Situation, *, now_ms: int, before: tuple[TraceLine, ...]
    ) -> Change:
        event = AlertEvent.ASK_RESIDENT if step.stage == "resident" else AlertEvent.CALL_CONTACTS
        taken = msgspec.structs.replace(walked, state=moved(walked.state, event), version=walked.version + 1)
        lines = [
            self.line(
                taken,
                now_ms,
                "calling",
                "system",
                Bilingual(
                    f"呼叫{situation.words_for(_id(callee)).zh}", f"ringing {situation.words_for(_id(callee)).en}"
                ),
            )
            for callee in _calls(step, situation)
        ]
        due_ms = _next_due_ms(self.policy_of(taken), taken, now_ms, situation)
        return Change(
            alert=taken,
            timers=(_step_timer(taken, due_ms),),
            effects=_effects(taken, step, situation, now_ms),
            trace=(*before, *lines),
        )


def _words(attempt: Attempt) -> Bilingual | None:
    if isinstance(attempt.effect, SendSms) and attempt.state is AttemptState.SUBMITTED:
        return Bilingual("短信已发出", "message sent")
    return None


def traced(alert: Alert, situation: Situation, *lines: TraceLine) -> Change:
    """Return a change that adds lines to the story and keeps everything that is due."""
    return Change(
        alert=msgspec.structs.replace(alert, version=alert.version + 1), timers=situation.timers, trace=tuple(lines)
    )


def ack_timer(alert: Alert, due_at_ms: int) -> Timer:
    """Return the timer that takes an alert back from an owner who reports nothing."""
    return Timer(
        key=f"{alert.id}/{TimerKind.ACK_DEADLINE}", alert_id=alert.id, kind=TimerKind.ACK_DEADLINE, due_at_ms=due_at_ms
    )


def _step_timer(alert: Alert, due_at_ms: int) -> Timer:
    return Timer(
        key=f"{alert.id}/{TimerKind.NEXT_STEP}", alert_id=alert.id, kind=TimerKind.NEXT_STEP, due_at_ms=due_at_ms
    )


def _next_due_ms(policy: Policy, alert: Alert, now_ms: int, situation: Situation) -> int:
    if alert.step + 1 < len(policy.steps):
        return _due_ms(policy.steps[alert.step + 1], now_ms, situation)
    again = policy.steps[policy.loop_from]
    if policy.rounds and alert.round + 1 >= policy.rounds:
        return _due_ms(again, now_ms + REMIND_AFTER_MS, situation)
    return max(now_ms + policy.loop_after_s * 1000, _due_ms(again, now_ms + 1, situation))


def _due_ms(step: Step, now_ms: int, situation: Situation) -> int:
    if not step.at_local:
        return now_ms + step.after_s * 1000
    tz = zone(situation.zone_name)
    local = from_ms(now_ms, tz)
    due = datetime.combine(local.date(), time.fromisoformat(step.at_local), tz)
    return to_ms(due if due >= local else due + timedelta(days=1))


def _calls(step: Step, situation: Situation) -> tuple[Contact | None, ...]:
    return tuple(
        callee for callee in callees(step.call, situation.contacts) if callee is not None or situation.has_resident
    )


def _effects(alert: Alert, step: Step, situation: Situation, now_ms: int) -> tuple[Effect, ...]:
    prefix = f"{alert.id}:{alert.round}/{alert.step}"
    calls = [
        PlaceCall(
            key=EffectKey(f"{prefix}/{who_of(_id(callee))}/call"),
            alert_id=alert.id,
            contact_id=_id(callee),
            purpose=CallPurpose.ASK_RESIDENT if callee is None else CallPurpose.ASK_CONTACT,
            priority=alert.priority,
            not_before_ms=now_ms,
        )
        for callee in _calls(step, situation)
    ]
    messages = [
        SendSms(
            key=EffectKey(f"{prefix}/{who_of(callee.id)}/sms"),
            alert_id=alert.id,
            contact_id=callee.id,
            template=SMS_ALERT,
            variables={"number": alert.id[:6].upper()},
            priority=alert.priority,
            not_before_ms=now_ms,
        )
        for callee in callees(step.sms, situation.contacts)
        if callee is not None
    ]
    return (*calls, *messages)


def _id(contact: Contact | None) -> ContactId | None:
    return None if contact is None else contact.id
