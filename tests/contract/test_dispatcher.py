"""The dispatcher on a real database: gravest first, failover in time, nothing rung twice, nothing lost by a kill."""

import pytest
from dispatch_room import (
    ABROAD,
    LOST,
    MAINLAND,
    NO_WAY,
    NOON_MS,
    NOT_SENT,
    TAKEN,
    UNAUTHORIZED,
    ToldChannel,
    in_room,
    result,
)
from sqlalchemy import text

from alerts.attempt_rows import MAX_TRIES
from alerts.attempts import CallNews
from alerts.breaker import FAILURES_TO_OPEN
from alerts.model import AlertState, AttemptState
from alerts.pacing import NumberLimit
from alerts.ports import Traits, Upkeep
from core.ids import AlertId
from rules.findings import Priority

SUBMITTED, UNKNOWN, NEW, FAILED = (
    AttemptState.SUBMITTED,
    AttemptState.UNKNOWN,
    AttemptState.NEW,
    AttemptState.FAILED,
)


def twilio(**more):
    return lambda: ToldChannel("twilio_voice", traits=Traits(provider="twilio", **more))


def aliyun(**more):
    return lambda: ToldChannel("aliyun_voice", traits=Traits(provider="aliyun", **more))


def board():
    return ToldChannel("console", traits=Traits(provider="console", rings=False))


def dying(transaction, lives):
    """Return a `transaction` that commits while `lives` says so and then leaves everything as a kill -9 would."""

    def next_transaction():
        if not lives():
            raise RuntimeError("killed")
        return transaction()

    return next_transaction


def number(n):
    return f"+861380000{n:04}"


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


def test_an_answer_never_seen_is_looked_up_and_another_channel_carries_the_call_meanwhile(tmp_path):
    async def story(room, first, second):
        first.answers, first.found = [LOST], [result(SUBMITTED, provider_id="CA9")]
        room.queue("fall")
        await room.drain()
        assert room.states() == {"fall": ("twilio_voice", UNKNOWN), "fall+": ("aliyun_voice", SUBMITTED)}
        await room.drain(4_999)
        assert first.looked_up == []
        await room.drain(5_000)
        assert (first.looked_up, first.keys, second.keys) == ([("fall", 5_000)], ["fall"], ["fall+"])
        assert room.attempt("fall").provider_id == "CA9"

    in_room(tmp_path, story, twilio(), aliyun())


def test_an_attempt_in_doubt_has_one_substitute_however_often_it_is_looked_up(tmp_path):
    async def story(room, first, second):
        first.answers = first.found = [LOST]
        room.queue("fall")
        for after_ms in range(0, 60_000, 5_000):
            await room.drain(after_ms)
        assert (first.keys, second.keys) == (["fall"], ["fall+"])
        first.found = [result(NEW, retry_after_ms=1_000)]
        for after_ms in range(60_000, 90_000, 5_000):
            await room.drain(after_ms)
        assert (first.keys, second.keys) == (["fall"], ["fall+"])
        assert room.attempt("fall").state is AttemptState.CANCELED

    in_room(tmp_path, story, twilio(), aliyun())


def test_a_look_up_answered_401_leaves_the_attempt_in_doubt_where_it_is(tmp_path):
    async def story(room, first, second):
        first.answers, first.found = [LOST], [result(UNKNOWN, is_misconfigured=True, retry_after_ms=5_000)]
        room.queue("fall")
        await room.drain()
        await room.drain(5_000)
        await room.drain(20_000)
        assert room.states()["fall"] == ("twilio_voice", UNKNOWN)
        assert (first.keys, second.keys) == (["fall"], ["fall+"])

    in_room(tmp_path, story, twilio(), aliyun())


def test_without_another_channel_a_call_is_repeated_once_it_surely_was_not_made(tmp_path):
    async def story(room, channel):
        channel.answers, channel.found = [LOST, TAKEN], [LOST, result(NEW, retry_after_ms=1_000)]
        room.queue("fall")
        for after_ms in (0, 5_000, 10_000):
            await room.drain(after_ms)
        assert channel.keys == ["fall"]
        await room.drain(11_000)
        assert channel.keys == ["fall", "fall"]
        assert room.states() == {"fall": ("twilio_voice", SUBMITTED)}

    in_room(tmp_path, story, twilio())


def test_a_call_that_surely_was_not_made_is_made_although_the_board_shows_it_meanwhile(tmp_path):
    async def story(room, channel, hand):
        channel.answers, channel.found = [LOST, TAKEN], [LOST, result(NEW, retry_after_ms=1_000)]
        room.queue("fall")
        for after_ms in (0, 5_000, 60_000):
            await room.drain(after_ms)
        assert (channel.keys, hand.keys) == (["fall"], ["fall+"])
        await room.drain(61_000)
        assert (channel.keys, hand.keys) == (["fall", "fall"], ["fall+"])
        assert room.states()["fall"] == ("twilio_voice", SUBMITTED)

    in_room(tmp_path, story, twilio(), board)


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


def test_a_kill_before_the_request_rings_the_phone_after_a_long_time_down_and_not_only_the_board(tmp_path):
    async def story(room, first, _hand):
        first.gate.clear()
        room.queue("fall")
        await room.start()
        await room.dispatcher.close()
        again = room.restarted(ToldChannel("twilio_voice"), board())
        again.channels[0].found = [result(NEW, retry_after_ms=1_000)]
        for after_ms in (90_000, 91_000):
            await again.drain(after_ms)
        assert (again.channels[0].keys, again.channels[1].keys) == (["fall"], [])
        again.close()

    in_room(tmp_path, story, twilio(), board)


def test_a_kill_while_a_channel_is_given_up_leaves_the_attempt_to_the_next_one(tmp_path):
    async def story(room, first, _second):
        first.answers = [UNAUTHORIZED]
        truth = room.truth
        room.queue("fall")

        def killed_at_the_second_commit():
            commits = iter(("claim", "give up"))
            return lambda: next(commits, None) is not None

        truth.transaction = dying(truth.transaction, killed_at_the_second_commit())
        await room.drain()
        await room.dispatcher.close()
        again = room.restarted(ToldChannel("twilio_voice"), ToldChannel("aliyun_voice"))
        again.channels[0].found = [result(NEW, retry_after_ms=1_000)]
        for after_ms in (60_000, 61_000, 62_000):
            await again.drain(after_ms)
        assert [*again.channels[0].keys, *again.channels[1].keys] == ["fall"]
        again.close()

    in_room(tmp_path, story, twilio(), aliyun())


def test_a_number_whose_attempt_is_in_doubt_is_left_to_other_channels(tmp_path):
    async def story(room, first, second):
        first.answers = [LOST, TAKEN]
        room.queue("duty for one home", "duty for another")
        await room.drain()
        assert first.keys == ["duty for another"]
        assert sorted(second.keys) == ["duty for another+", "duty for one home"]
        room.queue("a minute later")
        await room.drain(60_000)
        assert first.keys == ["duty for another", "a minute later"]

    in_room(tmp_path, story, twilio(), aliyun())


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


def test_the_first_call_for_a_life_hazard_ignores_the_limits_of_its_number(tmp_path):
    async def story(room, channel):
        room.queue("fall")
        await room.drain()
        room.queue("smoke", priority=Priority.P0)
        await room.drain(1)
        room.queue("smoke again", priority=Priority.P0, alert="smoke")
        await room.drain(2)
        assert channel.keys == ["fall", "smoke"]
        assert room.dispatcher.next_wake_ms() == NOON_MS + 60_001

    in_room(tmp_path, story, twilio(number_limits=(NumberLimit(1, 60_000),)))


def test_a_channel_that_refuses_a_number_is_passed_over(tmp_path):
    async def story(room, first, second):
        room.queue("fall", to=MAINLAND)
        await room.drain()
        assert (first.keys, second.keys) == ([], ["fall"])

    in_room(tmp_path, story, lambda: ToldChannel("twilio_voice", refused="+86"), aliyun())


def test_without_any_channel_an_attempt_fails_and_says_so(tmp_path):
    async def story(room, _channel):
        room.queue("fall")
        await room.drain()
        assert (room.attempt("fall").state, room.attempt("fall").detail) == (FAILED, "no channel is left")

    in_room(tmp_path, story, lambda: ToldChannel("twilio_voice", refused="+86"))


def test_a_call_that_was_cancelled_while_it_was_handed_over_is_hung_up(tmp_path):
    async def story(room, channel):
        channel.gate.clear()
        room.queue("fall")
        await room.start()
        room.desk.acknowledge(AlertId("fall"), "account:wang", 1)
        assert room.attempt("fall").state is AttemptState.CANCELED
        channel.gate.set()
        await room.drain(100)
        assert channel.cancelled == ["CA1"]
        assert room.attempt("fall").state is AttemptState.CANCELED

    in_room(tmp_path, story, twilio())


def test_a_call_in_doubt_that_is_found_after_somebody_took_the_alert_is_hung_up(tmp_path):
    async def story(room, channel):
        channel.answers, channel.found = [LOST], [result(SUBMITTED, provider_id="CA7")]
        room.queue("fall")
        await room.drain()
        room.desk.acknowledge(AlertId("fall"), "account:wang", 1)
        await room.drain(5_000)
        assert channel.cancelled == ["CA7"]

    in_room(tmp_path, story, twilio())


def test_hanging_up_waits_for_nobody_and_holds_nobody_up(tmp_path):
    async def story(room, channel):
        room.queue("fall")
        await room.drain()
        room.desk.acknowledge(AlertId("fall"), "account:wang", 1)
        await room.dispatcher.hang_up(room.desk.take_hang_ups(), NOON_MS)
        assert channel.cancelled == []
        await room.drain(1)
        assert channel.cancelled == ["CA1"]

    in_room(tmp_path, story, twilio())


@pytest.mark.parametrize("state", [AlertState.ACKNOWLEDGED, AlertState.CLOSED])
def test_nobody_is_rung_for_an_attempt_that_was_queued_while_somebody_took_the_alert(tmp_path, state):
    async def story(room, channel):
        room.queue("fall", state=state)
        await room.drain()
        assert (channel.keys, room.attempt("fall").state) == ([], AttemptState.CANCELED)

    in_room(tmp_path, story, twilio())


def test_nobody_else_is_rung_for_an_answer_that_was_lost_while_somebody_took_the_alert(tmp_path):
    async def story(room, first, second):
        first.answers = [LOST]
        first.gate.clear()
        room.queue("fall")
        await room.start()
        room.desk.acknowledge(AlertId("fall"), "account:wang", 1)
        first.gate.set()
        await room.drain(100)
        assert (first.keys, second.keys) == (["fall"], [])

    in_room(tmp_path, story, twilio(), aliyun())


def test_a_mornings_message_goes_out_although_somebody_took_one_of_its_tickets(tmp_path):
    async def story(room, channel):
        room.queue("bundle:2024-03-06/ab/08:30/sms", alert="ticket", is_text=True, state=AlertState.ACKNOWLEDGED)
        await room.drain()
        assert len(channel.keys) == 1

    in_room(tmp_path, story, lambda: ToldChannel("twilio_sms"))


def test_a_text_is_not_kept_behind_hundreds_of_calls_that_wait_for_the_pace(tmp_path):
    async def story(room, calls, texts):
        room.queue(*(f"a{n:03}" for n in range(200)), to=number(1))
        room.queue("z", to=number(2), is_text=True)
        for after_ms in range(0, 1_000, 200):
            await room.start(after_ms)
        assert (calls.keys, texts.keys) == (["a000"], ["z"])

    in_room(tmp_path, story, twilio(per_s=1.0), lambda: ToldChannel("twilio_sms"))


def test_one_attempt_that_cannot_be_read_keeps_no_other_from_ringing_and_is_counted(tmp_path):
    async def story(room, channel):
        room.queue("broken", to=number(1), priority=Priority.P0)
        room.queue("fall", to=number(2))
        with room.truth.transaction() as unit:
            unit.people._connection.execute(  # a fault that no decision of ours makes
                text("UPDATE contact SET phone = x'00' WHERE id = 'c-broken'")
            )
        await room.drain()
        assert (channel.keys, room.dispatcher.faults) == (["fall"], 1)

    in_room(tmp_path, story, twilio())


def test_a_call_that_has_rung_meanwhile_is_not_made_again_although_the_list_did_not_show_it(tmp_path):
    async def story(room, channel):
        channel.answers, channel.found = [LOST], [NOT_SENT]
        room.queue("fall")
        await room.drain()
        attempt = room.attempt("fall")
        room.desk.news_of(attempt.id, CallNews(state=AttemptState.RINGING, at_ms=NOON_MS + 1))
        room.desk.news_of(
            attempt.id,
            CallNews(state=NEW, at_ms=NOON_MS + 2, detail="not listed"),
            upkeep=Upkeep(retry_at_ms=NOON_MS + 2),
        )
        assert room.attempt("fall").state is AttemptState.RINGING

    in_room(tmp_path, story, twilio())


def test_a_country_that_the_account_may_not_call_does_not_put_the_provider_out_for_others(tmp_path):
    async def story(room, first, second):
        first.answers = [NO_WAY, TAKEN]
        room.queue("abroad", to=ABROAD)
        await room.drain()
        room.queue("fall", to=number(2))
        await room.drain(1)
        assert (first.keys, second.keys) == (["abroad", "fall"], ["abroad"])

    in_room(tmp_path, story, twilio(), aliyun())


def test_a_call_that_says_nothing_is_asked_about_and_its_end_is_known(tmp_path):
    async def story(room, channel):
        channel.answers = [result(SUBMITTED, provider_id="CA1", retry_after_ms=30_000)]
        channel.found = [result(AttemptState.RINGING, retry_after_ms=5_000), result(AttemptState.NO_ANSWER)]
        room.queue("fall")
        await room.drain()
        await room.drain(29_999)
        assert channel.looked_up == []
        await room.drain(30_000)
        assert room.states() == {"fall": ("twilio_voice", AttemptState.RINGING)}
        await room.drain(35_000)
        assert room.states() == {"fall": ("twilio_voice", AttemptState.NO_ANSWER)}

    in_room(tmp_path, story, twilio())


def test_a_kill_between_claim_and_answer_is_looked_up_and_never_repeated_blindly(tmp_path):
    async def story(room, first, _second):
        first.gate.clear()
        room.queue("fall")
        await room.start()
        assert room.states() == {"fall": ("twilio_voice", AttemptState.CLAIMED)}
        await room.dispatcher.close()  # nothing more is written, as after a kill
        again = room.restarted(ToldChannel("twilio_voice"), ToldChannel("aliyun_voice"))
        await again.drain(1_000)
        first, second = again.channels
        assert (first.looked_up, first.keys, second.keys) == ([("fall", 1_000)], [], ["fall+"])
        again.close()

    in_room(tmp_path, story, twilio(), aliyun())


def test_what_was_tried_and_when_to_look_up_and_whom_was_rung_survive_a_kill(tmp_path):
    async def story(room, first, second):
        first.answers = [LOST]
        limited = Traits(provider="aliyun", number_limits=(NumberLimit(1, 60_000),))
        room.queue("fall")
        await room.drain()
        again = room.restarted(ToldChannel("twilio_voice"), ToldChannel("aliyun_voice", traits=limited), board())
        again.queue("second home, same number")
        await again.drain(1_000)
        first, second, hand = again.channels
        assert first.looked_up == []  # its time has not come
        assert (first.keys, second.keys, hand.keys) == ([], [], ["second home, same number+"])
        await again.drain(5_000)
        assert first.looked_up == [("fall", 5_000)]
        again.close()

    in_room(tmp_path, story, twilio(), aliyun())


def test_a_channel_that_breaks_is_counted_and_its_attempt_is_looked_up(tmp_path):
    class Broken(ToldChannel):
        async def send(self, delivery, *, now_ms):
            raise RuntimeError(f"a defect at {now_ms} with {delivery.attempt.key}")

    async def story(room, channel):
        room.queue("fall")
        await room.drain()
        assert (room.dispatcher.faults, room.states()) == (1, {"fall": ("twilio_voice", AttemptState.CLAIMED)})
        await room.drain(10_001)
        assert channel.looked_up == [("fall", 10_001)]

    in_room(tmp_path, story, lambda: Broken("twilio_voice"))


def test_a_key_pressed_in_the_first_call_counts_although_another_channel_rings(tmp_path):
    async def story(room, first, second):
        first.answers = [LOST]
        room.queue("fall")
        await room.drain()
        room.desk.news_of(
            room.attempt("fall").id, CallNews(state=AttemptState.ACKED, at_ms=NOON_MS, digits="1", provider_id="CA5")
        )
        await room.dispatcher.hang_up(room.desk.take_hang_ups(), NOON_MS)
        await room.drain(1)
        assert second.cancelled == ["CA1"]
        assert room.attempt("fall").state is AttemptState.ACKED

    in_room(tmp_path, story, twilio(), aliyun())
