"""What Twilio's status callbacks say about an attempt; a status that nobody here knows says nothing."""

from collections.abc import Mapping

from alerts.attempts import CallNews
from alerts.channels.faults import without_numbers
from alerts.model import AttemptState

NO_KEY_PRESSED = "answered, no key pressed"

_CALL_STATE = {
    "queued": AttemptState.SUBMITTED,
    "initiated": AttemptState.SUBMITTED,
    "ringing": AttemptState.RINGING,
    "in-progress": AttemptState.ANSWERED,
    "answered": AttemptState.ANSWERED,
    # A call that a key has ended is terminal before this arrives and stays so; without a key nobody has it,
    # be it voicemail or a hand that picked up and laid the phone down.
    "completed": AttemptState.NO_ANSWER,
    "busy": AttemptState.BUSY,
    "no-answer": AttemptState.NO_ANSWER,
    "failed": AttemptState.FAILED,
    "canceled": AttemptState.CANCELED,
}

_SMS_STATE = {
    "accepted": AttemptState.SUBMITTED,
    "scheduled": AttemptState.SUBMITTED,
    "queued": AttemptState.SUBMITTED,
    "sending": AttemptState.SUBMITTED,
    "sent": AttemptState.SUBMITTED,
    "delivered": AttemptState.DELIVERED,
    "read": AttemptState.DELIVERED,
    "undelivered": AttemptState.FAILED,
    "failed": AttemptState.FAILED,
    "canceled": AttemptState.CANCELED,
}


def polled_call_news(status: str, sid: str, at_ms: int) -> CallNews | None:
    """Return what Twilio's own record of a call says; None for a status unknown to us. It knows of no key."""
    return status_news({"CallStatus": status, "CallSid": sid}, at_ms)


def polled_sms_news(status: str, sid: str, error_code: str, at_ms: int) -> CallNews | None:
    """Return what Twilio's own record of a message says; None for a status unknown to us."""
    return sms_news({"MessageStatus": status, "MessageSid": sid, "ErrorCode": error_code}, at_ms)


def status_news(form: Mapping[str, str], at_ms: int) -> CallNews | None:
    """Return what a call's status callback says, with Twilio's own order; None for a status unknown to us."""
    status = form.get("CallStatus", "")
    state = _CALL_STATE.get(status)
    if state is None:
        return None
    return CallNews(
        state=state,
        at_ms=at_ms,
        sequence=_sequence(form.get("SequenceNumber", "")),
        provider_id=form.get("CallSid", ""),
        detail=NO_KEY_PRESSED if status == "completed" else _detail(form, status, state),
    )


def sms_news(form: Mapping[str, str], at_ms: int) -> CallNews | None:
    """Return what a message's status callback says; Twilio gives messages no order; None for an unknown status."""
    status = form.get("MessageStatus") or form.get("SmsStatus", "")
    state = _SMS_STATE.get(status)
    if state is None:
        return None
    sid = form.get("MessageSid") or form.get("SmsSid", "")
    return CallNews(state=state, at_ms=at_ms, provider_id=sid, detail=_detail(form, status, state))


def pressed_key(form: Mapping[str, str]) -> str:
    """Return the one key of a Gather's callback, or "" when none was pressed or it is not one key of a phone."""
    digits = form.get("Digits", "")
    return digits if len(digits) == 1 and digits in "0123456789*#" else ""


def _detail(form: Mapping[str, str], status: str, state: AttemptState) -> str:
    if state is not AttemptState.FAILED:
        return ""
    codes = [f"{name} {form[name]}" for name in ("ErrorCode", "SipResponseCode") if form.get(name)]
    return without_numbers(", ".join([status, *codes]))


def _sequence(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1
