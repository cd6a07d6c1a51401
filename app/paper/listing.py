"""A list before it is a file: a name, headings, rows. Apart from what writes it, which is slow to load."""

from collections.abc import Sequence
from datetime import date

import msgspec

Value = str | int | float | date | None


class Sheet(msgspec.Struct, frozen=True):
    """One sheet: its name, the heading of each column, and the rows below."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Value]]
