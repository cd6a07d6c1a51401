"""A form as rows of cells in reading order, as the paper has them; says nothing of PDF or .docx."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

TICKED = "■"
UNTICKED = "□"
"""The boxes of the form; a tick mark is in few fonts, a filled box in all."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell. `rows` and `columns` are what it spans; `lines` is the least height, in lines of text."""

    text: str
    columns: int = 1
    rows: int = 1
    lines: int = 1
    is_label: bool = False
    is_heading: bool = False
    where: str = ""  # what a report calls it when something in it cannot be drawn


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """One printed form: title, the line above the table, the table, the note below it, and its labelled copies."""

    title: str
    opening: str
    widths: tuple[float, ...]  # of the columns, in parts of the page's width
    rows: tuple[tuple[Cell, ...], ...]
    note: str
    copies: tuple[str, ...]  # what each copy is labelled with; one at least
    is_landscape: bool = False


class Placed(msgspec.Struct, frozen=True):
    """A cell and where its upper left corner stands, from 0."""

    row: int
    column: int
    cell: Cell


def placed(form: Form) -> list[Placed]:
    """Return every cell with its place; raises ValueError when the rows do not fill the table exactly."""
    taken: set[tuple[int, int]] = set()
    found: list[Placed] = []
    for number, cells in enumerate(form.rows):
        column = 0
        for cell in cells:
            while (number, column) in taken:
                column += 1
            area = {(number + down, column + right) for down in range(cell.rows) for right in range(cell.columns)}
            if area & taken:
                raise ValueError(f"two cells share a place in row {number}")
            taken |= area
            found.append(Placed(number, column, cell))
    if taken != {(row, column) for row in range(len(form.rows)) for column in range(len(form.widths))}:
        raise ValueError("the rows do not fill the table")
    return found


def label(text: str, *, columns: int = 1, rows: int = 1) -> Cell:
    """Return a printed label."""
    return Cell(text=text, columns=columns, rows=rows, is_label=True, where=text)


def heading(text: str, *, columns: int) -> Cell:
    """Return a section's heading, right across."""
    return Cell(text=text, columns=columns, is_heading=True, where=text)


def boxes(options: Iterable[tuple[str, bool]]) -> str:
    """Return options with their boxes, in a row."""
    return "　".join(f"{TICKED if is_ticked else UNTICKED}{text}" for text, is_ticked in options)


def texts(form: Form) -> Iterator[tuple[str, str]]:
    """Yield every text that will be printed, with what a report calls its place."""
    yield "title", form.title
    yield "opening", form.opening
    for cell in _cells(form.rows):
        yield cell.where or "cell", cell.text
    yield "note", form.note
    for copy in form.copies:
        yield "copy", copy


def _cells(rows: Sequence[Sequence[Cell]]) -> Iterator[Cell]:
    for row in rows:
        yield from row
