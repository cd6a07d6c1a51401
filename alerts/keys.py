"""What a pressed key does to an alert: it closes it, gives it an owner, or is only written down; pure."""

from alerts.endings import acknowledged, closed
from alerts.ladder import Policy
from alerts.model import Alert, AlertState, Attempt, CallPurpose, Change, Outcome, PlaceCall, TraceLine
from alerts.service_findings import is_of_service
from alerts.situation import Situation, who_of
from alerts.steps import traced
from core.text import Bilingual
from rules.findings import FindingKind, Priority

WELLNESS_KINDS = frozenset(
    {
        FindingKind.INACTIVITY,
        FindingKind.NO_RETURN,
        FindingKind.NO_DOOR_OPENING,
        FindingKind.BATHROOM_SILENCE,
        FindingKind.LOW_WATER,
        FindingKind.LOW_ACTIVITY,
    }
)
"""What "I am well" answers in full; a running tap or a dark house is still there after it."""


def key_taken(
    alert: Alert, attempt: Attempt, situation: Situation, policy: Policy, now_ms: int, *, line: TraceLine
) -> Change:
    """Return what a key does that somebody pressed or said; a life hazard is closed by the desk alone.

    `line` says in the alert's story whose key it was.
    """
    purpose = attempt.effect.purpose if isinstance(attempt.effect, PlaceCall) else None
    who, words = who_of(attempt.contact_id), situation.words_for(attempt.contact_id)
    is_p0 = alert.priority is Priority.P0
    if purpose is CallPurpose.ASK_RESIDENT and not is_p0 and situation.active_kinds <= WELLNESS_KINDS:
        return closed(alert, Outcome.WELL_CONFIRMED_BY_RESIDENT, who, now_ms, before=(line,))
    if attempt.digits == "33" and not is_p0 and not is_of_service(alert.home_id):
        return closed(alert, Outcome.WELL_SPOKEN_TO, who, now_ms, before=(line,))
    if alert.state is AlertState.ACKNOWLEDGED:
        return traced(alert, situation, line)
    taken = Bilingual(f"{words.zh}接手", f"taken by {words.en}")
    return acknowledged(alert, who, taken, policy, now_ms, before=(line,))
