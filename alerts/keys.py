"""What a pressed key does to an alert: it closes it, gives it an owner, or is only written down; pure."""

from alerts.attempts import CallNews
from alerts.endings import acknowledged, closed
from alerts.ladder import Policy
from alerts.messages import KIND_WORDS
from alerts.model import Alert, AlertState, Attempt, CallPurpose, Change, Outcome, PlaceCall, TraceLine
from alerts.service_findings import is_of_service
from alerts.situation import Situation, who_of
from alerts.steps import traced
from alerts.story import story_line
from core.errors import ConflictError
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


_UNTOLD = Bilingual(
    "这次通话没有说到后来发现的情况：按键不算接警，继续通知",
    "this call told nothing of what was found since: the key is nobody's answer to that, and others are told",
)


class MoreFoundError(ConflictError):
    """More has been found than somebody saw or heard who now decides; they can be told, and asked again."""

    def __init__(self, alert: Alert) -> None:
        words = [KIND_WORDS[kind] for kind in alert.told_kinds]
        zh, en = "、".join(word.zh for word in words), ", ".join(word.en for word in words)
        super().__init__(f"又发现了新的情况，请看过再操作：{zh} / more has been found since, look again first: {en}")


def is_answer(alert: Alert, attempt: Attempt, news: CallNews, situation: Situation) -> bool:
    """Return whether a pressed key answers all that the alert knows, or only what the call told before more was found.

    The resident's own "I am well" is an answer to every kind of silence, whenever that was found. Raises MoreFoundError
    for a key that does not where whoever pressed it is on the line, or at the board, and can be told.
    """
    effect = attempt.effect
    if not isinstance(effect, PlaceCall) or _is_well(alert, effect, situation):
        return True
    told = effect.told_version if news.told_version is None else news.told_version
    if told is None or told >= alert.told_version:
        return True
    if news.told_version is not None or news.entered_by:
        raise MoreFoundError(alert)
    return False


def only_noted(alert: Alert, situation: Situation, now_ms: int, *, line: TraceLine) -> Change:
    """Return the change of a key that is no answer: the story tells, and the ladder goes on."""
    return traced(alert, situation, line, story_line(alert, now_ms, "key_untold", "system", _UNTOLD))


def key_taken(
    alert: Alert,
    attempt: Attempt,
    situation: Situation,
    policy: Policy,
    now_ms: int,
    *,
    line: TraceLine,
    entered_by: str = "",
) -> Change:
    """Return what a key does that somebody pressed or said; a life hazard is closed by the desk alone.

    `line` says in the alert's story whose key it was. What the resident is said to have said, in a call that
    `entered_by` made by hand, is that account's word: it closes the alert, and proves no contact of ours.
    """
    who, words = who_of(attempt.contact_id), situation.words_for(attempt.contact_id)
    is_p0 = alert.priority is Priority.P0
    if isinstance(attempt.effect, PlaceCall) and _is_well(alert, attempt.effect, situation):
        return closed(alert, Outcome.WELL_CONFIRMED_BY_RESIDENT, entered_by or who, now_ms, before=(line,))
    if attempt.digits == "33" and not is_p0 and not is_of_service(alert.home_id):
        return closed(alert, Outcome.WELL_SPOKEN_TO, who, now_ms, before=(line,))
    if alert.state is AlertState.ACKNOWLEDGED:
        return traced(alert, situation, line)
    taken = Bilingual(f"{words.zh}接手", f"taken by {words.en}")
    return acknowledged(alert, who, taken, policy, now_ms, before=(line,))


def _is_well(alert: Alert, call: PlaceCall, situation: Situation) -> bool:
    """Return whether a key in the resident's own call ends the alert."""
    is_only_silence = alert.priority is not Priority.P0 and situation.active_kinds <= WELLNESS_KINDS
    return call.purpose is CallPurpose.ASK_RESIDENT and is_only_silence
