"""A home with nothing but a sensor on its front door: nobody is taken for away, and a door that stays shut rings."""

from watched_home import DOOR, KITCHEN, NINE, SECOND, Watched, device, said, went_out

from core.events import Metric, Reading
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind, Priority

SOS = device("sos", DeviceRole.SOS_BUTTON)
GATEWAY = device("gateway", DeviceRole.GATEWAY, beat_ms=10 * MINUTE_MS)
MISSED = (FindingKind.NO_DOOR_OPENING,)


def outings(*at_ms: int) -> list[Reading]:
    return [one for each in at_ms for one in went_out(each)]


def test_a_door_that_nothing_else_stands_beside_proves_no_absence():
    home = Watched(DOOR, SOS, start_ms=NINE - HOUR_MS).take(went_out(NINE)).until(NINE + 12 * HOUR_MS)
    assert not home.engine.home_status(home.home.id).is_away
    assert home.raised(FindingKind.NO_RETURN, FindingKind.INACTIVITY) == []


def test_a_door_that_is_not_opened_for_a_day_is_asked_after():
    home = Watched(DOOR, SOS, start_ms=NINE - HOUR_MS).take(went_out(NINE)).until(NINE + 3 * DAY_MS)
    assert [(one.at_ms, one.priority) for one in home.raised(*MISSED)] == [(NINE + DAY_MS, Priority.P2)]


def test_the_door_answers_the_question_when_it_moves():
    home = Watched(DOOR, start_ms=NINE - HOUR_MS).take(outings(NINE, NINE + 30 * HOUR_MS))
    assert len(home.cleared(*MISSED)) == 1


def test_whoever_opens_the_door_every_second_day_is_given_half_as_long_again_once_that_is_known():
    last_ms = NINE + 40 * DAY_MS
    home = Watched(DOOR, start_ms=NINE - HOUR_MS).take(outings(*range(NINE, last_ms + 1, 40 * HOUR_MS)))
    told = len(home.raised(*MISSED))
    assert 0 < told <= 15 * 24 // 40 + 1
    home.until(last_ms + 10 * DAY_MS)
    assert 0 <= last_ms + 60 * HOUR_MS - home.raised(*MISSED)[told].at_ms <= 3 * MINUTE_MS  # pauses count in minutes


def test_nobody_is_given_more_than_three_days():
    last_ms = NINE + 60 * DAY_MS
    home = Watched(DOOR, start_ms=NINE - HOUR_MS).take(outings(*range(NINE, last_ms + 1, 60 * HOUR_MS)))
    told = len(home.raised(*MISSED))
    assert home.until(last_ms + 10 * DAY_MS).raised(*MISSED)[told].at_ms == last_ms + 72 * HOUR_MS


def test_time_in_the_dark_does_not_count_against_the_door():
    beats = [said("gateway", Metric.ONLINE, True, at_ms) for at_ms in range(NINE, NINE + 10 * HOUR_MS, 10 * MINUTE_MS)]
    later_ms = NINE + 20 * HOUR_MS
    more = [said("gateway", Metric.ONLINE, True, at_ms) for at_ms in range(later_ms, later_ms + DAY_MS, 10 * MINUTE_MS)]
    home = Watched(DOOR, GATEWAY, start_ms=NINE - HOUR_MS).take([*went_out(NINE), *beats, *more])
    raised = home.raised(*MISSED)
    assert [one.at_ms for one in raised] == [NINE + DAY_MS + (10 * HOUR_MS - 20 * MINUTE_MS)]


def test_a_door_that_never_moved_since_it_was_first_heard_is_asked_after():
    home = Watched(DOOR, start_ms=NINE).take([said("door", Metric.BATTERY_PERCENT, 90, NINE + SECOND)])
    assert len(home.until(NINE + 3 * DAY_MS).raised(*MISSED)) == 1


def test_where_rooms_are_seen_the_door_may_stay_shut():
    home = Watched(DOOR, KITCHEN, start_ms=NINE - HOUR_MS).take(went_out(NINE)).until(NINE + 10 * DAY_MS)
    assert home.raised(*MISSED) == []
