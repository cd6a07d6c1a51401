"""When a home counts as blind: its witnesses, a link that flaps, and what is judged across dark stretches."""

from watched_home import BATHROOM, DOOR, HALL, KITCHEN, NINE, SECOND, Watched, device, moved, said

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind, Priority

GATEWAY = device("gateway", DeviceRole.GATEWAY, beat_ms=10 * MINUTE_MS)
BEATING_KITCHEN = device("kitchen", DeviceRole.INTERIOR_MOTION, "kitchen", beat_ms=HOUR_MS)
BEATING_HALL = device("hall", DeviceRole.INTERIOR_MOTION, "hall", beat_ms=HOUR_MS)
BEATING_DOOR = device("door", DeviceRole.OUTSIDE_DOOR, "hall", beat_ms=HOUR_MS)
SOS = device("sos", DeviceRole.SOS_BUTTON, beat_ms=DAY_MS)
METER = device("water", DeviceRole.WATER_METER)
PERSON = (FindingKind.INACTIVITY, FindingKind.NO_RETURN, FindingKind.BATHROOM_SILENCE)


def beats(name, from_ms, until_ms, every_ms):
    return [said(name, Metric.BATTERY_PERCENT, 90, at_ms) for at_ms in range(from_ms, until_ms, every_ms)]


def flapping(from_ms, until_ms, *, every_ms, dark_ms):
    """A gateway whose last will comes, and that is back after `dark_ms`, over and over."""
    return [
        said("gateway", Metric.ONLINE, value, at_ms + after)
        for at_ms in range(from_ms, until_ms, every_ms)
        for value, after in ((False, 0), (True, dark_ms))
    ]


def test_a_button_that_beats_daily_does_not_vouch_for_sensors_that_are_silent():
    home = Watched(BEATING_KITCHEN, BEATING_HALL, SOS, start_ms=NINE - HOUR_MS)
    home.take([*moved("kitchen", NINE), *moved("hall", NINE), *beats("sos", NINE, NINE + 2 * DAY_MS, DAY_MS)])
    home.until(NINE + 10 * HOUR_MS)
    assert home.raised(*PERSON) == []
    assert len(home.raised(FindingKind.HOME_BLIND)) == 1


def test_a_door_that_speaks_does_not_vouch_for_rooms_whose_sensors_are_silent():
    home = Watched(GATEWAY, BEATING_KITCHEN, BEATING_HALL, BEATING_DOOR, start_ms=NINE - HOUR_MS)
    home.take(
        [
            *moved("kitchen", NINE),
            *moved("hall", NINE),
            *beats("door", NINE, NINE + DAY_MS, HOUR_MS),
            *beats("gateway", NINE, NINE + DAY_MS, 10 * MINUTE_MS),
        ]
    )
    assert home.raised(*PERSON) == []
    assert len(home.raised(FindingKind.HOME_BLIND)) == 1


def test_a_silence_that_is_seen_in_pieces_rings_when_its_pieces_add_up():
    home = Watched(GATEWAY, KITCHEN, HALL, start_ms=NINE - HOUR_MS).take(moved("kitchen", NINE))
    day_ms = NINE + DAY_MS
    alive = [
        one
        for at_ms in range(NINE, day_ms, 50 * MINUTE_MS)
        for one in beats("gateway", at_ms, at_ms + 8 * MINUTE_MS, 4 * MINUTE_MS)
    ]
    rung = home.take(alive).raised(FindingKind.INACTIVITY)
    assert rung
    assert rung[0].at_ms <= NINE + 16 * HOUR_MS


def test_the_cap_counts_what_was_seen_before_the_link_came_back():
    limits = {"inactivity_personal": 0, "inactivity_day_ms": DAY_MS, "inactivity_night_ms": DAY_MS}
    home = Watched(device("gateway", DeviceRole.GATEWAY), KITCHEN, start_ms=NINE - HOUR_MS, **limits)
    home.take([*moved("kitchen", NINE), *flapping(NINE, NINE + DAY_MS, every_ms=2 * HOUR_MS, dark_ms=MINUTE_MS)])
    rung = home.raised(FindingKind.INACTIVITY)
    assert rung
    assert rung[0].at_ms <= NINE + 12 * HOUR_MS + 12 * MINUTE_MS


def test_a_long_stay_in_the_bathroom_rings_though_the_gateway_flaps():
    home = Watched(device("gateway", DeviceRole.GATEWAY), BATHROOM, KITCHEN, start_ms=NINE - HOUR_MS)
    home.take(moved("bathroom", NINE))
    home.take(flapping(NINE + MINUTE_MS, NINE + 3 * HOUR_MS, every_ms=20 * MINUTE_MS, dark_ms=MINUTE_MS))
    rung = home.raised(FindingKind.BATHROOM_SILENCE)
    assert rung
    assert rung[0].at_ms <= NINE + 75 * MINUTE_MS


def test_water_that_runs_with_nobody_moving_rings_though_the_gateway_flaps():
    home = Watched(device("gateway", DeviceRole.GATEWAY), METER, KITCHEN, start_ms=NINE - HOUR_MS)
    home.take(moved("kitchen", NINE))
    flow = [said("water", Metric.WATER_FLOW_L_H, 300, NINE + n * MINUTE_MS) for n in range(0, 90, 5)]
    flow[0] = said("water", Metric.WATER_FLOW_L_H, 0, NINE)
    flaps = flapping(NINE + MINUTE_MS, NINE + 2 * HOUR_MS, every_ms=20 * MINUTE_MS, dark_ms=MINUTE_MS)
    rung = home.take([*flow, *flaps]).raised(FindingKind.WATER_RUNNING)
    assert [one.priority for one in rung[:1]] == [Priority.P0]
    assert rung[0].at_ms <= NINE + 45 * MINUTE_MS


def test_somebody_who_does_not_return_is_asked_after_though_the_gateway_flaps():
    left = [
        *moved("kitchen", NINE),
        said("door", Metric.OPEN, True, NINE),
        said("door", Metric.OPEN, False, NINE + SECOND),
    ]
    home = Watched(device("gateway", DeviceRole.GATEWAY), DOOR, KITCHEN, start_ms=NINE - HOUR_MS).take(left)
    home.take(flapping(NINE + HOUR_MS, NINE + 12 * HOUR_MS, every_ms=8 * MINUTE_MS, dark_ms=MINUTE_MS))
    assert len(home.raised(FindingKind.NO_RETURN)) == 1


def test_a_home_that_is_blind_most_of_the_time_is_told_once_for_every_six_hours_of_it():
    home = Watched(GATEWAY, KITCHEN, HALL, start_ms=NINE - HOUR_MS).take(moved("kitchen", NINE))
    alive = [
        one
        for at_ms in range(NINE, NINE + 10 * HOUR_MS, 2 * HOUR_MS)
        for one in beats("gateway", at_ms, at_ms + 10 * MINUTE_MS, 5 * MINUTE_MS)
    ]
    assert len(home.take(alive).until(NINE + 10 * HOUR_MS).raised(FindingKind.HOME_BLIND)) == 1


def test_dark_moments_far_apart_do_not_add_up_to_a_blind_home():
    home = Watched(device("gateway", DeviceRole.GATEWAY), KITCHEN, start_ms=NINE)
    flaps = flapping(NINE, NINE + 20 * DAY_MS, every_ms=12 * HOUR_MS, dark_ms=20 * MINUTE_MS)
    signs = [one for n in range(20 * 24) for one in moved("kitchen", NINE + n * HOUR_MS + 30 * MINUTE_MS)]
    assert home.take([*flaps, *signs]).raised(FindingKind.HOME_BLIND) == []


def seen_and_blind_min(until_ms):
    """An hour in sight; the kitchen last speaks at nine, the gateway until `until_ms`; looked at at five."""
    link = beats("gateway", NINE - HOUR_MS, until_ms, 10 * MINUTE_MS)
    home = Watched(GATEWAY, BEATING_KITCHEN, start_ms=NINE - HOUR_MS).take([*link, *moved("kitchen", NINE)])
    today = home.until(NINE + 8 * HOUR_MS).engine.coverage(home.home.id)[-1]
    return today.seen_min, today.blind_min


def test_time_before_the_witnesses_were_missed_is_not_credited_as_seen():
    assert seen_and_blind_min(NINE + 8 * HOUR_MS) == (60, 8 * 60 - 1)  # a pulse lasts a second, whole minutes count


def test_a_gateway_that_dies_was_seen_until_its_last_word():
    assert seen_and_blind_min(NINE + 30 * MINUTE_MS) == (80, 8 * 60 - 20)
