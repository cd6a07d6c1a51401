"""Rings a phone through Twilio, with keys or (no public address) without; refuses mainland China's numbers."""

import logging

from twilio.base import values
from twilio.rest import Client

from alerts.attempts import CallNews
from alerts.channels.faults import refused
from alerts.channels.twilio_callbacks import NO_KEY_PRESSED, polled_call_news
from alerts.channels.twilio_errors import SDK_ERRORS, fault_of
from alerts.channels.twilio_exchange import ask, search, submit
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_lookup import LIST_LIMIT, Entry, entry_of, listed_since
from alerts.channels.twilio_settings import is_e164
from alerts.channels.twilio_twiml import CHINESE, message_script
from alerts.model import Attempt
from alerts.ports import Delivery, SendResult, Traits
from core.text import Bilingual

log = logging.getLogger(__name__)

STATUS_EVENTS = ("initiated", "ringing", "answered", "completed")
NO_KEY_POSSIBLE = "rung; no key could be pressed, the desk has to confirm"


class TwilioVoice:
    """The channel `twilio_voice`; its script and its keys travel through the callbacks of the attempt.

    Where callbacks cannot reach us the script goes with the request, says plainly that no key can be pressed, and the
    call's outcome is asked of Twilio: it may tell that a phone was answered, never that somebody takes the alert.
    """

    name = "twilio_voice"

    def __init__(self, api: TwilioApi) -> None:
        self._api = api
        self._settings = api.settings

    @property
    def traits(self) -> Traits:
        """Return the account's pace: one call a second unless it was raised."""
        return self._api.traits(self._settings.calls_per_s)

    def refuses(self, to: str) -> Bilingual | None:
        """Return why it will not ring a number, or None; asked by `doctor` and at start-up for every contact."""
        if not is_e164(to):
            return Bilingual("号码不是 E.164 格式", "the number is not in E.164 form")
        return self._settings.voice_refusal(to)

    async def send(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Ask Twilio to ring; never raises for what the network or Twilio did."""
        if refusal := self.refuses(delivery.to):
            return refused(refusal.en, now_ms)
        return await submit(self._api, delivery, lambda client: self._create(client, delivery), now_ms=now_ms)

    async def look_up(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Ask for a call by its id; or find it in Twilio's list, see twilio_lookup for how it is matched."""
        if delivery.attempt.provider_id:
            return await ask(self._api, delivery, lambda client: self._fetched(client, delivery, now_ms), now_ms=now_ms)
        return await search(self._api, delivery, lambda client: _entries(client, delivery), now_ms=now_ms)

    async def cancel(self, attempt: Attempt, *, now_ms: int) -> None:  # noqa: ARG002 - Twilio needs no time
        """Take back a call that is queued or ringing; one that was answered goes on."""
        if not attempt.provider_id:
            return
        sid = attempt.provider_id
        try:
            # "canceled" stops what is not answered yet and leaves a conversation alone; "completed" would cut it off
            await self._api.run(lambda client: client.calls(sid).update(status="canceled"))
        except SDK_ERRORS as error:
            log.info("attempt %s could not be cancelled: %s", attempt.id, fault_of(error).detail)

    def _create(self, client: Client, delivery: Delivery) -> str:
        attempt_id = delivery.attempt.id
        if not self._api.reach.is_open:
            return self._create_without_keys(client, delivery)
        call = client.calls.create(
            to=delivery.to,
            from_=self._settings.from_number,
            url=self._settings.callback_url(attempt_id, "twiml"),
            method="POST",
            status_callback=self._settings.callback_url(attempt_id, "status"),
            status_callback_method="POST",
            status_callback_event=list(STATUS_EVENTS),
            timeout=delivery.ring_timeout_s,
        )
        return call.sid or ""

    def _create_without_keys(self, client: Client, delivery: Delivery) -> str:
        # an address that could not be reached is named all the same: one callback that comes shows that it can again
        status_url = self._settings.callback_url(delivery.attempt.id, "status")
        call = client.calls.create(
            to=delivery.to,
            from_=self._settings.from_number,
            twiml=message_script([(CHINESE, delivery.text)]),
            timeout=delivery.ring_timeout_s,
            status_callback=status_url if self._settings.public_base_url else values.unset,
        )
        return call.sid or ""

    def _fetched(self, client: Client, delivery: Delivery, now_ms: int) -> CallNews | None:
        sid = delivery.attempt.provider_id
        news = polled_call_news(str(client.calls(sid).fetch().status), sid, now_ms)
        if news is not None and news.detail == NO_KEY_PRESSED and not self._api.reach.is_open:
            return CallNews(state=news.state, at_ms=now_ms, provider_id=sid, detail=NO_KEY_POSSIBLE)
        return news


def _entries(client: Client, delivery: Delivery) -> list[Entry]:
    since = listed_since(delivery.attempt)
    calls = client.calls.list(to=delivery.to, start_time_after=since, limit=LIST_LIMIT)
    return [entry_of(call.sid, call.date_created or call.start_time, _from_number(call)) for call in calls]


def _from_number(call: object) -> str:
    # the SDK keeps it under a name of its own, since "from" is Python's
    return str(getattr(call, "_from", "") or "")
