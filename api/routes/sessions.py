"""Log in and out by the API; the page's own forms stand in routes/pages.py."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.services import Account, Address, Given, Token, clear_session, log_in, set_session
from api.views import View

MAX_NAME_CHARS = 64
"""Account names are short words."""

MAX_PASSWORD_CHARS = 256
"""Longer than any passphrase; a bound, because hashing costs time."""

router = APIRouter(prefix="/api/v1", tags=["session"])


class LoginBody(BaseModel):
    """A local account's name and password."""

    name: str = Field(min_length=1, max_length=MAX_NAME_CHARS)
    password: str = Field(min_length=1, max_length=MAX_PASSWORD_CHARS)


class SessionView(View):
    """A session; send the token as `Authorization: Bearer`, or keep the cookie."""

    account: str
    token: str


@router.post("/login", summary="Log in")
async def post_login(given: Given, body: LoginBody, address: Address, response: Response) -> SessionView:
    """Return a token and set the session cookie; 401 `bad_login`, 429 `too_many_logins`."""
    token = await log_in(given, body.name, body.password, address)
    set_session(response, token, secure=given.secure_cookies)
    return SessionView(account=await given.accounts.account_of(token) or body.name, token=token)


@router.post("/logout", status_code=204, summary="Log out")
async def post_logout(given: Given, account: Account, token: Token, response: Response) -> None:  # noqa: ARG001 - only who is in may leave
    """End the session."""
    await given.accounts.logout(token or "")
    clear_session(response, secure=given.secure_cookies)
