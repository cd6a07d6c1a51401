"""Errors as problem+json with a stable code (RFC 9457); refuses to echo what was sent, which may be personal."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from core.errors import BusyError, ConfigurationError, ConflictError, ForbiddenError, NotFoundError, ShouwangError
from core.text import Bilingual
from registry.annex1_check import FormError
from registry.identity import FieldError

PROBLEM_MEDIA_TYPE = "application/problem+json"


class ProblemCode(StrEnum):
    """The stable codes; a client branches on these, never on the words."""

    VALIDATION = "validation"
    BAD_REQUEST = "bad_request"
    BAD_CURSOR = "bad_cursor"
    UNAUTHORIZED = "unauthorized"
    BAD_LOGIN = "bad_login"
    TOO_MANY_LOGINS = "too_many_logins"
    FORBIDDEN = "forbidden"
    FORBIDDEN_ORIGIN = "forbidden_origin"
    BAD_SIGNATURE = "bad_signature"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    TOO_MANY_STREAMS = "too_many_streams"
    BUSY = "busy"
    TOO_MANY_REPLAYS = "too_many_replays"
    REPLAY_TOO_LONG = "replay_too_long"
    INTERNAL = "internal"


PROBLEMS: dict[ProblemCode, tuple[HTTPStatus, Bilingual]] = {
    ProblemCode.VALIDATION: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Bilingual("填写有误，未执行", "Something in the request is not valid; nothing was done"),
    ),
    ProblemCode.BAD_REQUEST: (HTTPStatus.BAD_REQUEST, Bilingual("请求无法处理", "The request cannot be handled")),
    ProblemCode.BAD_CURSOR: (
        HTTPStatus.BAD_REQUEST,
        Bilingual("翻页标记无效，请从第一页重新开始", "That cursor is not one of ours; start from the first page"),
    ),
    ProblemCode.UNAUTHORIZED: (HTTPStatus.UNAUTHORIZED, Bilingual("请先登录", "Log in first")),
    ProblemCode.BAD_LOGIN: (HTTPStatus.UNAUTHORIZED, Bilingual("账号或密码不对", "Wrong name or password")),
    ProblemCode.TOO_MANY_LOGINS: (
        HTTPStatus.TOO_MANY_REQUESTS,
        Bilingual("登录失败次数过多，请稍后再试", "Too many failed logins; try again later"),
    ),
    ProblemCode.FORBIDDEN: (
        HTTPStatus.FORBIDDEN,
        Bilingual("您的角色或片区无此权限", "Your role or area does not allow this"),
    ),
    ProblemCode.FORBIDDEN_ORIGIN: (
        HTTPStatus.FORBIDDEN,
        Bilingual("请求来自其他网站，未执行", "The request came from another site; nothing was done"),
    ),
    ProblemCode.BAD_SIGNATURE: (HTTPStatus.FORBIDDEN, Bilingual("签名不符", "The signature does not fit")),
    ProblemCode.NOT_FOUND: (HTTPStatus.NOT_FOUND, Bilingual("没有找到", "Not found")),
    ProblemCode.METHOD_NOT_ALLOWED: (
        HTTPStatus.METHOD_NOT_ALLOWED,
        Bilingual("不支持该操作", "That method is not allowed here"),
    ),
    ProblemCode.CONFLICT: (
        HTTPStatus.CONFLICT,
        Bilingual(
            "与最新情况不符（或已有人先处理），未执行",
            "It does not fit how things stand now (somebody may have been first); nothing was done",
        ),
    ),
    ProblemCode.TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Bilingual("内容过大", "The request is too large")),
    ProblemCode.TOO_MANY_STREAMS: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        Bilingual("实时连接过多，页面将定时刷新", "Too many live connections; the page will poll instead"),
    ),
    ProblemCode.BUSY: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        Bilingual(
            "另一程序正占用数据库，未执行，请稍后再试",
            "Another program holds the database; nothing was done, try again in a moment",
        ),
    ),
    ProblemCode.TOO_MANY_REPLAYS: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        Bilingual("正在为他人重演记录，请稍后再问", "The journal is being replayed for others; ask again in a moment"),
    ),
    ProblemCode.REPLAY_TOO_LONG: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        Bilingual("记录太长，请用命令行查询", "The journal is too long to replay here; ask on the command line"),
    ),
    ProblemCode.INTERNAL: (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        Bilingual("服务出错，请勿假定已执行", "The service failed; do not assume that it was done"),
    ),
}

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


class RefusedError(ShouwangError):
    """A refusal with a stable code; `detail` says what is particular to this request, without personal data."""

    def __init__(self, code: ProblemCode, detail: str = "", *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail or PROBLEMS[code][1].en)
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """Return the HTTP status of the code."""
        return PROBLEMS[self.code][0].value

    @property
    def title(self) -> Bilingual:
        """Return the code's sentence."""
        return PROBLEMS[self.code][1]


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
