"""A thousand calls at once, on a clock that is fast-forwarded: all in their time, and a life hazard before any of them."""

import pytest
from dispatch_room import aliyun, in_room, number, twilio

from alerts.pacing import BEAT_MS
from rules.findings import Priority

PER_S = 50
CALLS = 200  # of the thousand, so that the test takes seconds: four seconds of the provider's pace


def test_calls_that_come_all_at_once_are_begun_as_fast_as_the_provider_takes_them(tmp_path):
    async def story(room, channel):
        for n in range(CALLS):
            room.queue(f"fall {n:03}", to=number(n))
        await play(room, CALLS * 1000 // PER_S)
        assert len(channel.sent) == CALLS
        times = [at_ms for _, at_ms in channel.sent]
        assert max(sum(from_ms <= at_ms < from_ms + 1000 for at_ms in times) for from_ms in times) <= PER_S + 11

    in_room(tmp_path, story, twilio(per_s=float(PER_S)))


@pytest.mark.parametrize("after_ms", [0, 200, 1_000, 2_600])
def test_a_life_hazard_amid_them_is_the_next_that_the_provider_hears_of(tmp_path, after_ms):
    async def story(room, channel):
        for n in range(CALLS):
            room.queue(f"fall {n:03}", to=number(n))
        await play(room, after_ms)
        before = len(channel.sent)
        room.queue("smoke", to=number(999), priority=Priority.P0)
        room.queue("gas", to=number(998), priority=Priority.P0)
        await play(room, after_ms + BEAT_MS, from_ms=after_ms + 1)
        assert channel.keys[before : before + 2] == ["gas", "smoke"]
        assert 0 < before < CALLS

    in_room(tmp_path, story, twilio(per_s=float(PER_S)))


def test_a_life_hazard_rings_at_once_while_slow_answers_hold_every_connection_that_others_may_have(tmp_path):
    async def story(room, channel, _second):
        channel.gate.clear()
        for n in range(CALLS):
            room.queue(f"fall {n:03}", to=number(n))
        for at_ms in range(0, 1_001, BEAT_MS):
            await room.start(at_ms)
        assert "smoke" not in channel.keys
        room.queue("smoke", to=number(999), priority=Priority.P0)
        await room.start(1_001)
        assert channel.keys[-1] == "smoke"
        channel.gate.set()

    in_room(tmp_path, story, twilio(per_s=float(PER_S)), aliyun())


async def play(room, until_ms, from_ms=0):
    """Let rounds go by, a beat apart, as the service's dispatcher has them."""
    for at_ms in range(from_ms, until_ms + 1, BEAT_MS):
        await room.drain(at_ms)
