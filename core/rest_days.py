"""Which days are lived as days of rest: weekends and public holidays, without the weekends that are worked instead."""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

_EPOCH = date(1970, 1, 1)
_MAINLAND = frozenset({"Asia/Shanghai", "Asia/Urumqi", "PRC"})
"""Elsewhere only Saturdays and Sundays are days of rest."""

SATURDAY = 5


@lru_cache(maxsize=4096)  # eleven years of days of one zone: a profile looks 90 days back and 3 ahead
def is_rest_day(day: int, zone_name: str) -> bool:
    """Return whether a local day, counted from 1970-01-01, is a weekend or a public holiday there."""
    local = _EPOCH + timedelta(days=day)
    if zone_name in _MAINLAND:
        try:
            return bool(chinese_calendar.is_holiday(local))  # pyright: ignore[reportUnknownMemberType]  # untyped package
        except NotImplementedError:  # a year whose notice has not been published, or was before the calendar
            pass
    return local.weekday() >= SATURDAY
