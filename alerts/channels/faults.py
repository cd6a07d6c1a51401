"""What a provider's error means for an attempt; refuses to call a request failed that may have rung a phone."""

import re
import zlib
from enum import Enum

import msgspec

from alerts.attempts import CallNews
from alerts.model import Attempt, AttemptState
from alerts.ports import SendResult

RETRY_FIRST_MS = 1_000
"""A refused connection is often a restart; a second later it answers."""

RETRY_MOST_MS = 30_000
"""Longer pauses would outlast the ladder's two minutes between contacts."""

MISCONFIGURED_RETRY_MS = 60_000
"""Somebody has to change a setting first; another channel carries the attempt meanwhile."""

LOOK_UP_AFTER_MS = 5_000
"""Providers list a request within seconds of accepting it; asking sooner finds nothing."""

NEVER_REPEAT_WITHIN_MS = 60_000
"""A request that timed out may still be carried out; within a minute it shows at the provider or never was."""

MOST_DETAIL_CHARS = 160
"""One line in the alert's story."""

_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){6,}")


class Meaning(Enum):
    """The rows of the error table."""

    NOT_SENT = "surely not sent"
    UNKNOWN = "perhaps sent"
    MISCONFIGURED = "the account or a setting is wrong"
    NO_WAY = "not to this number or country from this account"
    TOO_OFTEN = "surely not sent: this number has had as many as it may"
    PERMANENT = "never for this contact and channel"


_STATE = {
    Meaning.NOT_SENT: AttemptState.NEW,
    Meaning.UNKNOWN: AttemptState.UNKNOWN,
    Meaning.MISCONFIGURED: AttemptState.NEW,
    Meaning.NO_WAY: AttemptState.NEW,
    Meaning.TOO_OFTEN: AttemptState.NEW,
    Meaning.PERMANENT: AttemptState.FAILED,
}


class Fault(msgspec.Struct, frozen=True):
    """What went wrong and what it means; `detail` holds no phone number."""

    meaning: Meaning
    detail: str


def result_of(fault: Fault, attempt: Attempt, now_ms: int) -> SendResult:
    """Return what became of a request that ended in a fault."""
    retry_after_ms = {
        Meaning.NOT_SENT: backoff_ms(attempt),
        Meaning.UNKNOWN: LOOK_UP_AFTER_MS,
        Meaning.MISCONFIGURED: MISCONFIGURED_RETRY_MS,
        Meaning.NO_WAY: MISCONFIGURED_RETRY_MS,
        Meaning.TOO_OFTEN: backoff_ms(attempt),
        Meaning.PERMANENT: None,
    }[fault.meaning]
    return SendResult(
        news=CallNews(state=_STATE[fault.meaning], at_ms=now_ms, detail=fault.detail),
        retry_after_ms=retry_after_ms,
        is_misconfigured=fault.meaning in {Meaning.MISCONFIGURED, Meaning.NO_WAY},
        is_of_number=fault.meaning in {Meaning.NO_WAY, Meaning.TOO_OFTEN},
    )


def backoff_ms(attempt: Attempt) -> int:
    """Return a pause that doubles with each try, less up to a half; the same for the same attempt and try."""
    most_ms = min(RETRY_FIRST_MS << min(max(attempt.tries - 1, 0), 16), RETRY_MOST_MS)
    jitter = zlib.crc32(f"{attempt.id}/{attempt.tries}".encode()) % (most_ms // 2)
    return most_ms - jitter


def without_numbers(words: str) -> str:
    """Return the words with everything that looks like a phone number taken out, cut to one line."""
    return " ".join(_NUMBER.sub("[number]", words).split())[:MOST_DETAIL_CHARS]


def unanswered(attempt: Attempt, detail: str, *, now_ms: int) -> SendResult:
    """Return the answer of a provider that does not list the attempt: in doubt for a minute, then surely not sent."""
    claimed_ms = attempt.created_at_ms if attempt.claimed_at_ms is None else attempt.claimed_at_ms
    if now_ms - claimed_ms >= NEVER_REPEAT_WITHIN_MS:
        news = CallNews(state=AttemptState.NEW, at_ms=now_ms, detail=detail)
        return SendResult(news=news, retry_after_ms=backoff_ms(attempt))
    news = CallNews(state=AttemptState.UNKNOWN, at_ms=now_ms, detail=detail)
    return SendResult(news=news, retry_after_ms=LOOK_UP_AFTER_MS)


def still_unknown(attempt: Attempt, fault: Fault, *, now_ms: int) -> SendResult:
    """Return the answer when the provider's list could not be read: nothing is known, so nothing is repeated."""
    return SendResult(
        news=CallNews(state=AttemptState.UNKNOWN, at_ms=now_ms, detail=fault.detail),
        retry_after_ms=max(LOOK_UP_AFTER_MS, backoff_ms(attempt)),
        is_misconfigured=fault.meaning is Meaning.MISCONFIGURED,
    )


def refused(detail: str, now_ms: int) -> SendResult:
    """Return the answer for what is not even asked of the provider: permanent for this contact and channel."""
    return SendResult(news=CallNews(state=AttemptState.FAILED, at_ms=now_ms, detail=detail))
