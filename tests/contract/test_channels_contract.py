"""One suite for all channels: whatever the network and the provider do, each keeps the promises of the port."""

import asyncio
from contextlib import contextmanager

import pytest
from channel_kit import HANG_UP_AFTER_S, MAINLAND, NOWHERE, PATIENT_S, aliyun_settings
from provider_stand_in import stand_in
from twilio_village import NOON_MS, attempt, settings

from alerts.channels.aliyun_api import AliyunApi
from alerts.channels.aliyun_sms import AliyunSms
from alerts.channels.aliyun_voice import AliyunVoice
from alerts.channels.apprise_inform import AppriseInform, AppriseSettings
from alerts.channels.console import Console
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_sms import TwilioSms
from alerts.channels.twilio_voice import TwilioVoice
from alerts.channels.webhook import Webhook, WebhookSettings
from alerts.model import AttemptState
from alerts.ports import Delivery
from alerts.routing import SMS_CHANNELS, VOICE_CHANNELS
from core.errors import ConfigurationError


def twilio(channel_type):
    @contextmanager
    def made(base, timeout_s=PATIENT_S):
        api = TwilioApi(settings(base, request_timeout_s=timeout_s))
        yield channel_type(api)
        api.close()

    return made


def aliyun(channel_type):
    @contextmanager
    def made(base, timeout_s=PATIENT_S):
        api = AliyunApi(aliyun_settings(base, request_timeout_s=timeout_s))
        yield channel_type(api)
        api.close()

    return made


@contextmanager
def webhook(base, timeout_s=PATIENT_S):
    yield Webhook(WebhookSettings(url=f"{base}/hook", secret="s" * 32, request_timeout_s=timeout_s))


@contextmanager
def apprise(base, timeout_s=PATIENT_S):
    host = base.removeprefix("http://")
    yield AppriseInform(AppriseSettings(urls=(f"json://{host}/told?cto={timeout_s}&rto={timeout_s}",)))


@contextmanager
def console(_base, _timeout_s=PATIENT_S):
    yield Console()


CALL, TEXT = False, True
SENT = {"sid": "CA1", "Code": "OK", "CallId": "CA1", "BizId": "CA1", "Message": "OK"}
NOTHING_LISTED = {
    "twilio_voice": {"calls": [], "next_page_uri": None},
    "twilio_sms": {"messages": [], "next_page_uri": None},
    "aliyun_voice": {},
    "aliyun_sms": {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": []}},
}
ALL = {
    "console": (console, CALL),
    "twilio_voice": (twilio(TwilioVoice), CALL),
    "twilio_sms": (twilio(TwilioSms), TEXT),
    "aliyun_voice": (aliyun(AliyunVoice), CALL),
    "aliyun_sms": (aliyun(AliyunSms), TEXT),
    "webhook": (webhook, TEXT),
    "apprise": (apprise, TEXT),
}
NETWORKED = sorted(set(ALL) - {"console"})
RINGS_OR_TEXTS = ["aliyun_sms", "aliyun_voice", "twilio_sms", "twilio_voice"]
INFORMS = ["apprise", "webhook"]


def delivery(name, **more):
    one = attempt(is_text=ALL[name][1], channel=name, **more)
    return Delivery(attempt=one, to=MAINLAND, text="编号 7", variables={"number": "7"})


def sent(name, base, timeout_s=PATIENT_S, **more):
    with ALL[name][0](base, timeout_s) as channel:
        return asyncio.run(channel.send(delivery(name, **more), now_ms=NOON_MS))


def test_the_suite_and_the_routes_know_the_same_channels():
    assert set(ALL) == {*VOICE_CHANNELS, *SMS_CHANNELS}


@pytest.mark.parametrize("name", ALL)
def test_a_channel_bears_the_name_that_routes_call_it_by_and_keeps_connections_for_life_hazards(name):
    with ALL[name][0](NOWHERE) as channel:
        assert channel.name == name
        assert channel.traits.requests_at_once > channel.traits.reserved_for_p0
        assert channel.traits.reserved_for_p0 > 0 or name == "console"
        assert channel.refuses(MAINLAND) is None


@pytest.mark.parametrize("name", RINGS_OR_TEXTS)
def test_what_the_provider_took_has_its_id_and_is_asked_about_later(name):
    with stand_in() as provider:
        provider.status, provider.answer = 201, SENT
        result = sent(name, provider.base)
    assert (result.news.state, result.news.provider_id) == (AttemptState.SUBMITTED, "CA1")
    assert result.retry_after_ms > 0


@pytest.mark.parametrize("name", INFORMS)
def test_what_only_informs_is_delivered_when_it_was_taken_and_never_acknowledged(name):
    with stand_in() as provider:
        result = sent(name, provider.base)
    assert (result.news.state, result.retry_after_ms) == (AttemptState.DELIVERED, None)


@pytest.mark.parametrize("name", NETWORKED)
def test_nobody_listening_means_surely_not_sent(name):
    result = sent(name, NOWHERE)
    assert (result.news.state, result.is_misconfigured) == (AttemptState.NEW, False)
    assert result.retry_after_ms > 0


@pytest.mark.parametrize("name", RINGS_OR_TEXTS)
@pytest.mark.parametrize("hangs", [True, False])
def test_an_answer_never_seen_and_an_answer_of_500_may_have_rung_a_phone(name, hangs):
    with stand_in() as provider:
        provider.hangs, provider.status, provider.answer = hangs, 500, {"Code": "InternalError", "Message": "oops"}
        result = sent(name, provider.base, HANG_UP_AFTER_S if hangs else PATIENT_S)
        assert len(provider.requests) == 1  # no SDK repeats it by itself
    assert result.news.state is AttemptState.UNKNOWN
    assert result.retry_after_ms > 0


@pytest.mark.parametrize("name", INFORMS)
def test_what_only_informs_is_told_again_after_500(name):
    with stand_in() as provider:
        provider.status = 500
        result = sent(name, provider.base)
    assert result.news.state is AttemptState.NEW
    assert result.retry_after_ms > 0


@pytest.mark.parametrize("name", sorted(set(NETWORKED) - {"apprise"}))
@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_account_is_said_to_be_one(name, status):
    with stand_in() as provider:
        provider.status, provider.answer = (
            status,
            {"Code": "InvalidAccessKeyId.NotFound", "code": 20003, "message": "no"},
        )
        result = sent(name, provider.base)
    assert (result.news.state, result.is_misconfigured) == (AttemptState.NEW, True)


@pytest.mark.parametrize("name", NETWORKED)
def test_no_word_of_a_channel_holds_the_number(name):
    with stand_in() as provider:
        words = f"the number {MAINLAND} or 13800000001 is wrong"
        for status in (200, 400, 403, 429, 500):
            provider.status, provider.answer = status, {"Code": "isv.X", "Message": words, "message": words, "code": 1}
            assert "13800000001" not in sent(name, provider.base).news.detail


@pytest.mark.parametrize("name", ALL)
def test_cancelling_and_looking_up_never_raise(name):
    async def both(channel):
        await channel.cancel(delivery(name, provider_id="CA1").attempt, now_ms=NOON_MS)
        return await channel.look_up(delivery(name), now_ms=NOON_MS)

    with ALL[name][0](NOWHERE) as channel:
        result = asyncio.run(both(channel))
    assert result.news.state is not AttemptState.FAILED


@pytest.mark.parametrize("name", RINGS_OR_TEXTS)
def test_an_attempt_in_doubt_is_not_called_lost_within_a_minute(name):
    with stand_in() as provider:
        provider.answer = NOTHING_LISTED[name]
        with ALL[name][0](provider.base) as channel:
            early = asyncio.run(channel.look_up(delivery(name), now_ms=NOON_MS + 59_999))
            late = asyncio.run(channel.look_up(delivery(name), now_ms=NOON_MS + 60_000))
    assert (early.news.state, late.news.state) == (AttemptState.UNKNOWN, AttemptState.NEW)
    assert early.retry_after_ms > 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: settings("https://api.example.com"),
        lambda: aliyun_settings(""),
        lambda: aliyun_settings("https://dyvmsapi.example.com"),
        lambda: WebhookSettings(url="https://hooks.example.com/a", secret="s" * 32),
        lambda: AppriseInform(AppriseSettings(urls=("json://hooks.example.com/a",))),
        # a token that looks like this machine: the message would go to the service's own hosts
        lambda: AppriseInform(AppriseSettings(urls=("dingtalk://127.0.0.1/13800000001",))),
    ],
)
def test_without_live_calls_nothing_leaves_this_machine(make):
    with pytest.raises(ConfigurationError, match="live_calls"):
        make()
