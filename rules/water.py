"""Water that keeps running: a tap left on is a hazard, and with nobody moving perhaps a fall at the tap."""

from collections.abc import Iterator

import msgspec

from core.events import Metric
from core.localtime import HOUR_MS
from registry.homes import DeviceRole
from rules import water_base
from rules.deadlines import SILENT_WATER, Deadline, Inner
from rules.deafness_state import counted_ms
from rules.findings import Evidence, FindingKind
from rules.parameters import RuleParameters
from rules.register import last_step
from rules.seeing import counted_from_ms, settled_ms
from rules.sentences import clock, fact
from rules.watch import Change, Clear, Effect, View, Watch
from rules.watch_states import WaterState
from rules.water_register import FLOW_HOLDS_MS, WATER_METRICS

_MOTION = (DeviceRole.INTERIOR_MOTION, DeviceRole.BED_MOTION, DeviceRole.BATHROOM_MOTION)

_STOPPED: tuple[Effect, ...] = (
    # Shut by whom? A person on the floor is not proven well by a tap that stopped: P0 stays for a human.
    Clear(FindingKind.WATER_RUNNING, SILENT_WATER, clears_alert=False),
    Clear(FindingKind.WATER_RUNNING),
)


class WaterWatch(Watch):
    """Follows one run of water from the first litre to the last; a meter read more seldom shows no runs."""

    name = "water"
    metrics = WATER_METRICS

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a meter's reading; only the newest by event time moves a run."""
        if not change.is_newest:
            return ()
        state, at_ms = view.state.water, change.reading.observed_at_ms
        state.not_before_ms = change.not_before_ms(view.parameters)
        if change.reading.metric is Metric.WATER_FLOW_L_H:
            was_on, state.flow_l_h = state.flow_l_h > 0, float(change.reading.value)
            if was_on and not state.flow_l_h:
                return _stop(state)
            is_drawn, litres, from_ms = state.flow_l_h > 2 * view.state.water_base.base_l_h, 0.0, at_ms
        else:
            step = view.state.register.step
            is_drawn = step is not None and step.to_ms == at_ms and view.state.register.is_by_hand
            litres, from_ms = (0.0, at_ms) if step is None else (step.litres, step.from_ms)
        state.heard_ms = at_ms
        if not is_drawn:
            return ()
        effects = () if _is_same_run(state, from_ms, at_ms, view.parameters) else _stop(state)
        if state.since_ms is None:
            state.since_ms, state.drawn_l = at_ms, 0.0
        else:
            state.drawn_l += litres
        every_ms = at_ms - from_ms
        state.every_ms = every_ms if every_ms <= view.parameters.water_fine_ms else 0
        state.seen_ms = at_ms
        return effects

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for the end of the run, for half an hour with nobody moving, and for two hours."""
        state, parameters = view.state.water, view.parameters
        if state.since_ms is None or state.seen_ms is None:
            return
        since_ms, is_on = state.since_ms, state.flow_l_h > 0
        if not is_on:
            stop_ms = counted_ms(view.state.deaf, _stop_ms(state, parameters))
            yield Deadline(stop_ms, Inner.WATER_STOPPED, since_ms, watch=self.name)
        is_told = view.is_open(FindingKind.WATER_RUNNING, SILENT_WATER)
        if is_told or view.state.is_blind or _rate_l_h(state) < parameters.water_run_l_h:
            return
        for limit_ms, detail in self._limits(view, since_ms):
            due_ms = max(limit_ms, state.seen_ms)  # what is seen to run is told, not what may have stopped since
            if is_on or due_ms <= state.seen_ms + parameters.water_run_gap_ms:
                due_ms = max(due_ms if not is_on else limit_ms, state.not_before_ms)
                yield Deadline(due_ms, FindingKind.WATER_RUNNING, since_ms, detail, watch=self.name)

    def _limits(self, view: View, since_ms: int) -> Iterator[tuple[int, str]]:
        state, parameters = view.state, view.parameters
        if not state.is_away and any(one.role in _MOTION for one in view.sight.devices):  # a meter sees nobody move
            quiet_from_ms = max(since_ms, counted_from_ms(state, state.last_dry_sign_ms or since_ms))
            silent_ms = max(quiet_from_ms + parameters.water_silent_ms, settled_ms(state))
            # A machine fills in sips; a flow that was told once holds for an hour, then its sensor is silent.
            is_tap = _rate_l_h(state.water) >= parameters.water_silent_l_h
            if is_tap and silent_ms <= max(state.water.seen_ms or 0, state.water.heard_ms or 0) + FLOW_HOLDS_MS:
                yield silent_ms, SILENT_WATER
        if not view.is_open(FindingKind.WATER_RUNNING):
            is_fast = _rate_l_h(state.water) > parameters.water_fast_l_h
            limit_ms = parameters.water_fast_ms if is_fast else parameters.water_running_ms
            yield max(since_ms + limit_ms, state.seen_again_ms or 0), ""

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """End the run, or raise what is due."""
        if deadline.what is Inner.WATER_STOPPED:
            return _stop(view.state.water)
        return (msgspec.structs.replace(deadline, facts=(*deadline.facts, _flow(view))),)


def opens_tap(change: Change, view: View) -> bool:
    """Return whether a reading, not yet taken in, begins a run of water that a hand must have begun."""
    reading, state = change.reading, view.state
    if not change.is_newest:
        return False
    if reading.metric is Metric.WATER_FLOW_L_H:
        is_drawn, from_ms = float(reading.value) > 2 * state.water_base.base_l_h, reading.observed_at_ms
    else:
        step = last_step(state, reading, change.previous, change.previous_ms)
        is_drawn = step is not None and water_base.is_by_hand(state.water_base, step)
        from_ms = reading.observed_at_ms if step is None else step.from_ms
    return is_drawn and not _is_same_run(state.water, from_ms, reading.observed_at_ms, view.parameters)


def _is_same_run(state: WaterState, from_ms: int, at_ms: int, parameters: RuleParameters) -> bool:
    if state.since_ms is None or state.seen_ms is None:
        return False
    is_unbroken = from_ms <= state.seen_ms and at_ms - from_ms <= parameters.water_fine_ms
    return at_ms <= state.seen_ms + parameters.water_run_gap_ms or is_unbroken or state.flow_l_h > 0


def _stop(state: WaterState) -> tuple[Effect, ...]:
    state.since_ms, state.seen_ms, state.every_ms = None, None, 0
    return _STOPPED


def _stop_ms(state: WaterState, parameters: RuleParameters) -> int:
    seen_ms, heard_ms = state.seen_ms or 0, state.heard_ms or 0
    if heard_ms > seen_ms:
        return max(seen_ms + parameters.water_run_gap_ms, heard_ms)
    return seen_ms + max(parameters.water_run_gap_ms, state.every_ms * 3 // 2)


def _flow(view: View) -> Evidence:
    state = view.state.water
    seen_ms = state.since_ms or 0 if state.seen_ms is None else state.seen_ms
    at, litres = clock(seen_ms, view.tz), round(_rate_l_h(state))
    return fact(seen_ms, f"{at} 水流约{litres}升/时", f"{at} water at about {litres} L/h")


def _rate_l_h(state: WaterState) -> float:
    if state.flow_l_h > 0:
        return state.flow_l_h
    lasted_ms = (state.seen_ms or 0) - (state.since_ms or 0)
    return state.drawn_l * HOUR_MS / lasted_ms if lasted_ms > 0 else 0.0
