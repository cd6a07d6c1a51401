"""The water of a day: far too much is a notice; the old rule of too little can be chosen for a home."""

from collections.abc import Iterator

from core.localtime import DAY_MS, HOUR_MS
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.register import is_broken, taken_step
from rules.watch import Change, Clear, Effect, View, Watch
from rules.watch_states import HighWaterState, LowWaterState
from rules.water_register import WATER_METRICS, WaterStep

HOURS = 24

DRAWS_KEPT = 24
"""Draws of water that make up the least amount; with more the two oldest are told as one, at the later's time."""


class HighWaterWatch(Watch):
    """Adds up the litres of the last 24 hours."""

    name = "high_water"
    metrics = WATER_METRICS

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a step; one that is longer than a day counts with its daily share."""
        state, step = view.state.high_water, taken_step(change, view)
        if step is None:
            return ()
        _add(state, step)
        if sum(state.hours) <= view.parameters.high_water_l:
            state.ready_ms = None
            return (Clear(FindingKind.HIGH_WATER),)
        if state.ready_ms is None:
            state.ready_ms = max(step.to_ms, change.not_before_ms(view.parameters))
        return ()

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Tell the amount once its reading is in, and a late reading's backlog has drained."""
        ready_ms = view.state.high_water.ready_ms
        if ready_ms is not None and not view.is_open(FindingKind.HIGH_WATER):
            yield Deadline(ready_ms, FindingKind.HIGH_WATER, ready_ms - DAY_MS, watch=self.name)


class LowWaterWatch(Watch):
    """The fixed rule of the meter projects; off unless a home has `low_water_hours`."""

    name = "low_water"
    metrics = WATER_METRICS

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a step; only a reading says that little was used, a silent meter never does."""
        state, parameters = view.state.low_water, view.parameters
        if not parameters.low_water_hours or not change.is_newest:
            return ()
        at_ms, step = change.reading.observed_at_ms, taken_step(change, view)
        if state.from_ms is None or view.state.is_away or is_broken(change, view):
            state.from_ms, state.draws, state.ready_ms = at_ms, [], None  # nobody at home uses water
            return (Clear(FindingKind.LOW_WATER),) if view.state.is_away else ()
        if step is not None and step.litres > 0:
            _draw(state, step, parameters.low_water_litres)
        if at_ms - state.from_ms < parameters.low_water_hours * HOUR_MS:
            state.ready_ms = None
            return (Clear(FindingKind.LOW_WATER),)
        if state.ready_ms is None:
            state.ready_ms = max(at_ms, change.not_before_ms(parameters))
        return ()

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Tell the little that was used once its reading is in."""
        state = view.state.low_water
        is_told = view.is_open(FindingKind.LOW_WATER)
        if state.ready_ms is not None and state.from_ms is not None and not is_told and not view.state.is_away:
            yield Deadline(state.ready_ms, FindingKind.LOW_WATER, state.from_ms, watch=self.name)


def _add(state: HighWaterState, step: WaterStep) -> None:
    hour = step.to_ms // HOUR_MS
    passed = HOURS if state.hour is None else min(HOURS, hour - state.hour)
    state.hours = [*state.hours, *([0.0] * passed)][-HOURS:]
    state.hour = hour
    state.hours[-1] += step.litres * min(1.0, HOURS / max(step.hours, 1))


def _draw(state: LowWaterState, step: WaterStep, least_l: float) -> None:
    """Keep the newest draws that make up the least amount; the window begins when that amount was complete."""
    draws = [*state.draws, (step.to_ms, step.litres)]
    while sum(litres for _, litres in draws[1:]) >= least_l:
        draws = draws[1:]
    if len(draws) > DRAWS_KEPT:
        draws = [(draws[1][0], draws[0][1] + draws[1][1]), *draws[2:]]
    if sum(litres for _, litres in draws) >= least_l:
        state.from_ms = draws[0][0]
    state.draws = draws
