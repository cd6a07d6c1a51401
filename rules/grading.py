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

REPLAY, LATE = int(Flag.REPLAY), int(Flag.LATE)
"""Plain numbers: the "and" of an enum takes longer than most rules take for a reading."""

METERS = frozenset({Metric.WATER_TOTAL_L, Metric.WATER_FLOW_L_H, Metric.POWER_W, Metric.ENERGY_TOTAL_WH})
GRADED = METERS | {Metric.OPEN, Metric.SOS, Metric.MOTION, Metric.PRESENCE}
"""All that may prove anything."""

_WEAK_MOTION = frozenset({DeviceRole.BED_MOTION})


def grade_of(reading: Reading, role: DeviceRole, previous: Value | None) -> Grade:
    """Return the grade of a reading, given the value its device showed before (None: never heard).

    State that is sent again (retained, cached, repeated with a battery report), heartbeats, batteries, leaks,
    smoke and temperature prove nothing, whatever their value.
    """
    if reading.flags & REPLAY:
        return Grade.NONE
    value = reading.value
    if reading.metric in METERS:
        return _grade_of_meter(reading.metric, role, float(value), previous)
    is_fresh = value is True and previous is not True
    match reading.metric:
        case Metric.OPEN | Metric.SOS:
            is_pressed = reading.metric is Metric.SOS and value is True  # a button may never say "released"
            is_edge = is_fresh if previous is None or reading.metric is Metric.SOS else value != previous
            return Grade.A if is_edge or is_pressed else Grade.NONE
        case Metric.MOTION if is_fresh and role not in _WEAK_MOTION:
            return Grade.B
        case Metric.MOTION | Metric.PRESENCE:
            return Grade.C if is_fresh else Grade.NONE
        case _:
            return Grade.NONE


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
