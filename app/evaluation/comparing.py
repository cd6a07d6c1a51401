"""Scores a baseline on a trace: rings on the untouched record, and the delay of every onset that could have been."""

import numpy as np

from app.evaluation.baselines import DAY_H, LONGEST_H, Deadline, Numbers
from app.evaluation.recordings import Recording
from app.evaluation.running import Trace
from app.evaluation.statistics import Figures, delays, rate
from core.events import Metric
from core.localtime import HOUR_MS, from_ms, zone

SECOND_H = 1 / 3
"""A baseline's second stage: still silent twenty minutes later, as ours."""


def silences_h(recording: Recording, trace: Trace) -> Numbers:
    """Return silences at home as rows of (from, until), hours of the wall clock; the clocks' changes included.

    A silence over a change of clocks keeps its true length.
    """
    return _on_the_wall(recording, [(silence.from_ms, silence.until_ms) for silence in trace.silences])


def thinned_h(recording: Recording, trace: Trace) -> Numbers:
    """Return the same with one activation of a sensor an hour: the others end no silence."""
    kept_ms: dict[str, int] = {}
    rows: list[tuple[int, int]] = []
    for silence in trace.silences:
        is_kept = silence.from_ms - kept_ms.get(silence.device_id, silence.from_ms - HOUR_MS) >= HOUR_MS
        if is_kept or not rows or rows[-1][1] != silence.from_ms:
            kept_ms[silence.device_id] = silence.from_ms
            rows.append((silence.from_ms, silence.until_ms))
        else:
            rows[-1] = (rows[-1][0], silence.until_ms)
    return _on_the_wall(recording, rows)


def _on_the_wall(recording: Recording, rows_ms: list[tuple[int, int]]) -> Numbers:
    tz = zone(recording.home.zone_name)
    rows: list[tuple[float, float]] = []
    for from_ms_, until_ms in rows_ms:
        offset = from_ms(from_ms_, tz).utcoffset()
        start_h = from_ms_ / HOUR_MS + (0.0 if offset is None else offset.total_seconds() / 3600)
        rows.append((start_h, start_h + (until_ms - from_ms_) / HOUR_MS))
    return np.array(sorted(rows), dtype=float).reshape(-1, 2)


def score(silences: Numbers, detector: Deadline, burn_days: float) -> dict[str, Numbers]:
    """Return deadlines of every silence after the burn-in, refitted each night on what had ended by then."""
    first = silences[0, 0] + burn_days * DAY_H
    days = np.floor(silences[:, 0] / 24).astype(int)
    due = np.full(len(silences), np.nan)
    for day in sorted({int(day) for day in days[silences[:, 0] >= first]}):
        chosen = np.flatnonzero((days == day) & (silences[:, 0] >= first))
        until = int(np.searchsorted(silences[:, 1], day * 24.0))
        due[chosen] = detector(silences[:until], silences[chosen, 0])
    kept = ~np.isnan(due)
    return {"from": silences[kept, 0], "until": silences[kept, 1], "due": due[kept]}


def figures(scored: dict[str, Numbers], observed_days: float) -> Figures:
    """Return R of a baseline: its rings, and its delays over every moment at home."""
    start, until, due = scored["from"], scored["until"], scored["due"]
    onset_end = np.minimum(until, due)
    weight = np.maximum(onset_end - start, 0.0)
    middle = due - (start + onset_end) / 2
    stage1 = rate(int((due < until).sum()), observed_days) | delays(middle, weight)
    second = rate(int((due + SECOND_H < until).sum()), observed_days) | delays(middle + SECOND_H, weight)
    return {
        "observed_days": round(observed_days, 2),
        "stage1": stage1,
        "stage2": second,
        "activity_onset": delays(due - start),
        "missed_24h": int((due - start > DAY_H).sum()),
        "onsets": {"activity": len(due)},  # one right after each sign of life
        "budget_ratio": None,
    }


def low_water(recording: Recording, rule: tuple[float, float], burn_days: float) -> dict[str, Numbers]:
    """Return rings of "less than so many litres in so many hours", looked at on every reading of the register."""
    hours, litres = rule
    reads = [r for r in recording.readings if r.metric is Metric.WATER_TOTAL_L]
    at = np.array([r.observed_at_ms / HOUR_MS for r in reads])
    register = np.array([float(r.value) for r in reads])
    used = np.concatenate([np.zeros(1), np.cumsum(np.maximum(np.diff(register), 0.0))])
    before = np.interp(at - hours, at, used)
    is_low = (used - before < litres) & (at - at[0] >= burn_days * DAY_H)
    rings = np.flatnonzero(is_low & ~np.roll(is_low, 1))
    ends = np.array([at[i + int(np.argmax(~is_low[i:]))] if (~is_low[i:]).any() else at[-1] for i in rings])
    # an onset now: nothing is used any more, and it rings when the last litres leave the window
    reached = np.interp(np.maximum(used - litres, 0.0), used + np.arange(len(used)) * 1e-9, at)
    live = ~is_low & (at - at[0] >= burn_days * DAY_H)
    delay = np.clip(reached[live] + hours - at[live], 0.0, LONGEST_H)
    return {"rings": at[rings], "ends": ends, "delays": delay}


def low_water_figures(found: dict[str, Numbers], observed_days: float) -> Figures:
    """Return R of a low-water rule."""
    lasting = found["ends"] - found["rings"]
    return {
        "observed_days": round(observed_days, 2),
        "stage1": rate(len(lasting), observed_days) | delays(found["delays"]),
        "stage2": rate(int((lasting > SECOND_H).sum()), observed_days) | delays(found["delays"] + SECOND_H),
        "activity_onset": delays(found["delays"]),
        "missed_24h": int((found["delays"] > DAY_H).sum()),
        "onsets": {"uniform": len(found["delays"])},  # one at each reading
        "budget_ratio": None,
    }
