"""Scores one home: the product's engine on the untouched record and on every onset, and the baselines beside it."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

import msgspec

from app.evaluation import comparing
from app.evaluation.absences import absences
from app.evaluation.baselines import LOW_WATER, NAMED, THINNED
from app.evaluation.calls import calls_of, is_for_person
from app.evaluation.curves import curve
from app.evaluation.leaks import leaks
from app.evaluation.onsets import Law, Onset, choose, inject, seen_by
from app.evaluation.presence import presence_of
from app.evaluation.recordings import Recording
from app.evaluation.ringing import SILENCE_KINDS, Ring, is_night, observed_days, rings_of, rung, rung_on
from app.evaluation.running import Trace
from app.evaluation.statistics import Figures, delays, rate
from core.localtime import DAY_MS, HOUR_MS, zone
from rules.parameters import RuleParameters

BURN_IN_DAYS = 14.0
SHORT_RECORD_DAYS = 28.0
"""Of a shorter record everything is reported, learning days included; it says so."""

SHORT_BURN_IN_DAYS = 1.0
UNPROVEN_MS = 36 * HOUR_MS
"""A longer silence that no door proves is most probably an absence (spec A7); reported with and without."""


class Score(msgspec.Struct, kw_only=True):
    """What one home came to: R, the baselines' R, the points of the curves, and what is needed to pool."""

    name: str
    is_metered: bool
    is_short: bool  # its record is hardly longer than the learning
    result: Figures
    baselines: dict[str, Figures]
    curve: list[Figures] = []
    onset_delays: dict[str, list[float]] = {}  # law -> hours
    second_delays: list[float] = []  # of uniform onsets, hours


def score_home(
    recording: Recording, parameters: RuleParameters, *, onsets: int, seed: int, with_curve: bool = False
) -> Score:
    """Return the score of a home; the same seed gives the same figures."""
    seen, presence = seen_by(recording, parameters), presence_of(recording)
    length_days = (seen.ended_ms - seen.started_ms) / DAY_MS
    burn_days = BURN_IN_DAYS if length_days >= SHORT_RECORD_DAYS else SHORT_BURN_IN_DAYS
    burn_ms = seen.started_ms + int(burn_days * DAY_MS)
    moments = choose(presence, seen, burn_ms, onsets, f"{recording.name} {seed}", unseen=recording.outages)
    injected = inject(recording, parameters, moments)
    found, trace = injected.onsets, injected.trace
    result = _result(recording, parameters, trace, found, burn_ms)
    result["onsets_left_out"] = injected.left_out.total()
    result["onsets_left_out_by_law"] = dict(injected.left_out)
    result["absences"] = absences(presence, trace, burn_ms)
    result["learning_days_left_out"] = burn_days
    result["skipped_lines"] = dict(recording.skipped)
    result["skipped_at"] = recording.skipped_at
    result["sensors"] = [msgspec.structs.asdict(use) for use in recording.sensors]
    result["notes"] = recording.notes
    observed = result["observed_days"]
    return Score(
        name=recording.name,
        is_metered=recording.is_metered,
        is_short=length_days < SHORT_RECORD_DAYS,
        result=result,
        baselines=_baselines(recording, trace, burn_days, observed),
        curve=curve(recording, parameters, trace, presence, burn_ms=burn_ms, seed=seed) if with_curve else [],
        onset_delays={law: [o.delay_h for o in found if o.law is law] for law in Law},
        second_delays=[o.second_delay_h for o in found if o.law is Law.UNIFORM],
    )


def _result(
    recording: Recording, parameters: RuleParameters, trace: Trace, found: list[Onset], burn_ms: int
) -> Figures:
    days = observed_days(recording, trace, burn_ms)
    rings = rings_of(trace)
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
        **_calls(trace, burn_ms, days),
        "stage1_without_unproven_absences": rate(len(kept), days),
        "stage2_without_unproven_absences": rate(len(kept_second), days),
        "activity_onset": delays([o.delay_h for o in active]),
        "bathroom_onset": delays([o.delay_h for o in bath]),
        "missed_24h": sum(o.delay_h > 24 for o in found),  # noqa: PLR2004  # as the key says
        "onsets": {law: sum(o.law is law for o in found) for law in Law},
        "noticed_by": {law: dict(Counter(o.by for o in found if o.law is law).most_common()) for law in Law},
        "believed_away": {
            "onsets": sum(o.is_believed_away for o in found),
            "missed_24h": sum(o.is_believed_away and o.delay_h > 24 for o in found),  # noqa: PLR2004
        },
        "budget": budget,
        "budget_ratio": round(len(kept) / days * 30 / budget, 3) if days else None,
        "leaks": leaks(recording, trace, days),
        "by_day": rate(len(first) - nights, days),
        "by_night": rate(nights, days),
        "cold_start": {"days": cold_days}
        | rate(len(rung(rings, 0, trace.started_ms + int(cold_days * DAY_MS))), cold_days),
    }


def budget_of(recording: Recording, parameters: RuleParameters) -> float:
    """Return the false alarms of the first stage that are asked for, in 30 days."""
    return parameters.budget_first_meter_per_30d if recording.is_metered else parameters.budget_first_per_30d


def _calls(trace: Trace, since_ms: int, days: float) -> Figures:
    """Return how often the resident was called about the person at all, how often others were, and by which rule."""
    calls = [call for call in calls_of(trace.findings) if call.at_ms >= since_ms]
    others = [call for call in calls if (at_ms := call.reached_others_ms) is not None and at_ms <= trace.ended_ms]
    silent = sum(call.kind in SILENCE_KINDS for call in others)
    kinds = Counter(
        f.kind for f in trace.findings if f.at_ms >= since_ms and f.stage == 1 and not f.is_cleared and is_for_person(f)
    )
    return {
        "person_calls": rate(len(calls), days),
        "person_calls_to_others": rate(len(others), days),
        "stage2_by_ladder": rate(silent, days),
        "person_findings": {kind: rate(count, days) for kind, count in sorted(kinds.items())},
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
    silences, thinned = comparing.silences_h(recording, trace), comparing.thinned_h(recording, trace)
    if not len(silences):
        return {}
    found = {
        name: comparing.figures(
            comparing.score(thinned if name in THINNED else silences, detector, burn_days), observed
        )
        for name, detector in NAMED.items()
    }
    if any(reading.metric == "water_total" for reading in recording.readings[:100]):
        for name, rule in LOW_WATER.items():
            found[name] = comparing.low_water_figures(comparing.low_water(recording, rule, burn_days), observed)
    return found
