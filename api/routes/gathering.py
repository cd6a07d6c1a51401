"""Gathered lists as JSON: try, take, list, read the fate of each row, decide what contradicts."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from api.problem_codes import ProblemCode, RefusedError
from api.registry_ports import Gatherings
from api.registry_views import ConflictView, GatheringView, PlanView
from api.routes.parameters import MAX_NOTE_CHARS, Id
from api.services import Account, Given, signed_in
from registry.gathering import Outcome, Source

router = APIRouter(prefix="/api/v1/gathering", tags=["register"], dependencies=[Depends(signed_in)])

LIST_BODY = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


def given_gatherings(given: Given) -> Gatherings:
    """Return the gathered lists; raises RefusedError(not_found) where the service keeps none."""
    if given.gatherings is None:
        raise RefusedError(ProblemCode.NOT_FOUND)
    return given.gatherings


Gathered = Annotated[Gatherings, Depends(given_gatherings)]


class Decision(BaseModel):
    """Which of two values stands, and why."""

    decided: Literal["kept", "offered"]
    why: str = Field(min_length=2, max_length=MAX_NOTE_CHARS)


class Ending(BaseModel):
    """How looking for a named person at home ended, and how that is known."""

    outcome: Outcome
    why: str = Field(min_length=2, max_length=MAX_NOTE_CHARS)


@router.get("", summary="Gathered lists")
async def get_gatherings(gathered: Gathered, account: Account) -> list[GatheringView]:
    """Return the lists that were taken in, the latest first."""
    return list(await gathered.latest(account))


@router.post("", summary="Try or take a list", openapi_extra={"requestBody": {"required": True} | LIST_BODY})
async def post_gathering(
    gathered: Gathered,
    account: Account,
    request: Request,
    source: Source,
    *,
    dry_run: Annotated[bool, Query(description="Tell each row's fate and change nothing")] = True,
) -> PlanView:
    """Send an .xlsx or .csv as the body; every row has its fate, taken whole or not at all."""
    content = await request.body()
    act = gathered.plan if dry_run else gathered.take
    return await act(content, source, account)


@router.get("/conflicts", summary="What contradicts")
async def get_conflicts(gathered: Gathered, account: Account) -> list[ConflictView]:
    """Return the fields that nobody has decided; what they say is shown at the desk, with a reason."""
    return list(await gathered.conflicts(account))


@router.post("/conflicts/{conflict_id}", summary="Decide what contradicts", status_code=204)
async def post_decision(gathered: Gathered, account: Account, conflict_id: Id, body: Decision) -> None:
    """Let the register's value stand or take the list's; 409 `conflict` when somebody was first."""
    await gathered.decide(conflict_id, body.decided, why=body.why, account=account)


@router.post("/verifications/{person_id}", summary="How looking for a person ended", status_code=204)
async def post_ending(gathered: Gathered, account: Account, person_id: Id, body: Ending) -> None:
    """Write down that a person whom a list named was seen, has moved, died, or was not found (R15)."""
    await gathered.close(person_id, body.outcome, why=body.why, account=account)


@router.get("/{gathering_id}", summary="The fate of each row")
async def get_gathering(gathered: Gathered, account: Account, gathering_id: Id) -> PlanView:
    """Return a list that was taken in, masked; the look is recorded."""
    return await gathered.one(gathering_id, account)
