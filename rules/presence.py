"""Home or away, proven by the door; a stray blip proves neither (ADR 5)."""

from registry.homes import DeviceRole
from rules.parameters import RuleParameters
from rules.state import HomeState, Sign


def settle(state: HomeState, until_ms: int, parameters: RuleParameters) -> None:
    """Let a possible exit become an absence when nothing inside spoke against it in time."""
    if state.exit_ms is not None and until_ms >= state.exit_ms + parameters.exit_quiet_ms:
        state.is_away = True
        state.away_since_ms = state.exit_ms
        state.exit_ms = None
        state.pulses_ms = []
        state.return_door_ms = None
        state.return_signs = []


def on_door(state: HomeState, at_ms: int, *, is_closed: bool, all_closed: bool) -> None:
    """Take an edge of a real contact at the outside door."""
    if _is_history(state, at_ms):
        return
    state.door_ms = at_ms
    if state.is_away:
        state.return_door_ms = at_ms
    else:
        state.exit_ms = at_ms if is_closed and all_closed else None


def on_pulse(state: HomeState, at_ms: int, parameters: RuleParameters) -> None:
    """Take a pulse of a motion sensor that stands in for the door: two without a sign inside are an exit."""
    if _is_history(state, at_ms):
        return
    state.door_ms = at_ms
    if state.is_away:
        state.return_door_ms = at_ms
        return
    state.pulses_ms = [p for p in state.pulses_ms if at_ms - p <= parameters.exit_pulse_window_ms] + [at_ms]
    if len(state.pulses_ms) > 1:
        state.exit_ms = at_ms


def on_inside(state: HomeState, sign: Sign, parameters: RuleParameters) -> bool:
    """Take a sign from inside; return whether it ends an absence."""
    state.inside_ms = max(state.inside_ms or sign.at_ms, sign.at_ms)
    if not state.is_away:
        if state.door_ms is not None and sign.at_ms < state.door_ms:
            return False  # a late sign from before the door says nothing about who is inside now
        state.exit_ms = None
        state.pulses_ms = []
        return False
    recent = [s for s in state.return_signs if sign.at_ms - s.at_ms <= parameters.return_signs_ms] + [sign]
    state.return_signs = recent[-parameters.return_single_device_signs :]
    by_door = state.return_door_ms is not None and sign.at_ms - state.return_door_ms <= parameters.return_door_ms
    by_rooms = len({s.device_id for s in recent}) > 1 and len(recent) >= parameters.return_signs
    by_count = len(recent) >= parameters.return_single_device_signs
    if not (by_door or by_rooms or by_count):
        return False
    state.is_away = False
    state.away_since_ms = None
    state.return_door_ms = None
    state.return_signs = []
    return True


def _is_history(state: HomeState, at_ms: int) -> bool:
    """Return whether an edge is late, behind a newer one or a newer sign inside: no exit any more."""
    return at_ms < max(state.inside_ms or at_ms, state.door_ms or at_ms)


def is_entrance(role: DeviceRole) -> bool:
    """Return whether a device watches the way out."""
    return role in {DeviceRole.OUTSIDE_DOOR, DeviceRole.OUTSIDE_DOOR_MOTION}
