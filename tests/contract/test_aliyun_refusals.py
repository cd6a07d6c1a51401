"""What Aliyun's services refuse, what their codes mean, and which requests they take; the real SDKs send them."""

import asyncio
import json

import msgspec
import pytest
from alibabacloud_dyvmsapi20170525 import models as voice_models
from mainland import (
    ACCOUNT,
    DAUGHTER,
    NOON_MS,
    SON,
    attempt,
    in_mainland,
    played,
)

from alerts.bounces import is_bounce
from alerts.model import AttemptState
from core.clock import SystemClock
from device_sim.aliyun_network import AliyunFault
from device_sim.aliyun_signature import MOST_SKEW_MS, SignatureCheck


@pytest.mark.parametrize(
    ("code", "status", "state", "blames"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", 200, AttemptState.NEW, "number"),
        ("isv.DAY_LIMIT_CONTROL", 200, AttemptState.NEW, "account"),
        ("isv.AMOUNT_NOT_ENOUGH", 200, AttemptState.NEW, "account"),
        ("isv.OUT_OF_SERVICE", 400, AttemptState.NEW, "account"),
        ("isp.RAM_PERMISSION_DENY", 403, AttemptState.NEW, "account"),
        ("Throttling.User", 429, AttemptState.NEW, "nobody"),
        ("isv.VOICE_CALL_FAIL", 200, AttemptState.NEW, "nobody"),
        ("isv.COMPLAINT_REJECT", 200, AttemptState.NEW, "account and number"),
        ("isv.BLACK_KEY_CONTROL_LIMIT", 200, AttemptState.NEW, "account and number"),
        ("isv.MOBILE_NUMBER_ILLEGAL", 200, AttemptState.FAILED, "nobody"),
        ("isp.SYSTEM_ERROR", 500, AttemptState.UNKNOWN, "nobody"),
    ],
)
@pytest.mark.parametrize("is_text", [False, True])
def test_a_code_of_the_provider_means_what_the_table_says(code, status, state, blames, is_text):
    async def story(mainland):
        fault = AliyunFault(is_accepted=False, status=status, code=code)
        mainland.phones.spoil_next(fault, on="SendSms" if is_text else "IvrCall")
        return await mainland.send(attempt(is_text=is_text))

    result = in_mainland(story)
    assert result.news.state is state
    assert (result.is_misconfigured, result.is_of_number) == ("account" in blames, "number" in blames)
    assert result.news.provider_id == ""


def test_a_second_call_within_a_minute_is_turned_away_and_says_nothing_of_the_account():
    async def story(mainland):
        first = await mainland.send(attempt("one"))
        second = await mainland.send(attempt("two"))
        other = await mainland.send(attempt("three"), SON)
        await mainland.play(until_ms=60_000)
        mainland.phones.move_to(NOON_MS + 60_000)
        third = await mainland.send(attempt("four"))
        return [one.news.state for one in (first, second, other, third)], second

    states, second = in_mainland(story)
    assert states == [AttemptState.SUBMITTED, AttemptState.NEW, AttemptState.SUBMITTED, AttemptState.SUBMITTED]
    assert (second.is_misconfigured, second.is_of_number) == (False, True)


def test_a_number_that_does_not_exist_is_marked_by_either_service():
    for is_text in (False, True):
        result, one, _ = played(lambda phone: phone.refused_with(21211), one=attempt(is_text=is_text))
        assert result.news.state is AttemptState.FAILED
        assert is_bounce(one)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"shown_number": "02399999999"}, "isv.DISPLAY_NUMBER_ILLEGAL"),
        ({"contact_code": "TTS_9"}, "isv.TTS_TEMPLATE_ILLEGAL"),
        ({"thanks_code": "TTS_2"}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"access_key_id": "LTAIother"}, "InvalidAccessKeyId.NotFound"),
        ({"access_key_secret": "stale"}, "SignatureDoesNotMatch"),
    ],
)
def test_a_call_that_the_account_does_not_allow_is_refused_as_aliyun_refuses_it(wrong, code):
    result, _, mainland = played(lambda phone: phone.answers(presses="1"), **wrong)
    assert (result.news.state, result.is_misconfigured) == (AttemptState.NEW, True)
    assert list(mainland.phones.turned_away) == [("IvrCall", code)]
    assert mainland.phones.rings == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"sign_name": "别人"}, "isv.SMS_SIGNATURE_ILLEGAL"), ({"sms_template": "SMS_9"}, "isv.SMS_TEMPLATE_ILLEGAL")],
)
def test_a_text_that_nobody_approved_is_refused(wrong, code):
    result, _, mainland = played(lambda phone: phone.answers(), one=attempt(is_text=True), **wrong)
    assert result.is_misconfigured
    assert list(mainland.phones.turned_away) == [("SendSms", code)]


def test_an_approved_text_with_another_variable_is_found_out_before_a_town_finds_it_out():
    texts = {**ACCOUNT.voice_texts, "TTS_2": "家中有警报：${what}"}
    account = msgspec.structs.replace(ACCOUNT, voice_texts=texts)
    _, _, mainland = played(lambda phone: phone.answers(), account=account)
    assert list(mainland.phones.turned_away) == [("IvrCall", "isv.TEMPLATE_MISSING_PARAMETERS")]


def test_the_sdk_reads_a_text_aloud_and_cannot_take_a_call_back():
    async def story(mainland):
        mainland.phones.at(DAUGHTER).answers(after_s=5)
        client, runtime = mainland.api.voice, mainland.api.runtime
        read = voice_models.SingleCallByTtsRequest(
            called_number=DAUGHTER.removeprefix("+86"),
            called_show_number="02388888888",
            tts_code="TTS_2",
            tts_param=json.dumps({"kind": "测试"}, ensure_ascii=False),
            out_id="abc",
        )
        mainland.reports.attempts["abc"] = attempt()
        made = (await asyncio.to_thread(client.single_call_by_tts_with_options, read, runtime)).body
        back = voice_models.CancelCallRequest(call_id=made.call_id)
        cancelled = (await asyncio.to_thread(client.cancel_call_with_options, back, runtime)).body
        await mainland.phones.advance_to(NOON_MS + 8_000)
        query = voice_models.QueryCallDetailByCallIdRequest(
            call_id=made.call_id, prod_id=11010000138001, query_date=NOON_MS
        )
        detail = (await asyncio.to_thread(client.query_call_detail_by_call_id_with_options, query, runtime)).body
        return made, cancelled, json.loads(detail.data), mainland.phones.rings

    made, cancelled, detail, rings = in_mainland(story)
    assert (made.code, cancelled.code, cancelled.status) == ("OK", "OK", False)
    assert (detail["state"], detail["duration"]) == ("200000", 1)
    assert rings[0].heard[0].startswith("家中有警报：测试")


def test_a_request_is_taken_once_and_for_a_quarter_of_an_hour_and_only_as_it_was_signed():
    _, _, mainland = played(lambda phone: phone.busy())
    (asked,) = mainland.phones.requests
    now_ms = SystemClock().now_ms()

    def fault(request, at_ms=now_ms):
        return SignatureCheck(ACCOUNT.access_key_id, ACCOUNT.access_key_secret).fault(request, at_ms)

    assert fault(asked) == ""
    assert fault(asked, now_ms + 2 * MOST_SKEW_MS) == "InvalidTimeStamp.Expired"
    twice = SignatureCheck(ACCOUNT.access_key_id, ACCOUNT.access_key_secret)
    assert [twice.fault(asked, now_ms), twice.fault(asked, now_ms)] == ["", "SignatureNonceUsed"]
    other_number = tuple((name, "13900000009" if name == "CalledNumber" else value) for name, value in asked.query)
    changed = (
        {"query": other_number},
        {"query": (*asked.query, ("OwnerId", "1"))},
        {"method": "GET"},
        {"body": b"{}"},
        {"headers": {**asked.headers, "x-acs-action": "CancelCall"}},
        {"headers": {**asked.headers, "x-acs-date": "2026-01-01T00:00:00Z"}},
        {"headers": {name: value for name, value in asked.headers.items() if name != "x-acs-signature-nonce"}},
        {"headers": {**asked.headers, "authorization": asked.headers["authorization"][:-1] + "z"}},
    )
    for more in changed:
        assert fault(msgspec.structs.replace(asked, **more)) == "SignatureDoesNotMatch", more
