"""Days with far less life and nights with far more visits than ever: told after several, and for whole days only."""

import msgspec
from rules_walk import at
from watched_home import BATHROOM, BED, DOOR, GATEWAY, HALL, KITCHEN, Watched, moved, said, went_out

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Suspension, SuspensionReason
from rules.findings import FindingKind, Priority

LOW, TOILET = FindingKind.LOW_ACTIVITY, FindingKind.NIGHT_TOILET
MIDNIGHT = at("2024-03-05T00:00")


def day_with(number, signs):
    start_ms = MIDNIGHT + number * DAY_MS + 8 * HOUR_MS
    return [one for n in range(signs) for one in moved("hall", start_ms + n * 20 * MINUTE_MS)]


def lived(*signs: int):
    return [one for number, count in enumerate(signs) for one in day_with(number, count)]


def watched(*signs: int, **limits: float):
    return Watched(HALL, DOOR, start_ms=MIDNIGHT - HOUR_MS, **limits).take(lived(*signs))


USUAL = [30, 35, 28, 40] * 8


def test_two_days_with_less_life_than_ever_are_a_call_in_the_morning():
    home = watched(*USUAL, 27, 27)
    end_ms = MIDNIGHT + 34 * DAY_MS
    assert home.until(end_ms - 1).raised(LOW) == []
    (finding,) = home.restart().until(end_ms).raised(LOW)
    assert finding.priority is Priority.P3
    assert "27" in finding.sentence.zh
    home.take(day_with(34, 30)).until(end_ms + DAY_MS)
    assert len(home.cleared(LOW)) == 1


def test_one_such_day_is_nothing_and_belongs_to_the_usual_afterwards():
    assert watched(*USUAL, 20, 30, 22, 22, 30).until(MIDNIGHT + 38 * DAY_MS).raised(LOW) == []


def test_before_four_weeks_nobody_knows_what_is_usual():
    assert watched(*USUAL[:24], 2, 2, 2).until(MIDNIGHT + 28 * DAY_MS).raised(LOW) == []


def test_a_day_away_says_nothing_of_the_rest():
    home = watched(*USUAL)
    for number in (32, 33):
        out_ms = MIDNIGHT + number * DAY_MS + 9 * HOUR_MS
        home.take([*moved("hall", out_ms - MINUTE_MS), *went_out(out_ms), *went_out(out_ms + 8 * HOUR_MS)])
        home.take(moved("hall", out_ms + 8 * HOUR_MS + 5000, out_ms + 8 * HOUR_MS + 9 * MINUTE_MS))
    assert home.until(MIDNIGHT + 35 * DAY_MS).raised(LOW) == []


def test_a_day_that_was_not_seen_is_no_day():
    def beats(until_ms):
        return [said("gateway", Metric.ONLINE, True, each) for each in range(MIDNIGHT, until_ms, 10 * MINUTE_MS)]

    home = Watched(HALL, GATEWAY, start_ms=MIDNIGHT - HOUR_MS)
    home.take([*lived(*USUAL), *beats(MIDNIGHT + 32 * DAY_MS)])
    for number in (32, 33):
        blind_until_ms = MIDNIGHT + number * DAY_MS + 20 * HOUR_MS
        home.take([said("gateway", Metric.ONLINE, True, blind_until_ms + n * 10 * MINUTE_MS) for n in range(24)])
    assert home.until(MIDNIGHT + 34 * DAY_MS + HOUR_MS).raised(LOW) == []


def test_a_homes_own_number_of_days_overrides():
    assert len(watched(*USUAL, 5, low_activity_days=1).until(MIDNIGHT + 33 * DAY_MS).raised(LOW)) == 1


ELEVEN = at("2024-03-05T23:00")


def nights(*visits: int):
    log = []
    for number, count in enumerate(visits):
        evening_ms = ELEVEN + number * DAY_MS
        log += moved("hall", evening_ms - HOUR_MS)
        for n in range(count):
            start_ms = evening_ms + HOUR_MS + n * 30 * MINUTE_MS
            log += [*moved("bathroom", start_ms, start_ms + 3 * MINUTE_MS), *moved("bed", start_ms + 6 * MINUTE_MS)]
    return log


def slept(*visits: int):
    home = Watched(BATHROOM, BED, HALL, KITCHEN, start_ms=ELEVEN - 2 * HOUR_MS)
    return home.take(nights(*visits))


RESTFUL = [2, 1, 2, 3] * 8


def test_three_nights_with_more_visits_than_ever_are_a_health_review():
    home = slept(*RESTFUL, 4, 5, 4)
    morning_ms = ELEVEN + 34 * DAY_MS + 7 * HOUR_MS
    assert home.until(morning_ms - 1).raised(TOILET) == []
    (finding,) = home.restart().until(morning_ms).raised(TOILET)
    assert finding.priority is Priority.P3
    assert "4次" in finding.sentence.zh


def test_two_such_nights_or_nights_as_known_are_nothing():
    assert slept(*RESTFUL, 6, 6, 2, 3, 3, 3).until(ELEVEN + 40 * DAY_MS).raised(TOILET) == []


def test_signs_of_one_visit_are_counted_once():
    home = slept(*RESTFUL)
    log = []
    for number in range(32, 36):
        start_ms = ELEVEN + number * DAY_MS + 2 * HOUR_MS
        log += moved("bathroom", *[start_ms + n * 2 * MINUTE_MS for n in range(12)])
    assert home.take(log).until(ELEVEN + 40 * DAY_MS).raised(TOILET) == []


def test_weeks_in_hospital_are_no_quiet_weeks():
    home = watched(*USUAL)
    from_ms, until_ms = MIDNIGHT + 32 * DAY_MS, MIDNIGHT + 52 * DAY_MS
    hospital = Suspension(from_ms=from_ms, until_ms=until_ms, reason=SuspensionReason.HOSPITAL)
    home.engine.set_home(msgspec.structs.replace(home.home, suspensions=(hospital,)))
    home.until(until_ms + DAY_MS)
    home.take([one for number in (53, 54) for one in day_with(number, 20)]).until(MIDNIGHT + 55 * DAY_MS)
    assert len(home.raised(LOW)) == 1
