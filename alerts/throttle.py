"""How often one number may be rung or written to; a life hazard's first attempt is never held back."""

from collections.abc import Sequence

import msgspec

from alerts.ladder import Step, callees
from alerts.model import Alert, PlaceCall
from alerts.situation import Situation, who_of
from core.ids import ContactId
from core.localtime import HOUR_MS, MINUTE_MS
from core.text import Bilingual
from rules.findings import Priority

VOICE = ((15 * MINUTE_MS, 3), (HOUR_MS, 7), (3 * HOUR_MS, 15))
SMS = ((15 * MINUTE_MS, 5), (HOUR_MS, 11), (3 * HOUR_MS, 21))
"""(window, most within it), over all alerts: a grid worker stands beside many people (design: alerting, Throttle)."""

LONGEST_WINDOW_MS = 3 * HOUR_MS


class Spared(msgspec.Struct, frozen=True):
    """Somebody who is left alone for a while. `contact_id` None: the resident."""

    contact_id: ContactId | None
    is_call: bool
    free_at_ms: int


class Reached(msgspec.Struct, frozen=True):
    """Whom a step rings and writes to now, and whom it spares."""

    calls: tuple[ContactId | None, ...]
    messages: tuple[ContactId, ...]
    spared: tuple[Spared, ...]


def reached_by(step: Step, alert: Alert, situation: Situation, now_ms: int) -> Reached:
    """Return whom a step of an alert reaches now; each person once."""
    calls: list[ContactId | None] = []
    messages: list[ContactId] = []
    spared: list[Spared] = []
    for callee in callees(step.call, situation.contacts):
        contact_id = None if callee is None else callee.id
        if callee is None and not situation.has_resident:
            continue
        free_ms = _free_ms(contact_id, alert, situation, now_ms, is_call=True)
        if free_ms is None:
            calls.append(contact_id)
        else:
            spared.append(Spared(contact_id, is_call=True, free_at_ms=free_ms))
    for callee in callees(step.sms, situation.contacts):
        if callee is None:
            continue
        free_ms = _free_ms(callee.id, alert, situation, now_ms, is_call=False)
        if free_ms is None:
            messages.append(callee.id)
        else:
            spared.append(Spared(callee.id, is_call=False, free_at_ms=free_ms))
    return Reached(tuple(calls), tuple(messages), tuple(spared))


def _free_ms(
    contact_id: ContactId | None, alert: Alert, situation: Situation, now_ms: int, *, is_call: bool
) -> int | None:
    is_first = not any(
        attempt.contact_id == contact_id and isinstance(attempt.effect, PlaceCall) == is_call
        for attempt in situation.attempts
        if attempt.effect.priority is Priority.P0
    )
    if alert.priority is Priority.P0 and is_first:
        return None
    earlier = situation.calls_ms if is_call else situation.messages_ms
    return free_at_ms(earlier.get(who_of(contact_id), ()), VOICE if is_call else SMS, now_ms)


def free_at_ms(times_ms: Sequence[int], limits: Sequence[tuple[int, int]], now_ms: int) -> int | None:
    """Return when the next one may go, or None for now; `times_ms` of earlier ones in any order."""
    waits: list[int] = []
    for window_ms, most in limits:
        within = sorted(time_ms for time_ms in times_ms if now_ms - window_ms < time_ms <= now_ms)
        if len(within) >= most:
            waits.append(within[-most] + window_ms)
    return max(waits, default=None)


def words(limits: Sequence[tuple[int, int]], *, is_call: bool) -> Bilingual:
    """Return the rule in words."""
    shown = [
        (f"{window_ms // MINUTE_MS}分钟{most}次", f"{most} in {window_ms // MINUTE_MS} min")
        for window_ms, most in limits
    ]
    zh, en = "、".join(one for one, _ in shown), ", ".join(one for _, one in shown)
    what = Bilingual("来电", "calls") if is_call else Bilingual("短信", "messages")
    return Bilingual(
        f"这个号码近期{what.zh}已达上限（{zh}）", f"this number has had as many {what.en} as it may ({en})"
    )
