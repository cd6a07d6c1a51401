"""Which entry of Twilio's own list is an attempt whose answer was never seen; refuses to repeat a call too soon."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from alerts.attempts import CallNews
from alerts.channels.twilio_errors import LOOK_UP_AFTER_MS, backoff_ms
from alerts.model import Attempt, AttemptState
from alerts.ports import SendResult
from core.localtime import from_ms, to_ms, zone

NEVER_REPEAT_WITHIN_MS = 60_000
"""A request that timed out may still be carried out; within a minute its call shows in the list or never was."""

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
    if now_ms - _claimed_at_ms(attempt) >= NEVER_REPEAT_WITHIN_MS:
        news = CallNews(state=AttemptState.NEW, at_ms=now_ms, detail="not in the provider's list")
        return SendResult(news=news, retry_after_ms=backoff_ms(attempt))
    news = CallNews(state=AttemptState.UNKNOWN, at_ms=now_ms, detail="not yet in the provider's list")
    return SendResult(news=news, retry_after_ms=LOOK_UP_AFTER_MS)


def still_unknown(attempt: Attempt, detail: str, *, now_ms: int, is_misconfigured: bool) -> SendResult:
    """Return the answer when the list itself could not be read: nothing is known, so nothing is repeated."""
    pause_ms = max(LOOK_UP_AFTER_MS, backoff_ms(attempt))
    news = CallNews(state=AttemptState.UNKNOWN, at_ms=now_ms, detail=detail)
    return SendResult(news=news, retry_after_ms=pause_ms, is_misconfigured=is_misconfigured)


def _claimed_at_ms(attempt: Attempt) -> int:
    return attempt.created_at_ms if attempt.claimed_at_ms is None else attempt.claimed_at_ms
