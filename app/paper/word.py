"""A form as an editable .docx with the very table of the PDF; one file a copy would be thrown away, so it holds all."""

import hashlib
import io

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from app.paper.layout import Form, Placed, placed
from app.paper.pdf import Printed

FONT = "宋体"
"""What every Chinese Word and WPS has; another program takes its own."""

_A4_MM = (210, 297)
_MARGIN_MM = 14


def docx_of(form: Form) -> Printed:
    """Return the form as .docx. Control characters, which the format cannot hold, become spaces."""
    document = docx.Document()
    _set_page(document, form)
    cells = placed(form)
    for number, copy in enumerate(form.copies):
        if number:
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        _write(document.add_paragraph(), form.title, size=14, is_bold=True, is_centred=True)
        _write(document.add_paragraph(), form.opening)
        _table(document, form, cells)
        _write(document.add_paragraph(), f"{form.note}\n{copy}", size=8.5)
    held = io.BytesIO()
    document.save(held)
    content = held.getvalue()
    return Printed(content, hashlib.sha256(content).hexdigest(), ())


def _set_page(document: Document, form: Form) -> None:
    section = document.sections[0]
    width, height = reversed(_A4_MM) if form.is_landscape else _A4_MM
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.orientation = WD_ORIENT.LANDSCAPE if form.is_landscape else WD_ORIENT.PORTRAIT
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(_MARGIN_MM))
    set_font(document.styles["Normal"])


def set_font(style: object) -> None:
    """Give a document's style the font that every Chinese office has; TypeError for a style of something else."""
    if not isinstance(style, ParagraphStyle):
        raise TypeError("the document's Normal is a style of paragraphs")
    style.font.name, style.font.size = FONT, Pt(9)
    # without types: the element behind a style is of a class that lxml makes at run time
    fonts = style.font.element.get_or_add_rPr().get_or_add_rFonts()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    fonts.set(qn("w:eastAsia"), FONT)  # pyright: ignore[reportUnknownMemberType]
    style.paragraph_format.space_after = Pt(0)


def _table(document: Document, form: Form, cells: list[Placed]) -> None:
    table = document.add_table(rows=len(form.rows), cols=len(form.widths), style="Table Grid")
    table.autofit = False
    page = (_A4_MM[1] if form.is_landscape else _A4_MM[0]) - 2 * _MARGIN_MM
    for column, width in zip(table.columns, form.widths, strict=True):
        column.width = Mm(page * width / sum(form.widths))
    for one in cells:
        cell = table.cell(one.row, one.column)
        if one.cell.rows > 1 or one.cell.columns > 1:
            corner = table.cell(one.row + one.cell.rows - 1, one.column + one.cell.columns - 1)
            cell = cell.merge(corner)
        is_printed = one.cell.is_label or one.cell.is_heading
        _write(cell.paragraphs[0], one.cell.text, is_bold=one.cell.is_heading, is_centred=is_printed)


def _write(
    paragraph: Paragraph, text: str, *, size: float = 9, is_bold: bool = False, is_centred: bool = False
) -> None:
    run = paragraph.add_run("".join(one if one >= " " or one in "\n\t" else " " for one in text))
    run.font.size, run.bold = Pt(size), is_bold
    if is_centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
