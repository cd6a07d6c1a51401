"""Tracking visits (跟踪回访, R30): hazards, urgent needs, referrals stay open until somebody names an outcome."""

from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NewType

import msgspec

from core.errors import ConflictError
from core.ids import PersonId, derived_id
from core.localtime import HOUR_MS
from core.text import Bilingual
from visits.annex2 import NEED_WORDS, Need
from visits.counting import standing_class
from visits.credit import RANKING
from visits.form_check import bad_answers
from visits.model import ContactClass, Met, Visit

FollowUpId = NewType("FollowUpId", str)

ATTEMPTS_HOURS = 24
"""Two attempts this close together open a welfare check (policy B3, C6)."""


class FollowUpKind(StrEnum):
    """What is tracked."""

    HAZARD = "hazard"  # 风险隐患
    URGENT_NEED = "urgent_need"  # 急需困难
    REFERRAL = "referral"  # 转介服务
    WELFARE_CHECK = "welfare_check"  # two attempts, nobody reached: go and see


DUE_DAYS = {
    FollowUpKind.WELFARE_CHECK: 1,
    FollowUpKind.HAZARD: 7,
    FollowUpKind.URGENT_NEED: 15,
    FollowUpKind.REFERRAL: 30,
}
"""The plan names the three kinds and no days; these are ours and stand in docs/plan.md."""

FOLLOW_UP_WORDS = {
    FollowUpKind.HAZARD: Bilingual("风险隐患", "hazard"),
    FollowUpKind.URGENT_NEED: Bilingual("急需困难", "urgent need"),
    FollowUpKind.REFERRAL: Bilingual("转介服务", "referral"),
    FollowUpKind.WELFARE_CHECK: Bilingual("上门查看", "welfare check"),
}


class FollowUpState(StrEnum):
    """The life of a follow-up; a referral passes through the middle ones (R28)."""

    OPEN = "open"
    REMINDED = "reminded"  # 已提醒消除隐患 (R17)
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    DECLINED = "declined"  # by whom it was referred to: somebody else must be found
    CLOSED = "closed"


class Step(StrEnum):
    """What somebody did about it."""

    REMIND = "remind"
    ACCEPT = "accept"
    DECLINE = "decline"
    DELIVER = "deliver"
    REFER_AGAIN = "refer_again"
    CLOSE = "close"


TRANSITIONS = {
    (FollowUpState.OPEN, Step.REMIND): FollowUpState.REMINDED,
    (FollowUpState.OPEN, Step.ACCEPT): FollowUpState.ACCEPTED,
    (FollowUpState.OPEN, Step.DECLINE): FollowUpState.DECLINED,
    (FollowUpState.OPEN, Step.CLOSE): FollowUpState.CLOSED,
    (FollowUpState.REMINDED, Step.REMIND): FollowUpState.REMINDED,
    (FollowUpState.REMINDED, Step.CLOSE): FollowUpState.CLOSED,
    (FollowUpState.ACCEPTED, Step.DELIVER): FollowUpState.DELIVERED,
    (FollowUpState.ACCEPTED, Step.DECLINE): FollowUpState.DECLINED,
    (FollowUpState.ACCEPTED, Step.CLOSE): FollowUpState.CLOSED,
    (FollowUpState.DECLINED, Step.REFER_AGAIN): FollowUpState.OPEN,
    (FollowUpState.DECLINED, Step.CLOSE): FollowUpState.CLOSED,
    (FollowUpState.DELIVERED, Step.CLOSE): FollowUpState.CLOSED,
}
"""Every step that exists; a test walks all the others and finds them refused."""

ONLY_REFERRALS = frozenset({Step.ACCEPT, Step.DECLINE, Step.DELIVER, Step.REFER_AGAIN})


class Done(msgspec.Struct, frozen=True):
    """One step in the life of a follow-up. `text` is personal."""

    step: Step
    on: date
    by: str
    text: str = ""


class FollowUp(msgspec.Struct, frozen=True, kw_only=True):
    """One matter until it is closed; `what`, `referred_to`, `outcome` and the steps' texts are personal."""

    id: FollowUpId
    person_id: PersonId
    area: str
    kind: FollowUpKind
    what: str
    source: str  # "visit:<id>", "alert:<id>", "account:<name>"
    opened_on: date
    due_on: date
    need: Need | None = None
    referred_to: str = ""
    demanded: ContactClass | None = None  # what contact settles it at least; None: any outcome does
    state: FollowUpState = FollowUpState.OPEN
    outcome: str = ""
    closed_on: date | None = None
    steps: tuple[Done, ...] = ()
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an outcome."""
        return self.state is not FollowUpState.CLOSED


def opened(
    kind: FollowUpKind,
    person_id: PersonId,
    *,
    what: str,
    source: str,
    on: date,
    area: str = "",
    need: Need | None = None,
    referred_to: str = "",
    about: str = "",
) -> FollowUp:
    """Return a new follow-up with its due day; the same source and matter (`about`) give the same id.

    Raises ConflictError when nobody says what it is about.
    """
    if not what.strip():
        raise ConflictError("须写明事由 / say what it is about")
    return FollowUp(
        id=FollowUpId(derived_id("follow-up", person_id, source, kind, about or what)),
        person_id=person_id,
        area=area,
        kind=kind,
        what=what.strip(),
        source=source,
        opened_on=on,
        due_on=on + timedelta(days=DUE_DAYS[kind]),
        need=need,
        referred_to=referred_to,
        demanded=ContactClass.C1_HOME if kind is FollowUpKind.WELFARE_CHECK else None,
    )


def opened_by_form(visit: Visit) -> list[FollowUp]:
    """Return what a signed form opens: hazards and urgent needs of its bad answers, a referral for each need."""
    form = visit.form
    if form is None or visit.is_drill or visit.met is not Met.PERSON:
        return []
    source = f"visit:{visit.id}"
    found = [
        opened(
            FollowUpKind.HAZARD if bad.is_hazard else FollowUpKind.URGENT_NEED,
            visit.person_id,
            what=bad.words.zh,
            source=source,
            on=visit.local_date,
            area=visit.area,
            about=bad.field,
        )
        for bad in bad_answers(form)
    ]
    for need in sorted(form.needs):
        words = f"{NEED_WORDS[need].zh}：{form.needs_text}" if form.needs_text else NEED_WORDS[need].zh
        found.append(
            opened(
                FollowUpKind.REFERRAL,
                visit.person_id,
                what=words,
                source=source,
                on=visit.local_date,
                area=visit.area,
                need=need,
                about=need.value,
            )
        )
    return found


def opened_by_attempts(attempts: list[Visit]) -> FollowUp | None:
    """Return the welfare check that two attempts within a day open; `attempts` are one person's, any order."""
    missed = sorted(
        (one for one in attempts if one.contact_class is ContactClass.C6_ATTEMPT and not one.is_drill),
        key=lambda one: one.started_at_ms,
    )
    for earlier, later in pairwise(missed):
        if later.started_at_ms - earlier.started_at_ms <= ATTEMPTS_HOURS * HOUR_MS:
            return opened(
                FollowUpKind.WELFARE_CHECK,
                later.person_id,
                what="24小时内两次未联系到本人，须上门查看",
                source=f"visit:{earlier.id}",
                on=later.local_date,
                area=later.area,
                about="attempts",
            )
    return None


def stepped(
    follow_up: FollowUp, step: Step, *, on: date, by: str, text: str = "", visit: Visit | None = None
) -> FollowUp:
    """Return the follow-up after a step; closing needs an outcome and the visit that it demands, if any.

    Raises ConflictError for a step that does not exist there, a day before it was opened, or an outcome that lacks.
    """
    state = TRANSITIONS.get((follow_up.state, step))
    if state is None or (step in ONLY_REFERRALS and follow_up.kind is not FollowUpKind.REFERRAL):
        raise ConflictError(
            f"{follow_up.kind} 处于 {follow_up.state}，不能 {step} / it is {follow_up.state}: no {step}"
        )
    if step is Step.REMIND and follow_up.kind is not FollowUpKind.HAZARD:
        raise ConflictError("只有隐患才提醒消除 / only of a hazard is somebody reminded")
    if on < follow_up.opened_on:
        raise ConflictError(f"不能早于 {follow_up.opened_on} / not before it was opened on {follow_up.opened_on}")
    if step is Step.CLOSE:
        _check_closing(follow_up, text, visit)
    is_closing = step is Step.CLOSE
    return msgspec.structs.replace(
        follow_up,
        state=state,
        outcome=text.strip() if is_closing else follow_up.outcome,
        closed_on=on if is_closing else None,
        referred_to=text.strip() if step is Step.REFER_AGAIN and text.strip() else follow_up.referred_to,
        steps=(*follow_up.steps, Done(step, on, by, text.strip())),
        version=follow_up.version + 1,
    )


def is_overdue(follow_up: FollowUp, today: date) -> bool:
    """Return whether it should have been closed before today."""
    return follow_up.is_open and today > follow_up.due_on


def _check_closing(follow_up: FollowUp, text: str, visit: Visit | None) -> None:
    if not text.strip():
        raise ConflictError("结案须写明结果 / closing needs an outcome")
    least = follow_up.demanded
    if least is not None and (visit is None or not _settles(visit, follow_up, least)):
        raise ConflictError(
            f"须有此后已签字的 {least} 类探访记录才能结案 / it is closed by a signed record of class {least} since then"
        )


def _settles(visit: Visit, follow_up: FollowUp, least: ContactClass) -> bool:
    return (
        visit.person_id == follow_up.person_id
        and visit.signed_at_ms is not None
        and visit.merged_into is None
        and not visit.is_drill
        and visit.local_date >= follow_up.opened_on
        and RANKING.index(standing_class(visit)) <= RANKING.index(least)
    )
