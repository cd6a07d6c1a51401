"""A return as files: XLSX, JSON and their hashes, each written whole or not at all; user text is never a formula."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.worksheet.worksheet import Worksheet

from app.returning import encoded
from registry.people import Tier
from registry.standing import STATUS_WORDS
from visits.follow_ups import FOLLOW_UP_WORDS
from visits.return_content import PersonMonth, ReturnContent
from visits.returns import MonthlyReturn

TIER_WORDS = {Tier.KEY: "重点对象", Tier.GENERAL: "一般对象"}
STATE_WORDS = {"satisfied": "已完成", "open": "待完成", "overdue": "逾期", "not_required": "不计"}

Cell = str | int | date | None


def write_return(row: MonthlyReturn, content: ReturnContent, folder: Path) -> list[Path]:
    """Write a return's files into a folder; return their paths. The same return gives the same JSON, byte by byte."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"return-{row.month}-{row.area.replace('/', '-')}"
    told, sheet = encoded(content), sheet_of(row, content)
    hashes = "".join(
        f"{hashlib.sha256(data).hexdigest()}  {stem}.{end}\n" for end, data in (("json", told), ("xlsx", sheet))
    )
    files = {folder / f"{stem}.json": told, folder / f"{stem}.xlsx": sheet, folder / f"{stem}.sha256": hashes.encode()}
    for path, data in files.items():
        _write_whole(path, data)
    return list(files)


def sheet_of(row: MonthlyReturn, content: ReturnContent) -> bytes:
    """Return the XLSX of a return; a value that begins with = stays the text that somebody typed."""
    book, names = Workbook(), _names(content)
    book.remove(book.worksheets[0])
    _sheet(book, "封面", ("项目", "内容"), _cover(row, content))
    _sheet(book, "探访记录", _RECORD_HEADS, _records(content))
    _sheet(book, f"{content.previous_month}最终", _PERSON_HEADS, _people(content.previous))
    _sheet(book, f"{content.month}中期", _PERSON_HEADS, _people(content.interim))
    _sheet(
        book,
        "未结事项",
        ("姓名", "类型", "事由", "开始", "到期", "转介至", "状态"),
        (
            (names.get(one.person_id, ""), FOLLOW_UP_WORDS[one.kind].zh, one.what, one.opened_on, one.due_on,
             one.referred_to, one.state.value)
            for one in content.follow_ups
        ),
    )  # fmt: skip
    _sheet(
        book,
        "异动与拒绝",
        ("姓名", "状态", "说明", "再次询问"),
        ((one.name, STATUS_WORDS[one.status].zh, one.why.zh, one.re_ask_on) for one in content.absent),
    )
    _sheet(
        book,
        "特殊时段",
        ("名称", "开始", "结束", "范围"),
        ((one.words.zh, one.from_date, one.until_date, one.area or "全部") for one in content.specials),
    )
    told = BytesIO()
    book.save(told)
    return told.getvalue()


_RECORD_HEADS = (
    *("姓名", "第几次", "探访日期", "方式", "类别", "计入", "探访人"),
    *("补录", "更正", "更正原因", "服务需求", "记录号", "版本"),
)
_PERSON_HEADS = ("姓名", "网格", "等级", "状态", "期间", "任务", "结论", "次数", "欠", "说明", "提醒")


def _cover(row: MonthlyReturn, content: ReturnContent) -> list[tuple[Cell, ...]]:
    before, now = content.previous_rate, content.interim_rate
    home = sum(
        one.owed for person in content.interim for one in person.due.windows if one.window.obligation == "KEY-HALFMONTH"
    )
    return [
        ("月报", content.month),
        ("村（社区）", content.area),
        ("截至", content.as_of),
        ("状态", row.state.value),
        ("镇回执号", row.receipt),
        ("内容摘要 SHA-256", row.digest),
        ("计数规则", content.policy_version),
        (f"{content.previous_month} 月探访率", f"{before.contacted}/{before.active}"),
        (f"{content.month} 月探访率（中期）", f"{now.contacted}/{now.active}"),
        ("重点对象上门仍欠", home),
        ("本次上报记录", len(content.records)),
        ("未结事项", len(content.follow_ups)),
    ]


def _records(content: ReturnContent) -> Iterable[tuple[Cell, ...]]:
    for one in content.records:
        marks = ("补录" if one.is_late else "", "更正" if one.is_correction else "")
        what = (one.local_date, one.method, one.contact_class, "、".join(one.counts_for), one.visitor)
        yield (one.name, one.number or None, *what, *marks, one.reason, one.needs, one.visit_id, one.version)


def _people(people: Iterable[PersonMonth]) -> Iterable[tuple[Cell, ...]]:
    for person in people:
        due = person.due
        for window in (*due.windows, *due.specials):
            span = f"{window.window.from_date} 至 {window.window.until_date}"
            yield (
                person.name,
                person.area,
                TIER_WORDS[due.tier],
                STATUS_WORDS[due.status].zh,
                span,
                window.window.obligation.value,
                STATE_WORDS[window.state.value],
                window.done,
                window.owed,
                window.why.zh,
                "" if due.warning is None else due.warning.zh,
            )


def _names(content: ReturnContent) -> dict[str, str]:
    return {one.due.person_id: one.name for one in (*content.previous, *content.interim)}


def _sheet(book: Workbook, title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Worksheet:
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
