"""Stove or heater left on: power runs on and nobody has come to see; what a home does by habit is not told."""

from collections.abc import Iterator

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS
from registry.homes import Device, DeviceRole
from rules import standby
from rules.deadlines import Deadline
from rules.findings import FindingKind
from rules.local_hours import is_between
from rules.rooms import MOTION_ROLES, is_bedroom, is_kitchen
from rules.watch import Change, Clear, Effect, View, Watch
from rules.watch_states import StoveState

POWER_FRESH_MS = HOUR_MS
"""A meter that has said nothing for longer does not say that it still runs."""

_POWER = Metric.POWER_W

DAYS_KNOWN = 7
HABIT_PERCENT = 20


class StoveWatch(Watch):
    """Follows the home's load above standby, and plugs in the kitchen; needs a motion sensor there."""

    name = "stove"
    metrics = frozenset({Metric.POWER_W, Metric.MOTION, Metric.PRESENCE})
    roles = MOTION_ROLES | {DeviceRole.POWER_METER, DeviceRole.APPLIANCE}

    def on_change(self, change: Change, view: View) -> tuple[Effect, ...]:
        """Take a meter's or a plug's power, or movement."""
        if not change.is_newest:
            return ()
        device, reading = change.device, change.reading
        if reading.metric is not _POWER:
            return self._moved(change, view) if reading.value is True and device.role in MOTION_ROLES else ()
        state = view.state.stove
        power_w, at_ms = float(reading.value), reading.observed_at_ms
        if device.role is DeviceRole.POWER_METER:
            return self._metered(power_w, change, view)
        if device.role is not DeviceRole.APPLIANCE or not is_kitchen(device):
            return ()
        if power_w >= view.parameters.stove_plug_w:
            state.plugs_ms.setdefault(device.id, at_ms)
            state.not_before_ms = change.not_before_ms(view.parameters)
            return ()
        state.plugs_ms.pop(device.id, None)
        return (Clear(FindingKind.STOVE_ON, device.id),)

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait until the power has run for long enough with nobody there."""
        state, parameters = view.state.stove, view.parameters
        if view.state.is_blind or (not state.plugs_ms and state.high_ms is None and state.heater_ms is None):
            return
        if any(_is_kitchen_motion(device) for device in view.home.devices):
            for plug, since_ms in state.plugs_ms.items():
                alone_ms = max(since_ms, state.kitchen_ms or 0)
                if not view.is_open(FindingKind.STOVE_ON, plug):
                    due_ms = alone_ms + parameters.stove_plug_ms
                    yield self._deadline(due_ms, FindingKind.STOVE_ON, alone_ms, view, detail=plug)
            if state.high_ms is not None and not view.is_open(FindingKind.STOVE_ON):
                alone_ms = max(state.high_ms, state.kitchen_ms or 0)
                due_ms = max(state.high_ms + parameters.stove_ms, alone_ms + parameters.stove_alone_ms)
                if due_ms <= state.power_ms + POWER_FRESH_MS and state.told_high_ms != state.high_ms:
                    yield self._deadline(due_ms, FindingKind.STOVE_ON, alone_ms, view)
        if view.has_role(DeviceRole.INTERIOR_MOTION) and state.heater_ms and not view.is_open(FindingKind.HEATER_ON):
            due_ms = max(state.heater_ms, state.other_ms or 0) + parameters.heater_ms
            is_fresh = due_ms <= state.power_ms + POWER_FRESH_MS and state.told_heater_ms != state.heater_ms
            if is_fresh and is_between(due_ms, parameters.night_starts_hour, parameters.day_starts_hour, view.tz):
                yield self._deadline(due_ms, FindingKind.HEATER_ON, state.heater_ms, view)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Raise what is due, unless this home's load runs like that on many days: an air conditioner, a heater."""
        state = view.state.stove
        if deadline.what is FindingKind.HEATER_ON:
            state.told_heater_ms, state.had_heater = state.heater_ms, True
            return () if state.heater_days.is_above(HABIT_PERCENT, DAYS_KNOWN) else (deadline,)
        if deadline.detail:
            return (deadline,)
        state.told_high_ms, state.had_high = state.high_ms, True
        return () if state.high_days.is_above(HABIT_PERCENT, DAYS_KNOWN) else (deadline,)

    def _deadline(self, due_ms: int, kind: FindingKind, since_ms: int, view: View, *, detail: str = "") -> Deadline:
        seen_ms = max(view.state.seen_again_ms or 0, view.state.stove.not_before_ms)
        return Deadline(max(due_ms, seen_ms), kind, since_ms, detail, watch=self.name)

    @staticmethod
    def _moved(change: Change, view: View) -> tuple[Effect, ...]:
        state, at_ms = view.state.stove, change.reading.observed_at_ms
        if not is_bedroom(change.device):
            state.other_ms, state.told_heater_ms = max(at_ms, state.other_ms or 0), None
        if not is_kitchen(change.device):
            return ()
        state.kitchen_ms, state.told_high_ms = max(at_ms, state.kitchen_ms or 0), None
        # Somebody stands at the stove: it is not left alone any more, though it may still be on.
        if view.holds_nothing:
            return ()
        plugs = tuple(Clear(FindingKind.STOVE_ON, plug) for plug in state.plugs_ms)
        return (*plugs, Clear(FindingKind.STOVE_ON))

    @staticmethod
    def _metered(power_w: float, change: Change, view: View) -> tuple[Effect, ...]:
        state, parameters, at_ms = view.state.stove, view.parameters, change.reading.observed_at_ms
        _turn_day(state, at_ms)
        level_w = standby.level_w(view.state.standby)
        standby.take(view.state.standby, power_w, at_ms)
        state.power_ms, state.not_before_ms = at_ms, change.not_before_ms(parameters)
        effects: tuple[Effect, ...] = ()
        if level_w is None or power_w <= level_w + parameters.stove_above_w:
            state.high_ms, effects = None, () if view.holds_nothing else (Clear(FindingKind.STOVE_ON),)
        else:
            state.high_ms = state.high_ms or at_ms
        if power_w < parameters.heater_w:
            state.heater_ms, effects = None, effects if view.holds_nothing else (*effects, Clear(FindingKind.HEATER_ON))
        else:
            state.heater_ms = state.heater_ms or at_ms
        return effects


def _turn_day(state: StoveState, at_ms: int) -> None:
    day = at_ms // DAY_MS
    if state.day is not None and day != state.day:
        state.high_days.note(happened=state.had_high)
        state.heater_days.note(happened=state.had_heater)
        state.had_high = state.had_heater = False
    state.day = day


def _is_kitchen_motion(device: Device) -> bool:
    return device.role in MOTION_ROLES and is_kitchen(device)
