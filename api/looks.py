"""A dependency that writes down who looks at whose record; without a register it does nothing."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from api.services import Given, Token

Look = Callable[[Request, Given, Token], Awaitable[None]]


def look(action: str, parameter: str = "") -> Look:
    """Return a dependency that notes a look at the id in a path's parameter; who is not logged in is not noted."""

    async def noted(request: Request, given: Given, token: Token) -> None:
        account = await given.accounts.account_of(token) if token else None
        if account is not None and given.register is not None:
            await given.register.note_read(account, action, request.path_params.get(parameter, "all"))

    return noted
