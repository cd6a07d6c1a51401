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


class Refused(msgspec.Struct, frozen=True):
    """A contact whose number a provider has refused for good."""

    contact_id: ContactId
    is_call: bool


class Reached(msgspec.Struct, frozen=True):
    """Whom a step rings and writes to now, whom it spares, and whose number does not ring."""

    calls: tuple[ContactId | None, ...]
    messages: tuple[ContactId, ...]
    spared: tuple[Spared, ...]
    refused: tuple[Refused, ...] = ()


def reached_by(
    step: Step, alert: Alert, situation: Situation, now_ms: int, *, tries_dead_numbers: bool = False
) -> Reached:
    """Return whom a step of an alert reaches now; each person once."""
    calls: list[ContactId | None] = []
    messages: list[ContactId] = []
    spared: list[Spared] = []
    refused: list[Refused] = []
    asked = [(callee, True) for callee in callees(step.call, situation.contacts)]
    asked += [(callee, False) for callee in callees(step.sms, situation.contacts) if callee is not None]
    for callee, is_call in asked:
        contact_id = None if callee is None else callee.id
        if callee is None and not situation.has_resident:
            continue
        dead = situation.dead_for_calls if is_call else situation.dead_for_messages
        is_first = _is_first_for_hazard(contact_id, alert, situation, is_call=is_call)
        earlier = (
            () if is_first else (situation.calls_ms if is_call else situation.messages_ms).get(who_of(contact_id), ())
        )
        free_ms = free_at_ms(earlier, VOICE if is_call else SMS, now_ms)
        if contact_id in dead and contact_id is not None and not (is_first or tries_dead_numbers):
            refused.append(Refused(contact_id, is_call))
        elif free_ms is not None:
            spared.append(Spared(contact_id, is_call=is_call, free_at_ms=free_ms))
        elif is_call:
            calls.append(contact_id)
        elif contact_id is not None:
            messages.append(contact_id)
    return Reached(tuple(calls), tuple(messages), tuple(spared), tuple(refused))


def _is_first_for_hazard(contact_id: ContactId | None, alert: Alert, situation: Situation, *, is_call: bool) -> bool:
    return alert.priority is Priority.P0 and not any(
        attempt.contact_id == contact_id and isinstance(attempt.effect, PlaceCall) == is_call
        for attempt in situation.attempts
        if attempt.effect.priority is Priority.P0
    )


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
