"""The board's live stream: a version number and nothing else; refuses more streams than the machine can serve."""

from collections.abc import AsyncIterator

from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.problem_codes import ProblemCode, RefusedError
from api.services import Account, Given, Services

MAX_STREAMS = 128
"""A county's desks and a few tabs each; one stream costs about 55 kB."""

RECONNECT_AFTER_MS = 2_000
"""What the browser waits before it tries again: a lost stream is back within 3 s."""

PING_EVERY_S = 15
"""Shorter than the idle limit of common proxies, and how soon a dead peer is noticed."""

SEND_WITHIN_S = 10
"""A client that takes nothing for this long is gone; it comes back and reads everything first."""

router = APIRouter()


@router.get("/events", include_in_schema=False)
async def get_events(given: Given, account: Account) -> EventSourceResponse:  # noqa: ARG001 - demanded
    """Stream the version; the page then reads the whole board again."""
    if given.streams >= MAX_STREAMS:
        raise RefusedError(ProblemCode.TOO_MANY_STREAMS)
    return EventSourceResponse(_versions(given), ping=PING_EVERY_S, send_timeout=SEND_WITHIN_S)


async def _versions(given: Services) -> AsyncIterator[ServerSentEvent]:
    given.streams += 1
    try:
        async for version in given.console.subscribe():
            yield ServerSentEvent(data=str(version), event="version", retry=RECONNECT_AFTER_MS)
    finally:
        given.streams -= 1
