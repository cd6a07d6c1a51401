"""The demonstration: broker, service, a village or a recording, phones and a clerk, all in this one process."""

import asyncio
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from alerts.model import Outcome
from app.accounts import LocalAccounts
from app.feed import Feed
from app.running import running_service
from app.service import Service
from app.settings import Settings
from app.simulation import CLERK_ANNOUNCED, Simulation, Story, register
from core.errors import ConfigurationError
from core.localtime import to_ms, zone
from device_sim.guessed_map import guessed_sensor_map
from device_sim.registration import Registration
from device_sim.replay import open_replay
from device_sim.sensor_map import SensorMap, load_sensor_map, shipped_sensor_map
from device_sim.village import (
    DEMO_START_MS,
    PhoneHabit,
    Scenario,
    village,
    village_events,
    village_outcomes,
    village_phones,
)
from registry.homes import ContactRole

DEMO_SEED = 7
DEMO_SPEED = 120.0
"""Two simulated minutes a second: somebody falls half a minute after the start, the story ends half a minute later."""

DEMO_SCENARIO = Scenario(fall_minute=60, still_minute=150)
REPLAY_DEMO_SPEED = 3_600.0
DEMO_ACCOUNT, DEMO_PASSWORD = "demo", "shouwang-demo"  # printed: it opens made-up people for a minute
ANSWERS_AFTER_S = 12


def village_story() -> Story:
    """Return the village of twelve homes in which one person falls and another sits still for too long."""
    return Story(
        registrations=village(DEMO_SEED),
        messages=village_events(DEMO_SEED, DEMO_START_MS, None, DEMO_SCENARIO),
        habits=village_phones(DEMO_SEED),
        outcomes=village_outcomes(),
        start_ms=DEMO_START_MS,
    )


def replay_story(path: Path, *, sensor_map: str = "", silence_from: str = "", show: Callable[[str], None]) -> Story:
    """Return the story of a recording; `silence_from` is a local time at which its sensors fall silent."""
    chosen = _map_of(path, sensor_map, show)
    silence_ms = _local_ms(silence_from, chosen) if silence_from else None
    replay = open_replay(path, chosen, silence_from_ms=silence_ms)
    return Story(
        registrations=[chosen.registration],
        messages=replay.source(),
        habits=_recorded_habits(chosen.registration),
        outcomes={} if silence_ms is None else {chosen.registration.home.id: Outcome.TAKEN_TO_HOSPITAL},
        start_ms=replay.start_ms - 1,
        until_ms=replay.until_ms,
    )


async def run_demo(story: Story, speed: float | None, show: Callable[[str], None]) -> None:
    """Run until the story ends or the task is cancelled; everything is stopped and the data removed."""
    with tempfile.TemporaryDirectory(prefix="shouwang-demo-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data_dir=Path(folder), clock="driven", mqtt_port=0, http_port=0, ack_wait_s=2)
        service = Service(settings)
        await service.start()
        try:
            await asyncio.to_thread(_prepare, service, story)
            service.changes.listen(Feed(service.truth, zone(settings.zone), show).tell)
            show(f"守望值班台 console  {service.base_url}   账号 account {DEMO_ACCOUNT}  密码 password {DEMO_PASSWORD}")
            show(CLERK_ANNOUNCED)
            homes = len(story.registrations)
            pace = "as fast as it goes" if speed is None else f"× {speed:g}"
            show(f"{homes} 户 homes · 时间 time {pace} · 按 Ctrl-C 结束 to stop\n")
            simulation = Simulation(Path(folder), running_service(Path(folder)), story, speed=speed)
            playing = asyncio.create_task(simulation.run())
            waiting = asyncio.create_task(service.wait())
            try:
                await asyncio.wait({playing, waiting}, return_when=asyncio.FIRST_COMPLETED)
                for task in (playing, waiting):
                    if task.done():
                        task.result()
                if playing.done():
                    show(f"\n故事结束 the story has ended: {playing.result().events_published} readings")
            finally:
                playing.cancel()
                waiting.cancel()
                await asyncio.gather(playing, waiting, return_exceptions=True)
        finally:
            await service.stop()


def _prepare(service: Service, story: Story) -> None:
    register(service.truth, story.registrations)
    LocalAccounts(service.truth).create(DEMO_ACCOUNT, DEMO_PASSWORD, may_replace=True)


def _recorded_habits(registration: Registration) -> list[PhoneHabit]:
    """Return the phones of a recorded home: nobody picks up at home, the first relative does."""
    first = next((c for c in registration.contacts if c.role is ContactRole.FAMILY), None)
    habits = [PhoneHabit(registration.person.phone)]
    habits += [
        PhoneHabit(c.phone, ANSWERS_AFTER_S, "1") if c is first else PhoneHabit(c.phone) for c in registration.contacts
    ]
    return [habit for habit in habits if habit.phone]


def _map_of(path: Path, sensor_map: str, show: Callable[[str], None]) -> SensorMap:
    if sensor_map:
        file = Path(sensor_map)
        return load_sensor_map(file) if file.exists() else shipped_sensor_map(sensor_map)
    name = path.name.partition("_")[0].partition(".")[0]
    try:
        return shipped_sensor_map(name)
    except ConfigurationError:
        guessed, sentences = guessed_sensor_map(path, name)
        for sentence in sentences:
            show(sentence)
        return guessed


def _local_ms(text: str, sensor_map: SensorMap) -> int:
    try:
        return to_ms(datetime.fromisoformat(text).replace(tzinfo=sensor_map.tz))
    except ValueError as error:
        raise ConfigurationError(
            f"{text!r} is no time", where="--silence-from", remedy="write it as 2016-07-17T10:00"
        ) from error
