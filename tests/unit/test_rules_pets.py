"""A cat that reaches every motion sensor: the home is what its door and its meters show, and its page says so."""

from watched_home import DOOR, HALL, KITCHEN, NINE, SECOND, Watched, device, moved, said
from watched_home import went_out as door_moved

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole
from rules.findings import FindingKind
from rules.sight import blind_spots

HOURLY = device("water", DeviceRole.WATER_METER, beat_ms=HOUR_MS)
OTHER = device("bedroom", DeviceRole.INTERIOR_MOTION, "bedroom")
DAYS = 8
LAST = NINE + DAYS * DAY_MS


def with_a_cat(*devices: Device) -> Watched:
    """Eight days with an outing of eight hours, through which the hall and the kitchen blink in turn."""
    home = Watched(DOOR, HALL, KITCHEN, *devices, start_ms=NINE - 2 * HOUR_MS)
    for number in range(DAYS):
        out_ms = NINE + number * DAY_MS
        back_ms = out_ms + 8 * HOUR_MS
        blinks = [
            one
            for n in range(1, 8)
            for one in moved("hall" if n % 2 else "kitchen", out_ms + n * HOUR_MS + 7 * n * MINUTE_MS)
        ]
        home.take([*moved("kitchen", out_ms - 5 * MINUTE_MS), *door_moved(out_ms), *blinks, *door_moved(back_ms)])
        home.take([*moved("kitchen", back_ms + SECOND), *moved("hall", back_ms + 2 * SECOND)])
        home.take(metered(number) if HOURLY in devices else [])
    return home.until(LAST - HOUR_MS)


def metered(number: int):
    """Return an evening's hourly register."""
    from_ms = NINE + number * DAY_MS + 9 * HOUR_MS
    litres = (12.0, 43.0, 61.0, 97.0)
    return [
        said("water", Metric.WATER_TOTAL_L, 1000.0 * number + litre, from_ms + n * HOUR_MS)
        for n, litre in enumerate(litres)
    ]


def reached(home: Watched) -> set[str]:
    return set(home.engine.rules_of(home.home.id).state.reach.reached)


def page_of(home: Watched) -> list[str]:
    return [text.en for text in blind_spots(home.home, None, home.engine.rules_of(home.home.id).state)]


def lived_quietly(home: Watched, until_ms: int) -> Watched:
    """Somebody who walks between the two rooms all day, where a cat may do the same."""
    walks = range(LAST, until_ms, 20 * MINUTE_MS)
    return home.take([one for at_ms in walks for name in ("hall", "kitchen") for one in moved(name, at_ms)])


def test_where_a_cat_reaches_every_room_and_only_the_door_is_left_nobody_rings_for_a_silence_of_rooms():
    home = with_a_cat()
    assert reached(home) == {"hall", "kitchen"}
    rung = len(home.raised(FindingKind.INACTIVITY))
    lived_quietly(home, LAST + 14 * HOUR_MS).until(LAST + 14 * HOUR_MS)
    assert len(home.raised(FindingKind.INACTIVITY)) == rung
    assert any("A pet reaches every motion sensor" in text for text in page_of(home))
    assert any("Only the front door is seen" in text for text in page_of(home))


def test_there_a_door_that_stays_shut_rings():
    home = with_a_cat()
    shut_ms = LAST - DAY_MS + 8 * HOUR_MS
    lived_quietly(home, shut_ms + 30 * HOUR_MS).until(shut_ms + 30 * HOUR_MS)
    assert [one.at_ms for one in home.raised(FindingKind.NO_DOOR_OPENING)] == [shut_ms + DAY_MS]
    assert len(home.take(door_moved(shut_ms + 31 * HOUR_MS)).cleared(FindingKind.NO_DOOR_OPENING)) == 1


def test_a_home_with_a_meter_too_is_judged_by_it_and_as_slowly():
    home = with_a_cat(HOURLY)
    assert reached(home) == {"hall", "kitchen"}
    limits = home.engine.rules_of(home.home.id).view.silence.limits
    assert (limits.is_metered, limits.cap_ms) == (True, DAY_MS)
    assert any("Only a water meter" in text for text in page_of(home))


def test_water_with_nobody_moving_is_no_fall_where_a_cat_hides_who_moves():
    home = with_a_cat(HOURLY)
    flow = [said("water", Metric.WATER_FLOW_L_H, 300.0, LAST + n * 5 * MINUTE_MS) for n in range(14)]
    home.take(flow).until(LAST + HOUR_MS)
    assert [one.priority for one in home.raised(FindingKind.WATER_RUNNING) if one.priority == 0] == []


def test_one_sensor_that_the_cat_does_not_reach_is_enough_for_the_rooms_to_be_seen():
    home = with_a_cat(OTHER)
    assert reached(home) == {"hall", "kitchen"}
    assert home.engine.rules_of(home.home.id).view.sight is home.engine.rules_of(home.home.id).home
    assert not any("A pet reaches every" in text for text in page_of(home))


def test_a_sensor_that_no_pet_reaches_brings_the_sight_of_the_rooms_back():
    home = with_a_cat()
    home.register(devices=(*home.home.devices, OTHER)).until(home.now_ms + SECOND)
    assert not any("A pet reaches every" in text for text in page_of(home))
    assert len(home.take(moved("bedroom", LAST)).until(LAST + 13 * HOUR_MS).raised(FindingKind.INACTIVITY)) >= 1


def test_what_is_seen_of_a_cats_home_is_the_same_after_a_restart():
    home = with_a_cat(HOURLY).restart()
    assert home.engine.rules_of(home.home.id).view.silence.limits.is_metered
