"""What a missing reading says: nothing; what a lone blip, a retained alarm and a gateway that flaps say."""

from watched_home import BATHROOM, DOOR, GATEWAY, HALL, KITCHEN, NINE, SECOND, Watched, device, metered, moved, said
from watched_home import went_out as door_moved

from core.events import Flag, Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import Device, DeviceRole
from rules.findings import FindingKind

HOURLY = device("water", DeviceRole.WATER_METER, beat_ms=HOUR_MS)
FIXED = {"inactivity_personal": 0, "inactivity_day_ms": 5 * HOUR_MS, "inactivity_cap_meter_ms": 5 * HOUR_MS}


def metered_home(*more: Device):
    """A drop at nine, then a register that stands; five hours of it are the limit."""
    return Watched(HOURLY, *more, start_ms=NINE - HOUR_MS, **FIXED).take(metered([100, 101], NINE - HOUR_MS, HOUR_MS))


def stands(from_ms, until_ms):
    return [said("water", Metric.WATER_TOTAL_L, 101, at_ms) for at_ms in range(from_ms, until_ms + 1, HOUR_MS)]


def beats(from_ms, until_ms):
    return [said("gateway", Metric.ONLINE, True, at_ms) for at_ms in range(from_ms, until_ms, 10 * MINUTE_MS)]


def test_a_register_that_is_told_to_stand_rings_at_the_limit():
    home = metered_home().take(stands(NINE + HOUR_MS, NINE + 5 * HOUR_MS)).until(NINE + 5 * HOUR_MS)
    assert [one.at_ms for one in home.raised(FindingKind.INACTIVITY)] == [NINE + 5 * HOUR_MS]


def test_a_silence_of_meters_waits_for_the_reading_that_could_end_it():
    home = metered_home().take(stands(NINE + HOUR_MS, NINE + 3 * HOUR_MS)).until(NINE + 5 * HOUR_MS + 50 * MINUTE_MS)
    assert home.raised(FindingKind.INACTIVITY) == []
    home.take([said("water", Metric.WATER_TOTAL_L, 140, NINE + 5 * HOUR_MS + 55 * MINUTE_MS)]).until(NINE + 7 * HOUR_MS)
    assert home.raised(FindingKind.INACTIVITY) == []


def test_the_late_reading_judges_the_silence_when_the_register_still_stands():
    late_ms = NINE + 5 * HOUR_MS + 30 * MINUTE_MS
    home = metered_home().take(stands(NINE + HOUR_MS, NINE + 3 * HOUR_MS)).take(stands(late_ms, late_ms)).until(late_ms)
    assert [one.at_ms for one in home.raised(FindingKind.INACTIVITY)] == [late_ms]


def test_a_meter_that_stays_away_makes_the_home_blind_and_nobody_inactive():
    home = metered_home().take(stands(NINE + HOUR_MS, NINE + 3 * HOUR_MS)).until(NINE + 14 * HOUR_MS)
    assert home.raised(FindingKind.INACTIVITY) == []
    assert len(home.raised(FindingKind.HOME_BLIND)) == 1


def test_a_gateway_that_speaks_alone_does_not_make_a_home_seen():
    home = metered_home(GATEWAY).take([*stands(NINE + HOUR_MS, NINE + HOUR_MS), *beats(NINE, NINE + DAY_MS // 2)])
    assert home.engine.home_status(home.home.id).is_blind
    assert home.raised(FindingKind.INACTIVITY) == []
    assert len(home.raised(FindingKind.HOME_BLIND)) == 1
    home.take(beats(NINE + DAY_MS // 2, NINE + 13 * HOUR_MS))
    home.take(stands(NINE + 13 * HOUR_MS, NINE + 13 * HOUR_MS))
    assert not home.engine.home_status(home.home.id).is_blind
    assert len(home.cleared(FindingKind.HOME_BLIND)) == 1


def test_a_gateway_speaks_for_sensors_that_promise_nothing():
    home = Watched(GATEWAY, KITCHEN, HALL).take([*moved("kitchen", NINE), *beats(NINE, NINE + 4 * HOUR_MS)])
    assert not home.engine.home_status(home.home.id).is_blind


def away_home():
    """Out since nine; ten minutes of quiet prove it."""
    left = [*moved("kitchen", NINE - 5 * MINUTE_MS), *door_moved(NINE)]
    return Watched(DOOR, HALL, KITCHEN, BATHROOM, start_ms=NINE - HOUR_MS).take(left).until(NINE + HOUR_MS)


def is_away(home):
    return home.engine.home_status(home.home.id).is_away


def test_a_sign_soon_after_the_door_is_somebody_coming_home():
    assert not is_away(away_home().take([*door_moved(NINE + HOUR_MS), *moved("hall", NINE + HOUR_MS + 9 * MINUTE_MS)]))


def test_one_late_blip_after_the_door_brings_nobody_home_and_two_do():
    home = away_home().take([*door_moved(NINE + HOUR_MS), *moved("hall", NINE + HOUR_MS + 12 * MINUTE_MS)])
    assert is_away(home)
    assert not is_away(home.take(moved("hall", NINE + HOUR_MS + 25 * MINUTE_MS)))


def test_a_door_with_nothing_but_a_late_blip_behind_it_is_still_asked_after():
    home = away_home().take([*door_moved(NINE + HOUR_MS), *moved("hall", NINE + HOUR_MS + 12 * MINUTE_MS)])
    home.until(NINE + HOUR_MS + 30 * MINUTE_MS)
    assert len(home.raised(FindingKind.CAME_IN_SILENT)) == 1


def test_two_rooms_together_end_an_absence_that_no_door_ends():
    assert not is_away(
        away_home().take([*moved("hall", NINE + 2 * HOUR_MS), *moved("kitchen", NINE + 2 * HOUR_MS + SECOND)])
    )


def test_two_rooms_end_an_absence_however_often_one_of_them_has_blinked_alone():
    blinks = [one for n in range(8) for one in moved("hall", NINE + 2 * HOUR_MS + n * 6 * MINUTE_MS)]
    home = away_home().take(blinks)
    at_ms = NINE + 4 * HOUR_MS
    assert not is_away(home.take([*moved("hall", at_ms), *moved("kitchen", at_ms + MINUTE_MS)]))


def test_a_gateway_that_comes_and_goes_does_not_put_off_the_call_for_ever():
    home = Watched(device("gateway", DeviceRole.GATEWAY), KITCHEN, HALL, start_ms=NINE - 20 * DAY_MS)
    days = range(NINE - 20 * DAY_MS, NINE, DAY_MS)
    home.take([one for day_ms in days for n in range(26) for one in moved("kitchen", day_ms + n * HOUR_MS // 2)])
    home.take(moved("hall", NINE))
    last_ms = NINE + 2 * DAY_MS
    flaps = [
        said("gateway", Metric.ONLINE, value, at_ms + after)
        for at_ms in range(NINE + HOUR_MS, last_ms, 20 * MINUTE_MS)
        for value, after in ((False, 0), (True, MINUTE_MS))
    ]
    home.take(flaps)
    rung = [one for one in home.raised(FindingKind.INACTIVITY) if one.at_ms > NINE]
    assert rung
    assert rung[0].at_ms <= NINE + 13 * HOUR_MS


def test_smoke_that_only_a_retained_message_tells_pages_after_a_minute_unless_it_is_taken_back():
    smoke = device("smoke", DeviceRole.SMOKE_GAS_CO)
    told = said("smoke", Metric.SMOKE, True, NINE, flags=int(Flag.REPLAY))
    home = Watched(smoke, KITCHEN).take([told]).until(NINE + 2 * MINUTE_MS)
    assert [one.at_ms for one in home.raised(FindingKind.EMERGENCY)] == [NINE + MINUTE_MS]
    over = said("smoke", Metric.SMOKE, False, NINE + SECOND)
    assert Watched(smoke, KITCHEN).take([told, over]).until(NINE + HOUR_MS).raised(FindingKind.EMERGENCY) == []


def test_in_a_home_with_a_door_and_an_hourly_meter_water_that_is_drawn_ends_an_absence():
    left = [*metered([100, 110], NINE - HOUR_MS, HOUR_MS), *door_moved(NINE + 5 * MINUTE_MS)]
    home = Watched(DOOR, HOURLY, start_ms=NINE - 2 * HOUR_MS).take(left).until(NINE + 30 * MINUTE_MS)
    assert is_away(home)
    home.take([said("water", Metric.WATER_TOTAL_L, 112, NINE + HOUR_MS)])
    assert is_away(home)  # drawn in the hour in which the person left
    home.take([said("water", Metric.WATER_TOTAL_L, 130, NINE + 2 * HOUR_MS)])
    assert not is_away(home)
