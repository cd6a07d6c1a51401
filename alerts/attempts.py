"""The life of one attempt: which news moves it where; refuses news that is older than what it has seen."""

import msgspec

from alerts.model import TERMINAL_ATTEMPT_STATES, Attempt, AttemptState
from alerts.routing import BOARD

RANK = {
    AttemptState.NEW: 0,
    AttemptState.CLAIMED: 1,
    AttemptState.UNKNOWN: 2,
    AttemptState.SUBMITTED: 3,
    AttemptState.RINGING: 4,
    AttemptState.ANSWERED: 5,
}
"""How far an attempt has come; every state that is not here is terminal."""


BESIDE = "+"
"""What the key of an attempt gets when another channel carries its effect beside it."""

PRESSED = frozenset({AttemptState.ACKED, AttemptState.DECLINED})
"""States that only a pressed key leads to."""


TAKEN = PRESSED | {
    *(AttemptState.SUBMITTED, AttemptState.RINGING, AttemptState.ANSWERED),
    *(AttemptState.BUSY, AttemptState.NO_ANSWER),
}
"""States that say that a provider took the request, although its own answer may have been lost or come later."""


SHOWN = "shown"
"""How an attempt stands that only the duty board has; said in place of its state to people and programs."""


def is_only_shown(attempt: Attempt) -> bool:
    """Say whether the board shows it and nobody has done anything about it: it was not sent, and nothing has rung."""
    return attempt.channel == BOARD and attempt.state in {AttemptState.SUBMITTED, AttemptState.DELIVERED}


class CallNews(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel says about an attempt. `sequence` is the provider's own order, -1 when it gives none."""

    state: AttemptState
    at_ms: int
    sequence: int = -1
    provider_id: str = ""
    digits: str = ""
    detail: str = ""
    entered_by: str = ""  # "account:<name>" who rang by hand and wrote down the key they were told
    told_version: int | None = None  # of the alert, as they heard or saw it; None: as it was when the call was placed


def with_news(attempt: Attempt, news: CallNews) -> Attempt:
    """Return the attempt as it stands after the news; the very same object when the news is old.

    Callback order is not the provider's promise: a terminal state stays terminal, a state never goes back, and a
    sequence number is taken once. A key that was pressed is kept even when it comes after the call's end.
    """
    if attempt.state in TERMINAL_ATTEMPT_STATES:
        # The key and the end of a call travel separately: a key that comes second is still a human's answer.
        is_late_key = news.state in PRESSED and attempt.state in {AttemptState.NO_ANSWER, AttemptState.CANCELED}
        if not is_late_key:
            return attempt
    if 0 <= news.sequence <= attempt.last_sequence:
        return attempt
    is_forward = news.state in TERMINAL_ATTEMPT_STATES or RANK[news.state] > RANK[attempt.state]
    if not is_forward:
        return attempt
    return msgspec.structs.replace(
        attempt,
        state=news.state,
        last_sequence=max(attempt.last_sequence, news.sequence),
        provider_id=news.provider_id or attempt.provider_id,
        digits=news.digits or attempt.digits,
        detail=news.detail or attempt.detail,
        submitted_at_ms=_first(attempt.submitted_at_ms, news, TAKEN),
        answered_at_ms=_first(attempt.answered_at_ms, news, frozenset({AttemptState.ANSWERED})),
        ended_at_ms=news.at_ms if news.state in TERMINAL_ATTEMPT_STATES else attempt.ended_at_ms,
    )


def _first(known_ms: int | None, news: CallNews, states: frozenset[AttemptState]) -> int | None:
    return news.at_ms if known_ms is None and news.state in states else known_ms
