"""Gathered lists (R13 to R15): every row has its fate, nothing is half taken, and what contradicts waits for a person."""

from datetime import date

import msgspec
import pytest
from gathered_lists import number, row, workbook
from gathering_office import GatheringOffice
from register_kit import GRID

from app.gatherer import Gatherer
from app.register import Who
from core.errors import ConflictError
from registry.annex1_check import FormError
from registry.commands import SaveForm, Verify
from registry.entries import is_waiting
from registry.gathering import Fate, Outcome, Source
from registry.people import Category
from store.truth.audit_file import verify_file

ZHANG = Who("account:zhang", "与本人核对")


@pytest.fixture
def office(tmp_path):
    office = GatheringOffice(tmp_path)
    yield office
    office.close()


def test_a_dry_run_tells_each_rows_fate_and_changes_nothing(office):
    office.take(workbook(row(2, "王秀英"), row(4, "李桂兰")))
    before = office.actions()
    plan = office.plan(
        workbook(
            row(2, "王秀英"), row(4, "李桂芳"), row(6, "赵淑珍"), row(8, "钱", 身份证号="51022"), title="桥头村名单"
        )
    )
    assert [(one.row, one.fate) for one in plan.rows] == [
        (3, Fate.MATCH),
        (4, Fate.CONFLICT),
        (5, Fate.NEW),
        (6, Fate.REFUSED),
    ]
    assert plan.counts == {Fate.NEW: 1, Fate.MATCH: 1, Fate.CONFLICT: 1, Fate.REFUSED: 1}
    assert [(d.field, d.kept, d.offered) for d in plan.rows[1].differences] == [("name", "李桂兰", "李桂芳")]
    assert office.actions() == before
    assert len(office.register.all()) == 2


def test_new_people_wait_for_activation_with_the_origin_of_every_field_and_a_bulk_mark(office):
    gathering, _ = office.take(workbook(row(2, "王秀英")), Source.HEALTH)
    one = office.register.all()[0]
    assert is_waiting(one.person)
    assert (one.person.area, one.person.birth_date, one.person.phone) == (GRID, date(1938, 5, 1), "+8613800000002")
    assert one.person.categories == {Category.FAMILY_PLANNING}
    origin = one.entry.origins["phone"]
    assert (origin.source, origin.gathering, origin.row) == ("health", gathering.id, 2)
    with office.truth.view() as unit:
        told = [(row.action, row.marks) for row in reversed(unit.audit.list())]
    assert [marks for _, marks in told] == [("bulk",), ("bulk",), ()]
    assert told[-1][0] == "rows.kept"  # one for the whole list
    assert office.actions(one.person.id) == ["entry.gathered"]
    assert verify_file(office.path).broken_at is None


def test_a_second_source_fills_what_is_missing_and_contradicts_nothing_silently(office):
    office.take(workbook(row(2, "王秀英", 联系电话="")), Source.HEALTH)
    office.take(
        workbook(row(2, "王秀英", 残疾等级="二级", 残疾证号="51222219380501002X12", 居住地址="5组9号")),
        Source.DISABLED_FEDERATION,
    )
    one = office.register.all()[0]
    assert one.person.categories == {Category.FAMILY_PLANNING, Category.SEVERELY_DISABLED}
    assert (one.person.disability_grade, one.person.phone) == (2, "+8613800000002")
    assert one.person.address == "3组2号"
    assert one.entry.origins["phone"].source == "disabled_federation"
    with office.truth.view() as unit:
        waiting = unit.gathering.conflicts()
    assert [(c.difference.field, c.difference.kept, c.difference.offered) for c in waiting] == [
        ("residence.detail", "3组2号", "5组9号")
    ]


def conflicted(office):
    office.take(workbook(row(2, "王秀英")))
    office.take(workbook(row(2, "王秀英", 居住地址="5组9号")), Source.OTHER)
    with office.truth.view() as unit:
        return unit.gathering.conflicts()[0]


def test_a_person_decides_a_conflict_and_both_answers_are_kept_with_their_reason(office):
    one = conflicted(office)
    with pytest.raises(FormError):
        office.gatherer.decide(one.id, "offered", Who("account:zhang", ""))
    office.gatherer.decide(one.id, "offered", ZHANG)
    filed = office.register.all()[0]
    assert filed.person.address == "5组9号"
    assert (filed.entry.origins["residence.detail"].source, filed.entry.version) == ("other", 2)
    with pytest.raises(ConflictError, match="account:zhang"):
        office.gatherer.decide(one.id, "kept", ZHANG)


def test_what_the_register_holds_may_stand(office):
    one = conflicted(office)
    office.gatherer.decide(one.id, "kept", ZHANG)
    assert office.register.all()[0].person.address == "3组2号"
    assert office.actions(one.person_id)[-1] == "conflict.kept"
    with office.truth.view() as unit:
        assert unit.gathering.conflicts() == []


def test_a_conflict_over_what_has_changed_since_is_not_decided_blindly(office):
    one = conflicted(office)
    filed = office.register.all()[0]
    form = filed.form(date(2024, 2, 27))
    form = msgspec.structs.replace(form, residence=msgspec.structs.replace(form.residence, detail="7组1号"))
    office.do(filed, SaveForm(form=form, area=GRID))
    with pytest.raises(ConflictError, match="changed"):
        office.gatherer.decide(one.id, "offered", ZHANG)
    with office.truth.view() as unit:
        assert unit.gathering.conflicts() == [one]


def test_the_same_list_twice_changes_nothing_the_second_time(office):
    content = workbook(row(2, "王秀英"), row(4, "李桂兰"))
    office.take(content)
    office.take(content)
    assert [one.entry.version for one in office.register.all()] == [1, 1]
    assert {fate for _, fate in office.fates(content)} == {"match"}


def test_who_lives_at_one_door_is_one_household(office):
    office.take(
        workbook(
            row(2, "王秀英", 居住地址="3组 7号"), row(4, "李桂兰", 居住地址="3组7号"), row(6, "赵淑珍", 居住地址="")
        )
    )
    homes = [one.person.home_id for one in office.register.all()]
    assert len(set(homes)) == 2


@pytest.mark.parametrize("address", ["三组", "3组", "桥头村", "幸福小区12号楼"])
def test_an_address_that_names_no_door_makes_no_household_of_a_hamlet(office, address):
    office.take(workbook(row(2, "王秀英", 居住地址=address), row(4, "李桂兰", 居住地址=address)))
    office.take(workbook(row(6, "赵淑珍", 居住地址=address)))
    assert len({one.person.home_id for one in office.register.all()}) == 3


def test_r15_everybody_a_list_names_is_to_be_seen_at_home_until_nobody_is_left(office):
    office.take(workbook(row(2, "王秀英"), row(4, "李桂兰")))
    one, other = office.register.all()
    office.do(one, Verify(on=date(2024, 2, 27)))
    with office.truth.view() as unit:
        assert {v.person_id: v.outcome for v in unit.gathering.verifications()} == {
            one.person.id: "confirmed",
            other.person.id: "",
        }
    assert office.gatherer.close(other.person.id, Outcome.MOVED, Who("account:zhang", "已随子女迁往重庆")) == 1
    assert office.gatherer.close(other.person.id, Outcome.MOVED, ZHANG) == 0
    assert office.actions(other.person.id)[-1] == "verification.moved"


def test_nothing_of_a_list_rests_in_clear(office, tmp_path):
    office.take(workbook(row(2, "王秀英"), row(4, "李桂兰", 身份证号="512222193805010021")))
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in ("王秀英", "李桂兰", number(2), "512222193805010021", "13800000002", "3组2号"):
        assert secret.encode() not in on_disk


def test_a_list_that_fails_half_way_leaves_nothing(office):
    class Broken(Gatherer):
        def _take_row(self, unit, row, taking):
            if row.row == 3:
                raise RuntimeError
            return super()._take_row(unit, row, taking)

    broken = Broken(office.truth, office.clock, "Asia/Shanghai")
    with pytest.raises(RuntimeError):
        broken.take(workbook(row(2, "王秀英"), row(4, "李桂兰")), Source.GRID, where="list", actor="cli:root")
    assert office.register.all() == []
    assert office.actions() == []
