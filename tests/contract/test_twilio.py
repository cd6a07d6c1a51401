"""The real Twilio SDK against the phone stand-in, and every request it makes against Twilio's own description."""

import asyncio
import gzip
import json

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest
from shared_data import shared_file
from twilio.request_validator import RequestValidator

from alerts.attempts import with_news
from alerts.channels.twilio_callbacks import status_news
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_settings import TwilioSettings
from alerts.channels.twilio_signature import is_signed
from alerts.channels.twilio_sms import TwilioSms
from alerts.channels.twilio_voice import TwilioVoice
from alerts.model import Attempt, AttemptState, CallPurpose, PlaceCall, SendSms
from alerts.ports import Delivery
from core.errors import ConfigurationError
from core.ids import AlertId, AttemptId, ContactId, EffectKey
from device_sim.phone_behaviour import RequestFault
from device_sim.phone_requests import PhoneAccount
from device_sim.phone_server import PhoneServer
from device_sim.phones import PhoneNetwork
from rules.findings import Priority

SID, TOKEN = "AC" + "0" * 32, "token"
BASE = "http://127.0.0.1:9"
DAUGHTER = "+8613800000001"


def settings(api_base, base=BASE, **more):
    return TwilioSettings(
        account_sid=SID, auth_token=TOKEN, from_number="+85212345678", public_base_url=base, api_base=api_base, **more
    )


def attempt(effect_type=PlaceCall, **more):
    common = {
        "key": EffectKey("a:0/0/daughter"),
        "alert_id": AlertId("a"),
        "contact_id": ContactId("daughter"),
        "priority": Priority.P1,
        "not_before_ms": 0,
    }
    if effect_type is PlaceCall:
        effect = PlaceCall(**common, purpose=CallPurpose.ASK_CONTACT)
    else:
        effect = SendSms(**common, template="alert@1", variables={})
    return Attempt(
        id=AttemptId("t1"),
        key=common["key"],
        alert_id=common["alert_id"],
        contact_id=common["contact_id"],
        effect=effect,
        created_at_ms=0,
        not_before_ms=0,
        **more,
    )


def with_network(work, **more):
    async def run():
        network = PhoneNetwork(
            PhoneAccount(account_sid=SID, auth_token=TOKEN, from_number="+85212345678", callback_base=BASE),
            now_ms=1_000_000,
            **more,
        )
        server = PhoneServer(network)
        api = TwilioApi(settings(await server.start()))
        try:
            return await work(network, api), network
        finally:
            api.close()
            await server.stop()
            await network.close()

    return asyncio.run(run())


def send(channel_type, one, to=DAUGHTER, text=""):
    async def work(_network, api):
        return await channel_type(api).send(Delivery(attempt=one, to=to, text=text), now_ms=1_000_000)

    return work


def description(name):
    return OpenAPI.from_dict(json.loads(gzip.decompress(shared_file(f"data/vendor/{name}").read_bytes())))


@pytest.mark.parametrize(("channel", "effect"), [(TwilioVoice, PlaceCall), (TwilioSms, SendSms)])
def test_every_request_of_the_sdk_is_one_that_twilio_describes(channel, effect):
    vendor = shared_file("data/vendor")
    (name,) = [path.name for path in vendor.glob("twilio_*api*2010*.json.gz")] or [
        path.name for path in sorted(vendor.glob("twilio_*.json.gz"))
    ][:1]
    openapi = description(name)
    result, network = with_network(send(channel, attempt(effect), text="编号"))
    assert result.news.state is AttemptState.SUBMITTED
    (request,) = [one for one in network.requests if one.method == "POST"]
    openapi.validate_request(
        MockRequest(
            "https://api.twilio.com",
            "post",
            request.path,
            data=request.body,
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": request.headers.get("authorization", "")},
        )
    )


def test_a_request_that_was_accepted_but_never_answered_is_unknown_and_found_by_looking_it_up():
    async def work(network, api):
        network.spoil_next(RequestFault(status=500, is_accepted=True))
        channel, one = TwilioVoice(api), attempt(state=AttemptState.CLAIMED, claimed_at_ms=1_000_000)
        sent = await channel.send(Delivery(attempt=one, to=DAUGHTER), now_ms=1_000_000)
        found = await channel.look_up(Delivery(attempt=one, to=DAUGHTER), now_ms=1_010_000)
        return sent, found

    (sent, found), network = with_network(work)
    assert sent.news.state is AttemptState.UNKNOWN
    assert found.news.state is AttemptState.SUBMITTED
    assert found.news.provider_id in network.calls
    assert len(network.calls) == 1


def test_nobody_listening_means_surely_not_sent():
    async def run():
        api = TwilioApi(settings("http://127.0.0.1:1"))
        try:
            return await TwilioVoice(api).send(Delivery(attempt=attempt(), to=DAUGHTER), now_ms=1)
        finally:
            api.close()

    result = asyncio.run(run())
    assert result.news.state is AttemptState.NEW
    assert result.retry_after_ms


def test_a_number_that_does_not_exist_is_permanent_and_its_words_hold_no_number():
    async def work(network, api):
        network.at(DAUGHTER).refused_with(21211)
        return await TwilioVoice(api).send(Delivery(attempt=attempt(), to=DAUGHTER), now_ms=1_000_000)

    result, _ = with_network(work)
    assert result.news.state is AttemptState.FAILED
    assert DAUGHTER not in result.news.detail
    assert "21211" in result.news.detail


def test_real_phones_are_out_of_reach_unless_live_calls_is_set():
    with pytest.raises(ConfigurationError, match="live_calls"):
        settings("")
    with pytest.raises(ConfigurationError, match="live_calls"):
        settings("https://api.example.com")
    assert (
        settings("https://api.example.com", "https://care.example.cn", live_calls=True).voice_refusal(DAUGHTER)
        is not None
    )


def test_a_callback_is_believed_with_either_token_and_not_when_it_was_changed():
    both = settings("http://127.0.0.1:1", second_auth_token="older")
    form = {"CallSid": "CA1", "CallStatus": "ringing"}
    for token in (TOKEN, "older"):
        signature = RequestValidator(token).compute_signature(f"{BASE}/callbacks/twilio/t1/status", form)
        assert is_signed(both, "/callbacks/twilio/t1/status", form, signature)
        assert not is_signed(both, "/callbacks/twilio/t2/status", form, signature)
        assert not is_signed(both, "/callbacks/twilio/t1/status", {**form, "CallStatus": "completed"}, signature)


def test_callbacks_out_of_order_and_twice_end_in_the_same_state():
    statuses = ["initiated", "ringing", "in-progress", "completed"]
    forms = [{"CallSid": "CA1", "CallStatus": s, "SequenceNumber": str(n)} for n, s in enumerate(statuses)]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 1, 3, 3, 0], [2, 0, 3, 1]):
        one = attempt(state=AttemptState.SUBMITTED)
        for number in order:
            one = with_news(one, status_news(forms[number], 5))
        assert one.state is AttemptState.NO_ANSWER
