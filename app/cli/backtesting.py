"""The command that tries a change of limits on a home's own history before it is enabled: rules backtest."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from app.cli import backtest_tables
from app.cli.options import Config, DataDir, check_writable, settings_of
from app.cli.rulebooks import registered_home, rulebook_of_settings
from app.evaluation.backtest_report import pooled, report
from app.evaluation.backtesting import follow, moments_of
from app.evaluation.histories import history_of
from app.evaluation.incidents import Incident, incidents_of
from app.evaluation.proposals import Proposal, Trial, in_force, preset_of, proposals, setting_of
from app.evaluation.recordings import Recording
from app.evaluation.statistics import Figures
from app.evaluation.tables import read_dataset
from app.evaluation.windows import Window, earliest_ms, window_of, within
from app.files import DataFiles
from app.rules_files import read_rulebook
from app.settings import Settings
from core.errors import ConfigurationError, NotFoundError
from registry.homes import Home
from rules.presets import built_in_presets
from rules.rulebook import Rulebook
from store.journal import Journal

WORKERS = 2
"""Sets of limits run at the same time: what a small machine has."""

MOST_ONSETS = 10_000
"""More change no figure that is shown."""


class Subject(msgspec.Struct, frozen=True):
    """One home to try limits on: its history, the days of it that count, what humans found."""

    recording: Recording
    window: Window
    tried: list[Proposal]  # the limits in force first
    incidents: list[Incident] = []


def add_to(rules_app: typer.Typer) -> None:
    """Register the command."""
    rules_app.command()(backtest)


def backtest(
    home: Annotated[str, typer.Argument(help="The home's id: shouwang registry list; or a home of --recording")] = "",
    recording: Annotated[
        Path | None, typer.Option(help="A recorded home (docs/evaluation.md), not the journal")
    ] = None,
    sensor_map: Annotated[Path | None, typer.Option("--map", help="Sensor map of the recording")] = None,
    days: Annotated[int, typer.Option(min=1, help="Days that count; those before are only learned from")] = 90,
    rules: Annotated[Path | None, typer.Option(help="Try a rulebook")] = None,
    preset: Annotated[list[str] | None, typer.Option(help="Try a preset (rules presets); may be repeated")] = None,
    all_presets: Annotated[bool, typer.Option("--all-presets", help="Try every preset")] = False,
    limits: Annotated[list[str] | None, typer.Option("--set", help="Try limit=value; may be repeated")] = None,
    onsets: Annotated[int, typer.Option(min=1, max=MOST_ONSETS, help="Incapacities put into the history")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON")] = None,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Say what a change of limits would have done on a home's own history, beside the rules in force."""
    check_writable(json_file, where="--json")
    settings = settings_of(config, data_dir)
    rulebook = rulebook_of_settings(settings)
    trial = _trial(rules, preset or [], limits or [], all_presets=all_presets)
    if recording is not None:
        subjects = _recorded(recording, sensor_map, home, days, rulebook, trial)
    elif sensor_map is not None:
        raise ConfigurationError("a map without a recording", where="--map", remedy="add --recording FILE")
    else:
        subjects = _registered(settings, home, days, rulebook, trial)
    found: list[Figures] = []
    with ProcessPoolExecutor(WORKERS) as pool:
        for subject in subjects:
            found.append(_report(subject, onsets, seed, pool))
            backtest_tables.show(found[-1], days)
    together = pooled(found) if len(found) > 1 else []
    backtest_tables.show_together(together)
    if json_file is not None:
        _write(json_file, {"homes": {one["home"]: one for one in found}, "pooled": together})


def _trial(rules: Path | None, presets: Sequence[str], limits: Sequence[str], *, all_presets: bool) -> Trial:
    every = [one.name for one in built_in_presets()] if all_presets else []
    return Trial(
        rulebook=None if rules is None else read_rulebook(rules),
        rulebook_name="" if rules is None else rules.name,
        presets=tuple(dict.fromkeys(preset_of(name) for name in [*presets, *every])),
        limits=dict(setting_of(text) for text in limits),
    )


def _report(subject: Subject, onsets: int, seed: int, pool: Executor) -> Figures:
    recording, window = subject.recording, subject.window
    moments = moments_of(window, onsets, f"backtest {recording.name} {seed}")
    different = dict.fromkeys(one.parameters for one in subject.tried)  # a preset may be in force already
    jobs = {limits: pool.submit(follow, recording, limits, window, moments) for limits in different}
    tried = [(one, jobs[one.parameters].result()) for one in subject.tried]
    return report(recording, window, tried, moments=moments, incidents=subject.incidents)


def _tried(home: Home, rulebook: Rulebook, trial: Trial) -> list[Proposal]:
    return [in_force(home, rulebook), *proposals(home, rulebook, trial)]


def _registered(settings: Settings, home_id: str, days: int, rulebook: Rulebook, trial: Trial) -> Iterator[Subject]:
    if not home_id:
        raise ConfigurationError(
            "neither a home nor a recording", where="rules backtest", remedy="name a home, or --recording FILE"
        )
    home = registered_home(settings, home_id)
    tried = _tried(home, rulebook, trial)
    files = DataFiles(settings.data_dir)
    if not files.journal.exists():
        raise NotFoundError("no journal here: nothing was ever received")
    journal = Journal(files.journal)
    try:
        bare = msgspec.structs.replace(home, limits={})  # what is tried has them already
        history = history_of(journal, bare, earliest_ms(journal.last()[1], days))
    finally:
        journal.close()
    truth = files.open_truth()
    try:
        incidents = incidents_of(truth, home.id)
    finally:
        truth.close()
    window = window_of(history.readings[0].received_at_ms, history.ends_ms, days)
    yield Subject(history, window, tried, incidents)


def _recorded(
    path: Path, sensor_map: Path | None, name: str, days: int, rulebook: Rulebook, trial: Trial
) -> Iterator[Subject]:
    if not path.exists():
        raise ConfigurationError("there is no such file", where=f"--recording {path}", remedy="name another")
    plain = path.name.removesuffix(".gz").removesuffix(".csv")
    found = [one for one in read_dataset(path, plain, sensor_map, every_household=False) if one.readings]
    chosen = [one for one in found if name in {"", one.name, one.home.id}]
    if not chosen:
        known = ", ".join(one.name for one in found)
        raise ConfigurationError(f"no home {name!r} in it", where=str(path), remedy=f"name one of {known}, or none")
    for one in chosen:
        window = window_of(one.readings[0].observed_at_ms, one.ends_ms, days)
        yield Subject(within(one, window), window, _tried(one.home, rulebook, trial))


def _write(path: Path, found: Figures) -> None:
    try:
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot be written ({error})", where=str(path), remedy="choose another") from error
    print(f"json: {path}")
