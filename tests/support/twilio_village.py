"""A village's phones, the real SDK, and a small service that takes the callbacks as the real one does."""

import asyncio
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import httpx
import msgspec

from alerts.attempts import with_news
from alerts.channels.twilio_callbacks import pressed_key, sms_news, status_news
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_settings import TwilioSettings
from alerts.channels.twilio_signature import is_signed
from alerts.channels.twilio_sms import TwilioSms
from alerts.channels.twilio_twiml import CHINESE, call_script, farewell
from alerts.channels.twilio_voice import TwilioVoice
from alerts.model import Attempt, AttemptState, CallPurpose, PlaceCall, SendSms
from alerts.ports import Delivery
from core.ids import AlertId, AttemptId, ContactId, EffectKey
from device_sim.phone_callbacks import CallbackPost
from device_sim.phone_requests import PhoneAccount
from device_sim.phone_server import PhoneServer
from device_sim.phones import PhoneNetwork
from rules.findings import Priority

SID, TOKEN = "AC" + "0" * 32, "token"
FROM = "+85212345678"
BASE = "http://127.0.0.1:9"
DAUGHTER, SON = "+8613800000001", "+8613800000002"
NOON_MS = 1_793_000_000_000
ASKED, THANKED = "您母亲家中可能有情况，去看请按 1", "谢谢"
HANG_UP_AFTER_S = 1.5


def settings(api_base, **more):
    return TwilioSettings(
        **{
            "account_sid": SID,
            "auth_token": TOKEN,
            "from_number": FROM,
            "public_base_url": BASE,
            "api_base": api_base,
            **more,
        }
    )


def attempt(name="t1", *, is_text=False, **more):
    common = {"key": EffectKey(f"a:0/0/{name}"), "alert_id": AlertId("a"), "contact_id": ContactId("daughter")}
    when = {"priority": Priority.P1, "not_before_ms": NOON_MS}
    if is_text:
        effect = SendSms(**common, **when, template="alert@1", variables={})
    else:
        effect = PlaceCall(**common, **when, purpose=CallPurpose.ASK_CONTACT)
    more = {"state": AttemptState.CLAIMED, "claimed_at_ms": NOON_MS, "created_at_ms": NOON_MS, **more}
    return Attempt(id=AttemptId(name), **common, effect=effect, not_before_ms=NOON_MS, **more)


class Service(httpx.AsyncBaseTransport):
    """Takes signed callbacks and keeps the attempts they speak of; can be down, and can answer with an error."""

    def __init__(self) -> None:
        self.settings = settings("http://127.0.0.1:1")
        self.attempts = {}
        self.news = []
        self.is_down = False
        self.errors_left = 0
        self.now_ms = NOON_MS

    async def handle_async_request(self, request):
        if self.is_down:
            raise httpx.ConnectError("connection refused", request=request)
        if self.errors_left:
            self.errors_left -= 1
            return httpx.Response(500)
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        signature = request.headers.get("X-Twilio-Signature", "")
        if not is_signed(self.settings, request.url.raw_path.decode(), form, signature):
            return httpx.Response(403)
        attempt_id, what = request.url.path.split("/")[-2:]
        if what in {"twiml", "gather"}:
            return httpx.Response(200, text=self._script(attempt_id, what, form))
        news = (status_news if what == "status" else sms_news)(form, self.now_ms)
        self.news.append(news)
        self.attempts[attempt_id] = with_news(self.attempts[attempt_id], news)
        return httpx.Response(204)

    def _script(self, attempt_id, what, form):
        key = pressed_key(form)
        if what == "gather" and key in {"1", "2"}:
            taken = AttemptState.ACKED if key == "1" else AttemptState.DECLINED
            one = self.attempts[attempt_id]
            self.attempts[attempt_id] = msgspec.structs.replace(one, state=taken, digits=key)
            return farewell((CHINESE, THANKED))
        return call_script([(CHINESE, ASKED)], self.settings.callback_url(attempt_id, "gather"), key_wait_s=5)


class Village:
    """The phones, the service and both channels; `play` fast-forwards."""

    def __init__(self, phones, service, api) -> None:
        self.phones = phones
        self.service = service
        self.voice = TwilioVoice(api)
        self.sms = TwilioSms(api)

    async def send(self, one, to=DAUGHTER, text="", channel=None):
        self.service.attempts[one.id] = one
        channel = channel or (self.sms if isinstance(one.effect, SendSms) else self.voice)
        delivery = Delivery(attempt=one, to=to, text=text, ring_timeout_s=45)
        result = await channel.send(delivery, now_ms=self.phones.now_ms)
        self.service.attempts[one.id] = with_news(one, result.news)
        return result

    async def look_up(self, one, *, after_ms, to=DAUGHTER):
        channel = self.sms if isinstance(one.effect, SendSms) else self.voice
        return await channel.look_up(Delivery(attempt=one, to=to), now_ms=NOON_MS + after_ms)

    async def play(self, *, until_ms=None):
        """Fast-forward to the end of everything, or to a time after noon."""
        until_ms = None if until_ms is None else NOON_MS + until_ms
        while (due_ms := self.phones.next_event_ms()) is not None and (until_ms is None or due_ms <= until_ms):
            self.service.now_ms = due_ms
            await self.phones.advance_to(due_ms)


def in_village(story, *, request_timeout_s=10.0, on_event=None):
    """Run a story in a village; time stands at noon until the story plays on."""
    return asyncio.run(asyncio.wait_for(_run(story, request_timeout_s, on_event), 60))


async def _run(story, request_timeout_s, on_event):
    async with _village(request_timeout_s, on_event) as village:
        return await story(village)


@asynccontextmanager
async def _village(request_timeout_s, on_event):
    service = Service()
    post = CallbackPost(TOKEN, transport=service, pause=_no_pause)
    account = PhoneAccount(account_sid=SID, auth_token=TOKEN, from_number=FROM, callback_base=BASE)
    phones = PhoneNetwork(account, now_ms=NOON_MS, post=post, on_event=on_event)
    server = PhoneServer(phones)
    api = TwilioApi(settings(await server.start(), request_timeout_s=request_timeout_s))
    try:
        yield Village(phones, service, api)
    finally:
        api.close()
        await server.stop()


async def _no_pause():
    """A test's service comes back when the test says so; real time would only be waited for in vain."""
