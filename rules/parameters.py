"""Every limit a rule uses, with its default and its reason; rules/rulebook.py lays others over it."""

import msgspec

from core.localtime import HOUR_MS, MINUTE_MS

SWITCHES = frozenset({"inactivity_personal", "night_out_now"})
"""Parameters that are 1 or 0."""

OFF_AT_ZERO = frozenset({"low_water_hours", "morning_sign_hour"})
"""Limits whose 0 switches their rule off."""


class RuleParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of the rules; durations in ms, hours as local clock hours. docs/rules.md has a row for each."""

    day_starts_hour: int = 7  # the day and its limits begin
    night_starts_hour: int = 22  # the night and its limits begin
    inactivity_personal: int = 1  # 1: the home's own habits and a budget; 0: the fixed limits by day and night
    budget_first_per_30d: float = 0.6  # false calls to the resident; about 0.6 were realised on a year never tuned on
    budget_second_per_30d: float = 0.5  # false calls to others
    budget_first_meter_per_30d: float = 0.5  # a meter alone is a slow witness: fewer calls, later
    even_share: float = 0.2  # of the activity clock runs evenly, so that nights are not endless (ADR 6)
    even_share_meter: float = 0.5  # the same for a meter alone
    prior_limit: float = 10.0  # half hours of expected activity missed, before own habits are known: about 5 h by day
    prior_limit_meter: float = 12.0  # the same for a meter alone
    prior_days: float = 4.0  # after as many days half of the limit is the home's own
    fallback_days: float = 4.0  # so long the fixed limits hold too, whichever comes first
    inactivity_floor_ms: int = 45 * MINUTE_MS  # nobody is rung for less, however lively the home
    inactivity_cap_meter_ms: int = 24 * HOUR_MS  # homes with nothing but meters
    second_stage_ms: int = 20 * MINUTE_MS  # still silent so long after the first call: the ladder rings others
    inactivity_day_ms: int = 5 * HOUR_MS  # at hh101 4 h all day rang 1.26 times in 30 days, 5 h 0.17 (docs/rules.md)
    inactivity_night_ms: int = 12 * HOUR_MS  # to bed at 21:13 and up at 07:10 uses 0.94; 10 h rang for it each morning
    inactivity_cap_ms: int = 12 * HOUR_MS  # whatever else is set, half a day of silence rings; by a preset a day
    night_call_times: float = 1.0  # by night the first call waits for as many limits; 1: off; 1.5 where it is wanted
    night_call_from_hour: int = 23  # from this hour on the longer wait by night holds
    night_call_until_hour: int = 6  # and until this one
    morning_from_hour: int = 4  # the first sign after it is the morning's
    morning_sign_hour: int = 10  # without one until then the resident is rung, until own mornings are known; 0: off
    morning_sign_ms: int = HOUR_MS  # later than the latest of a hundred mornings
    strong_sign_window_ms: int = 10 * MINUTE_MS  # two rooms within it are a person, one blip may be a reflection
    exit_quiet_ms: int = 10 * MINUTE_MS  # door shut, then nothing inside for this long: the person went out
    exit_pulse_window_ms: int = 10 * MINUTE_MS  # two pulses of a motion stand-in within it prove an exit
    return_lone_ms: int = 10 * MINUTE_MS  # door, then one sign inside within it: the person is back
    return_door_ms: int = 30 * MINUTE_MS  # or two signs within this: whoever comes in and moves once may have fallen
    return_signs_ms: int = 10 * MINUTE_MS  # without a door: signs of two devices within it ...
    return_signs: int = 2  # ... so many together: by chance once in 372 days of a home, and it ended 22 false absences
    return_single_device_signs: int = 5  # or that many of one device; 13 stray pairs of a real absence stay below
    return_slow_ms: int = 3 * HOUR_MS  # signs apart from each other: real absences held at most 3 ...
    return_slow_signs: int = 4  # ... so many within it are somebody who sits still; twice as many of one sensor
    exit_signs_ms: int = 20 * MINUTE_MS  # two signs inside, then the door within it: whoever opens it had not left
    came_in_away_ms: int = 10 * MINUTE_MS  # away for so long, then the door: somebody comes in, nobody forgot a key
    came_in_ms: int = 30 * MINUTE_MS  # and then nothing inside
    came_in_usual_ms: int = 90 * MINUTE_MS  # where the door is known to move without anybody coming in
    came_in_unsure_ms: int = 3 * HOUR_MS  # the sensor that shows who came in is missing; and the fixed limits too
    battery_low_percent: int = 15  # told as low below it
    battery_days: int = 45  # left by the way it falls: told then, a change can be planned 30 days ahead
    chatter_per_minute: int = 30  # toggles of one sensor, three minutes in a row: a loose contact, not life
    mute_ms: int = 30 * HOUR_MS  # nothing from a sensor, however often others see life: people keep to a room for a day
    door_still_ms: int = 72 * HOUR_MS  # the same for a door's contact, and a door that shows open
    pet_per_hour: float = 0.2  # events of a sensor while nobody is home
    asleep_quiet_ms: int = 20 * MINUTE_MS  # quiet for so long at night is taken for sleep, on the page alone
    no_return_ms: int = 6 * HOUR_MS  # real outings of one person: p99 3.7 h
    water_running_ms: int = 2 * HOUR_MS  # continuous flow
    water_silent_ms: int = 30 * MINUTE_MS  # flow with nobody moving is a person who fell at the tap
    water_run_gap_ms: int = 10 * MINUTE_MS  # a register that stands this long says that the tap is shut
    door_open_day_ms: int = 10 * MINUTE_MS  # an outside door that stands open by day
    door_open_night_ms: int = 5 * MINUTE_MS  # the same by night
    door_open_frost_ms: int = 2 * MINUTE_MS  # a door open to the frost cools a flat within minutes
    frost_c: int = 5  # the home's thermometers below it
    power_out_ms: int = 2 * MINUTE_MS  # shorter cuts are the grid's own switching
    stuck_on_ms: int = 60 * MINUTE_MS  # a motion sensor that moves for an hour without an end is stuck
    missed_heartbeats: int = 3  # so many in a row: the device is offline
    offline_settle_ms: int = 10 * MINUTE_MS  # a last will or a bridge that takes a device for gone: radios come back
    blind_key_day_ms: int = 2 * HOUR_MS  # a key person cannot be seen for so long by day: somebody asks
    blind_key_night_ms: int = 4 * HOUR_MS  # the same by night
    blind_day_ms: int = 6 * HOUR_MS  # anybody else cannot be seen for so long by day: somebody asks
    blind_night_ms: int = 24 * HOUR_MS  # the same by night
    emergency_backlog_ms: int = HOUR_MS  # smoke, gas, CO, a leak, a fall: older on arrival, it waits for its end
    late_settle_ms: int = MINUTE_MS  # a backlog drains in this time; what it says is told after it, if it still holds
    water_fine_ms: int = 20 * MINUTE_MS  # a meter told every 15 min still shows a run of water, an hourly one does not
    water_run_l_h: int = 20  # slower water drips: the leak rules see to it, nobody fell at that tap
    water_silent_l_h: int = 60  # with nobody moving: a tap left on; a washing machine takes some 40 in sips
    water_fast_l_h: int = 180  # 3 L/min: a bath is full within the hour
    water_fast_ms: int = HOUR_MS  # continuous flow faster than that
    base_flow_hours: int = 6  # so many hours of small, regular growth are a leak, not hands
    leak_hour_l: int = 30  # a cistern that runs: half a litre a minute; more is judged as a tap
    leak_ms: int = 36 * HOUR_MS  # growth in every hour for so long: all of 8 long flows of 44 homes found within 42 h
    leak_proven_percent: int = 70  # of those hours were read; missed reads are waited over
    burst_hour_l: int = 300  # ordinary homes pass it less than once in a year
    burst_fast_l_min: int = 20  # for five minutes; two taps and a shower at once stay below
    burst_personal_times: int = (
        2  # of the second highest day's best hour in a month, where that is more: gardens; 3 would hide 600 L/h
    )
    high_water_l: int = 2_000  # in 24 hours
    low_water_hours: int = 0  # 12 or 24 chooses the fixed rule of meter projects; 0: off, it rings every second day
    low_water_litres: int = 10  # in those hours (Shanghai, Taicang)
    meter_frozen_ms: int = 48 * HOUR_MS  # somebody is active and draws no litre
    meter_frozen_hours: int = 16  # hours with signs of life in that time: about eight a day
    no_return_again_ms: int = 24 * HOUR_MS  # still away: asked after again, twice; then each week
    no_return_cap_ms: int = 24 * HOUR_MS  # however long somebody's outings are
    no_door_ms: int = 24 * HOUR_MS  # a front door that stays shut, where nothing else is seen (Shanghai)
    no_door_cap_ms: int = 72 * HOUR_MS  # however seldom somebody opens it
    evening_hour: int = 22  # whoever is home then on more than 95 of 100 evenings is missed at once
    evening_away_ms: int = HOUR_MS  # whoever has only just left then is given an hour
    night_out_ms: int = 15 * MINUTE_MS  # an exit that the door has proven, and nobody back
    night_out_unsure_ms: int = HOUR_MS  # the sensor that would show who came back in is missing
    night_out_now: int = 0  # 1: with cognitive impairment, as soon as the door opens at night
    night_out_from_hour: int = 23  # from this hour on an outing is one by night
    night_out_until_hour: int = 5  # and until this one
    night_out_percent: int = 20  # of the nights: who goes out as often does so by habit
    bathroom_ms: int = 60 * MINUTE_MS  # before own stays are known
    bathroom_least_ms: int = 30 * MINUTE_MS  # vendors' usual limit; a personal one is never shorter
    bathroom_most_ms: int = 150 * MINUTE_MS  # 90 is usual; a measured home's stays of P99.9 128 min need more
    stove_ms: int = 45 * MINUTE_MS  # on the home's meter: a meal is cooked
    stove_alone_ms: int = 20 * MINUTE_MS  # nobody in the kitchen for so long
    stove_above_w: int = 800  # above standby: a ring or an oven, no kettle lasts as long
    stove_plug_w: int = 800  # at a plug in the kitchen; a rice cooker stays below
    stove_plug_ms: int = 20 * MINUTE_MS  # on, with nobody in the kitchen; plugs that cut off by themselves take 5 min
    heater_w: int = 1_500  # a large appliance that runs by night
    heater_ms: int = 3 * HOUR_MS  # by night, with no movement outside the bedroom
    cool_c: int = 18  # WHO: below it the body is strained
    cool_ms: int = 24 * HOUR_MS  # below it for so long
    cold_c: int = 16  # below it the airways suffer
    cold_ms: int = 4 * HOUR_MS  # below it for so long
    cold_danger_c: int = 12  # below it the heart and the circulation suffer
    cold_danger_ms: int = 2 * HOUR_MS  # below it for so long
    hot_c: int = 30  # above it the home is hot
    hot_ms: int = 3 * HOUR_MS  # above it for so long
    hot_danger_c: int = 35  # above it the heat is dangerous
    hot_danger_ms: int = HOUR_MS  # above it for so long
    low_activity_days: int = 2  # running, each below every day of the last two months
    night_toilet_nights: int = 3  # running, each above every night of the last two months
    meter_back_l: int = 1  # a register that steps back by as much has only been rounded
