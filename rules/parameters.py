"""Every limit a rule uses, with its default and its reason; a home may override one by name (`Home.limits`)."""

import math

import msgspec

from core.errors import ConfigurationError
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import Home

SWITCHES = frozenset({"inactivity_personal"})
"""Parameters that are 1 or 0."""


class RuleParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of the rules; durations in ms, hours as local clock hours. docs/rules.md has a row for each."""

    day_starts_hour: int = 7
    night_starts_hour: int = 22
    inactivity_personal: int = 1  # 1: the home's own habits and a budget; 0: the fixed limits by day and night
    budget_first_per_30d: float = 0.6  # false calls to the resident; about 0.6 were realised on a year never tuned on
    budget_second_per_30d: float = 0.5  # false calls to others
    budget_first_meter_per_30d: float = 0.5  # a meter alone is a slow witness: fewer calls, later
    even_share: float = 0.2  # of the activity clock runs evenly, so that nights are not endless (ADR 6)
    even_share_meter: float = 0.5
    prior_limit: float = 10.0  # half hours of expected activity missed, before own habits are known: about 5 h by day
    prior_limit_meter: float = 12.0  # the same for a meter alone
    prior_days: float = 4.0  # after as many days half of the limit is the home's own
    fallback_days: float = 4.0  # so long the fixed limits hold too, whichever comes first
    inactivity_floor_ms: int = 45 * MINUTE_MS  # nobody is rung for less, however lively the home
    inactivity_cap_meter_ms: int = 24 * HOUR_MS  # homes with nothing but meters
    second_stage_ms: int = 20 * MINUTE_MS  # still silent so long after the first call: the ladder rings others
    inactivity_day_ms: int = 5 * HOUR_MS  # 4 h rings three times as often on a year of real life (spec A2)
    inactivity_night_ms: int = 10 * HOUR_MS  # a night's sleep of 22-07 uses 0.9 of it
    inactivity_cap_ms: int = 12 * HOUR_MS  # whatever else is set, half a day of silence rings
    strong_sign_window_ms: int = 10 * MINUTE_MS  # two rooms within it are a person, one blip may be a reflection
    exit_quiet_ms: int = 10 * MINUTE_MS  # door shut, then nothing inside for this long: the person went out
    exit_pulse_window_ms: int = 10 * MINUTE_MS  # two pulses of a motion stand-in within it prove an exit
    return_door_ms: int = 5 * MINUTE_MS  # door, then a sign inside within it: the person is back
    return_signs_ms: int = 10 * MINUTE_MS  # without a door: signs of two devices within it ...
    return_signs: int = 3  # ... so many together: two stray blips of two rooms came by chance in a real absence (hh101)
    return_single_device_signs: int = 5  # or that many of one device; 13 stray pairs of a real absence stay below
    no_return_ms: int = 6 * HOUR_MS  # real outings of one person: p99 3.7 h (spec A6)
    water_running_ms: int = 2 * HOUR_MS  # continuous flow (spec A6)
    water_silent_ms: int = 30 * MINUTE_MS  # flow with nobody moving is a person who fell at the tap
    water_run_gap_ms: int = 10 * MINUTE_MS  # a register that stands this long says that the tap is shut
    door_open_day_ms: int = 10 * MINUTE_MS
    door_open_night_ms: int = 5 * MINUTE_MS
    door_open_frost_ms: int = 2 * MINUTE_MS  # a door open to the frost cools a flat within minutes
    frost_c: int = 5  # the home's thermometers below it
    power_out_ms: int = 2 * MINUTE_MS  # shorter cuts are the grid's own switching
    missed_heartbeats: int = 3
    blind_key_day_ms: int = 2 * HOUR_MS
    blind_key_night_ms: int = 4 * HOUR_MS
    blind_day_ms: int = 6 * HOUR_MS
    blind_night_ms: int = 24 * HOUR_MS
    emergency_backlog_ms: int = HOUR_MS  # an emergency signal older than this on arrival is history, not a page
    late_settle_ms: int = MINUTE_MS  # a backlog drains in this time; what it says is told after it, if it still holds
    water_fine_ms: int = 20 * MINUTE_MS  # a meter told every 15 min still shows a run of water, an hourly one does not
    water_run_l_h: int = 20  # slower water drips: the leak rules see to it, nobody fell at that tap
    water_fast_l_h: int = 180  # 3 L/min: a bath is full within the hour
    water_fast_ms: int = HOUR_MS  # continuous flow faster than that
    base_flow_hours: int = 6  # so many hours of small, regular growth are a leak, not hands
    leak_hour_l: int = 30  # a cistern that runs: half a litre a minute; more is judged as a tap


def parameters_of(home: Home, defaults: RuleParameters) -> RuleParameters:
    """Return the parameters of one home; raises ConfigurationError for a limit that no rule knows."""
    if not home.limits:
        return defaults
    known = msgspec.structs.asdict(defaults)
    for name, value in home.limits.items():
        if name not in known or not _is_allowed(known[name], name, value):
            raise ConfigurationError(
                f"{name} = {value} is not a rule's limit",
                where=f"home {home.id}",
                remedy=f"use a positive value for one of {', '.join(known)}",
            )
        known[name] = int(value) if isinstance(known[name], int) else float(value)
    return RuleParameters(**known)


def _is_allowed(default: float, name: str, value: float) -> bool:
    """Return whether a limit may have this value: 0 only where it switches something off."""
    if name in SWITCHES:
        return value in {0, 1}
    return 0 < value < math.inf and (isinstance(default, float) or value >= 1)
