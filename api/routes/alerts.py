"""Alerts: list, read, acknowledge, close, press for a person rung by hand, reveal numbers; all as JSON."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from alerts.model import AlertState, Outcome
from api.board import acknowledge_key
from api.incident_views import AffectedPage
from api.looks import look
from api.paging import Page, next_cursor, read_cursor
from api.routes.parameters import MAX_NOTE_CHARS, CursorText, Id, IdempotencyKey, Limit, PageNumber
from api.services import Account, Given
from api.views import AlertDetail, AlertView, RevealedView

router = APIRouter(prefix="/api/v1", tags=["alerts"])

ALL_STATES = frozenset(AlertState)


class AlertsPage(Page):
    """One page of alerts, newest first."""

    items: list[AlertView]


class AcknowledgeBody(BaseModel):
    """The version of the alert that the clerk saw."""

    version: int = Field(ge=1)


class CloseBody(BaseModel):
    """The human fact that closes an alert."""

    outcome: Outcome
    note: str = Field(default="", max_length=MAX_NOTE_CHARS)
    version: int = Field(ge=1)


class PressBody(BaseModel):
    """The key the person said on the phone."""

    digits: str = Field(pattern=r"^[0-9*#]$")
    version: int | None = Field(
        default=None, ge=1, description="Of the alert as the clerk saw it; null: as it was when the call was placed"
    )


class RevealBody(BaseModel):
    """Why the clerk needs to see numbers and address."""

    reason: str = Field(min_length=2, max_length=MAX_NOTE_CHARS)


@router.get("/alerts", summary="Alerts, newest first")
async def get_alerts(
    given: Given,
    account: Account,
    state: Annotated[list[AlertState] | None, Query(description="May be given more than once; default: all")] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> AlertsPage:
    """Return alerts in the states asked for, newest first; follow next_cursor to the end."""
    at = read_cursor(cursor) if cursor else None
    skip = at.skip if at else 0
    before_ms = at.at_ms + 1 if at else None
    rows = await given.console.alerts(frozenset(state or ALL_STATES), skip + limit + 1, before_ms, account=account)
    more = next_cursor([row.opened_at_ms for row in rows], limit, skip)
    return AlertsPage(items=list(rows[skip : skip + limit]), next_cursor=str(more) if more else None)


@router.get(
    "/alerts/{alert_id}",
    summary="One alert with its story",
    dependencies=[Depends(look("alert.read", "alert_id"))],
)
async def get_alert(given: Given, account: Account, alert_id: Id) -> AlertDetail:  # noqa: ARG001 - demanded
    """Return evidence, attempts, story and ledger entry of one alert."""
    return await given.console.alert(alert_id)


@router.get(
    "/alerts/{alert_id}/homes",
    summary="The homes of a village's incident, by risk",
    dependencies=[Depends(look("alert.read", "alert_id"))],
)
async def get_affected(
    given: Given,
    account: Account,
    alert_id: Id,
    page: PageNumber = 1,
    limit: Limit = 50,
) -> AffectedPage:
    """Return who lives in the dark: key persons first, then the gravest, then whoever was not seen for longest."""
    return await given.console.affected(alert_id, page, limit, account=account)


@router.post("/alerts/{alert_id}/acknowledge", summary="Take an alert")
async def post_acknowledge(
    given: Given, account: Account, alert_id: Id, body: AcknowledgeBody, idempotency_key: IdempotencyKey = None
) -> AlertView:
    """Own the alert until its deadline; 409 `conflict` when somebody was first."""
    key = idempotency_key or acknowledge_key(alert_id, account, body.version)
    return await given.console.acknowledge(alert_id, account, body.version, key)


@router.post("/alerts/{alert_id}/close", summary="Close an alert with an outcome")
async def post_close(given: Given, account: Account, alert_id: Id, body: CloseBody) -> AlertView:
    """Close with what a human saw or heard; 409 `conflict` when the alert has moved on."""
    return await given.console.close(alert_id, body.outcome, body.note, account=account, version=body.version)


@router.post("/attempts/{attempt_id}/press", summary="Record the key a person said")
async def post_press(given: Given, account: Account, attempt_id: Id, body: PressBody) -> AlertDetail:
    """For a person the clerk rang by hand: what they said, as the key they would have pressed."""
    return await given.console.press(attempt_id, body.digits, account, version=body.version)


@router.post("/alerts/{alert_id}/reveal", summary="See numbers and address")
async def post_reveal(given: Given, account: Account, alert_id: Id, body: RevealBody) -> RevealedView:
    """Return unmasked numbers and the address; who looked and why is recorded first."""
    return await given.console.reveal(alert_id, body.reason, account)
