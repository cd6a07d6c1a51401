"""Every rule just before, at and after its limit, and what takes its finding back."""

import pytest
from rules_walk import HOME_ID, at, door, home_of, motion, reading, walk

from core.errors import ConfigurationError
from core.events import Flag, Metric
from core.localtime import HOUR_MS, MINUTE_MS
from rules.engine import Engine
from rules.findings import FindingKind, Priority

NINE = at("2024-03-05T09:00")
SECOND = 1000


def engine_for(home) -> Engine:
    engine = Engine()
    engine.set_home(home)
    engine.on_time(NINE)
    return engine


def raised(findings):
    return [(finding.kind, finding.at_ms) for finding in findings if not finding.is_cleared]


def test_by_day_five_hours_without_a_sign_raise_inactivity_and_not_a_millisecond_sooner():
    engine = engine_for(home_of())
    signs = motion("kitchen", NINE)
    assert raised(walk(engine, signs, NINE + 5 * HOUR_MS - 1)) == []
    (finding,) = engine.on_time(NINE + 5 * HOUR_MS)
    assert (finding.kind, finding.priority, finding.since_ms) == (FindingKind.INACTIVITY, Priority.P1, NINE)
    assert "5小时0分" in finding.sentence.zh


def test_motion_just_before_the_limit_moves_the_deadline():
    engine = engine_for(home_of())
    late = NINE + 5 * HOUR_MS - 1
    assert raised(walk(engine, [*motion("kitchen", NINE), *motion("hall", late)], late + 5 * HOUR_MS - 1)) == []
    assert raised(engine.on_time(late + 5 * HOUR_MS)) == [(FindingKind.INACTIVITY, late + 5 * HOUR_MS)]


def test_a_night_uses_its_own_limit_and_the_morning_the_rest():
    engine = engine_for(home_of())
    ten_pm = at("2024-03-05T22:00")
    found = raised(walk(engine, motion("bed", ten_pm), at("2024-03-06T12:00")))
    # nine hours of night use 9/12 of the limit, the last quarter is an hour and a quarter of day
    # and twenty minutes after the first call the silence goes to others
    assert found == [
        (FindingKind.INACTIVITY, at("2024-03-06T08:15")),
        (FindingKind.INACTIVITY, at("2024-03-06T08:35")),
    ]


def test_a_repeated_state_and_a_retained_one_do_not_move_the_deadline():
    engine = engine_for(home_of())
    stuck = [reading("kitchen", Metric.MOTION, True, NINE + n * HOUR_MS) for n in range(5)]
    retained = reading("hall", Metric.MOTION, True, NINE + 4 * HOUR_MS + 1, flags=int(Flag.REPLAY))
    found = walk(engine, [*stuck, retained], NINE + 5 * HOUR_MS)
    assert raised(found) == [
        (FindingKind.SENSOR_FAULT, NINE + HOUR_MS),
        (FindingKind.INACTIVITY, NINE + 5 * HOUR_MS),
    ]
    assert "probably stuck" in found[0].sentence.en
    assert "可能卡住" in found[0].sentence.zh


def test_one_blip_answers_inactivity_weakly_and_a_second_room_proves_life():
    engine = engine_for(home_of())
    rang = NINE + 5 * HOUR_MS
    assert len(walk(engine, motion("kitchen", NINE), rang)) == 1
    blip = [finding for finding in walk(engine, motion("kitchen", rang + 1), rang + 1) if finding.is_cleared]
    assert [finding.clears_alert for finding in blip] == [False]
    proof = [f for f in walk(engine, motion("hall", rang + MINUTE_MS), rang + MINUTE_MS) if f.is_cleared]
    assert [finding.clears_alert for finding in proof] == [True]


def test_after_a_weak_sign_a_new_silence_rings_again():
    engine = engine_for(home_of())
    rang = NINE + 5 * HOUR_MS
    walk(engine, [*motion("kitchen", NINE), *motion("kitchen", rang + MINUTE_MS)], rang + MINUTE_MS)
    again = raised(engine.on_time(rang + 12 * HOUR_MS))
    assert [kind for kind, _ in again] == [FindingKind.INACTIVITY] * 2  # first and second stage


def test_a_door_that_opens_and_shuts_with_nothing_inside_for_ten_minutes_is_an_absence_and_never_inactivity():
    engine = engine_for(home_of())
    out = [*motion("hall", NINE), door(True, NINE + SECOND * 2), door(False, NINE + SECOND * 9)]
    found = raised(walk(engine, out, NINE + 20 * HOUR_MS))
    assert found == [(FindingKind.NO_RETURN, NINE + SECOND * 9 + 6 * HOUR_MS)]


def test_a_sign_inside_within_ten_minutes_of_the_door_means_that_the_person_stayed():
    engine = engine_for(home_of())
    walk(engine, [door(True, NINE), door(False, NINE + SECOND), *motion("hall", NINE + 9 * MINUTE_MS)], NINE + HOUR_MS)
    assert not engine.home_status(HOME_ID).is_away


def test_a_stray_blip_does_not_end_an_absence_and_door_then_hall_does():
    engine = engine_for(home_of())
    walk(engine, [door(True, NINE), door(False, NINE + 1)], NINE + HOUR_MS)
    walk(engine, motion("kitchen", NINE + HOUR_MS), NINE + 2 * HOUR_MS)
    assert engine.home_status(HOME_ID).is_away
    back = NINE + 3 * HOUR_MS
    walk(engine, [door(True, back), *motion("hall", back + MINUTE_MS)], back + 2 * MINUTE_MS)
    assert not engine.home_status(HOME_ID).is_away


def test_one_pulse_of_a_motion_stand_in_is_no_exit_and_two_are():
    engine = engine_for(home_of())
    walk(engine, [*motion("hall", NINE), *motion("entry", NINE + 5000)], NINE + HOUR_MS)
    assert not engine.home_status(HOME_ID).is_away
    out = NINE + 2 * HOUR_MS
    walk(engine, [*motion("hall", out), *motion("entry", out + 5000), *motion("entry", out + 8000)], out + HOUR_MS)
    assert engine.home_status(HOME_ID).is_away


def water(minutes, start=NINE):
    return [reading("water", Metric.WATER_TOTAL_L, 100.0 + n, start + n * MINUTE_MS) for n in range(minutes)]


def test_running_water_with_nobody_moving_for_half_an_hour_is_a_life_hazard():
    engine = engine_for(home_of())
    (finding,) = [f for f in walk(engine, water(60), NINE + 59 * MINUTE_MS) if not f.is_cleared]
    assert finding.priority is Priority.P0
    assert finding.at_ms == NINE + 31 * MINUTE_MS  # the register first grew a minute after nine


def test_running_water_with_motion_is_a_hazard_of_property_after_two_hours():
    engine = engine_for(home_of())
    moving = [one for n in range(7) for one in motion("kitchen", NINE + n * 20 * MINUTE_MS + 7)]
    log = sorted([*water(130), *moving], key=lambda one: one.observed_at_ms)
    (finding,) = [f for f in walk(engine, log, NINE + 129 * MINUTE_MS) if not f.is_cleared]
    assert (finding.priority, finding.at_ms) == (Priority.P2, NINE + MINUTE_MS + 2 * HOUR_MS)


def test_a_tap_that_was_shut_raises_nothing():
    engine = engine_for(home_of())
    assert raised(walk(engine, water(15), NINE + 3 * HOUR_MS)) == []


def test_running_water_is_one_sign_of_life_when_it_starts_and_none_while_it_runs():
    engine = engine_for(home_of())
    walk(engine, water(120), NINE + 120 * MINUTE_MS)
    assert engine.home_status(HOME_ID).last_sign_at_ms == NINE + MINUTE_MS


@pytest.mark.parametrize(("hour", "limit_ms"), [("09:00", 10 * MINUTE_MS), ("23:00", 5 * MINUTE_MS)])
def test_a_front_door_that_stays_open_raises_a_finding_sooner_by_night(hour, limit_ms):
    engine, opened = engine_for(home_of()), at(f"2024-03-05T{hour}")
    walk(engine, motion("hall", opened - 1000), opened)
    found = raised(walk(engine, [door(True, opened)], opened + limit_ms))
    assert found == [(FindingKind.DOOR_LEFT_OPEN, opened + limit_ms)]
    (cleared,) = walk(engine, [door(False, opened + limit_ms + 1)], opened + limit_ms + 1)
    assert cleared.is_cleared
    assert cleared.clears_alert


def test_a_power_cut_longer_than_two_minutes_raises_and_the_return_of_power_clears():
    engine = engine_for(home_of())
    cut = [reading("gateway", Metric.MAINS, False, NINE)]
    assert raised(walk(engine, cut, NINE + 2 * MINUTE_MS)) == [(FindingKind.POWER_OUT, NINE + 2 * MINUTE_MS)]
    back = reading("gateway", Metric.MAINS, True, NINE + HOUR_MS)
    assert [f.kind for f in walk(engine, [back], NINE + HOUR_MS) if f.is_cleared] == [FindingKind.POWER_OUT]


@pytest.mark.parametrize(("is_key", "blind_after_ms"), [(True, 2 * HOUR_MS), (False, 6 * HOUR_MS)])
def test_a_home_whose_heartbeats_stop_is_blind_and_never_inactive(is_key, blind_after_ms):
    engine = engine_for(home_of(10 * MINUTE_MS, is_key_person=is_key))
    beats = [reading("gateway", Metric.ONLINE, True, NINE)]
    found = raised(walk(engine, [*beats, *motion("kitchen", NINE)], NINE + 30 * HOUR_MS))
    assert found == [
        (FindingKind.DEVICE_SILENT, NINE + SECOND + 30 * MINUTE_MS),
        (FindingKind.HOME_BLIND, NINE + SECOND + 30 * MINUTE_MS + blind_after_ms),
    ]


def test_a_home_that_can_be_seen_again_goes_on_with_the_share_it_had_used():
    engine = engine_for(home_of(10 * MINUTE_MS))
    walk(engine, motion("kitchen", NINE), NINE + 2 * HOUR_MS)  # heard until 09:00:01, blind from 09:30:01 on
    beats = [reading("gateway", Metric.ONLINE, True, NINE + 2 * HOUR_MS + n * 10 * MINUTE_MS) for n in range(40)]
    found = raised(walk(engine, beats, NINE + 8 * HOUR_MS))
    rang_ms = NINE + 2 * HOUR_MS + 5 * HOUR_MS - 30 * MINUTE_MS - SECOND
    assert found == [(FindingKind.INACTIVITY, rang_ms), (FindingKind.INACTIVITY, rang_ms + 20 * MINUTE_MS)]


def test_a_pressed_button_is_an_emergency_at_once_and_again_when_it_is_pressed_again():
    engine = engine_for(home_of())
    presses = [reading("sos", Metric.SOS, True, NINE + n * MINUTE_MS) for n in range(2)]
    found = [f for f in walk(engine, presses, NINE + HOUR_MS) if f.kind is FindingKind.EMERGENCY]
    assert [f.priority for f in found] == [Priority.P0, Priority.P0]
    assert len({f.id for f in found}) == 2


def test_a_press_out_of_a_backlog_older_than_a_day_pages_for_nobody_was_told_of_it():
    engine = engine_for(home_of())
    (finding,) = engine.on_readings(NINE + 25 * HOUR_MS, [reading("sos", Metric.SOS, True, NINE)])
    assert (finding.kind, finding.priority) == (FindingKind.EMERGENCY, Priority.P0)


def test_a_backlog_never_pages_for_a_silence_that_it_closes_itself():
    engine = engine_for(home_of())
    late = [one for n in range(0, 20, 2) for one in motion("hall", NINE + n * HOUR_MS)]
    assert engine.on_readings(NINE + 20 * HOUR_MS, late) == ()
    assert engine.on_time(NINE + 20 * HOUR_MS) == ()


def test_a_homes_own_limit_overrides_and_an_unknown_one_is_an_error_with_a_remedy():
    engine = engine_for(home_of(inactivity_day_ms=HOUR_MS))
    assert raised(walk(engine, motion("hall", NINE), NINE + HOUR_MS)) == [(FindingKind.INACTIVITY, NINE + HOUR_MS)]
    with pytest.raises(ConfigurationError, match="inactivity_dya_ms"):
        engine_for(home_of(inactivity_dya_ms=1))
