"""Entries: what stands in the way of service, consent, the half-yearly refresh, what changed between versions."""

from datetime import date, timedelta

import msgspec
import pytest
from ledger_kit import CHILD, FORM, TODAY, filed, person

from registry.changes import changes
from registry.consent import Consent, ConsentState, Guardian, LegalCapacity, Purpose, state_of, with_consent
from registry.entries import Child, FirstContact, Relation, has_child_elsewhere, needs_help_measure, obstacles
from registry.identity import FieldError
from registry.people import Capacity, Category, Tier
from registry.refresh import (
    ChildChannel,
    ChildContact,
    DueStage,
    is_child_silent,
    last_snapshot_day,
    months_later,
    next_review,
    stage,
)

NEIGHBOUR = FirstContact(name="赵大妈", relation=Relation.NEIGHBOUR, phone="+8613700000000")
APPOINTED = msgspec.structs.replace(NEIGHBOUR, town_by="镇民政办", village_by="村两委", appointed_on=date(2024, 1, 5))
AT_HOME = Child(name="李刚", same_residence=True)
AWAY = Child(name="李梅", lives_in="重庆")


def words(one) -> str:
    return "；".join(sentence.zh for sentence in obstacles(one, TODAY))


def test_r10_an_entry_with_a_child_as_first_contact_may_be_activated():
    assert obstacles(filed(first_contact=CHILD, children=(AWAY,)), TODAY) == ()


def test_r12_nobody_is_activated_without_a_first_contact():
    assert "没有第一探访联系人" in words(filed())


@pytest.mark.parametrize("missing", ["town_by", "village_by", "appointed_on"])
def test_r12_who_is_no_child_needs_the_appointment_of_town_and_village_with_its_day(missing):
    assert words(filed(first_contact=APPOINTED)) == ""
    half = msgspec.structs.replace(APPOINTED, **{missing: None if missing == "appointed_on" else ""})
    assert "镇与村" in words(filed(first_contact=half))


def test_r10_a_child_who_lives_there_comes_before_anybody_else():
    assert "同住子女" in words(filed(first_contact=APPOINTED, children=(AT_HOME,)))
    assert "同住子女" in words(filed(first_contact=CHILD, children=(AT_HOME, AWAY)))
    there = msgspec.structs.replace(CHILD, same_residence=True)
    assert words(filed(first_contact=there, children=(AT_HOME, AWAY))) == ""


def test_r8_and_r9_a_category_sixty_years_and_an_area_are_asked_for():
    young = filed(first_contact=CHILD, person=person(categories=frozenset(), birth_date=date(1964, 2, 28), area=""))
    assert words(young).count("R") == 3
    sixty = filed(first_contact=CHILD, person=person(birth_date=date(1964, 2, 27)))
    assert words(sixty) == ""


@pytest.mark.parametrize(
    ("fields", "needs"),
    [
        ({"capacity": Capacity.MILD}, True),
        ({"categories": frozenset({Category.INCAPACITATED})}, True),
        ({}, False),
    ],
)
def test_r7_an_incapacitated_person_without_a_help_measure_is_listed(fields, needs):
    bare = msgspec.structs.replace(FORM, help_measures=" ")
    assert needs_help_measure(filed(person=person(**fields), form=bare)) is needs
    assert not needs_help_measure(filed(person=person(**fields)))


def given(state=ConsentState.GIVEN, on=date(2024, 1, 8), *, purpose=Purpose.SENSORS, by_guardian=False):
    return Consent(purpose=purpose, state=state, on=on, by_guardian=by_guardian)


def answered(*answers: Consent, capacity=LegalCapacity.FULL, guardian=None):
    consents = ()
    for one in answers:
        consents = with_consent(consents, one, capacity, guardian, TODAY)
    return consents


def test_r4_each_purpose_is_answered_and_withdrawn_by_itself_with_its_day():
    consents = answered(
        given(),
        given(purpose=Purpose.VISITING),
        given(ConsentState.WITHDRAWN, date(2024, 2, 1)),
        given(on=date(2024, 2, 20)),
    )
    states = [
        state_of(consents, Purpose.SENSORS, date(2024, month, day)) for month, day in ((1, 7), (1, 31), (2, 1), (2, 20))
    ]
    assert states == ["not_asked", "given", "withdrawn", "given"]
    assert state_of(consents, Purpose.VISITING, TODAY) == "given"
    assert state_of(consents, Purpose.FAMILY_LIGHT, TODAY) == "not_asked"
    assert len(consents) == 4


def test_of_two_answers_on_one_day_the_later_one_holds():
    consents = answered(given(), given(ConsentState.WITHDRAWN))
    assert state_of(consents, Purpose.SENSORS, TODAY) is ConsentState.WITHDRAWN


@pytest.mark.parametrize(
    "wrong",
    [
        (given(on=TODAY + timedelta(days=1)),),
        (given(), given(ConsentState.REFUSED, date(2024, 1, 7))),
        (given(ConsentState.WITHDRAWN),),
        (given(by_guardian=True),),
        (given(ConsentState.NOT_ASKED),),
    ],
)
def test_an_answer_that_nobody_could_have_given_so_is_refused_with_a_remedy(wrong):
    with pytest.raises(FieldError) as refused:
        answered(*wrong)
    assert refused.value.remedy.zh


def test_a_person_without_full_capacity_answers_through_the_guardian_only():
    guardian = Guardian(name="李刚")
    with pytest.raises(FieldError):
        answered(given(), capacity=LegalCapacity.NONE, guardian=guardian)
    with pytest.raises(FieldError):
        answered(given(by_guardian=True), capacity=LegalCapacity.NONE)
    consents = answered(given(by_guardian=True), capacity=LegalCapacity.LIMITED, guardian=guardian)
    assert state_of(consents, Purpose.SENSORS, TODAY) is ConsentState.GIVEN


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2024, 1, 8), date(2024, 7, 8)),
        (date(2023, 8, 31), date(2024, 2, 29)),
        (date(2024, 8, 31), date(2025, 2, 28)),
        (date(2024, 12, 31), date(2025, 6, 30)),
    ],
)
def test_r18_the_next_refresh_is_six_calendar_months_later(day, later):
    assert next_review(day) == later == months_later(day, 6)


@pytest.mark.parametrize(
    ("left", "expected"),
    [(31, "later"), (30, "d30"), (15, "d30"), (14, "d14"), (8, "d14"), (7, "d7"), (0, "d7"), (-1, "overdue")],
)
def test_r18_a_refresh_comes_nearer_by_stages_and_is_overdue_on_the_day_after(left, expected):
    verified = date(2024, 1, 8)
    assert stage(verified, date(2024, 7, 8) - timedelta(days=left)) == expected


def test_r18_an_entry_that_nobody_verified_is_its_own_stage():
    assert stage(None, TODAY) is DueStage.NEVER


@pytest.mark.parametrize(
    ("on", "day"),
    [
        (date(2024, 6, 29), date(2023, 12, 31)),
        (date(2024, 6, 30), date(2023, 12, 31)),
        (date(2024, 7, 1), date(2024, 6, 30)),
        (date(2024, 12, 31), date(2024, 6, 30)),
        (date(2025, 3, 1), date(2024, 12, 31)),
    ],
)
def test_r18_snapshots_are_of_the_half_years_ends(on, day):
    assert last_snapshot_day(on) == day


def call(on) -> ChildContact:
    return ChildContact(id="c", person_id="p1", on=on, channel=ChildChannel.WECHAT)


def test_r11_a_child_who_has_not_been_in_touch_for_thirty_days_is_reminded():
    started = date(2024, 1, 1)
    assert not is_child_silent([], started, date(2024, 1, 31))
    assert is_child_silent([], started, date(2024, 2, 1))
    assert not is_child_silent([call(date(2024, 1, 28))], started, TODAY)
    assert is_child_silent([call(date(2024, 1, 27))], started, TODAY)
    assert is_child_silent([call(TODAY + timedelta(days=1))], None, TODAY)
    assert has_child_elsewhere(filed(children=(AWAY,)).entry)
    assert not has_child_elsewhere(filed(children=(AT_HOME,)).entry)


def test_a_change_names_the_field_in_words_and_says_whether_it_is_personal():
    old = filed(1)
    new = filed(2, person=person(capacity=Capacity.SEVERE, phone="+8613800009999"), first_contact=CHILD)
    found = {one.name: one for one in changes(old, new, TODAY)}
    assert (found["capacity"].old.zh, found["capacity"].new.zh) == ("", "重度失能")
    assert not found["capacity"].is_personal
    assert found["phone"].is_personal
    assert found["entry.first_contact"].new.zh.startswith("李梅")
    assert found["entry.first_contact"].is_personal
    assert "name" not in found


def test_a_tier_that_a_person_set_is_in_the_change_with_its_reason():
    new = filed(2, person=person(tier_override=Tier.GENERAL, tier_override_reason="家人陪护"))
    found = {one.name: one.new.zh for one in changes(filed(1), new, TODAY)}
    assert found["person.tier_override"] == "一般对象"
    assert found["person.tier_override_reason"] == "家人陪护"


def test_a_first_version_shows_what_is_filled_in_and_nothing_else():
    found = changes(None, filed(1), TODAY)
    assert {"name", "id_number", "help_measures"} <= {one.name for one in found}
    assert all(one.old.zh == "" and one.new.zh for one in found)
    assert changes(filed(1), filed(1), TODAY) == ()
