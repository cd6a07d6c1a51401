"""A front door left open: to the frost, and in a home that cannot be seen."""

from watched_home import DOOR, GATEWAY, NINE, Watched, device, said

from core.events import Metric
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind

BALCONY = device("balcony", DeviceRole.CLIMATE, "阳台")


def test_a_door_open_to_the_frost_is_told_after_two_minutes():
    log = [said("balcony", Metric.TEMPERATURE_C, 3.0, NINE - HOUR_MS), said("door", Metric.OPEN, True, NINE)]
    home = Watched(BALCONY, DOOR, start_ms=NINE - 2 * HOUR_MS).take(log)
    assert home.until(NINE + 2 * MINUTE_MS - 1).raised(FindingKind.DOOR_LEFT_OPEN) == []
    assert len(home.until(NINE + 2 * MINUTE_MS).raised(FindingKind.DOOR_LEFT_OPEN)) == 1


def test_a_frost_of_yesterday_does_not_hurry_the_door():
    log = [said("balcony", Metric.TEMPERATURE_C, 3.0, NINE - 4 * HOUR_MS), said("door", Metric.OPEN, True, NINE)]
    home = Watched(BALCONY, DOOR, start_ms=NINE - 5 * HOUR_MS).take(log)
    assert home.until(NINE + 10 * MINUTE_MS - 1).raised(FindingKind.DOOR_LEFT_OPEN) == []


def test_a_door_that_a_blind_home_may_have_shut_is_not_told():
    beats = [said("gateway", Metric.ONLINE, True, NINE), said("door", Metric.OPEN, True, NINE + MINUTE_MS)]
    home = Watched(DOOR, GATEWAY, door_open_day_ms=HOUR_MS).take(beats)
    assert home.until(NINE + 5 * HOUR_MS).raised(FindingKind.DOOR_LEFT_OPEN) == []
    home.take([said("gateway", Metric.ONLINE, True, NINE + 5 * HOUR_MS)])
    (finding,) = home.until(NINE + 5 * HOUR_MS + MINUTE_MS).raised(FindingKind.DOOR_LEFT_OPEN)
    assert finding.at_ms == NINE + 5 * HOUR_MS + MINUTE_MS  # the word that it was shut has had its time to come
