"""The ledger's lists: due board, records to sign, follow-ups; the most urgent first, a page at a time, filtered."""

from collections import Counter
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.ledger_views import FollowUpView
from api.parts import FORMS_A_PAGE, ROWS_A_PAGE, part_of
from api.routes.insight import today_of
from api.routes.ledger import Area, Worker, first_of
from api.routes.ledger_pages import MonthText
from api.routes.pages import Clerk, ListPage, page
from api.routes.parameters import MAX_PAGES
from api.services import Given, LedgerGiven
from visits.due_board import Risk
from visits.follow_ups import FollowUpState

router = APIRouter(include_in_schema=False)


@router.get("/due")
async def get_due_page(
    request: Request,
    given: Given,
    clerk: Clerk,
    ledger: LedgerGiven,
    month: MonthText = None,
    *,
    area: Area = "",
    worker: Worker = "",
    risk: Risk | Literal[""] = "",
    page_number: ListPage = 1,
) -> Response:
    """Show who is due, overdue and at risk in an area; without one, the figures of every village."""
    board = await ledger.board(first_of(month, today_of(given)), area, worker, account=clerk, risk=risk or None)
    counts: Counter[Risk] = Counter()
    for village in board.villages:  # of everybody; the rows are a part
        counts.update(village.by_risk)
    return page(
        request,
        given,
        "due.html",
        account=clerk,
        board=board,
        villages=await ledger.villages(clerk),
        rows=part_of(board.rows, page_number),
        counts=counts,
        chosen=counts[risk] if risk else counts.total(),
        risk=risk,
        most=ROWS_A_PAGE,
    )


@router.get("/records")
async def get_records_page(
    request: Request, given: Given, clerk: Clerk, ledger: LedgerGiven, area: Area = "", *, page_number: ListPage = 1
) -> Response:
    """Show the records that wait for a signature, the oldest first."""
    records = part_of(await ledger.unsigned(area, clerk), page_number)
    villages = await ledger.villages(clerk)
    return page(request, given, "records.html", account=clerk, records=records, area=area, villages=villages)


@router.get("/follow-ups")
async def get_follow_ups_page(
    request: Request,
    given: Given,
    clerk: Clerk,
    ledger: LedgerGiven,
    area: Area = "",
    *,
    state: FollowUpState | Literal["", "overdue"] = "",
    page_number: ListPage = 1,
    benefits: Annotated[int, Query(ge=1, le=MAX_PAGES)] = 1,
) -> Response:
    """Show the open follow-ups, the earliest due first, and the benefits under way."""
    rows = sorted(await ledger.follow_ups(area, None, clerk), key=lambda one: (one.due_on, one.follow_up_id))
    return page(
        request,
        given,
        "follow_ups.html",
        account=clerk,
        today=today_of(given),
        area=area,
        villages=await ledger.villages(clerk),
        state=state,
        counts=Counter(one.state for one in rows),
        overdue=sum(one.is_overdue for one in rows),
        follow_ups=part_of([one for one in rows if is_shown(one, state)], page_number, FORMS_A_PAGE),
        benefits=part_of(await ledger.benefits(area, clerk), benefits, FORMS_A_PAGE),
    )


def is_shown(one: FollowUpView, state: FollowUpState | Literal["", "overdue"]) -> bool:
    """Say whether a follow-up is among those asked for; "" is all."""
    return one.is_overdue if state == "overdue" else state in ("", one.state)
