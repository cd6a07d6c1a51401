"""JSON bodies as the structs of deciding code: a refusal names the place, never the value."""

import re
from typing import Any, TypeVar

import msgspec
from fastapi import Request
from starlette.datastructures import FormData

from api.problem_codes import ProblemCode, RefusedError

T = TypeVar("T")
_REFERENCE = "#/components/schemas/{name}"
_PLACE = re.compile(r"`(\$[^`]*)`")


async def read_struct(request: Request, kind: type[T]) -> T:
    """Return the body as a struct; raises RefusedError(validation)."""
    return decoded(await request.body(), kind)


async def read_fields(request: Request) -> FormData:
    """Return the fields of a form, its files closed: for forms that have none."""
    async with request.form() as data:
        return data


def decoded(body: bytes, kind: type[T]) -> T:
    """Return JSON as a struct; raises RefusedError(validation)."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise _refusal(error) from error


def converted(value: object, kind: type[T]) -> T:
    """Return plain data, its texts not yet numbers and dates, as a struct; raises RefusedError(validation)."""
    try:
        return msgspec.convert(value, type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise _refusal(error) from error


def schema_of(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a struct or a union of structs
    """Return a body's place in the API's description; its schema is one of `schemas_of`."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REFERENCE)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def schemas_of(*kinds: Any) -> dict[str, Any]:  # noqa: ANN401 - structs
    """Return the JSON Schemas that bodies refer to, by name."""
    found = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)[1]
    return msgspec.json.decode(msgspec.json.encode(found))  # defaults are tuples, as no JSON Schema has them


def _refusal(error: msgspec.DecodeError) -> RefusedError:
    place = _PLACE.search(str(error))
    return RefusedError(ProblemCode.VALIDATION, f"不能用的值 / not usable: {place[1] if place else 'the body'}")
