"""The mainland's phones, Aliyun's real SDKs, and what the service takes for itself of the reports that come back."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import msgspec
from channel_kit import TOKEN, aliyun_settings
from provider_stand_in import ACCESS_KEY, SECRET

from alerts.attempts import CallNews, with_news
from alerts.channels.aliyun_api import AliyunApi
from alerts.channels.aliyun_reports import (
    OUT_ID_CHARS,
    read_reports,
    read_text_reports,
    report_news,
    text_news,
)
from alerts.channels.aliyun_sms import AliyunSms
from alerts.channels.aliyun_voice import AliyunVoice
from alerts.messages import key_news
from alerts.model import Attempt, AttemptState, CallPurpose, PlaceCall, SendSms
from alerts.ports import Delivery
from core.ids import AlertId, AttemptId, ContactId, EffectKey, derived_id
from device_sim.aliyun_account import AliyunAccount
from device_sim.aliyun_network import AliyunNetwork
from device_sim.aliyun_server import AliyunServer
from rules.findings import Priority

BASE = "http://127.0.0.1:9"
NOON_MS = 1_793_000_000_000
DAUGHTER, SON = "+8613800000001", "+8613800000002"
PATIENCE_S = 1.5
WAIT_S = 60
ASKED_RESIDENT, ASKED_CONTACT, THANKED, ASKED_SERVICE = (
    "您还好吗？一切都好请按1",
    "家中有警报：${kind}。去看望请按1，去不了请按2",
    "谢谢",
    "系统自身有故障：${kind}。处理请按1，不能请按2",
)

ACCOUNT = AliyunAccount(
    access_key_id=ACCESS_KEY,
    access_key_secret=SECRET,
    shown_numbers=frozenset({"02388888888"}),
    voice_texts={"TTS_1": ASKED_RESIDENT, "TTS_2": ASKED_CONTACT, "TTS_3": THANKED, "TTS_4": ASKED_SERVICE},
    sms_texts={"SMS_1": "编号${number}的警报等待处理", "SMS_2": "有${count}项事项待处理"},
    sign_names=frozenset({"守望"}),
    reports_url=f"{BASE}/callbacks/aliyun/{TOKEN}",
)


def attempt(name="t1", *, is_text=False, purpose=CallPurpose.ASK_CONTACT, **more):
    common = {"key": EffectKey(f"a:0/0/{name}"), "alert_id": AlertId("a"), "contact_id": ContactId("daughter")}
    when = {"priority": Priority.P1, "not_before_ms": NOON_MS}
    if is_text:
        effect = SendSms(**common, **when, template="alert@1", variables={"number": "7F3A01"})
    else:
        effect = PlaceCall(**common, **when, purpose=purpose)
    more = {"state": AttemptState.CLAIMED, "claimed_at_ms": NOON_MS, "created_at_ms": NOON_MS, **more}
    return Attempt(id=AttemptId(derived_id(name)), **common, effect=effect, not_before_ms=NOON_MS, **more)


class Reports(httpx.AsyncBaseTransport):
    """Takes pushed batches as the service does; can be down, and can answer with an error."""

    def __init__(self) -> None:
        self.attempts: dict[str, Attempt] = {}
        self.batches: list[tuple[int, str, list]] = []
        self.errors: list[int | None] = []  # of the next batches: a status, or None for no answer
        self.now_ms = NOON_MS

    async def handle_async_request(self, request):
        if self.errors:
            status = self.errors.pop(0)
            if status is None:
                raise httpx.ConnectError("connection refused", request=request)
            return httpx.Response(status)
        body = await request.aread()
        secret, where = request.url.path.split("/")[-2:]
        assert secret == TOKEN
        self.batches.append((self.now_ms, where, json.loads(body)))
        for told in read_reports(body) if where == "voice" else read_text_reports(body):
            self._take(told, where)
        return httpx.Response(200, json={"code": 0, "msg": "OK"})

    def _take(self, told, where):
        prefix = told.attempt_prefix if where == "voice" else told.attempt_id
        one = next(one for id_, one in self.attempts.items() if id_.startswith(prefix))
        if where == "sms":
            news = [text_news(told, self.now_ms)]
        else:
            key = key_news(one.effect.purpose, told.key, self.now_ms)
            news = [key, report_news(told.status_code, told.call_id, self.now_ms)]
        for each in news:
            if each is not None:
                one = with_news(one, each)
        self.attempts[one.id] = one


class Mainland:
    """The phones, the reports and both channels; `play` fast-forwards."""

    def __init__(self, phones, reports, api) -> None:
        self.phones = phones
        self.reports = reports
        self.api = api
        self.voice = AliyunVoice(api)
        self.sms = AliyunSms(api)

    async def send(self, one, to=DAUGHTER):
        self.reports.attempts[one.id] = one
        is_text = isinstance(one.effect, SendSms)
        variables = one.effect.variables if is_text else {"kind": "长时间没有活动"}
        delivery = Delivery(attempt=one, to=to, variables=variables)
        result = await (self.sms if is_text else self.voice).send(delivery, now_ms=self.phones.now_ms)
        self.reports.attempts[one.id] = with_news(one, result.news)
        return result

    async def look_up(self, one, *, after_ms, to=DAUGHTER):
        channel = self.sms if isinstance(one.effect, SendSms) else self.voice
        return await channel.look_up(Delivery(attempt=self.now(one), to=to), now_ms=NOON_MS + after_ms)

    def now(self, one) -> Attempt:
        """Return an attempt as it stands by now."""
        return self.reports.attempts[one.id]

    async def play(self, *, until_ms=None):
        """Fast-forward to the end of everything, or to a time after noon."""
        until_ms = None if until_ms is None else NOON_MS + until_ms
        while (due_ms := self.phones.next_event_ms()) is not None and (until_ms is None or due_ms <= until_ms):
            self.reports.now_ms = due_ms
            await self.phones.advance_to(due_ms)

    def told(self, where="voice"):
        """Return what was pushed to an address: seconds after noon, and the codes of one batch."""
        name = "status_code" if where == "voice" else "err_code"
        return [
            ((at_ms - NOON_MS) // 1000, [one[name] for one in batch])
            for at_ms, to, batch in self.reports.batches
            if to == where
        ]


def in_mainland(story, *, request_timeout_s=10.0, account=ACCOUNT, **more):
    """Run a story on the mainland; time stands at noon until the story plays on."""
    return asyncio.run(asyncio.wait_for(_run(story, request_timeout_s, account, more), WAIT_S))


async def _run(story, request_timeout_s, account, more):
    async with _mainland(request_timeout_s, account, more) as mainland:
        return await story(mainland)


@asynccontextmanager
async def _mainland(request_timeout_s, account, more):
    reports = Reports()
    phones = AliyunNetwork(account, now_ms=NOON_MS, transport=reports)
    server = AliyunServer(phones)
    base = await server.start()
    api = AliyunApi(aliyun_settings(base, request_timeout_s=request_timeout_s, **more))
    try:
        yield Mainland(phones, reports, api)
    finally:
        api.close()
        await server.stop()


def out_id(one) -> str:
    """Return what a call carries of an attempt's id."""
    return one.id[:OUT_ID_CHARS]


def submitted(one, provider_id):
    return msgspec.structs.replace(one, state=AttemptState.SUBMITTED, provider_id=provider_id)


def news(state, provider_id=""):
    return CallNews(state=state, at_ms=NOON_MS, provider_id=provider_id)


def played(told, *, one=None, to=DAUGHTER, until_ms=None, **more):
    """Send one attempt to a phone that was told what to do, fast-forward, and return all there is to see."""
    one = one or attempt()

    async def story(mainland):
        told(mainland.phones.at(to))
        result = await mainland.send(one, to)
        await mainland.play(until_ms=until_ms)
        return result, mainland.now(one), mainland

    return in_mainland(story, **more)
