"""One request to Twilio and what became of it, the same for calls and texts; never raises for what Twilio did."""

from collections.abc import Callable, Sequence

from twilio.rest import Client

from alerts.attempts import CallNews
from alerts.channels.faults import Meaning, result_of, still_unknown
from alerts.channels.twilio_errors import SDK_ERRORS, fault_of
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_lookup import Entry, found
from alerts.model import TERMINAL_ATTEMPT_STATES, AttemptState, PlaceCall
from alerts.ports import Delivery, SendResult

ASK_AFTER_MS = 30_000
"""A call's first callbacks come within seconds; half a minute of silence is asked about. Another half minute later
a call has rung out."""

POLL_MS = 5_000
"""Without callbacks the next person is not kept waiting longer than this after a call has ended."""


async def submit(api: TwilioApi, delivery: Delivery, create: Callable[[Client], str], *, now_ms: int) -> SendResult:
    """Return SUBMITTED with the id that `create` returns, or what its error means for the attempt."""
    try:
        sid = await api.run(create)
    except SDK_ERRORS as error:
        return result_of(fault_of(error), delivery.attempt, now_ms)
    if not sid:
        news = CallNews(state=AttemptState.UNKNOWN, at_ms=now_ms, detail="accepted without an id")
        return SendResult(news=news, retry_after_ms=0)
    news = CallNews(state=AttemptState.SUBMITTED, at_ms=now_ms, provider_id=sid)
    return SendResult(news=news, retry_after_ms=_ask_after_ms(api))


async def ask(
    api: TwilioApi, delivery: Delivery, fetch: Callable[[Client], CallNews | None], *, now_ms: int
) -> SendResult:
    """Return what Twilio's record of an attempt with a known id says; nothing new when the record cannot be read."""
    attempt = delivery.attempt
    nothing_new = CallNews(state=attempt.state, at_ms=now_ms)
    try:
        news = await api.run(fetch) or nothing_new
    except SDK_ERRORS as error:
        fault = fault_of(error)
        is_misconfigured = fault.meaning is Meaning.MISCONFIGURED
        return SendResult(news=nothing_new, retry_after_ms=ASK_AFTER_MS, is_misconfigured=is_misconfigured)
    has_gone_on = news.state not in {AttemptState.SUBMITTED, attempt.state}
    if has_gone_on and attempt.last_sequence < 0 and isinstance(attempt.effect, PlaceCall):
        api.reach.missed()
    is_over = news.state in TERMINAL_ATTEMPT_STATES
    return SendResult(news=news, retry_after_ms=None if is_over else _ask_after_ms(api))


async def search(
    api: TwilioApi, delivery: Delivery, entries: Callable[[Client], Sequence[Entry]], *, now_ms: int
) -> SendResult:
    """Return what Twilio's list says about an attempt whose answer was never seen; see twilio_lookup."""
    attempt, settings = delivery.attempt, api.settings
    try:
        listed = await api.run(entries)
    except SDK_ERRORS as error:
        return still_unknown(attempt, fault_of(error), now_ms=now_ms)
    others = {one.provider_id for one in delivery.earlier if one.attempt_id != attempt.id}
    ours = [entry for entry in listed if entry.from_number == settings.from_number and entry.sid not in others]
    result = found(attempt, ours, request_timeout_s=settings.request_timeout_s, now_ms=now_ms)
    if result.news.state is AttemptState.SUBMITTED:
        return SendResult(news=result.news, retry_after_ms=_ask_after_ms(api))
    return result


def _ask_after_ms(api: TwilioApi) -> int:
    return ASK_AFTER_MS if api.reach.is_open else POLL_MS
