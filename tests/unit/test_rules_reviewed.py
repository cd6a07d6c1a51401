"""Sequences in which a harsh reader of the rules saw somebody lie unheard, or somebody rung for nothing."""

import random

import pytest
from rules_walk import at
from watched_home import (
    BATHROOM,
    DOOR,
    GATEWAY,
    HALL,
    KITCHEN,
    METER,
    NINE,
    SECOND,
    Watched,
    device,
    moved,
    said,
    went_out,
)

from core.events import Metric, Reading
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole, Suspension, SuspensionReason
from rules.findings import FindingKind, Priority

MIDNIGHT = at("2024-03-01T00:00")
ROOMS = ("hall", "kitchen", "bathroom")


def beats(from_ms: int, until_ms: int) -> list[Reading]:
    return [said("gateway", Metric.ONLINE, True, at_ms) for at_ms in range(from_ms, until_ms, 10 * MINUTE_MS)]


def lived(rng: random.Random, days: int, until_ms: int) -> list[Reading]:
    """Somebody who moves about from seven to ten."""
    signs: list[Reading] = []
    for day in range(days):
        minute = 7 * 60
        while minute < 22 * 60 and MIDNIGHT + day * DAY_MS + minute * MINUTE_MS <= until_ms:
            signs += moved(rng.choice(ROOMS), MIDNIGHT + day * DAY_MS + minute * MINUTE_MS)
            minute += rng.randrange(6, 26)
    return signs


@pytest.mark.parametrize("every_ms", [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS])
def test_water_drawn_before_a_fall_takes_no_alarm_back(every_ms):
    rng, fall_ms = random.Random(5), MIDNIGHT + 20 * DAY_MS + 12 * HOUR_MS + 5 * MINUTE_MS
    signs = [*lived(rng, 21, fall_ms - 6 * MINUTE_MS), *moved("bathroom", fall_ms)]
    drawn = [
        (MIDNIGHT + day * DAY_MS + hour * HOUR_MS + rng.randrange(60) * MINUTE_MS, rng.choice((1, 3, 6, 8, 15, 40)))
        for day in range(21)
        for hour in range(7, 22)
    ]
    drawn.append((fall_ms - MINUTE_MS, 6))
    register = [
        said(
            "water",
            Metric.WATER_TOTAL_L,
            1000.0 + sum(litres for ms, litres in drawn if ms <= min(at_ms, fall_ms)),
            at_ms,
        )
        for at_ms in range(MIDNIGHT, MIDNIGHT + 22 * DAY_MS, every_ms)
    ]
    home = Watched(HALL, KITCHEN, BATHROOM, METER, start_ms=MIDNIGHT).take([*signs, *register])
    rung = [one for one in home.raised(FindingKind.BATHROOM_SILENCE) if one.at_ms > fall_ms]
    assert [(one.at_ms - fall_ms) // MINUTE_MS <= 60 for one in rung] == [True]
    assert [one for one in home.cleared(*FindingKind) if one.at_ms > fall_ms] == []


def test_somebody_who_sits_in_one_room_all_day_and_falls_is_rung_for():
    living = device("living", DeviceRole.INTERIOR_MOTION, "living")
    home = Watched(DOOR, living, KITCHEN, BATHROOM, start_ms=NINE)
    home.take([*moved("living", NINE + 5 * MINUTE_MS), *went_out(NINE + HOUR_MS)])
    home.take(moved("living", *(NINE + HOUR_MS + n * 15 * MINUTE_MS for n in range(1, 21)))).until(NINE + DAY_MS)
    assert len(home.raised(FindingKind.INACTIVITY)) == 2


def test_an_arm_that_moves_on_the_bathroom_floor_does_not_put_the_call_off_for_ever():
    rng, at_ms = random.Random(1), NINE
    signs = moved("kitchen", NINE - 6 * MINUTE_MS)
    while at_ms < NINE + 10 * HOUR_MS:
        signs += moved("bathroom", at_ms)
        at_ms += rng.randrange(20, 41) * MINUTE_MS
    home = Watched(HALL, KITCHEN, BATHROOM, start_ms=NINE - HOUR_MS).take(signs)
    assert [one.at_ms for one in home.raised(FindingKind.BATHROOM_SILENCE)] == [NINE + 150 * MINUTE_MS]


def test_whoever_shuts_the_bathroom_door_behind_them_is_in_the_bathroom():
    inside = device("bdoor", DeviceRole.INTERIOR_DOOR, "bathroom")
    home = Watched(HALL, KITCHEN, BATHROOM, inside, start_ms=NINE - HOUR_MS).take(moved("hall", NINE))
    home.take([said("bdoor", Metric.OPEN, True, NINE + SECOND), *moved("bathroom", NINE + 2 * SECOND)])
    home.take([said("bdoor", Metric.OPEN, False, NINE + 5 * SECOND)]).until(NINE + 2 * HOUR_MS)
    assert len(home.raised(FindingKind.BATHROOM_SILENCE)) == 1


def test_a_ring_of_the_evening_does_not_mute_the_fall_of_the_next_day():
    home = Watched(HALL, KITCHEN, BATHROOM, start_ms=NINE)
    home.take([*moved("hall", NINE + 12 * HOUR_MS), *moved("bathroom", NINE + 13 * HOUR_MS)])
    home.take(moved("hall", *(NINE + 22 * HOUR_MS + n * MINUTE_MS for n in (0, 35, 70, 110, 150, 200))))
    fall_ms = NINE + 22 * HOUR_MS + 215 * MINUTE_MS
    home.take(moved("bathroom", fall_ms)).until(fall_ms + 4 * HOUR_MS)
    assert home.raised(FindingKind.BATHROOM_SILENCE)[-1].at_ms == fall_ms + HOUR_MS


def test_a_meter_with_a_radio_of_its_own_says_nothing_of_a_dead_gateway():
    rooms = [device(name, DeviceRole.INTERIOR_MOTION, name, beat_ms=HOUR_MS) for name in ("hall", "kitchen")]
    meter = device("water", DeviceRole.WATER_METER, beat_ms=HOUR_MS)
    register = [said("water", Metric.WATER_TOTAL_L, 100.0, NINE + n * HOUR_MS) for n in range(48)]
    home = Watched(GATEWAY, *rooms, meter, start_ms=NINE)
    home.take([*beats(NINE, NINE + 3 * HOUR_MS), *moved("hall", NINE + 2 * HOUR_MS), *register])
    assert len(home.raised(FindingKind.HOME_BLIND)) == 1
    assert home.cleared(FindingKind.HOME_BLIND) == []


@pytest.mark.parametrize("minutes", [5, 12, 16])
def test_whoever_is_back_from_the_rubbish_in_minutes_and_falls_in_the_hall_is_rung_for(minutes):
    home = Watched(DOOR, HALL, KITCHEN, start_ms=NINE - HOUR_MS)
    home.take([*moved("kitchen", NINE - 10 * MINUTE_MS), *moved("hall", NINE - 10 * SECOND), *went_out(NINE)])
    home.take(went_out(NINE + minutes * MINUTE_MS)).until(NINE + DAY_MS)
    rung = home.raised(FindingKind.CAME_IN_SILENT)
    assert [one.at_ms for one in rung] == [NINE + (minutes + 30) * MINUTE_MS]


def test_a_washing_machine_while_its_owner_naps_is_no_fall_at_the_tap():
    litres = {1: 15, 2: 4, 3: 12, 4: 12}
    start_ms, drawn, register = NINE + HOUR_MS, 100.0, list[Reading]()
    for at_ms in range(NINE, NINE + 4 * HOUR_MS, 15 * MINUTE_MS):
        drawn += litres.get((at_ms - start_ms) // (15 * MINUTE_MS), 0)
        register.append(said("water", Metric.WATER_TOTAL_L, drawn, at_ms))
    home = Watched(HALL, KITCHEN, METER, start_ms=NINE)
    home.take([*register, *moved("kitchen", start_ms), *moved("hall", start_ms + 77 * MINUTE_MS)])
    assert [one for one in home.raised(FindingKind.WATER_RUNNING) if one.priority is Priority.P0] == []


def test_a_flow_sensor_that_said_on_and_died_says_nothing_of_a_fall_hours_later():
    home = Watched(HALL, KITCHEN, METER, start_ms=NINE)
    home.take(
        [said("water", Metric.WATER_FLOW_L_H, litres, NINE + n * HOUR_MS) for n, litres in enumerate((0.0, 120.0))]
    )
    home.take(moved("kitchen", *range(NINE, NINE + 6 * HOUR_MS, 15 * MINUTE_MS))).until(NINE + 9 * HOUR_MS)
    assert [one.priority for one in home.raised(FindingKind.WATER_RUNNING)] == [Priority.P2]


def test_an_early_visit_to_the_toilet_is_no_morning_that_ended():
    rng, home, signs = random.Random(1), Watched(HALL, KITCHEN, BATHROOM, start_ms=MIDNIGHT), list[Reading]()
    for day in range(21):
        minute = 3 * 60 + 40 if day == 20 else 4 * 60 + rng.randrange(15, 50)
        at_ms = MIDNIGHT + day * DAY_MS + minute * MINUTE_MS
        signs += [*moved("hall", at_ms), *moved("bathroom", at_ms + MINUTE_MS), *moved("hall", at_ms + 4 * MINUTE_MS)]
    home.take([*signs, *lived(rng, 21, MIDNIGHT + 21 * DAY_MS)])
    assert [one for one in home.raised(FindingKind.INACTIVITY) if one.at_ms > MIDNIGHT + 20 * DAY_MS] == []


def test_a_new_home_whose_sleeper_goes_to_bed_early_is_not_rung_at_dawn():
    signs = [
        one
        for day in range(8)
        for minute in range(430, 1285, 20)
        for room, after in (("hall", 0), ("kitchen", 3))
        for one in moved(room, MIDNIGHT + day * DAY_MS + (minute + after) * MINUTE_MS)
        if day or minute > 540
    ]
    assert Watched(HALL, KITCHEN, start_ms=MIDNIGHT + 9 * HOUR_MS).take(signs).raised(FindingKind.INACTIVITY) == []


def test_a_door_that_stays_shut_after_a_stay_with_the_family_rings_a_day_after_it():
    start_ms, until_ms = MIDNIGHT + 9 * HOUR_MS, MIDNIGHT + 10 * DAY_MS + 9 * HOUR_MS
    stay = Suspension(from_ms=start_ms + 6 * HOUR_MS, until_ms=until_ms, reason=SuspensionReason.WITH_FAMILY)
    home = Watched(DOOR, start_ms=start_ms).take(went_out(start_ms + HOUR_MS))
    home.register(suspensions=(stay,)).until(until_ms + 5 * DAY_MS)
    assert [one.at_ms for one in home.raised(FindingKind.NO_DOOR_OPENING)] == [until_ms + DAY_MS]


def test_a_second_stage_that_a_test_held_back_comes_as_the_test_ends():
    home = Watched(HALL, KITCHEN, start_ms=NINE - HOUR_MS).take(
        [*moved("hall", NINE), *moved("kitchen", NINE + MINUTE_MS)]
    )
    home.until(NINE + 5 * HOUR_MS + 2 * MINUTE_MS).register(test_until_ms=NINE + 9 * HOUR_MS).until(NINE + DAY_MS)
    second = [one for one in home.raised(FindingKind.INACTIVITY) if one.stage == 2]
    assert [one.at_ms for one in second] == [NINE + 9 * HOUR_MS]


def test_a_gateway_that_reboots_every_night_leaves_what_the_home_has_learned():
    gateway = device("gateway", DeviceRole.GATEWAY, beat_ms=10 * MINUTE_MS)
    reboots = [
        said("gateway", Metric.ONLINE, value, MIDNIGHT + day * DAY_MS + 270 * MINUTE_MS + after * MINUTE_MS)
        for day in range(30)
        for value, after in ((False, 2), (True, 4))
    ]
    alive = beats(MIDNIGHT + MINUTE_MS, MIDNIGHT + 30 * DAY_MS)
    home = Watched(gateway, HALL, KITCHEN, BATHROOM, start_ms=MIDNIGHT)
    state = (
        home.take([*lived(random.Random(5), 30, MIDNIGHT + 30 * DAY_MS), *alive, *reboots])
        .engine.rules_of(home.home.id)
        .state
    )
    assert len(state.low_activity.days.counts) >= 25
    assert state.morning.firsts.count > 15


def test_a_second_door_that_lost_its_magnet_keeps_nobody_from_going_out():
    back = device("back", DeviceRole.OUTSIDE_DOOR, "yard")
    home = Watched(DOOR, back, HALL, KITCHEN, start_ms=NINE - 4 * HOUR_MS)
    home.take([said("back", Metric.OPEN, True, NINE - 3 * HOUR_MS), *moved("hall", NINE - MINUTE_MS), *went_out(NINE)])
    assert home.until(NINE + HOUR_MS).engine.home_status(home.home.id).is_away


def test_a_register_that_says_the_same_twice_in_one_moment_has_not_leapt():
    home = Watched(METER, KITCHEN, start_ms=NINE - HOUR_MS)
    home.take([said("water", Metric.WATER_TOTAL_L, 100.0, NINE), said("water", Metric.WATER_TOTAL_L, 100.0, NINE)])
    assert home.raised(FindingKind.METER_FAULT) == []
