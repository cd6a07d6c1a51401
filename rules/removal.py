"""Devices that the registration no longer lists: all they left behind is forgotten, what they had found is over."""

from collections.abc import Iterator

from core.events import Metric
from core.ids import DeviceId
from core.localtime import DAY_MS
from core.text import Bilingual
from registry.homes import DeviceRole, Home
from rules.climate import steps_of
from rules.deadlines import SILENT_WATER, Deadline, Inner
from rules.findings import FindingKind, Priority
from rules.inactivity import LEARNING_DAYS
from rules.meter_fault import FROZEN
from rules.removal_state import RemovalState
from rules.rooms import MOTION_ROLES
from rules.signal_words import kind_of
from rules.state import HomeState
from rules.watch import Clear, Effect, View, Watch
from rules.watch_states import (
    ClimateState,
    HighWaterState,
    LeakState,
    LowWaterState,
    MeterFaultState,
    RegisterState,
    WaterBaseState,
    WaterState,
)
from rules.water_cycle_state import WaterCycleState
from rules.water_register import WATER_METRICS

REMOVED = Bilingual("设备已移除，不再成立", "the device was removed: this holds no longer")
_UNKNOWN = Bilingual(
    "设备已移除，无从得知是否已解除，警报仍须由人处理",
    "the device was removed: nobody knows whether it is over, the alert stays for a human",
)
"""Of what somebody pressed or an alarm sounded: that its device hangs elsewhere now says nothing of the danger."""

_TOLD = frozenset({FindingKind.EMERGENCY, FindingKind.FALL})

RELEARNED = "relearned"

LEAST_SHARE = 0.05
"""Of the quarters of an hour in which others saw life: whoever showed it less often changes no habit."""

_WATER = (
    (FindingKind.WATER_RUNNING, SILENT_WATER),
    (FindingKind.WATER_RUNNING, ""),
    (FindingKind.WATER_BURST, ""),
    (FindingKind.SLOW_LEAK, ""),
    (FindingKind.HIGH_WATER, ""),
    (FindingKind.LOW_WATER, ""),
    (FindingKind.METER_FAULT, FROZEN),
)


def note_removed(state: HomeState, home: Home, before: Home | None, log_ms: int) -> None:
    """Note which devices that the state knows are not the home's any more; the rules take it up at the next tick."""
    roles = {str(device.id): device.role for device in home.devices}
    was = {str(device.id): device.role for device in before.devices} if before is not None else {}
    gone = _known(state) - roles.keys()
    gone |= {name for name, role in was.items() if name in roles and role is not roles[name]}
    if gone:
        replaced = {name for name in gone if before is not None and _is_replaced(name, home, before)}
        state.removal = RemovalState(
            sorted(gone.union(state.removal.devices)), log_ms, sorted(replaced.union(state.removal.replaced))
        )


class RemovalWatch(Watch):
    """Ends what removed devices had found, each with this reason; what is graver than a ticket waits for a human."""

    name = "removal"

    def deadlines(self, view: View) -> Iterator[Deadline]:
        """Wait for the next tick; and until the habits are learned without a sensor that was taken away."""
        removal, fewer_until_ms = view.state.removal, view.state.fewer_until_ms
        if removal.devices:
            yield Deadline(removal.at_ms, Inner.NOTED, removal.at_ms, watch=self.name)
        if fewer_until_ms is not None:
            yield Deadline(fewer_until_ms, Inner.NOTED, fewer_until_ms, RELEARNED, watch=self.name)

    def on_due(self, deadline: Deadline, view: View) -> tuple[Effect, ...]:
        """Forget every device that was removed."""
        if deadline.detail == RELEARNED:
            view.state.fewer_until_ms = None
            return ()
        removal, view.state.removal = view.state.removal, RemovalState()
        effects: list[Effect] = []
        if any(_is_missed(name, view) for name in removal.devices if name not in removal.replaced):
            view.state.fewer_until_ms = deadline.due_ms + LEARNING_DAYS * DAY_MS
            view.silence.relearn(deadline.due_ms)
        for name in removal.devices:
            effects += self._last_alarms(name, deadline.due_ms, view)
            effects += _ended(name, view)
            _forget(name, view.state)
        return tuple(effects)

    def _last_alarms(self, name: str, at_ms: int, view: View) -> Iterator[Effect]:
        """Yield what a removed alarm was about to tell: it is told, and over as soon."""
        for detail, (since_ms, _) in view.state.emergency.waiting_ms.items():
            if _is_of(name, detail):
                kind = kind_of(detail)
                yield Deadline(at_ms, kind, since_ms, detail, watch=self.name, is_told_again=True)
                yield Clear(kind, detail, clears_alert=False, why=_UNKNOWN)


def _is_replaced(name: str, home: Home, before: Home) -> bool:
    """Return whether another device has come to do what one that is gone did."""
    known = {device.id for device in before.devices}
    fresh = {(device.role, device.room) for device in home.devices if device.id not in known}
    return any(device.id == name and (device.role, device.room) in fresh for device in before.devices)


def _is_missed(name: str, view: View) -> bool:
    """Return whether the habits were learned with the signs of a device that shows none of a room any more."""
    witness, device = view.state.witnesses.devices.get(name), view.devices.get(DeviceId(name))
    if witness is None or (device is not None and device.role in MOTION_ROLES):
        return False
    return witness.active >= LEAST_SHARE * witness.total


def _known(state: HomeState) -> set[str]:
    spoke = {key.rpartition(" ")[0] for key in (*state.values, *state.late_values)}
    missed = {key.partition(" ")[2] for key in state.open if key.startswith(f"{FindingKind.DEVICE_SILENT} ")}
    return spoke | missed | state.heard_ms.keys() | state.offline_ms.keys()


def _is_of(name: str, detail: str) -> bool:
    """Return whether the detail of a finding names a device: "door", "mute door", "wet door"."""
    return detail == name or detail.endswith(f" {name}")


def _ended(name: str, view: View) -> Iterator[Clear]:
    state = view.state
    for key, held in state.open.items():
        kind, _, detail = key.partition(" ")
        if _is_of(name, detail):
            is_ticket = held.finding.priority is Priority.P3
            why = _UNKNOWN if kind in _TOLD else REMOVED
            yield Clear(FindingKind(kind), detail, clears_alert=is_ticket, why=why)
    metrics = {key.rpartition(" ")[2] for key in state.values if key.rpartition(" ")[0] == name}
    if metrics & WATER_METRICS:
        yield from (_over(kind, detail) for kind, detail in _WATER)
        _forget_water(state)
    if name == state.electricity.device_id:
        yield from (_over(kind) for kind in (FindingKind.STOVE_ON, FindingKind.HEATER_ON))
    if Metric.MAINS in metrics:
        state.mains.out_ms = None
        yield _over(FindingKind.POWER_OUT)
    if Metric.TEMPERATURE_C in metrics and not view.has_role(DeviceRole.CLIMATE):
        state.climate = ClimateState()
        yield from (_over(step.kind, step.detail) for step in steps_of(view.parameters))


def _over(kind: FindingKind, detail: str = "") -> Clear:
    """Return the end of what no other device will take back; nobody has seen that all is well."""
    return Clear(kind, detail, clears_alert=False, why=REMOVED)


def _forget(name: str, state: HomeState) -> None:
    for by_metric in (state.values, state.value_ms, state.late_values, state.emergency.words):
        for key in [key for key in by_metric if key.rpartition(" ")[0] == name]:
            del by_metric[key]
    for by_device in (
        state.heard_ms,
        state.offline_ms,
        state.back_ms,
        state.bathroom.first_out,
        state.came_in.first_in,
        state.door.open_since_ms,
        state.stuck.on_since_ms,
        state.chatter.toggles,
        state.chatter.until_ms,
        state.witnesses.devices,
        state.witnesses.told_open_ms,
        state.reach.absence,
        state.reach.events,
        state.register.top_l,
        state.stove.plugs_ms,
        state.beats,
        state.batteries,
    ):
        by_device.pop(name, None)
    for by_detail in (
        state.emergency.waiting_ms,
        state.emergency.told_ms,
        state.emergency.doubted_ms,
        state.emergency.claimed_ms,
        state.suspension.kept,
    ):
        for detail in [detail for detail in by_detail if _is_of(name, detail)]:
            del by_detail[detail]
    if name in state.reach.reached:
        state.reach.reached.remove(name)
    if name == state.electricity.device_id:
        _forget_meter(state)


def _forget_meter(state: HomeState) -> None:
    """Let another meter take its place; what the home usually draws is the home's."""
    electricity, stove = state.electricity, state.stove
    electricity.device_id, electricity.last_w, electricity.mean_w = "", None, None
    electricity.sum_w, electricity.count = 0.0, 0
    stove.high_ms = stove.heater_ms = None


def _forget_water(state: HomeState) -> None:
    """Let another meter begin anew; how much water the home usually draws is the home's."""
    state.register, state.water, state.water_base = RegisterState(), WaterState(), WaterBaseState()
    state.leak, state.meter_fault, state.water_cycle = LeakState(), MeterFaultState(), WaterCycleState()
    state.high_water, state.low_water = HighWaterState(), LowWaterState()
    state.burst.lumps, state.burst.recent, state.burst.since_ms, state.burst.peak_l = [], [], None, 0.0
