"""Headers on every answer, same-origin on every change, a limit on every body; refuses before a route is reached."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problem_codes import ProblemCode, RefusedError
from api.problems import problem_response
from api.services import SESSION_COOKIE

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # same-origin, not no-referrer: with no-referrer browsers send "Origin: null" on our own form posts
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}

HSTS = "max-age=31536000"

MAX_BODY_BYTES = 64 * 1024
"""The largest honest body is a closing note or a provider's callback, both under 8 kB."""

UPLOAD_PATHS = frozenset({"/gathering", "/api/v1/gathering"})

MAX_UPLOAD_BYTES = 9 * 1024 * 1024
"""A gathered list of 8 MB with what a form adds; only those who are logged in are read so far."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
"""What a page of another site can send without asking first."""


class Guard:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, pass on, and add the headers to whatever is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), path=scope["path"], secure=self._secure)
            await send(message)

        refusal = refusal_of(scope)
        if refusal is not None:
            await problem_response(refusal)(scope, receive, send_guarded)
            return
        await self._app(scope, limited(receive, most_bytes(scope["path"])), send_guarded)


def most_bytes(path: str) -> int:
    """Return how large a body of a path may be."""
    return MAX_UPLOAD_BYTES if path in UPLOAD_PATHS else MAX_BODY_BYTES


def add_headers(headers: MutableHeaders, *, path: str, secure: bool) -> None:
    """Add what every answer carries; only static files may be kept by a cache."""
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
    if secure:
        headers["strict-transport-security"] = HSTS
    headers["cache-control"] = "no-cache" if path.startswith("/static/") else "no-store"


def refusal_of(scope: Scope) -> RefusedError | None:
    """Return why a request goes no further, None when it may."""
    headers = Headers(scope=scope)
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > most_bytes(scope["path"]):
        return RefusedError(ProblemCode.TOO_LARGE)
    is_change = scope["method"] not in SAFE_METHODS and not scope["path"].startswith("/callbacks/")
    return RefusedError(ProblemCode.FORBIDDEN_ORIGIN) if is_change and not is_same_origin(headers) else None


def is_same_origin(headers: Headers) -> bool:
    """Say whether our own page sent this, or a client that no other site can make act for a clerk.

    A browser names the sender in Sec-Fetch-Site, or (plain http) in Origin. Without either it is no browser of
    today: such a client may act with a token, but neither with a cookie nor by a form.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    is_form = headers.get("content-type", "").lower().startswith(FORM_TYPES)
    return not is_form and SESSION_COOKIE not in headers.get("cookie", "")


def limited(receive: Receive, most: int = MAX_BODY_BYTES) -> Receive:
    """Return a receive that stops a body without a stated length once it is over the limit."""
    seen = 0

    async def receive_limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413)  # not a RefusedError: FastAPI passes only this on from inside a body
        return message

    return receive_limited
