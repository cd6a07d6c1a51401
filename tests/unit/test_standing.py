"""A person's standing from dated facts: written once, voided by another, judged by the day."""

from datetime import date

import pytest
from standing_kit import became, day, fact, in_hospital, refused, standing
from visits_kit import general_person, key_person

from core.errors import ConflictError
from core.months import months_later
from registry.people import Tier
from registry.standing import STATUS_WORDS, Status
from registry.standing_facts import ABSENCE_WORDS, FACT_WORDS, Absence, FactId, FactKind, check_fact


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2024-08-31", 6, "2025-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2024-03-15", -3, "2023-12-15")],
)
def test_a_day_that_the_later_month_lacks_becomes_its_last(start, months, end):
    assert months_later(day(start), months) == day(end)


def test_every_fact_absence_and_status_has_words_in_both_languages():
    for words, codes in ((FACT_WORDS, FactKind), (ABSENCE_WORDS, Absence), (STATUS_WORDS, Status)):
        assert set(words) == set(codes)


def test_a_person_passes_through_the_ledger_by_their_facts():
    person = standing(
        fact(FactKind.ACTIVATED, "2024-01-10"),
        in_hospital("2024-02-01", "2024-02-10"),
        refused("2024-03-01"),
        fact(FactKind.LEFT_TOWN, "2024-05-01"),
        fact(FactKind.ACTIVATED, "2024-06-01"),
        fact(FactKind.DIED, "2024-07-01"),
    )
    seen = [
        "2024-01-09",
        "2024-01-10",
        "2024-02-10",
        "2024-02-11",
        "2024-03-01",
        "2024-05-02",
        "2024-06-01",
        "2024-07-02",
    ]
    assert [person.status_on(day(one)).value for one in seen] == [
        "not_yet", "active", "suspended", "active", "refused", "ended", "refused", "ended",
    ]  # fmt: skip
    assert person.period_at(day("2024-05-01")) is None
    assert person.period_at(day("2024-04-30")) is not None


def test_somebody_who_was_active_before_the_first_fact_can_leave_and_come_back():
    person = standing(
        fact(FactKind.LEFT_TOWN, "2024-05-01"),
        fact(FactKind.ACTIVATED, "2024-06-01"),
        person=key_person(active_from=date(2023, 1, 1)),
    )
    assert [person.status_on(day(one)) for one in ("2024-04-01", "2024-05-15", "2024-06-02")] == [
        "active",
        "ended",
        "active",
    ]


def test_a_voided_fact_is_as_if_it_had_never_been_told_and_is_still_there():
    stay = in_hospital("2024-02-01", "2024-02-29")
    gone = fact(FactKind.VOIDED, "2024-02-10", voids=stay.id)
    assert standing(stay).status_on(day("2024-02-05")) is Status.SUSPENDED
    assert standing(stay, gone).status_on(day("2024-02-05")) is Status.ACTIVE


def test_a_tier_set_by_a_person_holds_until_the_next_change_and_says_why():
    person = standing(became(Tier.GENERAL, "2024-02-10", reason="儿子搬来同住"))
    assert person.tier_on(day("2024-02-09")).tier is Tier.KEY
    assert person.tier_on(day("2024-02-10")).tier is Tier.GENERAL
    assert "儿子搬来同住" in person.tier_on(day("2030-01-01")).reason.zh


def test_after_a_change_of_the_record_the_rule_answers_again():
    turned = general_person(birth_date=date(1946, 1, 1), categories=frozenset({"alone"}))
    person = standing(became(Tier.GENERAL, "2024-02-10", is_override=False), person=turned)
    assert person.tier_on(day("2024-02-09")).tier is Tier.KEY
    assert person.tier_on(day("2024-02-10")).tier is Tier.GENERAL
    assert person.tier_on(day("2026-01-01")).tier is Tier.KEY  # 80 by then


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (fact(FactKind.SUSPENDED, "2024-02-01"), "暂停原因"),
        (in_hospital("2024-02-10", "2024-02-09"), "结束日期"),
        (fact(FactKind.REFUSED, "2024-02-01", "2024-03-01"), "结束日期"),
        (fact(FactKind.TIER_CHANGED, "2024-02-01"), "等级"),
        (fact(FactKind.MOVED, "2024-02-01"), "网格"),
        (fact(FactKind.VOIDED, "2024-02-01", voids=FactId("nothing")), "可更正"),
        (fact(FactKind.SUSPENDED, "2024-07-02"), "去世"),
    ],
)
def test_what_cannot_be_is_refused_in_words(wrong, word):
    with pytest.raises(ConflictError, match=word):
        check_fact(wrong, [fact(FactKind.DIED, "2024-07-01")])


def test_a_death_that_was_a_mistake_can_be_voided_and_life_goes_on():
    died = fact(FactKind.DIED, "2024-07-01")
    gone = fact(FactKind.VOIDED, "2024-07-03", voids=died.id)
    check_fact(gone, [died])
    check_fact(in_hospital("2024-07-02"), [died, gone])
