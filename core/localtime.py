"""Local dates and hours of an instant; the zone is always an argument (default Asia/Shanghai, from settings)."""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DEFAULT_ZONE_NAME = "Asia/Shanghai"
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


@lru_cache(maxsize=64)  # a county has one zone; 64 is every zone a test may try
def zone(name: str) -> ZoneInfo:
    """Return the zone of that IANA name; raises zoneinfo.ZoneInfoNotFoundError."""
    return ZoneInfo(name)


def from_ms(at_ms: int, tz: ZoneInfo) -> datetime:
    """Return the aware local datetime of a UTC instant in milliseconds."""
    return datetime.fromtimestamp(at_ms / 1000, tz)


def to_ms(at: datetime) -> int:
    """Return UTC epoch milliseconds of an aware datetime; exact to the millisecond."""
    if at.tzinfo is None:
        raise ValueError("a naive datetime has no instant; give it a zone")
    return (at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def local_date(at_ms: int, tz: ZoneInfo) -> date:
    """Return the local calendar date of an instant."""
    return from_ms(at_ms, tz).date()


def instant_of(wall: datetime, tz: ZoneInfo) -> int:
    """Return the UTC instant, ms, at which clocks there first show a naive local time; never goes back as it grows.

    A time that clocks skip is the instant at which they skip it; of a time that they show twice it is the first.
    """
    before, after = (to_ms(wall.replace(tzinfo=tz, fold=fold)) for fold in (0, 1))
    if before <= after:
        return before
    new_offset = from_ms(before, tz).utcoffset()
    return bisect_left(range(after, before), True, key=lambda at: from_ms(at, tz).utcoffset() == new_offset) + after
