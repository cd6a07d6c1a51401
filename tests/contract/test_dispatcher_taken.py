"""The dispatcher on a real database: who is left out, what is hung up, and what keeps no other from ringing."""

import pytest
from dispatch_room import (
    ABROAD,
    LOST,
    MAINLAND,
    NO_WAY,
    NOON_MS,
    TAKEN,
    ToldChannel,
    aliyun,
    in_room,
    number,
    twilio,
)
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import text

from alerts.attempts import CallNews
from alerts.model import AlertState, AttemptState, Outcome
from alerts.pacing import NumberLimit
from core.errors import DurabilityError
from core.ids import AlertId
from rules.findings import Priority

FAILED = AttemptState.FAILED


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


def test_a_call_rings_on_when_what_would_have_ended_it_was_not_kept(tmp_path):
    async def story(room, channel):
        room.queue("fall")
        await room.drain()
        with sqlite.connect(tmp_path / "truth.sqlite") as beside:
            beside.execute("ALTER TABLE visit RENAME TO gone")  # the alert's record cannot be written
        with pytest.raises(DurabilityError):
            room.desk.close(AlertId("fall"), Outcome.SEEN_WELL, "", who="account:wang")
        assert room.desk.take_hang_ups() == []
        assert room.attempt("fall").state is AttemptState.SUBMITTED

    in_room(tmp_path, story, twilio())


@pytest.mark.parametrize("state", [AlertState.ACKNOWLEDGED, AlertState.CLOSED])
def test_nobody_is_rung_for_an_attempt_that_was_queued_while_somebody_took_the_alert(tmp_path, state):
    async def story(room, channel):
        room.queue("fall", state=state)
        await room.drain()
        assert (channel.keys, room.attempt("fall").state) == ([], AttemptState.CANCELED)

    in_room(tmp_path, story, twilio())


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


def test_a_country_that_the_account_may_not_call_does_not_put_the_provider_out_for_others(tmp_path):
    async def story(room, first, second):
        first.answers = [NO_WAY, TAKEN]
        room.queue("abroad", to=ABROAD)
        await room.drain()
        room.queue("fall", to=number(2))
        await room.drain(1)
        assert (first.keys, second.keys) == (["abroad", "fall"], ["abroad"])

    in_room(tmp_path, story, twilio(), aliyun())


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
