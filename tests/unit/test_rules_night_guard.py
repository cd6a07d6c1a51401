"""Hours that bound a silence by themselves: a call held back by night, and a morning without its first sign."""

from rules_walk import at
from watched_home import BATHROOM, DOOR, HALL, KITCHEN, METER, Watched, device, metered, moved, said
from watched_home import went_out as door_moved

from core.events import Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind

MIDNIGHT = at("2024-03-05T00:00")
GUARDED = {"night_call_times": 1.5, "morning_sign_hour": 0, "fallback_days": 0.001}


def called(home: Watched) -> list[float]:
    """Return the hours since midnight of the fifth at which the first stage called."""
    return [(one.at_ms - MIDNIGHT) / HOUR_MS for one in home.raised(FindingKind.INACTIVITY) if one.stage == 1]


def silent_since(hour: float, **limits: float) -> Watched:
    """Somebody moved in two rooms on the fifth; nothing follows for half a day."""
    start_ms = MIDNIGHT + round(hour * HOUR_MS)
    home = Watched(HALL, KITCHEN, start_ms=start_ms - HOUR_MS, **limits)
    home.take([*moved("hall", start_ms - MINUTE_MS), *moved("kitchen", start_ms)])
    return home.until(start_ms + 14 * HOUR_MS)


def test_by_night_a_first_call_waits_for_one_and_a_half_times_the_limit_or_for_the_morning():
    (free,) = called(silent_since(18, **(GUARDED | {"night_call_times": 1})))
    assert 23 <= free < 25
    # Before two o'clock, at which the home learns and its limit changes.
    assert called(silent_since(18, **(GUARDED | {"night_call_until_hour": 1}))) == [24 + 1]
    assert called(silent_since(17.75, **GUARDED)) == [24 + 5.75]  # the longest silence is sooner than the morning


def test_a_silence_that_has_passed_one_and_a_half_times_its_limit_rings_by_night_too():
    (free,), (held,) = called(silent_since(9)), called(silent_since(9, **(GUARDED | {"night_call_from_hour": 13})))
    assert 13 < free < 15
    assert 16 < held < 20


def test_by_day_nothing_is_held_back():
    assert called(silent_since(9, **GUARDED)) == called(silent_since(9, **(GUARDED | {"night_call_times": 1})))


def test_without_being_asked_for_no_call_is_held_back_by_night():
    assert called(silent_since(18.25, morning_sign_hour=0, fallback_days=0.001))[0] < 30


def test_a_fall_in_the_bathroom_rings_by_night():
    home = Watched(HALL, BATHROOM, start_ms=MIDNIGHT, **GUARDED)
    home.take([*moved("hall", MIDNIGHT + HOUR_MS), *moved("bathroom", MIDNIGHT + HOUR_MS + MINUTE_MS)])
    home.until(MIDNIGHT + 3 * HOUR_MS)
    assert len(home.raised(FindingKind.BATHROOM_SILENCE)) == 1


def mornings(*hours: float, until_hour: float = 22.0) -> list:
    """Return days before the fifth, each with its first sign at an hour and one every half hour until the evening."""
    log = []
    for back, hour in zip(range(len(hours), 0, -1), hours, strict=True):
        day_ms = MIDNIGHT - back * DAY_MS
        for n in range(round((until_hour - hour) * 2)):
            at_ms = day_ms + round(hour * HOUR_MS) + n * 30 * MINUTE_MS
            log += [*moved("hall", at_ms), *moved("kitchen", at_ms + MINUTE_MS)]
    return log


WIDE = {"cap_ms": 20 * HOUR_MS, "prior_limit": 90.0, "fallback_days": 0.001}
"""So wide that nothing but the morning rings."""


def slept(*hours: float, **limits: float) -> Watched:
    home = Watched(HALL, KITCHEN, DOOR, start_ms=MIDNIGHT - (len(hours) + 1) * DAY_MS, **(WIDE | limits))
    home.take(mornings(*hours))
    home.findings = []
    return home.until(MIDNIGHT + 14 * HOUR_MS)


def test_before_mornings_are_known_a_first_sign_is_awaited_until_ten():
    home = slept(7)
    assert called(home) == [10]
    (finding, *_) = home.raised(FindingKind.INACTIVITY)
    assert any("morning" in one.text.en and "早晨" in one.text.zh for one in finding.evidence)
    assert slept(7, morning_sign_hour=0).raised(FindingKind.INACTIVITY) == []


def test_whoever_has_slept_longer_than_that_is_awaited_an_hour_longer_at_once():
    assert called(slept(10.5, 7)) == [11.5]


def test_after_two_weeks_a_first_sign_is_awaited_an_hour_longer_than_the_latest_morning():
    assert called(slept(*[6.0, 6.5, 7.0] * 5)) == [8]


def test_a_first_sign_ends_the_waiting():
    home = Watched(HALL, KITCHEN, start_ms=MIDNIGHT - 2 * DAY_MS, **WIDE).take(mornings(7))
    home.findings = []
    home.take(moved("hall", MIDNIGHT + 9 * HOUR_MS)).until(MIDNIGHT + 14 * HOUR_MS)
    assert called(home) == []


def test_a_boiler_that_heats_in_the_morning_is_no_first_sign():
    power = device("power", DeviceRole.POWER_METER)
    home = Watched(HALL, KITCHEN, power, start_ms=MIDNIGHT - 2 * DAY_MS, **WIDE).take(mornings(7))
    home.findings = []
    heats = [(0.0, MIDNIGHT + 5 * HOUR_MS), (2000.0, MIDNIGHT + 6 * HOUR_MS)]
    home.take([said("power", Metric.POWER_W, watts, at_ms) for watts, at_ms in heats]).until(MIDNIGHT + 11 * HOUR_MS)
    assert called(home) == [10]


def test_whoever_came_home_in_the_morning_is_not_asked_why_the_night_was_quiet():
    home = Watched(HALL, KITCHEN, DOOR, start_ms=MIDNIGHT - 2 * DAY_MS, **WIDE).take(mornings(7))
    home.take(door_moved(MIDNIGHT - HOUR_MS))
    home.findings = []
    back_ms = MIDNIGHT + 5 * HOUR_MS
    home.take([*door_moved(back_ms), *moved("hall", back_ms + MINUTE_MS)]).until(MIDNIGHT + 14 * HOUR_MS)
    assert called(home) == []


def test_a_home_that_lacks_a_sensor_is_not_judged_by_its_mornings():
    stuck = said("kitchen", Metric.MOTION, True, MIDNIGHT - HOUR_MS)
    home = Watched(HALL, KITCHEN, start_ms=MIDNIGHT - 2 * DAY_MS, **(WIDE | {"inactivity_night_ms": 24 * HOUR_MS}))
    home.take([*mornings(7), stuck]).until(MIDNIGHT + 2 * HOUR_MS)
    assert home.raised(FindingKind.SENSOR_FAULT)
    assert called(home.until(MIDNIGHT + 10 * HOUR_MS)) == []


def test_a_home_with_nothing_but_a_meter_has_no_mornings():
    home = Watched(METER, start_ms=MIDNIGHT - DAY_MS, prior_limit_meter=90.0)
    home.take(metered([100, 110, 111], MIDNIGHT - 9 * HOUR_MS, HOUR_MS))
    home.take([said("water", Metric.WATER_TOTAL_L, 111.0, MIDNIGHT + n * HOUR_MS) for n in range(-5, 11)])
    assert called(home) == []


def test_a_fixed_rule_that_a_town_chooses_rings_by_its_own_hours_and_not_for_the_morning():
    late = silent_since(21, preset="silence_24h").until(MIDNIGHT + 50 * HOUR_MS)
    assert called(late) == [24 + 21]
