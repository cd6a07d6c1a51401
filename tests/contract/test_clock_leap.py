"""A machine that stands still, or whose clock is set ahead, makes no home silent: what it left out is deaf."""

import asyncio

import pytest
from deaf_house import LIMIT_MS, DeafHouse
from nats_broker import nats_broker

from app.hindsight import explain_at
from core.localtime import HOUR_MS, MINUTE_MS

LEAP_MS = 6 * HOUR_MS


@pytest.fixture
def broker(tmp_path):
    broker = nats_broker(tmp_path)
    broker.start()
    yield broker
    broker.stop()


def told(story):
    asyncio.run(asyncio.wait_for(story(), 120))


async def an_hour_of_life(house: DeafHouse) -> None:
    await house.start()
    await house.passes(MINUTE_MS, 5_000)
    await house.moved(1)
    await house.passes(HOUR_MS)
    assert house.rung() == []


def test_after_a_leap_a_silence_is_as_far_used_up_as_before_and_a_replay_finds_the_same(tmp_path, broker):
    async def story():
        house = DeafHouse(tmp_path, broker)
        await an_hour_of_life(house)
        house.clock.leap(LEAP_MS)
        await house.passes(MINUTE_MS, 1_000)
        heard_ms = house.clock.now_ms()
        assert house.rung() == []
        assert [is_deaf for _, is_deaf in house.ticks][-1] is False
        explained = explain_at(house.journal, house.home, heard_ms - 3 * HOUR_MS)
        assert any("the service itself hears no home" in one.en for one in explained.state)
        await house.passes(LIMIT_MS - HOUR_MS - 5 * MINUTE_MS)
        assert house.rung() == []
        await house.passes(10 * MINUTE_MS)
        (rung,) = house.rung()
        assert rung.at_ms - heard_ms == pytest.approx(LIMIT_MS - HOUR_MS, abs=3 * MINUTE_MS)
        assert house.replayed() == house.engine.found
        await house.close()

    told(story)


def test_a_sign_of_life_after_a_leap_counts_from_its_own_time(tmp_path, broker):
    async def story():
        house = DeafHouse(tmp_path, broker)
        await an_hour_of_life(house)
        house.clock.leap(LEAP_MS)
        await house.moved(2)
        moved_ms = house.clock.now_ms()
        await house.passes(MINUTE_MS, 1_000)
        await house.passes(LIMIT_MS - 5 * MINUTE_MS)
        assert house.rung() == []
        await house.passes(10 * MINUTE_MS)
        (rung,) = house.rung()
        assert rung.at_ms - moved_ms == pytest.approx(LIMIT_MS, abs=MINUTE_MS)  # but for what waited being let in
        assert house.replayed() == house.engine.found
        await house.close()

    told(story)


def test_hours_that_the_service_lived_through_are_silence(tmp_path, broker):
    async def story():
        house = DeafHouse(tmp_path, broker)
        await an_hour_of_life(house)
        await house.passes(LEAP_MS, 2 * MINUTE_MS)
        assert house.rung()
        await house.close()

    told(story)
