"""What an error of the Twilio SDK means for an attempt; refuses to call a request failed that may have rung a phone."""

import re
import zlib
from enum import Enum

import msgspec
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError, ProxyError

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
"""Twilio lists a call within seconds of accepting it; asking sooner finds nothing."""

MOST_DETAIL_CHARS = 160
"""One line in the alert's story."""


class Meaning(Enum):
    """The rows of the error table."""

    NOT_SENT = "surely not sent"
    UNKNOWN = "perhaps sent"
    MISCONFIGURED = "the account or a setting is wrong"
    PERMANENT = "never for this contact and channel"


SDK_ERRORS = (
    TwilioException,  # the root of both families, TwilioRestException and TwilioServiceException
    requests.RequestException,  # the SDK does not wrap the network's errors
    HTTPError,
    TimeoutError,
    *(ValueError, KeyError, TypeError, AttributeError),  # an answer that is not JSON, or not the JSON it should be
)
"""Everything a request can end in."""

MEANING_OF_CODE = {
    # the account, the sender, the addresses we gave, or a country it may not call
    **dict.fromkeys((10001, 20003, 20005, 20008), Meaning.MISCONFIGURED),  # suspended account, wrong credentials
    **dict.fromkeys((21210, 21212, 21213, 21603, 21606, 21607, 21660), Meaning.MISCONFIGURED),  # bad From
    **dict.fromkeys((13227, 21215, 21216, 21408), Meaning.MISCONFIGURED),  # geo permission
    **dict.fromkeys((21205, 21609, 21219, 21608), Meaning.MISCONFIGURED),  # callback URL, trial account
    # the number or its owner
    **dict.fromkeys((13224, 21201, 21211, 21214, 21217, 21401, 21421), Meaning.PERMANENT),  # invalid number
    **dict.fromkeys((21610, 21612, 21614, 21617), Meaning.PERMANENT),  # STOP, no route, no mobile, text too long
    # too much at once
    **dict.fromkeys((14107, 20429, 21611, 63038), Meaning.NOT_SENT),
}
"""Twilio's error codes (twilio.com/docs/api/errors) whose meaning the HTTP status alone does not give."""

_MEANING_OF_STATUS = {
    401: Meaning.MISCONFIGURED,
    402: Meaning.MISCONFIGURED,
    403: Meaning.MISCONFIGURED,
    404: Meaning.MISCONFIGURED,  # no such account: nothing else in the path can be missing
    408: Meaning.UNKNOWN,
    429: Meaning.NOT_SENT,
}
_LEAST_ERROR_STATUS = 400
_SERVER_ERROR_STATUS = 500
_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){6,}")
_STATE = {
    Meaning.NOT_SENT: AttemptState.NEW,
    Meaning.UNKNOWN: AttemptState.UNKNOWN,
    Meaning.MISCONFIGURED: AttemptState.NEW,
    Meaning.PERMANENT: AttemptState.FAILED,
}


class Fault(msgspec.Struct, frozen=True):
    """What went wrong and what it means; `detail` holds no phone number."""

    meaning: Meaning
    detail: str


def fault_of(error: Exception) -> Fault:
    """Return what an error of the SDK or of its network means; anything unheard of may have been sent."""
    if isinstance(error, TwilioRestException):
        return _fault_of_answer(int(error.status), error.code, str(error.msg))
    if isinstance(error, TwilioServiceException):
        return _fault_of_answer(int(error.status), error.code, error.title)
    if isinstance(error, TwilioException):
        return _fault_of_list(error)
    if isinstance(error, requests.ConnectionError) and _never_connected(error):
        return Fault(Meaning.NOT_SENT, "no connection to the provider")
    if isinstance(error, (requests.Timeout, TimeoutError)):
        return Fault(Meaning.UNKNOWN, "the provider did not answer in time")
    return Fault(Meaning.UNKNOWN, f"the answer was lost: {type(error).__name__}")


def result_of(fault: Fault, attempt: Attempt, now_ms: int) -> SendResult:
    """Return what became of a request that ended in a fault."""
    retry_after_ms = {
        Meaning.NOT_SENT: backoff_ms(attempt),
        Meaning.UNKNOWN: LOOK_UP_AFTER_MS,
        Meaning.MISCONFIGURED: MISCONFIGURED_RETRY_MS,
        Meaning.PERMANENT: None,
    }[fault.meaning]
    return SendResult(
        news=CallNews(state=_STATE[fault.meaning], at_ms=now_ms, detail=fault.detail),
        retry_after_ms=retry_after_ms,
        is_misconfigured=fault.meaning is Meaning.MISCONFIGURED,
    )


def backoff_ms(attempt: Attempt) -> int:
    """Return a pause that doubles with each try, less up to a half; the same for the same attempt and try."""
    most_ms = min(RETRY_FIRST_MS << min(max(attempt.tries - 1, 0), 16), RETRY_MOST_MS)
    jitter = zlib.crc32(f"{attempt.id}/{attempt.tries}".encode()) % (most_ms // 2)
    return most_ms - jitter


def without_numbers(words: str) -> str:
    """Return the words with everything that looks like a phone number taken out, cut to one line."""
    return " ".join(_NUMBER.sub("[number]", words).split())[:MOST_DETAIL_CHARS]


def _fault_of_answer(status: int, code: int | None, words: str) -> Fault:
    detail = without_numbers(f"HTTP {status} code {code}: {words}" if code else f"HTTP {status}: {words}")
    if status >= _SERVER_ERROR_STATUS:
        return Fault(Meaning.UNKNOWN, detail)
    if code in MEANING_OF_CODE:
        return Fault(MEANING_OF_CODE[code], detail)
    if status < _LEAST_ERROR_STATUS:  # a redirect: this is not Twilio's API
        return Fault(Meaning.MISCONFIGURED, detail)
    return Fault(_MEANING_OF_STATUS.get(status, Meaning.PERMANENT), detail)


def _fault_of_list(error: TwilioException) -> Fault:
    # reading a list fails with the bare family root; the answer itself is its second argument
    answer = error.args[1] if len(error.args) > 1 else None
    if isinstance(answer, Response):
        return _fault_of_answer(int(answer.status_code), None, "the list could not be read")
    return Fault(Meaning.UNKNOWN, without_numbers(f"the SDK could not use the answer: {error}"))


def _never_connected(error: requests.ConnectionError) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError, ProxyError))
