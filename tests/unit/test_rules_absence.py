"""Who does not come back: after longer than they ever stay away, at an hour at which they are home, or at night."""

import pytest
from rules_walk import at
from watched_home import DOOR, GATEWAY, HALL, KITCHEN, NINE, SECOND, Watched, came_home, moved, said, went_out

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.findings import FindingKind, Priority

NO_RETURN, NIGHT_OUT = FindingKind.NO_RETURN, FindingKind.NIGHT_OUT


def outing(out_ms, hours):
    back_ms = out_ms + round(hours * HOUR_MS)
    return [
        *moved("hall", out_ms - MINUTE_MS),
        *went_out(out_ms),
        *came_home(back_ms),
        *moved("kitchen", back_ms + MINUTE_MS),
    ]


def outings(days, hours, per_day=2):
    """Return days with outings at ten and from three on; everybody is home in the evening."""
    starts = [NINE + HOUR_MS, NINE + 6 * HOUR_MS][:per_day]
    return [one for day in range(days) for start in starts for one in outing(start + day * DAY_MS, hours)]


def test_six_hours_away_are_told_before_habits_are_known_and_the_return_takes_it_back():
    home = Watched(DOOR, HALL, KITCHEN).take([*moved("hall", NINE - MINUTE_MS), *went_out(NINE)])
    assert home.until(NINE + 6 * HOUR_MS - 1).raised(NO_RETURN) == []
    (finding,) = home.restart().until(NINE + 6 * HOUR_MS).raised(NO_RETURN)
    assert (finding.priority, finding.since_ms) == (Priority.P2, NINE)
    (cleared,) = home.take(came_home(NINE + 7 * HOUR_MS)).cleared(NO_RETURN)
    assert cleared.clears_alert


def test_whoever_stays_away_for_long_by_habit_is_given_twice_the_longest_outing():
    home = Watched(DOOR, HALL, KITCHEN).take(outings(12, 4))
    left_ms = NINE + 12 * DAY_MS
    home.take([*moved("hall", left_ms - MINUTE_MS), *went_out(left_ms)]).restart()
    limit_ms = 2 * (4 * HOUR_MS)
    assert home.until(left_ms + limit_ms - 1).raised(NO_RETURN) == []
    (finding,) = home.until(left_ms + limit_ms + MINUTE_MS).raised(NO_RETURN)
    assert finding.at_ms - left_ms <= limit_ms + MINUTE_MS


def test_an_absence_that_ended_without_the_door_teaches_nothing():
    log = []
    for day in range(25):
        out_ms = NINE + day * DAY_MS
        log += [*moved("hall", out_ms - MINUTE_MS), *went_out(out_ms), *moved("hall", out_ms + 5 * HOUR_MS)]
        log += [
            *moved("kitchen", out_ms + 5 * HOUR_MS + MINUTE_MS),
            *moved("hall", out_ms + 5 * HOUR_MS + 2 * MINUTE_MS),
        ]
    left_ms = NINE + 25 * DAY_MS
    home = Watched(DOOR, HALL, KITCHEN).take([*log, *moved("hall", left_ms - MINUTE_MS), *went_out(left_ms)])
    assert len(home.until(left_ms + 6 * HOUR_MS).raised(NO_RETURN)) == 1


def test_short_outings_do_not_make_the_limit_shorter():
    home = Watched(DOOR, HALL, KITCHEN).take(outings(15, 0.5))
    left_ms = NINE + 15 * DAY_MS
    home.take([*moved("hall", left_ms - MINUTE_MS), *went_out(left_ms)])
    assert home.until(left_ms + 6 * HOUR_MS - 1).raised(NO_RETURN) == []
    assert len(home.until(left_ms + 6 * HOUR_MS).raised(NO_RETURN)) == 1


def test_however_long_outings_are_a_day_away_is_told():
    days = [one for day in range(25) for one in outing(NINE + day * DAY_MS, 18)]
    home = Watched(DOOR, HALL, KITCHEN, no_return_ms=20 * HOUR_MS).take(days)
    left_ms = NINE + 25 * DAY_MS
    home.take([*moved("hall", left_ms - MINUTE_MS), *went_out(left_ms)])
    assert home.until(left_ms + DAY_MS - 1).raised(NO_RETURN) == []
    assert len(home.until(left_ms + DAY_MS).raised(NO_RETURN)) == 1


def test_a_homes_own_limit_overrides():
    home = Watched(DOOR, HALL, no_return_ms=HOUR_MS).take([*moved("hall", NINE - MINUTE_MS), *went_out(NINE)])
    assert len(home.until(NINE + HOUR_MS).raised(NO_RETURN)) == 1


def beats(from_ms, until_ms):
    return [said("gateway", Metric.ONLINE, True, at_ms) for at_ms in range(from_ms, until_ms, 10 * MINUTE_MS)]


def dark_from_half_past_nine(back_ms):
    """Out since nine; the gateway's last beat is at nine, so that nothing can be seen from half past on."""
    home = Watched(DOOR, HALL, GATEWAY).take(
        [*moved("hall", NINE - MINUTE_MS), *went_out(NINE), *beats(NINE, NINE + 1)]
    )
    return home.take(beats(back_ms, NINE + 26 * HOUR_MS))


def test_time_in_the_dark_is_no_time_away_for_whoever_came_home_in_it_may_be_asleep():
    back_ms = NINE + 5 * HOUR_MS
    (finding,) = dark_from_half_past_nine(back_ms).raised(NO_RETURN)
    dark_ms = back_ms - (NINE + 30 * MINUTE_MS)
    assert finding.at_ms == NINE + 6 * HOUR_MS + dark_ms


def test_a_day_away_is_told_however_much_of_it_was_dark():
    (finding,) = dark_from_half_past_nine(NINE + 22 * HOUR_MS).raised(NO_RETURN)
    assert finding.at_ms == NINE + DAY_MS


def evening(days, *, left="19:00"):
    """Return days at home, then somebody who leaves on the last one."""
    home = Watched(DOOR, HALL, KITCHEN).take(outings(days, 1, per_day=1))
    left_ms = at(f"2024-03-{5 + days:02}T{left}")
    return home.take([*moved("hall", left_ms - MINUTE_MS), *went_out(left_ms)]), at(f"2024-03-{5 + days:02}T22:00")


def test_whoever_is_always_home_at_ten_is_missed_at_ten():
    home, ten_ms = evening(15)
    assert home.until(ten_ms - 1).raised(NO_RETURN) == []
    home.restart()
    (finding,) = home.until(ten_ms).raised(NO_RETURN)
    assert "22:00" in finding.sentence.zh


def test_before_two_weeks_nobody_knows_who_is_home_at_ten():
    home, ten_ms = evening(12)
    assert home.until(ten_ms + HOUR_MS).raised(NO_RETURN) == []


def test_whoever_has_only_just_left_at_ten_is_given_an_hour():
    home, ten_ms = evening(15, left="21:40")
    assert home.until(ten_ms + 40 * MINUTE_MS - 1).raised(NO_RETURN) == []
    assert len(home.until(ten_ms + 40 * MINUTE_MS).raised(NO_RETURN)) == 1


NIGHT = at("2024-03-05T23:30")


def left_at(left_ms):
    return [*moved("hall", left_ms - MINUTE_MS), *went_out(left_ms)]


def test_whoever_goes_out_at_night_and_is_not_back_in_a_quarter_of_an_hour_is_told():
    home = Watched(DOOR, HALL, KITCHEN, start_ms=NIGHT - HOUR_MS).take(left_at(NIGHT))
    assert home.until(NIGHT + 15 * MINUTE_MS - 1).raised(NIGHT_OUT) == []
    home.restart()
    (finding,) = home.until(NIGHT + 15 * MINUTE_MS).raised(NIGHT_OUT)
    assert (finding.priority, finding.since_ms) == (Priority.P2, NIGHT)
    assert len(home.take(came_home(NIGHT + 30 * MINUTE_MS)).cleared(NIGHT_OUT)) == 1


def test_whoever_is_back_in_time_is_not_told():
    home = Watched(DOOR, HALL, KITCHEN, start_ms=NIGHT - HOUR_MS)
    home.take([*left_at(NIGHT), *came_home(NIGHT + 14 * MINUTE_MS)]).until(NIGHT + 2 * HOUR_MS)
    assert home.raised(NIGHT_OUT) == []


@pytest.mark.parametrize(("hour", "is_night"), [("22:59", False), ("23:00", True), ("04:59", True), ("05:00", False)])
def test_the_night_is_from_eleven_to_five(hour, is_night):
    left_ms = at(f"2024-03-05T{hour}")
    home = Watched(DOOR, HALL, KITCHEN, start_ms=left_ms - HOUR_MS).take(left_at(left_ms)).until(left_ms + HOUR_MS)
    assert bool(home.raised(NIGHT_OUT)) is is_night


@pytest.mark.parametrize(("every", "is_told"), [(4, False), (6, True)])
def test_whoever_goes_out_every_fourth_night_does_so_by_habit(every, is_told):
    home = Watched(DOOR, HALL, KITCHEN, start_ms=NIGHT - HOUR_MS)
    for night in range(24):
        night_ms = NIGHT + night * DAY_MS
        home.take(
            [*left_at(night_ms), *came_home(night_ms + 14 * MINUTE_MS)]
            if night % every == 0
            else moved("hall", night_ms)
        )
    last_ms = NIGHT + 24 * DAY_MS
    home.take(left_at(last_ms)).until(last_ms + HOUR_MS)
    assert bool(home.raised(NIGHT_OUT)) is is_told


def test_with_cognitive_impairment_the_door_itself_is_told_and_somebody_inside_takes_it_back():
    home = Watched(DOOR, HALL, KITCHEN, start_ms=NIGHT - HOUR_MS, night_out_now=1)
    home.take([*moved("hall", NIGHT - MINUTE_MS), said("door", Metric.OPEN, True, NIGHT)])
    assert [finding.at_ms for finding in home.raised(NIGHT_OUT)] == [NIGHT]
    home.take([said("door", Metric.OPEN, False, NIGHT + SECOND), *moved("hall", NIGHT + MINUTE_MS)])
    assert len(home.cleared(NIGHT_OUT)) == 1


def test_without_impairment_a_door_opened_at_night_is_nothing():
    home = Watched(DOOR, HALL, KITCHEN, start_ms=NIGHT - HOUR_MS)
    home.take([*left_at(NIGHT), *moved("hall", NIGHT + MINUTE_MS)]).until(NIGHT + HOUR_MS)
    assert home.raised(NIGHT_OUT) == []
