"""How far a limit that guards a life may be moved; beyond it is refused, what may be loosened is said aloud."""

import math

import msgspec

from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.text import Bilingual
from rules.parameters import RuleParameters

PRESET_CAP_MS = DAY_MS
"""A day of silence is what towns with a rule of 24 hours ask for: by a preset, which is measured, never by a number."""

MOST: dict[str, float] = {
    "inactivity_cap_ms": 12 * HOUR_MS,
    "inactivity_cap_meter_ms": DAY_MS,
    "inactivity_day_ms": DAY_MS,
    "inactivity_night_ms": DAY_MS,
    "second_stage_ms": 2 * HOUR_MS,
    "morning_sign_ms": 12 * HOUR_MS,
    "strong_sign_window_ms": HOUR_MS,
    "exit_pulse_window_ms": HOUR_MS,
    "return_signs": 10,
    "return_single_device_signs": 50,
    "return_slow_signs": 50,
    "came_in_away_ms": 6 * HOUR_MS,
    "came_in_ms": 12 * HOUR_MS,
    "came_in_usual_ms": 12 * HOUR_MS,
    "came_in_unsure_ms": 12 * HOUR_MS,
    "chatter_per_minute": 600,
    "mute_ms": 7 * DAY_MS,
    "stuck_on_ms": DAY_MS,
    "pet_per_hour": 10,
    "water_running_ms": 12 * HOUR_MS,
    "water_silent_ms": 6 * HOUR_MS,
    "water_fast_ms": 12 * HOUR_MS,
    "door_open_frost_ms": 6 * HOUR_MS,
    "power_out_ms": DAY_MS,
    "missed_heartbeats": 12,
    "offline_settle_ms": 6 * HOUR_MS,
    "blind_key_day_ms": DAY_MS,
    "blind_key_night_ms": DAY_MS,
    "blind_day_ms": 2 * DAY_MS,
    "blind_night_ms": 2 * DAY_MS,
    "late_settle_ms": 10 * MINUTE_MS,
    "low_water_hours": 48,
    "no_door_ms": 3 * DAY_MS,
    "no_door_cap_ms": 7 * DAY_MS,
    "no_return_again_ms": 7 * DAY_MS,
    "evening_away_ms": 6 * HOUR_MS,
    "night_out_ms": 6 * HOUR_MS,
    "night_out_unsure_ms": 12 * HOUR_MS,
    "bathroom_ms": 6 * HOUR_MS,
    "bathroom_least_ms": 6 * HOUR_MS,
    "bathroom_most_ms": 6 * HOUR_MS,
    "stove_ms": 6 * HOUR_MS,
    "stove_alone_ms": 6 * HOUR_MS,
    "stove_plug_ms": 6 * HOUR_MS,
    "heater_ms": DAY_MS,
    "cold_ms": 3 * DAY_MS,
    "cold_danger_ms": DAY_MS,
    "hot_ms": 2 * DAY_MS,
    "hot_danger_ms": 12 * HOUR_MS,
}
"""The longest, or the most, of a limit above which nobody would be found in time."""

LEAST: dict[str, float] = {
    "exit_quiet_ms": 2 * MINUTE_MS,  # whoever shuts the door and rests would be out, and nobody is rung for then
    "return_lone_ms": MINUTE_MS,  # below, nobody who comes back is ever taken to be home
    "return_door_ms": MINUTE_MS,
    "return_signs_ms": MINUTE_MS,
    "return_slow_ms": 10 * MINUTE_MS,
    "mute_ms": 2 * HOUR_MS,  # every sensor would be mute, and a home that lacks one is judged later
    "door_still_ms": 2 * HOUR_MS,
    "water_run_gap_ms": MINUTE_MS,  # a register stands as long between two litres: no run of water would last
    "emergency_backlog_ms": 10 * MINUTE_MS,  # a button pressed while the link was down would be history
}
"""The shortest of a limit below which a guard is switched off."""


class Loosened(msgspec.Struct, frozen=True):
    """A limit that is allowed and takes a guard away: what no longer happens."""

    name: str
    said: Bilingual

    @property
    def limits(self) -> frozenset[str]:
        """Return the limits that together take it away."""
        return NIGHT_OUT_HOURS if self.name in NIGHT_OUT_HOURS else frozenset({self.name})


NIGHT_OUT_HOURS = frozenset({"night_out_from_hour", "night_out_until_hour"})


class _Guard(msgspec.Struct, frozen=True):
    name: str
    zh: str
    en: str
    above: float = math.inf
    below: float = -math.inf

    def said(self) -> Loosened:
        return Loosened(self.name, Bilingual(self.zh, self.en))


_CAP_ALONE = "多半要到上限才呼叫", "hardly a false call is allowed: most silences ring at the cap alone"
_GUARDS = (
    _Guard(
        "inactivity_cap_ms",
        "静默不再满半天必呼叫，要满一天",
        "silence rings after a day, no more after half a day",
        above=MOST["inactivity_cap_ms"],
    ),
    _Guard(
        "inactivity_floor_ms",
        "再反常的静默，4小时内也不呼叫",
        "no silence rings within four hours, however unlike this person it is",
        above=4 * HOUR_MS,
    ),
    _Guard("budget_first_per_30d", f"几乎不许误呼：静默{_CAP_ALONE[0]}", _CAP_ALONE[1], below=0.1),
    _Guard(
        "budget_first_meter_per_30d",
        f"只有水电表的住户几乎不许误呼：静默{_CAP_ALONE[0]}",
        f"homes of meters alone: {_CAP_ALONE[1]}",
        below=0.1,
    ),
    _Guard(
        "night_call_times",
        "夜间的静默多半到早晨才呼叫",
        "silences of the night mostly ring in the morning",
        above=3,
    ),
    _Guard(
        "morning_sign_hour",
        "早晨没有动静不再单独呼叫",
        "a morning without its first sign rings nobody by itself",
        below=1,
    ),
    _Guard(
        "no_return_ms",
        "出门一天以上不归也不提醒",
        "nobody is asked after who has been out for a day",
        above=DAY_MS,
    ),
    _Guard(
        "no_return_cap_ms",
        "常久出门的人，三天以上不归也不提醒",
        "nobody is asked after who often goes away and has been out for three days",
        above=3 * DAY_MS,
    ),
    _Guard(
        "night_out_percent",
        "偶尔夜里出门的人，夜出不再提醒",
        "whoever has gone out on a few nights is no more asked after by night",
        below=5,
    ),
    _Guard(
        "water_silent_l_h",
        "水在流而无人走动，不再报警",
        "water that runs with nobody moving is not told any more",
        above=600,
    ),
    _Guard("water_run_l_h", "持续用水不再报警", "water that runs on is not told any more", above=600),
    _Guard(
        "stove_above_w",
        "忘关的电灶不再报警（按总表）",
        "a stove left on is not told any more, on the home's meter",
        above=5_000,
    ),
    _Guard(
        "stove_plug_w",
        "忘关的厨房电器不再报警（按插座）",
        "an appliance left on in the kitchen is not told any more, at its plug",
        above=5_000,
    ),
    _Guard(
        "heater_w",
        "整夜开着的取暖器不再报警",
        "a heater left on by night is not told any more",
        above=10_000,
    ),
    _Guard(
        "cold_danger_c",
        "室内冷到有生命危险也不升级报警",
        "cold that endangers a life is not told as such any more",
        below=8,
    ),
    _Guard(
        "hot_danger_c",
        "室内热到有生命危险也不升级报警",
        "heat that endangers a life is not told as such any more",
        above=40,
    ),
)
_NO_HOURS = Loosened(
    "night_out_until_hour",
    Bilingual("夜间外出没有时段，不再提醒", "going out by night has no hours: nobody is asked after"),
)


def loosened(parameters: RuleParameters) -> tuple[Loosened, ...]:
    """Return what these limits, each of them allowed, no longer guard; empty as they ship."""
    values = msgspec.structs.asdict(parameters)
    found = [guard.said() for guard in _GUARDS if not guard.below <= values[guard.name] <= guard.above]
    if parameters.night_out_from_hour == parameters.night_out_until_hour:
        found.append(_NO_HOURS)
    return tuple(found)
