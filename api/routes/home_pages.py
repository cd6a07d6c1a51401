"""The console's pages about homes and rules, to look at; plain forms ask for an area, a minute or a day."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.home_page import MAX_HOMES, read_home_page, read_homes, read_now
from api.looks import look
from api.problem_codes import ProblemCode, RefusedError
from api.routes.insight import NO_SUCH_DAY, past_day, past_ms, today_of
from api.routes.pages import Clerk, page
from api.routes.parameters import Id
from api.services import Given, Services
from core.localtime import from_ms, to_ms, zone

router = APIRouter(include_in_schema=False)

MAX_AREA_CHARS = 200
"""Town, village and grid by their ids; what is longer is no area."""

Area = Annotated[str, Query(max_length=MAX_AREA_CHARS)]

Minute = Annotated[str, Query(pattern=r"^(20\d\d-\d\d-\d\dT\d\d:\d\d(:\d\d)?)?$")]
"""As a browser's field of date and time sends it, on the wall clock of the town; empty: now."""

Day = Annotated[str, Query(pattern=r"^(20\d\d-\d\d-\d\d)?$")]


@router.get("/homes")
async def get_homes_page(request: Request, given: Given, clerk: Clerk, area: Area = "") -> Response:
    """Show every home, or those of an area."""
    homes = await read_homes(given.console, area.strip().strip("/"), clerk)
    return page(request, given, "homes.html", account=clerk, page=homes, most=MAX_HOMES)


@router.get("/homes/{home_id}", dependencies=[Depends(look("home.read", "home_id"))])
async def get_home_page(
    request: Request, given: Given, clerk: Clerk, home_id: Id, at: Minute = "", *, day: Day = ""
) -> Response:
    """Show one home; `at` asks why it rang or did not at a past minute."""
    at_ms = past_ms(given, minute_ms(given, at))
    shown = await read_home_page(
        given.console, home_id, chosen_day(given, day, at_ms), at_ms=at_ms, now_ms=given.now_ms()
    )
    status = 200 if shown.past_problem is None else shown.past_problem.status
    return page(request, given, "home.html", status=status, account=clerk, page=shown, now=shown.now, at=at)


@router.get("/homes/{home_id}/now")
async def get_home_fragment(request: Request, given: Given, clerk: Clerk, home_id: Id) -> Response:
    """Show how a home stands without the rest of its page, for the script to swap in."""
    return page(request, given, "_home_now.html", account=clerk, now=await read_now(given.console, home_id))


@router.get("/rules")
async def get_rules_page(request: Request, given: Given, clerk: Clerk) -> Response:
    """Show the rulebook in force, the presets, and every limit."""
    rules, presets = await given.console.rules(clerk), await given.console.presets()
    return page(request, given, "rules.html", account=clerk, rules=rules, presets=presets)


def minute_ms(given: Services, text: str) -> int | None:
    """Return a minute of the town's wall clock as an instant, None for none; raises RefusedError(validation)."""
    if not text:
        return None
    try:
        return to_ms(datetime.fromisoformat(text).replace(tzinfo=zone(given.zone_name)))
    except ValueError as error:
        raise RefusedError(ProblemCode.VALIDATION, "没有这个时间 / there is no such time") from error


def chosen_day(given: Services, text: str, at_ms: int | None) -> date:
    """Return the day to draw: the one asked for, else that of the minute asked for, else today."""
    if not text:
        return today_of(given) if at_ms is None else from_ms(at_ms, zone(given.zone_name)).date()
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise RefusedError(ProblemCode.VALIDATION, NO_SUCH_DAY) from error
    return past_day(given, day)
