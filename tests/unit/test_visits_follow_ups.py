"""Follow-ups and benefits: opened by a form, finding or hand, due in days, closed with an outcome or not at all."""

from datetime import date
from itertools import product

import msgspec
import pytest
from annex2_kit import home_form
from visits_kit import at, visit

from core.errors import ConflictError
from core.ids import PersonId
from visits.annex2 import Illness, Need, Safety
from visits.eligibility import BENEFIT_WORDS, MOVES, ApplicationState, Benefit, found, moved
from visits.follow_ups import (
    DUE_DAYS,
    FOLLOW_UP_WORDS,
    TRANSITIONS,
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Step,
    is_overdue,
    opened,
    opened_by_attempts,
    opened_by_form,
    stepped,
)
from visits.model import ContactClass, Met

DAY = date(2024, 2, 3)
P1 = PersonId("p1")


def follow_up(kind=FollowUpKind.REFERRAL, **fields) -> FollowUp:
    return opened(kind, P1, what="需要助浴", source="account:li", on=DAY, **fields)


def test_the_days_are_those_that_the_plan_document_names():
    assert (DUE_DAYS[FollowUpKind.HAZARD], DUE_DAYS[FollowUpKind.URGENT_NEED], DUE_DAYS[FollowUpKind.REFERRAL]) == (
        7,
        15,
        30,
    )
    assert set(FOLLOW_UP_WORDS) == set(DUE_DAYS) == set(FollowUpKind)


def test_a_bad_answer_opens_a_follow_up_of_its_kind_and_each_need_a_referral():
    form = home_form(gas=Safety.UNSAFE, illness=Illness.SEVERE, illness_name="哮喘", needs=frozenset({Need.COMFORT}))
    row = visit(ContactClass.C1_HOME, "2024-02-03T10:00", form=form)
    rows = opened_by_form(row)
    assert [(one.kind, one.due_on) for one in rows] == [
        (FollowUpKind.URGENT_NEED, date(2024, 2, 18)),
        (FollowUpKind.HAZARD, date(2024, 2, 10)),
        (FollowUpKind.REFERRAL, date(2024, 3, 4)),
    ]
    assert [one.what for one in rows] == ["疾病状况：严重（哮喘）", "燃气安全：不安全", "精神慰藉"]
    assert [one.id for one in opened_by_form(row)] == [one.id for one in rows]
    assert opened_by_form(msgspec.structs.replace(row, is_drill=True)) == []
    assert opened_by_form(msgspec.structs.replace(row, met=Met.NOBODY)) == []


def test_two_attempts_within_a_day_open_a_welfare_check_that_only_a_home_visit_closes():
    missed = [visit(ContactClass.C6_ATTEMPT, begins) for begins in ("2024-02-03T10:00", "2024-02-04T10:00")]
    check = opened_by_attempts(missed)
    assert check is not None
    assert (check.kind, check.due_on) == (FollowUpKind.WELFARE_CHECK, date(2024, 2, 5))
    assert opened_by_attempts([missed[0], visit(ContactClass.C6_ATTEMPT, "2024-02-04T10:01")]) is None
    given = {"on": DAY.replace(day=5), "by": "account:li", "text": "平安"}
    seen = visit(ContactClass.C1_HOME, "2024-02-04T15:00", signed_at_ms=at("2024-02-04T16:00"))
    for wrong in (
        None,
        msgspec.structs.replace(seen, contact_class=ContactClass.C2_PHONE),
        msgspec.structs.replace(seen, person_id=PersonId("p2")),
        msgspec.structs.replace(seen, signed_at_ms=None),
        msgspec.structs.replace(seen, is_drill=True),
        msgspec.structs.replace(seen, merged_into=missed[0].id),
        msgspec.structs.replace(seen, is_registered_visitor=False),
        msgspec.structs.replace(seen, local_date=date(2024, 2, 3)),
    ):
        with pytest.raises(ConflictError):
            stepped(check, Step.CLOSE, **given, visit=wrong)
    assert not stepped(check, Step.CLOSE, **given, visit=seen).is_open


@pytest.mark.parametrize(("kind", "state", "step"), list(product(FollowUpKind, FollowUpState, Step)))
def test_every_step_is_listed_or_refused(kind, state, step):
    row = msgspec.structs.replace(follow_up(kind), state=state, demanded=None)
    only_referral = step in {Step.ACCEPT, Step.DECLINE, Step.DELIVER, Step.REFER_AGAIN}
    is_allowed = (state, step) in TRANSITIONS
    is_allowed = is_allowed and (kind is FollowUpKind.REFERRAL or not only_referral)
    is_allowed = is_allowed and (step is not Step.REMIND or kind is FollowUpKind.HAZARD)
    if is_allowed:
        after = stepped(row, step, on=DAY, by="account:li", text="办妥")
        assert after.state is TRANSITIONS[state, step]
        assert (after.steps[-1].step, after.version) == (step, 2)
    else:
        with pytest.raises(ConflictError):
            stepped(row, step, on=DAY, by="account:li", text="办妥")


def test_closing_needs_an_outcome_and_a_day_that_is_not_before_the_opening():
    for text, on in ((" ", DAY), ("办妥", date(2024, 2, 2))):
        with pytest.raises(ConflictError):
            stepped(follow_up(), Step.CLOSE, on=on, by="account:li", text=text)
    closed = stepped(follow_up(), Step.CLOSE, on=DAY, by="account:li", text="已安装扶手")
    assert (closed.outcome, closed.closed_on, closed.is_open) == ("已安装扶手", DAY, False)


def test_a_follow_up_is_overdue_the_day_after_its_due_day():
    row = follow_up(FollowUpKind.HAZARD)
    assert not is_overdue(row, date(2024, 2, 10))
    assert is_overdue(row, date(2024, 2, 11))
    with pytest.raises(ConflictError):
        opened(FollowUpKind.HAZARD, P1, what=" ", source="account:li", on=DAY)


def test_a_referral_that_was_declined_goes_to_somebody_else():
    row = follow_up(referred_to="甲养老院")
    row = stepped(row, Step.DECLINE, on=DAY, by="account:li", text="无床位")
    row = stepped(row, Step.REFER_AGAIN, on=DAY, by="account:li", text="乙服务站")
    assert (row.referred_to, row.state) == ("乙服务站", FollowUpState.OPEN)


@pytest.mark.parametrize(("before", "after"), list(product(ApplicationState, ApplicationState)))
def test_a_benefit_is_told_of_before_it_is_applied_for(before, after):
    row = msgspec.structs.replace(found(P1, Benefit.SUBSISTENCE, on=DAY, area="a", by="account:li"), state=before)
    if after in MOVES[before]:
        assert moved(row, after, on=DAY, by="account:li").state is after
    else:
        with pytest.raises(ConflictError):
            moved(row, after, on=DAY, by="account:li")
    assert set(BENEFIT_WORDS) == set(Benefit)
