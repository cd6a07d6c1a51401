"""In which of eight modes a home is, read from its state; a word for people and a switch for rules, no all-clear."""

from enum import StrEnum

import msgspec

from core.localtime import zone
from registry.homes import LONGEST_TEST_MS, DeviceRole, Home
from rules.deadlines import faulty_devices
from rules.findings import FindingKind
from rules.fixed_limits import is_day
from rules.parameters import RuleParameters
from rules.seeing import dark_since_ms
from rules.state import HomeState

PERSON_KINDS = frozenset(
    {
        FindingKind.INACTIVITY,
        FindingKind.NO_RETURN,
        FindingKind.NO_DOOR_OPENING,
        FindingKind.CAME_IN_SILENT,
        FindingKind.NIGHT_OUT,
        FindingKind.BATHROOM_SILENCE,
        FindingKind.LOW_ACTIVITY,
        FindingKind.NIGHT_TOILET,
        FindingKind.ROUTINE_CHANGED,
        FindingKind.LOW_WATER,
        FindingKind.COLD_HOME,
        FindingKind.HOT_HOME,
        FindingKind.HOME_BLIND,
    }
)
"""What is told for the sake of somebody who lives there; while nobody does it is not told. All else still is."""


class HomeMode(StrEnum):
    """The graver word for what is known wins, in this order."""

    SUSPENDED = "suspended"  # declared: in hospital, at the children's, moved, died
    TEST = "test"  # declared: devices are being tried out
    OFFLINE = "offline"  # nothing can be seen
    AWAY = "away"  # proven by the door
    VISITOR = "visitor"  # more than one person moves
    DEGRADED = "degraded"  # some device is silent or at fault, the home can still be seen
    ASLEEP = "asleep"  # night, at home and quiet
    HOME = "home"  # nothing says otherwise; not that all is well


PRECEDENCE = tuple(HomeMode)

_SEEN = frozenset({HomeMode.HOME, HomeMode.ASLEEP, HomeMode.DEGRADED})
"""What is taken for so while nothing says otherwise: of a home that never spoke it would be a claim out of thin air."""


class Standing(msgspec.Struct, frozen=True):
    """A mode, since when it holds, and for a declared one why and until when."""

    mode: HomeMode
    since_ms: int
    reason: str = ""
    until_ms: int | None = None


def never_heard(state: HomeState) -> bool:
    """Return whether no device of the home has ever spoken."""
    return not state.heard_ms and not state.signs


def mode_shown(mode: HomeMode, state: HomeState | None) -> HomeMode | None:
    """Return the mode as people may be told it; None: nothing was ever heard of the home."""
    return None if mode in _SEEN and (state is None or never_heard(state)) else mode


def mode_of(state: HomeState, home: Home, parameters: RuleParameters, now_ms: int) -> HomeMode:
    """Return the mode of a home at a moment."""
    return standing_of(state, home, parameters, now_ms).mode


def standing_of(state: HomeState, home: Home, parameters: RuleParameters, now_ms: int) -> Standing:
    """Return the mode of a home at a moment, and since when."""
    suspension = home.suspension_at(now_ms)
    if suspension is not None:
        return Standing(HomeMode.SUSPENDED, suspension.from_ms, suspension.reason, suspension.until_ms)
    if home.is_tested_at(now_ms):
        return Standing(HomeMode.TEST, _tested_since_ms(state, home), until_ms=home.test_until_ms)
    if state.is_blind:
        dark_ms = dark_since_ms(state, home, parameters)
        return Standing(HomeMode.OFFLINE, now_ms if dark_ms is None else min(dark_ms, now_ms))
    if state.is_away:
        return Standing(HomeMode.AWAY, state.away_since_ms or now_ms)
    if state.visitor.since_ms is not None and now_ms < state.visitor.until_ms:
        return Standing(HomeMode.VISITOR, state.visitor.since_ms)
    return _quiet_standing(state, home, parameters, now_ms)


def _tested_since_ms(state: HomeState, home: Home) -> int:
    """Return since when a home is under test; the registry only says until when."""
    held = state.suspension
    if held.is_tested and held.tested_from_ms is not None:
        return held.tested_from_ms
    return max(state.started_ms, held.declared_ms, (home.test_until_ms or 0) - LONGEST_TEST_MS)


def _quiet_standing(state: HomeState, home: Home, parameters: RuleParameters, now_ms: int) -> Standing:
    faults = faulty_devices(state)
    if faults:
        return Standing(HomeMode.DEGRADED, min(faults.values()))
    home_ms = max(state.started_ms, state.home_since_ms or 0, state.seen_again_ms or 0, state.watched_from_ms or 0)
    asleep_ms = _asleep_since_ms(state, home, parameters, now_ms)
    return Standing(HomeMode.HOME, home_ms) if asleep_ms is None else Standing(HomeMode.ASLEEP, asleep_ms)


def _asleep_since_ms(state: HomeState, home: Home, parameters: RuleParameters, now_ms: int) -> int | None:
    """Return since when somebody probably sleeps: at night, quiet for a while, or last seen in bed."""
    if not state.signs or is_day(now_ms, zone(home.zone_name), parameters):
        return None
    last = state.signs[-1]
    in_bed = any(device.id == last.device_id and device.role is DeviceRole.BED_MOTION for device in home.devices)
    return last.at_ms if in_bed or now_ms - last.at_ms >= parameters.asleep_quiet_ms else None
