"""What every route is given: the ports behind the API, the clock, and who is logged in; holds no state of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request, Response
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CollectorRegistry
from starlette.templating import Jinja2Templates

from api.language import Language
from api.ledger_port import Ledger
from api.paper_ports import Press
from api.places import Places
from api.ports import Accounts, CallReports, Console, PhoneCallbacks
from api.problem_codes import ProblemCode, RefusedError
from api.registry_ports import Gatherings, Register
from api.throttle import LoginThrottle
from core.errors import NotFoundError
from core.localtime import MINUTE_MS
from core.text import Bilingual

SESSION_COOKIE = "shouwang_session"

SESSION_COOKIE_MAX_AGE_S = 12 * 3600
"""One shift at the desk and its handover; the server's own session may end sooner."""

MAX_TOKEN_CHARS = 512
"""Ours are under 100; a longer one is nobody's and is not looked up."""


@dataclass(kw_only=True)
class Services:
    """Everything a route may use; built once by create_app."""

    console: Console
    accounts: Accounts
    callbacks: PhoneCallbacks
    registry: CollectorRegistry
    now_ms: Callable[[], int]
    throttle: LoginThrottle
    templates: Mapping[Language, Jinja2Templates]
    places: Places
    secure_cookies: bool
    zone_name: str
    language: Language = Language.BOTH
    reports: CallReports | None = None
    ledger: Ledger | None = None
    register: Register | None = None
    gatherings: Gatherings | None = None
    press: Press | None = None
    streams: int = 0  # live event streams, counted by routes/events.py


def services_of(request: Request) -> Services:
    """Return what create_app put beside the application."""
    return cast("Services", request.app.state.services)


Given = Annotated[Services, Depends(services_of)]


async def ledger_of(given: Given) -> Ledger:
    """Return the ledger; raises NotFoundError where none is kept."""
    if given.ledger is None:
        raise NotFoundError("no ledger is kept here")
    return given.ledger


LedgerGiven = Annotated[Ledger, Depends(ledger_of)]

_bearer = HTTPBearer(auto_error=False, description="The token that POST /api/v1/login returned")
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="Set by the login page; HttpOnly")


async def token_of(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> str | None:
    """Return the session token that came with the request; the header wins over the cookie."""
    token = bearer.credentials if bearer else cookie
    return token if token and len(token) <= MAX_TOKEN_CHARS else None


Token = Annotated[str | None, Depends(token_of)]


async def account_or_none(given: Given, token: Token) -> str | None:
    """Return who is logged in, None when nobody is."""
    return await given.accounts.account_of(token) if token else None


async def signed_in(account: Annotated[str | None, Depends(account_or_none)]) -> str:
    """Return who is logged in; raises RefusedError(unauthorized)."""
    if account is None:
        raise RefusedError(ProblemCode.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
    return account


Account = Annotated[str, Depends(signed_in)]


async def address_of(request: Request) -> str:
    """Return from where somebody asks, "" where nobody knows.

    X-Forwarded-For is not read here: uvicorn has put it in, where the connection itself comes from a proxy that it
    trusts (127.0.0.1 and ::1, or FORWARDED_ALLOW_IPS). What anybody else writes into that header counts for nothing.
    """
    return "" if request.client is None else request.client.host


Address = Annotated[str, Depends(address_of)]


async def log_in(given: Services, name: str, password: str, address: str) -> str:
    """Return a session token; raises RefusedError(too_many_logins) before any password is looked at, or bad_login."""
    password_set_ms = await given.accounts.password_set_ms(name)
    wait_ms = given.throttle.wait_ms(name, address, password_set_ms)
    if wait_ms > 0:
        raise too_many_logins(wait_ms)
    # counted before the answer, so that tries side by side cannot slip past the limit
    given.throttle.fail(name, address, password_set_ms)
    token = await given.accounts.login(name, password)
    if token is None:
        raise RefusedError(ProblemCode.BAD_LOGIN)
    given.throttle.forgive(name, address)
    return token


def too_many_logins(wait_ms: int) -> RefusedError:
    """Return the refusal that says how long it lasts and what opens the desk sooner; it echoes no name."""
    minutes = -(-wait_ms // MINUTE_MS)
    words = Bilingual(
        f"请等{minutes}分钟再试。要马上登录：用另一个账号；或在服务器上为本账号设新密码，即刻解除："
        "shouwang account add 账号 --replace",
        f"Try again in {minutes} min. To get in now: use another account, or have a new password set for this one on "
        "the server, which lifts this at once: shouwang account add NAME --replace",
    )
    return RefusedError(ProblemCode.TOO_MANY_LOGINS, str(words), headers={"Retry-After": str(-(-wait_ms // 1000))})


def set_session(response: Response, token: str, *, secure: bool) -> None:
    """Put the session into a cookie that script cannot read and other sites cannot send."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=SESSION_COOKIE_MAX_AGE_S,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def clear_session(response: Response, *, secure: bool) -> None:
    """Take the session cookie back."""
    response.delete_cookie(SESSION_COOKIE, path="/", secure=secure, httponly=True, samesite="strict")
