"""Which entry of Twilio's own list is an attempt whose answer was never seen; refuses to repeat a call too soon."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from alerts.attempts import CallNews
from alerts.channels.faults import unanswered
from alerts.model import Attempt, AttemptState
from alerts.ports import SendResult
from core.localtime import from_ms, to_ms, zone

LIST_LIMIT = 20
"""One number is rung at most 20 times a day; more entries in a window of seconds are not ours to tell apart."""

WINDOW_SLACK_MS = 5_000
"""The request's own time limit says when it was accepted at the latest; this covers seconds that Twilio cuts off."""


class Entry(msgspec.Struct, frozen=True):
    """One call or message of Twilio's list: its id, when it was made, and whom it is from."""

    sid: str
    made_at_ms: int | None
    from_number: str


def entry_of(sid: str | None, made_at: datetime | None, from_number: str | None) -> Entry:
    """Return an entry from what the SDK read, where everything may be missing."""
    return Entry(sid or "", None if made_at is None else to_ms(made_at), from_number or "")


def listed_since(attempt: Attempt) -> datetime:
    """Return where Twilio's own filter may start: the second of the claim, since its lists know no finer time."""
    return from_ms(_claimed_at_ms(attempt), zone("UTC")).replace(microsecond=0)


def found(attempt: Attempt, entries: Iterable[Entry], *, request_timeout_s: float, now_ms: int) -> SendResult:
    """Return what the list says: SUBMITTED with the id, NEW when it is surely not there, UNKNOWN while it may come.

    Twilio's list does not give the callback URL that carries our attempt id, so an entry is matched by both numbers
    and by the window between the claim and the request's time limit. The earliest one wins. Entries that are known to
    be another attempt's are not given in, and while one attempt is in doubt no other goes to its number by the same
    channel (alerts/switchboard.py): so two attempts cannot take each other's ids.
    """
    earliest_ms = to_ms(listed_since(attempt))
    latest_ms = earliest_ms + int(request_timeout_s * 1000) + WINDOW_SLACK_MS
    ours = [
        (entry.made_at_ms, entry.sid)
        for entry in entries
        if entry.sid and entry.made_at_ms is not None and earliest_ms <= entry.made_at_ms <= latest_ms
    ]
    if ours:
        news = CallNews(state=AttemptState.SUBMITTED, at_ms=now_ms, provider_id=min(ours)[1])
        return SendResult(news=news)
    return unanswered(attempt, "not in the provider's list", now_ms=now_ms)


def _claimed_at_ms(attempt: Attempt) -> int:
    return attempt.created_at_ms if attempt.claimed_at_ms is None else attempt.claimed_at_ms
