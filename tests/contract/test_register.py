"""The register: every change is a version with its row in the chain; nobody is served against R10 to R12."""

from datetime import date

import msgspec
import pytest
from ledger_kit import CHILD, FORM, id_number
from register_kit import GRID, RegisterRoom

from app.register import Who
from core.errors import ConflictError, NotFoundError
from registry.annex1 import EmergencyContact, HouseholdMember
from registry.annex1_check import FormError
from registry.areas import Area, AreaTree
from registry.commands import (
    Activate,
    Assess,
    EndService,
    RecordConsent,
    SaveForm,
    SetContacts,
    SetGuardian,
    SetTier,
    Verify,
)
from registry.consent import ConsentState, Guardian, LegalCapacity, Purpose, state_of
from registry.entries import Assessment, Child, is_waiting
from registry.identity import Sex
from registry.people import Capacity, Tier, tier_of
from registry.refresh import ChildChannel, ChildContact
from store.truth.audit_file import verify_file

TODAY = date(2024, 2, 27)


@pytest.fixture
def room(tmp_path):
    room = RegisterRoom(tmp_path)
    yield room
    room.close()


def changed(form=FORM, **fields):
    return SaveForm(form=msgspec.structs.replace(form, **fields), area=GRID)


def test_a_new_entry_waits_for_activation_and_knows_its_birth_date(room):
    one = room.file()
    assert is_waiting(one.person)
    assert (one.person.birth_date, one.entry.version, one.person.area) == (date(1938, 5, 1), 1, GRID)
    assert one.form(TODAY).tier is Tier.KEY  # alone and 85
    assert room.actions(one.person.id) == ["entry.created"]
    assert one.entry.origins["phone"].by == "account:zhang"


@pytest.mark.parametrize("area", ["shuren", "", "shuren/nowhere", "shuren/qiaotou/g9"])
def test_nobody_is_filed_outside_the_listed_villages_where_no_return_would_count_them(room, area):
    one = room.file()
    tree = AreaTree([Area("shuren", "树人镇"), Area("shuren/qiaotou", "桥头村"), Area(GRID, "第三网格")])
    with room.truth.transaction() as unit:
        unit.entries.put_areas(tree)
    with pytest.raises(FormError, match="村或网格"):
        room.register.create(FORM, area, Who("account:zhang", "建档"))
    with pytest.raises(FormError, match="村或网格"):
        room.do(one, SaveForm(form=FORM, area=area))


def test_where_nobody_listed_areas_a_path_of_a_town_alone_is_refused(room):
    with pytest.raises(FormError, match="村或网格"):
        room.register.create(FORM, "shuren", Who("account:zhang", "建档"))


def test_r12_service_does_not_begin_without_a_first_contact_and_begins_with_one(room):
    one = room.file()
    with pytest.raises(FormError, match="第一探访联系人"):
        room.do(one, Activate(on=TODAY))
    served = room.do(room.do(one, SetContacts(first_contact=CHILD)), Activate(on=TODAY))
    assert served.person.active_from == TODAY
    with room.truth.view() as unit:
        contacts = unit.people.contacts(one.person.id)
    assert next((contact.order, contact.role, contact.phone) for contact in contacts) == (1, "family", CHILD.phone)


def test_the_emergency_contact_of_the_form_can_be_rung_too_and_one_number_is_one_contact(room):
    form = msgspec.structs.replace(FORM, emergency=EmergencyContact("邻居赵", Sex.FEMALE, "13700000000"))
    one = room.do(room.file(form), SetContacts(first_contact=CHILD))
    with room.truth.view() as unit:
        assert [(c.order, c.phone) for c in unit.people.contacts(one.person.id)] == [
            (1, CHILD.phone),
            (2, "+8613700000000"),
        ]
    same = room.do(room.serve(msgspec.structs.replace(FORM, id_number="")), Verify(on=TODAY))
    with room.truth.view() as unit:
        assert len(unit.people.contacts(same.person.id)) == 1


def test_a_change_is_a_version_and_one_that_changes_nothing_is_none(room):
    one = room.file()
    after = room.do(one, changed(capacity=Capacity.SEVERE))
    assert (after.entry.version, after.person.capacity) == (2, Capacity.SEVERE)
    assert room.do(after, changed(capacity=Capacity.SEVERE)).entry.version == 2
    versions = room.register.versions(one.person.id, "account:chen")
    assert [(v.version, v.action, v.actor, v.why) for v in versions] == [
        (1, "entry.created", "account:zhang", "入户调查"),
        (2, "entry.form", "account:zhang", "入户调查"),
    ]
    assert room.actions(one.person.id)[-1] == "entry.history_read"


def test_of_two_who_edit_at_once_the_second_is_told(room):
    one = room.file()
    room.do(one, changed(illness="糖尿病"))
    with pytest.raises(ConflictError, match="version 2"):
        room.do(one, changed(illness="冠心病"))


def test_nothing_is_changed_without_a_reason(room):
    one = room.file()
    with pytest.raises(FormError, match="why"):
        room.do(one, changed(illness="糖尿病"), Who("account:zhang", " "))


def test_every_reason_of_a_refused_form_is_told_at_once_and_no_value(room):
    wrong = msgspec.structs.replace(
        FORM,
        name=" ",
        id_number="512222193805010021",
        phone="70605678",
        disability_grade=5,
        pension_yuan=-1,
        household=(HouseholdMember(name="李大山", id_number="123"),),
    )
    with pytest.raises(FormError) as refused:
        room.file(wrong)
    fields = {one.field for one in refused.value.problems}
    assert fields == {"name", "id_number", "phone", "disability_grade", "pension_yuan", "household.0.id_number"}
    assert "512222193805010021" not in str(refused.value)
    assert room.actions() == []


def test_a_sex_that_does_not_fit_the_identity_number_is_refused_and_a_missing_one_is_read_from_it(room):
    with pytest.raises(FormError, match="sex"):
        room.file(msgspec.structs.replace(FORM, sex=Sex.MALE))
    assert room.file(msgspec.structs.replace(FORM, sex=None)).entry.form.sex is Sex.FEMALE


def test_two_people_do_not_share_an_identity_number(room):
    room.file()
    with pytest.raises(ConflictError):
        room.file()
    assert room.file(msgspec.structs.replace(FORM, id_number=id_number("51222219380501004"))).entry.version == 1


def test_r20_a_tier_set_by_a_person_wins_and_says_who_when_and_why(room):
    one = room.do(room.file(), SetTier(tier=Tier.GENERAL), Who("account:chen", "与女儿同住"))
    assert tier_of(one.person, TODAY).tier is Tier.GENERAL
    assert "与女儿同住" in tier_of(one.person, TODAY).reason.zh
    override = one.entry.override
    assert (override.by, override.why, override.at_ms) == ("account:chen", "与女儿同住", room.clock.now_ms())
    again = room.do(one, SetTier(tier=None))
    assert (tier_of(again.person, TODAY).tier, again.entry.override) == (Tier.KEY, None)


def test_consent_and_guardian_go_through_the_register(room):
    one = room.do(room.file(), RecordConsent(purpose=Purpose.SENSORS, state=ConsentState.GIVEN, on=TODAY))
    assert state_of(one.entry.consents, Purpose.SENSORS, TODAY) is ConsentState.GIVEN
    guarded = room.do(
        one, SetGuardian(legal_capacity=LegalCapacity.NONE, guardian=Guardian(name="李刚", phone="13900001111"))
    )
    assert guarded.entry.guardian.phone == "+8613900001111"
    with pytest.raises(FormError, match="guardian"):
        room.do(guarded, SetGuardian(legal_capacity=LegalCapacity.LIMITED))


def test_what_is_told_of_a_day_long_past_is_marked(room):
    one = room.do(room.file(), Verify(on=date(2024, 2, 1)))
    with room.truth.view() as unit:
        assert unit.audit.list(subject=one.person.id, limit=1)[0].marks == ("backdated",)
    with pytest.raises(FormError, match="将来"):
        room.do(one, Verify(on=date(2024, 2, 28)))


def test_r26_what_the_plan_asks_beyond_the_forms_is_kept(room):
    asked = Assessment(reaction="较慢", family_does_its_duty=False, needs="康复护理")
    assert room.do(room.file(), Assess(assessment=asked)).entry.assessment == asked


def test_service_ends_on_a_day(room):
    assert room.do(room.serve(), EndService(on=TODAY)).person.active_until == TODAY


def test_every_look_at_one_persons_record_is_in_the_chain_with_its_reason(room):
    one = room.file()
    room.register.read(one.person.id, "account:chen")
    room.register.read(one.person.id, "account:chen", action="entry.revealed", reason="核对证件")
    with room.truth.view() as unit:
        rows = unit.audit.list(limit=2)
    assert [(row.action, row.actor, row.detail) for row in rows] == [
        ("entry.revealed", "account:chen", "核对证件"),
        ("entry.read", "account:chen", ""),
    ]
    with pytest.raises(NotFoundError):
        room.register.read("nobody", "account:chen")
    assert verify_file(room.path).broken_at is None


def test_r11_a_childs_contact_is_written_down_with_its_day(room):
    one = room.do(room.file(), SetContacts(first_contact=CHILD, children=(Child(name="李梅", lives_in="重庆"),)))
    call = ChildContact(id="", person_id=one.person.id, on=TODAY, channel=ChildChannel.VIDEO, note="视频通话")
    kept = room.register.add_child_contact(call, "account:zhang")
    assert room.register.child_contacts(one.person.id) == [kept]
    assert kept.recorded_by == "account:zhang"
    assert room.actions(one.person.id)[-1] == "child_contact.recorded"
    with pytest.raises(FormError):
        room.register.add_child_contact(msgspec.structs.replace(call, on=date(2024, 3, 1)), "account:zhang")


def test_r18_the_half_years_snapshot_is_taken_once_its_day_is_over(room):
    one = room.file()
    assert room.register.take_due_snapshot("service") is None  # nobody had an entry on 2023-12-31
    room.pass_days(123)  # 2024-06-29
    room.do(one, changed(illness="糖尿病"))
    room.pass_days(2)  # 2024-07-01
    taken = room.register.take_due_snapshot("service")
    assert (taken.day, taken.people) == (date(2024, 6, 30), 1)
    assert room.register.take_due_snapshot("service") is None
    assert room.register.snapshots() == [(taken, True)]
    assert verify_file(room.path).broken_at is None


def test_everybody_of_an_area_is_listed_and_of_no_other(room):
    one = room.file()
    other = room.file(msgspec.structs.replace(FORM, id_number=""), "shuren/xihe/g1")
    assert [filed.person.id for filed in room.register.all("shuren/qiaotou")] == [one.person.id]
    assert {filed.person.id for filed in room.register.all()} == {one.person.id, other.person.id}
