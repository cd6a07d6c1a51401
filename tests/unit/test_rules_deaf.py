"""While the service itself is deaf no silence is used up, what was told stays, and nobody is missed at once afterwards."""

import pytest
from deafened import FIXED, NOON, PERSON, TEN, Deafened, beats
from watched_home import (
    BATHROOM,
    DOOR,
    GATEWAY,
    HALL,
    KITCHEN,
    METER,
    NINE,
    SECOND,
    device,
    moved,
    said,
    went_out,
)

from core.events import Flag, Metric
from core.ids import HomeId
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole, Home
from rules.engine import Engine
from rules.explaining import explain
from rules.findings import FindingKind
from rules.home_mode import HomeMode


@pytest.mark.parametrize("devices", [(KITCHEN, HALL), (GATEWAY, KITCHEN, HALL)])
def test_a_silence_is_as_far_used_up_after_deaf_hours_as_before(devices):
    home = Deafened(*devices, start_ms=NINE - MINUTE_MS, **FIXED).take(moved("kitchen", NINE))
    home.take(beats(NINE, TEN) if len(devices) > 2 else [])
    home.deaf(TEN, TEN + 6 * HOUR_MS)
    assert home.raised(*PERSON) == []
    home.take(beats(home.now_ms, home.now_ms + 5 * HOUR_MS) if len(devices) > 2 else [])
    home.until(NINE + 12 * HOUR_MS)
    rung, *_ = home.raised(FindingKind.INACTIVITY)
    assert rung.at_ms == NINE + 11 * HOUR_MS
    assert rung.since_ms == NINE


def test_without_a_deaf_stretch_it_would_have_rung():
    home = Deafened(KITCHEN, HALL, start_ms=NINE - MINUTE_MS, **FIXED).take(moved("kitchen", NINE))
    rung, *_ = home.until(TEN + 6 * HOUR_MS).raised(FindingKind.INACTIVITY)
    assert rung.at_ms == NINE + 5 * HOUR_MS


def test_no_home_turns_blind_and_no_device_silent_because_the_service_was_deaf():
    home = Deafened(GATEWAY, KITCHEN, start_ms=NINE - MINUTE_MS).take(beats(NINE, TEN))
    home.deaf(TEN, TEN + 10 * HOUR_MS).take(beats(home.now_ms + 9 * MINUTE_MS, home.now_ms + HOUR_MS))
    assert home.raised(FindingKind.HOME_BLIND, FindingKind.DEVICE_SILENT) == []
    assert not home.engine.home_status(home.home.id).is_blind


def test_a_gateway_that_does_not_come_back_after_a_deaf_stretch_is_missed_from_then_on():
    home = Deafened(GATEWAY, KITCHEN, start_ms=NINE - MINUTE_MS).take(beats(NINE, TEN + 1))
    home.deaf(TEN + MINUTE_MS, TEN + 4 * HOUR_MS)
    (silent,) = home.until(home.now_ms + HOUR_MS).raised(FindingKind.DEVICE_SILENT)
    assert silent.at_ms == TEN + 4 * HOUR_MS + 29 * MINUTE_MS
    assert home.engine.home_status(home.home.id).is_blind


def test_a_home_that_was_blind_before_is_blind_afterwards_and_its_deaf_hours_are_not_counted():
    home = Deafened(GATEWAY, KITCHEN, start_ms=NINE - MINUTE_MS).take(beats(NINE, NINE + 1))
    home.until(TEN).deaf(TEN, TEN + 6 * HOUR_MS)
    assert home.engine.home_status(home.home.id).is_blind
    assert home.raised(FindingKind.HOME_BLIND) == []
    (told,) = home.until(TEN + 12 * HOUR_MS).raised(FindingKind.HOME_BLIND)
    assert told.at_ms == NINE + 30 * MINUTE_MS + 12 * HOUR_MS


def test_what_a_blind_home_was_told_for_is_over_when_it_was_heard_meanwhile():
    home = Deafened(GATEWAY, KITCHEN, start_ms=NINE - MINUTE_MS).take(beats(NINE, NINE + 1)).until(NOON + 6 * HOUR_MS)
    assert len(home.raised(FindingKind.HOME_BLIND)) == 1
    home.deaf(NOON + 7 * HOUR_MS, NOON + 8 * HOUR_MS, heard=beats(NOON + 7 * HOUR_MS + 1, NOON + 8 * HOUR_MS))
    assert len(home.cleared(FindingKind.HOME_BLIND)) == 1
    assert not home.engine.home_status(home.home.id).is_blind


def test_a_door_that_shut_before_the_service_went_deaf_proves_no_absence_meanwhile():
    home = Deafened(DOOR, HALL, KITCHEN, start_ms=NINE - MINUTE_MS).take([*moved("kitchen", NINE), *went_out(TEN)])
    home.deaf(TEN + MINUTE_MS, NOON)
    assert not home.engine.home_status(home.home.id).is_away
    home.until(NOON + 8 * MINUTE_MS)
    assert not home.engine.home_status(home.home.id).is_away
    home.until(NOON + 9 * MINUTE_MS)
    assert home.engine.home_status(home.home.id).is_away


def test_a_sign_from_the_backlog_begins_a_silence_that_counts_from_when_the_service_hears_again():
    home = Deafened(KITCHEN, HALL, start_ms=NINE - MINUTE_MS, **FIXED).take(moved("kitchen", NINE))
    late = [said("hall", Metric.MOTION, value, TEN + HOUR_MS, arrived_ms=NOON - 1) for value in (True, False)]
    home.deaf(TEN, NOON, heard=late).until(NOON + 6 * HOUR_MS)
    rung, *_ = home.raised(FindingKind.INACTIVITY)
    assert (rung.since_ms, rung.at_ms) == (TEN + HOUR_MS, NOON + 5 * HOUR_MS)


def test_water_that_was_told_to_run_is_not_taken_for_stopped_because_its_meter_is_not_heard():
    home = Deafened(METER, KITCHEN, start_ms=NINE - MINUTE_MS)
    flow = [said("water", Metric.WATER_FLOW_L_H, 300, NINE + n * MINUTE_MS) for n in range(0, 130, 2)]
    home.take([*moved("kitchen", NINE), *moved("kitchen", TEN), *flow])
    told = home.raised(FindingKind.WATER_RUNNING)
    assert told
    home.deaf(home.now_ms + MINUTE_MS, home.now_ms + 5 * HOUR_MS)
    assert home.cleared(FindingKind.WATER_RUNNING) == []


def test_smoke_that_nothing_has_taken_back_pages_though_the_service_has_gone_deaf():
    smoke = device("smoke", DeviceRole.SMOKE_GAS_CO)
    home = Deafened(smoke, KITCHEN, start_ms=NINE - MINUTE_MS)
    home.take_batch([said("smoke", Metric.SMOKE, True, NINE, flags=int(Flag.REPLAY))], NINE)
    home.deaf(NINE + SECOND, TEN)
    (told,) = home.raised(FindingKind.EMERGENCY)
    assert told.at_ms < NINE + 5 * MINUTE_MS


def test_an_alarm_that_comes_by_another_way_pages_at_once_while_the_service_is_deaf():
    sos = device("sos", DeviceRole.SOS_BUTTON)
    home = Deafened(sos, KITCHEN, start_ms=NINE - MINUTE_MS)
    home.deaf(NINE, NOON, heard=[said("sos", Metric.SOS, True, TEN)])
    (told,) = home.raised(FindingKind.EMERGENCY)
    assert told.at_ms == TEN


def test_the_second_stage_waits_until_an_answer_could_have_been_heard():
    home = Deafened(KITCHEN, HALL, start_ms=NINE - MINUTE_MS, **FIXED).take(moved("kitchen", NINE))
    rang_ms = NINE + 5 * HOUR_MS
    home.until(rang_ms).deaf(rang_ms + MINUTE_MS, rang_ms + 2 * HOUR_MS)
    assert len(home.raised(FindingKind.INACTIVITY)) == 1
    home.until(rang_ms + 2 * HOUR_MS + 19 * MINUTE_MS)
    assert [one.at_ms for one in home.raised(FindingKind.INACTIVITY)] == [
        rang_ms,
        rang_ms + 2 * HOUR_MS + 19 * MINUTE_MS,
    ]


def test_a_stay_in_the_bathroom_goes_on_where_the_deaf_stretch_began():
    home = Deafened(BATHROOM, KITCHEN, start_ms=NINE - MINUTE_MS)
    home.take([*moved("kitchen", NINE), *moved("bathroom", NINE + MINUTE_MS)])
    home.deaf(NINE + 30 * MINUTE_MS, NINE + 35 * MINUTE_MS).until(NINE + 2 * HOUR_MS)
    (rung,) = home.raised(FindingKind.BATHROOM_SILENCE)
    assert rung.at_ms >= NINE + 66 * MINUTE_MS


def test_deaf_hours_are_blind_hours_of_the_day_and_the_page_says_why():
    home = Deafened(GATEWAY, KITCHEN, start_ms=NINE - MINUTE_MS).take(beats(NINE, TEN + 1))
    home.until(TEN)
    home.ticks(TEN, NOON + 1)
    status = home.engine.home_status(home.home.id)
    assert (status.mode, status.is_blind, status.blind_since_ms) == (HomeMode.OFFLINE, True, TEN)
    assert home.engine.blind_homes == 1
    told = explain(home.engine.rules_of(home.home.id), NOON)
    assert any("the service itself hears no home" in one.en for one in told.state)
    home.until(NOON).take(beats(NOON, NOON + HOUR_MS))
    assert home.engine.blind_homes == 0
    assert home.engine.coverage(home.home.id)[-1].blind_min == 120


def test_a_village_that_is_dark_because_the_service_is_deaf_is_no_incident():
    engine = Engine()
    homes = [HomeId(f"h{n}") for n in range(5)]
    for name in homes:
        engine.set_home(Home(id=name, person_id=None, area="town/village", devices=(GATEWAY,)))
    engine.on_time(NINE)
    for at_ms in range(NINE + 20 * MINUTE_MS, NOON + 1, MINUTE_MS):
        assert engine.on_time(at_ms, is_deaf=True) == ()
    assert engine.on_time(NOON + 1) == ()


def test_a_home_that_is_registered_while_the_service_is_deaf_is_in_the_dark_too():
    home = Deafened(KITCHEN, start_ms=NINE)
    home.engine.on_time(TEN, is_deaf=True)
    home.engine.set_home(Home(id=HomeId("h2"), person_id=None, area="a", devices=(HALL,)))
    assert home.engine.home_status(HomeId("h2")).is_blind
    assert home.engine.blind_homes == 2
    home.engine.on_time(NOON)
    assert not home.engine.home_status(HomeId("h2")).is_blind


def test_a_restart_while_deaf_goes_on_deaf():
    home = Deafened(KITCHEN, HALL, start_ms=NINE - MINUTE_MS, **FIXED).take(moved("kitchen", NINE)).until(TEN)
    home.engine.on_time(TEN, is_deaf=True)
    home.restart()
    assert (home.engine.is_deaf, home.engine.deaf_from_ms) == (True, TEN)
    home.ticks(TEN + MINUTE_MS, TEN + 6 * HOUR_MS)
    home.until(TEN + 6 * HOUR_MS)
    assert home.raised(*PERSON) == []
    rung, *_ = home.until(TEN + 14 * HOUR_MS).raised(FindingKind.INACTIVITY)
    assert rung.at_ms == TEN + 10 * HOUR_MS
