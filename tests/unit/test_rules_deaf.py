"""While the service itself is deaf no silence is used up, what was told stays, and nobody is missed at once afterwards."""

import pytest
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

from core.events import Flag, Metric
from core.ids import HomeId
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole, Home
from rules.engine import Engine
from rules.explaining import explain
from rules.findings import FindingKind
from rules.home_mode import HomeMode

FIXED = {"inactivity_personal": 0, "inactivity_day_ms": 5 * HOUR_MS, "inactivity_night_ms": 12 * HOUR_MS}
TEN = NINE + HOUR_MS
NOON = NINE + 3 * HOUR_MS
PERSON = (
    FindingKind.INACTIVITY,
    FindingKind.NO_RETURN,
    FindingKind.BATHROOM_SILENCE,
    FindingKind.CAME_IN_SILENT,
    FindingKind.HOME_BLIND,
    FindingKind.DEVICE_SILENT,
)


class Deafened(Watched):
    """A home whose service may go deaf."""

    def deaf(self, from_ms, until_ms, *, heard=()):
        """Be deaf for a stretch, in which readings may still come by another way; then hear again."""
        self.until(from_ms - 1)
        for one in heard:
            from_ms = self.ticks(from_ms, one.received_at_ms)
            self.findings += self.engine.on_readings(one.received_at_ms, [one])
        self.ticks(from_ms, until_ms)
        return self.until(until_ms)

    def ticks(self, from_ms, until_ms):
        """Write a deaf tick a minute, as the service does."""
        for at_ms in range(from_ms, until_ms, MINUTE_MS):
            self.findings += self.engine.on_time(at_ms, is_deaf=True)
        return until_ms


def beats(from_ms, until_ms, every_ms=10 * MINUTE_MS):
    return [said("gateway", Metric.ONLINE, True, at_ms) for at_ms in range(from_ms, until_ms, every_ms)]


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


def test_a_link_that_flaps_does_not_put_a_stay_in_the_bathroom_off_for_ever():
    home = Deafened(BATHROOM, KITCHEN, start_ms=NINE - MINUTE_MS)
    home.take([*moved("kitchen", NINE), *moved("bathroom", NINE + MINUTE_MS)])
    for at_ms in range(NINE + 2 * MINUTE_MS, NINE + 5 * HOUR_MS, 170 * SECOND):
        home.deaf(at_ms + 78 * SECOND, at_ms + 170 * SECOND)
    assert len(home.raised(FindingKind.BATHROOM_SILENCE)) == 1


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


def restarted_after_a_kill(*, is_deaf: bool, is_still_deaf: bool = False) -> Deafened:
    """Heard for an hour, perhaps deaf for another; then the service does not run, and its broker keeps what is said."""
    home = Deafened(GATEWAY, KITCHEN, HALL, start_ms=NINE - MINUTE_MS, **FIXED).take(moved("kitchen", NINE))
    home.take(beats(NINE, TEN + 1))
    home.ticks(TEN, TEN + HOUR_MS if is_deaf else TEN)
    home.restart()
    back_ms = NINE + 6 * HOUR_MS
    if is_still_deaf:
        home.ticks(back_ms - 3 * MINUTE_MS, back_ms)
    kept = [said("gateway", Metric.ONLINE, True, at_ms, arrived_ms=back_ms) for at_ms in range(TEN, back_ms, MINUTE_MS)]
    home.take_batch(kept, back_ms)
    return home.until(back_ms).take(beats(back_ms, back_ms + 3 * HOUR_MS))


def test_the_time_in_which_a_service_that_was_killed_while_deaf_did_not_run_is_silence():
    heard, deaf = (
        restarted_after_a_kill(is_deaf=is_deaf).raised(FindingKind.INACTIVITY)[0] for is_deaf in (False, True)
    )
    assert heard.at_ms == NINE + 5 * HOUR_MS
    assert deaf.at_ms == pytest.approx(NINE + 6 * HOUR_MS, abs=MINUTE_MS)  # an hour later: it was deaf for one


def test_a_service_that_is_deaf_again_after_it_did_not_run_judges_what_it_missed_once_it_hears():
    rung = restarted_after_a_kill(is_deaf=True, is_still_deaf=True).raised(FindingKind.INACTIVITY)[0]
    assert NINE + 6 * HOUR_MS <= rung.at_ms <= NINE + 6 * HOUR_MS + 10 * MINUTE_MS


@pytest.mark.parametrize(("deaf_s", "heard_s"), [(47, 113), (92, 86), (1_800, 240), (1_800, 20)])
def test_a_link_that_flaps_puts_the_first_call_off_by_little_more_than_it_was_deaf(deaf_s, heard_s):
    even = FIXED | {"inactivity_night_ms": 5 * HOUR_MS}
    home = Deafened(GATEWAY, KITCHEN, HALL, start_ms=NINE - MINUTE_MS, **even).take(moved("kitchen", NINE))
    at_ms, heard_ms = NINE, 0
    while heard_ms < 5 * HOUR_MS + 6 * MINUTE_MS:
        home.take([said("gateway", Metric.ONLINE, True, at_ms)])
        home.deaf(at_ms + heard_s * SECOND, at_ms + (heard_s + deaf_s) * SECOND)
        at_ms, heard_ms = home.now_ms, heard_ms + heard_s * SECOND
        rung = home.raised(FindingKind.INACTIVITY)
        assert not rung or heard_ms >= 5 * HOUR_MS - heard_s * SECOND
    assert rung


def test_a_gateway_that_comes_and_goes_puts_the_first_call_off_by_minutes():
    home = Watched(GATEWAY, KITCHEN, HALL, start_ms=NINE - MINUTE_MS, **FIXED).take(moved("kitchen", NINE))
    for at_ms in range(NINE + MINUTE_MS, NINE + 6 * HOUR_MS, 4 * MINUTE_MS):
        gone, back = (said("gateway", Metric.ONLINE, up, at_ms + 5 * SECOND * up) for up in (False, True))
        home.take([gone, back])
    rung = home.raised(FindingKind.INACTIVITY)[0]
    assert NINE + 5 * HOUR_MS <= rung.at_ms <= NINE + 5 * HOUR_MS + 20 * MINUTE_MS


def flapping_after_the_call(*, night_h: int, is_gateway_gone: bool) -> Deafened:
    """Deaf hours of the night before, the first call, then eight hours of a link that flaps."""
    home = Deafened(GATEWAY, KITCHEN, HALL, start_ms=NINE - 10 * HOUR_MS, **FIXED)
    home.deaf(NINE - 9 * HOUR_MS, NINE - 9 * HOUR_MS + night_h * HOUR_MS + 1)
    rang_ms = NINE + 5 * HOUR_MS
    home.take([*moved("kitchen", NINE), *beats(NINE - MINUTE_MS, rang_ms + 1, MINUTE_MS)])
    for at_ms in range(rang_ms, rang_ms + 8 * HOUR_MS, 160 * SECOND):
        home.deaf(at_ms + 60 * SECOND, at_ms + 107 * SECOND)
        home.take([] if is_gateway_gone else [said("gateway", Metric.ONLINE, True, home.now_ms)])
    return home


@pytest.mark.parametrize("night_h", [0, 8])
def test_deaf_hours_before_the_call_do_not_put_the_second_stage_off(night_h):
    first, second = flapping_after_the_call(night_h=night_h, is_gateway_gone=False).raised(FindingKind.INACTIVITY)
    assert 19 * MINUTE_MS <= second.at_ms - first.at_ms <= 35 * MINUTE_MS


@pytest.mark.parametrize("night_h", [0, 8])
def test_a_dead_gateway_is_found_though_the_link_flaps(night_h):
    home = flapping_after_the_call(night_h=night_h, is_gateway_gone=True)
    silent = home.raised(FindingKind.DEVICE_SILENT)[-1]
    assert NINE + 5 * HOUR_MS + 30 * MINUTE_MS < silent.at_ms <= NINE + 5 * HOUR_MS + 50 * MINUTE_MS


def test_many_short_deaf_stretches_give_a_device_no_less_time_than_they_took():
    home = Deafened(GATEWAY, KITCHEN, start_ms=NINE - MINUTE_MS).take(beats(NINE, NINE + 1))
    for n in range(20):
        home.deaf(NINE + (1 + 10 * n) * MINUTE_MS, NINE + (10 + 10 * n) * MINUTE_MS)
    assert home.raised(FindingKind.DEVICE_SILENT) == []
    (silent,) = home.until(NINE + 5 * HOUR_MS).raised(FindingKind.DEVICE_SILENT)
    assert silent.at_ms == NINE + 30 * MINUTE_MS + 20 * 9 * MINUTE_MS
