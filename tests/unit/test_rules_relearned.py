"""A sensor that is taken away: the habits were learned with it, so they are learned anew before they ring."""

from watched_home import BATHROOM, DOOR, HALL, KITCHEN, NINE, SECOND, Watched, device, moved

from core.events import Reading
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole
from rules.explaining import explain
from rules.findings import FindingKind

LIVING = device("living", DeviceRole.INTERIOR_MOTION, "living_room")
NEW = device("living2", DeviceRole.INTERIOR_MOTION, "living_room")
DAYS = 20
LAST = NINE + DAYS * DAY_MS


def day_of(nine_ms: int) -> list[Reading]:
    """Return a day in the living room, with a look into the kitchen every four hours and the hall beside it."""
    told: list[Reading] = []
    for minute in range(0, 13 * 60, 20):
        told += moved("living", nine_ms + minute * MINUTE_MS)
    for hour in range(0, 13, 4):
        told += moved("kitchen", nine_ms + hour * HOUR_MS + MINUTE_MS)
        told += moved("hall", nine_ms + hour * HOUR_MS + 2 * MINUTE_MS)
    return told


def lived(*devices: Device) -> Watched:
    home = Watched(DOOR, HALL, KITCHEN, LIVING, *devices, start_ms=NINE - HOUR_MS, prior_limit=4.0)
    return home.take([one for number in range(DAYS) for one in day_of(NINE + number * DAY_MS)])


def without(home: Watched, gone: Device, *fresh: Device) -> Watched:
    home.until(LAST - HOUR_MS)
    home.register(devices=(*(one for one in home.home.devices if one.id != gone.id), *fresh))
    return home.until(LAST - HOUR_MS + SECOND)


def rung_after(home: Watched) -> int:
    """Return how long a silence lasts after a look into the kitchen at nine until it rings."""
    home.take(moved("kitchen", LAST)).until(LAST + DAY_MS)
    return next(one.at_ms - LAST for one in home.raised(FindingKind.INACTIVITY) if one.at_ms > LAST)


def test_a_home_that_lost_its_busiest_sensor_is_not_judged_sooner_than_by_the_fixed_limits():
    assert rung_after(lived()) < 5 * HOUR_MS - 15 * MINUTE_MS
    assert rung_after(without(lived(), LIVING).restart()) == 5 * HOUR_MS


def test_a_sensor_that_another_replaces_in_its_room_is_not_missed():
    assert rung_after(without(lived(), LIVING, NEW)) < 5 * HOUR_MS - 15 * MINUTE_MS


def test_a_sensor_that_hardly_ever_showed_anything_is_not_missed():
    assert rung_after(without(lived(BATHROOM), BATHROOM)) < 5 * HOUR_MS - 15 * MINUTE_MS


def test_after_two_weeks_the_home_is_judged_by_its_habits_again():
    home = without(lived(), LIVING)
    assert home.engine.rules_of(home.home.id).state.fewer_until_ms == LAST - HOUR_MS + 14 * DAY_MS
    assert any("taken away" in text.en for text in explain(home.engine.rules_of(home.home.id), home.now_ms).silence)
    home.until(LAST + 14 * DAY_MS)
    assert home.engine.rules_of(home.home.id).state.fewer_until_ms is None
