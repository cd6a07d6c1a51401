"""What the console's forms do, each a plain form post that works without script and ends on a page."""

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from alerts.model import Outcome
from api.language import LANGUAGE_COOKIE, LANGUAGE_COOKIE_MAX_AGE_S, OUR_ADDRESSES, Language
from api.problem_codes import ProblemCode, RefusedError
from api.routes.pages import Clerk, affected_of, page
from api.routes.parameters import MAX_KEY_CHARS, MAX_NOTE_CHARS, Id
from api.routes.sessions import MAX_NAME_CHARS, MAX_PASSWORD_CHARS
from api.services import Address, Given, Token, clear_session, log_in, set_session

router = APIRouter(include_in_schema=False)

OUR_PAGES = re.compile(r"/(?:alerts/[A-Za-z0-9_.:\-]{1,100}|visits(?:\?[A-Za-z0-9_.:=&%/\-]{0,300})?)?")
"""Where a form may lead back to; anything else could be another site."""

Back = Annotated[str, Form(max_length=200)]


def back_to(path: str) -> RedirectResponse:
    """Lead the browser to a page of ours, by GET."""
    return RedirectResponse(path if OUR_PAGES.fullmatch(path) else "/", 303)


@router.post("/login")
async def post_login_form(
    request: Request,
    given: Given,
    address: Address,
    *,
    name: Annotated[str, Form(max_length=MAX_NAME_CHARS)] = "",
    password: Annotated[str, Form(max_length=MAX_PASSWORD_CHARS)] = "",
) -> Response:
    """Log in and go to the board, or show the form again with what is wrong."""
    try:
        token = await log_in(given, name, password, address)
    except RefusedError as problem:
        response = page(request, given, "login.html", status=problem.status, problem=problem, name=name)
        response.headers.update(problem.headers)
        return response
    response = back_to("/")
    set_session(response, token, secure=given.secure_cookies)
    return response


@router.post("/language")
async def post_language_form(
    given: Given, language: Annotated[Language, Form()], back: Annotated[str, Form(max_length=1100)] = "/"
) -> Response:
    """Keep a reader's choice of language in their browser, and show the same page again."""
    response = RedirectResponse(back if OUR_ADDRESSES.fullmatch(back) else "/", 303)
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=LANGUAGE_COOKIE_MAX_AGE_S,
        path="/",
        secure=given.secure_cookies,
        httponly=True,
        samesite="strict",
    )
    return response


@router.post("/logout")
async def post_logout_form(given: Given, token: Token) -> Response:
    """Log out and go to the login page."""
    if token:
        await given.accounts.logout(token)
    response = RedirectResponse("/login", 303)
    clear_session(response, secure=given.secure_cookies)
    return response


@router.post("/alerts/{alert_id}/acknowledge")
async def post_acknowledge_form(
    given: Given,
    clerk: Clerk,
    alert_id: Id,
    version: Annotated[int, Form(ge=1)],
    *,
    idempotency_key: Annotated[str, Form(min_length=1, max_length=MAX_KEY_CHARS)],
    back: Back = "/",
) -> Response:
    """Take an alert."""
    await given.console.acknowledge(alert_id, clerk, version, idempotency_key)
    return back_to(back)


@router.post("/alerts/{alert_id}/close")
async def post_close_form(
    given: Given,
    clerk: Clerk,
    alert_id: Id,
    version: Annotated[int, Form(ge=1)],
    *,
    outcome: Annotated[Outcome, Form()],
    note: Annotated[str, Form(max_length=MAX_NOTE_CHARS)] = "",
    back: Back = "/",
) -> Response:
    """Close an alert with what a human saw or heard."""
    await given.console.close(alert_id, outcome, note.strip(), account=clerk, version=version)
    return back_to(back)


@router.post("/attempts/{attempt_id}/press")
async def post_press_form(
    given: Given,
    clerk: Clerk,
    attempt_id: Id,
    digits: Annotated[str, Form(pattern=r"^[0-9*#]$")],
    *,
    version: Annotated[int, Form(ge=1)],
    back: Back = "/",
) -> Response:
    """Record the key that a person, rung by hand, said."""
    await given.console.press(attempt_id, digits, clerk, version=version)
    return back_to(back)


@router.post("/visits/{visit_id}/review")
async def post_review_form(given: Given, clerk: Clerk, visit_id: Id, back: Back = "/visits") -> Response:
    """Sign a contact that counts only when signed."""
    await given.console.review_visit(visit_id, clerk)
    return back_to(back)


@router.post("/alerts/{alert_id}/reveal")
async def post_reveal_form(
    request: Request,
    given: Given,
    clerk: Clerk,
    alert_id: Id,
    reason: Annotated[str, Form(max_length=MAX_NOTE_CHARS)] = "",
) -> Response:
    """Show numbers and address once, on a page that no cache keeps; going back hides them again."""
    if not reason.strip():
        raise RefusedError(ProblemCode.VALIDATION, "请写明原因 / state a reason")
    revealed = await given.console.reveal(alert_id, reason.strip(), clerk)
    alert = await given.console.alert(alert_id)
    affected = await affected_of(given, alert, clerk)
    return page(request, given, "alert.html", account=clerk, alert=alert, revealed=revealed, affected=affected)
