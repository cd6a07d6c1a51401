"""The base flow of a home: water that runs by itself, hour after hour, and what rises clearly above it by a hand."""

from core.localtime import HOUR_MS, MINUTE_MS
from rules.parameters import RuleParameters
from rules.watch_states import WaterBaseState
from rules.water_register import WaterStep

HOUR_AT_LEAST_MS = 55 * MINUTE_MS
"""An hourly register comes a little early now and then."""

LONGEST_HOUR_MS = 3 * HOUR_MS
"""What a missed read or two leave is still judged as one stretch; a longer one says nothing of each hour in it."""

EXCESS_KEPT_L = 2.0
"""Litres above the base that are remembered: a bath must not count for the hours after it."""

HAND_L = 1.0
"""Litres above twice the base that a hand has drawn: a register tells whole litres."""


def is_by_hand(state: WaterBaseState, step: WaterStep) -> bool:
    """Return whether somebody drew this water: with a base flow only what rises clearly above it."""
    return step.litres > 0 and _excess_l(state, step) > (HAND_L if state.base_l_h else 0.0)


def grow(state: WaterBaseState, step: WaterStep, parameters: RuleParameters) -> None:
    """Take a step in: find a base flow after some hours of small, regular growth, forget it when it stops."""
    state.excess_l = _excess_l(state, step)
    if state.mark_ms is None:
        state.mark_ms = step.from_ms
    state.grown_l += step.litres
    long_ms = step.to_ms - state.mark_ms
    if long_ms < HOUR_AT_LEAST_MS:
        return
    rate = state.grown_l * HOUR_MS / long_ms
    state.mark_ms, state.grown_l = step.to_ms, 0.0
    if long_ms > LONGEST_HOUR_MS:
        state.hours = []
        return
    if rate < state.base_l_h / 2:
        state.base_l_h = 0.0
    state.hours = [*state.hours, round(rate, 2)][-parameters.base_flow_hours :]
    if len(state.hours) == parameters.base_flow_hours and _is_regular(state.hours, parameters):
        state.base_l_h = sum(state.hours) / len(state.hours)


def _excess_l(state: WaterBaseState, step: WaterStep) -> float:
    drained = 2 * state.base_l_h * step.hours
    return min(EXCESS_KEPT_L, max(0.0, state.excess_l + step.litres - drained))


def _is_regular(hours: list[float], parameters: RuleParameters) -> bool:
    least, most = min(hours), max(hours)
    return least > 0 and most <= parameters.leak_hour_l and most - least <= 1 + least / 4
