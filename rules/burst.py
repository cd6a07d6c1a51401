"""Burst: more water in an hour, or in five minutes, than this home ever uses."""

from collections.abc import Iterator

from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.parameters import RuleParameters
from rules.register import is_broken, taken_step
from rules.watch import Change, Clear, Effect, View, Watch
from rules.watch_states import BurstState
from rules.water_register import WATER_METRICS, WaterStep

HOUR_LUMP_MS, RECENT_LUMP_MS = 5 * MINUTE_MS, MINUTE_MS
"""What is reported oftener is added up to these."""

RECENT_MS = 5 * MINUTE_MS

LATENESS_MS = 5 * MINUTE_MS
"""An hourly read comes a little late now and then: it still is one hour."""

DAYS_KEPT, DAYS_KNOWN = 30, 14
"""Habits are of the last month, and only of somebody who has been known for two weeks."""

TOPS_KEPT = 5
"""The second best day of a month is about the thousandth part of its hours."""


class BurstWatch(Watch):
    """Adds up the last hour; a home that waters a garden raises its own limit, none lowers it."""

    name = "burst"
    metrics = WATER_METRICS

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a step; a burst holds while the last hour, or the last five minutes, are above the limit."""
        state, step = view.state.burst, taken_step(change, view)
        if step is None:
            if is_broken(change, view):
                state.lumps, state.recent, state.since_ms = [], [], None
            return ()
        state.first_ms = state.first_ms or step.from_ms
        _add(state, step)
        hour_l = _hour_l(state)
        if state.since_ms is None:
            state.limit_l = _limit_l(state, step.to_ms, view.parameters)
        is_fast = _five_minutes_l_h(state) > max(state.limit_l, view.parameters.burst_fast_l_min * 60)
        if hour_l > state.limit_l or is_fast:
            if state.since_ms is None:
                state.since_ms = (state.recent if is_fast else state.lumps)[0][0]
                state.ready_ms = max(step.to_ms, change.not_before_ms(view.parameters))
            state.peak_l = max(state.peak_l, hour_l)
            return ()
        # A burst is one day of the home's habits, however long it lasted.
        _learn(state, state.since_ms or step.to_ms, max(state.peak_l, hour_l))
        state.since_ms, state.peak_l = None, 0.0
        return (Clear(FindingKind.WATER_BURST),)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Tell a burst once its reading is in, and a late reading's backlog has drained."""
        state = view.state.burst
        if state.since_ms is not None and not view.is_open(FindingKind.WATER_BURST):
            yield Deadline(state.ready_ms, FindingKind.WATER_BURST, state.since_ms, watch=self.name)


def _add(state: BurstState, step: WaterStep) -> None:
    kept = [lump for lump in state.lumps if lump[0] >= step.to_ms - HOUR_MS - LATENESS_MS]
    state.lumps = _merged(kept, step, HOUR_LUMP_MS)
    recent = _merged(state.recent, step, RECENT_LUMP_MS)
    while len(recent) > 1 and step.to_ms - recent[1][0] >= RECENT_MS:
        recent = recent[1:]
    state.recent = recent


def _merged(lumps: list[tuple[int, int, float]], step: WaterStep, full_ms: int) -> list[tuple[int, int, float]]:
    if not lumps or lumps[-1][1] != step.from_ms or step.from_ms - lumps[-1][0] >= full_ms:
        return [*lumps, (step.from_ms, step.to_ms, step.litres)]
    from_ms, _, litres = lumps[-1]
    return [*lumps[:-1], (from_ms, step.to_ms, litres + step.litres)]


def _hour_l(state: BurstState) -> float:
    """Return the litres of the last hour; of a longer step its hourly share, which one of its hours has reached."""
    span_ms = state.lumps[-1][1] - state.lumps[0][0]
    return sum(lump[2] for lump in state.lumps) * HOUR_MS / max(HOUR_MS, span_ms)


def _five_minutes_l_h(state: BurstState) -> float:
    """Return the rate of the last five minutes; of less nothing is said: it may be a reading that came twice."""
    span_ms = state.recent[-1][1] - state.recent[0][0]
    return sum(lump[2] for lump in state.recent) * HOUR_MS / span_ms if span_ms >= RECENT_MS else 0.0


def _limit_l(state: BurstState, at_ms: int, parameters: RuleParameters) -> float:
    if state.first_ms is None or at_ms - state.first_ms < DAYS_KNOWN * DAY_MS:
        return parameters.burst_hour_l
    habits = sorted((litres for day, litres in state.tops if day > at_ms // DAY_MS - DAYS_KEPT), reverse=True)
    usual_l = habits[1] if len(habits) > 1 else 0.0
    return max(parameters.burst_hour_l, parameters.burst_personal_times * usual_l)


def _learn(state: BurstState, at_ms: int, hour_l: float) -> None:
    """Keep the best hour of each of the best days."""
    day = at_ms // DAY_MS
    if state.tops and state.tops[-1][0] == day:
        if hour_l <= state.tops[-1][1]:
            return
        state.tops[-1] = (day, round(hour_l))
        return
    kept = [top for top in state.tops if top[0] > day - DAYS_KEPT]
    if len(kept) >= TOPS_KEPT:
        kept.remove(min(kept, key=lambda top: top[1]))
    state.tops = [*kept, (day, round(hour_l))]
