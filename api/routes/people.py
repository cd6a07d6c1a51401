"""The register as JSON: list, read masked, reveal with a reason, create, change, history, audit."""

from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from api.problem_codes import ProblemCode, RefusedError
from api.registry_ports import Register
from api.registry_views import AuditView, EntryRowView, EntryView, SnapshotView, VerdictView, VersionView
from api.routes.parameters import MAX_NOTE_CHARS, Id, Limit
from api.services import Account, Given, signed_in
from api.struct_body import read_struct, schema_of
from registry.annex1 import Annex1
from registry.commands import AnyCommand
from registry.refresh import ChildChannel, ChildContact

router = APIRouter(prefix="/api/v1/register", tags=["register"], dependencies=[Depends(signed_in)])

MAX_AREA_CHARS = 200
"""Town, village and grid by their ids; what is longer is no area."""


def given_register(given: Given) -> Register:
    """Return the register; raises RefusedError(not_found) where the service keeps none."""
    if given.register is None:
        raise RefusedError(ProblemCode.NOT_FOUND)
    return given.register


Registered = Annotated[Register, Depends(given_register)]
AreaText = Annotated[str, Query(max_length=MAX_AREA_CHARS, description="town/village/grid; empty: all")]


class NewEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A new entry: annex 1, the area, and why it is filed."""

    form: Annex1
    area: str
    why: str


class EntryChange(msgspec.Struct, forbid_unknown_fields=True):
    """One command on the version that was seen, and why."""

    command: AnyCommand
    version: int
    why: str


BODIES: tuple[Any, ...] = (NewEntry, EntryChange)
"""Bodies that are structs of deciding code."""


class RevealReason(BaseModel):
    """Why a record is to be seen in clear."""

    reason: str = Field(min_length=2, max_length=MAX_NOTE_CHARS)


class ChildContactBody(BaseModel):
    """A child was in touch (R11)."""

    on: date
    channel: ChildChannel
    note: str = Field(default="", max_length=MAX_NOTE_CHARS)


@router.get("", summary="The register's list")
async def get_entries(register: Registered, account: Account, area: AreaText = "") -> list[EntryRowView]:
    """Return everybody of an area, masked, with tier, service, obstacles and refresh."""
    return list(await register.entries(area.strip("/"), account))


@router.post("", summary="File a new entry", status_code=201, openapi_extra=schema_of(NewEntry))
async def post_entry(register: Registered, account: Account, request: Request) -> EntryView:
    """File annex 1; the entry waits for its activation. 422 names every field that is wrong."""
    body = await read_struct(request, NewEntry)
    return await register.create(body.form, body.area, why=body.why, account=account)


@router.get("/snapshots", summary="Half-yearly snapshots")
async def get_snapshots(register: Registered, account: Account) -> list[SnapshotView]:  # noqa: ARG001 - demanded
    """Return the snapshots of 06-30 and 12-31, each with whether it is still whole."""
    return list(await register.snapshots())


@router.get("/audit", summary="The audit chain")
async def get_audit(
    register: Registered,
    account: Account,
    subject: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
    *,
    limit: Limit = 100,
) -> list[AuditView]:
    """Return who did what to whom, the newest first; ask again with the last `number` as `before`."""
    return list(await register.audit(subject, before, limit, account=account))


@router.get("/audit/verdict", summary="Whether the chain holds")
async def get_verdict(register: Registered, account: Account) -> VerdictView:
    """Walk the whole chain; `broken_at` names the first row that is not as it was."""
    return await register.verify_audit(account)


@router.get("/{person_id}", summary="One entry, masked")
async def get_entry(register: Registered, account: Account, person_id: Id) -> EntryView:
    """Return annex 1 in its order, personal fields masked; the look is recorded."""
    return await register.entry(person_id, account)


@router.post("/{person_id}/reveal", summary="One record in clear")
async def post_reveal(register: Registered, account: Account, person_id: Id, body: RevealReason) -> Response:
    """Return the whole record unmasked; who looked and why is recorded first."""
    filed = await register.reveal(person_id, body.reason, account)
    return Response(msgspec.json.encode(filed), media_type="application/json")


@router.post("/{person_id}/changes", summary="Change an entry", openapi_extra=schema_of(EntryChange))
async def post_change(register: Registered, account: Account, person_id: Id, request: Request) -> EntryView:
    """Carry out one command; 409 `conflict` when the version has moved on, 422 with every reason."""
    body = await read_struct(request, EntryChange)
    return await register.change(person_id, body.command, body.version, why=body.why, account=account)


@router.get("/{person_id}/history", summary="Every version of an entry")
async def get_history(register: Registered, account: Account, person_id: Id) -> list[VersionView]:
    """Return who changed what, when and why, the newest first; what personal fields held is not shown."""
    return list(await register.history(person_id, account))


@router.post("/{person_id}/child-contacts", summary="A child was in touch", status_code=201)
async def post_child_contact(
    register: Registered, account: Account, person_id: Id, body: ChildContactBody
) -> EntryView:
    """Write down that a child who lives elsewhere was in touch (R11)."""
    contact = ChildContact(id="", person_id=person_id, on=body.on, channel=body.channel, note=body.note)
    return await register.add_child_contact(contact, account)
