"""A return as files: XLSX, PDF, JSON and their hashes, each written whole or not at all; user text is no formula."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.names import BY_ID, Says, names_of
from app.paper.return_form import ReturnPaper
from app.private_file import write_private
from app.return_sections import Value, cover_of, sections_of
from app.returning import encoded
from store.truth.database import Unit
from visits.return_content import ReturnContent
from visits.returns import MonthlyReturn

if TYPE_CHECKING:  # a tenth of a start, for a list now and then
    from openpyxl import Workbook


def files_of_return(
    row: MonthlyReturn, content: ReturnContent, paper: ReturnPaper, says: Says = BY_ID
) -> dict[str, bytes]:
    """Return a return's files by their names. The same return gives the same JSON and PDF."""
    stem = f"return-{row.month}-{row.area.replace('/', '-')}"
    told = {
        "json": encoded(content),
        "xlsx": sheet_of(row, content, paper.zone, says),
        "pdf": paper.pdf(row, content, says).content,
    }
    hashes = "".join(f"{hashlib.sha256(data).hexdigest()}  {stem}.{end}\n" for end, data in told.items())
    return {f"{stem}.{end}": data for end, data in (told | {"sha256": hashes.encode()}).items()}


def write_files(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Write files into a folder; return their paths. Raises OSError when the disk does not take them."""
    for name, data in files.items():
        write_private(folder / name, data)
    return [folder / name for name in files]


def says_of_return(unit: Unit, row: MonthlyReturn, content: ReturnContent) -> Says:
    """Return how the files of a return say areas, visitors and who took its steps."""
    people = [*(one.visitor for one in content.records), *(line.by for line in row.log)]
    return Says(place=unit.entries.areas().shown, who=names_of(unit, people))


def sheet_of(row: MonthlyReturn, content: ReturnContent, zone: ZoneInfo, says: Says = BY_ID) -> bytes:
    """Return the XLSX of a return; a value that begins with = stays the text that somebody typed."""
    from openpyxl import Workbook  # noqa: PLC0415  # see the top

    book = Workbook()
    book.remove(book.worksheets[0])
    _sheet(book, "封面", ("项目", "内容"), cover_of(row, content, says))
    for section in sections_of(row, content, zone, says):
        _sheet(book, section.title, [head for head, _ in section.heads], section.rows)
    told = BytesIO()
    book.save(told)
    return told.getvalue()


def _sheet(book: "Workbook", title: str, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    from openpyxl.cell.cell import Cell as SheetCell  # noqa: PLC0415  # see the top

    sheet = book.create_sheet(title)
    for number, values in enumerate((heads, *rows), 1):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(number, column)
            if value is None or not isinstance(cell, SheetCell):
                continue  # empty; nothing is merged in these sheets
            cell.value = _printable(value) if isinstance(value, str) else value
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula, whatever it begins with
    sheet.freeze_panes = "A2"


def _printable(text: str) -> str:
    """Return the text without control letters, which XLSX cannot hold; a line's end may stay."""
    return "".join(letter for letter in text if letter >= " " or letter == "\n")
