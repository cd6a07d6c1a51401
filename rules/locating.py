"""What a sign of life says of where the person is: by the door, by the motion sensor that stands in, or inside."""

from core.events import Metric
from core.localtime import HOUR_MS
from registry.homes import Device, DeviceRole
from rules import presence
from rules.deadlines import faulty_devices
from rules.rooms import MOTION_ROLES
from rules.state import COUNTS, Sign
from rules.watch import View

DOOR_STANDS_MS = 2 * HOUR_MS
"""A second door that has stood open for longer keeps nobody from going out by the first."""


def locate(sign: Sign, device: Device, view: View, *, begun_ms: int | None, is_alone: bool) -> None:
    """Let a sign say whether the person is home; where only the ways out are seen, none does.

    `begun_ms` is when the device's reading before was observed; `is_alone`: no other sensor moves with people here.
    """
    state = view.state
    if device.role is DeviceRole.OUTSIDE_DOOR:
        is_closed = state.values.get(f"{device.id} {Metric.OPEN}") is False
        # This one is taken in after its sign; one that lost its magnet or its battery says nothing.
        others = {
            name
            for name, since_ms in state.door.open_since_ms.items()
            if name not in {device.id, *faulty_devices(state)} and sign.at_ms - since_ms < DOOR_STANDS_MS
        }
        presence.on_door(state, sign.at_ms, is_closed=is_closed, all_closed=not others, parameters=view.parameters)
    elif device.role is DeviceRole.OUTSIDE_DOOR_MOTION:
        presence.on_pulse(state, sign.at_ms, view.parameters)
    else:
        is_proof = sign.certainty >= COUNTS and _is_proof(device, begun_ms, view)
        presence.on_inside(state, sign, view.parameters, is_proof=is_proof, is_alone=is_alone)


def _is_proof(device: Device, begun_ms: int | None, view: View) -> bool:
    """Return whether water was drawn since the person left, where no motion sensor could show them."""
    is_water = device.role is DeviceRole.WATER_METER and not any(one.role in MOTION_ROLES for one in view.sight.devices)
    return is_water and begun_ms is not None and begun_ms >= (view.state.away_since_ms or 0)
