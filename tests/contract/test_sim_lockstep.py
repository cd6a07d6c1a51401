"""The publisher keeps the protocol of the driven clock with a real broker, whoever dies in between."""

import asyncio
import json
import logging
from itertools import pairwise

from sim_service import ScriptedActor, SettlingService, motions, settings_for

from device_sim.lockstep import Lockstep, Progress
from device_sim.steps import MAX_STEP_MS

T0 = 1_700_000_000_000
MINUTE, HOUR = 60_000, 3_600_000
WAIT_S = 60


def run(story):
    return asyncio.run(asyncio.wait_for(story, WAIT_S))


def drive(broker, service, messages, *, actors=(), more=None, **options):
    async def story():
        async with service.running():
            return await Lockstep(settings_for(broker, **(more or {})), iter(messages), actors, **options).run()

    return run(story())


def flowing(count):
    return motions(*(T0 + 7_000 * n for n in range(count)))


def test_a_tick_comes_first_and_each_reading_before_the_tick_that_covers_it(broker):
    service = SettlingService(broker)
    messages = flowing(300)
    report = drive(broker, service, messages)
    assert report.events_published == 300
    assert sorted(service.readings) == sorted((m.topic, m.payload) for m in messages)
    assert service.heard[0] == (
        "shouwang/clock",
        json.dumps({"now_ms": T0 - 1, "tick": 1}, separators=(",", ":")).encode(),
    )
    assert [number for number, _ in service.ticks] == list(range(1, report.ticks + 1))
    assert all(0 < b - a <= MAX_STEP_MS for a, b in pairwise(service.times))
    assert service.times[-1] >= messages[-1].at_ms


def test_a_long_silence_is_jumped_over_but_the_reading_after_it_arrives_in_time(broker):
    service = SettlingService(broker)
    drive(broker, service, motions(T0, T0 + 5 * HOUR))
    assert service.times == [T0 - 1, T0 - 1 + MAX_STEP_MS, T0 + 5 * HOUR - 1, T0 + 5 * HOUR - 1 + MAX_STEP_MS]


def test_it_stops_at_each_time_the_service_or_an_actor_waits_for(broker):
    deadlines = [T0 + 90_500, T0 + HOUR]
    service = SettlingService(broker, lambda now: next((d for d in deadlines if d > now), None))
    actor = ScriptedActor(T0 + 30_250, T0 + 2 * HOUR)
    drive(broker, service, motions(T0, T0 + 80_000), actors=[actor])
    assert {T0 + 30_250, T0 + 90_500, T0 + HOUR, T0 + 2 * HOUR} <= set(service.times)
    assert actor.acted == [(T0 + 30_250, T0 + 30_250), (T0 + 2 * HOUR, T0 + 2 * HOUR)]
    assert actor.told == service.times


def test_the_service_is_asked_again_at_once_after_somebody_acted(broker):
    service = SettlingService(broker)
    drive(broker, service, motions(T0), actors=[ScriptedActor(T0 + HOUR)])
    assert service.times[-2:] == [T0 + HOUR, T0 + HOUR + 1]


def test_time_goes_on_to_the_end_and_through_the_tail_while_something_is_pending_and_no_further(broker):
    service = SettlingService(broker, lambda now: now + 45 * MINUTE)
    drive(broker, service, motions(T0), until_ms=T0 + HOUR, more={"tail_ms": 2 * HOUR})
    assert T0 + HOUR in service.times
    assert T0 + 2 * HOUR < service.times[-1] <= T0 + 3 * HOUR


def test_a_tick_without_an_answer_is_sent_again_under_its_own_number(broker):
    service = SettlingService(broker)
    service.ignored = 2
    report = drive(broker, service, flowing(3))
    assert report.resends >= 2
    assert [number for number, _ in service.ticks[:3]] == [1, 1, 1]
    assert report.events_published == 3


def test_an_answer_given_twice_moves_nothing_twice(broker):
    service = SettlingService(broker)
    service.answers = 2
    report = drive(broker, service, flowing(60))
    assert [number for number, _ in service.ticks] == list(range(1, report.ticks + 1))
    assert len(set(service.readings)) == 60


def test_a_service_that_is_gone_for_a_while_misses_nothing(broker):
    service = SettlingService(broker)
    messages = flowing(400)

    async def story():
        progress: asyncio.Queue[Progress] = asyncio.Queue()
        lockstep = Lockstep(settings_for(broker), iter(messages), on_progress=progress.put_nowait)
        async with service.running():
            driving = asyncio.create_task(lockstep.run())
            while (await progress.get()).ticks < 5:
                pass
            await service.deaf_to(3)  # its last words: ticks heard and never answered
        async with service.running():
            return await driving

    report = run(story())
    assert report.resends >= 3
    assert report.events_published == 400
    assert set(service.readings) == {(m.topic, m.payload) for m in messages}
    assert sorted(service.times) == service.times


def test_a_broker_that_restarts_costs_no_reading_and_no_tick(broker):
    service = SettlingService(broker)
    messages = flowing(400)

    async def story():
        progress: asyncio.Queue[Progress] = asyncio.Queue()
        lockstep = Lockstep(settings_for(broker), iter(messages), on_progress=progress.put_nowait)
        async with service.running():
            driving = asyncio.create_task(lockstep.run())
            for ticks in (2, 6):
                while (await progress.get()).ticks < ticks:
                    pass
                await asyncio.to_thread(broker.stop)
                await asyncio.to_thread(broker.start)
            return await driving

    report = run(story())
    assert report.events_published == 400
    assert set(service.readings) == {(m.topic, m.payload) for m in messages}
    assert sorted(service.times) == service.times


def test_it_waits_for_a_broker_that_is_not_there_yet_and_says_so_once(broker, caplog):
    service = SettlingService(broker)
    broker.stop()

    async def story():
        said = asyncio.Event()
        log = logging.getLogger("device_sim.lockstep")
        log.addFilter(lambda _record: said.set() is None)
        driving = asyncio.create_task(Lockstep(settings_for(broker), iter(flowing(3))).run())
        await said.wait()
        log.filters.clear()
        await asyncio.to_thread(broker.start)
        async with service.running():
            return await driving

    assert run(story()).events_published == 3
    assert len([r for r in caplog.records if r.name == "device_sim.lockstep"]) == 1


def test_a_run_can_be_cancelled_while_it_waits_for_an_answer(broker):
    service = SettlingService(broker)

    async def story():
        async with service.running():
            driving = asyncio.create_task(Lockstep(settings_for(broker), iter(flowing(3))).run())
            await service.deaf_to(1)
            driving.cancel()
            await asyncio.gather(driving, return_exceptions=True)
            return driving.cancelled()

    assert run(story())
