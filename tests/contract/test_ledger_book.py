"""Writing in the ledger: drafts, signatures, numbers, corrections, late entries, twins, closed months."""

import msgspec
import pytest
from annex2_kit import home_form, phone_form
from ledger_town import BOSS, GENERAL, KEY, LI, SPOUSE, VILLAGE, WANG, LedgerTown, other_day
from standing_kit import fact, in_hospital
from visits_kit import POLICY, visit

from app.console_views import ConsoleViews
from app.ledger_due import month_rows
from core.errors import ConflictError, NotFoundError
from core.ids import VisitId
from registry.annex1_check import FormError
from registry.standing_facts import FactId, FactKind
from visits.annex2 import Annex2, Safety, VisitKind
from visits.model import ContactClass, Met
from visits.returns import ReturnStep


@pytest.fixture
def town(tmp_path):
    town = LedgerTown(tmp_path)
    yield town
    town.truth.close()


def owed(town, month="2024-02", area=VILLAGE):
    with town.truth.view() as unit:
        return {
            row.due.person_id: row.due.owed
            for row in month_rows(unit, month, town.book.today(), town.book.policy, area).rows
        }


def test_a_draft_counts_for_nothing_and_a_signature_gives_it_its_number(town):
    draft = town.book.record(town.entry("2024-02-03T10:00"), WANG)
    assert (draft.number, owed(town)[KEY]) == (0, 2)
    final = town.book.sign(draft.id, WANG)
    assert (final.number, final.version, owed(town)[KEY]) == (1, 2, 1)
    with pytest.raises(ConflictError):
        town.book.sign(draft.id, WANG)
    with pytest.raises(ConflictError):
        town.book.fill(draft.id, home_form(), WANG, version=2)


def test_an_incomplete_form_is_not_signed_and_says_what_it_lacks(town):
    draft = town.book.record(town.entry("2024-02-03T10:00", form=Annex2(kind=VisitKind.HOME)), WANG)
    with pytest.raises(ConflictError, match="燃气安全"):
        town.book.sign(draft.id, WANG)
    filled = town.book.fill(draft.id, home_form(), WANG, version=1)
    assert town.book.sign(draft.id, WANG, version=filled.version).contact_class is ContactClass.C1_HOME
    with pytest.raises(ConflictError):
        town.book.fill(draft.id, home_form(), WANG, version=1)


def test_a_visit_that_is_told_twice_is_one_record_whoever_tells_it(town):
    draft = town.book.record(town.entry("2024-02-03T10:00", key="k1"), WANG)
    assert town.book.record(town.entry("2024-02-03T10:00", key="k1"), WANG) == draft
    assert town.book.record(town.entry("2024-02-03T10:20", key="k2", note="又一次"), LI).id == draft.id
    with town.truth.view() as unit:
        rows = unit.visits.list(KEY)
    assert [(row.merged_into, row.note) for row in rows] == [(None, ""), (draft.id, "又一次")]


def test_a_home_visit_of_the_same_minute_as_a_call_that_nobody_answered_is_a_record_of_its_own(town):
    call = town.book.record(town.entry("2024-02-03T10:00", form=phone_form(), met=Met.NOBODY), WANG)
    home = town.book.record(town.entry("2024-02-03T10:00"), WANG)
    assert home.id != call.id
    assert town.book.record(town.entry("2024-02-03T10:00"), WANG) == home
    signed = town.book.sign(home.id, WANG)
    assert town.book.record(town.entry("2024-02-03T10:00"), WANG) == signed
    assert owed(town)[KEY] == 1


@pytest.mark.parametrize("key", ["", "k1"])
def test_another_story_under_a_known_post_is_refused_and_not_swallowed(town, key):
    town.book.record(town.entry("2024-02-03T10:00", key=key), WANG)
    with pytest.raises(ConflictError, match="已有另一条记录"):
        town.book.record(town.entry("2024-02-03T10:00", key=key, form=home_form(gas=Safety.UNSAFE)), WANG)


def test_numbers_run_on_by_person_and_a_merged_record_keeps_its_own(town):
    first, second = town.signed("2024-02-01T10:00"), town.signed("2024-02-01T10:40")
    with pytest.raises(ConflictError, match="不是同一次探访"):
        town.book.merge(second.id, first.id, BOSS, reason="重复")
    told = town.entry("2024-02-01T10:20")
    second = town.book.correct(second.id, told, WANG, reason="时间写错", version=second.version)
    gone = town.book.merge(second.id, first.id, BOSS, reason="重复")
    third, other = town.signed("2024-02-03T10:00"), town.signed("2024-02-03T10:00", SPOUSE)
    assert [one.number for one in (first, second, gone, third, other)] == [1, 2, 2, 3, 1]
    missed = town.signed("2024-02-03T11:00", met=Met.NOBODY)
    assert (missed.number, missed.contact_class) == (0, ContactClass.C6_ATTEMPT)


def test_a_correction_keeps_the_old_version_readable(town):
    first = town.signed("2024-02-03T10:00")
    entry = town.entry("2024-02-03T10:00", form=home_form(advice="每周一次"))
    fixed = town.book.correct(first.id, entry, LI, reason="补写建议", version=first.version)
    with town.truth.view() as unit:
        versions = unit.visits.versions(first.id)
    assert [(one.version, one.form.advice) for one in versions] == [(1, ""), (2, ""), (3, "每周一次")]
    assert (fixed.number, fixed.change_reason, fixed.changed_by) == (1, "补写建议", LI)
    with pytest.raises(ConflictError):
        town.book.correct(first.id, entry, LI, reason="再改", version=first.version)


def test_a_correction_into_a_visit_gets_the_next_number_and_a_drill_stays_one(town):
    first, missed = town.signed("2024-02-01T10:00"), town.signed("2024-02-02T10:00", met=Met.NOBODY)
    fixed = town.book.correct(missed.id, town.entry("2024-02-02T10:00"), LI, reason="见到本人", version=2)
    drill = town.signed("2024-02-03T10:00", is_drill=True)
    still = town.book.correct(drill.id, town.entry("2024-02-03T10:00"), LI, reason="补写", version=2)
    assert [one.number for one in (first, fixed, drill, still)] == [1, 2, 3, 3]
    assert still.is_drill
    town.at("2024-02-14T09:00")
    assert town.signed("2024-02-13T10:00").number == 4


def test_a_late_entry_counts_after_somebody_else_approved_it(town):
    town.at("2024-02-20T09:00")
    late = town.signed("2024-02-03T10:00")
    assert owed(town)[KEY] == 2
    with pytest.raises(ConflictError):
        town.book.approve(late.id, WANG)
    town.book.approve(late.id, BOSS)
    assert owed(town)[KEY] == 1


def test_a_month_that_is_closed_takes_no_entry_until_it_is_reopened_on_record_and_is_not_judged_again(town):
    town.at("2024-03-19T09:00")
    row = town.received("2024-03")
    with pytest.raises(ConflictError, match="已上报结账"):
        town.book.record(town.entry("2024-02-20T10:00"), WANG)
    town.returning.step(row.id, ReturnStep.REOPEN, by=BOSS, text="漏报")
    late = town.signed("2024-02-20T10:00")
    town.book.approve(late.id, BOSS)
    assert owed(town, "2024-02")[KEY] == 2
    assert owed(town, "2024-03")[KEY] == 2
    town.returning.step(row.id, ReturnStep.CLOSE_AGAIN, by=BOSS)
    with pytest.raises(ConflictError):
        town.book.correct(late.id, town.entry("2024-02-21T10:00"), LI, reason="改日期", version=3)
    with pytest.raises(ConflictError):
        town.book.merge(late.id, late.id, LI, reason="重复")


def test_nothing_is_merged_into_a_record_of_a_closed_month(town):
    town.at("2024-03-01T09:00")
    into = town.signed("2024-02-29T23:50")
    double = town.signed("2024-03-01T00:10", met=Met.NOBODY)
    town.at("2024-03-19T09:00")
    town.received("2024-03")
    with pytest.raises(ConflictError, match="2024-02 已上报结账"):
        town.book.merge(double.id, into.id, BOSS, reason="重复")


def test_a_closed_month_stays_with_its_village_and_keeps_its_rate_whatever_happens_later(town):
    town.signed("2024-02-03T10:00")
    town.at("2024-03-19T09:00")
    town.received("2024-03")

    def rate(area):
        with town.truth.view() as unit:
            found = month_rows(unit, "2024-02", town.book.today(), town.book.policy, area).rate
        return found.contacted, found.active, found.missing

    before = rate(VILLAGE)
    assert before[:2] == (1, 3)
    with town.truth.transaction() as unit:
        moved = msgspec.structs.replace(unit.people.person(KEY), area="shuren/xihe/g1")
        unit.people.put_person(moved)
    town.book.tell(in_hospital("2024-02-01", "2024-02-29", person_id=GENERAL, id=FactId("")), BOSS)
    town.book.tell(fact(FactKind.DIED, "2024-02-20", person_id=SPOUSE, id=FactId("")), BOSS)
    assert rate(VILLAGE) == rate("shuren") == before
    assert rate("shuren/xihe") == (0, 0, ())
    assert owed(town) == {KEY: 1, SPOUSE: 2, GENERAL: 1}
    assert owed(town, "2024-03", "shuren/xihe") == {KEY: 2}


def test_a_visit_that_is_still_to_come_cannot_be_written_down(town):
    with pytest.raises(FormError, match="不能晚于现在"):
        town.book.record(other_day(town.entry("2024-02-03T10:00"), "2024-02-03T12:01"), WANG)


def test_a_contact_that_is_reviewed_on_its_alert_is_signed_as_on_its_own_page_by_the_reviewer(town):
    known = msgspec.structs.replace(
        visit(ContactClass.C4A_REMOTE_CONFIRMED_CALL, "2024-02-03T11:00"),
        area=f"{VILLAGE}/g1",
        is_draft=True,
        form=Annex2(kind=VisitKind.REMOTE_MONITORING),
        entered_by=WANG,
        changed_by=WANG,
    )
    missed = msgspec.structs.replace(known, id=VisitId("v9"), contact_class=ContactClass.C2_PHONE)
    with town.truth.transaction() as unit:
        unit.visits.put(known)
        unit.visits.put(missed)
    console = ConsoleViews(town.truth, policy=POLICY, clock=town.clock, zone_name="Asia/Shanghai")
    console._review(known.id, "li")
    with town.truth.view() as unit:
        final, *_ = [one for one in unit.visits.list(KEY) if one.id == known.id]
        (row, *_) = unit.audit.list(subject=known.id, limit=1)
    assert (final.number, final.is_draft, final.signed_by, final.changed_by) == (1, False, LI, LI)
    assert (final.reviewed_by, row.actor) == (LI, LI)
    for name, error in ((known.id, ConflictError), (missed.id, ConflictError), (VisitId("nothing"), NotFoundError)):
        with pytest.raises(error):
            console._review(name, "li")
    town.at("2024-03-19T09:00")
    other = msgspec.structs.replace(known, id=VisitId("v8"))
    with town.truth.transaction() as unit:
        unit.visits.put(other)
    town.received("2024-03")
    with pytest.raises(ConflictError, match="已上报结账"):
        console._review(other.id, "li")
