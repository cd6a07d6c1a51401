"""Which finding nobody is told of for now, and what its end brings; a held finding is told later, never dropped."""

from collections.abc import Iterable

import msgspec

from alerts.answered import is_second_of
from alerts.model import Alert, AlertState, Change, Timer, TimerKind, TraceLine
from alerts.silences import Silence
from alerts.situation import Situation
from alerts.story import suppressed_line
from alerts.suppression import RECHECK_MS, Hold, Suppression, SuppressionKind
from core.localtime import from_ms, zone
from core.text import Bilingual
from rules.findings import Finding, FindingKind, Priority

SILENCE, INCIDENT, ANSWER = "silence:", "incident:", "answer:"
_HELD = Bilingual("暂不通知", "nobody is told for now")


def hold_of(finding: Finding, situation: Situation) -> Hold | None:
    """Return why nobody is told of a finding now, or None; a life hazard is always told."""
    if finding.priority is Priority.P0:
        return None
    silence = silence_for(finding.kind, finding.priority, situation.silences)
    if silence is not None:
        return _silenced(finding.kind, finding.priority, silence)
    if finding.held_by is not None and finding.held_by in situation.standing_incidents:
        by = f"{INCIDENT}{finding.held_by}"
        return Hold(finding_kind=finding.kind, priority=finding.priority, by=by, until_ms=None)
    known = situation.answered
    if known is not None and is_second_of(finding, known):
        by = f"{ANSWER}{known.alert_id}"
        return Hold(finding_kind=finding.kind, priority=finding.priority, by=by, until_ms=known.until_ms)
    return None


def silenced_now(alert: Alert, situation: Situation) -> tuple[Hold, ...]:
    """Return holds for all that an alert is about when silences cover all of it, else nothing."""
    found: list[Hold] = []
    for kind in situation.active_kinds or alert.kinds:
        silence = silence_for(kind, alert.priority, situation.silences)
        if silence is None:
            return ()
        found.append(_silenced(kind, alert.priority, silence))
    return tuple(found)


def silence_for(kind: FindingKind, priority: Priority, silences: Iterable[Silence]) -> Silence | None:
    """Return the silence under which nobody is told of such a finding, the last to end of several, or None."""
    quieting = [silence for silence in silences if silence.quiets(kind, priority)]
    return max(quieting, key=lambda silence: silence.until_ms, default=None)


def is_waiting(alert: Alert) -> bool:
    """Return whether nobody has been told of the alert because all of it is held."""
    return bool(alert.holds) and alert.state is AlertState.OPEN and alert.step < 0


def with_hold(alert: Alert, hold: Hold) -> Alert:
    """Return the alert with a hold, in place of an earlier one on the same kind."""
    return msgspec.structs.replace(alert, holds=(*without(alert.holds, hold.finding_kind), hold))


def without(holds: tuple[Hold, ...], kind: FindingKind) -> tuple[Hold, ...]:
    """Return the holds on other kinds."""
    return tuple(hold for hold in holds if hold.finding_kind is not kind)


def judged_again(alert: Alert, situation: Situation) -> tuple[tuple[Hold, ...], tuple[Hold, ...]]:
    """Return (holds that stay, holds that have ended); a silence that still covers takes over from what ended."""
    stay: list[Hold] = []
    over: list[Hold] = []
    for hold in alert.holds:
        silence = silence_for(hold.finding_kind, hold.priority, situation.silences)
        if silence is not None:
            stay.append(_silenced(hold.finding_kind, hold.priority, silence))
        elif (hold.by.startswith(INCIDENT) and hold.by.removeprefix(INCIDENT) in situation.standing_incidents) or (
            situation.answered is not None and hold.by == f"{ANSWER}{situation.answered.alert_id}"
        ):
            stay.append(hold)
        else:
            over.append(hold)
    return tuple(stay), tuple(over)


def held_line(alert: Alert, hold: Hold, situation: Situation, now_ms: int) -> TraceLine:
    """Return the line that says what is held, by whom, until when and what would end it."""
    return suppressed_line(alert, now_ms, _HELD, _suppression(hold, situation))


def with_hold_timer(change: Change, situation: Situation, now_ms: int, *, is_judged: bool = False) -> Change:
    """Return the change with the moment at which its holds are judged again, while there are any.

    A moment that is set already only comes nearer, unless the holds have just been judged (`is_judged`).
    """
    others = tuple(timer for timer in change.timers if timer.kind is not TimerKind.HOLD_END)
    alert = change.alert
    if not alert.holds or alert.state in {AlertState.CLOSED, AlertState.WITHDRAWN}:
        return change if others == change.timers else msgspec.structs.replace(change, timers=others)
    due_ms = min(now_ms + RECHECK_MS if hold.until_ms is None else hold.until_ms for hold in alert.holds)
    if not is_judged:
        set_already = [timer.due_at_ms for timer in situation.timers if timer.kind is TimerKind.HOLD_END]
        due_ms = min([due_ms, *set_already])
    key = f"{alert.id}/{TimerKind.HOLD_END}"
    timer = Timer(key=key, alert_id=alert.id, kind=TimerKind.HOLD_END, due_at_ms=max(due_ms, now_ms))
    return msgspec.structs.replace(change, timers=(*others, timer))


def _silenced(kind: FindingKind, priority: Priority, silence: Silence) -> Hold:
    return Hold(finding_kind=kind, priority=priority, by=f"{SILENCE}{silence.id}", until_ms=silence.until_ms)


def _suppression(hold: Hold, situation: Situation) -> Suppression:
    silence = next((one for one in situation.silences if hold.by == f"{SILENCE}{one.id}"), None)
    if hold.by.startswith(ANSWER):
        return _answered_words(hold, situation.zone_name)
    if silence is None:
        return Suppression(
            kind=SuppressionKind.INCIDENT,
            by=hold.by,
            reason=Bilingual("由整村的大范围故障造成", "a fault of the whole village explains it"),
            until_ms=None,
            ends_with=Bilingual("故障恢复后仍成立的立即通知", "what still holds when it works again is told at once"),
        )
    return words_of(silence, situation.zone_name)


def _answered_words(hold: Hold, zone_name: str) -> Suppression:
    until = "" if hold.until_ms is None else f"{from_ms(hold.until_ms, zone(zone_name)):%m-%d %H:%M}"
    return Suppression(
        kind=SuppressionKind.ANSWERED,
        by=hold.by,
        reason=Bilingual(
            "同一次无动静已有人确认本人情况，不再为此呼叫",
            "somebody has already told of the person in this very silence",
        ),
        until_ms=hold.until_ms,
        ends_with=Bilingual(f"{until}仍无动静则再次询问", f"asked after again if it still lasts at {until}"),
    )


def words_of(silence: Silence, zone_name: str) -> Suppression:
    """Return who silenced it, why, until when, and what comes then."""
    until = f"{from_ms(silence.until_ms, zone(zone_name)):%Y-%m-%d %H:%M}"
    return Suppression(
        kind=SuppressionKind.SILENCE,
        by=f"{SILENCE}{silence.id}",
        reason=Bilingual(
            f"{silence.author}设置静默：{silence.reason}", f"silenced by {silence.author}: {silence.reason}"
        ),
        until_ms=silence.until_ms,
        ends_with=Bilingual(f"{until}结束，届时仍成立的立即通知", f"ends {until}, what still holds is told then"),
    )
