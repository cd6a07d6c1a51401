"""Whether a home can be seen: which devices show ordinary life, since when none could, and how much of it adds up."""

from collections.abc import Sequence

import msgspec

from core.localtime import DAY_MS, HOUR_MS
from registry.homes import Device, DeviceRole, Home
from rules.deafness_state import counted_ms
from rules.parameters import RuleParameters
from rules.rooms import MOTION_ROLES
from rules.state import HomeState

SIGNLESS = frozenset({DeviceRole.GATEWAY, DeviceRole.CLIMATE, DeviceRole.LEAK, DeviceRole.SMOKE_GAS_CO})
"""Devices that never show a sign of life."""

_LIFELESS = SIGNLESS | {DeviceRole.SOS_BUTTON}
ENTRANCES = frozenset({DeviceRole.OUTSIDE_DOOR, DeviceRole.OUTSIDE_DOOR_MOTION})
_SEEING_NOBODY_INSIDE = _LIFELESS | ENTRANCES


def witnesses(devices: Sequence[Device]) -> tuple[Device, ...]:
    """Return the devices whose silence says something of the person: those inside; the ways out where nothing else is.

    A button that is pressed once in a year, a thermometer and a smoke alarm show no ordinary life.
    """
    inside = tuple(device for device in devices if device.role not in _SEEING_NOBODY_INSIDE)
    return inside or tuple(device for device in devices if device.role in ENTRANCES)


def sight_of(home: Home, state: HomeState) -> Home:
    """Return a home with what can show its person: without any motion sensor where a pet reaches every one of them.

    What else alone proves nobody (a load that switches by itself) is left out with them.
    """
    reached = state.reach.reached
    movers = [device for device in home.devices if device.role in MOTION_ROLES] if reached else []
    if not movers or any(device.id not in reached for device in movers):
        return home
    left = tuple(one for one in home.devices if one.id not in reached and one.role not in MOTION_ROLES)
    return msgspec.structs.replace(home, devices=left)


def sees_only_doors(home: Home) -> bool:
    """Return whether nothing but the ways out could show life: nobody can be told away from silent there."""
    sees_a_door = False
    for device in home.devices:
        if device.role in ENTRANCES:
            sees_a_door = True
        elif device.role not in _LIFELESS:
            return False
    return sees_a_door


def blind_since_ms(state: HomeState, home: Home, parameters: RuleParameters) -> int | None:
    """Return when the home could no longer be seen; None for a home that promises no heartbeat and has no last will.

    Whatever is heard was heard through the gateway, so its silence alone is enough: a sensor that beats once an hour
    is not yet overdue when the gateway died. The last will of the gateway, or of its bridge, is enough at once. A
    link that speaks while every witness is silent shows nobody either.
    """
    seeing = witnesses(home.devices)
    words = [state.offline_ms.get(device.id) for device in home.devices if device.role is DeviceRole.GATEWAY]
    gone = [word_ms for word_ms in words if word_ms is not None]
    ends = (
        max(gone) if gone and len(gone) == len(words) else None,
        _unheard_ms(home, seeing, state, parameters),
        _missed_ms(seeing, state, parameters),
    )
    return min((end_ms for end_ms in ends if end_ms is not None), default=None)


def dark_since_ms(state: HomeState, home: Home, parameters: RuleParameters) -> int | None:
    """Return since when a blind home cannot be seen: since the service went deaf, or for a reason of its own."""
    if state.deaf.from_ms is not None and not state.deaf.was_blind:
        return state.deaf.from_ms
    return blind_since_ms(state, home, parameters)


def last_word_ms(state: HomeState, home: Home, parameters: RuleParameters) -> int:
    """Return when a blind home was last seen: at its last word, or at its witnesses' behind a link that speaks."""
    seeing, since_ms = witnesses(home.devices), blind_since_ms(state, home, parameters)
    is_behind = since_ms is not None and since_ms == _missed_ms(seeing, state, parameters)
    heard_ms = state.heard_ms if not is_behind else {one.id: state.heard_ms.get(one.id, 0) for one in seeing}
    return max([state.started_ms, *heard_ms.values()])


def blind_used(state: HomeState, at_ms: int) -> float:
    """Return the share of the blind limit that dark stretches before `at_ms` used; it fades within a day of sight."""
    seen_ms = at_ms - (at_ms if state.seen_again_ms is None else state.seen_again_ms)
    return max(state.blind_used - max(seen_ms, 0) / DAY_MS, 0.0)


def quiet_from_ms(state: HomeState, parameters: RuleParameters) -> int | None:
    """Return when a silence that is told in minutes begins, for a home that is seen again after a dark stretch.

    A moment in the dark is left out; in a longer one whoever was silent may have moved, and nothing counts before it.
    """
    if state.quiet_from_ms is None or state.seen_again_ms is None or state.dark_from_ms is None:
        return state.seen_again_ms
    dark_ms = max(state.seen_again_ms - max(state.dark_from_ms, state.quiet_from_ms), 0)
    return state.seen_again_ms if dark_ms > parameters.return_signs_ms else state.quiet_from_ms + dark_ms


def unseen_until_ms(state: HomeState, parameters: RuleParameters) -> int:
    """Return when the last dark stretch ended that may have hidden anything; 0 for none: a gateway reboots at night."""
    if state.seen_again_ms is None or state.dark_from_ms is None:
        return state.seen_again_ms or 0
    return state.seen_again_ms if state.seen_again_ms - state.dark_from_ms > parameters.return_signs_ms else 0


def counted_from_ms(state: HomeState, since_ms: int) -> int:
    """Return from when a silence since a moment is counted: later than that only where it was dark meanwhile."""
    return max(since_ms, state.quiet_from_ms or 0) if (state.seen_again_ms or 0) > since_ms else since_ms


def settled_ms(state: HomeState) -> int:
    """Return until when a home that could not be seen is given to show who came in meanwhile."""
    return 0 if state.seen_again_ms is None else state.seen_again_ms + state.settle_ms


def give_time(state: HomeState, dark_ms: int, log_ms: int, parameters: RuleParameters) -> None:
    """Give a home that is seen again the time to settle: of a moment in the dark no more than its own length.

    Within an hour of sight no more in all than after one long stretch, and in seen time: a link that flaps must not
    put a question off for ever.
    """
    seen_ms = 0 if state.seen_again_ms is None else max(dark_ms - state.seen_again_ms, 0)
    state.settle_seen_ms += seen_ms
    if state.settle_seen_ms >= HOUR_MS:
        state.settle_seen_ms = state.settle_given_ms = 0
    left_ms = max(state.settle_ms - seen_ms, 0)
    asked_ms = min(parameters.return_signs_ms, max(log_ms - dark_ms, 0)) - left_ms
    given_ms = max(min(asked_ms, parameters.return_signs_ms - state.settle_given_ms), 0)
    state.settle_ms = left_ms + given_ms
    state.settle_given_ms += given_ms


def _unheard_ms(home: Home, seeing: Sequence[Device], state: HomeState, parameters: RuleParameters) -> int | None:
    """Return when nothing that says whether anything is heard at all was heard any more: gateways, else witnesses.

    Where there is no gateway, a witness without a heartbeat that speaks shows that one dead battery is not the home.
    """
    beating = [device for device in home.devices if device.heartbeat_ms]
    gateways = [device for device in beating if device.role is DeviceRole.GATEWAY]
    if gateways:
        return _missed_ms(gateways, state, parameters)
    carriers = [device for device in seeing if device.heartbeat_ms] or beating
    missed_ms = _missed_ms(carriers, state, parameters)
    heard_ms = [state.heard_ms[one.id] for one in seeing if not one.heartbeat_ms and one.id in state.heard_ms]
    if missed_ms is None or not heard_ms:
        return missed_ms
    longest_ms = max(device.heartbeat_ms or 0 for device in carriers)
    return max(missed_ms, counted_ms(state.deaf, max(heard_ms)) + parameters.missed_heartbeats * longest_ms)


def _missed_ms(devices: Sequence[Device], state: HomeState, parameters: RuleParameters) -> int | None:
    """Return when the last of some devices was gone: its heartbeats missed, or, where it promises none, by its bridge.

    None when of one of them neither says so.
    """
    if not devices or not all(device.heartbeat_ms or device.id in state.offline_ms for device in devices):
        return None
    return max(
        counted_ms(state.deaf, state.heard_ms.get(device.id, state.started_ms))
        + parameters.missed_heartbeats * device.heartbeat_ms
        if device.heartbeat_ms
        else state.offline_ms[device.id]
        for device in devices
    )
