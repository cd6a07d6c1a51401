"""A form as PDF by typst; its texts go in as data, so that nothing a person typed is ever read as markup."""

import hashlib
import json
from importlib import resources

import msgspec
import typst

from app.paper.fonts import FontCase, Undrawn, drawable
from app.paper.layout import Form, placed


class Printed(msgspec.Struct, frozen=True):
    """A finished file, its hash for the archive (R34), and what could not be drawn."""

    content: bytes
    sha256: str
    undrawn: tuple[Undrawn, ...]


def pdf_of(form: Form, case: FontCase, printed_at_ms: int) -> Printed:
    """Return the form as PDF/A; the same form and moment give the same bytes.

    Raises ValueError for a table with holes.
    """
    placed(form)
    clean, undrawn = drawable(form, case)
    content = typst.compile(
        resources.files("app.paper").joinpath("form.typ").read_bytes(),
        format="pdf",
        # without the machine's own: the same form looks the same everywhere, and keeps its hash
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=list(case.folders)),
        sys_inputs={
            "form": msgspec.json.encode(clean).decode(),
            "fonts": json.dumps(case.families, ensure_ascii=False),
        },
        pdf_standards="a-2b",  # made to be read in an archive
        timestamp=printed_at_ms // 1000,
    )
    return Printed(content, hashlib.sha256(content).hexdigest(), undrawn)
