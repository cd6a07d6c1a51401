"""The dispatcher on a real database: gravest first, each provider at its pace, the next channel in time."""

from dispatch_room import (
    NOON_MS,
    NOT_SENT,
    TAKEN,
    UNAUTHORIZED,
    ToldChannel,
    aliyun,
    board,
    in_room,
    number,
    result,
    twilio,
)

from alerts.attempt_rows import MAX_TRIES
from alerts.breaker import FAILURES_TO_OPEN
from alerts.model import AttemptState
from alerts.pacing import BEAT_MS, NumberLimit
from rules.findings import Priority

SUBMITTED = AttemptState.SUBMITTED
NEW = AttemptState.NEW
FAILED = AttemptState.FAILED


def test_a_life_hazard_goes_first_then_priority_then_age(tmp_path):
    async def story(room, channel):
        room.queue("ticket", to=number(1), priority=Priority.P3)
        room.queue("hazard of property", to=number(2), priority=Priority.P2)
        room.clock.advance_to_ms(NOON_MS + 1)
        room.queue("fall", to=number(3))
        room.queue("smoke", to=number(4), priority=Priority.P0)
        for after_ms in (1, 1_001, 2_001, 3_001):
            await room.drain(after_ms)
        assert channel.keys == ["smoke", "fall", "hazard of property", "ticket"]

    in_room(tmp_path, story, twilio(per_s=1.0))


def test_the_pace_of_a_provider_spaces_calls_and_says_when_the_next_may_go(tmp_path):
    async def story(room, channel):
        room.queue("one", to=number(1))
        room.queue("two", to=number(2))
        await room.drain()
        assert (channel.keys, room.dispatcher.next_wake_ms()) == (["one"], NOON_MS + 1_000)
        await room.drain(999)
        assert channel.keys == ["one"]
        await room.drain(1_000)
        assert (channel.keys, room.dispatcher.next_wake_ms()) == (["one", "two"], None)

    in_room(tmp_path, story, twilio(per_s=1.0))


def test_a_fast_provider_is_given_its_pace_by_rounds_that_are_a_beat_apart(tmp_path):
    async def story(room, channel):
        for n in range(60):
            room.queue(f"call {n:02}", to=number(n))
        for passed_ms in range(0, 1_001, BEAT_MS):
            await room.drain(passed_ms)
        assert len(channel.keys) == 60

    in_room(tmp_path, story, twilio(per_s=50.0))


def test_a_life_hazard_does_not_wait_for_the_pace_and_the_others_pay_for_it(tmp_path):
    async def story(room, channel):
        room.queue("fall", to=number(1))
        await room.drain()
        room.queue("smoke", to=number(2), priority=Priority.P0)
        room.queue("fall again", to=number(3))
        await room.drain(1)
        assert channel.keys == ["fall", "smoke"]
        await room.drain(1_000)
        assert channel.keys == ["fall", "smoke"]
        await room.drain(2_000)
        assert channel.keys == ["fall", "smoke", "fall again"]

    in_room(tmp_path, story, twilio(per_s=1.0))


def test_slow_calls_of_lesser_priority_never_hold_up_a_life_hazard(tmp_path):
    async def story(room, channel):
        channel.gate.clear()
        for n in range(20):
            room.queue(f"slow{n:02}", to=number(n), priority=Priority.P2)
        await room.start()
        assert len(channel.sent) == 4  # eight connections, four of them kept
        room.queue("smoke", to=number(99), priority=Priority.P0)
        await room.start(200)
        assert channel.sent[-1] == ("smoke", 200)
        assert len(channel.sent) == 5
        channel.gate.set()
        await room.drain(400)
        assert len(channel.sent) == 21

    in_room(tmp_path, story, twilio())


def test_a_refused_connection_is_tried_again_and_within_15_s_the_next_channel_has_it(tmp_path):
    async def story(room, first, second):
        first.answers = [result(NEW, retry_after_ms=4_000)]
        room.queue("fall")
        for after_ms in range(0, 15_001, 500):
            await room.drain(after_ms)
        assert len(first.sent) > 1
        (taken,) = second.sent
        assert taken[1] <= 15_000
        assert room.states() == {"fall": ("aliyun_voice", SUBMITTED)}
        assert room.attempt("fall").tried == ("twilio_voice",)

    in_room(tmp_path, story, twilio(), aliyun())


def test_a_wrong_account_fails_over_at_once_and_is_not_asked_again_for_others(tmp_path):
    async def story(room, first, second):
        first.answers = [UNAUTHORIZED]
        room.queue("one", to=number(1))
        await room.drain()
        room.queue("two", to=number(2))
        await room.drain(1)
        assert (first.keys, second.keys) == (["one"], ["one", "two"])
        assert room.dispatcher.board.open_providers() == {"twilio": "HTTP 401"}

    in_room(tmp_path, story, twilio(), aliyun())


def test_five_failures_in_a_row_open_the_breaker_and_one_probe_closes_it(tmp_path):
    async def story(room, first, second):
        first.answers = [NOT_SENT] * FAILURES_TO_OPEN + [TAKEN]
        for n in range(FAILURES_TO_OPEN):
            room.queue(f"call{n}", to=number(n))
        await room.drain()
        room.queue("after", to=number(98))
        await room.drain(29_000)
        assert "after" not in first.keys
        assert "after" in second.keys
        room.queue("probe", to=number(99))
        await room.drain(30_500)
        assert "probe" in first.keys
        assert room.dispatcher.board.open_providers() == {}

    in_room(tmp_path, story, twilio(), aliyun())


def test_a_provider_that_asks_for_patience_rings_the_phone_although_the_board_shows_it_meanwhile(tmp_path):
    async def story(room, channel, hand):
        channel.answers = [*[NOT_SENT] * FAILURES_TO_OPEN * 3, TAKEN]
        room.queue("fall")
        for after_ms in range(0, 600_001, 500):
            await room.drain(after_ms)
            if after_ms == 15_000:
                assert hand.keys == ["fall+"]
        assert hand.keys == ["fall+"]
        assert FAILURES_TO_OPEN < len(channel.keys) < MAX_TRIES
        assert room.attempt("fall").state is FAILED

    in_room(tmp_path, story, twilio(), board)


def test_the_phone_rings_once_the_provider_is_back_although_the_board_shows_the_call(tmp_path):
    async def story(room, channel, hand):
        channel.answers = [result(NEW, retry_after_ms=4_000)] * 4 + [TAKEN]
        room.queue("fall")
        for after_ms in range(0, 30_001, 500):
            await room.drain(after_ms)
        assert (channel.keys, hand.keys) == (["fall"] * 5, ["fall+"])
        assert room.states()["fall"] == ("twilio_voice", SUBMITTED)

    in_room(tmp_path, story, twilio(), board)


def test_a_mainland_number_is_rung_once_a_minute_and_the_next_channel_takes_what_is_more(tmp_path):
    async def story(room, first, second):
        room.queue("one")
        await room.drain()
        room.queue("two")
        await room.drain(1_000)
        assert (first.keys, second.keys) == (["one"], ["two"])
        room.queue("three")
        await room.drain(60_000)
        assert first.keys == ["one", "three"]

    limits = (NumberLimit(1, 60_000), NumberLimit(5, 3_600_000))
    in_room(tmp_path, story, twilio(number_limits=limits), lambda: ToldChannel("aliyun_voice"))


def test_a_second_call_to_a_mainland_number_waits_its_minute_and_rings_although_the_board_shows_it(tmp_path):
    async def story(room, channel, hand):
        room.queue("one")
        await room.drain()
        room.queue("two")
        await room.drain(1_000)
        assert (channel.keys, hand.keys) == (["one"], ["two+"])
        await room.drain(60_000)
        assert (channel.keys, hand.keys) == (["one", "two"], ["two+"])

    limits = (NumberLimit(1, 60_000), NumberLimit(5, 3_600_000))
    in_room(tmp_path, story, twilio(number_limits=limits), board)


def test_a_call_that_no_provider_may_make_for_two_minutes_is_left_to_the_board(tmp_path):
    async def story(room, channel, hand):
        room.queue("one")
        await room.drain()
        room.queue("two")
        for after_ms in range(0, 180_001, 1_000):
            await room.drain(after_ms)
        assert (channel.keys, hand.keys) == (["one"], ["two+"])
        assert room.attempt("two").state is FAILED
        assert room.states()["two+"] == ("console", SUBMITTED)

    in_room(tmp_path, story, twilio(number_limits=(NumberLimit(1, 3_600_000),)), board)
