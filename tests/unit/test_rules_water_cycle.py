"""Water that a machine draws, over and over the same: it hides nobody's silence and brings nobody home."""

import random

from watched_home import DOOR, KITCHEN, NINE, Watched, device, moved, said, went_out

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind

HOURLY = device("water", DeviceRole.WATER_METER, beat_ms=HOUR_MS)


def register(draws, from_ms, until_ms):
    """An hourly register with (when, litres) of what is drawn."""
    return [
        said("water", Metric.WATER_TOTAL_L, 100 + sum(litres for when, litres in draws if when <= at_ms), at_ms)
        for at_ms in range(from_ms, until_ms + 1, HOUR_MS)
    ]


def cistern(from_ms, until_ms, *, every_ms=140 * MINUTE_MS, litres=4):
    return [(at_ms, litres) for at_ms in range(from_ms, until_ms, every_ms)]


def living(rng, from_ms, days):
    """What somebody draws by day, at odd hours, in odd amounts."""
    return [
        (from_ms + day * DAY_MS + round(rng.uniform(0, 13) * HOUR_MS), rng.choice((2, 3, 6, 9, 12, 40, 60)))
        for day in range(days)
        for _ in range(14)
    ]


def test_a_cistern_that_refills_by_itself_hides_no_silence_from_a_meter():
    draws = [(NINE - 2 * HOUR_MS, 40), (NINE - HOUR_MS, 7), (NINE, 12), *cistern(NINE + HOUR_MS, NINE + 3 * DAY_MS)]
    home = Watched(HOURLY, start_ms=NINE - 4 * HOUR_MS)
    home.take(register(draws, NINE - 4 * HOUR_MS, NINE + 3 * DAY_MS))
    rung = home.raised(FindingKind.INACTIVITY)
    assert rung
    assert rung[0].at_ms <= NINE + 29 * HOUR_MS  # a day after the second refill: the first two repeat nothing yet
    assert rung[0].since_ms <= NINE + 4 * HOUR_MS + MINUTE_MS
    assert home.cleared(FindingKind.INACTIVITY) == []


def test_a_cistern_hides_no_silence_from_sensors_of_movement():
    flow = [
        said("water", Metric.WATER_FLOW_L_H, value, at_ms + after)
        for at_ms, _ in cistern(NINE + HOUR_MS, NINE + 2 * DAY_MS)
        for value, after in ((120, 0), (0, 2 * MINUTE_MS))
    ]
    home = Watched(device("water", DeviceRole.WATER_METER), KITCHEN, start_ms=NINE - HOUR_MS)
    home.take([said("water", Metric.WATER_FLOW_L_H, 0, NINE - HOUR_MS), *moved("kitchen", NINE), *flow])
    rung = home.raised(FindingKind.INACTIVITY)
    assert rung
    assert rung[0].at_ms == NINE + HOUR_MS + 140 * MINUTE_MS + 12 * HOUR_MS  # half a day after the second refill
    assert rung[0].since_ms == NINE + HOUR_MS + 140 * MINUTE_MS
    assert home.cleared(FindingKind.INACTIVITY) == []


def test_somebody_who_lives_beside_a_cistern_is_not_rung_for_it():
    rng = random.Random(7)
    draws = living(rng, NINE, 20) + cistern(NINE, NINE + 20 * DAY_MS)
    home = Watched(HOURLY, start_ms=NINE - HOUR_MS)
    home.take(register(draws, NINE - HOUR_MS, NINE + 20 * DAY_MS))
    assert home.raised(FindingKind.INACTIVITY) == []


def test_a_hand_at_the_tap_answers_a_call_that_the_cistern_did_not():
    draws = [(NINE, 12), *cistern(NINE + HOUR_MS, NINE + 3 * DAY_MS), (NINE + 2 * DAY_MS, 25)]
    home = Watched(HOURLY, start_ms=NINE - 2 * HOUR_MS)
    home.take(register(draws, NINE - 2 * HOUR_MS, NINE + 3 * DAY_MS))
    assert next(one.at_ms for one in home.cleared(FindingKind.INACTIVITY)) == NINE + 2 * DAY_MS


def test_a_cistern_that_is_known_brings_nobody_home():
    draws = [(NINE - 24 * HOUR_MS, 30), *cistern(NINE - 23 * HOUR_MS, NINE + 12 * HOUR_MS)]
    home = Watched(DOOR, HOURLY, start_ms=NINE - 25 * HOUR_MS)
    home.take([*register(draws, NINE - 25 * HOUR_MS, NINE + 12 * HOUR_MS), *went_out(NINE + 70 * MINUTE_MS)])
    assert len(home.raised(FindingKind.NO_RETURN)) == 1
