"""What the pages of homes show and in which order; reads the console's port, changes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from api.drawing import Drawing, coverage_drawing, day_drawing, limit_drawing, rows_of, stretches, strip_drawing
from api.home_views import (
    ActiveDayView,
    ActivityView,
    CoverageView,
    DeviceView,
    ExplanationView,
    HomeRulesView,
    HomeView,
    StripView,
)
from api.ports import Console
from api.problem_codes import RefusedError
from api.problems import problem_of
from core.errors import NotFoundError
from rules.home_mode import PRECEDENCE, HomeMode

MAX_HOMES = 500
"""Rows of one page: a township's; a county is looked at area by area."""


@dataclass(frozen=True, kw_only=True)
class HomesPage:
    """The homes of an area, blind ones first."""

    area: str
    areas: list[str]
    homes: list[HomeView]
    count: int
    modes: list[tuple[HomeMode | None, int]]  # the graver first; None: of homes that were never heard


@dataclass(frozen=True, kw_only=True)
class HomeNow:
    """How one home stands at this moment."""

    home: HomeView
    rules: HomeRulesView
    why: ExplanationView | None
    problem: RefusedError | None  # why nothing can be explained


@dataclass(frozen=True, kw_only=True)
class HomePage:
    """Everything on one home's page."""

    now: HomeNow
    past: ExplanationView | None
    past_problem: RefusedError | None
    devices: Sequence[DeviceView]
    activity: ActivityView
    strips: list[tuple[StripView, Drawing, list[tuple[int, int]]]]
    days: list[tuple[ActiveDayView, Drawing]]
    limit: Drawing | None
    coverage: list[tuple[CoverageView, Drawing]] = field(default_factory=list[tuple[CoverageView, Drawing]])


async def read_homes(console: Console, area: str, account: str) -> HomesPage:
    """Return an account's homes whose area begins with a prefix; empty: all."""
    known = await console.homes(account)
    chosen = [home for home in known if is_within(home.area, area)]
    counts = Counter(home.mode for home in chosen)
    return HomesPage(
        area=area,
        areas=areas_of(known),
        homes=sorted(chosen, key=blind_first)[:MAX_HOMES],
        count=len(chosen),
        modes=[(mode, counts[mode]) for mode in (None, *PRECEDENCE) if counts[mode]],
    )


async def read_now(console: Console, home_id: str) -> HomeNow:
    """Return how a home stands; raises NotFoundError for a home that is not registered."""
    home, rules = await console.home(home_id), await console.home_rules(home_id)
    why, problem = await _explained(console, home_id, None)
    return HomeNow(home=home, rules=rules, why=why, problem=problem)


async def read_home_page(console: Console, home_id: str, day: date, *, at_ms: int | None, now_ms: int) -> HomePage:
    """Return a home's page; `at_ms` is the past minute that is asked for, None when none is."""
    now = await read_now(console, home_id)
    past, past_problem = (None, None) if at_ms is None else await _explained(console, home_id, at_ms)
    activity = await console.activity(home_id, day)
    silence = now.rules.silence
    return HomePage(
        now=now,
        past=past,
        past_problem=past_problem,
        devices=await console.devices(home_id),
        activity=activity,
        strips=[(strip, strip_drawing(strip, activity, now_ms), stretches(strip.spans)) for strip in activity.strips],
        days=[(row, day_drawing(row, silence, now_ms)) for row in rows_of(activity, silence)],
        limit=None if silence is None else limit_drawing(silence),
        coverage=[(one, coverage_drawing(one)) for one in reversed(await console.coverage(home_id))],
    )


def is_within(area: str, prefix: str) -> bool:
    """Return whether an area is the one asked for or lies in it, e.g. "shuren/qiaotou/g3" in "shuren"."""
    return not prefix or area == prefix or area.startswith(f"{prefix}/")


def areas_of(homes: Sequence[HomeView]) -> list[str]:
    """Return every area that can be asked for: towns, villages and grids, in order."""
    found: set[str] = set()
    for area in {home.area for home in homes}:
        parts = area.split("/")
        found.update("/".join(parts[: depth + 1]) for depth in range(len(parts)))
    return sorted(found - {""})


def blind_first(home: HomeView) -> tuple[bool, bool, int, str]:
    """Order homes we cannot see first, then those with an alert, then those longest without a sign of life."""
    last_ms = home.last_sign.at_ms if home.last_sign else 0
    return (not home.is_blind, home.open_alert_id is None, last_ms, home.home_id)


async def _explained(
    console: Console, home_id: str, at_ms: int | None
) -> tuple[ExplanationView | None, RefusedError | None]:
    try:
        return await console.explanation(home_id, at_ms), None
    except (NotFoundError, RefusedError) as error:
        return None, problem_of(error)
