"""Annex 1, the registration form: plain data of every field in the form's order; its labels stand in annex1_words."""

from datetime import date
from enum import StrEnum

import msgspec

from registry.identity import Sex
from registry.people import Capacity, Category, Person, Tier

HOUSEHOLD_ROWS = 5
"""The form prints five; more are kept and go on a continuation sheet."""

MOST_HOUSEHOLD = 20
"""A larger household is a list of something else."""


class Economy(StrEnum):
    """经济情况: the form prints two boxes for three states; three are kept."""

    DESTITUTE = "destitute"  # 特困人员
    MINIMUM = "minimum"  # 低保
    MARGINAL = "marginal"  # 低保边缘


class Helper(StrEnum):
    """帮扶单位（组织）, as the form lists them."""

    PARTY_AND_GOVERNMENT = "party_and_government"  # 党政机关、群团组织
    TOWN_AND_VILLAGE = "town_and_village"  # 乡镇（街道）、村（居）民委员会
    COMPANY = "company"  # 企业
    SOCIAL_ORGANISATION = "social_organisation"  # 社会组织
    SOCIAL_WORKER = "social_worker"  # 专业社会工作者
    VOLUNTEER = "volunteer"  # 志愿者
    OTHER = "other"  # 其他


class Place(msgspec.Struct, frozen=True):
    """区（县）、乡镇（街道）、村（社区）, and the door."""

    county: str = ""
    town: str = ""
    village: str = ""
    detail: str = ""

    def __str__(self) -> str:
        """Return it as the form prints it."""
        return " ".join(part for part in (self.county, self.town, self.village, self.detail) if part)


class EmergencyContact(msgspec.Struct, frozen=True):
    """紧急联系人."""

    name: str = ""
    sex: Sex | None = None
    phone: str = ""  # E.164


class HouseholdMember(msgspec.Struct, frozen=True, kw_only=True):
    """One row of 家庭基本情况; the first is the head of the household (户主)."""

    name: str = ""
    sex: Sex | None = None
    id_number: str = ""
    relation: str = ""  # 与户主关系
    health: str = ""  # 健康状况
    economy: Economy | None = None  # 是否为低保对象/特困人员; None: neither
    visits_often: bool | None = None  # 是否经常探访


class Annex1(msgspec.Struct, frozen=True, kw_only=True):
    """One filled form; None or empty: nobody has answered. Amounts are yuan a month."""

    filed_on: date | None = None  # 建档日期
    name: str = ""
    sex: Sex | None = None
    id_number: str = ""
    phone: str = ""  # E.164
    emergency: EmergencyContact = EmergencyContact()
    registered: Place = Place()  # 户籍地址
    residence: Place = Place()  # 居住地址
    capacity: Capacity | None = None
    illness: str = ""  # 曾患病史
    economy: frozenset[Economy] = frozenset()
    disposable_income_yuan: int | None = None
    income_source: str = ""
    categories: frozenset[Category] = frozenset()
    disability_certificate: str = ""  # 残疾证号
    disability_grade: int | None = None  # 1 (gravest) to 4; the form has no box, the tier needs it (R20)
    tier: Tier | None = None  # filled from the rule or the recorded override, never typed
    household: tuple[HouseholdMember, ...] = ()
    is_water_safe: bool | None = None
    is_electricity_safe: bool | None = None
    is_housing_safe: bool | None = None
    household_income_yuan: int | None = None
    has_pension: bool | None = None
    pension_yuan: int | None = None
    benefits: str = ""  # 享受社会救助和社会福利补贴项目
    benefits_yuan: int | None = None
    helpers: frozenset[Helper] = frozenset()
    helper_in_charge: str = ""  # 帮扶责任人
    help_measures: str = ""  # 帮扶措施
    signed_by: str = ""  # 工作人员签字
    signed_on: date | None = None


def with_person(form: Annex1, person: Person, tier: Tier) -> Annex1:
    """Return the form with the fields that the person's own record holds."""
    residence = msgspec.structs.replace(form.residence, detail=person.address)
    return msgspec.structs.replace(
        form,
        name=person.name,
        id_number=person.id_number,
        phone=person.phone,
        residence=residence,
        capacity=person.capacity,
        illness=person.illness,
        categories=person.categories,
        disability_grade=person.disability_grade,
        tier=tier,
    )


def onto_person(person: Person, form: Annex1) -> Person:
    """Return the person's own record with the form's fields; the birth date is the identity number's."""
    return msgspec.structs.replace(
        person,
        name=form.name,
        id_number=form.id_number,
        phone=form.phone,
        address=form.residence.detail,
        capacity=form.capacity,
        illness=form.illness,
        categories=form.categories,
        disability_grade=form.disability_grade,
    )
