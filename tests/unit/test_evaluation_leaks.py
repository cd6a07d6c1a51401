"""Long flows are told by the register alone, and a ticket counts for the flow that it came in."""

import pytest
from rules_walk import HOME_ID, reading

from app.evaluation.leaks import leaks, long_flows, together
from app.evaluation.recordings import Recording, device_of
from app.evaluation.running import run
from core.events import Metric
from core.localtime import HOUR_MS
from registry.homes import DeviceRole, Home
from rules.parameters import RuleParameters

BEGIN_MS = 1_700_000_000_000
METER = device_of(HOME_ID, "meter", DeviceRole.WATER_METER)
HOME = Home(id=HOME_ID, person_id=None, area="scored", devices=(METER,))


def recorded(litres_an_hour):
    total, readings = 0.0, []
    for hour, litres in enumerate(litres_an_hour):
        total += litres
        readings.append(reading(METER.id, Metric.WATER_TOTAL_L, total, BEGIN_MS + hour * HOUR_MS))
    return Recording(name="h1", home=HOME, readings=readings)


def of_days(days):
    """Water by day, none by night."""
    return [30.0 if 7 <= hour % 24 < 21 else 0.0 for hour in range(24 * days)]


def test_a_flow_of_a_hundred_hours_is_long_and_one_of_ninety_nine_is_not():
    (flow,) = long_flows(recorded([0, *[2.0] * 100, 0, *[2.0] * 99, 0]))
    assert (flow.until_ms - flow.from_ms) // HOUR_MS == 100


def test_a_flow_that_goes_on_when_the_record_ends_is_counted():
    assert len(long_flows(recorded([0, *[2.0] * 120]))) == 1


def test_a_life_with_nights_has_no_long_flow_and_no_ticket():
    recording = recorded(of_days(30))
    found = leaks(recording, run(recording, RuleParameters()), 30.0)
    assert (found["long_flows"], found["elsewhere"]["false_alarms"]) == (0, 0)


def test_a_leak_is_told_within_two_days_and_its_ticket_is_not_elsewhere():
    recording = recorded([*of_days(20), *[litres + 6.0 for litres in of_days(6)], *of_days(4)])
    found = leaks(recording, run(recording, RuleParameters()), 30.0)
    assert (found["long_flows"], found["found_within_48h"]) == (1, 1)
    assert found["slowest_h"] == pytest.approx(36, abs=14)
    assert found["elsewhere"]["false_alarms"] == 0
    assert together([found, None, found], 60.0)["found_within_48h"] == 2


def test_homes_without_a_register_have_no_figure():
    bare = Recording(name="h1", home=HOME, readings=[reading(METER.id, Metric.MOTION, True, BEGIN_MS)])
    assert leaks(bare, run(bare, RuleParameters()), 1.0) is None
    assert together([None], 1.0) is None
