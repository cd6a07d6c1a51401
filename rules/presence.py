"""Home or away, proven by the door; a stray blip proves neither (ADR 5)."""

from core.events import Metric
from core.localtime import MINUTE_MS
from registry.homes import DeviceRole
from rules.deafness_state import counted_ms
from rules.parameters import RuleParameters
from rules.state import DOUBTFUL, HomeState, Sign

SIGNS_AFTER_DOOR = 2
"""So many signs inside within half an hour of the door: one alone may be the blip that comes every few hours."""

APART_MS = 5 * MINUTE_MS
"""Closer together, the signs of one sensor are one visit of the sun or a cat."""

_POWER = frozenset({Metric.POWER_W, Metric.ENERGY_TOTAL_WH})

BURST_MS = 20_000
BURST_KEPT = 2
"""Closer together the signs of one sensor are one movement, or a loose contact; two of them are kept."""

ONE_ROOM_TIMES = 2
"""So many times the signs where all are of one sensor of several: whoever sits there moves oftener than a cat."""

SIGNS_BEFORE_EXIT = 2
"""So many signs inside shortly before the door say that whoever opens it was at home: stray blips come alone."""


def settle(state: HomeState, until_ms: int, parameters: RuleParameters) -> None:
    """Let a possible exit become an absence when nothing inside spoke against it in time, and it would be heard."""
    if state.exit_ms is None or state.deaf.from_ms is not None:
        return
    if until_ms >= counted_ms(state.deaf, state.exit_ms) + parameters.exit_quiet_ms:
        state.is_away = True
        state.away_since_ms = state.exit_ms
        reentry_ms = None if state.reentry_ms is None else state.exit_ms
        _forget(state)
        state.reentry_ms = reentry_ms


def on_door(state: HomeState, at_ms: int, *, is_closed: bool, all_closed: bool, parameters: RuleParameters) -> None:
    """Take an edge of a real contact at the outside door."""
    if _is_history(state, at_ms):
        return
    state.door_ms = at_ms
    if state.is_away and not _left_from_inside(state, at_ms, parameters):
        state.return_door_ms = at_ms
        return
    if state.is_away:
        _came_home(state, at_ms, by_door=False)  # nobody had left before
    if not is_closed and state.exit_ms is not None and at_ms - state.exit_ms > MINUTE_MS:
        state.reentry_ms = at_ms  # opened anew before the exit was proven, nothing inside between
    state.exit_ms = at_ms if is_closed and all_closed else None


def on_pulse(state: HomeState, at_ms: int, parameters: RuleParameters) -> None:
    """Take a pulse of a motion sensor that stands in for the door: two without a sign inside are an exit."""
    if _is_history(state, at_ms):
        return
    state.door_ms = at_ms
    if state.is_away and not _left_from_inside(state, at_ms, parameters):
        state.return_door_ms = at_ms
        return
    if state.is_away:
        _came_home(state, at_ms, by_door=False)
    state.pulses_ms = [p for p in state.pulses_ms if at_ms - p <= parameters.exit_pulse_window_ms] + [at_ms]
    if len(state.pulses_ms) > 1:
        state.exit_ms = at_ms


def on_inside(
    state: HomeState, sign: Sign, parameters: RuleParameters, *, is_proof: bool = False, is_alone: bool = False
) -> bool:
    """Take a sign from inside; return whether it ends an absence. A doubtful one ends it only beside a sure one.

    `is_proof` is a hand at the tap in a home that nothing else could show: it ends the absence by itself.
    `is_alone` says that no other sensor moves with people in this home.
    """
    if sign.certainty > DOUBTFUL:
        state.inside_ms = max(state.inside_ms or sign.at_ms, sign.at_ms)
    if not state.is_away:
        is_late = state.door_ms is not None and sign.at_ms < state.door_ms  # says nothing about who is inside now
        if not is_late and sign.certainty > DOUBTFUL:
            state.exit_ms = None
            state.reentry_ms = None
            state.pulses_ms = []
        return False
    if state.away_since_ms is not None and sign.at_ms < state.away_since_ms:
        return False
    kept_ms = max(parameters.return_signs_ms, parameters.return_door_ms, parameters.exit_signs_ms)
    kept = [s for s in state.return_signs if sign.at_ms - s.at_ms <= kept_ms]
    if sum(s.device_id == sign.device_id and abs(sign.at_ms - s.at_ms) < BURST_MS for s in kept) < BURST_KEPT:
        kept.append(sign)
    state.return_signs = kept[-BURST_KEPT * parameters.return_single_device_signs :]
    is_lived_in = _is_lived_in(state, sign, parameters, least_devices=1 if is_alone else 2)
    if not is_proof and not is_lived_in and not _is_back(state, sign, parameters):
        return False
    _came_home(state, sign.at_ms, by_door=_is_by_door(state, sign, parameters))
    return True


def is_entrance(role: DeviceRole) -> bool:
    """Return whether a device watches the way out."""
    return role in {DeviceRole.OUTSIDE_DOOR, DeviceRole.OUTSIDE_DOOR_MOTION}


def _is_back(state: HomeState, sign: Sign, parameters: RuleParameters) -> bool:
    recent = [s for s in state.return_signs if sign.at_ms - s.at_ms <= parameters.return_signs_ms]
    sure = [s for s in recent if s.certainty > DOUBTFUL]
    if not sure:
        return _is_by_door(state, sign, parameters)
    by_rooms = len({s.device_id for s in recent}) > 1 and len(recent) >= parameters.return_signs
    by_count = _apart(sure) >= parameters.return_single_device_signs
    return by_rooms or by_count or _is_by_door(state, sign, parameters)


def _apart(signs: list[Sign]) -> int:
    """Return how many signs there are without those that follow another within a burst."""
    count, last_ms = 0, 0
    for at_ms in sorted(sign.at_ms for sign in signs):
        if not count or at_ms - last_ms >= BURST_MS:
            count, last_ms = count + 1, at_ms
    return count


def _is_lived_in(state: HomeState, sign: Sign, parameters: RuleParameters, *, least_devices: int) -> bool:
    """Return whether signs that come singly are too many for an empty home: somebody who hardly moves lives there.

    A few of one sensor of several are a cat's in its favourite room: found out (rules/reach.py), not believed.
    """
    if sign.certainty <= DOUBTFUL or sign.metric in _POWER:  # a boiler comes on in an empty home too
        return False
    kept = [one for one in state.lone_signs if sign.at_ms - one.at_ms < parameters.return_slow_ms]
    if not any(abs(sign.at_ms - one.at_ms) < APART_MS and one.device_id == sign.device_id for one in kept):
        kept.append(sign)
    many = ONE_ROOM_TIMES * parameters.return_slow_signs
    state.lone_signs = kept[-many:]
    devices = len({one.device_id for one in state.lone_signs})
    return len(state.lone_signs) >= (parameters.return_slow_signs if devices >= least_devices else many)


def _is_by_door(state: HomeState, sign: Sign, parameters: RuleParameters) -> bool:
    """Return whether the door has let somebody in: a sign soon after it, or more than one within half an hour."""
    door_ms = state.return_door_ms
    if door_ms is None:
        return False
    soon = [s for s in state.return_signs if abs(s.at_ms - door_ms) <= parameters.return_lone_ms]
    if len({s.device_id for s in soon}) >= SIGNS_AFTER_DOOR:
        return True  # though a cat reaches every sensor: the door moved, and two rooms at once
    if sign.certainty <= DOUBTFUL:
        return False
    if abs(sign.at_ms - door_ms) <= parameters.return_lone_ms:
        return True
    near = [
        s for s in state.return_signs if s.certainty > DOUBTFUL and abs(s.at_ms - door_ms) <= parameters.return_door_ms
    ]
    return len(near) >= SIGNS_AFTER_DOOR


def _left_from_inside(state: HomeState, at_ms: int, parameters: RuleParameters) -> bool:
    before = [s for s in state.return_signs if s.certainty > DOUBTFUL and at_ms - s.at_ms <= parameters.exit_signs_ms]
    return len(before) >= SIGNS_BEFORE_EXIT


def _came_home(state: HomeState, at_ms: int, *, by_door: bool) -> None:
    state.is_away = False
    state.away_since_ms = None
    state.home_since_ms = at_ms
    state.was_return_by_door = by_door
    _forget(state)


def _forget(state: HomeState) -> None:
    state.exit_ms = None
    state.reentry_ms = None
    state.pulses_ms = []
    state.return_door_ms = None
    state.return_signs = []
    state.lone_signs = []


def _is_history(state: HomeState, at_ms: int) -> bool:
    """Return whether an edge is late, behind a newer one or a newer sign inside: no exit any more."""
    return at_ms < max(state.inside_ms or at_ms, state.door_ms or at_ms)
