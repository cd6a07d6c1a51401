"""What the register's forms do, each a plain form post that works without script and ends on a page."""

from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.annex1_inputs import form_page, read_form
from api.problem_codes import ProblemCode, RefusedError
from api.problems import problem_of
from api.routes.insight import today_of
from api.routes.pages import Clerk, page
from api.routes.parameters import MAX_NOTE_CHARS, Id
from api.routes.people import Registered
from api.routes.registry_pages import WORDS
from api.services import Given, Services
from api.struct_body import converted, read_fields
from core.errors import BusyError, ConflictError, ForbiddenError, ShouwangError
from core.text import Bilingual
from registry.annex1_check import FormError, Problem
from registry.commands import AnyCommand, SaveForm
from registry.refresh import ChildChannel, ChildContact

router = APIRouter(include_in_schema=False)

MOST_CHILDREN = 12

KEPT = (FormError, ConflictError, ForbiddenError, BusyError)
"""Refusals after which the form is shown again as it was typed."""


class _Commanded(msgspec.Struct):
    command: AnyCommand


Why = Annotated[str, Form(max_length=MAX_NOTE_CHARS)]


@router.post("/registry/new")
async def post_new_entry(request: Request, given: Given, clerk: Clerk, register: Registered) -> Response:
    """File a new entry, or show the form again with every reason against it."""
    data = await read_fields(request)
    form, problems = read_form(data)
    area, why = _text(data, "area"), _text(data, "why")
    try:
        _refuse(problems)
        entry = await register.create(form, area, why=why, account=clerk)
    except KEPT as error:
        shown = {"form": form, "area": area, "why": why, "person_id": "", "version": 0}
        return await _form_again(request, given, clerk, register, shown=shown, error=error)
    return _to(entry.person.person_id)


@router.post("/registry/{person_id}/reveal")
async def post_reveal_entry(
    request: Request, given: Given, clerk: Clerk, register: Registered, person_id: Id, *, reason: Why = ""
) -> Response:
    """Show the record in clear, ready to be edited, after writing down who looked and why."""
    if not reason.strip():
        raise RefusedError(ProblemCode.VALIDATION, "请写明原因 / state a reason")
    filed = await register.reveal(person_id, reason.strip(), clerk)
    return page(
        request,
        given,
        "entry_form.html",
        account=clerk,
        form=form_page(filed.form(today_of(given))),
        filed=filed,
        person_id=person_id,
        version=filed.entry.version,
        area=filed.person.area,
        areas=(await register.areas()).areas.values(),
        why="",
        words=WORDS,
    )


@router.post("/registry/{person_id}/form")
async def post_entry_form(
    request: Request, given: Given, clerk: Clerk, register: Registered, person_id: Id
) -> Response:
    """Save the form as the next version, or show it again with every reason against it."""
    data = await read_fields(request)
    form, problems = read_form(data)
    area, why, version = _text(data, "area"), _text(data, "why"), _version(data)
    try:
        _refuse(problems)
        await register.change(person_id, SaveForm(form=form, area=area), version, why=why, account=clerk)
    except KEPT as error:
        shown = {"form": form, "area": area, "why": why, "person_id": person_id, "version": version}
        return await _form_again(request, given, clerk, register, shown=shown, error=error)
    return _to(person_id)


@router.post("/registry/{person_id}/child-contacts")
async def post_child_contact_form(
    clerk: Clerk,
    register: Registered,
    person_id: Id,
    on: Annotated[date, Form()],
    *,
    channel: Annotated[ChildChannel, Form()],
    note: Why = "",
) -> Response:
    """Write down that a child was in touch (R11)."""
    await register.add_child_contact(
        ChildContact(id="", person_id=person_id, on=on, channel=channel, note=note.strip()), clerk
    )
    return _to(person_id)


@router.post("/registry/{person_id}/{kind}")
async def post_command_form(request: Request, clerk: Clerk, register: Registered, person_id: Id, kind: str) -> Response:
    """Carry out one command of the entry's page: contacts, guardian, consent, tier, activate, end, verify, assess."""
    data = await read_fields(request)
    body = converted({"command": _command(kind, data)}, _Commanded)
    await register.change(person_id, body.command, _version(data), why=_text(data, "why"), account=clerk)
    return _to(person_id)


def _command(kind: str, data: FormData) -> dict[str, Any]:
    """Return a command as plain data: dotted names nest, empty answers are left out."""
    record: dict[str, Any] = {"kind": kind}
    for name, value in data.multi_items():
        text = str(value).strip()
        if name in {"version", "why"} or not text or name.startswith("children."):
            continue
        *parents, last = name.split(".")
        place = record
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = {"yes": True, "no": False}.get(text, text)
    if kind == "contacts":
        record["children"] = _children(data)
    if kind == "guardian" and "name" not in record.get("guardian", {}):
        record.pop("guardian", None)
    if kind == "contacts" and "name" not in record.get("first_contact", {}):
        record.pop("first_contact", None)
    return record


def _children(data: FormData) -> list[dict[str, Any]]:
    rows = [
        {
            "name": _text(data, f"children.{row}.name"),
            "phone": _text(data, f"children.{row}.phone"),
            "lives_in": _text(data, f"children.{row}.lives_in"),
            "same_residence": _text(data, f"children.{row}.same_residence") == "yes",
        }
        for row in range(MOST_CHILDREN)
    ]
    return [row for row in rows if row["name"]]


async def _form_again(
    request: Request, given: Services, clerk: str, register: Registered, *, shown: dict[str, Any], error: ShouwangError
) -> Response:
    problems = error.problems if isinstance(error, FormError) else (Problem("", _in_words(error)),)
    shown = shown | {"form": form_page(shown["form"], problems)}
    areas = (await register.areas()).areas.values()
    return page(
        request,
        given,
        "entry_form.html",
        status=problem_of(error).status,
        account=clerk,
        areas=areas,
        words=WORDS,
        **shown,
    )


def _in_words(error: ShouwangError) -> Bilingual:
    chinese, is_both, english = str(error).partition(" / ")
    return Bilingual(chinese, english) if is_both else Bilingual("未保存", chinese)


def _refuse(problems: tuple[Problem, ...]) -> None:
    if problems:
        raise FormError(problems)


def _to(person_id: str) -> RedirectResponse:
    return RedirectResponse(f"/registry/{person_id}", 303)


def _version(data: FormData) -> int:
    text = _text(data, "version")
    if not text.isdigit():
        raise RefusedError(ProblemCode.VALIDATION, "version")
    return int(text)


def _text(data: FormData, name: str) -> str:
    return str(data.get(name) or "").strip()
