"""A home whose rules go round in a circle is found out, and no other."""

from watched_home import HALL, KITCHEN, NINE, Watched, device, said

from core.events import Metric
from core.ids import HomeId
from core.localtime import DAY_MS, HOUR_MS
from registry.homes import DeviceRole
from rules.findings import FindingKind
from rules.turns import MOST_AT_ONCE, Turns


def test_a_home_whose_turn_comes_too_often_at_one_moment_goes_round_in_a_circle():
    turns, one, other = Turns(), HomeId("h1"), HomeId("h2")
    assert not any(turns.is_circle(one, NINE) for _ in range(MOST_AT_ONCE))
    assert turns.is_circle(one, NINE)
    assert not turns.is_circle(one, NINE + 1)
    assert not turns.is_circle(other, NINE)


def test_a_home_with_very_many_devices_that_fall_silent_at_once_is_no_circle():
    leaks = [device(f"leak{n}", DeviceRole.LEAK, beat_ms=HOUR_MS) for n in range(200)]
    home = Watched(HALL, KITCHEN, *leaks, start_ms=NINE)
    home.take_batch([said(leak.id, Metric.BATTERY_PERCENT, 90, NINE) for leak in leaks], NINE).until(NINE + DAY_MS)
    assert len(home.raised(FindingKind.DEVICE_SILENT)) == 200
    assert home.engine.stalls == 0
