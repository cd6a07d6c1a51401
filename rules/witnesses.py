"""How often each sensor shows life while others do, and which has been silent for longer than chance allows."""

import math
from collections.abc import Iterator, Sequence

from core.ids import DeviceId
from core.localtime import DAY_MS, MINUTE_MS
from registry.homes import Device, DeviceRole
from rules.parameters import RuleParameters
from rules.rooms import MOTION_ROLES
from rules.watch_states import Witness, WitnessState

QUARTER_MS = 15 * MINUTE_MS
OTHERS = 2
"""So many other sensors must see life before one is missed: one alone may be the faulty one."""

KNOWN_DAYS = 14
CHANCE = 1e-4
KEEP_PER_DAY = 0.5 ** (1 / 30)  # a half-life of thirty days
SCALE = 1000  # counts are whole thousandths of a quarter of an hour: a snapshot stays small, decay does not round off

_DOORS = frozenset({DeviceRole.OUTSIDE_DOOR, DeviceRole.INTERIOR_DOOR})
ROLES = MOTION_ROLES | _DOORS


def is_witness(device: Device) -> bool:
    """Return whether a device shows the life of a room or the use of a door, as often as people do."""
    return device.role in ROLES


def note(state: WitnessState, device_id: DeviceId, at_ms: int) -> bool:
    """Take an event in; return whether it is the first of its quarter of an hour, before it counts in it."""
    quarter = at_ms // QUARTER_MS
    is_turn = quarter > state.quarter
    if is_turn:
        _turn(state, quarter)
        if state.first_ms is None:
            state.first_ms = at_ms
    witness = state.devices.setdefault(device_id, Witness())
    witness.total += SCALE * witness.missed
    witness.quarter, witness.missed = max(quarter, witness.quarter), 0
    return is_turn


def judge(
    state: WitnessState, devices: Sequence[Device], at_ms: int, parameters: RuleParameters
) -> Iterator[tuple[Device, int]]:
    """Yield (device, when it last showed anything) of those that are missed beyond chance."""
    if state.first_ms is None or at_ms - state.first_ms < KNOWN_DAYS * DAY_MS:
        return
    for device in devices:
        witness = state.devices.get(device.id)
        if witness is None or not witness.missed or not witness.total:
            continue
        quiet_ms = parameters.door_still_ms if device.role in _DOORS else parameters.mute_ms
        last_ms = witness.quarter * QUARTER_MS
        share = min(witness.active / witness.total, 0.99)
        if at_ms - last_ms >= quiet_ms and witness.missed * math.log1p(-share) < math.log(CHANCE):
            yield device, last_ms


def _turn(state: WitnessState, quarter: int) -> None:
    """Close the quarter under way: whoever was silent while two others were not is missed once more."""
    active = {device_id for device_id, witness in state.devices.items() if witness.quarter == state.quarter}
    days = quarter * QUARTER_MS // DAY_MS - state.quarter * QUARTER_MS // DAY_MS if state.quarter else 0
    keep = KEEP_PER_DAY**days
    for device_id, witness in state.devices.items():
        is_active = device_id in active
        if len(active) - is_active >= OTHERS:
            witness.total += SCALE * is_active
            witness.active += SCALE * is_active
            witness.missed += not is_active  # counted into the share when it speaks again: a dead one has no new habit
        if days:
            witness.total, witness.active = round(witness.total * keep), round(witness.active * keep)
    state.quarter = quarter
