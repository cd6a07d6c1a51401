"""The one guard of homes and alerts: who may not see an area opens nothing of it, whatever the route; decides nothing.

It stands before every route and goes by the names in its path, so that a route somebody adds is guarded too.
"""

from typing import Annotated

from fastapi import Depends, Request

from api.services import Given, Services, account_or_none
from core.errors import ForbiddenError

Visitor = Annotated[str | None, Depends(account_or_none)]
"""Who is logged in, if anybody is: each route demands it in its own way."""

GUARDED = ("home_id", "alert_id", "attempt_id", "person_id")
"""Names of path parameters that lead to one home; `visit_id` is asked about where it is used: two areas may see one."""

READING = ("GET", "HEAD")
"""Methods that change nothing: who sees a part of a village reads of its incident, and answers for none of it."""


async def within_reach(request: Request, given: Given, account: Visitor) -> None:
    """Raise ForbiddenError when the path names what the account may not see; who is not logged in is refused later."""
    named = {name: request.path_params[name] for name in GUARDED if name in request.path_params}
    if account is not None and named:
        await given.console.check_watch(account, **named, acts=request.method not in READING)


async def everywhere(given: Given, account: Visitor) -> None:
    """Raise ForbiddenError unless the account watches over every area: what has no area yet belongs to nobody else."""
    if account is not None:
        await given.console.check_watch(account)


async def is_everywhere(given: Services, account: str) -> bool:
    """Return whether the account may open what `everywhere` stands before: a menu leads nobody to a refusal."""
    try:
        await given.console.check_watch(account)
    except ForbiddenError:
        return False
    return True
