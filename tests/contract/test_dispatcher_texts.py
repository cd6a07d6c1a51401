"""Texts: the board stands for none, another channel carries what one could not deliver, and nobody is written to twice."""

from collections.abc import Callable

import msgspec
import pytest
from dispatch_room import NOON_MS, NOT_SENT, TAKEN, UNAUTHORIZED, ToldChannel, board, in_room, result

from alerts.attempts import CallNews
from alerts.breaker import FAILURES_TO_OPEN
from alerts.model import AttemptState
from alerts.pacing import NumberLimit
from alerts.ports import Traits

NEW, SUBMITTED, FAILED = AttemptState.NEW, AttemptState.SUBMITTED, AttemptState.FAILED
SHOWN = msgspec.structs.replace(TAKEN, news=msgspec.structs.replace(TAKEN.news, state=AttemptState.DELIVERED))
ROUTES = """
[[route]]
prefix = "+"
voice = ["console"]
sms = ["aliyun_sms", "twilio_sms", "console"]
"""


def aliyun_sms(**traits):
    return lambda: ToldChannel("aliyun_sms", traits=Traits(provider="aliyun", **traits))


def twilio_sms():
    return ToldChannel("twilio_sms", traits=Traits(provider="twilio"))


def in_texts(folder, story, *channels: Callable[[], ToldChannel]):
    in_room(folder, story, *channels, routes=ROUTES)


async def until(room, last_ms, step_ms=1_000):
    for after_ms in range(0, last_ms + 1, step_ms):
        await room.drain(after_ms)


@pytest.mark.parametrize("answer", [UNAUTHORIZED, result(NEW, retry_after_ms=13_000)])
def test_another_channel_carries_a_text_that_the_first_one_cannot(tmp_path, answer):
    async def story(room, first, second, hand):
        first.answers, hand.answers = [answer], [SHOWN]
        room.queue("fall", is_text=True)
        await until(room, 15_000)
        assert (second.keys, hand.keys) == (["fall"], [])
        assert room.states() == {"fall": ("twilio_sms", SUBMITTED)}

    in_texts(tmp_path, story, aliyun_sms(), twilio_sms, board)


def test_a_text_waits_for_a_provider_that_is_out_and_the_board_shows_it_meanwhile(tmp_path):
    async def story(room, first, second, hand):
        first.answers = [*[NOT_SENT] * FAILURES_TO_OPEN, TAKEN]
        second.answers, hand.answers = [UNAUTHORIZED], [SHOWN]
        room.queue("fall", is_text=True)
        await until(room, 60_000)
        assert hand.keys == ["fall+"]
        assert room.states()["fall"] == ("aliyun_sms", SUBMITTED)

    in_texts(tmp_path, story, aliyun_sms(), twilio_sms, board)


def test_a_text_that_its_numbers_limit_holds_back_is_sent_when_it_may_be(tmp_path):
    async def story(room, channel, hand):
        hand.answers = [SHOWN]
        for name in ("one", "two"):
            room.queue(name, is_text=True)
            await room.drain()
        await until(room, 700_000, 10_000)
        assert channel.sent == [("one", 0), ("two", 600_000)]
        assert hand.keys == ["two+"]

    in_texts(tmp_path, story, aliyun_sms(number_limits=(NumberLimit(1, 600_000),)), board)


def test_a_text_that_nobody_may_send_for_a_quarter_of_an_hour_is_left_to_the_board(tmp_path):
    async def story(room, channel, hand):
        hand.answers = [SHOWN]
        for name in ("one", "two"):
            room.queue(name, is_text=True)
            await room.drain()
        await until(room, 1_000_000, 10_000)
        assert channel.keys == ["one"]
        assert (room.attempt("two").state, room.attempt("two+").state) == (FAILED, AttemptState.DELIVERED)

    in_texts(tmp_path, story, aliyun_sms(number_limits=(NumberLimit(1, 3_600_000),)), board)


@pytest.mark.parametrize(
    ("detail", "keys"), [("MK:0001", ["fall+"]), ("undelivered, ErrorCode 30008", ["fall+"]), ("ErrorCode 30005", [])]
)
def test_a_text_whose_receipt_says_that_it_was_not_delivered_goes_by_another_channel_once(tmp_path, detail, keys):
    async def story(room, _first, second, hand):
        room.queue("fall", is_text=True)
        await room.drain()
        for _ in range(2):
            told = CallNews(state=FAILED, at_ms=NOON_MS, provider_id="1", detail=detail)
            room.desk.news_of(room.attempt("fall").id, told)
        await until(room, 20_000)
        assert (second.keys, hand.keys) == (keys, [])

    in_texts(tmp_path, story, aliyun_sms(), twilio_sms, board)


def test_a_text_that_no_channel_delivers_ends_on_the_board(tmp_path):
    async def story(room, _first, _second, hand):
        hand.answers = [SHOWN]
        room.queue("fall", is_text=True)
        await room.drain()
        for key in ("fall", "fall+"):
            room.desk.news_of(room.attempt(key).id, CallNews(state=FAILED, at_ms=NOON_MS, detail="MK:0001"))
            await room.drain()
        assert hand.keys == ["fall++"]
        await until(room, 20_000)
        assert len(room.states()) == 3

    in_texts(tmp_path, story, aliyun_sms(), twilio_sms, board)
