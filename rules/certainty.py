"""How surely a person caused a sign: 1 counts in full, 0.7 still resets the clock of silence, less does not."""

from registry.homes import DeviceRole
from rules import machines, presence, water_cycle
from rules.electricity import RISE_CERTAINTY
from rules.findings import FindingKind
from rules.health import is_suspect
from rules.rooms import MOTION_ROLES
from rules.state import DOUBTFUL, SURE, Sign
from rules.watch import Change, View

_NO_ROLES = frozenset[DeviceRole]()
_MACHINE_ROLES = machines.ELECTRIC | {DeviceRole.WATER_METER}

_WATER_METER = DeviceRole.WATER_METER

NOTHING = 0.0
LONE_WHILE_AWAY = 0.4
"""One sensor that blinks in an empty home: sun, curtain, dust."""


def certainty_of(change: Change, view: View) -> float:  # noqa: PLR0911  # one return a case
    """Return the certainty of a graded reading as it is taken in; two sensors within ten minutes are a person."""
    state, device = view.state, change.device
    is_electric = device.role in machines.ELECTRIC
    if device.id in state.chatter.until_ms:
        return NOTHING
    if is_suspect(state.chatter, device.id, change.reading.observed_at_ms, view.parameters.chatter_per_minute):
        return DOUBTFUL
    if device.role is _WATER_METER:
        return water_cycle.certainty(change, view)
    if device.role not in MOTION_ROLES and not is_electric:
        return SURE
    if is_electric and device.role is DeviceRole.POWER_METER and state.electricity.is_timer:
        return NOTHING
    if _is_accompanied(change, view):
        return SURE
    if device.id in state.reach.reached or (is_electric and _answers_unproven(change, view)):
        return DOUBTFUL
    if is_electric and device.role is DeviceRole.APPLIANCE:
        return SURE
    if state.is_away:
        return LONE_WHILE_AWAY
    return RISE_CERTAINTY if is_electric else SURE


def _answers_unproven(change: Change, view: View) -> bool:
    """Return whether a rise of power that a machine may have caused comes while a silence has rung."""
    is_called = view.is_open(FindingKind.INACTIVITY)
    return is_called and machines.may_be_machines(change.device, change.reading.observed_at_ms, view)


def _is_accompanied(change: Change, view: View) -> bool:
    state, at_ms = view.state, change.reading.observed_at_ms
    machine_roles = _MACHINE_ROLES if change.device.role in machines.ELECTRIC else _NO_ROLES
    device_id, window_ms = change.device.id, view.parameters.strong_sign_window_ms
    return any(
        sign.device_id != device_id and abs(at_ms - sign.at_ms) <= window_ms and _speaks_for(sign, view, machine_roles)
        for sign in (*state.signs, *state.return_signs)
    )


def _speaks_for(sign: Sign, view: View, machine_roles: frozenset[DeviceRole]) -> bool:
    """Return whether a sign of another device is a person's, inside: the door's own is not, a pet's is not.

    Nor is the plug's that rises with the home's meter, nor the water that a machine draws.
    """
    device = view.devices.get(sign.device_id)
    if device is None or device.role in machine_roles:
        return False
    return sign.certainty > DOUBTFUL and not presence.is_entrance(device.role)
