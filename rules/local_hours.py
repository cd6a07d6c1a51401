"""The next time a local clock shows an hour, and whether it is night by a home's own hours."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.localtime import from_ms, to_ms


def next_hour_ms(after_ms: int, hour: int, tz: ZoneInfo) -> int:
    """Return the first moment after `after_ms` at which the local clock shows that full hour."""
    day = from_ms(after_ms, tz).date()
    while True:
        due_ms = to_ms(datetime(day.year, day.month, day.day, hour, tzinfo=tz))
        if due_ms > after_ms:
            return due_ms
        day += timedelta(days=1)


def is_between(at_ms: int, from_hour: int, until_hour: int, tz: ZoneInfo) -> bool:
    """Return whether a local time lies from one hour up to another; past midnight when the second is the smaller."""
    hour = from_ms(at_ms, tz).hour
    if from_hour <= until_hour:
        return from_hour <= hour < until_hour
    return hour >= from_hour or hour < until_hour
