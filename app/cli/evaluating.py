"""The command that scores the detector on recorded homes: rules evaluate."""

import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from app.cli.options import check_writable
from app.evaluation import picture as pictures
from app.evaluation.leaving_out import chosen
from app.evaluation.pooling import report
from app.evaluation.recordings import Recording
from app.evaluation.robustness import robustness
from app.evaluation.scoring import Score, score_home
from app.evaluation.statistics import Figures
from app.evaluation.tables import read_dataset
from core.errors import ConfigurationError
from rules.parameters import RuleParameters

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
    onsets: Annotated[int, typer.Option(help="Incapacities put into each home, for each law")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures")] = 1,
    budget: Annotated[float | None, typer.Option(help="False alarms of the first stage asked for, in 30 days")] = None,
    robust: Annotated[bool, typer.Option("--robustness/--no-robustness", help="Also with broken sensors")] = False,
    left_out: Annotated[
        bool, typer.Option("--leave-one-home-out", help="Choose what is open for a home on the other homes")
    ] = False,
    all_households: Annotated[bool, typer.Option(help="Water: homes of several people too")] = False,
) -> None:
    """Score the detector on recorded homes: false alarms, delays of injected incapacities, baselines, intervals."""
    check_writable(json_file, where="--json")
    check_writable(picture, where="--picture")
    if picture is not None:
        pictures.check_name(picture)
    recordings = _read(datasets, maps or [], every_household=all_households)
    parameters = _parameters(budget)
    with ProcessPoolExecutor(WORKERS) as pool:
        own = chosen(recordings, parameters, seed, pool.map) if left_out else dict[str, RuleParameters]()
        score = partial(score_home, onsets=onsets, seed=seed, with_curve=picture is not None)
        jobs = [pool.submit(score, r, own.get(r.name, parameters)) for r in recordings]
        found = report([_told(job.result()) for job in jobs]) | _choices(own)
        if robust:
            runs = [pool.submit(robustness, r, parameters, seed) for r in recordings]
            for recording, run in zip(recordings, runs, strict=True):
                found["homes"][recording.name]["robustness"] = run.result()
            found["robustness"] = _all_runs(found["homes"])
    if picture is not None:
        pictures.draw(found, picture)
        print(f"picture: {picture}")
    if json_file is not None:
        json_file.write_text(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False), encoding="utf-8")
        print(f"json: {json_file}")
    _print(found)


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


def _told(score: Score) -> Score:
    result = score.result
    print(f"{score.name}: {result['observed_days']} days, {sum(result['onsets'].values())} onsets", flush=True)
    for reason, count in result["skipped_lines"].items():
        print(f"    {count} lines skipped: {reason}")
    return score


def _all_runs(homes: Figures) -> Figures:
    runs = [run for home in homes.values() for run in home["robustness"].values()]
    faults = sum(run["faults"] for run in runs)
    raised = sum(run["faults_raised"] for run in runs)
    return {
        "person_alerts_by_faults": sum(run["person_alerts_by_fault"] for run in runs if run["is_pure_fault"]),
        "faults": faults,
        "faults_raised": raised,
        "share_raised": round(raised / faults, 3) if faults else None,
    }


def _print(found: Figures) -> None:
    print(f"\n{'':42s}{'days':>7s}{'false/30d':>10s}{'95 %':>15s}{'mean h':>8s}{'p95 h':>8s}{'stage 2':>9s}")
    rows: Figures = dict(found["homes"])
    rows |= {key: found[key] for key in ("pooled_motion", "pooled_water", "pooled") if key in found}
    for name, result in rows.items():
        print(_row(name, result))
        without = result["stage1_without_unproven_absences"]["false_alarms_per_30d"]
        if without != result["stage1"]["false_alarms_per_30d"]:
            second = result["stage2_without_unproven_absences"]["false_alarms_per_30d"]
            print(f"    without silences above 36 h that no door proves: {without}, stage 2 {second}")
    for group in ("baselines_motion", "baselines_water"):
        if group in found:
            print(f"\n{group.replace('_', ' of ')} homes, pooled")
            for name, result in found[group].items():
                print(_row(f"  {name}", result))
    missed, ratio = found["pooled"]["missed_24h"], found["pooled"]["budget_ratio"]
    active = found["pooled"]["activity_onset"]
    print(f"\nfalls while active: median {active['median_delay_h']} h, p95 {active['p95_delay_h']} h")
    print(f"not noticed within 24 h: {missed}; budget realised / asked: {ratio}")
    if "robustness" in found:
        print(f"robustness: {found['robustness']}")


def _row(name: str, result: Figures) -> str:
    first, second = result["stage1"], result["stage2"]
    low, high = first["ci95"] or (0.0, 0.0)
    cells = (first["false_alarms_per_30d"], first["mean_delay_h"], first["p95_delay_h"], second["false_alarms_per_30d"])
    per_30d, mean_h, p95_h, others = ("-" if cell is None else f"{cell:.2f}" for cell in cells)
    interval = f"[{low:.2f}, {high:.2f}]"
    return f"{name:42s}{result['observed_days']:7.0f}{per_30d:>10s}{interval:>15s}{mean_h:>8s}{p95_h:>8s}{others:>9s}"
