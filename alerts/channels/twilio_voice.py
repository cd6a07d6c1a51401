"""Rings a phone through Twilio; refuses mainland China's numbers, which Twilio no longer calls."""

import logging

from twilio.rest import Client

from alerts.channels.twilio_errors import SDK_ERRORS, fault_of
from alerts.channels.twilio_exchange import refused, search, submit
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_lookup import LIST_LIMIT, Entry, entry_of, listed_since
from alerts.channels.twilio_settings import is_e164
from alerts.model import Attempt
from alerts.ports import Delivery, SendResult
from core.text import Bilingual

log = logging.getLogger(__name__)

STATUS_EVENTS = ("initiated", "ringing", "answered", "completed")


class TwilioVoice:
    """The channel `twilio_voice`; its script and its keys travel through the callbacks of the attempt."""

    name = "twilio_voice"

    def __init__(self, api: TwilioApi) -> None:
        self._api = api
        self._settings = api.settings

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
        """Find a call whose answer was never seen in Twilio's list; see twilio_lookup for how it is matched."""
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


def _entries(client: Client, delivery: Delivery) -> list[Entry]:
    since = listed_since(delivery.attempt)
    calls = client.calls.list(to=delivery.to, start_time_after=since, limit=LIST_LIMIT)
    return [entry_of(call.sid, call.date_created or call.start_time, _from_number(call)) for call in calls]


def _from_number(call: object) -> str:
    # the SDK keeps it under a name of its own, since "from" is Python's
    return str(getattr(call, "_from", "") or "")
