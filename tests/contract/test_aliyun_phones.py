"""Aliyun's real SDKs against a stand-in that checks what they send and plays what becomes of it."""

import asyncio
import json

import msgspec
import pytest
from alibabacloud_dyvmsapi20170525 import models as voice_models
from mainland import (
    ACCOUNT,
    DAUGHTER,
    NOON_MS,
    PATIENCE_S,
    SON,
    THANKED,
    attempt,
    in_mainland,
    out_id,
    submitted,
)

from alerts.bounces import is_bounce
from alerts.model import AttemptState, CallPurpose
from alerts.ports import Delivery
from core.clock import SystemClock
from device_sim.aliyun_network import AliyunFault
from device_sim.aliyun_signature import MOST_SKEW_MS, SignatureCheck

ASK = CallPurpose.ASK_RESIDENT


def played(told, *, one=None, to=DAUGHTER, until_ms=None, **more):
    """Send one attempt to a phone that was told what to do, fast-forward, and return all there is to see."""
    one = one or attempt()

    async def story(mainland):
        told(mainland.phones.at(to))
        result = await mainland.send(one, to)
        await mainland.play(until_ms=until_ms)
        return result, mainland.now(one), mainland

    return in_mainland(story, **more)


def test_a_key_is_reported_while_the_call_lasts_and_its_end_afterwards():
    _, one, mainland = played(lambda phone: phone.answers(after_s=5, presses="1"))
    assert (one.state, one.digits) == (AttemptState.ACKED, "1")
    assert mainland.told() == [
        (1, ["200101"]),
        (2, ["200201"]),
        (7, ["200102"]),
        (10, ["300000"]),
        (11, ["200100", "200000"]),
    ]
    (ring,) = mainland.phones.rings
    assert ring.heard == ("家中有警报：长时间没有活动。去看望请按1，去不了请按2", THANKED)
    assert not mainland.phones.turned_away


def test_the_resident_hears_a_text_of_her_own():
    _, one, mainland = played(lambda phone: phone.answers(presses="1"), one=attempt(purpose=ASK))
    assert one.state is AttemptState.ACKED
    assert "您还好吗" in mainland.phones.rings[0].heard[0]


@pytest.mark.parametrize(
    ("told", "state", "codes"),
    [
        (lambda phone: phone.answers(presses="2"), AttemptState.DECLINED, ["200100", "200000"]),
        (lambda phone: phone.never_answers(), AttemptState.NO_ANSWER, ["200100", "200003"]),
        (lambda phone: phone.voicemail(), AttemptState.NO_ANSWER, ["200100", "200008"]),
        (lambda phone: phone.answers(presses="3"), AttemptState.NO_ANSWER, ["200100", "200000"]),
        (lambda phone: phone.busy(), AttemptState.BUSY, ["200100", "200002"]),
        (lambda phone: phone.unreachable(), AttemptState.NO_ANSWER, ["200100", "200010"]),
        (lambda phone: phone.unreachable(error_code=30005), AttemptState.FAILED, ["200100", "200004"]),
    ],
)
def test_each_end_of_a_call_is_what_it_is_and_only_a_key_is_an_answer(told, state, codes):
    _, one, mainland = played(told)
    assert one.state is state
    assert mainland.told()[-1][1] == codes
    assert is_bounce(one) == ("200004" in codes)


@pytest.mark.parametrize(
    ("after_s", "state"), [(3, AttemptState.ACKED), (44, AttemptState.ACKED), (45, AttemptState.NO_ANSWER)]
)
def test_a_phone_rings_three_quarters_of_a_minute_and_no_longer(after_s, state):
    _, one, _ = played(lambda phone: phone.answers(after_s=after_s, presses="1"))
    assert one.state is state


@pytest.mark.parametrize(
    "faults", [{"is_doubling": True}, {"is_shuffling": True}, {"is_doubling": True, "is_shuffling": True}]
)
@pytest.mark.parametrize(("keys", "state"), [("1", AttemptState.ACKED), ("", AttemptState.NO_ANSWER)])
def test_reports_that_come_twice_or_in_another_order_say_the_same(faults, keys, state):
    _, one, mainland = played(lambda phone: phone.with_faults(**faults).answers(presses=keys))
    assert one.state is state
    if "is_shuffling" in faults:
        assert mainland.told()[0][1][0] == "200201"  # ringing, before it was dialled


def test_a_report_that_comes_long_after_still_tells_of_the_key():
    _, one, mainland = played(lambda phone: phone.with_faults(delay_s=240).answers(presses="1"))
    assert one.state is AttemptState.ACKED
    assert mainland.told()[0] == (241, ["200101"])


@pytest.mark.parametrize(
    ("errors", "told", "lost"),
    [
        ([None, 503, 500], [(62, ["200100", "200002"]), (361, ["200101"])], 0),
        ([400, None, 500, 500, 500, 500], [(961, ["200101"]), (962, ["200100", "200002"])], 0),
        ([None] * 9, [], 2),
    ],
)
def test_a_service_that_was_down_gets_its_reports_after_a_minute_five_and_ten_and_then_no_more(errors, told, lost):
    async def story(mainland):
        mainland.phones.at(DAUGHTER).busy()
        mainland.reports.errors = errors
        await mainland.send(attempt())
        await mainland.play()
        return mainland

    mainland = in_mainland(story)
    assert mainland.told() == told
    assert len(mainland.phones.post.lost) == lost
    assert mainland.phones.next_event_ms() is None


def test_a_call_without_any_report_is_asked_about_by_its_id():
    async def story(mainland):
        mainland.phones.at(DAUGHTER).with_faults(is_silent=True).answers(after_s=5)
        one = attempt()
        result = await mainland.send(one)
        assert result.retry_after_ms == 30_000
        during = await mainland.look_up(one, after_ms=1_000)
        await mainland.play()
        after = await mainland.look_up(one, after_ms=60_000)
        return during, after, mainland

    during, after, mainland = in_mainland(story)
    assert (during.news.state, during.retry_after_ms) == (AttemptState.SUBMITTED, 30_000)
    assert (after.news.state, after.retry_after_ms) == (AttemptState.NO_ANSWER, None)
    assert mainland.told() == []


def test_a_call_that_the_provider_does_not_list_puts_no_provider_out():
    async def story(mainland):
        return await mainland.voice.look_up(_delivery(submitted(attempt(), "1^1")), now_ms=NOON_MS)

    result = in_mainland(story)
    assert (result.news.state, result.is_misconfigured, result.retry_after_ms) == (
        AttemptState.SUBMITTED,
        False,
        30_000,
    )


@pytest.mark.parametrize(
    "fault", [AliyunFault(), AliyunFault(hangs=True), AliyunFault(status=503, code="ServiceUnavailable")]
)
@pytest.mark.parametrize("is_accepted", [True, False])
def test_an_answer_that_was_lost_is_doubt_until_a_report_names_the_call(fault, is_accepted):
    fault = msgspec.structs.replace(fault, is_accepted=is_accepted)

    async def story(mainland):
        mainland.phones.spoil_next(fault)
        mainland.phones.at(DAUGHTER).answers(presses="1")
        one = attempt()
        result = await mainland.send(one)
        early = await mainland.look_up(one, after_ms=59_000)
        await mainland.play()
        late = await mainland.look_up(one, after_ms=61_000)
        return result, early, late, mainland.now(one)

    result, early, late, one = in_mainland(story, request_timeout_s=PATIENCE_S)
    assert result.news.state is AttemptState.UNKNOWN
    assert early.news.state is AttemptState.UNKNOWN
    if is_accepted:
        assert (one.state, one.provider_id) == (AttemptState.ACKED, "100000000001^1")
    else:
        assert late.news.state is AttemptState.NEW


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
    ("told", "state", "code"),
    [
        (lambda phone: phone.answers(), AttemptState.DELIVERED, "DELIVERED"),
        (lambda phone: phone.unreachable(), AttemptState.FAILED, "UNDELIV"),
    ],
)
def test_a_text_is_reported_and_listed_alike(told, state, code):
    async def story(mainland):
        told(mainland.phones.at(DAUGHTER))
        one = attempt(is_text=True)
        result = await mainland.send(one)
        during = await mainland.look_up(one, after_ms=1_000)
        await mainland.play()
        after = await mainland.look_up(one, after_ms=30_000)
        return result, during, after, mainland

    result, during, after, mainland = in_mainland(story)
    one = next(iter(mainland.reports.attempts.values()))
    assert (result.news.state, during.news.state) == (AttemptState.SUBMITTED, AttemptState.SUBMITTED)
    assert (one.state, after.news.state) == (state, state)
    assert mainland.told("sms") == [(3, [code])]
    assert mainland.phones.texts[0].content == "【守望】编号7F3A01的警报等待处理"


@pytest.mark.parametrize("faults", [{"is_doubling": True}, {"is_shuffling": True}, {"delay_s": 900}])
def test_reports_of_texts_may_come_twice_and_late(faults):
    _, one, _ = played(lambda phone: phone.with_faults(**faults).answers(), one=attempt(is_text=True))
    assert one.state is AttemptState.DELIVERED


def test_a_text_without_a_report_is_found_in_the_days_list_by_our_id():
    async def story(mainland):
        mainland.phones.at(DAUGHTER).with_faults(is_silent=True).answers()
        mainland.phones.spoil_next(AliyunFault(), on="SendSms")
        one = attempt(is_text=True)
        lost = await mainland.send(one)
        await mainland.play()
        await mainland.send(attempt("another", is_text=True))
        return lost, await mainland.look_up(one, after_ms=5_000)

    lost, found = in_mainland(story)
    assert (lost.news.state, found.news.state) == (AttemptState.UNKNOWN, AttemptState.DELIVERED)


def _delivery(one, to=DAUGHTER):
    return Delivery(attempt=one, to=to)


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


def test_a_call_carries_a_part_of_our_id_that_its_reports_bring_back():
    _, one, mainland = played(lambda phone: phone.answers(presses="1"))
    assert {report["out_id"] for _, _, batch in mainland.reports.batches for report in batch} == {out_id(one)}


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
