"""How strongly one reading shows that somebody lives; it refuses repeats, replays, heartbeats and batteries."""

from enum import StrEnum
from typing import NamedTuple

from core.events import Flag, Metric, Reading
from registry.homes import DeviceRole
from rules.parameters import RuleParameters


class Grade(StrEnum):
    """A and B are strong, C is weak, D is shown but moves no clock, NONE says nothing."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    NONE = "none"


COUNTING = frozenset({Grade.A, Grade.B, Grade.C})
"""Grades that start the silence anew."""

STRONG = frozenset({Grade.A, Grade.B})
"""Grades that may withdraw an alert nobody answered yet."""

OUTSIDE_ROLES = frozenset({DeviceRole.OUTSIDE_DOOR, DeviceRole.OUTSIDE_DOOR_MOTION})
"""Roles that watch the way out; a sign of any other role is an interior sign."""

MOTION_ROLES = frozenset(
    {
        DeviceRole.INTERIOR_MOTION,
        DeviceRole.BED_MOTION,
        DeviceRole.BATHROOM_MOTION,
        DeviceRole.OUTSIDE_DOOR_MOTION,
    }
)

WATER_METRICS = frozenset({Metric.WATER_TOTAL_L, Metric.WATER_FLOW_L_H})
_MOVING = frozenset({Metric.MOTION, Metric.PRESENCE})
_ROOM_MOTION = {
    DeviceRole.INTERIOR_MOTION: Grade.B,
    DeviceRole.BATHROOM_MOTION: Grade.B,
    DeviceRole.OUTSIDE_DOOR_MOTION: Grade.B,
}
"""Any other role's motion is weak: an ill resident's small movements keep a bed sensor busy."""

_DOORS = {DeviceRole.OUTSIDE_DOOR: Grade.A, DeviceRole.INTERIOR_DOOR: Grade.A}


class Before(NamedTuple):
    """What was known of the same metric just before; `is_first` = this device never told it."""

    value: bool | float | str | None = None
    is_first: bool = False
    is_water_running: bool = False  # the draw this reading belongs to was graded when it began


def grade(reading: Reading, role: DeviceRole, before: Before, parameters: RuleParameters) -> Grade:
    """Return the grade of one reading by its device's role and what was known before."""
    if reading.flags & Flag.REPLAY:
        return Grade.NONE
    metric, value = reading.metric, reading.value
    if metric in _MOVING:
        return _ROOM_MOTION.get(role, Grade.C) if _is_rise(value, before) else Grade.NONE
    if metric is Metric.OPEN:
        return _DOORS.get(role, Grade.C) if _is_turn(value, before) else Grade.NONE
    if metric is Metric.SOS:
        return Grade.A if _is_rise(value, before) else Grade.NONE
    if metric in WATER_METRICS:
        return _of_water(metric, value, before, parameters)
    if metric is Metric.POWER_W:
        has_risen = _difference(value, before) >= parameters.appliance_rise_w
        return _of_power(role) if has_risen else Grade.NONE
    if metric is Metric.ENERGY_TOTAL_WH:
        return Grade.D if _difference(value, before) > 0 else Grade.NONE  # standby makes it grow too
    return Grade.NONE


def on_a_path(of: Grade, *, is_other_room: bool, apart_ms: int, parameters: RuleParameters) -> Grade:
    """Return A for room motion that follows motion in another room closely: a walk, not a blip."""
    is_path = of is Grade.B and is_other_room and 0 <= apart_ms <= parameters.path_window_ms
    return Grade.A if is_path else of


def _is_rise(value: bool | float | str, before: Before) -> bool:
    """A false -> true edge; the first word of a device that nobody heard before counts once."""
    return value is True and (before.value is False or (before.is_first and before.value is None))


def _is_turn(value: bool | float | str, before: Before) -> bool:
    return _is_rise(value, before) or (value is False and before.value is True)


def _difference(value: bool | float | str, before: Before) -> float:
    """Return the growth since the value before; nothing when that is unknown (a reset register gives < 0)."""
    if isinstance(value, str) or before.value is None or isinstance(before.value, str):
        return 0.0
    return value - before.value


def _of_water(metric: Metric, value: bool | float | str, before: Before, parameters: RuleParameters) -> Grade:
    """A draw that begins is a hand on a tap; water that goes on running is nobody's (a fall leaves the tap open)."""
    if metric is Metric.WATER_TOTAL_L:
        runs = _difference(value, before) >= parameters.water_growth_l
    else:
        runs = before.value is not None and not isinstance(value, str) and value > 0
    if not runs:
        return Grade.NONE
    is_going_on = before.is_water_running or (metric is Metric.WATER_FLOW_L_H and before.value != 0)
    return Grade.D if is_going_on else Grade.B


def _of_power(role: DeviceRole) -> Grade:
    """A kettle is switched on by hand; a whole home's power also rises with the refrigerator."""
    return Grade.A if role is DeviceRole.APPLIANCE else Grade.C
