"""Annex 1 as it is read: sections, labels and answers in the form's order, in both languages; masks nothing itself."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum

import msgspec

from core.text import Bilingual
from registry.annex1 import Annex1, Economy, Helper, HouseholdMember
from registry.identity import Sex
from registry.people import Capacity, Category, Tier

TITLE = Bilingual("特殊困难老年人信息登记表", "Registration of an older person in special difficulty")
COPIES_NOTE = Bilingual(
    "此表一式两份，乡镇（街道）、村（社区）各存档一份。", "Two copies: one is kept by the town, one by the village."
)
CHILDLESS_NOTE = Bilingual(
    "正文列七类，附件1只印六类：本系统补上“孤寡”。",
    "The plan names seven kinds, its form prints six: 孤寡 is added here.",
)
SECTIONS = (
    Bilingual("一、服务对象基本情况", "1. The person"),
    Bilingual("二、家庭基本情况", "2. The household"),
    Bilingual("三、家庭生活条件", "3. Living conditions"),
    Bilingual("四、已享受帮扶情况", "4. Help already given"),
)

SEX_WORDS = {Sex.MALE: Bilingual("男", "male"), Sex.FEMALE: Bilingual("女", "female")}
CAPACITY_WORDS = {
    Capacity.INTACT: Bilingual("能力完好", "able"),
    Capacity.MILD: Bilingual("轻度失能", "mild incapacity"),
    Capacity.MODERATE: Bilingual("中度失能", "moderate incapacity"),
    Capacity.SEVERE: Bilingual("重度失能", "severe incapacity"),
}
CATEGORY_WORDS = {
    Category.CHILDLESS: Bilingual("孤寡老年人", "childless and alone"),
    Category.ALONE: Bilingual("独居老年人", "lives alone"),
    Category.EMPTY_NEST: Bilingual("空巢老年人", "empty nest"),
    Category.LEFT_BEHIND: Bilingual("留守老年人", "left behind"),
    Category.INCAPACITATED: Bilingual("失能老年人", "incapacitated"),
    Category.SEVERELY_DISABLED: Bilingual("重残老年人", "severely disabled"),
    Category.FAMILY_PLANNING: Bilingual("计划生育特殊家庭老年人", "special family of family planning"),
}
ECONOMY_WORDS = {
    Economy.DESTITUTE: Bilingual("特困人员", "destitute"),
    Economy.MINIMUM: Bilingual("低保", "minimum allowance"),
    Economy.MARGINAL: Bilingual("低保边缘", "on the margin of the allowance"),
}
HELPER_WORDS = {
    Helper.PARTY_AND_GOVERNMENT: Bilingual("党政机关、群团组织", "party, government, mass organisations"),
    Helper.TOWN_AND_VILLAGE: Bilingual("乡镇（街道）、村（居）民委员会", "town, village committee"),
    Helper.COMPANY: Bilingual("企业", "company"),
    Helper.SOCIAL_ORGANISATION: Bilingual("社会组织", "social organisation"),
    Helper.SOCIAL_WORKER: Bilingual("专业社会工作者", "social worker"),
    Helper.VOLUNTEER: Bilingual("志愿者", "volunteer"),
    Helper.OTHER: Bilingual("其他", "other"),
}
TIER_WORDS = {Tier.KEY: Bilingual("重点对象", "key"), Tier.GENERAL: Bilingual("一般对象", "general")}
YES_NO = {True: Bilingual("是", "yes"), False: Bilingual("否", "no")}
UNANSWERED = Bilingual("", "")
WORDS: Mapping[object, Bilingual] = {
    **SEX_WORDS, **CAPACITY_WORDS, **CATEGORY_WORDS, **ECONOMY_WORDS, **HELPER_WORDS, **TIER_WORDS,
}  # fmt: skip
"""Every choice of the form with its words."""


class FormField(msgspec.Struct, frozen=True):
    """A cell of the form: section (0 to 3), name in Annex1 (dotted), label; personal ones are masked where shown."""

    section: int
    name: str
    label: Bilingual
    is_personal: bool = False


FIELDS = (
    FormField(0, "filed_on", Bilingual("建档日期", "filed on")),
    FormField(0, "name", Bilingual("姓名", "name"), True),
    FormField(0, "sex", Bilingual("性别", "sex")),
    FormField(0, "id_number", Bilingual("居民身份证号码", "identity number"), True),
    FormField(0, "phone", Bilingual("联系电话", "phone"), True),
    FormField(0, "emergency.name", Bilingual("紧急联系人", "emergency contact"), True),
    FormField(0, "emergency.sex", Bilingual("紧急联系人性别", "emergency contact's sex")),
    FormField(0, "emergency.phone", Bilingual("紧急联系人联系电话", "emergency contact's phone"), True),
    FormField(0, "registered", Bilingual("户籍地址", "registered address"), True),
    FormField(0, "residence", Bilingual("居住地址", "residence"), True),
    FormField(0, "capacity", Bilingual("能力程度", "capacity")),
    FormField(0, "illness", Bilingual("曾患病史", "illnesses"), True),
    FormField(0, "economy", Bilingual("经济情况", "economy")),
    FormField(0, "disposable_income_yuan", Bilingual("月可支配收入", "disposable income a month, yuan")),
    FormField(0, "income_source", Bilingual("经济来源", "source of income")),
    FormField(0, "categories", Bilingual("对象类别", "kinds")),
    FormField(0, "disability_certificate", Bilingual("残疾证号", "disability certificate"), True),
    FormField(0, "disability_grade", Bilingual("残疾等级（表外）", "disability grade (not on the form)")),
    FormField(0, "tier", Bilingual("重点/一般对象", "key or general")),
    FormField(1, "household", Bilingual("家庭成员", "household"), True),
    FormField(2, "is_water_safe", Bilingual("饮水是否安全", "drinking water safe")),
    FormField(2, "is_electricity_safe", Bilingual("生活用电是否安全", "electricity safe")),
    FormField(2, "is_housing_safe", Bilingual("住房是否安全", "housing safe")),
    FormField(2, "household_income_yuan", Bilingual("家庭每月收入（元）", "household income a month, yuan")),
    FormField(2, "has_pension", Bilingual("有领取养老保险", "draws a pension")),
    FormField(2, "pension_yuan", Bilingual("养老保险每月（元）", "pension a month, yuan")),
    FormField(2, "benefits", Bilingual("享受社会救助和社会福利补贴项目", "assistance and benefits drawn")),
    FormField(2, "benefits_yuan", Bilingual("每月补贴（元）", "benefits a month, yuan")),
    FormField(3, "helpers", Bilingual("帮扶单位（组织）", "who helps")),
    FormField(3, "helper_in_charge", Bilingual("帮扶责任人", "person in charge of the help"), True),
    FormField(3, "help_measures", Bilingual("帮扶措施", "help given")),
    FormField(3, "signed_by", Bilingual("工作人员签字", "signed by")),
    FormField(3, "signed_on", Bilingual("签字日期", "signed on")),
)
"""The form from top to bottom."""

FIELD_BY_NAME = {field.name: field for field in FIELDS}

HOUSEHOLD_LABELS = (
    Bilingual("姓名", "name"),
    Bilingual("性别", "sex"),
    Bilingual("居民身份证号码", "identity number"),
    Bilingual("与户主关系", "relation to the head"),
    Bilingual("健康状况", "health"),
    Bilingual("是否为低保对象/特困人员", "allowance or destitute"),
    Bilingual("是否经常探访", "visits often"),
)


def answers(form: Annex1) -> Iterator[tuple[FormField, Bilingual]]:
    """Yield every field of the form in order with what is filled in; an empty answer is empty text."""
    for field in FIELDS:
        yield field, said_answer(value_of(form, field.name))


def value_of(form: Annex1, name: str) -> object:
    """Return a field by its (dotted) name."""
    value: object = form
    for part in name.split("."):
        value = getattr(value, part)
    return value


def said_answer(value: object) -> Bilingual:
    """Return the words of one answer: choices in both languages, free text as it stands."""
    if isinstance(value, bool):
        return YES_NO[value]
    if isinstance(value, StrEnum):
        return WORDS.get(value, Bilingual(value.value, value.value))
    if isinstance(value, date):
        return Bilingual(f"{value.year}年{value.month}月{value.day}日", value.isoformat())
    if isinstance(value, HouseholdMember):
        return _joined((said_answer(cell) for cell in household_cells(value)), " ", " ")
    if isinstance(value, frozenset | tuple):
        return _joined((said_answer(one) for one in _ordered(value)), "、", ", ")  # pyright: ignore[reportUnknownArgumentType]
    return UNANSWERED if value is None else Bilingual(str(value), str(value))


def household_cells(member: HouseholdMember) -> tuple[object, ...]:
    """Return a row's cells in the form's order."""
    return (
        member.name,
        member.sex,
        member.id_number,
        member.relation,
        member.health,
        member.economy,
        member.visits_often,
    )


def _joined(parts: Iterator[Bilingual], zh: str, en: str) -> Bilingual:
    said = [part for part in parts if part.zh]
    return Bilingual(zh.join(part.zh for part in said), en.join(part.en for part in said))


def _ordered(values: "frozenset[object] | tuple[object, ...]") -> list[object]:
    if isinstance(values, tuple):
        return list(values)
    order = list(WORDS)
    return sorted(values, key=order.index)
