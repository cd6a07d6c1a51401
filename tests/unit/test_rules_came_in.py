"""Came in, then silent: asked after wherever a sensor inside can still show somebody; later where one cannot."""

from watched_home import DOOR, GATEWAY, HALL, KITCHEN, NINE, SECOND, Watched, device, moved, said
from watched_home import went_out as door_moved

from core.events import Metric, Reading
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole
from rules.findings import FindingKind, Priority

CAT_ROOM = device("cat", DeviceRole.INTERIOR_MOTION, "living_room")
BEATING = device("beating", DeviceRole.INTERIOR_MOTION, "bedroom", HOUR_MS)
PLUG = device("plug", DeviceRole.APPLIANCE, "kitchen", HOUR_MS)
START = NINE - 6 * DAY_MS


def left_and_back(door_ms: int) -> list[Reading]:
    """Return an hour out, then the door; nothing follows."""
    out_ms = door_ms - HOUR_MS
    return [*moved("kitchen", out_ms - 5 * MINUTE_MS), *door_moved(out_ms), *door_moved(door_ms)]


def with_a_cat(*devices: Device) -> Watched:
    """Five absences of eight hours, through each of which one sensor blinks every 70 minutes."""
    home = Watched(*devices, start_ms=START)
    for number in range(5):
        out_ms = START + number * DAY_MS + HOUR_MS
        back_ms = out_ms + 8 * HOUR_MS
        blinks = moved("cat", *(out_ms + n * 70 * MINUTE_MS for n in range(1, 7)))
        home.take([*moved("kitchen", out_ms - 5 * MINUTE_MS), *door_moved(out_ms), *blinks, *door_moved(back_ms)])
        home.take(moved("kitchen", back_ms + SECOND))
    assert [one.sentence.en for one in home.raised(FindingKind.SENSOR_FAULT) if "pet" in one.sentence.en]
    return home


def came_in(home: Watched):
    return [(one.at_ms, one.priority) for one in home.raised(FindingKind.CAME_IN_SILENT) if one.at_ms > NINE]


def test_a_fall_on_coming_in_is_told_though_a_cat_moves_in_another_room():
    home = with_a_cat(DOOR, CAT_ROOM, KITCHEN).take(left_and_back(NINE + HOUR_MS))
    home.take(moved("cat", NINE + HOUR_MS + 20 * MINUTE_MS)).until(NINE + HOUR_MS + 30 * MINUTE_MS)
    assert came_in(home) == [(NINE + HOUR_MS + 30 * MINUTE_MS, Priority.P1)]


def test_where_a_cat_reaches_every_sensor_nothing_can_show_who_came_in():
    home = with_a_cat(DOOR, CAT_ROOM, KITCHEN)
    home.register(devices=(DOOR, CAT_ROOM))
    assert came_in(home.take(left_and_back(NINE + HOUR_MS)).until(NINE + 5 * HOUR_MS)) == []


def beats(name, from_ms, until_ms, metric=Metric.BATTERY_PERCENT, value=90.0):
    return [said(name, metric, value, at_ms) for at_ms in range(from_ms, until_ms, 5 * MINUTE_MS)]


def without(missing: Device) -> Watched:
    """The gateway speaks, one device has been silent since the night; out, then the door at eleven."""
    home = Watched(GATEWAY, DOOR, HALL, KITCHEN, missing, start_ms=NINE - DAY_MS)
    home.take([
        *beats("gateway", NINE - DAY_MS, NINE + 9 * HOUR_MS, Metric.ONLINE, value=True),
        *beats(missing.id, NINE - DAY_MS, NINE - 10 * HOUR_MS),
        *left_and_back(NINE + 2 * HOUR_MS),
    ])  # fmt: skip
    assert len(home.raised(FindingKind.DEVICE_SILENT)) == 1
    return home


def test_with_a_silent_sensor_inside_it_is_asked_later_and_not_never():
    home = without(BEATING).until(NINE + 8 * HOUR_MS)
    assert came_in(home) == [(NINE + 7 * HOUR_MS, Priority.P2)]


def test_a_silent_plug_says_nothing_of_who_came_in():
    assert came_in(without(PLUG)) == [(NINE + 2 * HOUR_MS + 30 * MINUTE_MS, Priority.P1)]


def test_a_home_that_cannot_be_seen_is_blind_and_nobody_came_in():
    home = Watched(DOOR, HALL, KITCHEN, GATEWAY, start_ms=NINE - HOUR_MS).take(
        [said("gateway", Metric.ONLINE, True, NINE + n * 5 * MINUTE_MS) for n in range(-10, 25)]
    )
    home.take(left_and_back(NINE + 2 * HOUR_MS)).take(
        [said("gateway", Metric.ONLINE, False, NINE + 2 * HOUR_MS + MINUTE_MS)]
    )
    assert came_in(home.until(NINE + 6 * HOUR_MS)) == []
