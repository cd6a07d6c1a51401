"""How an alert gets an owner and how it ends: by a human fact, or withdrawn when nobody was told; pure."""

import msgspec

from alerts.ladder import Policy
from alerts.lifecycle import moved
from alerts.model import Alert, AlertEvent, CancelPending, Change, Outcome, TraceLine
from alerts.outcome_words import OUTCOME_WORDS
from alerts.steps import ack_timer
from alerts.story import story_line
from core.text import Bilingual


def acknowledged(
    alert: Alert, who: str, words: Bilingual, policy: Policy, now_ms: int, *, before: tuple[TraceLine, ...] = ()
) -> Change:
    """Return the change that gives the alert an owner, who reports before the ladder's deadline."""
    deadline_ms = now_ms + policy.ack_deadline_s * 1000
    owned = msgspec.structs.replace(
        alert,
        state=moved(alert.state, AlertEvent.ACKNOWLEDGE),
        owner=who,
        acknowledged_at_ms=now_ms,
        ack_deadline_ms=deadline_ms,
        version=alert.version + 1,
    )
    line = story_line(alert, now_ms, "acknowledged", who, words)
    return Change(
        alert=owned,
        timers=(ack_timer(owned, deadline_ms),),
        effects=(CancelPending(alert_id=alert.id),),
        trace=(*before, line),
    )


def closed(
    alert: Alert,
    outcome: Outcome,
    who: str,
    now_ms: int,
    *,
    note: str = "",
    before: tuple[TraceLine, ...] = (),
) -> Change:
    """Return the change that closes the alert with the human fact."""
    over = msgspec.structs.replace(
        alert,
        state=moved(alert.state, AlertEvent.CLOSE),
        outcome=outcome,
        outcome_note=note,
        closed_by=who,
        closed_at_ms=now_ms,
        ack_deadline_ms=None,
        holds=(),
    )
    said = OUTCOME_WORDS[outcome]
    words = Bilingual(f"结案：{said.zh}", f"closed: {said.en}")
    return ended(over, (*before, story_line(alert, now_ms, "closed", who, words)))


def closed_by_system(alert: Alert, now_ms: int) -> Alert:
    """Return a withdrawn alert with who ended it and when."""
    return msgspec.structs.replace(alert, closed_at_ms=now_ms, closed_by="system", holds=())


def ended(alert: Alert, trace: tuple[TraceLine, ...]) -> Change:
    """Return the change that writes an end: nothing is due any more, what is queued is cancelled."""
    over = msgspec.structs.replace(alert, version=alert.version + 1)
    return Change(alert=over, timers=(), effects=(CancelPending(alert_id=alert.id),), trace=trace)
