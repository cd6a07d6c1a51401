"""A ledger entry: annex 1 and what the plan asks around it (R10-R12, R26); says what stands in the way of service."""

from datetime import date
from enum import StrEnum

import msgspec

from core.ids import PersonId
from core.text import Bilingual
from registry.annex1 import Annex1, with_person
from registry.consent import Consent, Guardian, LegalCapacity
from registry.people import Capacity, Category, Person, Tier, age_years, tier_of

OLD_FROM_YEARS = 60
"""Law on the Protection of the Rights and Interests of Older People, article 2."""


NOT_YET = date.max
"""Service from this day: the entry is filed and waits for activation (without any day, service always ran)."""


class Relation(StrEnum):
    """Who a first visit contact is to the person."""

    CHILD = "child"
    SPOUSE = "spouse"
    RELATIVE = "relative"
    NEIGHBOUR = "neighbour"
    WORKER = "worker"  # grid worker, village staff
    VOLUNTEER = "volunteer"


RELATION_WORDS = {
    Relation.CHILD: Bilingual("子女", "child"),
    Relation.SPOUSE: Bilingual("配偶", "spouse"),
    Relation.RELATIVE: Bilingual("其他亲属", "other relative"),
    Relation.NEIGHBOUR: Bilingual("邻居", "neighbour"),
    Relation.WORKER: Bilingual("网格员、村居人员", "grid worker or village staff"),
    Relation.VOLUNTEER: Bilingual("志愿者", "volunteer"),
}


class FirstContact(msgspec.Struct, frozen=True, kw_only=True):
    """第一探访联系人: a child where there is one (R10), else somebody whom town and village appoint together (R12)."""

    name: str
    relation: Relation
    phone: str = ""  # E.164
    same_residence: bool = False
    town_by: str = ""  # who appointed for the town
    village_by: str = ""  # who appointed for the village
    appointed_on: date | None = None

    @property
    def is_appointed(self) -> bool:
        """Return whether town and village both appointed, on a day."""
        return bool(self.town_by and self.village_by and self.appointed_on)


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A son or daughter: lives with the person, or elsewhere and is to keep in touch (R10, R11)."""

    name: str
    same_residence: bool = False
    phone: str = ""  # E.164
    lives_in: str = ""


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What the plan's text asks (R26) and neither annex has a field for."""

    expression: str = ""  # 表达能力
    mobility: str = ""  # 行动能力
    reaction: str = ""  # 反应能力
    mind: str = ""  # 精神状况
    daily_difficulties: str = ""  # 衣食住行医
    family_does_its_duty: bool | None = None  # 分住家属履行赡养义务
    family_visits_often: bool | None = None
    needs: str = ""  # 服务需求


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A tier set by a person against the rule: who, when, why."""

    tier: Tier
    by: str
    at_ms: int
    why: str


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a field's value came from: a source's file and row, or somebody's hand."""

    source: str  # health, disabled_federation, grid, other, hand
    gathering: str = ""
    row: int = 0
    by: str = ""
    at_ms: int = 0


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger keeps of one person beside the person's own record."""

    person_id: PersonId
    form: Annex1 = Annex1()
    first_contact: FirstContact | None = None
    children: tuple[Child, ...] = ()
    legal_capacity: LegalCapacity = LegalCapacity.FULL
    guardian: Guardian | None = None
    consents: tuple[Consent, ...] = ()
    override: Override | None = None
    assessment: Assessment = Assessment()
    verified_on: date | None = None
    verified_by: str = ""
    origins: dict[str, Origin] = {}
    version: int = 0  # 0: never filed


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an entry, whole: the person's own record and the entry beside it."""

    person: Person
    entry: Entry

    def form(self, on: date) -> Annex1:
        """Return annex 1 with every field, the tier that of a day."""
        return with_person(self.entry.form, self.person, tier_of(self.person, on).tier)


def obstacles(filed: Filed, on: date) -> tuple[Bilingual, ...]:
    """Return what keeps the entry from being activated on a day; nothing: it may be."""
    person, found = filed.person, list(_contact_obstacles(filed.entry))
    if not person.categories:
        found.append(Bilingual("没有对象类别（R8）", "no category is marked (R8)"))
    if is_too_young(person, on):
        found.append(Bilingual("未满60周岁（R8）", "younger than 60 (R8)"))
    if not person.area:
        found.append(Bilingual("没有所属网格（R9）", "no area is given (R9)"))
    return tuple(found)


def is_too_young(person: Person, on: date) -> bool:
    """Return whether a person is known to be younger than the plan serves on a day (R8)."""
    return person.birth_date is not None and age_years(person.birth_date, on) < OLD_FROM_YEARS


def is_waiting(person: Person) -> bool:
    """Return whether an entry waits for its activation."""
    return person.active_from == NOT_YET


def is_ended(person: Person, on: date) -> bool:
    """Return whether service has ended before a day."""
    return person.active_until is not None and person.active_until < on


def is_incapacitated(person: Person) -> bool:
    """Return whether a person is 失能 by category or by capacity."""
    return Category.INCAPACITATED in person.categories or person.capacity not in {None, Capacity.INTACT}


def needs_help_measure(filed: Filed) -> bool:
    """Return whether an incapacitated person has no help recorded (R7)."""
    return is_incapacitated(filed.person) and not filed.entry.form.help_measures.strip()


def has_child_elsewhere(entry: Entry) -> bool:
    """Return whether some child lives elsewhere and is to keep in touch (R11)."""
    return any(not child.same_residence for child in entry.children)


def _contact_obstacles(entry: Entry) -> tuple[Bilingual, ...]:
    first = entry.first_contact
    at_home = [child for child in entry.children if child.same_residence]
    if first is None:
        zh, en = "没有第一探访联系人（R10、R12）", "no first visit contact (R10, R12)"
        return (Bilingual(zh, en),)
    if at_home and not (first.relation is Relation.CHILD and first.same_residence):
        return (
            Bilingual(
                "有同住子女，应以其为第一探访联系人（R10）", "a child lives there and is to be the first contact (R10)"
            ),
        )
    if first.relation is not Relation.CHILD and not first.is_appointed:
        return (
            Bilingual(
                "第一探访联系人须由镇与村两委共同明确并写明日期（R12）",
                "town and village must appoint the first contact together, with the day (R12)",
            ),
        )
    return ()
