"""Special periods (extreme weather, festivals): extra contacts that the plan recommends; never part of the minimum."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from core.errors import ConflictError
from core.text import Bilingual
from registry.people import Tier

LONGEST_DAYS = 31
"""A warning that nobody ended must not recommend a visit for ever."""

EXTRA_CONTACTS = {Tier.KEY: 1, Tier.GENERAL: 1}
"""适当增加探访频次: the plan gives no number; one contact more for each, by whatever live means (R23)."""


class SpecialKind(StrEnum):
    """What makes a time special."""

    SPRING_FESTIVAL = "spring_festival"
    QINGMING = "qingming"
    DRAGON_BOAT = "dragon_boat"
    MID_AUTUMN = "mid_autumn"
    DOUBLE_NINTH = "double_ninth"
    NEW_YEAR = "new_year"
    WEATHER = "weather"
    OTHER = "other"


class WarningLevel(StrEnum):
    """Colours of a weather warning; orange and red open a special period."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


OPENING_LEVELS = frozenset({WarningLevel.ORANGE, WarningLevel.RED})

SPECIAL_WORDS = {
    SpecialKind.SPRING_FESTIVAL: Bilingual("春节", "Spring Festival"),
    SpecialKind.QINGMING: Bilingual("清明", "Qingming"),
    SpecialKind.DRAGON_BOAT: Bilingual("端午", "Dragon Boat Festival"),
    SpecialKind.MID_AUTUMN: Bilingual("中秋", "Mid-Autumn Festival"),
    SpecialKind.DOUBLE_NINTH: Bilingual("重阳", "Double Ninth Festival"),
    SpecialKind.NEW_YEAR: Bilingual("元旦", "New Year"),
    SpecialKind.WEATHER: Bilingual("极端天气", "extreme weather"),
    SpecialKind.OTHER: Bilingual("其他特殊时段", "another special time"),
}


class SpecialPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """Some days, both ends included, in an area and all below it ("" is everywhere)."""

    id: str
    kind: SpecialKind
    from_date: date
    until_date: date
    area: str = ""
    title: str = ""  # of a warning, in its issuer's words
    level: WarningLevel | None = None
    source: str = ""  # "calendar", "account:<name>", "webhook:<id>"
    is_withdrawn: bool = False

    @property
    def words(self) -> Bilingual:
        """What it is called."""
        words = SPECIAL_WORDS[self.kind]
        return Bilingual(f"{words.zh}：{self.title}", f"{words.en}: {self.title}") if self.title else words

    @property
    def is_open(self) -> bool:
        """Whether it recommends anything: a blue or yellow warning is only kept."""
        return not self.is_withdrawn and (self.level is None or self.level in OPENING_LEVELS)

    def concerns(self, area: str) -> bool:
        """Return whether it holds where somebody lives."""
        return not self.area or area == self.area or area.startswith(f"{self.area}/")


def check_period(period: SpecialPeriod) -> None:
    """Refuse days that are none; raises ConflictError in words."""
    days = (period.until_date - period.from_date).days + 1
    if not 1 <= days <= LONGEST_DAYS:
        raise ConflictError(f"特殊时段须为 1 至 {LONGEST_DAYS} 天 / a special period has 1 to {LONGEST_DAYS} days")


class Stretch(msgspec.Struct, frozen=True):
    """Special days that hang together: periods that share a day are one (policy B3, case 21)."""

    from_date: date
    until_date: date
    words: Bilingual
    period_ids: tuple[str, ...]


def stretches(periods: Iterable[SpecialPeriod], area: str) -> list[Stretch]:
    """Return the special stretches of an area, first first; overlapping periods are joined, neighbouring are not."""
    theirs = sorted(
        (one for one in periods if one.is_open and one.concerns(area)), key=lambda one: (one.from_date, one.id)
    )
    found: list[Stretch] = []
    for period in theirs:
        if found and period.from_date <= found[-1].until_date:
            found[-1] = _joined(found[-1], period)
        else:
            found.append(Stretch(period.from_date, period.until_date, period.words, (period.id,)))
    return found


def of_month(periods: Sequence[SpecialPeriod], from_date: date, until_date: date) -> list[SpecialPeriod]:
    """Return the periods that touch some days."""
    return [one for one in periods if one.from_date <= until_date and from_date <= one.until_date]


def _joined(stretch: Stretch, period: SpecialPeriod) -> Stretch:
    words = Bilingual(f"{stretch.words.zh}、{period.words.zh}", f"{stretch.words.en}, {period.words.en}")
    until = max(stretch.until_date, period.until_date)
    return Stretch(stretch.from_date, until, words, (*stretch.period_ids, period.id))
