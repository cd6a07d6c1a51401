"""Errors as problem+json with a stable code (RFC 9457); refuses to echo what was sent, which may be personal."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.problem_codes import ProblemCode, RefusedError
from core.errors import BusyError, ConfigurationError, ConflictError, ForbiddenError, NotFoundError
from registry.annex1_check import FormError
from registry.identity import FieldError

PROBLEM_MEDIA_TYPE = "application/problem+json"


BUSY_AGAIN_S = 10
"""Whoever was refused has waited this long already (store/truth/database.py); sooner is no use to anybody."""

BY_KIND: Mapping[type[Exception], ProblemCode] = {
    NotFoundError: ProblemCode.NOT_FOUND,
    ConflictError: ProblemCode.CONFLICT,
    ForbiddenError: ProblemCode.FORBIDDEN,
}

BY_STATUS = {
    400: ProblemCode.BAD_REQUEST,
    401: ProblemCode.UNAUTHORIZED,
    404: ProblemCode.NOT_FOUND,
    405: ProblemCode.METHOD_NOT_ALLOWED,
    413: ProblemCode.TOO_LARGE,
    422: ProblemCode.VALIDATION,
}


class FieldProblem(BaseModel):
    """One field that is not valid."""

    field: str
    message: str


class ProblemView(BaseModel):
    """An error, RFC 9457; branch on `code`."""

    type: str = Field(description="urn:shouwang:problem:<code>")
    title: str
    status: int
    code: ProblemCode
    detail: str
    fields: list[FieldProblem] = []


def problem_of(error: Exception) -> RefusedError:
    """Return the refusal that stands for an error; what nobody foresaw is `internal`, without its words."""
    match error:
        case RefusedError():
            return error
        case NotFoundError() | ConflictError() | ForbiddenError():
            return RefusedError(BY_KIND[type(error)], str(error))
        case BusyError():
            return RefusedError(ProblemCode.BUSY, headers={"Retry-After": str(BUSY_AGAIN_S)})
        case FormError() | FieldError() | ConfigurationError() | RequestValidationError():
            return RefusedError(ProblemCode.VALIDATION, "; ".join(f"{f.field}: {f.message}" for f in fields_of(error)))
        case HTTPException():
            code = BY_STATUS.get(error.status_code, ProblemCode.BAD_REQUEST)
            return RefusedError(code, headers=error.headers)
        case _:
            return RefusedError(ProblemCode.INTERNAL)


def fields_of(error: Exception) -> list[FieldProblem]:
    """Return which fields are wrong and why, never what they held."""
    if isinstance(error, FormError):
        return [FieldProblem(field=one.field, message=str(one.sentence)) for one in error.problems]
    if isinstance(error, ConfigurationError):  # a file that somebody sent
        return [FieldProblem(field="file", message=f"{error.what}: {error.remedy}")]
    if isinstance(error, FieldError):
        return [FieldProblem(field="value", message=str(error.sentence))]
    if not isinstance(error, RequestValidationError):
        return []
    found: list[dict[str, Any]] = list(error.errors())
    return [FieldProblem(field=".".join(str(part) for part in item["loc"]), message=item["msg"]) for item in found]


def problem_response(error: Exception) -> JSONResponse:
    """Return the problem+json that stands for an error."""
    problem = problem_of(error)
    view = ProblemView(
        type=f"urn:shouwang:problem:{problem.code}",
        title=str(problem.title),
        status=problem.status,
        code=problem.code,
        detail=problem.detail,
        fields=fields_of(error),
    )
    return JSONResponse(
        view.model_dump(mode="json"), problem.status, headers=problem.headers, media_type=PROBLEM_MEDIA_TYPE
    )


def wants_page(request: Request) -> bool:
    """Say whether a browser asked for a page, and not script or the API."""
    path = request.url.path
    if path.startswith(("/api/", "/callbacks/", "/static/", "/events", "/board", "/healthz", "/readyz", "/metrics")):
        return False
    return "text/html" in request.headers.get("accept", "")
