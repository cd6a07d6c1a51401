"""Cold and heat: each degree for as long as the body bears it, by thermometers that speak and rooms that are lived in."""

import pytest
from watched_home import DOOR, HALL, NINE, Watched, came_home, device, moved, said, went_out

from core.events import Flag, Metric
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind, Priority

COLD, HOT = FindingKind.COLD_HOME, FindingKind.HOT_HOME
ROOM = device("room", DeviceRole.CLIMATE, "living_room")
BALCONY = device("balcony", DeviceRole.CLIMATE, "阳台")


def felt(celsius, from_ms, hours, name="room"):
    return [said(name, Metric.TEMPERATURE_C, celsius, from_ms + n * 30 * MINUTE_MS) for n in range(2 * hours + 1)]


def told(home, *kinds: FindingKind):
    return [(finding.priority, finding.at_ms - finding.since_ms) for finding in home.raised(*kinds)]


@pytest.mark.parametrize(
    ("celsius", "kind", "priority", "hours"),
    [
        (17.9, COLD, Priority.P3, 24),
        (15.9, COLD, Priority.P2, 4),
        (11.9, COLD, Priority.P2, 2),
        (30.0, HOT, Priority.P2, 3),
        (35.0, HOT, Priority.P2, 1),
    ],
)
def test_each_degree_is_told_when_its_time_is_over(celsius, kind, priority, hours):
    home = Watched(ROOM).take(felt(celsius, NINE, hours)[:-1]).until(NINE + hours * HOUR_MS - 1)
    assert home.raised(COLD, HOT) == []
    home.restart().take(felt(celsius, NINE + hours * HOUR_MS, 0)).until(NINE + hours * HOUR_MS)
    assert told(home, kind) == [(priority, hours * HOUR_MS)]


@pytest.mark.parametrize("celsius", [18.0, 29.9])
def test_an_ordinary_temperature_is_nothing(celsius):
    assert Watched(ROOM).take(felt(celsius, NINE, 30)).raised(COLD, HOT) == []


def test_half_a_degree_does_not_end_the_cold_and_more_does():
    home = Watched(ROOM).take(
        [*felt(15.8, NINE, 2), *felt(16.4, NINE + 2 * HOUR_MS + 1, 0), *felt(15.9, NINE + 3 * HOUR_MS, 2)]
    )
    assert len(home.until(NINE + 5 * HOUR_MS).raised(COLD)) == 1
    home.take(felt(16.4, NINE + 6 * HOUR_MS, 0))
    assert home.cleared(COLD) == []
    assert len(home.take(felt(16.5, NINE + 7 * HOUR_MS, 0)).cleared(COLD)) == 1


def test_a_graver_cold_is_told_instead_of_a_lesser():
    home = Watched(ROOM).take(felt(11.0, NINE, 30))
    assert told(home, COLD) == [(Priority.P2, 2 * HOUR_MS)]


def test_a_thermometer_that_fell_silent_says_nothing():
    home = Watched(ROOM).take(felt(15.0, NINE, 0)).until(NINE + 12 * HOUR_MS)
    assert home.raised(COLD) == []
    assert home.take(felt(15.0, NINE + 12 * HOUR_MS, 0)).until(NINE + 12 * HOUR_MS).raised(COLD) == []


def test_the_balcony_is_no_room():
    assert Watched(BALCONY).take(felt(2.0, NINE, 30, "balcony")).raised(COLD) == []


def test_the_coldest_room_that_is_lived_in_counts():
    unused = device("unused", DeviceRole.CLIMATE, "guest_room")
    sensor = device("guest", DeviceRole.INTERIOR_MOTION, "guest_room")
    log = [*felt(20.0, NINE + 25 * HOUR_MS, 8), *felt(10.0, NINE + 25 * HOUR_MS, 8, "unused")]
    entered_long_ago = [*moved("guest", NINE), *log]
    assert Watched(ROOM, unused, sensor).take(entered_long_ago).raised(COLD) == []
    entered = [*moved("guest", NINE + 20 * HOUR_MS), *log]
    assert Watched(ROOM, unused, sensor).take(entered).raised(COLD) != []


def test_an_empty_home_may_be_cold_until_somebody_comes_home():
    home = Watched(ROOM, DOOR, HALL).take([*moved("hall", NINE - MINUTE_MS), *went_out(NINE), *felt(15.0, NINE + 1, 6)])
    assert home.raised(COLD) == []
    back_ms = NINE + 6 * HOUR_MS + MINUTE_MS
    assert len(home.take(came_home(back_ms)).until(back_ms + MINUTE_MS).raised(COLD)) == 1


def test_a_homes_own_limit_overrides():
    assert len(Watched(ROOM, cold_c=20).take(felt(19.0, NINE, 4)).until(NINE + 4 * HOUR_MS).raised(COLD)) == 1


def test_a_cold_that_a_backlog_shows_to_be_over_is_not_told():
    home, now = Watched(ROOM), NINE + 10 * HOUR_MS
    log = [*felt(15.0, NINE, 6), *felt(20.0, NINE + 7 * HOUR_MS, 1)]
    late = [said("room", r.metric, r.value, r.observed_at_ms, arrived_ms=now, flags=int(Flag.LATE)) for r in log]
    for one in late:
        home.until(now).take_batch([one], now)
    assert home.until(now + HOUR_MS).raised(COLD) == []
