"""How a battery has fallen over the last weeks, and how many days that leaves; nothing where it has not fallen."""

from collections.abc import Sequence

import msgspec

from core.localtime import DAY_MS

EVERY_DAYS = 2
SAMPLES = 45
"""Three months: a button cell lasts a year or two, a stretch of months tells its slope."""

LEAST_SPAN_DAYS = 14
LEAST_FALL_PERCENT = 4.0
"""Less within so long is the reading's own rounding and the room's temperature."""

CHANGED_PERCENT = 15.0
"""A rise by as much is a new battery: a cold one that recovers gains less."""

EMPTY_PERCENT = 5.0
"""Most sensors fall silent somewhere below; what is left under it is nobody's to count on."""


class BatteryTrend(msgspec.Struct, array_like=True, gc=False):
    """One sample every second day, (day since the epoch, percent), oldest first."""

    days: list[tuple[int, float]] = []


def note(trend: BatteryTrend, percent: float, at_ms: int) -> None:
    """Take a report in; a new battery begins anew."""
    day = at_ms // DAY_MS
    if trend.days and percent - min(left for _, left in trend.days) >= CHANGED_PERCENT:
        trend.days = []
    if trend.days and day < trend.days[-1][0] + EVERY_DAYS:
        return
    trend.days = [*trend.days, (day, round(percent, 1))][-SAMPLES:]


def days_left(trend: BatteryTrend) -> float | None:
    """Return in how many days, from the last sample, the battery is empty by its slope; None: it shows no slope."""
    points = trend.days
    if len(points) < 2 or points[-1][0] - points[0][0] < LEAST_SPAN_DAYS:  # noqa: PLR2004  # a line has two ends
        return None
    slope, at_end = _line(points)
    if -slope * (points[-1][0] - points[0][0]) < LEAST_FALL_PERCENT:
        return None
    return max((at_end - EMPTY_PERCENT) / -slope, 0.0)


def _line(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Return (percent a day, percent at the last point) of the line of least squares."""
    count = len(points)
    mean_day = sum(day for day, _ in points) / count
    mean = sum(percent for _, percent in points) / count
    spread = sum((day - mean_day) ** 2 for day, _ in points)
    slope = sum((day - mean_day) * (percent - mean) for day, percent in points) / spread
    return slope, mean + slope * (points[-1][0] - mean_day)
