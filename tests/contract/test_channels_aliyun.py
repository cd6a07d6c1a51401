"""Aliyun's real SDK against a stand-in that checks signature and parameters by Aliyun's own description."""

import asyncio
import json

import msgspec
import pytest
from channel_kit import MAINLAND, aliyun_settings
from provider_stand_in import is_signed_by_aliyun, stand_in
from twilio_village import NOON_MS, attempt

from alerts.channels.aliyun_api import AliyunApi
from alerts.channels.aliyun_reports import read_reports, report_news
from alerts.channels.aliyun_sms import AliyunSms
from alerts.channels.aliyun_voice import AliyunVoice
from alerts.messages import SMS_ALERT, SMS_BUNDLE
from alerts.model import AttemptState, CallPurpose
from alerts.ports import Delivery
from core.errors import ConfigurationError
from core.ids import AttemptId

ATTEMPT_ID = AttemptId("0123456789abcdef0123")
OUT_ID = "0123456789abcde"


def one(*, is_text=False, purpose=CallPurpose.ASK_CONTACT, **more):
    made = msgspec.structs.replace(attempt(is_text=is_text, **more), id=ATTEMPT_ID)
    return (
        made if is_text else msgspec.structs.replace(made, effect=msgspec.structs.replace(made.effect, purpose=purpose))
    )


def delivery(**more):
    return Delivery(attempt=one(**more), to=MAINLAND, variables={"kind": "长时间没有活动"})


def with_aliyun(channel_type, work, *, answer, status=200):
    with stand_in() as provider:
        provider.checks_aliyun, provider.answer, provider.status = True, answer, status
        api = AliyunApi(aliyun_settings(provider.base, request_timeout_s=5.0))
        result = asyncio.run(work(channel_type(api)))
        api.close()
        return result, provider


def test_a_call_is_signed_and_asks_for_keys_with_approved_texts_and_our_id():
    def send(channel):
        return channel.send(delivery(), now_ms=NOON_MS)

    result, provider = with_aliyun(AliyunVoice, send, answer={"Code": "OK", "CallId": "100^1"})
    assert (result.news.state, result.news.provider_id) == (AttemptState.SUBMITTED, "100^1")
    asked = provider.last
    assert is_signed_by_aliyun(asked)
    assert not is_signed_by_aliyun(asked, "another secret")
    assert (asked.method, asked.action, asked.headers["x-acs-version"]) == ("POST", "IvrCall", "2017-05-25")
    assert asked.query == {
        "CalledNumber": "13800000001",
        "CalledShowNumber": "02388888888",
        "StartCode": "TTS_2",
        "StartTtsParams": '{"kind": "长时间没有活动"}',
        "MenuKeyMap.1.Key": "1",
        "MenuKeyMap.1.Code": "TTS_3",
        "MenuKeyMap.2.Key": "2",
        "MenuKeyMap.2.Code": "TTS_3",
        "ByeCode": "TTS_3",
        "PlayTimes": "2",
        "Timeout": "8000",
        "OutId": OUT_ID,
    }


def test_the_resident_is_asked_for_one_key_and_told_no_kind():
    def send(channel):
        return channel.send(delivery(purpose=CallPurpose.ASK_RESIDENT), now_ms=NOON_MS)

    _, provider = with_aliyun(AliyunVoice, send, answer={"Code": "OK", "CallId": "1"})
    assert provider.last.query["StartCode"] == "TTS_1"
    assert provider.last.query["StartTtsParams"] == "{}"
    assert "MenuKeyMap.2.Key" not in provider.last.query


def test_a_text_is_template_and_variables_and_nothing_else():
    def send(channel):
        return channel.send(
            Delivery(attempt=one(is_text=True), to=MAINLAND, text="never sent", variables={"number": "7"}),
            now_ms=NOON_MS,
        )

    result, provider = with_aliyun(AliyunSms, send, answer={"Code": "OK", "BizId": "9^0"})
    assert (result.news.state, result.news.provider_id) == (AttemptState.SUBMITTED, "9^0")
    assert is_signed_by_aliyun(provider.last)
    assert provider.last.action == "SendSms"
    assert provider.last.query == {
        "PhoneNumbers": "13800000001",
        "SignName": "守望",
        "TemplateCode": "SMS_1",
        "TemplateParam": '{"number": "7"}',
        "OutId": ATTEMPT_ID,
    }


@pytest.mark.parametrize(
    ("code", "state", "is_misconfigured"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", AttemptState.FAILED, False),
        ("isv.BUSINESS_LIMIT_CONTROL", AttemptState.NEW, False),
        ("isv.OUT_OF_SERVICE", AttemptState.NEW, True),
        ("isv.AMOUNT_NOT_ENOUGH", AttemptState.NEW, True),
        ("isv.TTS_TEMPLATE_ILLEGAL", AttemptState.NEW, True),
        ("isp.RAM_PERMISSION_DENY", AttemptState.NEW, True),
        ("isv.SOMETHING_NEW", AttemptState.NEW, True),
        ("isp.SYSTEM_ERROR", AttemptState.UNKNOWN, False),
    ],
)
@pytest.mark.parametrize("channel_type", [AliyunVoice, AliyunSms])
@pytest.mark.parametrize("status", [200, 400])
def test_a_code_means_what_the_table_says_with_either_status(code, state, is_misconfigured, channel_type, status):
    def send(channel):
        return channel.send(delivery(is_text=channel_type is AliyunSms), now_ms=NOON_MS)

    result, _ = with_aliyun(channel_type, send, answer={"Code": code, "Message": "words"}, status=status)
    assert (result.news.state, result.is_misconfigured) == (state, is_misconfigured)


def test_a_wrong_secret_is_the_accounts_fault():
    with stand_in() as provider:
        provider.checks_aliyun = True
        api = AliyunApi(aliyun_settings(provider.base, access_key_secret="stale"))
        result = asyncio.run(AliyunVoice(api).send(delivery(), now_ms=NOON_MS))
        api.close()
    assert (result.news.state, result.is_misconfigured) == (AttemptState.NEW, True)
    assert "SignatureDoesNotMatch" in result.news.detail


def test_a_call_whose_report_was_lost_is_asked_about_by_its_id_and_day():
    def look(channel):
        return channel.look_up(delivery(provider_id="100^1", state=AttemptState.SUBMITTED), now_ms=NOON_MS)

    data = json.dumps({"state": "200002", "callee": "13800000001"})
    result, provider = with_aliyun(AliyunVoice, look, answer={"Code": "OK", "Data": data})
    assert (result.news.state, result.retry_after_ms) == (AttemptState.BUSY, None)
    since = str(NOON_MS - 300_000)  # its clock may be behind ours
    assert provider.last.query == {"CallId": "100^1", "ProdId": "11000000300005", "QueryDate": since}
    result, _ = with_aliyun(AliyunVoice, look, answer={"Code": "OK"})
    assert result.news.state is AttemptState.SUBMITTED
    assert result.retry_after_ms > 0


def test_a_call_of_the_first_minute_of_a_day_is_asked_about_on_that_day():
    midnight_ms = 1_792_944_000_000  # 2026-10-26 00:00 in Beijing

    def look(channel):
        asked = delivery(provider_id="100^1", state=AttemptState.SUBMITTED, claimed_at_ms=midnight_ms + 7_000)
        return channel.look_up(asked, now_ms=midnight_ms + 60_000)

    _, provider = with_aliyun(AliyunVoice, look, answer={"Code": "OK"})
    assert provider.last.query["QueryDate"] == str(midnight_ms)


@pytest.mark.parametrize(
    ("status", "state"), [(1, AttemptState.SUBMITTED), (2, AttemptState.FAILED), (3, AttemptState.DELIVERED)]
)
def test_a_text_is_found_by_our_own_id_among_those_of_the_day(status, state):
    def look(channel):
        return channel.look_up(delivery(is_text=True), now_ms=NOON_MS + 5_000)

    entries = [{"OutId": "another", "SendStatus": 3}, {"OutId": ATTEMPT_ID, "SendStatus": status, "ErrCode": "X"}]
    answer = {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": entries}}
    result, provider = with_aliyun(AliyunSms, look, answer=answer)
    assert result.news.state is state
    assert provider.last.query == {
        "PhoneNumber": "13800000001",
        "SendDate": "20261026",
        "PageSize": "50",
        "CurrentPage": "1",
    }


@pytest.mark.parametrize("to", ["+85291234567", "13800000001", "", "+86 138"])
@pytest.mark.parametrize("channel_type", [AliyunVoice, AliyunSms])
def test_other_numbers_are_refused_before_anything_is_sent(to, channel_type):
    async def send(channel):
        assert channel.refuses(to) is not None
        return await channel.send(Delivery(attempt=one(is_text=channel_type is AliyunSms), to=to), now_ms=NOON_MS)

    result, provider = with_aliyun(channel_type, send, answer={})
    assert result.news.state is AttemptState.FAILED
    assert provider.requests == []


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("200000", AttemptState.NO_ANSWER),
        ("200002", AttemptState.BUSY),
        ("200003", AttemptState.NO_ANSWER),
        ("200004", AttemptState.FAILED),
        ("200010", AttemptState.NO_ANSWER),
        ("200011", AttemptState.FAILED),
    ],
)
def test_a_call_that_was_heard_to_its_end_is_nobodys_acknowledgement(code, state):
    assert report_news(code, "1", 5).state is state
    assert report_news("999999", "1", 5) is None
    assert report_news("300000", "1", 5) is None


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"[" + b"{}," * 500 + b"{}]", b'[{"call_id": 1}]'])
def test_a_body_that_is_no_batch_is_refused(body):
    with pytest.raises(ValueError, match=r"."):
        read_reports(body)


def test_a_report_that_cannot_be_read_keeps_no_key_beside_it_from_being_heard():
    body = json.dumps([{"out_id": 7}, 1, {"dtmf": 1, "out_id": OUT_ID}, {"dtmf": None, "out_id": OUT_ID}])
    assert [report.key for report in read_reports(body.encode())] == ["1", ""]


def test_every_template_that_is_sent_has_an_approved_one():
    codes = set()
    for template, variables in ((SMS_ALERT, {"number": "7"}), (SMS_BUNDLE, {"count": "3"})):
        attempt = one(is_text=True)
        effect = msgspec.structs.replace(attempt.effect, template=template, variables=variables)
        told = Delivery(
            attempt=msgspec.structs.replace(attempt, effect=effect), to=MAINLAND, text="x", variables=variables
        )
        _, provider = with_aliyun(AliyunSms, lambda channel, told=told: channel.send(told, now_ms=NOON_MS), answer={})
        codes.add(provider.last.query["TemplateCode"])
    assert codes == {"SMS_1", "SMS_2"}


def test_only_one_key_and_only_our_ids_are_taken_from_a_report():
    def read(**fields):
        return read_reports(json.dumps([fields]).encode())[0]

    assert (read(dtmf="1", out_id=OUT_ID).key, read(out_id=OUT_ID).attempt_prefix) == ("1", OUT_ID)
    assert [read(dtmf=keys).key for keys in ("", "11", "x")] == ["", "", ""]
    assert [read(out_id=text).attempt_prefix for text in ("", "%", "0123", OUT_ID.upper())] == ["", "", "", ""]


@pytest.mark.parametrize(
    "wrong",
    [
        {"access_key_secret": ""},
        {"resident_code": ""},
        {"sms_template": ""},
        {"callback_token": ""},
        {"callback_token": "short"},
        {"callback_token": "with/a/slash/and/so/on/and/on"},
        {"request_timeout_s": 0},
        {"api_base": "http://127.0.0.1:1/?a=b"},
    ],
)
def test_what_can_never_work_is_refused_with_a_remedy(wrong):
    with pytest.raises(ConfigurationError) as refused:
        aliyun_settings("http://127.0.0.1:1", **wrong) if "api_base" not in wrong else aliyun_settings(
            wrong["api_base"]
        )
    assert refused.value.where.startswith("aliyun_")
    assert refused.value.remedy


def test_secrets_do_not_show():
    shown = repr(aliyun_settings("http://127.0.0.1:1"))
    assert "secret" not in shown
    assert "guesses" not in shown
