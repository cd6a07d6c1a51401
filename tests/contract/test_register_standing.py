"""One truth: what the register says of service, consent, tier and address is what duties are judged from."""

from datetime import date, timedelta

import msgspec
import pytest
from ledger_kit import CHILD, FORM
from register_kit import ZHANG, RegisterRoom

from app.register import Who, filed_of
from registry.commands import Activate, EndService, RecordConsent, SaveForm, SetContacts, SetTier
from registry.consent import ConsentState, Purpose
from registry.people import Capacity, Category, Tier
from registry.standing import Status, standing_of
from registry.standing_facts import FactKind

TODAY = date(2024, 2, 27)
DAY = timedelta(days=1)


@pytest.fixture
def room(tmp_path):
    one = RegisterRoom(tmp_path)
    yield one
    one.close()


def standing(room, person_id):
    with room.truth.view() as unit:
        return standing_of(filed_of(unit, person_id).person, unit.standing.of(person_id))


def kinds(room, person_id):
    with room.truth.view() as unit:
        return [fact.kind for fact in unit.standing.of(person_id)]


def test_a_service_that_ends_and_begins_again_has_two_stretches(room):
    served = room.serve()
    room.pass_days(1)
    ended = room.do(served, EndService(on=TODAY + DAY))
    room.pass_days(99)
    again = room.do(ended, Activate(on=TODAY + 100 * DAY))
    stands = standing(room, again.person.id)
    assert [stands.status_on(TODAY + days * DAY) for days in (-1, 0, 50, 101)] == [
        Status.NOT_YET, Status.ACTIVE, Status.ENDED, Status.ACTIVE,
    ]  # fmt: skip


def test_somebody_registered_before_facts_were_kept_keeps_the_first_stretch(room):
    served = room.serve()
    with room.truth.transaction() as unit:
        early = msgspec.structs.replace(served.person, active_from=date(2023, 1, 1))
        unit.people.put_person(early)
        for fact in unit.standing.of(served.person.id):
            unit.standing.add(msgspec.structs.replace(fact, id=f"void-{fact.id}", kind=FactKind.VOIDED, voids=fact.id))
    ended = room.do(served, EndService(on=TODAY))
    stands = standing(room, ended.person.id)
    assert stands.status_on(date(2023, 6, 1)) is Status.ACTIVE
    assert stands.status_on(TODAY + DAY) is Status.ENDED


def test_a_signed_refusal_of_visits_excuses_and_one_of_sensors_does_not(room):
    served = room.serve()
    no = RecordConsent(purpose=Purpose.SENSORS, state=ConsentState.REFUSED, on=TODAY, evidence="签字页3")
    refused = room.do(served, no)
    assert standing(room, served.person.id).status_on(TODAY) is Status.ACTIVE
    no_visits = RecordConsent(purpose=Purpose.VISITING, state=ConsentState.REFUSED, on=TODAY, evidence="签字页4")
    room.do(refused, no_visits)
    spell = standing(room, served.person.id).excuse_of(TODAY, TODAY + 10 * DAY)
    assert spell is not None
    assert spell.status is Status.REFUSED


def test_an_agreement_ends_a_refusal(room):
    served = room.serve()
    no = RecordConsent(purpose=Purpose.VISITING, state=ConsentState.REFUSED, on=TODAY, evidence="签字页4")
    refused = room.do(served, no)
    room.pass_days(30)
    yes = RecordConsent(purpose=Purpose.VISITING, state=ConsentState.GIVEN, on=TODAY + 30 * DAY, evidence="签字页5")
    room.do(refused, yes)
    assert standing(room, served.person.id).status_on(TODAY + 30 * DAY) is Status.ACTIVE


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_change_of_tier_holds_from_its_day_and_leaves_the_days_before_alone(room, by_hand):
    served = room.serve(msgspec.structs.replace(FORM, capacity=Capacity.MODERATE))
    room.pass_days(20)
    able = msgspec.structs.replace(FORM, capacity=Capacity.INTACT, categories=frozenset({Category.EMPTY_NEST}))
    saved = SaveForm(form=able, area=served.person.area)
    room.do(served, SetTier(tier=Tier.GENERAL) if by_hand else saved, Who("account:zhang", "复核"))
    stands = standing(room, served.person.id)
    assert stands.tier_on(TODAY + 19 * DAY).tier is Tier.KEY
    assert stands.tier_on(TODAY + 20 * DAY).tier is Tier.GENERAL


def test_an_override_that_is_taken_back_lets_the_rule_answer_again(room):
    served = room.serve()
    set_by_hand = room.do(served, SetTier(tier=Tier.GENERAL))
    room.pass_days(10)
    room.do(set_by_hand, SetTier(tier=None))
    stands = standing(room, served.person.id)
    assert stands.tier_on(TODAY).tier is Tier.GENERAL
    assert stands.tier_on(TODAY + 10 * DAY).tier is Tier.KEY


def test_a_move_within_the_town_is_a_fact_and_the_duty_goes_along(room):
    served = room.serve()
    moved = room.do(served, SaveForm(form=served.form(TODAY), area="shuren/xinjian/g1"))
    assert set(kinds(room, moved.person.id)) == {FactKind.ACTIVATED, FactKind.MOVED}
    assert standing(room, moved.person.id).status_on(TODAY) is Status.ACTIVE


def test_an_entry_that_still_waits_tells_no_tier(room):
    waiting = room.do(room.file(), SetContacts(first_contact=CHILD), ZHANG)
    room.do(waiting, SetTier(tier=Tier.GENERAL))
    assert kinds(room, waiting.person.id) == []
