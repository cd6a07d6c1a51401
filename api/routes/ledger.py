"""The ledger as JSON: the due board, records, standing, follow-ups, special periods, returns, weather warnings."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.ledger_forms import (
    BenefitIn,
    BenefitStepIn,
    CorrectionIn,
    EntryIn,
    FactIn,
    FilledIn,
    FollowUpIn,
    MergeIn,
    SeenIn,
    SpecialIn,
    StepIn,
)
from api.ledger_views import (
    BenefitView,
    BoardView,
    FollowUpView,
    RecordView,
    ReturnView,
    SpecialView,
    StandingView,
)
from api.problem_codes import ProblemCode, RefusedError
from api.routes.parameters import Id, Month
from api.services import Account, Given, LedgerGiven

router = APIRouter(prefix="/api/v1/ledger", tags=["ledger"])
webhooks = APIRouter(tags=["callbacks"])

AREA_PATTERN = r"^[A-Za-z0-9_.:\-/]*$"
SIGNATURE_HEADER = "X-Shouwang-Signature"

Area = Annotated[str, Query(max_length=100, pattern=AREA_PATTERN, description="town, town/village or a grid")]
Worker = Annotated[str, Query(max_length=100, description="A contact id: only their people, and their route")]
Year = Annotated[int, Query(ge=2000, le=2099)]


@router.get("/board", summary="The due board")
async def get_board(
    account: Account,
    ledger: LedgerGiven,
    month: Month,
    area: Area = "",
    worker: Worker = "",
) -> BoardView:
    """Return who is due, overdue and at risk (D-10, D-5, D-2), by village, grid and worker, and the monthly rate."""
    return await ledger.board(month, area, worker, account=account)


@router.post("/records", status_code=201, summary="Write a visit down")
async def post_record(account: Account, ledger: LedgerGiven, entry: EntryIn) -> RecordView:
    """Write a visit down as a draft; the same `key`, or the same visit told again, is the record that is there."""
    return await ledger.record(entry, account)


@router.get("/records/unsigned", summary="Records that wait for a signature")
async def get_unsigned(account: Account, ledger: LedgerGiven, area: Area = "") -> list[RecordView]:
    """Return unsigned records, oldest first."""
    return list(await ledger.unsigned(area, account))


@router.get("/records/{visit_id}", summary="One record")
async def get_record(account: Account, ledger: LedgerGiven, visit_id: Id) -> RecordView:
    """Return a record with its form, its evidence and every version."""
    return await ledger.read(visit_id, account)


@router.post("/records/{visit_id}/form", summary="Fill a draft's form")
async def post_form(account: Account, ledger: LedgerGiven, visit_id: Id, form: FilledIn) -> RecordView:
    """Fill an unsigned record's form; 409 `conflict` when it is signed or moved on."""
    return await ledger.fill(visit_id, form, account)


@router.post("/records/{visit_id}/sign", summary="Sign a record")
async def post_sign(account: Account, ledger: LedgerGiven, visit_id: Id, seen: SeenIn) -> RecordView:
    """Sign a record: it gets its number and never changes again; 409 while the form is incomplete."""
    return await ledger.sign(visit_id, seen.version, account)


@router.post("/records/{visit_id}/correct", summary="Correct a signed record")
async def post_correct(account: Account, ledger: LedgerGiven, visit_id: Id, correction: CorrectionIn) -> RecordView:
    """Write a signed record's next version; the old one stays readable."""
    return await ledger.correct(visit_id, correction, account)


@router.post("/records/{visit_id}/approve", summary="Let a late entry count")
async def post_approve(account: Account, ledger: LedgerGiven, visit_id: Id, seen: SeenIn) -> RecordView:
    """Let an entry of more than 7 days later (补录) count; 409 for one's own."""
    return await ledger.approve(visit_id, seen.version, account)


@router.post("/records/{visit_id}/merge", summary="Merge a double entry")
async def post_merge(account: Account, ledger: LedgerGiven, visit_id: Id, merge: MergeIn) -> RecordView:
    """Merge a double entry into another record; it stays readable and counts for nothing."""
    return await ledger.merge(visit_id, merge, account)


@router.get("/people/{person_id}/standing", summary="How a person stands")
async def get_standing(account: Account, ledger: LedgerGiven, person_id: Id) -> StandingView:
    """Return how a person stands today, by which dated facts."""
    return await ledger.standing(person_id, account)


@router.post("/people/{person_id}/facts", status_code=201, summary="Add a fact of standing")
async def post_fact(account: Account, ledger: LedgerGiven, person_id: Id, fact: FactIn) -> StandingView:
    """Add a dated fact; a wrong one is voided by another, none is ever changed."""
    return await ledger.tell(person_id, fact, account)


@router.post("/people/{person_id}/monitored-month", status_code=201, summary="A monitored month's record")
async def post_monitored(account: Account, ledger: LedgerGiven, person_id: Id, month: Month) -> RecordView:
    """Make the record of a monitored month (C4b) for staff to sign; 409 below 20 covered days.

    A day is covered when 90 % of its minutes were seen and somebody gave a sign of life. It counts for nothing until
    the setting `remote_month_letter` names the town's letter, and never for a key person's home visit.
    """
    return await ledger.monitored(person_id, month, account)


@router.get("/follow-ups", summary="Follow-ups")
async def get_follow_ups(
    account: Account,
    ledger: LedgerGiven,
    area: Area = "",
    person_id: Annotated[str | None, Query(max_length=100)] = None,
) -> list[FollowUpView]:
    """Return the open ones of an area, or all of one person, the one due first first."""
    return list(await ledger.follow_ups(area, person_id, account))


@router.post("/follow-ups", status_code=201, summary="Open a follow-up")
async def post_follow_up(account: Account, ledger: LedgerGiven, follow_up: FollowUpIn) -> FollowUpView:
    """Open a hazard, urgent need or referral by hand; due in 7, 15 or 30 days."""
    return await ledger.open_follow_up(follow_up, account)


@router.post("/follow-ups/{follow_up_id}/step", summary="Take a follow-up a step further")
async def post_step(account: Account, ledger: LedgerGiven, follow_up_id: Id, step: StepIn) -> FollowUpView:
    """Take it a step further; closing needs an outcome and a day."""
    return await ledger.step_follow_up(follow_up_id, step, account)


@router.get("/benefits", summary="Benefits under way")
async def get_benefits(account: Account, ledger: LedgerGiven, area: Area = "") -> list[BenefitView]:
    """Return what people may be entitled to, whether they were told, and how far the application has come."""
    return list(await ledger.benefits(area, account))


@router.post("/benefits", status_code=201, summary="Somebody may be entitled")
async def post_benefit(account: Account, ledger: LedgerGiven, benefit: BenefitIn) -> BenefitView:
    """Write down that somebody may be entitled to a benefit."""
    return await ledger.find_benefit(benefit, account)


@router.post("/benefits/{eligibility_id}/step", summary="An application went a step further")
async def post_benefit_step(
    account: Account, ledger: LedgerGiven, eligibility_id: Id, step: BenefitStepIn
) -> BenefitView:
    """Take it a step further: told, applied, granted, refused, not wanted."""
    return await ledger.move_benefit(eligibility_id, step, account)


@router.get("/special-periods", summary="Festivals and extreme weather")
async def get_specials(account: Account, ledger: LedgerGiven, year: Year) -> list[SpecialView]:
    """Return a year's special periods."""
    return list(await ledger.specials(year, account))


@router.post("/special-periods", status_code=201, summary="Enter a special period")
async def post_special(account: Account, ledger: LedgerGiven, period: SpecialIn) -> SpecialView:
    """Enter, change or withdraw a period; one contact more is recommended to everybody there."""
    return await ledger.put_special(period, account)


@router.get("/returns", summary="A month's returns")
async def get_returns(account: Account, ledger: LedgerGiven, month: Month) -> list[ReturnView]:
    """Return each village's return of a month; due before the 20th."""
    return list(await ledger.returns(month, account))


@webhooks.post("/callbacks/weather", status_code=204, summary="A weather warning")
async def post_warning(request: Request, given: Given) -> Response:
    """Take a warning `{id, level, from_date, until_date, area, title, is_withdrawn}`; orange and red open a period.

    `X-Shouwang-Signature` is the HMAC-SHA256 of the body in hex, keyed with the setting `weather_secret`. The same id
    once more changes its period; the same body once more changes nothing.
    """
    body, ledger = await request.body(), given.ledger
    if ledger is None or not ledger.is_weather_signed(body, request.headers.get(SIGNATURE_HEADER, "")):
        raise RefusedError(ProblemCode.BAD_SIGNATURE)
    try:
        await ledger.take_warning(body)
    except ValueError as error:
        raise RefusedError(ProblemCode.VALIDATION) from error
    return Response(status_code=204)


def first_of(month: str | None, today: date) -> date:
    """Return the first day of a month such as 2024-02; of none, of the present one."""
    return date.fromisoformat(f"{month}-01") if month else today.replace(day=1)
