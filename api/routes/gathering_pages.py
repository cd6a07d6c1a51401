"""The pages of gathered lists: try, take, each row's fate, conflicts side by side after a reason; plain forms."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from api.parts import same_list
from api.problem_codes import ProblemCode, RefusedError
from api.registry_conversion import field_label
from api.routes.gathering import Gathered
from api.routes.pages import Clerk, page
from api.routes.parameters import MAX_NOTE_CHARS, Id
from api.services import Given, Services
from core.errors import ConfigurationError
from core.text import Bilingual
from registry.gathering import MOST_HEADERS, SYNONYMS, Fate, Outcome, Source, UnknownColumnsError

router = APIRouter(include_in_schema=False)

SOURCE_WORDS = {
    Source.HEALTH: Bilingual("卫生健康部门（计划生育特殊家庭）", "health department"),
    Source.DISABLED_FEDERATION: Bilingual("残联", "disabled persons' federation"),
    Source.GRID: Bilingual("网格员", "grid workers"),
    Source.OTHER: Bilingual("其他渠道", "another source"),
}
FATE_WORDS = {
    Fate.NEW: Bilingual("新增", "new"),
    Fate.MATCH: Bilingual("已有，一致", "known, agrees"),
    Fate.CONFLICT: Bilingual("已有，有出入", "known, differs"),
    Fate.REFUSED: Bilingual("未收", "not taken"),
}
WORDS = {"sources": SOURCE_WORDS, "fates": FATE_WORDS, "fields": {name: field_label(name) for name in SYNONYMS}}
MAPPED = "column:"
"""A form's field of this beginning says what the column is whose header follows."""

MAX_ROWS = 2_000
"""Fates on one page; the counts are of all, and what was not taken comes first."""

Why = Annotated[str, Form(max_length=MAX_NOTE_CHARS)]


@router.get("/gathering")
async def get_gathering_page(request: Request, given: Given, clerk: Clerk, gathered: Gathered) -> Response:
    """Show the form for a list, the lists taken, and how much contradicts."""
    return page(
        request,
        given,
        "gathering.html",
        account=clerk,
        lists=await gathered.latest(clerk),
        conflicts=await gathered.conflicts(clerk),
        problem=None,
        headers=(),
        chosen={},
        source="",
        words=WORDS,
    )


@router.post("/gathering")
async def post_gathering_form(request: Request, given: Given, clerk: Clerk, gathered: Gathered) -> Response:
    """Try a list or take it; a file that is no list is told on the same page."""
    async with request.form() as data:
        file, source = data.get("file"), str(data.get("source") or "")
        if not isinstance(file, UploadFile) or source not in set(Source):
            raise RefusedError(ProblemCode.VALIDATION, "请选择文件和来源 / choose a file and its source")
        content = await file.read()
        chosen = {
            key.removeprefix(MAPPED): str(value) for key, value in data.items() if key.startswith(MAPPED) and value
        }
        act = gathered.take if data.get("act") == "take" else gathered.plan
    try:
        plan = await act(content, Source(source), clerk, chosen)
    except ConfigurationError as error:
        lists, conflicts = await gathered.latest(clerk), await gathered.conflicts(clerk)
        headers = (*chosen, *error.headers) if isinstance(error, UnknownColumnsError) else tuple(chosen)
        shown = {"lists": lists, "conflicts": conflicts, "problem": error, "words": WORDS}
        shown |= {"headers": headers, "chosen": chosen, "source": source}
        return page(request, given, "gathering.html", status=422, account=clerk, **shown)
    if plan.gathering_id:
        return RedirectResponse(f"/gathering/{plan.gathering_id}", 303)
    headers = (*chosen, *plan.unknown[:MOST_HEADERS])
    shown: dict[str, Any] = {"headers": headers, "chosen": chosen, "source": source}
    return page(request, given, "gathered.html", account=clerk, plan=plan, most=MAX_ROWS, words=WORDS, **shown)


@router.post("/gathering/conflicts")
async def post_conflicts_page(
    request: Request, given: Given, clerk: Clerk, gathered: Gathered, reason: Why = ""
) -> Response:
    """Show what contradicts side by side, after writing down who looked and why."""
    return await _conflicts(request, given, clerk, gathered, reason=reason)


@router.post("/gathering/conflicts/{conflict_id}")
async def post_decision_form(
    request: Request,
    given: Given,
    clerk: Clerk,
    gathered: Gathered,
    conflict_id: Id,
    *,
    decided: Annotated[Literal["kept", "offered"], Form()],
    why: Why = "",
    reason: Why = "",
) -> Response:
    """Let one of two values stand, and show what is left."""
    await gathered.decide(conflict_id, decided, why=why, account=clerk)
    return await _conflicts(request, given, clerk, gathered, reason=reason)


@router.post("/gathering/verifications/{person_id}")
async def post_ending_form(
    request: Request,
    clerk: Clerk,
    gathered: Gathered,
    person_id: Id,
    outcome: Annotated[Outcome, Form()],
    *,
    why: Why = "",
) -> Response:
    """Write down how looking for a named person ended."""
    await gathered.close(person_id, outcome, why=why, account=clerk)
    return same_list(request, "/registry/unverified")


@router.get("/gathering/{gathering_id}")
async def get_gathered_page(
    request: Request, given: Given, clerk: Clerk, gathered: Gathered, gathering_id: Id
) -> Response:
    """Show the fate of each row of a list, what was not taken first."""
    plan = await gathered.one(gathering_id, clerk)
    return page(request, given, "gathered.html", account=clerk, plan=plan, most=MAX_ROWS, words=WORDS)


async def _conflicts(request: Request, given: Services, clerk: str, gathered: Gathered, *, reason: str) -> Response:
    if not reason.strip():
        raise RefusedError(ProblemCode.VALIDATION, "请写明原因 / state a reason")
    found = await gathered.reveal_conflicts(reason.strip(), clerk)
    labels = {one.difference.field: field_label(one.difference.field) for one in found}
    return page(
        request, given, "conflicts.html", account=clerk, conflicts=found, labels=labels, reason=reason, words=WORDS
    )
