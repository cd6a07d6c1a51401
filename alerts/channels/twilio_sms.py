"""Sends a text message through Twilio; it informs and never acknowledges."""

import logging

from twilio.base import values
from twilio.rest import Client

from alerts.attempts import CallNews
from alerts.channels.faults import refused
from alerts.channels.twilio_callbacks import polled_sms_news
from alerts.channels.twilio_exchange import ask, search, submit
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_lookup import LIST_LIMIT, Entry, entry_of, listed_since
from alerts.channels.twilio_settings import is_e164
from alerts.model import Attempt
from alerts.ports import Delivery, SendResult, Traits
from core.text import Bilingual

log = logging.getLogger(__name__)


class TwilioSms:
    """The channel `twilio_sms`; the text is the template's, already filled in."""

    name = "twilio_sms"

    def __init__(self, api: TwilioApi) -> None:
        self._api = api
        self._settings = api.settings

    @property
    def traits(self) -> Traits:
        """Return no pace: Twilio queues texts for minutes at most, and none of them is a person's only call."""
        return self._api.traits(None)

    def refuses(self, to: str) -> Bilingual | None:
        """Return why it will not send to a number, or None."""
        return None if is_e164(to) else Bilingual("号码不是 E.164 格式", "the number is not in E.164 form")

    async def send(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Hand the text over; never raises for what the network or Twilio did."""
        if refusal := _refusal(delivery):
            return refused(refusal, now_ms)
        return await submit(self._api, delivery, lambda client: self._create(client, delivery), now_ms=now_ms)

    async def look_up(self, delivery: Delivery, *, now_ms: int) -> SendResult:
        """Ask for a message by its id; or find it in Twilio's list, see twilio_lookup for how it is matched."""
        if delivery.attempt.provider_id:
            return await ask(self._api, delivery, lambda client: _fetched(client, delivery, now_ms), now_ms=now_ms)
        return await search(self._api, delivery, lambda client: _entries(client, delivery), now_ms=now_ms)

    async def cancel(self, attempt: Attempt, *, now_ms: int) -> None:  # noqa: ARG002 - the port's signature
        """Do nothing: Twilio takes back only messages that were scheduled for later, and ours never are."""
        log.debug("attempt %s is a text message and cannot be cancelled", attempt.id)

    def _create(self, client: Client, delivery: Delivery) -> str:
        status_url = self._settings.callback_url(delivery.attempt.id, "sms-status")
        message = client.messages.create(
            to=delivery.to,
            from_=self._settings.from_number,
            body=delivery.text,
            status_callback=status_url if self._settings.public_base_url else values.unset,
        )
        return message.sid or ""


def _fetched(client: Client, delivery: Delivery, now_ms: int) -> CallNews | None:
    message = client.messages(delivery.attempt.provider_id).fetch()
    return polled_sms_news(str(message.status), delivery.attempt.provider_id, str(message.error_code or ""), now_ms)


def _entries(client: Client, delivery: Delivery) -> list[Entry]:
    since = listed_since(delivery.attempt)
    texts = client.messages.list(to=delivery.to, date_sent_after=since, limit=LIST_LIMIT)
    return [entry_of(text.sid, text.date_created or text.date_sent, text.from_) for text in texts]


def _refusal(delivery: Delivery) -> str:
    if not is_e164(delivery.to):
        return "the number is not in E.164 form"
    return "" if delivery.text else "the text is empty"
