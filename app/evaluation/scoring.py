"""Scores one home: the product's engine on the untouched record and on every onset, and the baselines beside it."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

from app.evaluation import comparing
from app.evaluation.baselines import FAMILIES, LOW_WATER, NAMED
from app.evaluation.onsets import PERSON_KINDS, Law, Onset, choose, inject
from app.evaluation.recordings import Recording
from app.evaluation.ringing import Ring, is_night, observed_days, rings_of, rung, rung_on
from app.evaluation.running import Trace, run
from app.evaluation.statistics import Figures, delays, rate
from core.localtime import DAY_MS, HOUR_MS, zone
from rules.findings import FindingKind
from rules.parameters import RuleParameters

BURN_IN_DAYS = 14.0
SHORT_RECORD_DAYS = 28.0
"""Of a shorter record everything is reported, learning days included; it says so."""

SHORT_BURN_IN_DAYS = 1.0
UNPROVEN_MS = 36 * HOUR_MS
"""A longer silence that no door proves is most probably an absence (spec A7); reported with and without."""

BUDGETS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
CURVE_ONSETS = 200


class Score(msgspec.Struct, kw_only=True):
    """What one home came to: R, the baselines' R, the points of the curves, and what is needed to pool."""

    name: str
    is_metered: bool
    is_short: bool  # its record is hardly longer than the learning
    result: Figures
    baselines: dict[str, Figures]
    curve: list[Figures] = []
    onset_delays: dict[str, list[float]] = {}


def score_home(
    recording: Recording, parameters: RuleParameters, *, onsets: int, seed: int, with_curve: bool = False
) -> Score:
    """Return the score of a home; the same seed gives the same figures."""
    trace = run(recording, parameters)
    bathrooms = {d.id for d in recording.home.devices if d.role == "bathroom_motion"}
    trace.bathroom_ms = [r.observed_at_ms for r in recording.readings if r.device_id in bathrooms and r.value is True]
    length_days = (trace.ended_ms - trace.started_ms) / DAY_MS
    burn_days = BURN_IN_DAYS if length_days >= SHORT_RECORD_DAYS else SHORT_BURN_IN_DAYS
    burn_ms = trace.started_ms + int(burn_days * DAY_MS)
    moments = choose(trace, burn_ms, onsets, f"{recording.name} {seed}")
    found, left_out, _ = inject(recording, parameters, moments)
    result = _result(recording, parameters, trace, found, burn_ms)
    result["onsets_left_out"] = left_out
    result["learning_days_left_out"] = burn_days
    result["skipped_lines"] = dict(recording.skipped)
    result["notes"] = recording.notes
    observed = result["observed_days"]
    return Score(
        name=recording.name,
        is_metered=recording.is_metered,
        is_short=length_days < SHORT_RECORD_DAYS,
        result=result,
        baselines=_baselines(recording, trace, burn_days, observed),
        curve=_curve(recording, parameters, trace, burn_ms, seed) if with_curve else [],
        onset_delays={law: [o.delay_h for o in found if o.law is law] for law in Law},
    )


def _result(
    recording: Recording, parameters: RuleParameters, trace: Trace, found: list[Onset], burn_ms: int
) -> Figures:
    days = observed_days(recording, trace, burn_ms)
    rings = rings_of(trace, parameters.second_stage_ms)
    first, second = rung(rings, burn_ms), rung_on(rings, burn_ms)
    kept, kept_second = proven(trace, first), proven(trace, second)
    uniform = [o for o in found if o.law is Law.UNIFORM]
    active = [o for o in found if o.law is Law.ACTIVITY]
    bath = [o for o in found if o.law is Law.BATHROOM]
    budget = budget_of(recording, parameters)
    tz = zone(recording.home.zone_name)
    nights = sum(is_night(ring.at_ms, tz) for ring in first)
    cold_days = min(BURN_IN_DAYS, (trace.ended_ms - trace.started_ms) / DAY_MS)
    return {
        "observed_days": round(days, 2),
        "stage1": rate(len(first), days) | delays([o.delay_h for o in uniform]),
        "stage2": rate(len(second), days) | delays([o.second_delay_h for o in uniform]),
        "person_alarms": rate(_person_alarms(trace, burn_ms), days),
        "stage1_without_unproven_absences": rate(len(kept), days),
        "stage2_without_unproven_absences": rate(len(kept_second), days),
        "activity_onset": delays([o.delay_h for o in active]),
        "bathroom_onset": delays([o.delay_h for o in bath]),
        "missed_24h": sum(o.delay_h > 24 for o in found),  # noqa: PLR2004  # as the key says
        "onsets": {law: sum(o.law is law for o in found) for law in Law},
        "noticed_by": dict(Counter(o.by for o in found)),
        "budget": budget,
        "budget_ratio": round(len(kept) / days * 30 / budget, 3) if days else None,
        "by_day": rate(len(first) - nights, days),
        "by_night": rate(nights, days),
        "absences": _absences(trace, days),
        "cold_start": {"days": cold_days}
        | rate(len(rung(rings, 0, trace.started_ms + int(cold_days * DAY_MS))), cold_days),
    }


def budget_of(recording: Recording, parameters: RuleParameters) -> float:
    """Return the false alarms of the first stage that are asked for, in 30 days."""
    return parameters.budget_first_meter_per_30d if recording.is_metered else parameters.budget_first_per_30d


def _person_alarms(trace: Trace, since_ms: int) -> int:
    """Return how often anything rang that may notice an onset, no_return apart: inactivity, bathroom, came in."""
    kinds = PERSON_KINDS - {FindingKind.NO_RETURN}
    told = (f for f in trace.findings if f.at_ms >= since_ms and f.stage == 1 and not f.is_cleared)
    return sum(f.kind in kinds for f in told)


def _absences(trace: Trace, days: float) -> Figures:
    no_return = sum(f.kind is FindingKind.NO_RETURN and not f.is_cleared for f in trace.findings)
    return {
        "proven": sum(span.label == "proven" for span in trace.absences),
        "unproven": sum(span.label == "unproven" for span in trace.absences),
        "proven_h": round(sum(s.until_ms - s.from_ms for s in trace.absences if s.label == "proven") / HOUR_MS, 1),
        "unproven_h": round(sum(s.until_ms - s.from_ms for s in trace.absences if s.label == "unproven") / HOUR_MS, 1),
        "no_return": rate(no_return, days),
    }


def proven(trace: Trace, rings: Sequence[Ring]) -> list[Ring]:
    """Return the rings whose silence was no journey that no door proves."""
    return [ring for ring in rings if _lasts(trace, ring) <= UNPROVEN_MS]


def _lasts(trace: Trace, ring: Ring) -> int:
    """Return how long the silence of a ring lasted in the end, ms."""
    index = bisect_right(trace.silences, ring.since_ms, key=lambda silence: silence.from_ms) - 1
    end_ms = trace.silences[index].until_ms if index >= 0 else trace.ended_ms
    return (end_ms if end_ms > ring.since_ms else trace.ended_ms) - ring.since_ms


def _baselines(recording: Recording, trace: Trace, burn_days: float, observed: float) -> dict[str, Figures]:
    silences = comparing.silences_h(recording, trace)
    if not len(silences):
        return {}
    found = {
        name: comparing.figures(comparing.score(silences, detector, burn_days), observed)
        for name, detector in NAMED.items()
    }
    if any(reading.metric == "water_total" for reading in recording.readings[:100]):
        for name, rule in LOW_WATER.items():
            found[name] = comparing.low_water_figures(comparing.low_water(recording, rule, burn_days), observed)
    return found


def _curve(recording: Recording, parameters: RuleParameters, trace: Trace, burn_ms: int, seed: int) -> list[Figures]:
    """Return points of the curve: ours over the budget, the baselines over their one parameter."""
    days = observed_days(recording, trace, burn_ms)
    points: list[Figures] = []
    for budget in BUDGETS:
        swept = msgspec.structs.replace(
            parameters,
            budget_first_per_30d=budget,
            budget_first_meter_per_30d=budget,
            budget_second_per_30d=max(budget, parameters.budget_second_per_30d),
        )
        moments = choose(trace, burn_ms, CURVE_ONSETS, f"curve {recording.name} {seed}")
        found, _, swept_trace = inject(recording, swept, [moment for moment in moments if moment[1] is Law.UNIFORM])
        rings = rung(rings_of(swept_trace, swept.second_stage_ms), burn_ms)
        hours = [o.delay_h for o in found]
        if hours:
            points.append(_point("Shouwang", budget, len(rings) / days * 30, hours))
    silences = comparing.silences_h(recording, trace)
    for family, (make, values) in FAMILIES.items():
        for value in values:
            scored = comparing.score(silences, make(value), (burn_ms - trace.started_ms) / DAY_MS)
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
