"""The monthly return of a village: due before the 20th, drafted, signed, received, and reopened only on record."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NewType

import msgspec

from core.errors import ConflictError
from core.ids import derived_id
from core.months import months_later
from core.text import Bilingual

ReturnId = NewType("ReturnId", str)

DRAFT_DAY, SIGN_DAY, RECEIPT_DAY, RED_DAY = 15, 17, 19, 20
"""每月20日前: whether the 20th itself is still in time is not said, so it is too late (policy B4)."""


class ReturnState(StrEnum):
    """The life of a return."""

    DRAFT = "draft"
    SIGNED = "signed"  # by the village: its content is frozen
    RECEIVED = "received"  # by the town: the month before is closed
    REOPENED = "reopened"  # the closed month takes late entries again; logged


class ReturnStep(StrEnum):
    """What is done to a return."""

    SIGN = "sign"
    RECEIVE = "receive"
    SEND_BACK = "send_back"  # the town refuses it: the village drafts again
    REOPEN = "reopen"
    CLOSE_AGAIN = "close_again"


TRANSITIONS = {
    (ReturnState.DRAFT, ReturnStep.SIGN): ReturnState.SIGNED,
    (ReturnState.SIGNED, ReturnStep.RECEIVE): ReturnState.RECEIVED,
    (ReturnState.SIGNED, ReturnStep.SEND_BACK): ReturnState.DRAFT,
    (ReturnState.RECEIVED, ReturnStep.REOPEN): ReturnState.REOPENED,
    (ReturnState.REOPENED, ReturnStep.CLOSE_AGAIN): ReturnState.RECEIVED,
}
"""Every step that exists; a test walks the others and finds them refused."""

TOWNS_STEPS = frozenset(ReturnStep) - {ReturnStep.SIGN}
"""Never by the hand whose signature stands: a return has two, whatever roles an account has or has not."""

CLOSING = frozenset({ReturnState.SIGNED, ReturnState.RECEIVED})
"""In these the month before is as the village signed it; sent back or reopened it takes entries again."""

NEEDS_WORDS = frozenset({ReturnStep.RECEIVE, ReturnStep.SEND_BACK, ReturnStep.REOPEN})
"""A receipt has a number, a refusal and a reopening have a reason."""


class Logged(msgspec.Struct, frozen=True):
    """One step of a return; `text` is the receipt's number or the reason."""

    step: ReturnStep
    at_ms: int
    by: str
    text: str = ""


class MonthlyReturn(msgspec.Struct, frozen=True, kw_only=True):
    """One village's return of one month ("2024-02": handed in before 20 February); `digest` is of its content."""

    id: ReturnId
    month: str
    area: str
    state: ReturnState = ReturnState.DRAFT
    drafted_at_ms: int = 0
    drafted_by: str = ""
    receipt: str = ""
    digest: str = ""  # sha256 of the frozen content; empty while it is a draft
    log: tuple[Logged, ...] = ()
    version: int = 1


def new_return(month: str, area: str, *, by: str, at_ms: int) -> MonthlyReturn:
    """Return a draft; one month and area have one return."""
    return MonthlyReturn(
        id=ReturnId(derived_id("return", month, area)), month=month, area=area, drafted_at_ms=at_ms, drafted_by=by
    )


def stepped(row: MonthlyReturn, step: ReturnStep, *, at_ms: int, by: str, text: str = "") -> MonthlyReturn:
    """Return it one step further, the step logged.

    Raises ConflictError for a step that does not exist there, and for one of the town's by who signed for the village.
    """
    state = TRANSITIONS.get((row.state, step))
    if state is None:
        raise ConflictError(f"月报处于 {row.state}，不能 {step} / the return is {row.state}: no {step}")
    if step in TOWNS_STEPS and by == _signer(row):
        raise ConflictError(
            "村签署人不能代表镇签收、退回或重开，须由另一账号办理 / "
            "who signed a return for its village takes no step of the town's: let another account do it"
        )
    if step in NEEDS_WORDS and not text.strip():
        raise ConflictError("须写明回执号或原因 / give the receipt's number, or the reason")
    return msgspec.structs.replace(
        row,
        state=state,
        receipt=text.strip() if step is ReturnStep.RECEIVE else row.receipt,
        log=(*row.log, Logged(step, at_ms, by, text.strip())),
        version=row.version + 1,
    )


def _signer(row: MonthlyReturn) -> str:
    return next((line.by for line in reversed(row.log) if line.step is ReturnStep.SIGN), "")


def closed_month(month: str) -> str:
    """Return the month that a return of `month` closes: the one before it."""
    return f"{months_later(date.fromisoformat(f'{month}-01'), -1):%Y-%m}"


def closing_return_of(day: date) -> str:
    """Return the month whose return closes the month of a day: the one after it."""
    return f"{months_later(day.replace(day=1), 1):%Y-%m}"


def is_closed(day: date, returns: Iterable[MonthlyReturn]) -> bool:
    """Return whether the day's month takes no more entries; `returns` are of the day's village.

    From the village's signature on: what came in before the receipt would stand in no figure of its month.
    """
    name = closing_return_of(day)
    return any(one.month == name and one.state in CLOSING for one in returns)


def deadline_words(
    month: str, today: date, row: MonthlyReturn | None, served_from: date | None = None
) -> tuple[bool, Bilingual]:
    """Return whether it is red, and what is due next and until when.

    `served_from`: the first day on which anybody of the village was served (None: ever since): of before nothing is
    owed, and no step is late that was due before it. A return that the village signed is owed whatever it says.
    """
    first = date.fromisoformat(f"{month}-01")
    red_on = first.replace(day=RED_DAY)
    if row is not None and row.state in {ReturnState.RECEIVED, ReturnState.REOPENED}:
        return False, Bilingual(f"镇已签收：{row.receipt}", f"received by the town: {row.receipt}")
    is_signed = row is not None and row.state is ReturnState.SIGNED
    if served_from is not None and served_from >= red_on and not is_signed:
        return False, Bilingual("该村20日前尚无人在册，不需上报", "not owed: nobody was served there before the 20th")
    if today >= red_on:
        return True, Bilingual("已逾期：应在20日前上报", "late: it was due before the 20th")
    if row is None:
        day, zh, en = DRAFT_DAY, "起草", "draft it"
    elif row.state is ReturnState.DRAFT:
        day, zh, en = SIGN_DAY, "村签字", "the village signs"
    else:
        day, zh, en = RECEIPT_DAY, "镇签收", "the town receives it"
    due_on = first.replace(day=day)
    is_late = today > due_on and (served_from is None or served_from <= due_on)
    return is_late, Bilingual(f"{due_on} 前{zh}", f"{en} by {due_on}")
