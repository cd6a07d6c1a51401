"""What an attempt says about the number it tried: a human was there, or no call will ever reach it; keeps nothing."""

import re

import msgspec

from alerts.attempts import PRESSED
from alerts.model import Attempt, AttemptState, PlaceCall
from registry.readiness import NumberState

NUMBER_CODES = frozenset({13224, 21201, 21211, 21214, 21217, 21401, 21421, 21610, 21614, 30003, 30005, 30006})
"""Twilio's codes that blame the number or its owner's STOP; other failures blame us, the network or the hour."""

NO_SUCH_NUMBER_SIP = frozenset({404, 410, 484, 604})
"""RFC 3261: not found, gone, address incomplete, does not exist anywhere."""

ALIYUN_NO_SUCH_NUMBER = "status 200004"
"""How alerts/channels/aliyun_reports.py writes down a call to a number that does not exist."""

_CODE = re.compile(r"\b(?:code|ErrorCode) (\d+)")
_SIP = re.compile(r"\bSipResponseCode (\d+)")
_ALIYUN = re.compile(r"\bisv\.(?:MOBILE_NUMBER_ILLEGAL|INVALID_PHONE_NUMBER|PHONE_NUMBER_INVALID)\b", re.IGNORECASE)


def is_bounce(attempt: Attempt) -> bool:
    """Return whether a provider said for good that this number cannot be reached in this way."""
    if attempt.state is not AttemptState.FAILED:
        return False
    codes = {int(code) for code in _CODE.findall(attempt.detail)}
    answers = {int(code) for code in _SIP.findall(attempt.detail)}
    is_unknown_to_aliyun = _ALIYUN.search(attempt.detail) or attempt.detail == ALIYUN_NO_SUCH_NUMBER
    return bool(codes & NUMBER_CODES or answers & NO_SUCH_NUMBER_SIP or is_unknown_to_aliyun)


def with_attempt(state: NumberState, attempt: Attempt, at_ms: int) -> NumberState:
    """Return what is known of a number after an attempt to it; the very same object when that says nothing new."""
    if attempt.state in PRESSED:
        return msgspec.structs.replace(state, answered_at_ms=max(at_ms, state.answered_at_ms or 0))
    if not is_bounce(attempt):
        return state
    if isinstance(attempt.effect, PlaceCall):
        return msgspec.structs.replace(state, voice_bounced_at_ms=at_ms, bounce_detail=attempt.detail)
    return msgspec.structs.replace(state, sms_bounced_at_ms=at_ms, bounce_detail=attempt.detail)
