"""What stands beside the ledger's visits: follow-ups, benefits, facts, special periods, the due board."""

from datetime import date

import msgspec
import pytest
from annex2_kit import home_form, phone_form
from ledger_town import BOSS, GENERAL, KEY, LI, SPOUSE, VILLAGE, WANG, LedgerTown
from standing_kit import in_hospital

from app.ledger_due import board_rows, month_rows
from app.register import filed_of, keep
from core.errors import ConflictError, NotFoundError
from core.ids import PersonId, VisitId
from registry.commands import Doing
from registry.standing_facts import FactId
from visits.annex2 import Need, Safety
from visits.due_board import Risk, ordered, route_of, tallies
from visits.eligibility import ApplicationState, Benefit
from visits.follow_ups import FollowUpKind, Step
from visits.model import Met
from visits.special import SpecialKind, SpecialPeriod


@pytest.fixture
def town(tmp_path):
    town = LedgerTown(tmp_path)
    yield town
    town.truth.close()


def test_what_a_form_answers_badly_is_followed_up_once(town):
    form = home_form(gas=Safety.UNSAFE, needs=frozenset({Need.DAILY_CARE}))
    town.signed("2024-02-03T10:00", form=form)
    with town.truth.view() as unit:
        found = unit.follow_ups.open_in(VILLAGE)
    assert [(one.kind, one.due_on) for one in found] == [
        (FollowUpKind.HAZARD, date(2024, 2, 10)),
        (FollowUpKind.REFERRAL, date(2024, 3, 4)),
    ]
    hazard = found[0]
    town.matters.step(hazard.id, Step.REMIND, on=date(2024, 2, 3), by=WANG, text="已提醒")
    closed = town.matters.step(hazard.id, Step.CLOSE, on=date(2024, 2, 5), by=WANG, text="已更换软管", version=2)
    assert closed.outcome == "已更换软管"
    with pytest.raises(ConflictError):
        town.matters.step(found[1].id, Step.ACCEPT, on=date(2024, 2, 5), by=WANG, version=7)


def test_two_attempts_within_a_day_send_somebody_to_see(town):
    town.at("2024-02-04T12:00")
    town.signed("2024-02-03T10:00", form=phone_form(), met=Met.NOBODY)
    town.signed("2024-02-04T09:00", form=phone_form(), met=Met.NOBODY)
    with town.truth.view() as unit:
        (check,) = unit.follow_ups.of(KEY)
    assert check.kind is FollowUpKind.WELFARE_CHECK
    given = {"on": date(2024, 2, 4), "by": WANG, "text": "平安"}
    call, seen = town.signed("2024-02-04T10:00", form=phone_form()), town.signed("2024-02-04T11:00")
    with pytest.raises(ConflictError):
        town.matters.step(check.id, Step.CLOSE, **given, visit_id=call.id)
    with pytest.raises(NotFoundError):
        town.matters.step(check.id, Step.CLOSE, **given, visit_id=VisitId("nothing"))
    assert not town.matters.step(check.id, Step.CLOSE, **given, visit_id=seen.id).is_open


def test_a_matter_and_a_benefit_are_opened_by_hand_once(town):
    one = town.matters.open(GENERAL, FollowUpKind.URGENT_NEED, "缺棉被", by=WANG)
    assert town.matters.open(GENERAL, FollowUpKind.URGENT_NEED, "缺棉被", by=WANG) == one
    row = town.matters.find(GENERAL, Benefit.SUBSISTENCE, by=WANG)
    assert town.matters.find(GENERAL, Benefit.SUBSISTENCE, by=LI) == row
    told = town.matters.move(row.id, ApplicationState.TOLD, on=date(2024, 2, 3), by=WANG)
    assert told.told_on == date(2024, 2, 3)
    with pytest.raises(ConflictError):
        town.matters.move(row.id, ApplicationState.GRANTED, on=date(2024, 2, 4), by=WANG)


def test_a_fact_excuses_the_windows_and_a_warning_asks_for_one_contact_more(town):
    town.book.tell(in_hospital("2024-02-01", "2024-02-29", id=FactId("")), BOSS)
    storm = SpecialPeriod(
        id="w1", kind=SpecialKind.WEATHER, from_date=date(2024, 2, 20), until_date=date(2024, 2, 21), level="red"
    )
    assert town.matters.put_period(storm)
    with town.truth.view() as unit:
        found = month_rows(unit, "2024-02", town.book.today(), town.book.policy, VILLAGE)
    assert {row.due.person_id: row.due.owed for row in found.rows} == {KEY: 0, SPOUSE: 2, GENERAL: 1}
    assert [len(row.due.specials) for row in found.rows] == [0, 2, 2]  # the Spring Festival is of February 2024 too
    assert found.rate.missing[0] == (KEY, "suspended")


def test_the_board_names_worker_risk_and_route_and_a_couple_is_one_stop(town):
    town.at("2024-02-14T09:00")
    town.signed("2024-02-13T10:00", SPOUSE)
    with town.truth.view() as unit:
        rows = board_rows(
            unit, month_rows(unit, "2024-02", town.book.today(), town.book.policy, VILLAGE), town.book.today()
        )
    assert [(row.person_id, row.risk, row.home_visits_owed) for row in ordered(rows)] == [
        (KEY, Risk.D2, 2),
        (SPOUSE, Risk.OPEN, 1),
        (GENERAL, Risk.OPEN, 0),
    ]
    assert {row.worker for row in rows} == {"c1"}
    assert [[row.person_id for row in stop] for stop in route_of(rows, "c1")] == [[KEY, SPOUSE], [GENERAL]]
    (tally,) = tallies(rows, [row.village for row in rows])
    assert (tally.people, tally.home_visits_owed, tally.by_risk[Risk.D2]) == (3, 3, 1)


@pytest.mark.parametrize(
    ("today", "risk"),
    [
        ("2024-02-05", Risk.D10),
        ("2024-02-10", Risk.D5),
        ("2024-02-13", Risk.D2),
        ("2024-02-15", Risk.D2),
        ("2024-02-16", Risk.OVERDUE),
    ],
)
def test_a_key_person_is_at_risk_ten_five_and_two_days_before_the_half_month_ends(town, today, risk):
    town.at(f"{today}T12:00")
    with town.truth.view() as unit:
        rows = board_rows(
            unit, month_rows(unit, "2024-02", town.book.today(), town.book.policy, VILLAGE), town.book.today()
        )
    assert next(row.risk for row in rows if row.person_id == KEY) is risk


def test_what_is_not_there_is_not_found(town):
    for deed in (
        lambda: town.book.sign(VisitId("nothing"), WANG),
        lambda: town.book.record(town.entry("2024-02-03T10:00", PersonId("p9")), WANG),
        lambda: town.matters.step("nothing", Step.CLOSE, on=date(2024, 2, 3), by=WANG, text="x"),
        lambda: town.matters.move("nothing", ApplicationState.TOLD, on=date(2024, 2, 3), by=WANG),
        lambda: town.returning.read("nothing"),
        lambda: town.returning.draft("2024-02", "shuren/nowhere", WANG),
    ):
        with pytest.raises(NotFoundError):
            deed()


def test_a_home_visit_that_confirmed_annex_1_renews_the_register_s_half_year(town):
    with town.truth.transaction() as unit:
        filed = filed_of(unit, KEY)
        doing = Doing(actor=BOSS, why="建档", at_ms=town.book.now_ms(), today=town.book.today())
        keep(unit, filed, doing, "entry.created")
    town.signed("2024-02-02T10:00", form=home_form(is_annex1_confirmed=True))
    town.signed("2024-02-03T10:00", person=GENERAL, form=home_form(is_annex1_confirmed=True))
    with town.truth.view() as unit:
        assert unit.entries.get(KEY).verified_on == date(2024, 2, 2)
        assert unit.entries.get(KEY).verified_by == WANG
        assert unit.entries.get(GENERAL).version == 0  # never filed: there is nothing to confirm


def test_every_deed_beside_the_visits_is_a_row_of_the_chain(town):
    town.book.tell(in_hospital("2024-01-02", person_id=KEY), BOSS)
    row = town.matters.open(KEY, FollowUpKind.HAZARD, "燃气管老化", by=WANG)
    town.matters.step(row.id, Step.REMIND, on=date(2024, 2, 3), by=WANG, text="已提醒")
    town.received("2024-02")
    with town.truth.view() as unit:
        rows = [(one.action, one.actor) for one in unit.audit.list(limit=100)]
        assert unit.audit.verify().broken_at is None
    assert ("standing.suspended", BOSS) in rows
    assert ("follow_up.opened.hazard", WANG) in rows
    assert ("follow_up.remind", WANG) in rows
    assert {"return.sign", "return.receive"} <= {action for action, _ in rows}


def test_what_is_open_of_somebody_who_moved_goes_with_them_to_the_new_village(town):
    town.matters.open(KEY, FollowUpKind.HAZARD, "电线老化", by=WANG)
    town.matters.find(KEY, Benefit.DISABILITY, by=WANG)
    with town.truth.transaction() as unit:
        unit.people.put_person(msgspec.structs.replace(unit.people.person(KEY), area="shuren/xihe/g1"))
    with town.truth.view() as unit:
        for rows in (unit.follow_ups, unit.eligibility):
            assert [one.person_id for one in rows.open_in("shuren/xihe")] == [KEY]
            assert rows.open_in(VILLAGE) == []
