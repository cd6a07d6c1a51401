"""The console's pages of unknown devices and parked messages; every action is a plain form post that ends on a page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.routes.devices import MOST_ID, ParkedId
from api.routes.pages import Clerk, page
from api.routes.parameters import ID_PATTERN, MAX_ID_CHARS, Id
from api.services import Given
from api.watching import everywhere
from core.log import ParkReason
from registry.devices import MAX_ADDRESS_CHARS, MAX_TEXT_CHARS, Adoption, InboxState
from registry.homes import DeviceRole

router = APIRouter(include_in_schema=False)

PAGE_DEVICES = 100
"""Devices of one page, each with a form: a fitter's day."""

PAGE_MESSAGES = 100
WALK_REFRESH_S = 3
"""An installer waits before the sensor; a page of one home is some kilobytes."""


Address = Annotated[str, Form(min_length=1, max_length=MAX_ADDRESS_CHARS)]
Text = Annotated[str, Form(max_length=MAX_TEXT_CHARS)]


@router.get("/devices/inbox", dependencies=[Depends(everywhere)])
async def get_inbox_page(
    request: Request, given: Given, clerk: Clerk, state: InboxState = InboxState.WAITING
) -> Response:
    """Show devices that nobody registered, each with a form that adopts it and one that rejects it."""
    inbox = await given.console.inbox(state, clerk)
    roles = tuple(DeviceRole)
    return page(request, given, "inbox.html", account=clerk, inbox=inbox, state=state, roles=roles, most=PAGE_DEVICES)


@router.post("/devices/inbox/adopt", dependencies=[Depends(everywhere)])
async def post_adopt_form(
    given: Given,
    clerk: Clerk,
    address: Address,
    home_id: Annotated[str, Form(min_length=1, max_length=MAX_ID_CHARS, pattern=ID_PATTERN)],
    *,
    role: Annotated[DeviceRole, Form()],
    room: Text = "",
    name: Text = "",
    is_anyway: Annotated[bool, Form()] = False,
) -> Response:
    """Take a device into a home and show the home."""
    adoption = Adoption(address=address, role=role, room=room, name=name)
    await given.console.adopt(home_id, adoption, clerk, is_anyway=is_anyway)
    return RedirectResponse(f"/homes/{home_id}#devices-title", 303)


@router.post("/devices/inbox/reject", dependencies=[Depends(everywhere)])
async def post_reject_form(given: Given, clerk: Clerk, address: Address) -> Response:
    """Say that a device is none of ours."""
    await given.console.reject(address, clerk)
    return RedirectResponse("/devices/inbox", 303)


@router.get("/homes/{home_id}/walk")
async def get_walk_page(
    request: Request, given: Given, clerk: Clerk, home_id: Id, since_ms: Annotated[int, Query(ge=0, le=MOST_ID)] = 0
) -> Response:
    """Show which devices of a home have been heard since a walk through it began; begin one where none is named."""
    if not since_ms:
        return RedirectResponse(f"/homes/{home_id}/walk?since_ms={given.now_ms()}", 303)
    devices = await given.console.devices(home_id)
    heard = sum(one.last_heard_ms is not None and one.last_heard_ms >= since_ms for one in devices)
    response = page(
        request, given, "walk.html", account=clerk, home_id=home_id, since_ms=since_ms, devices=devices, heard=heard
    )
    response.headers["refresh"] = str(WALK_REFRESH_S)  # works without script, as every page does
    return response


@router.get("/parked", dependencies=[Depends(everywhere)])
async def get_parked_page(
    request: Request,
    given: Given,
    clerk: Clerk,
    reason: ParkReason | None = None,
    *,
    before_id: Annotated[int, Query(ge=0, le=MOST_ID)] = 0,
) -> Response:
    """Show messages that could not be read, by reason, with what mends each."""
    counts = await given.console.parked_counts()
    messages = await given.console.parked(PAGE_MESSAGES, reason, before_id)
    return page(
        request,
        given,
        "parked.html",
        account=clerk,
        counts=counts,
        messages=messages,
        refusals=await given.console.refusals(),
        reason=reason,
        most=PAGE_MESSAGES,
    )


@router.get("/parked/{parked_id}", dependencies=[Depends(everywhere)])
async def get_parked_message_page(request: Request, given: Given, clerk: Clerk, parked_id: ParkedId) -> Response:
    """Show one message with its payload."""
    message = await given.console.parked_message(parked_id)
    return page(request, given, "parked_message.html", account=clerk, message=message)


@router.post("/parked/{parked_id}/retry", dependencies=[Depends(everywhere)])
async def post_retry_form(given: Given, clerk: Clerk, parked_id: ParkedId) -> Response:
    """Ask for a message to be read again."""
    await given.console.retry_parked([parked_id], clerk)
    return RedirectResponse(f"/parked/{parked_id}", 303)
