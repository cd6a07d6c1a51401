"""Reads a gathered list, XLSX or CSV, into plain cells; evaluates no formula, guesses no encoding it cannot decode."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from core.errors import ConfigurationError
from registry.gathering import Cell, CellKind, Sheet

MAX_FILE_BYTES = 8 * 1024 * 1024
"""Some fifty thousand rows of ten columns; a larger list is given village by village."""

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""What a workbook may unpack to: an honest one of 8 MB holds some 80 MB of XML."""

MAX_ROWS = 5_000
MAX_COLUMNS = 100
"""A town has some two thousand people of the seven kinds, a form forty fields; the desk waits while a list is kept."""

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ENCODINGS = ("utf-8", "gb18030")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = (",", "\t", ";")


def read_sheet(content: bytes, *, where: str) -> Sheet:
    """Return the list in a file's bytes; raises ConfigurationError with what to do."""
    if len(content) > MAX_FILE_BYTES:
        raise ConfigurationError("the file is larger than 8 MB", where=where, remedy="give it village by village")
    if content.startswith(_OLD_EXCEL):
        raise ConfigurationError(
            "it is an old .xls, or has a password", where=where, remedy="save it as .xlsx without one"
        )
    rows, remarks = _workbook(content, where) if content.startswith(_ZIP) else _text(content, where)
    if len(rows) > MAX_ROWS:
        raise ConfigurationError(f"it has more than {MAX_ROWS} rows", where=where, remedy="give it village by village")
    return Sheet(tuple(rows), tuple(remarks))


def _text(content: bytes, where: str) -> tuple[list[tuple[int, tuple[Cell, ...]]], list[str]]:
    text, encoding = _decoded(content, where)
    if "\x00" in text:
        raise ConfigurationError("it is no text", where=where, remedy="give an .xlsx or a .csv")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[: MAX_ROWS + 1]
    except csv.Error as error:
        raise ConfigurationError(
            f"it is no CSV: {error}", where=where, remedy="save it as .xlsx or .csv anew"
        ) from error
    rows = [(number, tuple(_csv_cell(text) for text in line[:MAX_COLUMNS])) for number, line in enumerate(lines, 1)]
    return rows, [f"CSV，编码 {encoding}，分隔符 {delimiter!r} / CSV, {encoding}, separated by {delimiter!r}"]


def _decoded(content: bytes, where: str) -> tuple[str, str]:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decode(content, encoding, where), encoding
    for encoding in _ENCODINGS[:-1]:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return _decode(content, _ENCODINGS[-1], where), _ENCODINGS[-1]


def _decode(content: bytes, encoding: str, where: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        remedy = "save it as UTF-8 or as .xlsx"
        raise ConfigurationError(
            f"it is neither UTF-8 nor GB18030 (byte {error.start})", where=where, remedy=remedy
        ) from error


def _csv_cell(text: str) -> Cell:
    """Return a cell; the apostrophe and ="…" by which spreadsheets keep a number as text are taken off."""
    bare = text.strip()
    if bare.startswith('="') and bare.endswith('"') and '"' not in bare[2:-1]:
        return Cell(bare[2:-1])
    if bare.startswith("="):
        return Cell(bare, CellKind.FORMULA)
    return Cell(bare.removeprefix("'") if bare[1:2].isdigit() else text)


def _workbook(content: bytes, where: str) -> tuple[list[tuple[int, tuple[Cell, ...]]], list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415  # a tenth of a start, for a list now and then
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415  # see above

    broken = ConfigurationError("the workbook cannot be read", where=where, remedy="open it and save it as .xlsx anew")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MAX_UNPACKED_BYTES:
                raise ConfigurationError("it unpacks to more than 200 MB", where=where, remedy="give it in parts")
        book = load_workbook(io.BytesIO(content), data_only=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError, SyntaxError) as error:
        raise broken from error  # SyntaxError is what a broken XML raises
    sheets = [one for one in book.worksheets if one.sheet_state == "visible" and _is_list(one)] or book.worksheets[:1]
    if not sheets:
        raise broken
    if len(sheets) > 1:  # one for each village, perhaps: half a list taken would look like a whole one
        what = f"several sheets hold rows: {', '.join(one.title for one in sheets)}"
        raise ConfigurationError(what, where=where, remedy="hide all but one, or give each as a file of its own")
    sheet: Any = sheets[0]
    covered = {
        place
        for merged in sheet.merged_cells.ranges
        for place in merged.cells
        if place != (merged.min_row, merged.min_col)
    }
    rows = list(_rows(sheet, covered))
    number, of, merged = book.worksheets.index(sheet) + 1, len(book.worksheets), len(sheet.merged_cells.ranges)
    remarks = [f"工作簿，共 {of} 张表，第 {number} 张 / workbook, sheet {number} of {of}"]
    if covered:
        remarks.append(f"{merged} 处合并单元格 / {merged} merged ranges")
    return rows, remarks


def _is_list(sheet: Any) -> bool:  # noqa: ANN401 - openpyxl has no types
    """Return whether a sheet has two rows that say anything: a header and somebody."""
    last_row, last_column = min(sheet.max_row, MAX_ROWS + 1), min(sheet.max_column, MAX_COLUMNS)
    rows = sheet.iter_rows(max_row=last_row, max_col=last_column, values_only=True)
    return len(list(islice((row for row in rows if any(cell is not None for cell in row)), 2))) == 2  # noqa: PLR2004


def _rows(sheet: Any, covered: set[tuple[int, int]]) -> Iterator[tuple[int, tuple[Cell, ...]]]:  # noqa: ANN401 - openpyxl has no types
    last_row, last_column = min(sheet.max_row, MAX_ROWS + 1), min(sheet.max_column, MAX_COLUMNS)
    for number, row in enumerate(sheet.iter_rows(max_row=last_row, max_col=last_column), 1):
        cells = tuple(
            Cell("", CellKind.MERGED) if (number, column) in covered else _cell(one)
            for column, one in enumerate(row, 1)
        )
        yield number, cells


def _cell(cell: Any) -> Cell:  # noqa: ANN401 - openpyxl has no types
    value = cell.value
    kind = {"f": CellKind.FORMULA, "e": CellKind.ERROR}.get(cell.data_type)
    if value is None or kind is not None:
        return Cell("" if value is None else "=", kind or CellKind.TEXT)
    if isinstance(value, date):  # a datetime is one too
        return Cell(value.strftime("%Y-%m-%d"), CellKind.DATE)
    if isinstance(value, bool):
        return Cell("是" if value else "否")
    if isinstance(value, int | float):
        return Cell(str(int(value)) if float(value).is_integer() else repr(value), CellKind.NUMBER)
    return Cell(str(value))
