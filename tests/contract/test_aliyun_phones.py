"""Aliyun's real SDKs against a stand-in that checks what they send and plays what becomes of it."""

import msgspec
import pytest
from mainland import (
    DAUGHTER,
    NOON_MS,
    PATIENCE_S,
    THANKED,
    attempt,
    in_mainland,
    out_id,
    played,
    submitted,
)

from alerts.bounces import is_bounce
from alerts.model import AttemptState, CallPurpose
from alerts.ports import Delivery
from device_sim.aliyun_network import AliyunFault

ASK = CallPurpose.ASK_RESIDENT


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


@pytest.mark.parametrize(("service_code", "begins"), [("TTS_4", "系统自身有故障："), ("", "家中有警报：")])
def test_a_call_about_the_service_reads_its_own_text_and_without_one_that_of_contacts(service_code, begins):
    one = attempt(purpose=CallPurpose.ASK_SERVICE)
    _, one, mainland = played(lambda phone: phone.answers(presses="1"), one=one, service_code=service_code)
    assert one.state is AttemptState.ACKED
    assert mainland.phones.rings[0].heard[0].startswith(begins)


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


def test_a_call_carries_a_part_of_our_id_that_its_reports_bring_back():
    _, one, mainland = played(lambda phone: phone.answers(presses="1"))
    assert {report["out_id"] for _, _, batch in mainland.reports.batches for report in batch} == {out_id(one)}
