"""Answers of annex 2 on the command line: codes and the form's words alike; a wrong one names those that exist."""

import pytest
from annex2_kit import home_form

from app.cli.answers import OPTIONS, answered
from core.errors import ConfigurationError
from visits.annex2 import Annex2, Need, Safety, VisitKind


@pytest.mark.parametrize("answer", ["gas=unsafe", "gas=不安全", "燃气安全=不安全", "gas= unsafe "])
def test_a_code_and_the_word_of_the_form_are_the_same_answer(answer):
    assert answered(home_form(), [answer]).gas is Safety.UNSAFE


def test_several_needs_are_taken_by_word_and_text_is_left_as_typed():
    form = answered(home_form(), ["needs=生活照料、comfort", "advice=每周=陪聊, 两次", "is_annex1_confirmed=true"])
    assert (form.needs, form.advice) == (frozenset({Need.DAILY_CARE, Need.COMFORT}), "每周=陪聊, 两次")
    assert form.is_annex1_confirmed


def test_a_wrong_answer_names_every_right_one_in_both_words():
    with pytest.raises(ConfigurationError, match=r"safe 安全, fairly_safe 较安全, unsafe 不安全"):
        answered(home_form(), ["gas=fine"])
    with pytest.raises(ConfigurationError, match=r"no answer.*household"):
        answered(home_form(), ["colour=red"])


def test_every_listed_answer_can_be_given():
    for name, options in OPTIONS.items():
        for code in options:
            assert answered(Annex2(kind=VisitKind.HOME), [f"{name}={code}"])
