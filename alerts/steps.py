"""One step of a ladder as a change: whom it rings, what comes next; it never leaves an alert without a next step."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import msgspec

from alerts.ladder import Ladder, Policy, Step, callees
from alerts.ladder_book import Case, Chosen, LadderBook
from alerts.ladder_file import built_in_ladders
from alerts.lifecycle import moved
from alerts.model import (
    Alert,
    AlertEvent,
    AlertState,
    Attempt,
    AttemptState,
    Change,
    PlaceCall,
    Timer,
    TimerKind,
    TraceLine,
)
from alerts.situation import Situation, who_of
from alerts.step_effects import effect_line, effects_of
from alerts.story import story_line, suppressed_line
from alerts.suppression import Suppression, SuppressionKind
from alerts.throttle import SMS, VOICE, Reached, Refused, Spared, reached_by, words
from core.localtime import DEFAULT_ZONE_NAME, from_ms, to_ms, zone
from core.text import Bilingual
from rules.findings import FindingKind

DEAD_NUMBER = Bilingual("运营商拒绝这个号码，请核实", "the provider refuses the number; check it")
_WAITS = Bilingual("等到早上再通知", "waits for the morning")

REMIND_AFTER_MS = 4 * 3_600_000
"""A ladder whose rounds are used up begins one more round every four hours: an open alert never falls asleep."""


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
        first, lines = self.policy_of(alert).steps[0], before
        if first.at_local:
            lines = (*before, suppressed_line(alert, now_ms, _WAITS, _until_morning(first, due_ms)))
        waiting = msgspec.structs.replace(alert, version=alert.version + 1)
        return Change(alert=waiting, timers=(_step_timer(alert, due_ms),), trace=lines)

    def next_step(
        self, alert: Alert, situation: Situation, now_ms: int, *, before: tuple[TraceLine, ...] = ()
    ) -> Change:
        """Return the change that takes the next step which reaches anybody, and sets the timer of the one after."""
        spared: list[Spared] = []
        refused: list[Refused] = []
        lines, rests_until_ms = before, self._rests_until_ms(alert, situation)
        rings_the_living = self._rings_the_living(alert, situation)
        for tries_dead_numbers in (False, True):
            # a dead number is rung only when nobody else is left at all: who may answer waits for the next round
            if tries_dead_numbers and rests_until_ms > now_ms and rings_the_living:
                break
            walked = self.following(alert, situation, now_ms)
            # the rest of this round and one more, if its pause is over: then nobody can be reached
            while walked.round == alert.round or (walked.round == alert.round + 1 and rests_until_ms <= now_ms):
                step = self.policy_of(walked).steps[walked.step]
                reached = reached_by(step, walked, situation, now_ms, tries_dead_numbers=tries_dead_numbers)
                spared += [one for one in reached.spared if one not in spared]
                refused += [one for one in reached.refused if one not in refused]
                lines = (*before, *_left_out_lines(alert, spared, refused, situation, now_ms=now_ms))
                # nor is a message to others enough, where all whom the step was to ring are left out
                is_left_out = not rings_the_living and any(one.is_call for one in reached.refused)
                if reached.calls or (reached.messages and not is_left_out):
                    return self._taken(walked, step, reached, situation, now_ms=now_ms, before=lines)
                walked = self.following(walked, situation, now_ms)
            if spared or not refused:
                break
        stuck = msgspec.structs.replace(alert, version=alert.version + 1)
        waits_ms = [one.free_at_ms for one in spared]  # everybody has been rung often enough: as soon as one may be
        if rests_until_ms > now_ms:  # or nobody of the round's rest can be reached: when the next round begins
            waits_ms.append(rests_until_ms)
        if waits_ms:
            return Change(alert=stuck, timers=(_step_timer(alert, min(waits_ms)),), trace=lines)
        words = Bilingual("没有可呼叫的人，请值班员处理", "nobody can be reached: the desk must act")
        line = story_line(alert, now_ms, "nobody_to_call", "system", words)
        return Change(alert=stuck, timers=(_step_timer(alert, now_ms + REMIND_AFTER_MS),), trace=(*lines, line))

    def following(self, alert: Alert, situation: Situation, now_ms: int) -> Alert:
        """Return the alert at its next step; a new round takes the ladder that is right at its time."""
        if alert.step + 1 < len(self.policy_of(alert).steps):
            return msgspec.structs.replace(alert, step=alert.step + 1)
        kind = alert.kinds[0] if alert.ladder is None else alert.ladder.kind
        again = self.with_ladder(alert, kind, situation, now_ms)
        return msgspec.structs.replace(again, step=self.policy_of(again).loop_from, round=alert.round + 1)

    def _rests_until_ms(self, alert: Alert, situation: Situation) -> int:
        """Return when the alert's next round may begin: a pause after the last step of this one that reached anybody.

        That may be long before its last step: what is passed over is no reason to begin again at once. 0 when this
        round has reached nobody yet.
        """
        taken_ms = max((one.created_at_ms for one in _of_round(alert, situation)), default=None)
        if taken_ms is None:
            return 0
        policy = self.policy_of(alert)
        at_its_end = msgspec.structs.replace(alert, step=len(policy.steps) - 1)
        return _next_due_ms(policy, at_its_end, taken_ms, situation)

    def _rings_the_living(self, alert: Alert, situation: Situation) -> bool:
        """Return whether a round rings a contact who can be rung: whoever is only written to may sleep."""
        policy = self.policy_of(alert)
        rung = (one for step in policy.steps[policy.loop_from :] for one in callees(step.call, situation.contacts))
        return any(one is not None and one.id not in situation.dead_for_calls for one in rung)

    def is_resting(self, alert: Alert) -> bool:
        """Return whether the rounds of the alert's ladder are used up, so that its next step is only a reminder."""
        policy = self.policy_of(alert)
        return 0 < policy.rounds <= alert.round + 1 and alert.step + 1 >= len(policy.steps)

    def hastened(self, change: Change, attempt: Attempt, situation: Situation, now_ms: int) -> Change:
        """Return the change with the next step at once when an attempt has reached nobody and no call of its step may.

        Never into a new round or past a time of day: numbers that all fail at once must not be rung without a pause.
        Who has declined need not be reached by another channel too.
        """
        alert = change.alert
        ahead = self.policy_of(alert).steps[alert.step + 1 : alert.step + 2]
        of_step = f"{alert.id}:{alert.round}/{alert.step}/"
        has_declined = attempt.state is AttemptState.DECLINED
        is_alone = not any(
            other.id != attempt.id and other.key.startswith(of_step) and isinstance(other.effect, PlaceCall)
            for other in situation.live_attempts()
            if not (has_declined and other.contact_id == attempt.contact_id)
        )
        if not (ahead and not ahead[0].at_local and is_alone and isinstance(attempt.effect, PlaceCall)):
            return change
        if alert.state is not AlertState.CALLING_CONTACTS:
            return change
        timers = tuple(
            msgspec.structs.replace(timer, due_at_ms=min(timer.due_at_ms, now_ms))
            if timer.kind is TimerKind.NEXT_STEP
            else timer
            for timer in change.timers
        )
        return msgspec.structs.replace(change, timers=timers)

    def _taken(
        self,
        walked: Alert,
        step: Step,
        reached: Reached,
        situation: Situation,
        *,
        now_ms: int,
        before: tuple[TraceLine, ...],
    ) -> Change:
        event = AlertEvent.ASK_RESIDENT if step.stage == "resident" else AlertEvent.CALL_CONTACTS
        taken = msgspec.structs.replace(walked, state=moved(walked.state, event), version=walked.version + 1)
        effects = effects_of(taken, step, reached, situation, now_ms)
        lines = [effect_line(taken, effect, situation, now_ms) for effect in effects]
        policy = self.policy_of(taken)
        due_ms = _next_due_ms(policy, taken, now_ms, situation)
        ahead = policy.steps[taken.step + 1 : taken.step + 2]
        if step.call and not reached.calls and ahead and not ahead[0].at_local:
            due_ms = now_ms  # whom it was to ring cannot be: a message to others is no reason to wait
        return Change(
            alert=taken,
            timers=(_step_timer(taken, due_ms),),
            effects=effects,
            trace=(*before, *(line for line in lines if line is not None)),
        )


def _of_round(alert: Alert, situation: Situation) -> list[Attempt]:
    of_round = f"{alert.id}:{alert.round}/"
    return [one for one in situation.attempts if one.key.startswith(of_round)]


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
    begins_ms = now_ms + policy.loop_after_s * 1000
    return _due_ms(again, begins_ms, situation) if again.at_local else begins_ms  # its own after_s is the first round's


def _due_ms(step: Step, now_ms: int, situation: Situation) -> int:
    if not step.at_local:
        return now_ms + step.after_s * 1000
    tz = zone(situation.zone_name)
    local = from_ms(now_ms, tz)
    due = datetime.combine(local.date(), time.fromisoformat(step.at_local), tz)
    return to_ms(due if due >= local else due + timedelta(days=1))


def _until_morning(step: Step, due_ms: int) -> Suppression:
    at = step.at_local
    return Suppression(
        kind=SuppressionKind.QUIET_HOURS,
        by="ladder",
        reason=Bilingual("技术事项不在夜间打扰人", "a technical fault disturbs nobody at night"),
        until_ms=due_ms,
        ends_with=Bilingual(f"{at}合并为一条短信通知", f"at {at} one message tells of all of them"),
    )


def _left_out_lines(
    alert: Alert, spared: Sequence[Spared], refused: Sequence[Refused], situation: Situation, *, now_ms: int
) -> tuple[TraceLine, ...]:
    return (
        *(_spared_line(alert, one, situation, now_ms) for one in spared),
        *(_refused_line(alert, one, situation, now_ms) for one in refused),
    )


def _refused_line(alert: Alert, refused: Refused, situation: Situation, now_ms: int) -> TraceLine:
    who = situation.words_for(refused.contact_id)
    called = Bilingual(f"不呼叫{who.zh}：{DEAD_NUMBER.zh}", f"{who.en} is not rung: {DEAD_NUMBER.en}")
    wrote = Bilingual(f"不发短信给{who.zh}：{DEAD_NUMBER.zh}", f"{who.en} is not written to: {DEAD_NUMBER.en}")
    return story_line(alert, now_ms, "number_refused", "system", called if refused.is_call else wrote)


def _spared_line(alert: Alert, spared: Spared, situation: Situation, now_ms: int) -> TraceLine:
    who = situation.words_for(spared.contact_id)
    at = f"{from_ms(spared.free_at_ms, zone(situation.zone_name)):%H:%M}"
    did = Bilingual(f"不再呼叫{who.zh}", f"{who.en} is not rung")
    wrote = Bilingual(f"不再发短信给{who.zh}", f"{who.en} is not written to")
    suppression = Suppression(
        kind=SuppressionKind.THROTTLE,
        by=who_of(spared.contact_id),
        reason=words(VOICE if spared.is_call else SMS, is_call=spared.is_call),
        until_ms=spared.free_at_ms,
        ends_with=Bilingual(f"{at}起可再联系", f"may be again from {at} on"),
    )
    return suppressed_line(alert, now_ms, did if spared.is_call else wrote, suppression)
