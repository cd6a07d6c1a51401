"""The visit ledger and what is owed, as JSON; signing is the one change."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from api.routes.parameters import ID_PATTERN, MAX_ID_CHARS, Id, Month
from api.services import Account, Given
from api.views import DueView, VisitView

router = APIRouter(prefix="/api/v1/visits", tags=["visits"])

FIRST_DATE = date(2020, 1, 1)
LAST_DATE = date(2099, 12, 31)


@router.get("", summary="The visit ledger")
async def get_visits(
    given: Given,
    account: Account,
    person_id: Annotated[str | None, Query(max_length=MAX_ID_CHARS, pattern=ID_PATTERN)] = None,
    from_date: date = FIRST_DATE,
    until_date: date = LAST_DATE,
) -> list[VisitView]:
    """Return contacts of one person or all, dates inclusive, newest first, each with what it counts for and why."""
    return list(await given.console.visits(person_id, from_date, until_date, account=account))


@router.get("/due", summary="What a month owes")
async def get_due(given: Given, account: Account, month: Month) -> list[DueView]:
    """Return each person's obligations of a month; a key person's home visits are owed whatever sensors say."""
    return list(await given.console.due(month, account))


@router.post("/{visit_id}/review", summary="Sign a contact")
async def post_review(given: Given, account: Account, visit_id: Id) -> VisitView:
    """Sign a call that was confirmed by key, so that it counts; 409 `conflict` when signed or too late."""
    return await given.console.review_visit(visit_id, account)
