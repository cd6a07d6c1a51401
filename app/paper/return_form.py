"""The monthly return on paper: what its workbook says, with a line for each hand; each copy says where it is kept."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from app.paper.fonts import font_case
from app.paper.layout import Cell, Form, heading, label
from app.paper.pdf import Printed, pdf_of
from app.return_sections import SHARES, Place, Section, Value, cover_of, sections_of
from visits.return_content import ReturnContent
from visits.returns import MonthlyReturn

TITLE = "特殊困难老年人探访关爱服务月报"
COPIES = ("镇民政办存档", "村（社区）存档")
SIGNATURES = ("村（社区）签字（盖章）", "镇民政办签收（盖章）")
NONE = "无"

Rows = list[tuple[Cell, ...]]


class ReturnPaper:
    """Prints returns in a time zone; `fonts` is a folder of further fonts, None for none. Blocking."""

    def __init__(self, zone: ZoneInfo, fonts: Path | None = None) -> None:
        self.zone = zone
        self._fonts = fonts

    def pdf(self, row: MonthlyReturn, content: ReturnContent, place: Place = str) -> Printed:
        """Return the return as PDF/A: the same return in the same state gives the same bytes, whenever it is asked."""
        at_ms = row.log[-1].at_ms if row.log else row.drafted_at_ms
        return pdf_of(return_form(row, content, self.zone, place), font_case(self._fonts), at_ms)


def return_form(row: MonthlyReturn, content: ReturnContent, zone: ZoneInfo, place: Place = str) -> Form:
    """Return the printed form; `place` says an area's path as people write it."""
    rows: Rows = list(_cover(row, content, place))
    for number, section in enumerate(sections_of(row, content, zone, place)):
        rows += _section(f"{_NUMERALS[number]}、{section.title}", section)
    rows.append(tuple(cell for words in SIGNATURES for cell in _signature(words)))
    return Form(
        title=TITLE,
        opening=f"{place(content.area)}　{content.month}（每月20日前上报镇民政办）",
        widths=(1.0,) * SHARES,
        rows=tuple(rows),
        note="含个人信息：按档案保管，不得外传。类别：C1 上门，C2 电话，C3 视频，C4 远程已确认；其余只作记录，不计入。",
        copies=COPIES,
        is_landscape=True,
    )


_NUMERALS = "一二三四五六七八九"


def _cover(row: MonthlyReturn, content: ReturnContent, place: Place) -> Iterator[tuple[Cell, ...]]:
    """Yield the figures two in a line; the last one, the hash, needs a line of its own."""
    *figures, last = [
        (label(title, columns=SHARES // 6), _words(value), title) for title, value in cover_of(row, content, place)
    ]
    for start in range(0, len(figures), 2):
        pair = figures[start : start + 2]
        width = SHARES // len(pair) - SHARES // 6
        yield tuple(
            cell for title, text, where in pair for cell in (title, Cell(text=text, columns=width, where=where))
        )
    title, text, where = last
    yield title, Cell(text=text or NONE, columns=SHARES - SHARES // 6, where=where)


def _section(title: str, section: Section) -> Rows:
    rows: Rows = [(heading(title, columns=SHARES),), tuple(label(head, columns=share) for head, share in section.heads)]
    for number, values in enumerate(section.rows, 1):
        pairs = zip(section.heads, values, strict=True)
        rows.append(
            tuple(
                Cell(text=_words(value), columns=share, where=f"{title} {number} {head}")
                for (head, share), value in pairs
            )
        )
    if not section.rows:
        rows.append((Cell(text=NONE, columns=SHARES, where=title),))
    return rows


def _signature(words: str) -> tuple[Cell, Cell]:
    return label(words, columns=SHARES // 6), Cell(text="年　　月　　日", columns=SHARES // 3, lines=3, where=words)


def _words(value: Value) -> str:
    return "" if value is None else str(value)
