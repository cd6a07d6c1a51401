"""Points of the curve of false alarms against delay: ours over the budget, the baselines over their one parameter."""

import msgspec
import numpy as np

from app.evaluation import comparing
from app.evaluation.baselines import FAMILIES, THINNED
from app.evaluation.onsets import Law, choose, inject
from app.evaluation.presence import Presence
from app.evaluation.recordings import Recording
from app.evaluation.ringing import observed_days, rings_of, rung
from app.evaluation.running import Trace
from app.evaluation.statistics import Figures
from core.localtime import DAY_MS
from rules.parameters import RuleParameters

BUDGETS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
CURVE_ONSETS = 200


def curve(
    recording: Recording, parameters: RuleParameters, trace: Trace, presence: Presence, *, burn_ms: int, seed: int
) -> list[Figures]:
    """Return the points of one home."""
    days = observed_days(recording, trace, burn_ms)
    points: list[Figures] = []
    for budget in BUDGETS:
        swept = msgspec.structs.replace(
            parameters,
            budget_first_per_30d=budget,
            budget_first_meter_per_30d=budget,
            budget_second_per_30d=max(budget, parameters.budget_second_per_30d),
        )
        moments = choose(presence, trace, burn_ms, CURVE_ONSETS, f"curve {recording.name} {seed}")
        injected = inject(recording, swept, [moment for moment in moments if moment[1] is Law.UNIFORM])
        rings = rung(rings_of(injected.trace), burn_ms)
        hours = [o.delay_h for o in injected.onsets]
        if hours:
            points.append(_point("Shouwang", budget, len(rings) / days * 30, hours))
    silences, thinned = comparing.silences_h(recording, trace), comparing.thinned_h(recording, trace)
    for family, (make, values) in FAMILIES.items():
        for value in values:
            rows = thinned if family in THINNED else silences
            scored = comparing.score(rows, make(value), (burn_ms - trace.started_ms) / DAY_MS)
            figures = comparing.figures(scored, days)["stage1"]
            points.append(
                {
                    "detector": family,
                    "parameter": value,
                    "false_alarms_per_30d": figures["false_alarms_per_30d"],
                    "median_delay_h": figures["median_delay_h"],
                    "p95_delay_h": figures["p95_delay_h"],
                }
            )
    return points


def _point(detector: str, parameter: float, per_30d: float, hours: list[float]) -> Figures:
    return {
        "detector": detector,
        "parameter": parameter,
        "false_alarms_per_30d": round(per_30d, 3),
        "median_delay_h": round(float(np.median(hours)), 3),
        "p95_delay_h": round(float(np.percentile(hours, 95)), 3),
    }
