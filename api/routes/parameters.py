"""Parameters that more than one route takes, each with its limit."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Header, Path, Query

MAX_ID_CHARS = 100
"""The longest id of ours is under 60; what is longer is not an id."""

ID_PATTERN = r"^[A-Za-z0-9_.:\-]+$"

MAX_PAGE = 500
"""Rows of one page: about 100 kB of JSON."""

MAX_NOTE_CHARS = 500
"""A closing note is a sentence or two; what needs more belongs in annex 2."""

MAX_KEY_CHARS = 128
"""An idempotency key is a UUID or shorter."""

Id = Annotated[str, Path(max_length=MAX_ID_CHARS, pattern=ID_PATTERN)]

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Rows of one page")]

MAX_PAGES = 10_000
"""A county's homes, ten to a page."""

PageNumber = Annotated[int, Query(ge=1, le=MAX_PAGES, description="From 1; a number too high gives the last page")]

CursorText = Annotated[str | None, Query(max_length=64, description="next_cursor of the page before")]

IdempotencyKey = Annotated[
    str | None,
    Header(max_length=MAX_KEY_CHARS, description="The same key twice does it once; default: account and version"),
]


def month_of(
    month: Annotated[str, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", examples=["2024-02"], description="YYYY-MM")],
) -> date:
    """Return the first day of the month asked for."""
    year, number = month.split("-")
    return date(int(year), int(number), 1)


Month = Annotated[date, Depends(month_of)]
