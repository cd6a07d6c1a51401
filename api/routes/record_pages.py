"""The page on which a visit is written down: whom to find, what to fill in; a refused form comes back as typed."""

from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.ledger_forms import EntryIn, FormIn
from api.problems import problem_of
from api.routes.pages import Clerk, page
from api.services import Given, LedgerGiven
from core.errors import BusyError, ConflictError, ForbiddenError, NotFoundError
from registry.annex1_check import FormError

router = APIRouter(include_in_schema=False)

TYPED = ("person_id", "started_at", "met", "visitor", "proof", "note", "trip_id", "key")
"""Beside the form of annex 2, what the page asks."""

_WITH_MANY = {"needs"}

Text = Annotated[str, Query(max_length=100)]


@router.get("/records/new")
async def get_new_page(
    request: Request,
    given: Given,
    clerk: Clerk,
    ledger: LedgerGiven,
    *,
    person_id: Text = "",
    trip_id: Text = "",
) -> Response:
    """Show an empty annex 2, of a person or with a search for one."""
    standing = await ledger.standing(person_id, clerk) if person_id else None
    typed = dict.fromkeys(TYPED, "") | {"person_id": person_id, "trip_id": trip_id, "key": token_urlsafe(16)}
    shown: dict[str, Any] = {
        "form": None,
        "standing": standing,
        "typed": typed,
        "find": "",
        "found": None,
        "refused": None,
    }
    return page(request, given, "record_new.html", account=clerk, **shown)


@router.post("/records/find")
async def post_find_page(
    request: Request, given: Given, clerk: Clerk, ledger: LedgerGiven, find: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Show whom a name, a number, a home or a village names, each a link to their form; a name is no address."""
    typed = dict.fromkeys(TYPED, "") | {"key": token_urlsafe(16)}
    found = await ledger.find_people(find, clerk)
    shown: dict[str, Any] = {
        "form": None,
        "standing": None,
        "typed": typed,
        "find": find,
        "found": found,
        "refused": None,
    }
    return page(request, given, "record_new.html", account=clerk, **shown)


@router.post("/records/new")
async def post_new(request: Request, given: Given, clerk: Clerk, ledger: LedgerGiven) -> Response:
    """Write a visit down, or show what was typed again with the reason against it."""
    async with request.form() as data:
        fields = _fields(data)
    try:
        record = await ledger.record(_entry(fields), clerk)
    except (RequestValidationError, FormError, NotFoundError, ConflictError, ForbiddenError, BusyError) as error:
        problem = problem_of(error)
        typed = {name: str(fields.get(name, "")) for name in TYPED}
        words = {"find": "", "found": None, "refused": problem, "standing": None, "typed": typed}
        form = _as_typed(fields)
        return page(request, given, "record_new.html", status=problem.status, account=clerk, form=form, **words)
    return RedirectResponse(f"/records/{record.visit_id}", 303)


def _fields(data: FormData) -> dict[str, Any]:
    names = dict.fromkeys(name for name, _ in data.multi_items())
    return {name: data.getlist(name) if name in _WITH_MANY else data.get(name) for name in names}


def _entry(fields: dict[str, Any]) -> EntryIn:
    try:
        return EntryIn.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def _as_typed(fields: dict[str, Any]) -> FormIn:
    """Return the form with every answer that can be one; what cannot is left as nobody had filled it."""
    answers = {name: fields[name] for name in FormIn.model_fields if name in fields}
    try:
        return FormIn.model_validate(answers)
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors() if one["loc"]}
    kept = {name: value for name, value in answers.items() if name not in wrong}
    return FormIn.model_validate({"kind": "home"} | kept)
