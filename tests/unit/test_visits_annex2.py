"""Annex 2 as data: every field of the paper in its order, complete or refused by kind, bad answers found."""

from datetime import date

import msgspec
import pytest
from annex2_kit import home_form, phone_form
from shared_data import shared_file

from visits.annex2 import (
    EXTRA_FIELDS,
    FORM_FIELDS,
    Annex2,
    Care,
    Condition,
    HouseholdChange,
    Illness,
    Need,
    Safety,
    VisitedSignature,
    VisitKind,
    answer_of,
)
from visits.annex2_lines import lines_of
from visits.form_check import bad_answers, can_see, problems_of


def changed(form: Annex2, **fields) -> Annex2:
    return msgspec.structs.replace(form, **fields)


def test_every_label_of_the_form_stands_in_the_plan_in_the_same_order():
    text = "".join(
        shared_file("spec/seed_2024_shuren_visiting_plan.txt").read_text("utf-8").partition("附件2\n")[2].split()
    )
    labels = [field.label.zh for field in FORM_FIELDS]
    places = [text.index(label) for label in labels]
    assert places == sorted(places)
    for field in FORM_FIELDS:
        row = text[text.index(field.label.zh) :]
        options = [words.zh for words in field.options.values() if words.zh != "未评估"]
        assert [row.index(f"□{word}") for word in options] == sorted(row.index(f"□{word}") for word in options)


def test_every_field_can_say_that_nobody_assessed_it():
    for field in (*FORM_FIELDS, *EXTRA_FIELDS):
        assert field.options["not_assessed"].zh == "未评估"
        assert str(getattr(Annex2(kind=VisitKind.PHONE), field.name)) == "not_assessed"


def test_a_home_visits_form_with_all_answers_and_signatures_is_complete():
    assert problems_of(home_form()) == ()
    assert problems_of(phone_form()) == ()


@pytest.mark.parametrize("field", [field.name for field in FORM_FIELDS])
def test_a_home_visit_must_answer_every_box(field):
    (problem,) = problems_of(changed(home_form(), **{field: type(getattr(home_form(), field)).NOT_ASSESSED}))
    assert "上门探访须填写" in problem.zh


@pytest.mark.parametrize(
    "field", ["gas", "water_heating", "electricity", "personal_hygiene", "home_hygiene", "indoors"]
)
def test_a_telephone_call_cannot_say_how_it_looks(field):
    seen = changed(
        phone_form(), **{field: Safety.SAFE if field != "indoors" and "hygiene" not in field else Condition.GOOD}
    )
    (problem,) = problems_of(seen)
    assert "看不到" in problem.zh
    assert can_see(VisitKind.VIDEO, field)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"household": "more"}, "人数"),
        ({"household_count": 2}, "人数"),
        ({"illness": Illness.SEVERE}, "疾病名称"),
        ({"visitor_signature": ""}, "探访人员"),
        ({"recorder_signature": ""}, "录入人"),
        ({"visited_signature": VisitedSignature.MISSING}, "被探访人"),
        ({"visited_signature": VisitedSignature.REFUSED}, "原因"),
    ],
)
def test_what_the_form_still_lacks_is_named(fields, word):
    form = changed(home_form(), **{k: type(getattr(home_form(), k))(v) for k, v in fields.items()})
    assert any(word in problem.zh for problem in problems_of(form))


def test_a_remote_visit_says_that_nobody_signed():
    assert problems_of(changed(phone_form(), visited_signature=VisitedSignature.SIGNED)) != ()


def test_each_bad_answer_is_found_and_told_from_a_hazard_of_the_house():
    form = changed(home_form(), movement=Condition.POOR, illness=Illness.SEVERE, illness_name="哮喘", gas=Safety.UNSAFE)
    found = bad_answers(form)
    assert [(one.field, one.is_hazard) for one in found] == [("movement", False), ("illness", False), ("gas", True)]
    assert found[1].words.zh == "疾病状况：严重（哮喘）"
    assert bad_answers(home_form()) == ()


def test_the_lines_of_the_paper_hold_every_label_once_and_every_value():
    care = Care(on=date(2024, 2, 3), text="打扫卫生", signature="account:li", satisfaction="满意")
    form = changed(home_form(), needs=frozenset({Need.COMFORT}), needs_text="想有人说话", advice="每周陪聊", care=care)
    lines = lines_of(form, number=7, on=date(2024, 2, 3), care_number=2)
    labels = [line.label.zh for line in lines]
    assert len(labels) == len(set(labels)) == 3 + len(FORM_FIELDS) + 6 + 5
    values = {line.label.zh: line.value for line in lines}
    assert values["第 次开展探访"] == "7"
    assert values["老年人服务需求"] == "精神慰藉；想有人说话"
    assert values["老年人服务满意度评价"] == "满意"
    assert values["探访方式"] == "上门探访"


def test_remote_monitoring_is_printed_in_the_box_for_other_methods():
    form = Annex2(kind=VisitKind.REMOTE_MONITORING)
    assert lines_of(form, number=0, on=date(2024, 2, 3))[2].value == "其他（远程监测）"
    assert answer_of(form, FORM_FIELDS[0]).zh == "未评估"


def test_what_a_form_lacks_is_told_with_the_name_by_which_it_is_answered():
    lacking = Annex2(kind=VisitKind.HOME, illness=Illness.SEVERE, household=HouseholdChange.MORE)
    told = [words.en for words in problems_of(lacking)]
    assert "a home visit must answer “speech” (expression)" in told
    for name in ("movement", "personal_hygiene", "home_hygiene", "household_count", "illness_name"):
        assert any(f"({name})" in words for words in told), name
