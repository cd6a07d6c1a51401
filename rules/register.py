"""The water register as it is read: the litres of its last step, and whether a hand drew them; names its faults."""

from core.events import Metric, Reading, Value
from core.ids import DeviceId
from rules import water_base
from rules.state import HomeState
from rules.watch import Change, Effect, View, Watch
from rules.water_register import WATER_METRICS, WaterStep, step_of


class RegisterWatch(Watch):
    """Reads a meter once for every watch of water; it stands before them."""

    name = "register"
    metrics = WATER_METRICS

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take the newest reading of a meter."""
        if not change.is_newest:
            return ()
        state = view.state.register
        if change.reading.metric is Metric.WATER_FLOW_L_H and _has_register(view.state, change.device.id):
            return ()  # its register says it better
        state.step = last_step(view.state, change.reading, change.previous, change.previous_ms)
        state.is_by_hand = state.step is not None and water_base.is_by_hand(view.state.water_base, state.step)
        if state.step is not None:
            water_base.grow(view.state.water_base, state.step, view.parameters)
        self._step_back(change, state.top_l)
        return ()

    def _step_back(self, change: Change, top_l: dict[str, float]) -> None:
        reading, previous = change.reading, change.previous
        if reading.metric is not Metric.WATER_TOTAL_L or previous is None or isinstance(previous, str):
            return
        value, before = float(reading.value), float(previous)
        if value < before:
            top_l[reading.device_id] = max(before, top_l.get(reading.device_id, 0.0))
        elif value >= top_l.get(reading.device_id, value + 1):
            del top_l[reading.device_id]


def taken_step(change: Change, view: View) -> WaterStep | None:
    """Return the step that the register watch has read from this very reading."""
    step = view.state.register.step
    return step if change.is_newest and step is not None and step.to_ms == change.reading.observed_at_ms else None


def is_broken(change: Change, view: View) -> bool:
    """Return whether the register starts anew with this reading: its first, a step back, a leap."""
    is_register = change.reading.metric is Metric.WATER_TOTAL_L and change.is_newest
    return is_register and taken_step(change, view) is None


def last_step(state: HomeState, reading: Reading, previous: Value | None, previous_ms: int | None) -> WaterStep | None:
    """Return what a reading says was used since the one before it."""
    return step_of(
        reading,
        previous,
        previous_ms,
        top_l=state.register.top_l.get(reading.device_id),
        has_register=_has_register(state, reading.device_id),
    )


def _has_register(state: HomeState, device_id: DeviceId) -> bool:
    return f"{device_id} {Metric.WATER_TOTAL_L}" in state.values
