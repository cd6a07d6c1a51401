"""The dispatcher on a real database: an answer never seen or a kill loses no call and repeats none blindly."""

from dispatch_room import (
    LOST,
    NOON_MS,
    NOT_SENT,
    TAKEN,
    UNAUTHORIZED,
    ToldChannel,
    aliyun,
    board,
    in_room,
    result,
    twilio,
)

from alerts.attempts import CallNews
from alerts.model import AttemptState
from alerts.pacing import NumberLimit
from alerts.ports import Traits, Upkeep
from core.ids import AlertId

SUBMITTED = AttemptState.SUBMITTED
UNKNOWN = AttemptState.UNKNOWN
NEW = AttemptState.NEW


def dying(transaction, lives):
    """Return a `transaction` that commits while `lives` says so and then leaves everything as a kill -9 would."""

    def next_transaction():
        if not lives():
            raise RuntimeError("killed")
        return transaction()

    return next_transaction


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


def test_a_call_in_doubt_that_is_found_after_somebody_took_the_alert_is_hung_up(tmp_path):
    async def story(room, channel):
        channel.answers, channel.found = [LOST], [result(SUBMITTED, provider_id="CA7")]
        room.queue("fall")
        await room.drain()
        room.desk.acknowledge(AlertId("fall"), "account:wang", 1)
        await room.drain(5_000)
        assert channel.cancelled == ["CA7"]

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
