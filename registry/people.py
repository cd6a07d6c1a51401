"""A watched-over person: categories, tier and its reason (policy R8, R20); refuses to guess what is missing."""

from datetime import date
from enum import StrEnum

import msgspec

from core.ids import HomeId, PersonId
from core.text import Bilingual

KEY_AGE_ALONE_YEARS = 80
"""高龄: the plan gives no age; 80 is the usual line (R20); a tier can be overridden with a reason."""


class Category(StrEnum):
    """The plan's seven kinds of people in special difficulty."""

    CHILDLESS = "childless"  # 孤寡
    ALONE = "alone"  # 独居
    EMPTY_NEST = "empty_nest"  # 空巢
    LEFT_BEHIND = "left_behind"  # 留守
    INCAPACITATED = "incapacitated"  # 失能
    SEVERELY_DISABLED = "severely_disabled"  # 重残
    FAMILY_PLANNING = "family_planning"  # 计划生育特殊家庭


class Capacity(StrEnum):
    """Annex 1's four levels of ability."""

    INTACT = "intact"  # 能力完好
    MILD = "mild"  # 轻度失能
    MODERATE = "moderate"  # 中度失能
    SEVERE = "severe"  # 重度失能


class Tier(StrEnum):
    """Key people (重点对象) are owed a home visit each half month, general people a contact a month."""

    KEY = "key"
    GENERAL = "general"


class Person(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One person; the five personal fields are encrypted wherever they rest and masked wherever they show."""

    id: PersonId
    home_id: HomeId
    area: str  # town/village/grid, e.g. "shuren/qiaotou/g3"
    categories: frozenset[Category]
    birth_date: date | None = None
    capacity: Capacity | None = None  # None: nobody has assessed it, which is not able
    disability_grade: int | None = None  # 1 (gravest) to 4
    tier_override: Tier | None = None
    tier_override_reason: str = ""
    active_from: date | None = None
    active_until: date | None = None
    mobile_home_phone: bool = True  # the phone goes along when the person leaves the house
    name: str = ""
    id_number: str = ""
    phone: str = ""  # E.164
    address: str = ""
    illness: str = ""


class TierDecision(msgspec.Struct, frozen=True, gc=False):
    """The tier and the sentence that says why."""

    tier: Tier
    reason: Bilingual


def tier_of(person: Person, on: date) -> TierDecision:
    """Return the tier of a person on a day (policy R20); an override wins and its reason is shown."""
    if person.tier_override is not None:
        why = person.tier_override_reason
        return TierDecision(person.tier_override, Bilingual(f"人工认定：{why}", f"set by a person: {why}"))
    for applies, zh, en in _key_clauses(person, on):
        if applies:
            return TierDecision(Tier.KEY, Bilingual(f"{zh}，列为重点对象", f"{en}: key person"))
    return TierDecision(Tier.GENERAL, Bilingual("一般对象", "no key clause applies: general person"))


def age_years(birth_date: date, on: date) -> int:
    """Return completed years on a day."""
    before_birthday = (on.month, on.day) < (birth_date.month, birth_date.day)
    return on.year - birth_date.year - before_birthday


def _key_clauses(person: Person, on: date) -> tuple[tuple[bool, str, str], ...]:
    is_old = person.birth_date is not None and age_years(person.birth_date, on) >= KEY_AGE_ALONE_YEARS
    return (
        (Category.CHILDLESS in person.categories, "孤寡", "childless and alone"),
        (Category.ALONE in person.categories and is_old, "高龄独居", "lives alone at 80 or older"),
        (
            person.capacity in {Capacity.MODERATE, Capacity.SEVERE},
            "中度或重度失能",
            "moderate or severe incapacity",
        ),
        (person.disability_grade in {1, 2}, "重度残疾", "disability grade 1 or 2"),
    )
