"""How surely a person caused a sign: 1 counts in full, 0.7 still resets the clock of silence, less does not."""

from registry.homes import DeviceRole
from rules import presence, water_cycle
from rules.electricity import RISE_CERTAINTY
from rules.rooms import MOTION_ROLES
from rules.state import DOUBTFUL, SURE, Sign
from rules.watch import Change, View

NOTHING = 0.0
LONE_WHILE_AWAY = 0.4
"""One sensor that blinks in an empty home: sun, curtain, dust."""


def certainty_of(change: Change, view: View) -> float:  # noqa: PLR0911  # one return a case
    """Return the certainty of a graded reading as it is taken in; two sensors within ten minutes are a person."""
    state, device = view.state, change.device
    if device.id in state.chatter.until_ms:
        return NOTHING
    if device.role is DeviceRole.WATER_METER:
        return water_cycle.certainty(change, view)
    if device.role not in MOTION_ROLES and device.role is not DeviceRole.POWER_METER:
        return SURE
    if device.role is DeviceRole.POWER_METER and state.electricity.is_timer:
        return NOTHING
    if _is_accompanied(change, view):
        return SURE
    if device.id in state.reach.reached:
        return DOUBTFUL
    if state.is_away:
        return LONE_WHILE_AWAY
    return RISE_CERTAINTY if device.role is DeviceRole.POWER_METER else SURE


def _is_accompanied(change: Change, view: View) -> bool:
    state, at_ms = view.state, change.reading.observed_at_ms
    return any(
        _speaks_for(sign, view) and sign.device_id != change.device.id and _is_near(sign, at_ms, view)
        for sign in (*state.signs, *state.return_signs)
    )


def _speaks_for(sign: Sign, view: View) -> bool:
    """Return whether a sign of another device is a person's, inside: the door's own is not, a pet's is not."""
    device = view.devices.get(sign.device_id)
    return sign.certainty > DOUBTFUL and device is not None and not presence.is_entrance(device.role)


def _is_near(sign: Sign, at_ms: int, view: View) -> bool:
    return abs(at_ms - sign.at_ms) <= view.parameters.strong_sign_window_ms
