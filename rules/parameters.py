"""Every limit the rules judge by, with its reason and what one home may change; refuses names and values it does not know."""

import math
from collections.abc import Mapping

import msgspec

from core.errors import ConfigurationError
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS


class RuleParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Durations are milliseconds; a name that ends in _w or _l is watts or litres; the rest are counts.

    docs/rules.md has a row with the reason of each; `Home.limits` overrides any of them by its name.
    """

    # A day has a lively and a quiet part, by the home's own zone.
    day_begins_ms: int = 7 * HOUR_MS  # after local midnight
    day_ends_ms: int = 22 * HOUR_MS

    # Silence: 5 h gave 0.6 false alarms a month in a measured home, 4 h gave 1.8; sleep doubles it.
    inactivity_day_ms: int = 5 * HOUR_MS
    inactivity_night_ms: int = 10 * HOUR_MS
    inactivity_cap_ms: int = 12 * HOUR_MS  # whatever a home's own limits say

    # Leaving and coming home.
    exit_quiet_ms: int = 10 * MINUTE_MS  # nobody stays still that long right behind a door just shut
    exit_pulse_window_ms: int = 10 * MINUTE_MS  # two pulses further apart are two walks past the door
    return_door_ms: int = 5 * MINUTE_MS  # from the door to the first room takes less
    return_window_ms: int = 10 * MINUTE_MS  # stray blips of an empty home came 15 min or more apart
    return_devices: int = 2  # two rooms at once is a person, one is the sun
    return_signs: int = 5  # one room alone must insist
    no_return_ms: int = 6 * HOUR_MS  # the longest of 53 measured absences a month was 5.4 h

    # Water.
    water_running_ms: int = 2 * HOUR_MS  # the Nagano field trial's limit
    water_unattended_ms: int = 30 * MINUTE_MS  # water runs and nobody moves: nobody washes that still
    water_gap_ms: int = 20 * MINUTE_MS  # a meter that reports each 15 min, a little late
    water_still_ms: int = 2 * MINUTE_MS  # a 1 L register at 30 L/h stands still for 2 min between two steps
    water_growth_l: float = 0.05  # below is the jitter of a fine register

    # Doors and mains.
    door_open_day_ms: int = 10 * MINUTE_MS
    door_open_night_ms: int = 5 * MINUTE_MS
    power_out_ms: int = 2 * MINUTE_MS  # a recloser or a tripped switch put back is over by then

    # Sight.
    silent_heartbeats: int = 3  # one is lost now and then, three in a row are not
    blind_key_day_ms: int = 2 * HOUR_MS
    blind_key_night_ms: int = 4 * HOUR_MS
    blind_day_ms: int = 6 * HOUR_MS
    blind_night_ms: int = 24 * HOUR_MS

    # Emergencies.
    emergency_max_age_ms: int = HOUR_MS  # an older press, found in a backlog, is history and not a page
    emergency_repeat_ms: int = MINUTE_MS  # pressing again within it is the same cry

    # Grades.
    path_window_ms: int = 10 * MINUTE_MS  # two rooms within it are one person walking
    appliance_rise_w: float = 60.0  # above the step of a refrigerator or a standby supply

    def for_home(self, limits: Mapping[str, float]) -> "RuleParameters":
        """Return these parameters with one home's own limits; raises ConfigurationError on a name or value unknown."""
        if not limits:
            return self
        unknown = sorted(set(limits) - set(self.__struct_fields__))
        if unknown:
            raise ConfigurationError(
                f"no rule has a limit named {', '.join(unknown)}",
                where="Home.limits",
                remedy="use the names in docs/rules.md",
            )
        changes = {name: _checked(name, value) for name, value in limits.items()}
        found = msgspec.structs.replace(self, **changes)
        if not 0 <= found.day_begins_ms < found.day_ends_ms <= DAY_MS:
            raise ConfigurationError(
                "the day must begin before it ends, within 24 h", where="Home.limits", remedy="change day_begins_ms"
            )
        return found


def _checked(name: str, value: float) -> float:
    floor = 0 if name == "day_begins_ms" else 1
    is_measure = name.endswith(("_w", "_l"))
    if not math.isfinite(value) or (value <= 0 if is_measure else value < floor):
        raise ConfigurationError(f"{name} = {value} is no limit", where="Home.limits", remedy="give a positive number")
    return float(value) if is_measure else int(value)
