"""Whether the person is at home or went out, proven by doors and rooms; it guesses nothing from silence."""

from enum import StrEnum

from rules.parameters import RuleParameters
from rules.state import PresenceState


class Presence(StrEnum):
    """The partition: every instant is one of the two."""

    HOME = "home"
    AWAY = "away"


def away_from_ms(state: PresenceState, limits: RuleParameters) -> int | None:
    """Return the instant from which the home counts as left, if nothing more is heard; None without an exit."""
    return None if state.exit_at_ms is None else state.exit_at_ms + limits.exit_quiet_ms


def presence_at(state: PresenceState, at_ms: int, limits: RuleParameters) -> Presence:
    """Return where the person is at an instant, by what is known."""
    from_ms = away_from_ms(state, limits)
    return Presence.HOME if from_ms is None or at_ms < from_ms else Presence.AWAY


def on_contact(state: PresenceState, *, is_open: bool, at_ms: int, limits: RuleParameters) -> None:
    """Take an edge of a contact at an outside door: a close may be an exit, an open door is none yet."""
    if _is_history(state, at_ms):
        return
    was_away = presence_at(state, at_ms, limits) is Presence.AWAY
    state.door_at_ms = at_ms
    if was_away:
        return
    state.exit_at_ms = None if is_open else at_ms


def on_pulse(state: PresenceState, *, at_ms: int, limits: RuleParameters) -> None:
    """Take a pulse of the motion sensor that stands in for a contact: two in a row may be an exit, one is a walk past."""
    if _is_history(state, at_ms):
        return
    was_away = presence_at(state, at_ms, limits) is Presence.AWAY
    state.door_at_ms = at_ms
    if was_away:
        return
    if state.pulse_at_ms == at_ms:
        return
    interior = state.interior_at_ms
    follows = (
        state.pulse_at_ms is not None
        and at_ms - state.pulse_at_ms <= limits.exit_pulse_window_ms
        and (interior is None or interior < state.pulse_at_ms)
    )
    state.pulses = state.pulses + 1 if follows else 1
    state.pulse_at_ms = at_ms
    if state.pulses > 1:
        state.exit_at_ms = at_ms


def on_interior_sign(state: PresenceState, *, at_ms: int, device_id: str, limits: RuleParameters) -> bool:
    """Take a sign from inside; return whether it is the resident's, False when an empty home absorbs it."""
    exit_at_ms = state.exit_at_ms
    if exit_at_ms is not None and at_ms >= exit_at_ms + limits.exit_quiet_ms:
        if not _is_return(state, at_ms, device_id, limits):
            return False
        _come_home(state)
    elif exit_at_ms is not None and at_ms > exit_at_ms:
        _come_home(state)  # somebody is still inside: the door was opened for a parcel, or by a visitor who left
    state.interior_at_ms = max(state.interior_at_ms or at_ms, at_ms)
    return True


def _come_home(state: PresenceState) -> None:
    state.exit_at_ms = None
    state.blips = []


def _is_return(state: PresenceState, at_ms: int, device_id: str, limits: RuleParameters) -> bool:
    """A door edge and then a room, or rooms that insist: two devices, or one again and again."""
    door_at_ms = state.door_at_ms
    came_in = door_at_ms is not None and door_at_ms > (state.exit_at_ms or 0)
    if came_in and door_at_ms is not None and 0 <= at_ms - door_at_ms <= limits.return_door_ms:
        return True
    if (at_ms, device_id) not in state.blips:
        state.blips.append((at_ms, device_id))
    newest_ms = max(blip[0] for blip in state.blips)
    state.blips = [blip for blip in state.blips if newest_ms - blip[0] <= limits.return_window_ms]
    devices = [blip[1] for blip in state.blips]
    return len(set(devices)) >= limits.return_devices or devices.count(device_id) >= limits.return_signs


def _is_history(state: PresenceState, at_ms: int) -> bool:
    """An edge that arrives late, behind a newer edge or a newer sign from inside, moves nothing."""
    newest_ms = max(state.door_at_ms or at_ms, state.interior_at_ms or at_ms)
    return at_ms < newest_ms
