"""Why a home rings or does not, how well it is seen, and the rules that judge it, as JSON; changes nothing."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.home_views import ActivityView, CoverageView, ExplanationView, HomeRulesView
from api.problem_codes import ProblemCode, RefusedError
from api.routes.parameters import Id
from api.routes.visits import FIRST_DATE
from api.rule_views import PresetView, RulesView
from api.services import Account, Given, Services, signed_in
from core.localtime import local_date, zone

router = APIRouter(prefix="/api/v1", dependencies=[Depends(signed_in)])

NOT_YET = "那一刻还没有到 / that moment has not come yet"
NO_SUCH_DAY = "没有这一天的记录 / there is no record of such a day"

PastMs = Annotated[int | None, Query(ge=0, description="UTC epoch milliseconds, not in the future; left out: now")]

Day = Annotated[date | None, Query(description="A local day, YYYY-MM-DD; left out: today")]


@router.get("/homes/{home_id}/explanation", tags=["homes"], summary="Why a home rings, or why it does not")
async def get_explanation(given: Given, home_id: Id, at_ms: PastMs = None) -> ExplanationView:
    """Return state, evidence, silence, findings and what comes next; a past minute is told again from the journal.

    503 `too_many_replays` while others ask for the past, 503 `replay_too_long` for a journal too long for a request.
    """
    return await given.console.explanation(home_id, past_ms(given, at_ms))


@router.get("/homes/{home_id}/coverage", tags=["homes"], summary="How long a home was seen")
async def get_coverage(given: Given, home_id: Id) -> list[CoverageView]:
    """Return minutes seen, blind and away of each of the last 35 local days, oldest first; null: nothing vouches."""
    return list(await given.console.coverage(home_id))


@router.get("/homes/{home_id}/activity", tags=["homes"], summary="A home's day and its last four weeks")
async def get_activity(given: Given, home_id: Id, day: Day = None) -> ActivityView:
    """Return when each sensor showed life on a local day, and the active half hours of the 28 days that end with it."""
    return await given.console.activity(home_id, past_day(given, day))


@router.get("/homes/{home_id}/rules", tags=["homes"], summary="How a home is judged")
async def get_home_rules(given: Given, home_id: Id) -> HomeRulesView:
    """Return what cannot be seen in the home, how long it may be silent, and where its limits differ and why."""
    return await given.console.home_rules(home_id)


@router.get("/rules", tags=["rules"], summary="The rulebook in force")
async def get_rules(given: Given, account: Account) -> RulesView:
    """Return who changed the rules, when and why, their layers, and every limit with its default and reason."""
    return await given.console.rules(account)


@router.get("/rules/presets", tags=["rules"], summary="Ways to judge silence that have a name")
async def get_presets(given: Given) -> list[PresetView]:
    """Return every preset beside its measured false alarms in 30 days, its mean delay, and where it was measured."""
    return list(await given.console.presets())


def past_ms(given: Services, at_ms: int | None) -> int | None:
    """Return a moment that has come; raises RefusedError(validation) for one that has not."""
    if at_ms is not None and at_ms > given.now_ms():
        raise RefusedError(ProblemCode.VALIDATION, NOT_YET)
    return at_ms


def past_day(given: Services, day: date | None) -> date:
    """Return a day that has begun, today for none; raises RefusedError(validation) for one to come, or before all."""
    today = today_of(given)
    if day is not None and not FIRST_DATE <= day <= today:
        raise RefusedError(ProblemCode.VALIDATION, NOT_YET if day > today else NO_SUCH_DAY)
    return day or today


def today_of(given: Services) -> date:
    """Return the local day of the present."""
    return local_date(given.now_ms(), zone(given.zone_name))
