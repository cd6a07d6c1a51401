"""Which days are lived as days of rest: weekends and public holidays, without the weekends that are worked instead."""

from datetime import date, timedelta
from functools import lru_cache

import holidays

_EPOCH = date(1970, 1, 1)
_COUNTRY_OF_ZONE = {"Asia/Shanghai": "CN", "Asia/Urumqi": "CN", "Asia/Hong_Kong": "HK", "Asia/Macau": "MO"}
"""Where no country is known only Saturdays and Sundays are days of rest."""

SATURDAY = 5


@lru_cache(maxsize=4096)  # eleven years of days of one zone: a profile looks 90 days back and 3 ahead
def is_rest_day(day: int, zone_name: str) -> bool:
    """Return whether a local day, counted from 1970-01-01, is a weekend or a public holiday there."""
    local = _EPOCH + timedelta(days=day)
    is_weekend = local.weekday() >= SATURDAY
    country = _COUNTRY_OF_ZONE.get(zone_name)
    if country is None:
        return is_weekend
    known = _holidays(country, local.year)
    if is_weekend and local in known.weekend_workdays:
        return False
    return is_weekend or local in known


@lru_cache(maxsize=32)  # a few years of a few countries
def _holidays(country: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year)
