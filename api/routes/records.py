"""People, homes, devices and readings, to read; changes nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.home_views import DeviceView, HomeView, ReadingView
from api.looks import look
from api.paging import Page, next_cursor, read_cursor
from api.routes.parameters import CursorText, Id, Limit
from api.services import Account, Given, signed_in
from api.views import PersonView

MAX_TIME_MS = 4_102_444_800_000
"""2100-01-01: later than any reading, and small enough for every store."""

router = APIRouter(prefix="/api/v1", dependencies=[Depends(signed_in)])

TimeMs = Annotated[int, Query(ge=0, le=MAX_TIME_MS, description="UTC epoch milliseconds")]


class ReadingsPage(Page):
    """One page of readings, oldest first."""

    items: list[ReadingView]


@router.get("/people", tags=["people"], summary="All people", dependencies=[Depends(look("people.listed"))])
async def get_people(given: Given, account: Account) -> list[PersonView]:
    """Return the people of one's areas, names and phones masked."""
    return list(await given.console.people(account))


@router.get(
    "/people/{person_id}",
    tags=["people"],
    summary="One person",
    dependencies=[Depends(look("person.read", "person_id"))],
)
async def get_person(given: Given, person_id: Id) -> PersonView:
    """Return one person, name and phone masked."""
    return await given.console.person(person_id)


@router.get("/homes", tags=["homes"], summary="All homes")
async def get_homes(given: Given, account: Account) -> list[HomeView]:
    """Return the homes of one's areas with their last sign of life; a home we cannot see says that it is blind."""
    return list(await given.console.homes(account))


@router.get(
    "/homes/{home_id}", tags=["homes"], summary="One home", dependencies=[Depends(look("home.read", "home_id"))]
)
async def get_home(given: Given, home_id: Id) -> HomeView:
    """Return one home."""
    return await given.console.home(home_id)


@router.get("/homes/{home_id}/devices", tags=["homes"], summary="A home's devices")
async def get_devices(given: Given, home_id: Id) -> list[DeviceView]:
    """Return a home's devices and how long ago each spoke."""
    return list(await given.console.devices(home_id))


@router.get(
    "/homes/{home_id}/readings",
    tags=["homes"],
    summary="A home's readings",
    dependencies=[Depends(look("home.readings_read", "home_id"))],
)
async def get_readings(
    given: Given,
    home_id: Id,
    from_ms: TimeMs = 0,
    until_ms: TimeMs = MAX_TIME_MS,
    *,
    limit: Limit = 100,
    cursor: CursorText = None,
) -> ReadingsPage:
    """Return readings observed in [from_ms, until_ms), oldest first; follow next_cursor to the end."""
    at = read_cursor(cursor) if cursor else None
    skip = at.skip if at else 0
    rows = await given.console.readings(home_id, max(from_ms, at.at_ms) if at else from_ms, until_ms, skip + limit + 1)
    more = next_cursor([row.observed_at_ms for row in rows], limit, skip)
    return ReadingsPage(items=list(rows[skip : skip + limit]), next_cursor=str(more) if more else None)
