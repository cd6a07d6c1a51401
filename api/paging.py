"""Opaque cursors over rows ordered by time; loses no row and repeats none when many share one millisecond."""

import base64
import binascii
from typing import TypeVar

from pydantic import ConfigDict

from api.problem_codes import ProblemCode, RefusedError
from api.views import View

T = TypeVar("T")

MAX_TIES = 10_000
"""Rows of one millisecond that a cursor can step over; a home has a few hundred devices at most."""

MAX_CURSOR_CHARS = 64
"""Two integers in base64 need 40; longer is not ours."""


class Cursor(View):
    """Where the next page begins: at a time, after so many rows of that very millisecond."""

    at_ms: int
    skip: int = 0

    def __str__(self) -> str:
        """Return the opaque form that goes into a URL."""
        return base64.urlsafe_b64encode(f"{self.at_ms}:{self.skip}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Return the cursor behind its opaque form; raises RefusedError(bad_cursor)."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        at_ms, skip = (int(part) for part in raw.split(":"))
    except (ValueError, binascii.Error) as error:
        raise RefusedError(ProblemCode.BAD_CURSOR) from error
    if at_ms < 0 or not 0 <= skip <= MAX_TIES:
        raise RefusedError(ProblemCode.BAD_CURSOR)
    return Cursor(at_ms=at_ms, skip=skip)


class Page(View):
    """The part of every page that does not depend on its rows."""

    model_config = ConfigDict(frozen=True)
    next_cursor: str | None = None


def next_cursor(times_ms: list[int], limit: int, skip: int) -> Cursor | None:
    """Return where the page after this one begins; `times_ms` are the rows fetched, `skip` of them already shown.

    The caller fetches `skip + limit + 1` rows, so that a row too many says that there is more.
    """
    shown = times_ms[: skip + limit]
    if len(times_ms) <= len(shown):
        return None
    last_ms = shown[-1]
    return Cursor(at_ms=last_ms, skip=shown.count(last_ms))
