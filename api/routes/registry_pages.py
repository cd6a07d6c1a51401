"""The register's pages, to look at: list, entry, form, refresh, history, audit; registry_actions changes it."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.annex1_inputs import form_page
from api.coverage import by_grid, coverage
from api.parts import FORMS_A_PAGE, part_of
from api.registry_views import EntryRowView, ServiceState
from api.routes.insight import today_of
from api.routes.pages import Clerk, ListPage, page
from api.routes.parameters import Id
from api.routes.people import AreaText, Registered
from api.services import Given
from registry.annex1 import Annex1
from registry.annex1_words import CAPACITY_WORDS, CATEGORY_WORDS, SECTIONS, TITLE
from registry.consent import CAPACITY_WORDS as LEGAL_WORDS
from registry.consent import PURPOSE_WORDS, STATE_WORDS
from registry.entries import RELATION_WORDS
from registry.gathering import OUTCOME_WORDS
from registry.refresh import CHANNEL_WORDS, STAGE_WORDS, DueStage

router = APIRouter(include_in_schema=False)

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
    page_number: ListPage = 1,
) -> Response:
    """List the register, or those of an area: all, not yet activated, without help (R7), children silent (R11)."""
    within = area.strip().strip("/")
    rows = await register.entries(within, clerk)
    return page(
        request,
        given,
        "registry.html",
        account=clerk,
        rows=part_of([row for row in rows if FILTERS[show](row)], page_number),
        counts={name: sum(map(chosen, rows)) for name, chosen in FILTERS.items()},
        show=show,
        area=within,
        areas=(await register.areas()).areas.values(),
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
    request: Request,
    given: Given,
    clerk: Clerk,
    register: Registered,
    area: AreaText = "",
    *,
    page_number: ListPage = 1,
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
        rows=part_of([row for row in rows if row.stage is not DueStage.LATER], page_number),
        counts={stage: sum(row.stage is stage for row in rows) for stage in order},
        snapshots=await register.snapshots(),
        area=within,
        areas=(await register.areas()).areas.values(),
        words=WORDS,
    )


@router.get("/registry/unverified")
async def get_unverified_page(
    request: Request,
    given: Given,
    clerk: Clerk,
    register: Registered,
    area: AreaText = "",
    *,
    show: Annotated[str, Query(pattern="^(all|wanted)$")] = "all",
    page_number: ListPage = 1,
) -> Response:
    """Show by grid who is not verified yet (R15), until nobody is left: 不漏一户、不漏一人."""
    within = area.strip().strip("/")
    rows = await register.entries(within, clerk)
    tree = await register.areas()
    grids, total = by_grid(rows, tree, within), coverage(rows, within, "")
    left = [(grid, row) for grid in grids for row in grid.left if show == "all" or row.is_wanted]
    return page(
        request,
        given,
        "unverified.html",
        account=clerk,
        grids=grids,
        total=total,
        left=part_of(left, page_number, FORMS_A_PAGE),
        wanted=sum(row.is_wanted for row in total.left),
        show=show,
        outcomes=OUTCOME_WORDS,
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
    rows = await register.audit(subject.strip(), before, AUDIT_ROWS + 1, account=clerk)
    return page(
        request,
        given,
        "audit.html",
        account=clerk,
        rows=rows[:AUDIT_ROWS],
        older=rows[AUDIT_ROWS - 1].number if len(rows) > AUDIT_ROWS else None,
        subject=subject.strip(),
        verdict=await register.verify_audit(clerk),
    )
