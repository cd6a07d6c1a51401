"""Writes what became of an attempt, and queues a text that was not delivered once more; refuses news that is old."""

import msgspec

from alerts.attempts import CallNews, with_news
from alerts.bounces import is_bounce
from alerts.model import Attempt, AttemptState, SendSms
from core.ids import AttemptId
from store.truth.database import Unit

_NOT_KNOWN_TO_RING = frozenset({AttemptState.NEW, AttemptState.CLAIMED, AttemptState.UNKNOWN})


def news_written(unit: Unit, attempt_id: AttemptId, news: CallNews, retry_at_ms: int | None) -> Attempt | None:
    """Return the attempt as it stands after the news; None when the news is old or nobody knows the attempt."""
    attempt = unit.outbox.get(attempt_id)
    if attempt is None:
        return None
    if news.state is AttemptState.NEW:  # surely not sent: it waits again, unless it was cancelled or has rung meanwhile
        if attempt.state not in _NOT_KNOWN_TO_RING or retry_at_ms is None:
            return None
        changed = msgspec.structs.replace(
            attempt, state=AttemptState.NEW, not_before_ms=retry_at_ms, detail=news.detail
        )
    else:
        changed = with_news(attempt, news)
    if changed == attempt:
        return None
    unit.outbox.save(changed)
    if attempt.submitted_at_ms is not None and changed.state is AttemptState.FAILED and _may_go_elsewhere(changed):
        unit.outbox.queue_beside(msgspec.structs.replace(changed, tried=(*changed.tried, changed.channel)), news.at_ms)
    return changed


def _may_go_elsewhere(attempt: Attempt) -> bool:
    """Say whether another channel may deliver a text whose receipt says that it was not; a number that is dead is dead.

    A call that failed needs none: the ladder rings the next person.
    """
    return isinstance(attempt.effect, SendSms) and not is_bounce(attempt)
