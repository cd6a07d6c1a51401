"""Every limit a rule uses, with its default and its reason; a home may override one by name (`Home.limits`)."""

import math

import msgspec

from core.errors import ConfigurationError
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import Home


class RuleParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of the rules; durations in ms, hours as local clock hours. docs/rules.md has a row for each."""

    day_starts_hour: int = 7
    night_starts_hour: int = 22
    inactivity_day_ms: int = 5 * HOUR_MS  # 4 h rings three times as often on a year of real life (spec A2)
    inactivity_night_ms: int = 10 * HOUR_MS  # a night's sleep of 22-07 uses 0.9 of it
    inactivity_cap_ms: int = 12 * HOUR_MS  # whatever else is set, half a day of silence rings
    strong_sign_window_ms: int = 10 * MINUTE_MS  # two rooms within it are a person, one blip may be a reflection
    exit_quiet_ms: int = 10 * MINUTE_MS  # door shut, then nothing inside for this long: the person went out
    exit_pulse_window_ms: int = 10 * MINUTE_MS  # two pulses of a motion stand-in within it prove an exit
    return_door_ms: int = 5 * MINUTE_MS  # door, then a sign inside within it: the person is back
    return_signs_ms: int = 10 * MINUTE_MS  # without a door: signs of two devices within it
    return_single_device_signs: int = 5  # or that many of one device; 13 stray pairs of a real absence stay below
    no_return_ms: int = 6 * HOUR_MS  # real outings of one person: p99 3.7 h (spec A6)
    water_running_ms: int = 2 * HOUR_MS  # continuous flow (spec A6)
    water_silent_ms: int = 30 * MINUTE_MS  # flow with nobody moving is a person who fell at the tap
    water_run_gap_ms: int = 10 * MINUTE_MS  # a register that stands this long says that the tap is shut
    door_open_day_ms: int = 10 * MINUTE_MS
    door_open_night_ms: int = 5 * MINUTE_MS
    power_out_ms: int = 2 * MINUTE_MS  # shorter cuts are the grid's own switching
    missed_heartbeats: int = 3
    blind_key_day_ms: int = 2 * HOUR_MS
    blind_key_night_ms: int = 4 * HOUR_MS
    blind_day_ms: int = 6 * HOUR_MS
    blind_night_ms: int = 24 * HOUR_MS
    emergency_backlog_ms: int = HOUR_MS  # an emergency signal older than this on arrival is history, not a page


def parameters_of(home: Home, defaults: RuleParameters) -> RuleParameters:
    """Return the parameters of one home; raises ConfigurationError for a limit that no rule knows."""
    if not home.limits:
        return defaults
    known = msgspec.structs.asdict(defaults)
    for name, value in home.limits.items():
        if name not in known or not 1 <= value < math.inf:
            raise ConfigurationError(
                f"{name} = {value} is not a rule's limit",
                where=f"home {home.id}",
                remedy=f"use a whole positive value for one of {', '.join(known)}",
            )
        known[name] = int(value)
    return RuleParameters(**known)
