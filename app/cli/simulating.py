"""Commands that play devices: demo (everything in one process), replay and sim (against a running service)."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.options import Config, DataDir, settings_of
from app.cli.signals import until_signalled
from app.demo import DEMO_SPEED, REPLAY_DEMO_SPEED, replay_story, run_demo, village_story
from app.files import DataFiles
from app.running import running_service
from app.simulation import CLERK_ANNOUNCED, Simulation, Story
from core.errors import ConfigurationError

Speed = Annotated[str, typer.Option(help="Simulated seconds per second, or max")]
Recording = Annotated[
    Path,
    typer.Argument(help="A recording: CSV of local_time,sensor,value or lines as CASAS has them; plain or gzipped"),
]
SensorMapName = Annotated[str, typer.Option("--map", help="Sensor map: a TOML file, or the name of a shipped one")]
SilenceFrom = Annotated[str, typer.Option(help="Local time from which the sensors say nothing more")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(demo)
    app.command()(replay)
    app.command()(sim)


def demo(
    recording: Annotated[Path | None, typer.Option("--replay", help="A recorded home instead of the village")] = None,
    speed: Annotated[str, typer.Option(help="Simulated seconds per second, or max")] = "",
    silence_from: SilenceFrom = "",
) -> None:
    """Show the whole service on made-up homes, or on a recorded one; needs nothing and leaves nothing behind."""
    if recording is None:
        story, usual = village_story(), DEMO_SPEED
    else:
        story, usual = replay_story(recording, silence_from=silence_from, show=_show), REPLAY_DEMO_SPEED
    pace = _speed(speed) if speed else usual
    asyncio.run(until_signalled(lambda: run_demo(story, pace, _show)))


def replay(
    file: Recording,
    format: Annotated[Literal["casas"], typer.Option(help="How the file is written")] = "casas",  # noqa: A002  # the option's name
    speed: Speed = "max",
    silence_from: SilenceFrom = "",
    sensor_map: SensorMapName = "",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Publish a recording through MQTT as the devices of one home; the service must run with --clock driven."""
    _ = format  # one format so far; the option keeps command lines valid when there are more
    _play(replay_story(file, sensor_map=sensor_map, silence_from=silence_from, show=_show), speed, config, data_dir)


def sim(speed: Speed = "120", config: Config = None, data_dir: DataDir = None) -> None:
    """Let the simulated village of twelve homes live; the service must run with --clock driven."""
    _play(village_story(), speed, config, data_dir)


def _play(story: Story, speed: str, config: Path | None, data_dir: Path | None) -> None:
    settings = settings_of(config, data_dir)
    DataFiles(settings.data_dir).refuse_driven_clock()
    service = running_service(settings.data_dir)
    simulation = Simulation(settings.data_dir, service, story, speed=_speed(speed))
    _show(CLERK_ANNOUNCED)

    async def run() -> None:
        report = await simulation.run()
        print(f"{report.events_published} readings in {report.ticks} steps; {report.resends} ticks sent again")

    asyncio.run(until_signalled(run))


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if speed <= 0:
        raise ConfigurationError(f"{text!r} is no speed", where="--speed", remedy="a number above 0, or max")
    return speed


def _show(line: str) -> None:
    print(line, flush=True)
