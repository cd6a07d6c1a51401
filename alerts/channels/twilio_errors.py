"""What an error of the Twilio SDK means for an attempt; refuses to call a request failed that may have rung a phone."""

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError, ProxyError

from alerts.channels.faults import Fault, Meaning, without_numbers

SDK_ERRORS = (
    TwilioException,  # the root of both families, TwilioRestException and TwilioServiceException
    requests.RequestException,  # the SDK does not wrap the network's errors
    HTTPError,
    TimeoutError,
    *(ValueError, KeyError, TypeError, AttributeError),  # an answer that is not JSON, or not the JSON it should be
)
"""Everything a request can end in."""

MEANING_OF_CODE = {
    # the account, the sender, the addresses we gave
    **dict.fromkeys((10001, 20003, 20005, 20008), Meaning.MISCONFIGURED),  # suspended account, wrong credentials
    **dict.fromkeys((21210, 21212, 21213, 21603, 21606, 21607, 21660), Meaning.MISCONFIGURED),  # bad From
    **dict.fromkeys((21205, 21609), Meaning.MISCONFIGURED),  # callback URL
    # one contact abroad must not put the provider out for everybody else
    **dict.fromkeys((13227, 21215, 21216, 21408), Meaning.NO_WAY),  # a country that the account may not call
    **dict.fromkeys((21219, 21608), Meaning.NO_WAY),  # a trial account and a number it has not verified
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
