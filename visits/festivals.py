"""Traditional festivals as special periods, from the lunar calendar and the published public holidays."""

from datetime import date, timedelta

import chinese_calendar
from lunar_python import Lunar, Solar  # pyright: ignore[reportMissingTypeStubs]

from visits.special import SpecialKind, SpecialPeriod

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Lunar tables are exact in this century."""

_DAY = timedelta(days=1)
_LUNAR_DATES = {
    SpecialKind.SPRING_FESTIVAL: (1, 1),
    SpecialKind.DRAGON_BOAT: (5, 5),
    SpecialKind.MID_AUTUMN: (8, 15),
    SpecialKind.DOUBLE_NINTH: (9, 9),
}
_DAYS_AROUND = {
    SpecialKind.SPRING_FESTIVAL: (-1, 6),  # 除夕 to 初七
    SpecialKind.NEW_YEAR: (0, 0),
}
"""Days before and after the festival itself, whatever the notice gives; other festivals: one day on either side."""

DEFAULT_FESTIVALS = frozenset(set(SpecialKind) - {SpecialKind.NEW_YEAR, SpecialKind.WEATHER, SpecialKind.OTHER})
"""春节 清明 端午 中秋 重阳; 元旦 is the town's choice (R23)."""


def festival_day(year: int, kind: SpecialKind) -> date:
    """Return the festival's own day; raises ValueError outside of 2000 to 2099 and for what is no festival."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"the lunar calendar is known for {FIRST_YEAR} to {LAST_YEAR}, not for {year}")
    if kind is SpecialKind.NEW_YEAR:
        return date(year, 1, 1)
    if kind is SpecialKind.QINGMING:
        return _qingming(year)
    if kind not in _LUNAR_DATES:
        raise ValueError(f"{kind} is no festival")
    month, day = _LUNAR_DATES[kind]
    return _as_date(Lunar.fromYmd(year, month, day).getSolar())  # pyright: ignore[reportUnknownMemberType]


def festivals_of(year: int, kinds: frozenset[SpecialKind] = DEFAULT_FESTIVALS) -> list[SpecialPeriod]:
    """Return the festivals of a calendar year as special periods, first first."""
    found = [_period(year, kind, festival_day(year, kind)) for kind in kinds]
    return sorted(found, key=lambda period: period.from_date)


def _period(year: int, kind: SpecialKind, day: date) -> SpecialPeriod:
    before, after = _DAYS_AROUND.get(kind, (-1, 1))
    first, last = day + _DAY * before, day + _DAY * after
    off = _holiday_around(day) or (first, last)
    return SpecialPeriod(
        id=f"{kind}-{year}",
        kind=kind,
        from_date=min(first, off[0]),
        until_date=max(last, off[1]),
        source="calendar",
    )


def _holiday_around(day: date) -> tuple[date, date] | None:
    """Return the public holiday that holds the day, None while its year's notice is not published."""
    try:
        if _holiday_name(day) is None:
            return None
        first = last = day
        while _holiday_name(first - _DAY) is not None:
            first -= _DAY
        while _holiday_name(last + _DAY) is not None:
            last += _DAY
    except NotImplementedError:
        return None
    return first, last


def _holiday_name(day: date) -> str | None:
    # a weekend of no holiday has no name, so neighbouring weekends do not stretch the period
    detail: tuple[bool, str | None] = chinese_calendar.get_holiday_detail(day)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # untyped package
    return detail[1] if detail[0] else None


def _qingming(year: int) -> date:
    table = Lunar.fromYmd(year, 1, 1).getJieQiTable()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return _as_date(table["清明"])  # pyright: ignore[reportUnknownArgumentType]


def _as_date(solar: Solar) -> date:
    return date.fromisoformat(solar.toYmd())
