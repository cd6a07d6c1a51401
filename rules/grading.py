"""How well a reading proves life: A to D, or nothing; only a fresh change proves anything (spec: lessons 0.1, 3.1)."""

from enum import StrEnum

from core.events import Flag, Metric, Reading, Value
from registry.homes import DeviceRole


class Grade(StrEnum):
    """A: somebody's hand did it. B: somebody moved. C: moved, but perhaps in bed. D: a hint. NONE: nothing."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    NONE = ""


SIGNS_OF_LIFE = frozenset({Grade.A, Grade.B, Grade.C})
"""Grades that move the inactivity clock; D is shown and never counted."""

APPLIANCE_RISE_W = 50.0
"""A kettle or cooker switched on; below is standby and measuring noise."""

WHOLE_HOME_RISE_W = 500.0
"""On the meter of a whole home a refrigerator starts with 100-300 W by itself; until its standby is known (electricity)
a rise by this much counts. No hand is proven: a water heater switches by itself too."""

REPLAY, LATE, SKEWED = int(Flag.REPLAY), int(Flag.LATE), int(Flag.SKEWED)
REREAD, UNDATED = int(Flag.REREAD), int(Flag.UNDATED)
"""Plain numbers: the "and" of an enum takes longer than most rules take for a reading."""

METERS = frozenset({Metric.WATER_TOTAL_L, Metric.WATER_FLOW_L_H, Metric.POWER_W, Metric.ENERGY_TOTAL_WH})
GRADED = METERS | {Metric.OPEN, Metric.SOS, Metric.MOTION, Metric.PRESENCE}
"""All that may prove anything."""

_HANDS = frozenset({Metric.OPEN, Metric.SOS})
_MOTION, _SOS = Metric.MOTION, Metric.SOS
_A, _B, _C, _NONE = Grade.A, Grade.B, Grade.C, Grade.NONE
"""Plain names: to ask an enum for its member takes longer than to compare."""

_WEAK_MOTION = frozenset({DeviceRole.BED_MOTION})


def grade_of(reading: Reading, role: DeviceRole, previous: Value | None) -> Grade:
    """Return the grade of a reading, given the value its device showed before (None: never heard).

    State that is sent again (retained, cached, repeated with a battery report), heartbeats, batteries, leaks,
    smoke and temperature prove nothing, whatever their value.
    """
    metric, value = reading.metric, reading.value
    if reading.flags & REPLAY or metric not in GRADED:
        return _NONE
    if metric in METERS:
        return _grade_of_meter(metric, role, float(value), previous)
    is_fresh = value is True and previous is not True
    if metric in _HANDS:
        is_button = metric is _SOS
        is_pressed = is_button and value is True  # a button may never say "released"
        is_edge = is_fresh if previous is None or is_button else value != previous
        return _A if is_edge or is_pressed else _NONE
    if not is_fresh:
        return _NONE
    return _B if metric is _MOTION and role not in _WEAK_MOTION else _C


def _grade_of_meter(metric: Metric, role: DeviceRole, value: float, previous: Value | None) -> Grade:
    if previous is None or isinstance(previous, str):
        return Grade.NONE
    rise = value - float(previous)
    if metric is Metric.WATER_TOTAL_L:
        return Grade.A if rise > 0 else Grade.NONE
    if metric is Metric.WATER_FLOW_L_H:
        return Grade.A if value > 0 and previous <= 0 else Grade.NONE
    if metric is Metric.ENERGY_TOTAL_WH:
        return Grade.D if rise > 0 else Grade.NONE  # standby grows too
    if role is DeviceRole.APPLIANCE:
        return Grade.A if rise >= APPLIANCE_RISE_W else Grade.NONE
    return Grade.B if rise >= WHOLE_HOME_RISE_W else Grade.NONE
