"""A sensor that is missing: the rules it would have answered wait for the fixed limits, all others go on as ever."""

from watched_home import BATHROOM, DOOR, HALL, KITCHEN, NINE, SECOND, Watched, device, moved, said
from watched_home import went_out as door_moved

from core.events import Metric, Reading
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind, Priority

LIVING = device("living", DeviceRole.INTERIOR_MOTION, "living_room", HOUR_MS)
GUEST = device("guest", DeviceRole.INTERIOR_MOTION, "guest_room", HOUR_MS)
NIGHT_OUT = FindingKind.NIGHT_OUT
DAYS = 20
LAST = NINE + DAYS * DAY_MS
SILENT_MS = LAST - 6 * HOUR_MS  # in the night before the last day a sensor falls silent


def day_of(nine_ms: int) -> list[Reading]:
    """Return six visits to the bathroom with the living room after each, and an outing with it after the door."""
    told: list[Reading] = []
    for hour in range(6):
        told += moved("bathroom", nine_ms + hour * HOUR_MS)
        told += moved("living", nine_ms + hour * HOUR_MS + 10 * MINUTE_MS, nine_ms + hour * HOUR_MS + 40 * MINUTE_MS)
    for hour in range(6, 12):
        told += door_moved(nine_ms + hour * HOUR_MS)
        told += door_moved(nine_ms + hour * HOUR_MS + 20 * MINUTE_MS)
        told += moved("living", nine_ms + hour * HOUR_MS + 21 * MINUTE_MS, nine_ms + hour * HOUR_MS + 23 * MINUTE_MS)
        told += moved("kitchen", nine_ms + hour * HOUR_MS + 25 * MINUTE_MS)
    return told


def lived(silent: str) -> Watched:
    """Twenty days, then a sensor says nothing any more; the others beat on."""
    home = Watched(DOOR, BATHROOM, HALL, KITCHEN, LIVING, GUEST, start_ms=NINE - HOUR_MS)
    told = [one for number in range(DAYS) for one in day_of(NINE + number * DAY_MS)]
    for name in ("living", "guest"):
        told += beats(name, NINE - HOUR_MS, SILENT_MS if name == silent else LAST)
    home.take(told)
    assert len(home.raised(FindingKind.DEVICE_SILENT)) == 1
    return home


def beats(name: str, from_ms: int, until_ms: int) -> list[Reading]:
    return [said(name, Metric.ONLINE, True, at_ms) for at_ms in range(from_ms, until_ms, HOUR_MS)]


def bathroom_told(silent: str) -> list[int]:
    home = lived(silent)
    home.take(with_beats(silent, moved("bathroom", LAST)))
    return [one.at_ms - LAST for one in home.raised(FindingKind.BATHROOM_SILENCE) if one.at_ms > LAST]


def with_beats(silent: str, told: list[Reading]) -> list[Reading]:
    """Return what happens on the last day, with the heartbeats of the one that still beats."""
    return [*beats("guest" if silent == "living" else "living", LAST, LAST + 16 * HOUR_MS), *told]


def test_a_stay_in_the_bathroom_waits_for_the_fixed_limits_while_the_room_she_goes_to_is_dark():
    assert bathroom_told("living") == [5 * HOUR_MS]


def test_the_flat_battery_of_a_room_she_never_goes_to_blunts_nothing():
    assert bathroom_told("guest") == [30 * MINUTE_MS]


def out_and_in(silent: str) -> Watched:
    """Out at nine, the door again at ten, and nothing inside."""
    home = lived(silent)
    told = [*moved("kitchen", LAST - 2 * MINUTE_MS), *door_moved(LAST), *door_moved(LAST + HOUR_MS)]
    return home.take(with_beats(silent, told)).until(LAST + 16 * HOUR_MS)


def came_in(home: Watched) -> list[tuple[int, Priority]]:
    return [(one.at_ms - LAST, one.priority) for one in home.raised(FindingKind.CAME_IN_SILENT) if one.at_ms > LAST]


def test_whoever_comes_in_and_is_not_seen_is_asked_after_by_the_fixed_limits_where_the_first_room_is_dark():
    assert came_in(out_and_in("living")) == [(6 * HOUR_MS, Priority.P2)]


def test_whoever_comes_in_and_is_not_seen_is_asked_after_as_ever_where_another_room_is_dark():
    assert came_in(out_and_in("guest")) == [(90 * MINUTE_MS, Priority.P1)]


def no_return(home: Watched) -> list[int]:
    return [one.at_ms - LAST for one in home.raised(FindingKind.NO_RETURN) if one.at_ms > LAST]


def test_an_outing_is_counted_from_the_doors_last_movement_where_the_first_room_is_dark():
    assert no_return(out_and_in("living")) == [7 * HOUR_MS]
    assert no_return(out_and_in("guest")) == [6 * HOUR_MS]


def out_at(silent: str, hour: float) -> Watched:
    left_ms = LAST + round(hour * HOUR_MS)
    told = [*moved("kitchen", left_ms - 2 * MINUTE_MS), *door_moved(left_ms)]
    return lived(silent).take(with_beats(silent, told)).until(LAST + 16 * HOUR_MS)


def test_nobody_is_missed_at_ten_in_the_evening_who_may_have_come_back_unseen():
    assert no_return(out_at("guest", 12)) == [13 * HOUR_MS]
    assert no_return(out_at("living", 12)) == []


def test_a_night_out_is_told_after_an_hour_where_the_room_that_shows_the_return_is_dark():
    def told(silent: str) -> list[int]:
        return [one.at_ms - LAST - 14 * HOUR_MS - HOUR_MS // 2 for one in out_at(silent, 14.5).raised(NIGHT_OUT)]

    assert told("guest") == [15 * MINUTE_MS]
    assert told("living") == [HOUR_MS]


def test_a_sensor_that_is_well_again_did_not_see_who_came_out_before():
    well_again = beats("living", LAST + 20 * MINUTE_MS, LAST + 16 * HOUR_MS)
    home = lived("living").take([*with_beats("living", moved("bathroom", LAST)), *well_again])
    rung = [one.at_ms - LAST for one in home.raised(FindingKind.BATHROOM_SILENCE) if one.at_ms > LAST]
    assert rung == [5 * HOUR_MS]


def chatter(name: str, from_ms: int, minutes: int = 5, every_ms: int = 700) -> list[Reading]:
    """Return a sensor that toggles without rest."""
    times = range(from_ms, from_ms + minutes * MINUTE_MS, every_ms)
    return [said(name, Metric.MOTION, number % 2 == 0, at_ms) for number, at_ms in enumerate(times)]


def left_home() -> Watched:
    out = [*moved("kitchen", NINE - 5 * MINUTE_MS), *door_moved(NINE)]
    return Watched(DOOR, HALL, KITCHEN, start_ms=NINE - HOUR_MS).take(out).until(NINE + HOUR_MS)


def is_away(home: Watched) -> bool:
    return home.engine.home_status(home.home.id).is_away


def test_a_sensor_that_chatters_in_an_empty_home_brings_nobody_home():
    for every_ms in (700, 1_900):
        assert is_away(left_home().take(chatter("hall", NINE + 2 * HOUR_MS, every_ms=every_ms)))


def test_somebody_who_moves_in_one_room_is_home_all_the_same():
    assert not is_away(left_home().take(moved("hall", *(NINE + 2 * HOUR_MS + n * 30 * SECOND for n in range(5)))))


def test_a_sensor_that_chatters_is_no_life_from_its_first_half_minute_on():
    home = Watched(DOOR, HALL, KITCHEN, start_ms=NINE - HOUR_MS).take(moved("kitchen", NINE))
    home.take(chatter("hall", NINE + HOUR_MS))
    assert (home.last_sign_at_ms or 0) < NINE + HOUR_MS + 30 * SECOND
