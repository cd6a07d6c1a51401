"""The ledger's pages: records, follow-ups' steps, standing, special periods, returns; each form is a plain post."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.ledger_forms import (
    BenefitIn,
    BenefitStepIn,
    CorrectionIn,
    FactIn,
    FilledIn,
    FollowUpIn,
    MergeIn,
    SeenIn,
    SpecialIn,
    StepIn,
)
from api.parts import same_list
from api.routes.ledger import first_of
from api.routes.pages import Clerk, page
from api.routes.paper import download
from api.routes.parameters import Id
from api.services import Given, LedgerGiven, Services
from core.localtime import local_date, zone
from registry.standing_facts import VISITING
from visits.returns import ReturnStep

router = APIRouter(include_in_schema=False)

MonthText = Annotated[str | None, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]


@router.get("/records/{visit_id}")
async def get_record_page(request: Request, given: Given, clerk: Clerk, ledger: LedgerGiven, visit_id: Id) -> Response:
    """Show a record: its form, what it counts for, its versions, and what can be done with it."""
    record = await ledger.read(visit_id, clerk)
    return page(request, given, "record.html", account=clerk, record=record, form=record.form)


@router.post("/records/{visit_id}/form")
async def post_form(clerk: Clerk, ledger: LedgerGiven, visit_id: Id, form: Annotated[FilledIn, Form()]) -> Response:
    """Fill a draft's form."""
    await ledger.fill(visit_id, form, clerk)
    return RedirectResponse(f"/records/{visit_id}", 303)


@router.post("/records/{visit_id}/sign")
async def post_sign(clerk: Clerk, ledger: LedgerGiven, visit_id: Id, seen: Annotated[SeenIn, Form()]) -> Response:
    """Sign a record."""
    await ledger.sign(visit_id, seen.version, clerk)
    return RedirectResponse(f"/records/{visit_id}", 303)


@router.post("/records/{visit_id}/correct")
async def post_correct(
    clerk: Clerk, ledger: LedgerGiven, visit_id: Id, correction: Annotated[CorrectionIn, Form()]
) -> Response:
    """Correct a signed record."""
    await ledger.correct(visit_id, correction, clerk)
    return RedirectResponse(f"/records/{visit_id}", 303)


@router.post("/records/{visit_id}/approve")
async def post_approve(clerk: Clerk, ledger: LedgerGiven, visit_id: Id, seen: Annotated[SeenIn, Form()]) -> Response:
    """Let a late entry count."""
    await ledger.approve(visit_id, seen.version, clerk)
    return RedirectResponse(f"/records/{visit_id}", 303)


@router.post("/records/{visit_id}/merge")
async def post_merge(clerk: Clerk, ledger: LedgerGiven, visit_id: Id, merge: Annotated[MergeIn, Form()]) -> Response:
    """Merge a double entry."""
    await ledger.merge(visit_id, merge, clerk)
    return RedirectResponse(f"/records/{visit_id}", 303)


@router.get("/standing/{person_id}")
async def get_standing_page(
    request: Request, given: Given, clerk: Clerk, ledger: LedgerGiven, person_id: Id
) -> Response:
    """Show how a person stands, and all follow-ups of theirs."""
    standing = await ledger.standing(person_id, clerk)
    follow_ups = await ledger.follow_ups("", person_id, clerk)
    return page(
        request, given, "standing.html", account=clerk, standing=standing, follow_ups=follow_ups, visiting=VISITING
    )


@router.post("/standing/{person_id}")
async def post_fact(clerk: Clerk, ledger: LedgerGiven, person_id: Id, fact: Annotated[FactIn, Form()]) -> Response:
    """Add a fact."""
    await ledger.tell(person_id, fact, clerk)
    return RedirectResponse(f"/standing/{person_id}", 303)


@router.post("/standing/{person_id}/monitored")
async def post_monitored(
    clerk: Clerk,
    ledger: LedgerGiven,
    person_id: Id,
    month: Annotated[str, Form(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")],
) -> Response:
    """Make a monitored month's record."""
    record = await ledger.monitored(person_id, date.fromisoformat(f"{month}-01"), clerk)
    return RedirectResponse(f"/records/{record.visit_id}", 303)


@router.post("/follow-ups")
async def post_follow_up(clerk: Clerk, ledger: LedgerGiven, follow_up: Annotated[FollowUpIn, Form()]) -> Response:
    """Open one by hand."""
    await ledger.open_follow_up(follow_up, clerk)
    return RedirectResponse("/follow-ups", 303)


@router.post("/follow-ups/{follow_up_id}/step")
async def post_step(
    request: Request, clerk: Clerk, ledger: LedgerGiven, follow_up_id: Id, step: Annotated[StepIn, Form()]
) -> Response:
    """Take one a step further."""
    await ledger.step_follow_up(follow_up_id, step, clerk)
    return same_list(request, "/follow-ups")


@router.post("/benefits")
async def post_benefit(clerk: Clerk, ledger: LedgerGiven, benefit: Annotated[BenefitIn, Form()]) -> Response:
    """Write down that somebody may be entitled."""
    await ledger.find_benefit(benefit, clerk)
    return RedirectResponse("/follow-ups", 303)


@router.post("/benefits/{eligibility_id}/step")
async def post_benefit_step(
    request: Request, clerk: Clerk, ledger: LedgerGiven, eligibility_id: Id, step: Annotated[BenefitStepIn, Form()]
) -> Response:
    """Take an application a step further."""
    await ledger.move_benefit(eligibility_id, step, clerk)
    return same_list(request, "/follow-ups")


@router.get("/special")
async def get_special_page(
    request: Request,
    given: Given,
    clerk: Clerk,
    ledger: LedgerGiven,
    year: Annotated[int | None, Query(ge=2000, le=2099)] = None,
) -> Response:
    """Show a year's festivals and warnings."""
    shown = year or _today(given).year
    return page(request, given, "special.html", account=clerk, year=shown, periods=await ledger.specials(shown, clerk))


@router.post("/special")
async def post_special(clerk: Clerk, ledger: LedgerGiven, period: Annotated[SpecialIn, Form()]) -> Response:
    """Enter, change or withdraw a period."""
    await ledger.put_special(period, clerk)
    return RedirectResponse(f"/special?year={period.from_date.year}", 303)


@router.get("/returns")
async def get_returns_page(
    request: Request, given: Given, clerk: Clerk, ledger: LedgerGiven, month: MonthText = None
) -> Response:
    """Show each village's return of a month."""
    first = first_of(month, _today(given))
    return page(request, given, "returns.html", account=clerk, first=first, returns=await ledger.returns(first, clerk))


@router.post("/returns")
async def post_return(
    clerk: Clerk,
    ledger: LedgerGiven,
    month: Annotated[str, Form(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")],
    area: Annotated[str, Form(min_length=1, max_length=100)],
) -> Response:
    """Draw up a village's return."""
    await ledger.draft_return(date.fromisoformat(f"{month}-01"), area, clerk)
    return RedirectResponse(f"/returns?month={month}", 303)


@router.post("/returns/{return_id}/step")
async def post_return_step(
    clerk: Clerk,
    ledger: LedgerGiven,
    return_id: Id,
    step: Annotated[ReturnStep, Form()],
    version: Annotated[int, Form(ge=1)],
    *,
    text: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Take a return a step further."""
    row = await ledger.step_return(return_id, step, version=version, text=text, account=clerk)
    return RedirectResponse(f"/returns?month={row.month:%Y-%m}", 303)


@router.get("/returns/{return_id}/sheet")
async def get_sheet(clerk: Clerk, ledger: LedgerGiven, return_id: Id) -> Response:
    """Give a return as XLSX."""
    return download(await ledger.return_file(return_id, "xlsx", clerk), "xlsx")


@router.get("/returns/{return_id}/paper")
async def get_paper(clerk: Clerk, ledger: LedgerGiven, return_id: Id) -> Response:
    """Give a return as PDF, to be signed and kept."""
    return download(await ledger.return_file(return_id, "pdf", clerk), "pdf")


def _today(given: Services) -> date:
    return local_date(given.now_ms(), zone(given.zone_name))
