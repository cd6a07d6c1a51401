"""A home that never shows a first sign of life is asked after; one that was never heard waits for its installer."""

from watched_home import KITCHEN, NINE, Watched, device, moved, said

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind, Priority

METER = device("water", DeviceRole.WATER_METER, beat_ms=HOUR_MS)
SOS = device("sos", DeviceRole.SOS_BUTTON)


def test_sensors_that_speak_and_never_show_life_are_asked_after_at_the_cap():
    home = Watched(KITCHEN, start_ms=NINE).take([said("kitchen", Metric.BATTERY_PERCENT, 90, NINE)])
    rung = home.until(NINE + DAY_MS).raised(FindingKind.INACTIVITY)
    assert [(one.at_ms, one.stage, one.priority) for one in rung] == [  # perhaps they are not mounted yet
        (NINE + 12 * HOUR_MS, 1, Priority.P2),
        (NINE + 12 * HOUR_MS + 20 * MINUTE_MS, 2, Priority.P2),
    ]


def test_a_meter_that_never_moves_rings_within_its_cap():
    stands = [said("water", Metric.WATER_TOTAL_L, 100, NINE + n * HOUR_MS) for n in range(30)]
    rung = Watched(METER, start_ms=NINE).take(stands).raised(FindingKind.INACTIVITY)
    assert rung
    assert rung[0].at_ms <= NINE + 24 * HOUR_MS


def test_a_home_that_was_never_heard_is_not_rung_for():
    assert Watched(KITCHEN, start_ms=NINE).until(NINE + 3 * DAY_MS).raised(FindingKind.INACTIVITY) == []


def test_a_button_that_is_alive_says_nothing_of_the_person():
    home = Watched(SOS, start_ms=NINE).take([said("sos", Metric.BATTERY_PERCENT, 90, NINE)])
    assert home.until(NINE + 3 * DAY_MS).raised(FindingKind.INACTIVITY) == []


def test_the_first_sign_ends_the_question():
    home = Watched(KITCHEN, start_ms=NINE).take([said("kitchen", Metric.BATTERY_PERCENT, 90, NINE)])
    home.take(moved("kitchen", NINE + 4 * HOUR_MS)).until(NINE + 8 * HOUR_MS)
    assert home.raised(FindingKind.INACTIVITY) == []


def test_the_silence_of_a_home_that_never_showed_life_goes_on_over_a_restart():
    home = Watched(KITCHEN, start_ms=NINE).take([said("kitchen", Metric.BATTERY_PERCENT, 90, NINE)])
    rung = home.until(NINE + HOUR_MS).restart().until(NINE + DAY_MS).raised(FindingKind.INACTIVITY)
    assert rung[0].at_ms == NINE + 12 * HOUR_MS


def test_a_message_of_months_ago_asks_nobody_after_a_silence_before_the_home_was_watched():
    home = Watched(KITCHEN, start_ms=NINE)
    home.take([said("kitchen", Metric.MOTION, True, NINE - 200 * DAY_MS, arrived_ms=NINE + MINUTE_MS)])
    assert home.until(NINE + 4 * HOUR_MS).raised(FindingKind.INACTIVITY) == []
    rung = home.until(NINE + DAY_MS).raised(FindingKind.INACTIVITY)
    assert rung[0].at_ms >= NINE + 5 * HOUR_MS
    assert rung[0].since_ms == NINE
