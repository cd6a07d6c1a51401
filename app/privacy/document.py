"""The report as a file: Markdown, or .docx for whoever files it on paper."""

import io
from collections.abc import Sequence

import docx

from app.paper.word import set_font
from app.privacy.report import Section


def markdown_of(sections: Sequence[Section]) -> bytes:
    """Return the report as Markdown, UTF-8."""
    parts: list[str] = []
    for number, section in enumerate(sections):
        mark = "##" if number else "#"
        parts += [f"{mark} {section.title}", "", *(f"{line}\n" for line in section.lines)]
        if section.table:
            head, *rows = section.table
            parts += [_row(head), _row(("---",) * len(head)), *(_row(row) for row in rows), ""]
    return ("\n".join(parts).rstrip() + "\n").encode()


def docx_of(sections: Sequence[Section]) -> bytes:
    """Return the report as .docx."""
    document = docx.Document()
    set_font(document.styles["Normal"])
    for number, section in enumerate(sections):
        document.add_heading(section.title, level=0 if number == 0 else 1)
        for line in section.lines:
            document.add_paragraph(line)
        if section.table:
            table = document.add_table(rows=0, cols=len(section.table[0]), style="Table Grid")
            for row in section.table:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"
