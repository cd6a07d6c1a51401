"""Puts homes together: alarms over days, delays with equal weight a home; the worst home is named."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from app.evaluation import leaks
from app.evaluation.onsets import Law
from app.evaluation.scoring import Score
from app.evaluation.statistics import Figures, delays, rate

BOOTSTRAPS = 2_000
DELAY_KEYS = ("mean_delay_h", "median_delay_h", "p90_delay_h", "p95_delay_h")


def report(scores: Sequence[Score]) -> Figures:
    """Return the whole result as a JSON object; records that are all learning days are listed and not pooled."""
    homes = {score.name: score.result | {"baselines": score.baselines} for score in scores}
    learned = [score for score in scores if not score.is_short]
    left_out = [score.name for score in scores if score.is_short] if learned else []
    scores = learned or scores
    motion = [score for score in scores if not score.is_metered]
    water = [score for score in scores if score.is_metered]
    out: Figures = {
        "homes": homes,
        "too_short_to_pool": left_out,
        "pooled": pooled(scores),
        "baselines": _baselines(scores),
    }
    for name, group in (("motion", motion), ("water", water)):
        if group:
            out[f"pooled_{name}"] = pooled(group)
            out[f"baselines_{name}"] = _baselines(group)
    if len(scores) > 1:
        out["bootstrap"] = _bootstrap(scores)
    curve = [point | {"home": score.name} for score in scores for point in score.curve]
    if curve:
        out["curve"] = curve
    return out


def pooled(scores: Sequence[Score]) -> Figures:
    """Return R over several homes."""
    results = [score.result for score in scores]
    days = sum(result["observed_days"] for result in results)

    def alarms(key: str) -> int:
        return sum(result[key]["false_alarms"] for result in results)

    kept = "stage1_without_unproven_absences"
    asked = sum(result["budget"] * result["observed_days"] for result in results) / 30
    rates = {score.name: score.result["stage1"]["false_alarms_per_30d"] or 0.0 for score in scores}
    worst = max(rates, key=lambda name: rates[name])
    return {
        "observed_days": round(days, 2),
        "stage1": rate(alarms("stage1"), days) | _delays(scores, Law.UNIFORM),
        "stage2": rate(alarms("stage2"), days) | _mean_delays([result["stage2"] for result in results]),
        "person_calls": rate(alarms("person_calls"), days),
        "person_calls_to_others": rate(alarms("person_calls_to_others"), days),
        "stage2_by_ladder": rate(alarms("stage2_by_ladder"), days),
        kept: rate(alarms(kept), days),
        "stage2_without_unproven_absences": rate(alarms("stage2_without_unproven_absences"), days),
        "activity_onset": _delays(scores, Law.ACTIVITY),
        "bathroom_onset": _delays(scores, Law.BATHROOM),
        "missed_24h": sum(result["missed_24h"] for result in results),
        "noticed_by": {law: _summed([result["noticed_by"][law] for result in results]) for law in Law},
        "believed_away": _summed([result["believed_away"] for result in results]),
        "leaks": leaks.together((result["leaks"] for result in results), days),
        "budget_ratio": round(alarms(kept) / asked, 3) if asked else None,
        "budget_ratio_by_home": {score.name: score.result["budget_ratio"] for score in scores},
        "worst_home": {"name": worst, "false_alarms_per_30d": rates[worst]},
    }


def _delays(scores: Sequence[Score], law: Law) -> Figures:
    hours = [score.onset_delays[law] for score in scores if score.onset_delays.get(law)]
    weights = [1.0 / len(of_home) for of_home in hours for _ in of_home]
    return delays([hour for of_home in hours for hour in of_home], weights)


def _summed(counts: Sequence[dict[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)  # a count of nought stays, too
    return dict(found.most_common())


def _mean_delays(figures: Sequence[Figures]) -> Figures:
    found: Figures = {}
    for key in DELAY_KEYS:
        values = [each[key] for each in figures if each.get(key) is not None]
        found[key] = round(sum(values) / len(values), 3) if values else None
    return found


def _baselines(scores: Sequence[Score]) -> Figures:
    names = list(dict.fromkeys(name for score in scores for name in score.baselines))
    found: Figures = {}
    for name in names:
        results = [score.baselines[name] for score in scores if name in score.baselines]
        days = sum(result["observed_days"] for result in results)
        found[name] = {
            "observed_days": round(days, 2),
            "homes": len(results),
            "stage1": rate(sum(r["stage1"]["false_alarms"] for r in results), days)
            | _mean_delays([r["stage1"] for r in results]),
            "stage2": rate(sum(r["stage2"]["false_alarms"] for r in results), days)
            | _mean_delays([r["stage2"] for r in results]),
            "activity_onset": _mean_delays([r["activity_onset"] for r in results]),
            "missed_24h": sum(r["missed_24h"] for r in results),
            "onsets": {"all": sum(sum(r.get("onsets", {}).values()) for r in results)},
            "budget_ratio": None,
        }
    return found


def _bootstrap(scores: Sequence[Score]) -> Figures:
    """Return 95 % intervals of ours minus each baseline, over homes drawn with replacement; negative is better."""
    chance = random.Random(1)  # noqa: S311  # a seeded sample, no secret
    draws = [chance.choices(range(len(scores)), k=len(scores)) for _ in range(BOOTSTRAPS)]
    names = [name for name in scores[0].baselines if all(name in score.baselines for score in scores)]
    found: Figures = {}
    for name in names:
        found[name] = {
            "false_alarms_per_30d": _interval(scores, draws, name, lambda r: r["stage1"]["false_alarms_per_30d"]),
            "mean_delay_h": _interval(scores, draws, name, lambda r: r["stage1"]["mean_delay_h"]),
        }
    return found


def _interval(
    scores: Sequence[Score], draws: list[list[int]], name: str, of: Callable[[Figures], float | None]
) -> list[float]:
    differences = np.array([(of(s.result) or 0.0) - (of(s.baselines[name]) or 0.0) for s in scores])
    means = differences[np.array(draws)].mean(1)
    return [round(float(value), 3) for value in np.percentile(means, (2.5, 97.5))]
