"""Silence after the bathroom: rung once, never for somebody who left or cannot be seen, by the person's own stays."""

from watched_home import BATHROOM, BED, DOOR, GATEWAY, HALL, KITCHEN, NINE, Watched, moved, said, went_out

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.findings import FindingKind, Priority

KIND = FindingKind.BATHROOM_SILENCE


def test_an_hour_of_silence_after_the_bathroom_is_told():
    home = Watched(BATHROOM, HALL).take([*moved("hall", NINE), *moved("bathroom", NINE + MINUTE_MS)])
    due_ms = NINE + MINUTE_MS + HOUR_MS
    assert home.until(due_ms - 1).raised(KIND) == []
    home.restart()
    (finding,) = home.until(due_ms).raised(KIND)
    assert (finding.priority, finding.at_ms, finding.since_ms) == (Priority.P1, due_ms, NINE + MINUTE_MS)


def test_a_sign_from_another_room_ends_the_stay():
    home = Watched(BATHROOM, HALL).take([*moved("bathroom", NINE), *moved("hall", NINE + 59 * MINUTE_MS)])
    assert home.until(NINE + 4 * HOUR_MS).raised(KIND) == []


def test_movement_in_the_bathroom_begins_the_hour_anew():
    home = Watched(BATHROOM, HALL).take(moved("bathroom", NINE, NINE + 50 * MINUTE_MS))
    assert home.until(NINE + 110 * MINUTE_MS - 1).raised(KIND) == []
    assert len(home.until(NINE + 110 * MINUTE_MS).raised(KIND)) == 1


def test_whoever_left_by_the_door_is_not_in_the_bathroom():
    home = Watched(BATHROOM, HALL, DOOR).take([*moved("bathroom", NINE), *went_out(NINE + MINUTE_MS)])
    assert home.until(NINE + 4 * HOUR_MS).raised(KIND) == []


def test_a_silence_rings_once_and_a_move_on_the_floor_is_no_proof():
    home = Watched(BATHROOM, HALL).take(moved("bathroom", NINE)).until(NINE + 2 * HOUR_MS)
    home.take(moved("bathroom", NINE + 2 * HOUR_MS)).until(NINE + 4 * HOUR_MS)
    assert len(home.raised(KIND)) == 1
    assert home.cleared(KIND) == []


def test_two_rooms_within_ten_minutes_are_proof():
    home = Watched(BATHROOM, HALL).take(moved("bathroom", NINE)).until(NINE + 2 * HOUR_MS)
    back_ms = NINE + 2 * HOUR_MS
    home.take([*moved("bathroom", back_ms), *moved("hall", back_ms + MINUTE_MS)])
    assert [finding.clears_alert for finding in home.cleared(KIND)] == [True]


def test_a_home_that_cannot_be_seen_is_not_silent():
    home = Watched(BATHROOM, HALL, GATEWAY)
    home.take([said("gateway", Metric.ONLINE, True, NINE), *moved("bathroom", NINE + MINUTE_MS)])
    back_ms = NINE + 3 * HOUR_MS
    assert home.until(back_ms).raised(KIND) == []
    home.take([said("gateway", Metric.ONLINE, True, back_ms + n * 10 * MINUTE_MS) for n in range(7)])
    assert [finding.at_ms for finding in home.raised(KIND)] == [back_ms + HOUR_MS]


def test_a_home_that_sees_only_its_bathroom_cannot_tell_silence_from_leaving():
    assert Watched(BATHROOM).take(moved("bathroom", NINE)).until(NINE + 5 * HOUR_MS).raised(KIND) == []


def lived(days, stay_minutes):
    for day in range(days):
        for hour in range(12):
            start_ms = NINE + day * DAY_MS + hour * HOUR_MS
            yield from moved("bathroom", start_ms)
            yield from moved("hall", start_ms + stay_minutes * MINUTE_MS)


def silence_after(stay_minutes, **limits: float):
    home = Watched(BATHROOM, HALL, KITCHEN, BED, **limits).take(lived(20, stay_minutes))
    last_ms = NINE + 20 * DAY_MS
    (finding,) = home.take(moved("bathroom", last_ms)).restart().until(last_ms + 4 * HOUR_MS).raised(KIND)
    return finding.at_ms - last_ms


def test_the_limit_is_half_as_long_again_as_the_persons_own_longest_stays():
    assert silence_after(40) == HOUR_MS


def test_whoever_is_always_quick_is_missed_after_half_an_hour_and_not_sooner():
    assert silence_after(2) == 30 * MINUTE_MS


def test_a_homes_own_bounds_override():
    assert silence_after(50, bathroom_most_ms=70 * MINUTE_MS) == 70 * MINUTE_MS
