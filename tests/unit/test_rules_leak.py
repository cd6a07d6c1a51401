"""A burst, a slow leak, a day with too much or too little water, and a register that cannot be right."""

import pytest
from watched_home import DOOR, HALL, KITCHEN, METER, NINE, Watched, came_home, metered, moved, said, went_out

from core.events import Flag, Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.findings import FindingKind, Priority

BURST, LEAK, HIGH = FindingKind.WATER_BURST, FindingKind.SLOW_LEAK, FindingKind.HIGH_WATER
LOW, FAULT = FindingKind.LOW_WATER, FindingKind.METER_FAULT


def summed(*used: float):
    litres = [1000.0]
    for each in used:
        litres.append(litres[-1] + each)
    return litres


def used_by_the_hour(*used: float):
    return metered(summed(*used), NINE, HOUR_MS)


def leaking(hours, litres=2.0):
    return used_by_the_hour(*[litres] * hours)


def late(readings, now_ms):
    return [
        said(r.device_id, r.metric, r.value, r.observed_at_ms, arrived_ms=now_ms, flags=int(Flag.LATE))
        for r in readings
    ]


@pytest.mark.parametrize(("litres", "is_burst"), [(300.0, False), (301.0, True)])
def test_an_hour_above_the_limit_is_a_burst(litres, is_burst):
    home = Watched(METER).take(used_by_the_hour(20, litres)).until(NINE + 2 * HOUR_MS)
    assert bool(home.raised(BURST)) is is_burst
    assert all(finding.priority is Priority.P2 for finding in home.raised(BURST))


def test_a_burst_is_found_by_the_minute_before_its_hour_is_over():
    litres = summed(*[10.0] * 40)
    home = Watched(METER, KITCHEN).take(metered(litres, NINE, MINUTE_MS)).until(NINE + 40 * MINUTE_MS)
    (finding,) = home.raised(BURST)
    assert finding.at_ms == NINE + 31 * MINUTE_MS  # 310 L


@pytest.mark.parametrize(("litres", "is_burst"), [(20.0, False), (20.2, True)])
def test_twenty_litres_a_minute_for_five_minutes_are_a_burst(litres, is_burst):
    home = Watched(METER).take(metered(summed(0, 0, *[litres] * 5), NINE, MINUTE_MS)).until(NINE + 8 * MINUTE_MS)
    assert bool(home.raised(BURST)) is is_burst


def test_two_readings_of_one_moment_are_no_burst():
    readings = [*metered([1000.0], NINE, 1), said("water", Metric.WATER_TOTAL_L, 1110.0, NINE + 1000)]
    assert Watched(METER).take(readings).until(NINE + 2 * HOUR_MS).raised(BURST) == []


def test_a_burst_ends_with_an_ordinary_hour():
    home = Watched(METER).take(used_by_the_hour(400, 400, 10)).until(NINE + 4 * HOUR_MS)
    assert len(home.raised(BURST)) == len(home.cleared(BURST)) == 1


def test_a_garden_raises_its_own_limit_after_two_weeks_and_one_burst_does_not():
    garden = [*[5.0] * 23, 250.0] * 16
    known = Watched(METER).take(used_by_the_hour(*garden, 480)).until(NINE + 400 * HOUR_MS)
    assert known.raised(BURST) == []
    once = [*[5.0] * 24] * 14 + [250.0] + [5.0] * 24
    assert len(Watched(METER).take(used_by_the_hour(*once, 480)).until(NINE + 400 * HOUR_MS).raised(BURST)) == 1


def test_before_two_weeks_a_garden_has_no_limit_of_its_own():
    garden = [*[5.0] * 23, 250.0] * 13
    assert len(Watched(METER).take(used_by_the_hour(*garden, 480)).until(NINE + 400 * HOUR_MS).raised(BURST)) == 1


def test_a_garden_too_rings_for_far_more_than_it_uses():
    garden = [*[5.0] * 23, 250.0] * 16
    assert len(Watched(METER).take(used_by_the_hour(*garden, 600)).until(NINE + 400 * HOUR_MS).raised(BURST)) == 1


def test_a_homes_own_burst_limit_overrides():
    home = Watched(METER, burst_hour_l=100).take(used_by_the_hour(120)).until(NINE + 2 * HOUR_MS)
    assert len(home.raised(BURST)) == 1


def test_a_burst_in_a_backlog_that_shows_its_end_raises_nothing():
    home, now = Watched(METER), NINE + 9 * HOUR_MS
    for one in late(used_by_the_hour(400, 400, 5, 5), now):
        home.until(now).take_batch([one], now)
    home.until(now + DAY_MS)
    assert home.raised(BURST) == []


def test_growth_in_every_hour_for_a_day_and_a_half_is_a_slow_leak_and_a_ticket():
    home = Watched(METER).take(leaking(35)).until(NINE + 35 * HOUR_MS)
    assert home.raised(LEAK) == []
    home.restart().take(metered([1072.0], NINE + 36 * HOUR_MS, HOUR_MS)).until(NINE + 36 * HOUR_MS)
    (finding,) = home.raised(LEAK)
    assert (finding.priority, finding.since_ms) == (Priority.P3, NINE)


def test_one_hour_without_a_litre_says_that_nothing_leaks():
    home = Watched(METER).take(used_by_the_hour(*[2] * 30, 0, *[2] * 30)).until(NINE + 70 * HOUR_MS)
    assert home.raised(LEAK) == []


def test_a_leak_that_was_told_ends_with_a_dry_hour():
    home = Watched(METER).take(used_by_the_hour(*[2] * 40, 0)).until(NINE + 42 * HOUR_MS)
    assert len(home.raised(LEAK)) == len(home.cleared(LEAK)) == 1


def test_missed_reads_within_a_leak_are_waited_over():
    reads = [one for n, one in enumerate(leaking(40)) if n % 10 not in {7, 8}]
    assert len(Watched(METER).take(reads).until(NINE + 41 * HOUR_MS).raised(LEAK)) == 1


def test_a_meter_that_is_read_twice_a_day_proves_no_leak():
    reads = [one for n, one in enumerate(leaking(80)) if n % 12 == 0]
    assert Watched(METER).take(reads).until(NINE + 81 * HOUR_MS).raised(LEAK) == []


def test_a_stretch_that_was_hardly_read_proves_no_leak():
    reads = [one for n, one in enumerate(leaking(40)) if n < 6 or n % 10 == 0 or n > 37]
    assert Watched(METER).take(reads).until(NINE + 41 * HOUR_MS).raised(LEAK) == []


def test_growth_over_half_a_day_without_reads_says_nothing_of_its_hours():
    reads = [one for n, one in enumerate(leaking(50)) if not 20 < n < 34]
    assert Watched(METER).take(reads).until(NINE + 51 * HOUR_MS).raised(LEAK) == []


def test_a_leak_read_by_the_minute_is_found_too():
    reads = metered(summed(*[0, 0, 0, 0, 0.2] * 12 * 37), NINE, MINUTE_MS)
    (finding,) = Watched(METER).take(reads).raised(LEAK)
    assert NINE + 36 * HOUR_MS <= finding.at_ms <= NINE + 37 * HOUR_MS


@pytest.mark.parametrize(("litres", "is_high"), [(100.0, False), (101.0, True)])
def test_more_than_two_cubic_metres_in_a_day_are_a_notice(litres, is_high):
    home = Watched(METER).take(used_by_the_hour(*[litres] * 20)).until(NINE + 21 * HOUR_MS)
    assert [finding.priority for finding in home.raised(HIGH)] == [Priority.P3] * is_high


def test_two_days_of_ordinary_use_are_no_high_use():
    home = Watched(METER).take(used_by_the_hour(*[70.0] * 72)).until(NINE + 80 * HOUR_MS)
    assert home.raised(HIGH) == []


def test_what_was_used_over_many_days_without_reads_counts_by_the_day():
    reads = metered([1000.0, 9000.0], NINE, 5 * DAY_MS)
    assert Watched(METER).take(reads).until(NINE + 6 * DAY_MS).raised(HIGH) == []


def test_the_rule_of_twelve_hours_is_off_unless_it_is_chosen():
    assert Watched(METER).take(used_by_the_hour(*[0] * 30)).until(NINE + 31 * HOUR_MS).raised(LOW) == []


def test_less_than_ten_litres_in_the_chosen_hours_is_told_and_ends_with_water():
    home = Watched(METER, low_water_hours=12).take(used_by_the_hour(5, 5, *[0] * 10))
    home.until(NINE + 13 * HOUR_MS - 1)
    assert home.raised(LOW) == []  # at ten began the last twelve hours with ten litres in them
    home.restart().take(metered([1010.0], NINE + 13 * HOUR_MS, HOUR_MS)).until(NINE + 13 * HOUR_MS)
    (finding,) = home.raised(LOW)
    assert (finding.priority, finding.at_ms) == (Priority.P2, NINE + 13 * HOUR_MS)
    home.take(metered([1030.0], NINE + 14 * HOUR_MS, HOUR_MS))
    assert len(home.cleared(LOW)) == 1


def test_ten_litres_within_the_chosen_hours_are_enough():
    home = (
        Watched(METER, low_water_hours=12).take(used_by_the_hour(*[0, 0, 0, 0, 0, 10] * 6)).until(NINE + 40 * HOUR_MS)
    )
    assert home.raised(LOW) == []


def test_a_silent_meter_never_says_that_little_was_used():
    home = Watched(METER, low_water_hours=12).take(used_by_the_hour(20, 20)).until(NINE + 48 * HOUR_MS)
    assert home.raised(LOW) == []


def test_an_empty_home_uses_no_water_and_is_not_told():
    home = Watched(METER, DOOR, HALL, low_water_hours=12)
    home.take([*moved("hall", NINE), *went_out(NINE + MINUTE_MS), *used_by_the_hour(*[0] * 30)])
    back_ms = NINE + 30 * HOUR_MS + MINUTE_MS
    home.take([*came_home(back_ms), *metered([1000.0] * 11, back_ms + 5 * MINUTE_MS, HOUR_MS)])
    assert home.until(back_ms + 11 * HOUR_MS).raised(LOW) == []


def active(hours):
    """Return hours in which somebody walks from the kitchen to the hall."""
    starts = [NINE + n * HOUR_MS + 5 for n in range(hours)]
    return [one for at_ms in starts for one in [*moved("kitchen", at_ms), *moved("hall", at_ms + MINUTE_MS)]]


def test_a_register_that_stands_for_two_days_while_somebody_is_active_is_a_fault():
    home = Watched(METER, KITCHEN, HALL)
    home.take([*used_by_the_hour(*[0] * 47), *active(48)]).until(NINE + 48 * HOUR_MS - 1)
    assert home.raised(FAULT) == []
    home.restart().take(metered([1000.0], NINE + 48 * HOUR_MS, HOUR_MS)).until(NINE + 48 * HOUR_MS + 1)
    (finding,) = home.raised(FAULT)
    assert (finding.priority, finding.since_ms) == (Priority.P3, NINE)
    home.take(metered([1001.0], NINE + 49 * HOUR_MS, HOUR_MS))
    assert len(home.cleared(FAULT)) == 1


def test_a_register_that_stands_in_a_still_home_is_no_fault():
    home = Watched(METER, KITCHEN, HALL).take([*used_by_the_hour(*[0] * 80), *active(10)])
    assert home.until(NINE + 81 * HOUR_MS).raised(FAULT) == []


def test_a_meter_that_says_nothing_at_all_is_not_frozen():
    home = Watched(METER, KITCHEN, HALL).take([*used_by_the_hour(5), *active(80)])
    assert home.until(NINE + 81 * HOUR_MS).raised(FAULT) == []


def test_a_register_that_stepped_back_is_told_once_and_counted_anew():
    home = Watched(METER).take(used_by_the_hour(5, 5, -900, 3, 4)).until(NINE + 6 * HOUR_MS)
    (finding,) = home.raised(FAULT)
    assert "900" in finding.sentence.zh
    assert home.raised(BURST, HIGH) == []


def test_a_litre_back_is_rounding_and_not_told():
    assert Watched(METER).take(used_by_the_hour(5, -1, 5)).until(NINE + 4 * HOUR_MS).raised(FAULT) == []


def test_a_register_that_leaps_is_a_new_meter_and_no_burst():
    home = Watched(METER).take(used_by_the_hour(5, 250_000, 5)).until(NINE + 4 * HOUR_MS)
    assert len(home.raised(FAULT)) == 1
    assert home.raised(BURST, HIGH) == []
