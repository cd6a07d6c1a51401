"""The command that scores the detector on recorded homes: rules evaluate."""

import json
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from app.cli import evaluation_tables
from app.cli.options import check_writable
from app.evaluation import picture as pictures
from app.evaluation.leaving_out import chosen
from app.evaluation.pooling import report
from app.evaluation.recordings import Recording
from app.evaluation.robustness import all_runs, robustness
from app.evaluation.scoring import Score, score_home
from app.evaluation.statistics import Figures
from app.evaluation.tables import read_dataset
from core.clock import monotonic_s
from core.errors import ConfigurationError
from core.localtime import DAY_MS
from rules.parameters import RuleParameters

T = TypeVar("T")

WORKERS = 2
"""Homes scored at the same time: what a small machine has."""


def add_to(rules_app: typer.Typer) -> None:
    """Register the command."""
    rules_app.command()(evaluate)


def evaluate(
    datasets: Annotated[list[str], typer.Argument(help="Files, or NAME=FILE; docs/evaluation.md tells the formats")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw false alarms against delay: .svg or .png")] = None,
    maps: Annotated[list[Path] | None, typer.Option("--map", help="Sensor map of the first, second ... CSV")] = None,
    onsets: Annotated[int, typer.Option(min=1, help="Incapacities put into each home, for each law")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures")] = 1,
    budget: Annotated[float | None, typer.Option(help="False alarms of the first stage asked for, in 30 days")] = None,
    robust: Annotated[bool, typer.Option("--robustness/--no-robustness", help="Also with broken sensors")] = False,
    left_out: Annotated[
        bool, typer.Option("--leave-one-home-out", help="Choose what is open for a home on the other homes")
    ] = False,
    all_households: Annotated[bool, typer.Option(help="Water: homes of several people too")] = False,
) -> None:
    """Score the detector on recorded homes: false alarms, delays of injected incapacities, baselines, intervals."""
    started_s = monotonic_s()
    check_writable(json_file, where="--json")
    check_writable(picture, where="--picture")
    if picture is not None:
        pictures.check_name(picture)
    recordings = _read(datasets, maps or [], every_household=all_households)
    parameters = _parameters(budget)
    for recording in recordings:
        evaluation_tables.show_reading(recording)
    wanted = Wanted(onsets, seed, with_curve=picture is not None, robust=robust, left_out=left_out)
    found = _scored(recordings, parameters, wanted, started_s)
    if picture is not None:
        pictures.draw(found, picture)
    if json_file is not None:
        _write(json_file, found)
    evaluation_tables.show(found)
    if robust:
        evaluation_tables.show_robustness(found)
    for what, path in (("图 picture", picture), ("JSON", json_file)):
        if path is not None:
            print(f"{what}: {path}")
    print(f"用时 took {monotonic_s() - started_s:.0f} s, {len(recordings)} 户 homes, 种子 seed {seed}")


class Wanted(msgspec.Struct, frozen=True):
    """What a run is to hold."""

    onsets: int
    seed: int
    with_curve: bool
    robust: bool
    left_out: bool


def _scored(recordings: Sequence[Recording], parameters: RuleParameters, wanted: Wanted, started_s: float) -> Figures:
    """Return the report; broken records are run only once every file is known to be of use."""
    with ProcessPoolExecutor(WORKERS) as pool:
        own = chosen(recordings, parameters, wanted.seed, pool.map) if wanted.left_out else dict[str, RuleParameters]()
        score = partial(score_home, onsets=wanted.onsets, seed=wanted.seed, with_curve=wanted.with_curve)
        scoring = {r.name: pool.submit(score, r, own.get(r.name, parameters)) for r in recordings}
        scores = _awaited(scoring, "评估 scored", started_s)
        _refuse_unscored(recordings, scores)
        found = report(scores) | _choices(own)
        if wanted.robust:
            breaking = {r.name: pool.submit(robustness, r, parameters, wanted.seed) for r in recordings}
            for name, runs in zip(breaking, _awaited(breaking, "演练 broken", started_s), strict=True):
                found["homes"][name]["robustness"] = runs
            every = (run for home in found["homes"].values() for run in home["robustness"].values())
            found["robustness"] = all_runs(every)
    return found


def _awaited(jobs: dict[str, Future[T]], word: str, started_s: float) -> list[T]:
    """Return the results in order, telling on the error stream which came when."""
    names = {job: name for name, job in jobs.items()}
    for count, job in enumerate(as_completed(jobs.values()), start=1):
        told = f"[{count}/{len(jobs)}] {word} {names[job]} ({monotonic_s() - started_s:.0f} s)"
        print(told, file=sys.stderr, flush=True)
        job.result()  # an error is told at once, not after the slowest home
    return [job.result() for job in jobs.values()]


def _refuse_unscored(recordings: Sequence[Recording], scores: Sequence[Score]) -> None:
    """Raise ConfigurationError for a file in no home of which an onset could be placed; tell single homes."""
    without = {s.name for s in scores if not sum(s.result["onsets"].values())}
    for source in dict.fromkeys(recording.source for recording in recordings):
        of_file = [recording for recording in recordings if recording.source == source]
        if {recording.name for recording in of_file} <= without:
            days = max((r.ends_ms - r.readings[0].observed_at_ms) / DAY_MS for r in of_file)
            raise ConfigurationError(
                f"no onset could be placed in it: {days:.1f} days, of which the first are learned from, and somebody "
                "must be seen at home after them",
                where=f"{source}, line 1",
                remedy="give a longer recording, or a map that names its sensors; docs/evaluation.md",
            )
    for name in sorted(without):
        print(f"! {name}: 放不进失能 no onset could be placed", file=sys.stderr)


def _write(path: Path, found: Figures) -> None:
    try:
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot be written ({error})", where=str(path), remedy="choose another") from error


def _choices(own: dict[str, RuleParameters]) -> Figures:
    if not own:
        return {}
    shares = {name: {"even_share": p.even_share, "even_share_meter": p.even_share_meter} for name, p in own.items()}
    return {"chosen_on_other_homes": shares}


def _read(datasets: list[str], maps: list[Path], *, every_household: bool) -> list[Recording]:
    recordings: list[Recording] = []
    for index, text in enumerate(datasets):
        name, _, file = text.partition("=") if "=" in text and not Path(text).exists() else ("", "", text)
        path = Path(file)
        plain = name or path.name.removesuffix(".gz").removesuffix(".csv")
        map_path = maps[index] if index < len(maps) else None
        recordings += read_dataset(path, plain, map_path, every_household=every_household)
    usable = [recording for recording in recordings if recording.readings]
    taken: set[str] = set()
    for recording in usable:
        if recording.name in taken:
            raise ConfigurationError(f"two homes named {recording.name}", where="DATASET", remedy="use NAME=FILE")
        taken.add(recording.name)
    if not usable:
        where = f"{datasets[0].partition('=')[2] or datasets[0]}, line 2"
        raise ConfigurationError("no home in it has a reading", where=where, remedy="give a file with readings")
    return usable


def _parameters(budget: float | None) -> RuleParameters:
    if budget is None:
        return RuleParameters()
    if not budget > 0:
        raise ConfigurationError(f"a budget of {budget}", where="--budget", remedy="a number above 0")
    return msgspec.structs.replace(
        RuleParameters(),
        budget_first_per_30d=budget,
        budget_first_meter_per_30d=budget,
    )
