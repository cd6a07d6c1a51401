"""The register's pages, to look at: list, entry, form, refresh, history, audit; registry_actions changes it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.annex1_inputs import form_page
from api.registry_views import EntryRowView, ServiceState
from api.routes.insight import today_of
from api.routes.pages import Clerk, page
from api.routes.parameters import Id
from api.routes.people import AreaText, Registered
from api.services import Given
from registry.annex1 import Annex1
from registry.annex1_words import CAPACITY_WORDS, CATEGORY_WORDS, SECTIONS, TITLE
from registry.areas import AreaTree, is_within
from registry.consent import CAPACITY_WORDS as LEGAL_WORDS
from registry.consent import PURPOSE_WORDS, STATE_WORDS
from registry.entries import RELATION_WORDS
from registry.refresh import CHANNEL_WORDS, STAGE_WORDS, DueStage

router = APIRouter(include_in_schema=False)

MAX_ROWS = 500
"""A village has some hundred; more are asked for by area."""

AUDIT_ROWS = 200

WORDS = {
    "capacities": CAPACITY_WORDS,
    "categories": CATEGORY_WORDS,
    "sections": SECTIONS,
    "title": TITLE,
    "purposes": PURPOSE_WORDS,
    "consent_states": STATE_WORDS,
    "legal": LEGAL_WORDS,
    "relations": RELATION_WORDS,
    "channels": CHANNEL_WORDS,
    "stages": STAGE_WORDS,
}
"""What the register's templates say for codes."""

FILTERS: Mapping[str, Callable[[EntryRowView], bool]] = {
    "all": lambda _row: True,
    "waiting": lambda row: row.state is ServiceState.WAITING,
    "help": lambda row: row.needs_help,
    "child": lambda row: row.child_silent,
}


@router.get("/registry")
async def get_registry_page(
    request: Request,
    given: Given,
    clerk: Clerk,
    register: Registered,
    area: AreaText = "",
    *,
    show: Annotated[str, Query(pattern="^(all|waiting|help|child)$")] = "all",
) -> Response:
    """List the register, or those of an area: all, not yet activated, without help (R7), children silent (R11)."""
    within = area.strip().strip("/")
    rows = await register.entries(within, clerk)
    return page(
        request,
        given,
        "registry.html",
        account=clerk,
        rows=[row for row in rows if FILTERS[show](row)][:MAX_ROWS],
        counts={name: sum(map(chosen, rows)) for name, chosen in FILTERS.items()},
        show=show,
        area=within,
        areas=(await register.areas()).areas.values(),
        most=MAX_ROWS,
        words=WORDS,
    )


@router.get("/registry/new")
async def get_new_entry_page(request: Request, given: Given, clerk: Clerk, register: Registered) -> Response:
    """Show an empty form."""
    form = Annex1(filed_on=today_of(given))
    areas = (await register.areas()).areas.values()
    return page(
        request,
        given,
        "entry_form.html",
        account=clerk,
        form=form_page(form),
        person_id="",
        version=0,
        area="",
        areas=areas,
        why="",
        words=WORDS,
    )


@router.get("/registry/refresh")
async def get_refresh_page(
    request: Request, given: Given, clerk: Clerk, register: Registered, area: AreaText = ""
) -> Response:
    """Show whose entry is to be refreshed (R18), the overdue first, and the half-yearly snapshots."""
    order = list(DueStage)
    within = area.strip().strip("/")
    rows = sorted(await register.entries(within, clerk), key=lambda row: (order.index(row.stage), row.area))
    return page(
        request,
        given,
        "refresh.html",
        account=clerk,
        rows=[row for row in rows if row.stage is not DueStage.LATER][:MAX_ROWS],
        counts={stage: sum(row.stage is stage for row in rows) for stage in order},
        snapshots=await register.snapshots(),
        area=within,
        areas=(await register.areas()).areas.values(),
        words=WORDS,
    )


@router.get("/registry/unverified")
async def get_unverified_page(
    request: Request, given: Given, clerk: Clerk, register: Registered, area: AreaText = ""
) -> Response:
    """Show by grid who is not verified yet (R15), until nobody is left: 不漏一户、不漏一人."""
    within = area.strip().strip("/")
    rows = await register.entries(within, clerk)
    tree = await register.areas()
    return page(
        request,
        given,
        "unverified.html",
        account=clerk,
        grids=coverage(rows, tree, within),
        total=(sum(row.verified_on is not None for row in rows), len(rows)),
        area=within,
        areas=tree.areas.values(),
        words=WORDS,
    )


@router.get("/registry/{person_id}")
async def get_entry_page(request: Request, given: Given, clerk: Clerk, register: Registered, person_id: Id) -> Response:
    """Show one entry, masked, with what can be done to it."""
    entry = await register.entry(person_id, clerk)
    return page(request, given, "entry.html", account=clerk, entry=entry, today=today_of(given), words=WORDS)


@router.get("/registry/{person_id}/history")
async def get_history_page(
    request: Request, given: Given, clerk: Clerk, register: Registered, person_id: Id
) -> Response:
    """Show every version: who changed what, when, why."""
    versions = await register.history(person_id, clerk)
    return page(request, given, "entry_history.html", account=clerk, person_id=person_id, versions=versions)


@router.get("/audit")
async def get_audit_page(
    request: Request,
    given: Given,
    clerk: Clerk,
    register: Registered,
    subject: Annotated[str, Query(max_length=100)] = "",
    *,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Show the chain, the newest first, and whether it holds."""
    rows = await register.audit(subject.strip(), before, AUDIT_ROWS + 1)
    return page(
        request,
        given,
        "audit.html",
        account=clerk,
        rows=rows[:AUDIT_ROWS],
        older=rows[AUDIT_ROWS - 1].number if len(rows) > AUDIT_ROWS else None,
        subject=subject.strip(),
        verdict=await register.verify_audit(),
    )


def coverage(
    people: Sequence[EntryRowView], tree: AreaTree, within: str
) -> list[tuple[str, str, int, int, list[EntryRowView]]]:
    """Return each grid: path, name, verified, people, and who is left; grids with nobody are there too."""
    paths = {row.area for row in people} | {grid.path for grid in tree.grids(within)}
    found: list[tuple[str, str, int, int, list[EntryRowView]]] = []
    for path in sorted(path for path in paths if is_within(path, within)):
        here = [row for row in people if row.area == path]
        left = [row for row in here if row.verified_on is None]
        found.append((path, tree.full_name(path), len(here) - len(left), len(here), left))
    return found
