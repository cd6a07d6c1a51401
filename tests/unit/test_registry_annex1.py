"""Annex 1 holds every field of the original in its order, and areas are a tree."""

from datetime import date

import msgspec
import pytest
from shared_data import shared_file

from core.errors import ConfigurationError
from core.ids import HomeId, PersonId
from registry.annex1 import Annex1, EmergencyContact, Helper, HouseholdMember, Place, onto_person, with_person
from registry.annex1_words import (
    CAPACITY_WORDS,
    CATEGORY_WORDS,
    ECONOMY_WORDS,
    FIELDS,
    HELPER_WORDS,
    SECTIONS,
    SEX_WORDS,
    TIER_WORDS,
    WORDS,
    answers,
    said_answer,
)
from registry.areas import Area, AreaKind, AreaTree, checked_tree, is_within
from registry.identity import Sex
from registry.people import Category, Person, Tier

FORM = Annex1(
    filed_on=date(2024, 1, 8),
    name="张桂英",
    sex=Sex.FEMALE,
    emergency=EmergencyContact("李梅", Sex.FEMALE, "+8613900005678"),
    residence=Place("丰都县", "树人镇", "桥头村", "3组12号"),
    categories=frozenset({Category.FAMILY_PLANNING, Category.CHILDLESS}),
    household=(HouseholdMember(name="李大山", relation="户主", visits_often=False),),
    is_water_safe=True,
    helpers=frozenset({Helper.OTHER, Helper.COMPANY}),
)


def test_every_label_of_the_original_form_has_its_field_in_the_same_order():
    plan = shared_file("spec/seed_2024_shuren_visiting_plan.txt").read_text("utf-8")
    form = plan[plan.rindex("附件1") : plan.rindex("附件2")]
    at = 0
    for label in ("建档日期", "姓名", "性别", "居民身份证号码", "联系电话", "紧急联系人", "户籍地址", "居住地址", "能力程度",
                  "曾患病史", "经济情况", "月可支配收入", "经济来源", "对象类别"):  # fmt: skip
        position = form.index(label, 0 if label == "经济情况" else at)
        assert label in [field.label.zh for field in FIELDS]
        at = max(at, position)
    assert [section.zh for section in SECTIONS] == [line.strip() for line in form.splitlines() if "、" in line[:3]]


def test_every_field_of_the_record_stands_on_the_form_once():
    names = [field.name.split(".")[0] for field in FIELDS]
    assert list(dict.fromkeys(names)) == list(Annex1.__struct_fields__)
    assert [field.section for field in FIELDS] == sorted(field.section for field in FIELDS)


def test_answers_are_said_in_both_languages_and_in_the_forms_order():
    said = {field.name: text for field, text in answers(FORM)}
    assert said["categories"].zh == "孤寡老年人、计划生育特殊家庭老年人"
    assert said["helpers"].zh == "企业、其他"
    assert said["filed_on"].zh == "2024年1月8日"
    assert said["is_water_safe"].zh == "是"
    assert said["residence"].zh == "丰都县 树人镇 桥头村 3组12号"
    assert said["household"].zh == "李大山 户主 否"
    assert said["illness"].zh == ""
    assert said_answer(0).zh == "0"


def test_no_two_choices_of_the_form_share_a_code():
    tables = (SEX_WORDS, CAPACITY_WORDS, CATEGORY_WORDS, ECONOMY_WORDS, HELPER_WORDS, TIER_WORDS)
    assert len(WORDS) == sum(len(table) for table in tables)


def test_the_form_and_the_persons_own_record_agree_both_ways():
    person = Person(id=PersonId("p1"), home_id=HomeId("h1"), area="a", categories=frozenset())
    kept = onto_person(person, FORM)
    assert (kept.name, kept.address, kept.categories) == (FORM.name, "3组12号", FORM.categories)
    assert with_person(Annex1(residence=FORM.residence), kept, Tier.KEY).name == "张桂英"
    assert with_person(FORM, kept, Tier.KEY) == msgspec.structs.replace(FORM, tier=Tier.KEY)


TREE = AreaTree(
    [
        Area("shuren", "树人镇"),
        Area("shuren/qiaotou", "桥头村"),
        Area("shuren/qiaotou/g3", "第三网格"),
        Area("shuren/xihe", "西河社区"),
        Area("shuren/xihe/g3", "第三网格"),
    ]
)


def test_an_area_is_found_by_the_names_people_write():
    assert TREE.find("桥头村", "第三").path == "shuren/qiaotou/g3"
    assert TREE.find("桥头村委会", "").path == "shuren/qiaotou"
    assert TREE.find("西河", "g3").path == "shuren/xihe/g3"
    assert TREE.find("东山村") is None
    assert TREE.full_name("shuren/qiaotou/g3") == "树人镇 桥头村 第三网格"
    assert [one.kind for one in TREE.areas.values()][:3] == [AreaKind.TOWN, AreaKind.VILLAGE, AreaKind.GRID]


def test_below_an_area_is_by_whole_parts():
    assert is_within("shuren/xihe/g3", "shuren/xihe")
    assert not is_within("shuren/xihe2", "shuren/xihe")
    assert is_within("anything", "")


@pytest.mark.parametrize(
    "areas", [[Area("a/b", "村")], [Area("a", "")], [Area("A", "镇")], [Area("a", "x"), Area("a/b", "x"), Area("a/b/c", "x"), Area("a/b/c/d", "x")]]
)  # fmt: skip
def test_an_area_that_hangs_in_the_air_is_refused(areas):
    with pytest.raises(ConfigurationError):
        checked_tree(areas, where="areas.toml")
