"""The stable codes of refusals, their sentences, and the refusal itself; knows HTTP's numbers but no web framework."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

from core.errors import ShouwangError
from core.text import Bilingual


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
    TOO_MANY_PRINTS = "too_many_prints"
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
        Bilingual("登录失败次数过多", "Too many failed logins"),
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
    ProblemCode.TOO_MANY_PRINTS: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        Bilingual("待打印的文件太多，请稍后再试", "Too many documents wait to be made; ask again in a moment"),
    ),
    ProblemCode.INTERNAL: (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        Bilingual("服务出错，请勿假定已执行", "The service failed; do not assume that it was done"),
    ),
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
