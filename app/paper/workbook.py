"""Lists as XLSX; what a person typed stays text, whatever it begins with, and never becomes a formula."""

import hashlib
import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.paper.listing import Sheet, Value
from app.paper.pdf import Printed

LONGEST_TEXT = 32_767
"""What one cell of the format holds."""

_WIDEST = 40


def workbook_of(sheets: Sequence[Sheet]) -> Printed:
    """Return the sheets as one XLSX file; raises ValueError for a text that no cell can hold whole."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _write(book.create_sheet(sheet.title), sheet)
    held = io.BytesIO()
    book.save(held)
    content = held.getvalue()
    return Printed(content, hashlib.sha256(content).hexdigest(), ())


def _write(page: Worksheet, sheet: Sheet) -> None:
    for column, title in enumerate(sheet.header, 1):
        _put(page, 1, column, title)
        page.cell(1, column).font = Font(bold=True)
        longest = max((len(str(row[column - 1] or "")) for row in sheet.rows), default=0)
        page.column_dimensions[get_column_letter(column)].width = min(_WIDEST, 2 * max(len(title), longest // 2) + 2)
    for number, row in enumerate(sheet.rows, 2):
        for column, value in enumerate(row, 1):
            _put(page, number, column, value)
    page.freeze_panes = "A2"


def _put(page: Worksheet, row: int, column: int, value: Value) -> None:
    if not isinstance(value, str):
        page.cell(row, column, value)
        return
    text = ILLEGAL_CHARACTERS_RE.sub(" ", value)
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"row {row}, column {column}: a text of {len(text)} characters does not fit a cell")
    cell = page.cell(row, column, text)
    cell.data_type = "s"  # "=1+1" in a note is a note
    cell.alignment = Alignment(vertical="top", wrap_text=True)
