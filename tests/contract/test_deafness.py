"""A service that cannot hear judges no silence: its broker is killed, or its journal takes nothing, and is back."""

import asyncio
import os
import signal

import pytest
from deaf_house import LIMIT_MS, DeafHouse
from ingest_kit import Gate
from mosquitto_broker import MISSING, Mosquitto, is_installed
from nats_broker import nats_broker
from watched_broker import WatchedBroker

from app import broker_probe
from app.broker_pulse import AFTER_A_MISS_S
from app.hindsight import explain_at
from core.errors import NoRoomError
from core.localtime import HOUR_MS, MINUTE_MS

HALF_HOUR_MS = 30 * MINUTE_MS
STEP_MS = 2 * MINUTE_MS
"""A service that lives sees each of them, and ticks; what it does not see for longer it did not run through."""


class Full(Gate):
    """A journal without room for readings, for as long as it is told so; its ticks have the reserve."""

    is_full = False

    def append(self, readings, parked=(), **told):
        if self.is_full:
            raise NoRoomError("the disk is full")
        return super().append(readings, parked, **told)


@pytest.fixture(
    params=["nats", pytest.param("mosquitto", marks=pytest.mark.skipif(not is_installed(), reason=MISSING))]
)
def broker(tmp_path, request):
    broker = nats_broker(tmp_path) if request.param == "nats" else Mosquitto(tmp_path / "mosquitto")
    broker.start()
    yield broker
    broker.stop()


def told(story):
    asyncio.run(asyncio.wait_for(story(), 120))


def kill(broker) -> None:
    if isinstance(broker, Mosquitto):
        broker.kill()
    else:
        broker._process.kill()
        broker._process.wait()


async def an_hour_of_life(house: DeafHouse) -> None:
    await house.start()
    await house.passes(MINUTE_MS, 5_000)  # what might have waited at the broker has come in
    await house.moved(1)
    await house.passes(HOUR_MS, HALF_HOUR_MS)


async def hears_again(house: DeafHouse) -> None:
    await house.until(lambda: not house.running.session.counters.is_held)
    await house.passes(MINUTE_MS, 1_000)
    assert [is_deaf for _, is_deaf in house.ticks][-2:] == [True, False]


async def rings_when_the_rest_of_the_limit_is_used_up(house: DeafHouse, used_ms: int = HOUR_MS) -> None:
    heard_ms = house.ticks[-1][0]
    await house.passes(LIMIT_MS - used_ms - HALF_HOUR_MS, HALF_HOUR_MS)
    assert house.rung() == []
    await house.passes(HALF_HOUR_MS, MINUTE_MS)
    rung = house.rung()
    assert len(rung) == 1
    assert rung[0].at_ms - heard_ms == pytest.approx(LIMIT_MS - used_ms, abs=2 * STEP_MS)
    assert house.replayed() == house.engine.found


def test_while_the_broker_is_dead_no_silence_is_used_up_and_a_replay_finds_the_same(tmp_path, broker):
    async def story():
        house = DeafHouse(tmp_path, broker)
        await an_hour_of_life(house)
        kill(broker)
        await house.until(lambda: not house.running.session.counters.is_main_connected)
        await house.passes(2 * MINUTE_MS, MINUTE_MS)
        assert house.ticks[-1][1]
        await house.passes(6 * HOUR_MS, STEP_MS)
        assert house.rung() == []
        explained = explain_at(house.journal, house.home, house.clock.now_ms() - 3 * HOUR_MS)
        assert any("the service itself hears no home" in one.en for one in explained.state)
        await asyncio.to_thread(broker.start)
        await house.until(lambda: house.running.session.counters.is_main_connected)
        await hears_again(house)
        await rings_when_the_rest_of_the_limit_is_used_up(house)
        await house.close()

    told(story)


def test_while_the_broker_hangs_no_silence_is_used_up_although_it_is_connected(tmp_path, monkeypatch):
    async def in_vain(look, after_s=0.0):  # no answer can come: a second is enough
        with monkeypatch.context() as shortened:
            shortened.setattr(broker_probe, "ANSWER_S", 1.0)
            await asyncio.to_thread(look, after_s)

    broker = nats_broker(tmp_path)

    async def story():
        house, it = DeafHouse(tmp_path, broker), WatchedBroker(broker)
        await an_hour_of_life(house)
        os.kill(broker._process.pid, signal.SIGSTOP)
        await in_vain(it.look)
        assert house.running.session.counters.is_main_connected
        await house.passes(2 * MINUTE_MS, MINUTE_MS)
        assert house.ticks[-1][1]
        await house.passes(6 * HOUR_MS, STEP_MS)
        assert house.rung() == []
        await in_vain(it.look, AFTER_A_MISS_S)
        await asyncio.to_thread(it.look, AFTER_A_MISS_S)
        await house.until(lambda: house.running.session.counters.connects == 2)
        await hears_again(house)
        await rings_when_the_rest_of_the_limit_is_used_up(house)
        await house.close()

    try:
        told(story)
    finally:
        broker.stop()


def test_what_a_service_did_not_live_through_while_it_was_deaf_is_silence_and_a_replay_finds_the_same(tmp_path):
    broker = nats_broker(tmp_path)

    async def story():
        house = DeafHouse(tmp_path, broker)
        await an_hour_of_life(house)
        kill(broker)
        await house.until(lambda: not house.running.session.counters.is_main_connected)
        await house.passes(HOUR_MS, STEP_MS)
        deaf_ms = [at_ms for at_ms, is_deaf in house.ticks if is_deaf]
        assert max(after - before for after, before in zip(deaf_ms[1:], deaf_ms, strict=False)) <= STEP_MS
        await house.passes(2 * HOUR_MS, 2 * HOUR_MS)  # as long as a machine without power
        await asyncio.to_thread(broker.start)
        await house.until(lambda: house.running.session.counters.is_main_connected)
        await hears_again(house)
        await rings_when_the_rest_of_the_limit_is_used_up(house, 3 * HOUR_MS)
        await house.close()

    try:
        told(story)
    finally:
        broker.stop()


def test_while_the_journal_takes_no_readings_no_silence_is_used_up_and_what_waited_is_taken_in_first(tmp_path):
    broker = nats_broker(tmp_path)

    async def story():
        house = DeafHouse(tmp_path, broker, Full)
        await an_hour_of_life(house)
        house.log.is_full = True
        await house.says(2)
        await house.until(lambda: house.running.session.held_up)
        await house.passes(2 * MINUTE_MS, MINUTE_MS)
        assert house.ticks[-1][1]
        await house.passes(6 * HOUR_MS, STEP_MS)
        assert house.rung() == []
        house.log.is_full = False
        await house.until(lambda: not house.running.session.held_up)
        await hears_again(house)
        entries = house.journal.read(0, 100_000)
        heard = next(n for n, one in enumerate(entries) if any(r.seq == 2 for r in one.readings))
        begun = next(n for n, one in enumerate(entries) if one.is_deaf)
        assert all(one.is_deaf for one in entries[begun:heard] if one.is_tick)
        await house.passes(LIMIT_MS - 2 * MINUTE_MS, HALF_HOUR_MS)
        assert house.rung() == []  # whoever moved while it was full has all of the limit before them
        assert house.replayed() == house.engine.found
        await house.close()

    try:
        told(story)
    finally:
        broker.stop()
