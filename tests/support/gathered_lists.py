"""Gathered lists as offices send them: workbooks and texts with their usual faults."""

import io

from ledger_kit import id_number
from openpyxl import Workbook

HEADER = ["姓名", "身份证号", "联系电话", "村", "网格", "居住地址", "残疾等级", "残疾证号"]


def number(seq: int) -> str:
    """Return a valid identity number of a woman born on 1938-05-01."""
    return id_number(f"51222219380501{seq:03d}")


def row(seq: int, name: str, **more) -> list:
    """Return a faultless row."""
    values = {
        "姓名": name,
        "身份证号": number(seq),
        "联系电话": f"138000{seq:05d}",
        "村": "桥头村",
        "网格": "第三网格",
        "居住地址": f"3组{seq}号",
        "残疾等级": "",
        "残疾证号": "",
    } | more
    return [values[header] for header in HEADER]


def workbook(*rows: list, header=HEADER, title="", touch=None) -> bytes:
    """Return an .xlsx; `touch` may spoil the sheet before it is saved."""
    book = Workbook()
    sheet = book.active
    if title:
        sheet.append([title])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(header))
    sheet.append(header)
    for cells in rows:
        sheet.append(cells)
    if touch is not None:
        touch(sheet)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def text(*rows: list, header=HEADER, encoding="utf-8", delimiter=",") -> bytes:
    """Return a CSV."""
    lines = [delimiter.join(str(cell) for cell in cells) for cells in (header, *rows)]
    return "\r\n".join(lines).encode(encoding)
