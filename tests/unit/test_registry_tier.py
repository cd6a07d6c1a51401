"""Who is a key person, and the sentence that says why (policy R20)."""

from datetime import date

import pytest

from core.ids import HomeId, PersonId
from registry.people import Capacity, Category, Person, Tier, age_years, tier_of

ON = date(2024, 2, 1)


def person(**fields) -> Person:
    base = {"id": PersonId("p1"), "home_id": HomeId("h1"), "area": "shuren", "categories": frozenset[Category]()}
    return Person(**(base | fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"categories": frozenset({Category.CHILDLESS})},
        {"categories": frozenset({Category.ALONE}), "birth_date": date(1944, 2, 1)},
        {"capacity": Capacity.MODERATE},
        {"capacity": Capacity.SEVERE},
        {"disability_grade": 1},
        {"disability_grade": 2},
    ],
)
def test_each_clause_of_the_plan_makes_a_key_person_and_says_so(fields):
    decision = tier_of(person(**fields), ON)
    assert decision.tier is Tier.KEY
    assert "重点对象" in decision.reason.zh


@pytest.mark.parametrize(
    "fields",
    [
        {"categories": frozenset({Category.ALONE}), "birth_date": date(1944, 2, 2)},  # 80 tomorrow
        {"categories": frozenset({Category.ALONE})},  # age unknown: not guessed
        {"categories": frozenset({Category.EMPTY_NEST}), "birth_date": date(1930, 1, 1)},
        {"capacity": Capacity.MILD},
        {"capacity": None},  # nobody has assessed it: not guessed
        {"disability_grade": 3},
    ],
)
def test_who_meets_no_clause_is_a_general_person(fields):
    assert tier_of(person(**fields), ON).tier is Tier.GENERAL


def test_a_human_override_wins_and_its_reason_is_shown():
    decision = tier_of(person(tier_override=Tier.KEY, tier_override_reason="fell twice"), ON)
    assert decision.tier is Tier.KEY
    assert "fell twice" in decision.reason.en


def test_a_leap_day_child_has_a_birthday_on_the_first_of_march_in_common_years():
    assert age_years(date(1944, 2, 29), date(2023, 2, 28)) == 78
    assert age_years(date(1944, 2, 29), date(2023, 3, 1)) == 79
