"""Chooses what the detector leaves open for a home on the other homes of the run, never on the home that is scored."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from app.evaluation.onsets import Law, choose, inject, seen_by
from app.evaluation.presence import presence_of
from app.evaluation.recordings import Recording
from app.evaluation.ringing import observed_days, rings_of, rung
from app.evaluation.scoring import BURN_IN_DAYS, budget_of, proven
from core.localtime import DAY_MS
from rules.parameters import RuleParameters

LEAST_HOMES = 3
"""With fewer, one other home alone would choose; the values that ship are then used."""

EVEN_SHARES = (0.1, 0.2, 0.35, 0.5, 0.7)
"""The one number that was chosen by measuring (ADR 6): the share of the clock that runs evenly."""

ONSETS = 200
OVER_BUDGET = 1.1
"""A choice that rings more than a tenth above the budget is no choice, however early it notices."""


class Trial(msgspec.Struct, frozen=True):
    """What one value came to in one home."""

    share: float
    false_alarms: int
    observed_days: float
    mean_delay_h: float


Job = tuple[Recording, RuleParameters, float, int]
"""A home, the parameters in force, the share that is tried, the seed."""

Mapped = Callable[[Callable[[Job], "Trial"], Iterable[Job]], Iterable["Trial"]]
"""Runs the trials, in order: the built-in map, or that of a pool."""


def chosen(
    recordings: Sequence[Recording], parameters: RuleParameters, seed: int, mapped: Mapped
) -> dict[str, RuleParameters]:
    """Return for each home the parameters that did best on the others of its kind; `mapped` runs the trials."""
    found: dict[str, RuleParameters] = {}
    for is_metered in (False, True):
        group = [recording for recording in recordings if recording.is_metered is is_metered]
        if len(group) < LEAST_HOMES:
            found |= {recording.name: parameters for recording in group}
            continue
        jobs = [(recording, parameters, share, seed) for recording in group for share in EVEN_SHARES]
        trials = list(mapped(trial, jobs))
        by_home = [trials[index : index + len(EVEN_SHARES)] for index in range(0, len(trials), len(EVEN_SHARES))]
        for index, recording in enumerate(group):
            others = [each for other, each in enumerate(by_home) if other != index]
            share = best_share(others, budget_of(recording, parameters))
            found[recording.name] = with_share(parameters, share, is_metered=is_metered)
    return found


def best_share(homes: Sequence[Sequence[Trial]], budget_per_30d: float) -> float:
    """Return the value that notices soonest over some homes within the budget; when none keeps it, the quietest."""
    rates: dict[float, float] = {}
    delays: dict[float, float] = {}
    for trials in zip(*homes, strict=True):
        share = trials[0].share
        rates[share] = sum(t.false_alarms for t in trials) / sum(t.observed_days for t in trials) * 30
        delays[share] = sum(t.mean_delay_h for t in trials) / len(trials)
    kept = [share for share, rate in rates.items() if rate <= budget_per_30d * OVER_BUDGET]
    return min(kept, key=lambda share: delays[share]) if kept else min(rates, key=lambda share: rates[share])


def with_share(parameters: RuleParameters, share: float, *, is_metered: bool) -> RuleParameters:
    """Return the parameters with another even share."""
    if is_metered:
        return msgspec.structs.replace(parameters, even_share_meter=share)
    return msgspec.structs.replace(parameters, even_share=share)


def trial(job: Job) -> Trial:
    """Return what a value comes to in a home: false alarms on its record, mean delay of uniform onsets."""
    recording, parameters, share, seed = job
    tried = with_share(parameters, share, is_metered=recording.is_metered)
    seen = seen_by(recording, tried)
    burn_ms = seen.started_ms + int(BURN_IN_DAYS * DAY_MS)
    moments = choose(presence_of(recording), seen, burn_ms, ONSETS, f"left out {recording.name} {seed}")
    found = inject(recording, tried, [moment for moment in moments if moment[1] is Law.UNIFORM])
    trace, delays = found.trace, [onset.delay_h for onset in found.onsets]
    return Trial(
        share,
        len(proven(trace, rung(rings_of(trace), burn_ms))),
        observed_days(recording, trace, burn_ms),
        sum(delays) / len(delays) if delays else 0.0,
    )
