"""Water that runs: a tap, a drip, a leak that must not pass for a person, and what a backlog may not page for."""

import pytest
from watched_home import (
    BATHROOM,
    DOOR,
    GATEWAY,
    HALL,
    KITCHEN,
    METER,
    NINE,
    Watched,
    device,
    metered,
    moved,
    said,
    went_out,
)

from core.events import Flag, Metric
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind, Priority

RUNNING, INACTIVITY = FindingKind.WATER_RUNNING, FindingKind.INACTIVITY
QUARTER_MS = 15 * MINUTE_MS


def steps(start_l, litres, count):
    return [start_l + litres * n for n in range(count)]


def about(home, minutes, every=20):
    return [one for n in range(0, minutes, every) for one in moved("kitchen", NINE + n * MINUTE_MS + 7)]


def test_a_tap_left_on_for_two_hours_is_told():
    home = Watched(METER, KITCHEN)
    first_ms = NINE + MINUTE_MS
    home.take([*metered(steps(100, 1.0, 121), NINE, MINUTE_MS), *about(home, 140)])
    assert home.raised(RUNNING) == []
    home.until(first_ms + 2 * HOUR_MS - 1)
    assert home.raised(RUNNING) == []
    (finding,) = home.until(first_ms + 2 * HOUR_MS).raised(RUNNING)
    assert (finding.priority, finding.at_ms, finding.since_ms) == (Priority.P2, first_ms + 2 * HOUR_MS, first_ms)
    assert "water at about 60 L/h" in " ".join(one.text.en for one in finding.evidence)


def test_a_tap_that_runs_fast_is_told_after_one_hour():
    home = Watched(METER, KITCHEN)
    home.take([*metered(steps(100, 3.5, 62), NINE, MINUTE_MS), *about(home, 60)])
    (finding,) = home.until(NINE + 61 * MINUTE_MS).raised(RUNNING)
    assert finding.at_ms == NINE + 61 * MINUTE_MS


def test_a_meter_told_every_quarter_of_an_hour_still_shows_a_tap_left_on():
    home = Watched(METER, KITCHEN)
    home.take([*metered(steps(100, 15.0, 10), NINE, QUARTER_MS), *about(home, 150)])
    (finding,) = home.until(NINE + 135 * MINUTE_MS).raised(RUNNING)
    assert finding.since_ms == NINE + QUARTER_MS
    assert finding.at_ms == NINE + QUARTER_MS + 2 * HOUR_MS


def test_an_hourly_register_shows_no_run_of_water():
    home = Watched(METER, KITCHEN)
    home.take([*metered(steps(100, 60.0, 7), NINE, HOUR_MS), *about(home, 360)])
    assert home.until(NINE + 7 * HOUR_MS).raised(RUNNING) == []


def test_a_quarter_without_a_litre_ends_the_run():
    home = Watched(METER, KITCHEN)
    before = metered(steps(100, 15.0, 5), NINE, QUARTER_MS)
    after = metered([160.0, *steps(175, 15.0, 4)], NINE + 5 * QUARTER_MS, QUARTER_MS)
    home.take([*before, *after, *about(home, 150)])
    assert home.until(NINE + 135 * MINUTE_MS).raised(RUNNING) == []


def test_two_quarters_of_an_hour_with_water_are_no_fall_at_the_tap():
    home = Watched(METER, KITCHEN)
    home.take(metered([100.0, 115.0, 130.0], NINE, QUARTER_MS))
    assert home.until(NINE + 2 * HOUR_MS).raised(RUNNING) == []


def test_three_quarters_of_an_hour_with_water_and_nobody_moving_are():
    home = Watched(METER, KITCHEN)
    home.take(metered(steps(100, 15.0, 5), NINE, QUARTER_MS))
    (finding,) = home.until(NINE + 61 * MINUTE_MS).raised(RUNNING)
    assert (finding.priority, finding.at_ms) == (Priority.P0, NINE + 45 * MINUTE_MS)


def test_a_drip_with_nobody_moving_is_no_fall_at_the_tap():
    home = Watched(METER, KITCHEN)
    home.take(metered(steps(100, 1.0, 40), NINE, 5 * MINUTE_MS))  # 12 L an hour
    assert home.until(NINE + 4 * HOUR_MS).raised(RUNNING) == []


def test_running_water_with_nobody_moving_pages_and_goes_on_after_a_restart():
    home = Watched(METER, KITCHEN)
    home.take(metered(steps(100, 1.0, 31), NINE, MINUTE_MS)).restart()
    assert home.until(NINE + 31 * MINUTE_MS - 1).raised(RUNNING) == []
    (finding,) = home.until(NINE + 31 * MINUTE_MS).raised(RUNNING)
    assert finding.priority is Priority.P0


def test_running_water_in_an_empty_home_is_no_fall():
    home = Watched(METER, KITCHEN, HALL, DOOR)
    home.take([*moved("hall", NINE), *went_out(NINE + MINUTE_MS)]).until(NINE + 12 * MINUTE_MS)
    home.take(metered(steps(100, 1.0, 60), NINE + 12 * MINUTE_MS, MINUTE_MS))
    assert home.raised(RUNNING) == []


def test_what_ran_while_the_home_could_not_be_seen_is_judged_from_when_it_can_be():
    home = Watched(METER, KITCHEN, GATEWAY)
    home.take([said("gateway", Metric.ONLINE, True, NINE), said("water", Metric.WATER_FLOW_L_H, 100.0, NINE)])
    home.until(NINE + 100 * MINUTE_MS)
    assert home.raised(RUNNING) == []
    back_ms = NINE + 100 * MINUTE_MS
    home.take([said("gateway", Metric.ONLINE, True, back_ms + n * 10 * MINUTE_MS) for n in range(4)])
    told = [(finding.priority, finding.at_ms) for finding in home.raised(RUNNING)]
    # The flow was told two hours ago: that it runs still is worth a look, that somebody fell beside it nobody knows.
    assert told == [(Priority.P2, NINE + 2 * HOUR_MS)]


def test_a_backlog_that_holds_a_finished_run_raises_nothing():
    home, now = Watched(METER, KITCHEN), NINE + 3 * HOUR_MS
    litres = [*steps(100, 1.0, 46), *([145.0] * 60)]
    run = metered(litres, NINE, MINUTE_MS)
    late = [said(r.device_id, r.metric, r.value, r.observed_at_ms, arrived_ms=now, flags=int(Flag.LATE)) for r in run]
    home.take_batch(late, now).until(now + HOUR_MS)
    assert home.raised(RUNNING) == []


def test_a_backlog_that_is_told_piece_by_piece_raises_nothing_either():
    home, now = Watched(METER, KITCHEN), NINE + 3 * HOUR_MS
    litres = [*steps(100, 1.0, 46), *([145.0] * 60)]
    for number, one in enumerate(metered(litres, NINE, MINUTE_MS)):
        arrived_ms = now + number * 100
        home.until(arrived_ms)
        home.take_batch(
            [said("water", one.metric, one.value, one.observed_at_ms, arrived_ms=arrived_ms, flags=int(Flag.LATE))],
            arrived_ms,
        )
    assert home.until(now + HOUR_MS).raised(RUNNING) == []


def test_a_backlog_whose_water_still_runs_pages_once_it_has_drained():
    home, now = Watched(METER, KITCHEN), NINE + HOUR_MS
    run = metered(steps(100, 1.0, 60), NINE, MINUTE_MS)
    late = [said(r.device_id, r.metric, r.value, r.observed_at_ms, arrived_ms=now, flags=int(Flag.LATE)) for r in run]
    home.take_batch(late, now)
    assert home.until(now + MINUTE_MS - 1).raised(RUNNING) == []
    (finding,) = home.until(now + MINUTE_MS).raised(RUNNING)
    assert finding.priority is Priority.P0


@pytest.mark.parametrize(("every_ms", "litres"), [(QUARTER_MS, 1.0), (HOUR_MS, 4.0), (12 * MINUTE_MS, 1.0)])
def test_a_slow_leak_does_not_hide_a_silence_once_its_base_flow_is_known(every_ms, litres):
    home = Watched(METER, inactivity_personal=0)
    home.take(metered(steps(1000, litres, 40 * HOUR_MS // every_ms), NINE, every_ms))
    assert home.last_sign_at_ms is not None
    assert home.last_sign_at_ms <= NINE + 7 * HOUR_MS
    assert [finding.kind for finding in home.raised(INACTIVITY)][:1] == [INACTIVITY]


def test_a_hand_that_opens_a_tap_above_a_leak_is_a_sign_of_life():
    home = Watched(METER)
    leak = steps(1000, 1.0, 40)  # a litre every quarter
    washed = [leak[-1] + 1.0 + 9.0, leak[-1] + 1.0 + 9.0 + 1.0]
    home.take(metered([*leak, *washed], NINE, QUARTER_MS))
    assert home.last_sign_at_ms == NINE + 40 * QUARTER_MS


def test_when_the_leak_is_mended_a_litre_is_a_sign_of_life_again():
    home = Watched(METER)
    leak = steps(1000, 1.0, 40)
    dry = [leak[-1]] * 8
    home.take(metered([*leak, *dry, leak[-1] + 1.0], NINE, QUARTER_MS))
    assert home.last_sign_at_ms == NINE + 48 * QUARTER_MS


def test_a_family_that_uses_water_in_every_hour_has_no_base_flow():
    home = Watched(METER)
    litres = [1000.0]
    for used in (3, 20, 12, 6, 25, 9, 28, 4):
        litres.append(litres[-1] + used)
    home.take(metered(litres, NINE, HOUR_MS))
    assert home.last_sign_at_ms == NINE + 8 * HOUR_MS


def test_a_register_that_steps_back_is_no_sign_and_no_run_and_counts_anew_from_there():
    home = Watched(METER, BATHROOM, KITCHEN)
    home.take(metered([5000.0, 5001.0, 0.0, 0.0], NINE, HOUR_MS))
    assert home.last_sign_at_ms == NINE + HOUR_MS
    home.take(metered([3.0], NINE + 4 * HOUR_MS, HOUR_MS))
    assert home.last_sign_at_ms == NINE + 4 * HOUR_MS


def test_a_register_that_comes_back_from_a_garbled_zero_has_used_nothing():
    home = Watched(METER, KITCHEN)
    home.take(metered([5000.0, 5000.0, 0.0, 5000.0, 5000.0], NINE, HOUR_MS))
    assert home.last_sign_at_ms is None
    assert home.raised(FindingKind.WATER_BURST, FindingKind.HIGH_WATER) == []


def test_a_leak_sensor_pages_at_once():
    home = Watched(device("leak", DeviceRole.LEAK, "kitchen"))
    home.take([said("leak", Metric.WET, True, NINE)])
    (finding,) = home.raised(RUNNING)
    assert finding.priority is Priority.P2
    home.take([said("leak", Metric.WET, False, NINE + MINUTE_MS)])
    assert [one.clears_alert for one in home.cleared(RUNNING)] == [True]
