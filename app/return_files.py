"""A return as files: XLSX, PDF, JSON and their hashes, each written whole or not at all; user text is no formula."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.worksheet.worksheet import Worksheet

from app.paper.return_form import ReturnPaper
from app.return_sections import Place, Value, cover_of, sections_of
from app.returning import encoded
from visits.return_content import ReturnContent
from visits.returns import MonthlyReturn


def write_return(
    row: MonthlyReturn, content: ReturnContent, folder: Path, paper: ReturnPaper, place: Place = str
) -> list[Path]:
    """Write a return's files into a folder; return their paths. The same return gives the same JSON and PDF."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"return-{row.month}-{row.area.replace('/', '-')}"
    told = {
        "json": encoded(content),
        "xlsx": sheet_of(row, content, paper.zone, place),
        "pdf": paper.pdf(row, content, place).content,
    }
    hashes = "".join(f"{hashlib.sha256(data).hexdigest()}  {stem}.{end}\n" for end, data in told.items())
    files = {folder / f"{stem}.{end}": data for end, data in (told | {"sha256": hashes.encode()}).items()}
    for path, data in files.items():
        _write_whole(path, data)
    return list(files)


def sheet_of(row: MonthlyReturn, content: ReturnContent, zone: ZoneInfo, place: Place = str) -> bytes:
    """Return the XLSX of a return; a value that begins with = stays the text that somebody typed."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _sheet(book, "封面", ("项目", "内容"), cover_of(row, content, place))
    for section in sections_of(row, content, zone, place):
        _sheet(book, section.title, [head for head, _ in section.heads], section.rows)
    told = BytesIO()
    book.save(told)
    return told.getvalue()


def _sheet(book: Workbook, title: str, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> Worksheet:
    sheet: Worksheet = book.create_sheet(title)
    for number, values in enumerate((heads, *rows), 1):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(number, column)
            if value is None or not isinstance(cell, SheetCell):
                continue  # empty; nothing is merged in these sheets
            cell.value = _printable(value) if isinstance(value, str) else value
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula, whatever it begins with
    sheet.freeze_panes = "A2"
    return sheet


def _printable(text: str) -> str:
    """Return the text without control letters, which XLSX cannot hold; a line's end may stay."""
    return "".join(letter for letter in text if letter >= " " or letter == "\n")


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is the old one or the new one."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
