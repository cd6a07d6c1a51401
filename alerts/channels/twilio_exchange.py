"""One request to Twilio and what became of it, the same for calls and texts; never raises for what Twilio did."""

from collections.abc import Callable, Sequence

from twilio.rest import Client

from alerts.attempts import CallNews
from alerts.channels.twilio_errors import SDK_ERRORS, Meaning, fault_of, result_of
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_lookup import Entry, found, still_unknown
from alerts.model import AttemptState
from alerts.ports import Delivery, SendResult


async def submit(api: TwilioApi, delivery: Delivery, create: Callable[[Client], str], *, now_ms: int) -> SendResult:
    """Return SUBMITTED with the id that `create` returns, or what its error means for the attempt."""
    try:
        sid = await api.run(create)
    except SDK_ERRORS as error:
        return result_of(fault_of(error), delivery.attempt, now_ms)
    if not sid:
        news = CallNews(state=AttemptState.UNKNOWN, at_ms=now_ms, detail="accepted without an id")
        return SendResult(news=news, retry_after_ms=0)
    return SendResult(news=CallNews(state=AttemptState.SUBMITTED, at_ms=now_ms, provider_id=sid))


async def search(
    api: TwilioApi, delivery: Delivery, entries: Callable[[Client], Sequence[Entry]], *, now_ms: int
) -> SendResult:
    """Return what Twilio's list says about an attempt whose answer was never seen; see twilio_lookup."""
    attempt, settings = delivery.attempt, api.settings
    try:
        listed = await api.run(entries)
    except SDK_ERRORS as error:
        fault = fault_of(error)
        is_misconfigured = fault.meaning is Meaning.MISCONFIGURED
        return still_unknown(attempt, fault.detail, now_ms=now_ms, is_misconfigured=is_misconfigured)
    ours = [entry for entry in listed if entry.from_number == settings.from_number]
    return found(attempt, ours, request_timeout_s=settings.request_timeout_s, now_ms=now_ms)


def refused(delivery_detail: str, now_ms: int) -> SendResult:
    """Return the answer for what is not even asked of Twilio: permanent for this contact and channel."""
    return SendResult(news=CallNews(state=AttemptState.FAILED, at_ms=now_ms, detail=delivery_detail))
