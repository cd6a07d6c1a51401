"""A service that starts on a clock that was set back: calls of a time that is still to come hold up nobody's ladder."""

import pytest
from dispatch_room import LOST, NOON_MS, TAKEN, in_room, twilio

from alerts.attempts import CallNews
from alerts.model import AttemptState
from alerts.pacing import NumberLimit
from core.clock import ManualClock
from core.localtime import HOUR_MS
from rules.findings import Priority

NEW, NO_ANSWER, RINGING, UNKNOWN = (
    AttemptState.NEW,
    AttemptState.NO_ANSWER,
    AttemptState.RINGING,
    AttemptState.UNKNOWN,
)


@pytest.mark.parametrize("left", [NO_ANSWER, RINGING, UNKNOWN])
@pytest.mark.parametrize("priority", [Priority.P0, Priority.P1])
def test_who_was_rung_by_a_clock_that_was_ahead_is_rung_again_by_the_next_step(tmp_path, left, priority):
    async def story(room, channel):
        channel.answers = [LOST if left is UNKNOWN else TAKEN]
        room.queue("before", alert="smoke", priority=priority)
        await room.drain()
        if left in {NO_ANSWER, RINGING}:
            room.desk.news_of(room.attempt("before").id, CallNews(state=left, at_ms=NOON_MS, sequence=2))
        room.clock = ManualClock(NOON_MS - 2 * HOUR_MS)
        again = room.restarted()
        channel.answers = [TAKEN]
        again.queue("after", alert="smoke", priority=priority)
        await again.dispatcher.drain(again.clock.now_ms())
        assert (channel.keys, again.attempt("after").detail) == (["before", "after"], "as told")
        again.close()

    limits = (NumberLimit(1, 60_000), NumberLimit(5, HOUR_MS))
    in_room(tmp_path, story, twilio(number_limits=limits))
