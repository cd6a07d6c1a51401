"""Forms as files: a plain form post with a reason, because a file shows in clear what pages mask."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Response

from api.paper_ports import MEDIA_TYPES, PaperFile, PaperFormat, Press
from api.problem_codes import ProblemCode, RefusedError
from api.routes.pages import Clerk
from api.routes.parameters import MAX_NOTE_CHARS, Id
from api.routes.people import MAX_AREA_CHARS
from api.services import Given

router = APIRouter(prefix="/print", include_in_schema=False)


def given_press(given: Given) -> Press:
    """Return the press; raises RefusedError(not_found) where the service has none."""
    if given.press is None:
        raise RefusedError(ProblemCode.NOT_FOUND)
    return given.press


Pressed = Annotated[Press, Depends(given_press)]
Reason = Annotated[str, Form(min_length=2, max_length=MAX_NOTE_CHARS)]
Format = Annotated[PaperFormat, Form()]


@router.post("/annex1/{person_id}")
async def post_print_annex1(
    clerk: Clerk, press: Pressed, person_id: Id, reason: Reason, paper_format: Format = "pdf"
) -> Response:
    """Print a person's registration form: two labelled copies."""
    return download(await press.annex1(person_id, paper_format, reason=reason, account=clerk), paper_format)


@router.post("/annex2/{visit_id}")
async def post_print_annex2(
    clerk: Clerk, press: Pressed, visit_id: Id, reason: Reason, paper_format: Format = "pdf"
) -> Response:
    """Print a visit's record: three labelled copies."""
    return download(await press.annex2(visit_id, paper_format, reason=reason, account=clerk), paper_format)


@router.post("/sheet")
async def post_print_sheet(
    clerk: Clerk, press: Pressed, area: Annotated[str, Form(min_length=1, max_length=MAX_AREA_CHARS)], reason: Reason
) -> Response:
    """Print a village's sheet as it is now."""
    return download(await press.sheet(area.strip().strip("/"), reason=reason, account=clerk), "pdf")


@router.post("/ledger")
async def post_print_ledger(
    clerk: Clerk, press: Pressed, reason: Reason, area: Annotated[str, Form(max_length=MAX_AREA_CHARS)] = ""
) -> Response:
    """Give the electronic ledger of an area as XLSX."""
    return download(await press.ledger(area.strip().strip("/"), reason=reason, account=clerk), "xlsx")


def download(file: PaperFile, kind: str) -> Response:
    """Return a file for keeping, with its hash; what no font has is named in the header Undrawn."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "Content-SHA256": file.sha256,
        "Cache-Control": "no-store",
    }
    if file.undrawn:
        headers["Undrawn"] = ", ".join(quote(one) for one in file.undrawn)
    return Response(file.content, media_type=MEDIA_TYPES[kind], headers=headers)
