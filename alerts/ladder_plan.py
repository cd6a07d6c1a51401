"""What a ladder would do if nobody answered: who is rung when, who is left out and why; run by the desk's own code."""

from collections.abc import Callable
from typing import Literal

import msgspec

from alerts.holds import silence_for, words_of
from alerts.ladder import callees
from alerts.ladder_book import LadderBook
from alerts.model import Alert, AlertState, Attempt, Change, PlaceCall, SendSms
from alerts.silences import Silence
from alerts.situation import Situation
from alerts.steps import DEAD_NUMBER, Steps
from alerts.suppression import Suppression
from alerts.throttle import SMS, VOICE, Reached, reached_by, words
from core.ids import AlertId, AttemptId, HomeId
from core.text import Bilingual
from registry.homes import Contact
from rules.findings import FindingKind, Priority

How = Literal["call", "sms"]
ROUNDS_SHOWN = 2
"""The first round and the one that every later round repeats."""

NOBODY = Bilingual("没有登记这样的联系人", "no such contact is registered")
NO_NUMBER = Bilingual("没有登记电话号码", "no number is registered")


class Reach(msgspec.Struct, frozen=True):
    """By which channel a number is reached; `refusal` says why it is not."""

    channel: str
    refusal: Bilingual | None = None


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One target of one step for one person. `who` None: the resident, or nobody when `skipped` says so."""

    target: str
    who: Contact | None
    how: How
    channel: str = ""
    skipped: Bilingual | None = None


class PlannedStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step with its moment; one that reaches nobody is passed over at once."""

    at_ms: int
    round: int
    step: int
    stage: str
    is_taken: bool
    rungs: tuple[Rung, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it: the ladder's name, which table gave which field, and the steps in order."""

    policy: str
    ack_deadline_s: int
    rounds: int
    sources: dict[str, str]
    silenced: tuple[Suppression, ...]  # before anybody is told
    steps: tuple[PlannedStep, ...]


def plan_of(
    book: LadderBook,
    situation: Situation,
    *,
    priority: Priority,
    kind: FindingKind,
    reach: Callable[[Contact | None, How], Reach],
    now_ms: int,
) -> Plan:
    """Return what would happen from a moment on if nobody answered; `reach` says how somebody is reached.

    The situation's silences are all that are about the home, those that have not begun too.
    """
    steps = Steps(book)
    alert = _alert(priority, kind, now_ms)
    silences = _silences(steps, alert, situation, now_ms)
    told_ms = max([now_ms, *(silence.until_ms for silence in silences)])
    alert = steps.with_ladder(alert, kind, situation, told_ms)
    shown = _walked(steps, alert, situation, at_ms=steps.begins_ms(alert, situation, told_ms), reach=reach)
    chosen = steps.policy_of(alert)
    return Plan(
        policy=alert.policy,
        ack_deadline_s=chosen.ack_deadline_s,
        rounds=chosen.rounds,
        sources=steps.chosen(alert, kind, situation, told_ms).sources,
        silenced=tuple(words_of(silence, situation.zone_name) for silence in silences),
        steps=tuple(one for one in shown if one.round < ROUNDS_SHOWN),
    )


def _walked(
    steps: Steps,
    alert: Alert,
    situation: Situation,
    *,
    at_ms: int,
    reach: Callable[[Contact | None, How], Reach],
) -> list[PlannedStep]:
    shown: list[PlannedStep] = []
    told: set[tuple[int, int]] = set()
    was_stuck = False
    while alert.round < ROUNDS_SHOWN:
        change = steps.next_step(alert, situation, at_ms)
        goal = _place(change.alert)
        is_stuck = goal == _place(alert)
        walked = steps.following(alert, situation, at_ms)
        while walked.round <= alert.round + (not is_stuck):
            is_taken = _place(walked) == goal
            if is_taken or _place(walked) not in told:  # what was passed over is once, also after the pause of a round
                shown.append(_planned(steps, walked, situation, at_ms=at_ms, is_taken=is_taken, reach=reach))
            told.add(_place(walked))
            if is_taken:
                break
            walked = steps.following(walked, situation, at_ms)
        situation = _after(situation, change, at_ms)
        alert, at_ms = change.alert, min(timer.due_at_ms for timer in change.timers)
        if is_stuck and was_stuck:  # once it waits for the next round, twice there is nobody
            break
        was_stuck = is_stuck
    return shown


def _after(situation: Situation, change: Change, at_ms: int) -> Situation:
    """Return the situation with a step's calls and messages: a round rests after the last that reached anybody."""
    made = tuple(
        Attempt(
            id=AttemptId(effect.key),
            key=effect.key,
            alert_id=effect.alert_id,
            contact_id=effect.contact_id,
            effect=effect,
            created_at_ms=at_ms,
            not_before_ms=at_ms,
        )
        for effect in change.effects
        if isinstance(effect, PlaceCall | SendSms)
    )
    return msgspec.structs.replace(situation, attempts=(*situation.attempts, *made))


def _alert(priority: Priority, kind: FindingKind, now_ms: int) -> Alert:
    return Alert(
        id=AlertId("plan"),
        home_id=HomeId(""),
        person_id=None,
        priority=priority,
        kinds=(kind,),
        finding_ids=(),
        state=AlertState.OPEN,
        opened_at_ms=now_ms,
        sentence=Bilingual("", ""),
        policy="",
        version=0,
    )


def _silences(steps: Steps, alert: Alert, situation: Situation, now_ms: int) -> list[Silence]:
    """Return the silences that hold the alert one after the other, until its first step reaches somebody."""
    found: list[Silence] = []
    at_ms = now_ms
    while True:
        ready = steps.with_ladder(alert, alert.kinds[0], situation, at_ms)
        moments = (at_ms, steps.begins_ms(ready, situation, at_ms))
        holding = [
            silence
            for moment_ms in moments
            if (silence := silence_for(ready.kinds[0], ready.priority, _active(situation, moment_ms))) is not None
        ]
        if not holding:
            return found
        found.append(holding[0])
        at_ms = holding[0].until_ms


def _active(situation: Situation, at_ms: int) -> list[Silence]:
    return [silence for silence in situation.silences if silence.is_active_at(at_ms)]


def _place(alert: Alert) -> tuple[int, int]:
    return alert.round, alert.step


def _planned(
    steps: Steps,
    alert: Alert,
    situation: Situation,
    *,
    at_ms: int,
    is_taken: bool,
    reach: Callable[[Contact | None, How], Reach],
) -> PlannedStep:
    step = steps.policy_of(alert).steps[alert.step]
    rungs = [rung for target in step.call for rung in _rungs(target, "call", situation, reach)]
    rungs += [rung for target in step.sms for rung in _rungs(target, "sms", situation, reach)]
    reached = reached_by(step, alert, situation, at_ms)
    rungs = [_left_out(rung, reached) for rung in rungs]
    return PlannedStep(
        at_ms=at_ms, round=alert.round, step=alert.step, stage=step.stage, is_taken=is_taken, rungs=tuple(rungs)
    )


def _left_out(rung: Rung, reached: Reached) -> Rung:
    is_call, contact_id = rung.how == "call", None if rung.who is None else rung.who.id
    if rung.skipped is not None:
        return rung
    if any(one.contact_id == contact_id and one.is_call == is_call for one in reached.refused):
        return msgspec.structs.replace(rung, skipped=DEAD_NUMBER)
    if not any(one.contact_id == contact_id and one.is_call == is_call for one in reached.spared):
        return rung
    return msgspec.structs.replace(rung, skipped=words(VOICE if is_call else SMS, is_call=is_call))


def _rungs(
    target: str, how: How, situation: Situation, reach: Callable[[Contact | None, How], Reach]
) -> tuple[Rung, ...]:
    found = callees((target,), situation.contacts)
    if not found:
        return (Rung(target=target, who=None, how=how, skipped=NOBODY),)
    rungs: list[Rung] = []
    for who in found:
        has_number = situation.has_resident if who is None else bool(who.phone)
        reached = reach(who, how) if has_number else Reach("", NO_NUMBER)
        rungs.append(Rung(target=target, who=who, how=how, channel=reached.channel, skipped=reached.refusal))
    return tuple(rungs)
