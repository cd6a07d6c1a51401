"""Signs that a machine may give: electricity that switches by itself bounds no silence where somebody would be seen."""

from core.events import Metric
from core.localtime import DAY_MS
from registry.homes import Device, DeviceRole
from rules.deadlines import faulty_devices
from rules.reach import LEAST_AWAY_MS
from rules.rooms import MOTION_ROLES
from rules.state import Sign
from rules.watch import View
from rules.water_register import WATER_METRICS

ELECTRIC = frozenset({DeviceRole.POWER_METER, DeviceRole.APPLIANCE})
"""A fridge, a boiler, a heater with a thermostat: on the home's meter or behind a plug of its own."""

EMPTY_PER_RISE_MS = DAY_MS
"""A load that has come on at most once in so long while nobody was home is switched by somebody."""


def proves_somebody(sign: Sign, view: View) -> bool:
    """Return whether a sign as it is taken in is one that no machine gives: the longest silence begins anew with it.

    Water is judged by its own draws (rules/water_cycle.py).
    """
    state, device = view.state.electricity, view.devices.get(sign.device_id)
    if device is None or device.role not in ELECTRIC:
        if sign.metric in WATER_METRICS:
            return False
        state.alone_ms = None
        return True
    state.alone_ms = sign.at_ms if state.alone_ms is None else state.alone_ms
    return not may_be_machines(device, sign.at_ms, view)


def may_be_machines(device: Device, at_ms: int, view: View) -> bool:
    """Return whether a device's sign may be one of a machine.

    Electricity is, where a motion sensor would show whoever is there; but for a load that never runs in an empty home,
    and that no longer than the longest silence lasts: whoever switches on a kettle is seen in some room by then.
    """
    if device.role not in ELECTRIC or not _shows_people(view, at_ms):
        return False
    alone_ms = view.state.electricity.alone_ms
    is_early = alone_ms is None or at_ms - alone_ms < view.silence.limits.cap_ms
    return not (is_early and _is_by_hand(device, view))


def _shows_people(view: View, at_ms: int) -> bool:
    """Return whether a motion sensor that is well, and that no pet reaches, would show somebody who moves."""
    state, faulty = view.state, faulty_devices(view.state)
    return any(
        device.role in MOTION_ROLES
        and device.id not in faulty
        and device.id not in state.reach.reached
        and any(f"{device.id} {metric}" in state.values for metric in (Metric.MOTION, Metric.PRESENCE))
        and at_ms - state.heard_ms.get(device.id, 0) <= view.parameters.mute_ms
        for device in view.home.devices
    )


def _is_by_hand(device: Device, view: View) -> bool:
    """Return whether a load has hardly ever come on in an empty home, which has stood empty for long enough to tell."""
    reach = view.state.reach
    rises = reach.events.get(device.id, 0)
    return device.id not in reach.reached and reach.away_ms >= max(LEAST_AWAY_MS, rises * EMPTY_PER_RISE_MS)
