"""The console's pages, to look at: login, duty board, one alert, the ledger; the changes stand in routes/actions.py."""

from collections import Counter
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.board import read_board
from api.incident_views import AffectedPage
from api.language import language_of
from api.looks import look
from api.parts import part_of, villages_of
from api.routes.parameters import MAX_PAGES, Id
from api.services import Given, Services, account_or_none
from api.views import AlertDetail, DueStatus, DueView
from api.watching import is_everywhere
from core.localtime import local_date, zone
from registry.areas import is_within
from registry.people import Tier
from rules.findings import FindingKind
from visits.model import Obligation

router = APIRouter(include_in_schema=False)

HOMES_A_PAGE = 50
"""Of a village's incident: a page that opens at once, and that somebody can go through by telephone in an hour."""

MOST_OWED = 20
"""Home visits owed, above the table that lists them all: the number is said, and the table is not far below."""

ListPage = Annotated[int, Query(alias="page", ge=1, le=MAX_PAGES)]


class LoginNeededError(Exception):
    """A page was asked for by somebody who is not logged in; they are sent to the login page."""


async def at_the_desk(request: Request, given: Given, account: Annotated[str | None, Depends(account_or_none)]) -> str:
    """Return who is logged in, the names of areas read for their page and what its menu leads to; LoginNeededError."""
    if account is None:
        raise LoginNeededError
    await given.places.refresh(given.register)
    request.state.is_everywhere = await is_everywhere(given, account)
    request.state.deeds = await given.console.deeds(account)
    return account


Clerk = Annotated[str, Depends(at_the_desk)]


def page(request: Request, given: Services, name: str, /, *, status: int = 200, **context: Any) -> Response:  # noqa: ANN401 - what a template shows
    """Return a page in the reader's language; every template is given the present and who is logged in."""
    address = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    here = address if request.method == "GET" and status == HTTPStatus.OK else "/"  # a form's answer has no address
    may: dict[str, Any] = {  # nobody is logged in: no menu
        "is_everywhere": getattr(request.state, "is_everywhere", False),
        "deeds": getattr(request.state, "deeds", ()),
    }
    shown = {"account": None, "now_ms": given.now_ms(), "address": here, **may, **context}
    templates = given.templates[language_of(request.cookies, given.language)]
    return templates.TemplateResponse(request, name, shown, status_code=status)


@router.get("/login")
async def get_login(request: Request, given: Given) -> Response:
    """Show the login form."""
    return page(request, given, "login.html", problem=None, name="")


@router.get("/")
async def get_board(request: Request, given: Given, clerk: Clerk) -> Response:
    """Show the duty board."""
    return page(request, given, "board.html", account=clerk, board=await read_board(given.console, clerk))


@router.get("/board")
async def get_board_fragment(request: Request, given: Given, clerk: Clerk) -> Response:
    """Show the board without its frame, for the script to swap in."""
    return page(request, given, "_board.html", account=clerk, board=await read_board(given.console, clerk))


@router.get("/alerts/{alert_id}", dependencies=[Depends(look("alert.read", "alert_id"))])
async def get_alert_page(
    request: Request, given: Given, clerk: Clerk, alert_id: Id, page_number: ListPage = 1
) -> Response:
    """Show one alert with its story, and the homes that it explains."""
    alert = await given.console.alert(alert_id)
    affected = await affected_of(given, alert, clerk, page_number)
    return page(request, given, "alert.html", account=clerk, alert=alert, revealed=None, affected=affected)


@router.get("/visits")
async def get_visits_page(
    request: Request,
    given: Given,
    clerk: Clerk,
    month: Annotated[str | None, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")] = None,
    *,
    area: Annotated[str, Query(max_length=100)] = "",
    state: DueStatus | Literal[""] = "",
    page_number: ListPage = 1,
    ledger_page: Annotated[int, Query(alias="ledger", ge=1, le=MAX_PAGES)] = 1,
) -> Response:
    """Show what a month owes, the most urgent first, and its ledger, the newest first; the present month unnamed."""
    today = local_date(given.now_ms(), zone(given.zone_name))
    first = date.fromisoformat(f"{month}-01") if month else today.replace(day=1)
    due = sorted(await given.console.due(first, clerk), key=due_order)
    visits = await given.console.visits(None, first, last_day(first), account=clerk)
    villages = villages_of(row.area for row in due)
    if area:
        due = [row for row in due if is_within(row.area, area)]
        people = {row.person.person_id for row in due}
        visits = [visit for visit in visits if visit.person.person_id in people]
    owed = [row for row in due if is_owed_home_visit(row)]
    return page(
        request,
        given,
        "visits.html",
        account=clerk,
        first=first,
        due=part_of([row for row in due if state in ("", row.status)], page_number),
        counts=Counter(row.status for row in due),
        owed_home_visits=owed[:MOST_OWED],
        owed=len(owed),
        is_owed_home_visit=is_owed_home_visit,
        visits=part_of(sorted(visits, key=lambda visit: (-visit.started_at_ms, visit.visit_id)), ledger_page),
        area=area,
        villages=villages,
        state=state,
    )


@router.get("/favicon.ico")
async def get_favicon() -> Response:
    """Send browsers that ask unasked to the drawn one."""
    return RedirectResponse("/static/favicon.svg", 308)


async def affected_of(given: Services, alert: AlertDetail, account: str, number: int = 1) -> AffectedPage | None:
    """Return a page of the homes that an alert explains; None for one that is about a single home."""
    if FindingKind.INFRASTRUCTURE not in alert.kinds:
        return None
    return await given.console.affected(alert.alert_id, number, HOMES_A_PAGE, account=account)


def is_owed_home_visit(row: DueView) -> bool:
    """Say whether a key person is owed a home visit: shown in red whatever the sensors say."""
    return row.obligation is Obligation.KEY_HALFMONTH and row.owed > 0 and row.status is not DueStatus.NOT_REQUIRED


def due_order(row: DueView) -> tuple[bool, bool, bool, date, str]:
    """Order what is overdue first, then what is owed, key people before the rest."""
    return (
        row.status is not DueStatus.OVERDUE,
        row.status is not DueStatus.OPEN,
        row.person.tier is not Tier.KEY,
        row.window_until,
        row.person.person_id,
    )


def last_day(first: date) -> date:
    """Return the last day of the month that begins on `first`."""
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
