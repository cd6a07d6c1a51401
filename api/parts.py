"""A long list shown a part at a time, numbered from 1; the counts that it carries are of the whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse

T = TypeVar("T")

ROWS_A_PAGE = 100
"""Of a table: some 100 kB in both languages, which a village's phone loads in a second."""

FORMS_A_PAGE = 50
"""Of a list where each row has forms of its own."""


@dataclass(frozen=True, kw_only=True)
class Part(Generic[T]):
    """Some rows of a list."""

    rows: Sequence[T]
    number: int
    parts: int
    total: int
    first: int  # the place of its first row in the whole list, from 1


def part_of(rows: Sequence[T], number: int, size: int = ROWS_A_PAGE) -> Part[T]:
    """Return a part of a list; a number too high gives the last one."""
    parts = max(1, -(-len(rows) // size))
    number = min(number, parts)
    begin = (number - 1) * size
    return Part(rows=rows[begin : begin + size], number=number, parts=parts, total=len(rows), first=begin + 1)


def villages_of(areas: Iterable[str]) -> list[str]:
    """Return the villages ("town/village") that some areas lie in, sorted."""
    return sorted({"/".join(area.split("/")[:2]) for area in areas})


def same_list(request: Request, path: str) -> RedirectResponse:
    """Lead back to a list from one of its forms: to the part and the filter that the form stood in."""
    came_from = urlsplit(request.headers.get("referer", ""))
    query = came_from.query if came_from.path == path else ""
    return RedirectResponse(f"{path}?{query}" if query else path, 303)
