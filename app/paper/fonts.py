"""Which characters can be drawn; one that cannot is printed as 〓 and reported, to be written in by hand."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import msgspec
import noto_cjk_sans_otc

from app.paper.layout import Cell, Form, texts
from core.errors import ConfigurationError

MISSING = "〓"
"""The compositor's sign for a type that is not in the case."""

FAMILIES = ("Noto Sans CJK SC",)
_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_LAYOUT = {"\n", "\t"}


class Undrawn(msgspec.Struct, frozen=True):
    """A character that no font has, and the place where it should stand."""

    where: str
    character: str

    def __str__(self) -> str:
        """Return it as a list names it: place and code point, so that it can be found in a table."""
        return f"{self.where}: U+{ord(self.character):04X}"


class FontCase(msgspec.Struct, frozen=True):
    """The fonts that a form is set in: files, families in order, and every code point that one of them has."""

    folders: tuple[str, ...]
    families: tuple[str, ...]
    points: frozenset[int]


@lru_cache(maxsize=4)  # one for each folder that the settings may name, with room for the tests'
def font_case(folder: Path | None = None) -> FontCase:
    """Return the font that comes with the service, and those of a folder beside it (for the rarest names).

    Raises ConfigurationError when the folder holds no font.
    """
    wheel = Path(str(noto_cjk_sans_otc.FONT_PATH))
    own = _font_files(folder) if folder is not None else []
    if folder is not None and not own:
        raise ConfigurationError(
            "no font in the folder of print_fonts", where=str(folder), remedy="put .ttf or .otf files there"
        )
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415  # a fifth of a second that a service without forms is spared

    faces = [FT2Font(str(path)) for path in (wheel, *own)]
    families = dict.fromkeys((*FAMILIES, *(face.family_name for face in faces[1:])))
    points = frozenset(point for face in faces for point in face.get_charmap())
    return FontCase(tuple(str(path.parent) for path in (wheel, *own)), tuple(families), points)


def drawable(form: Form, case: FontCase) -> tuple[Form, tuple[Undrawn, ...]]:
    """Return the form with 〓 for what cannot be drawn, a line below it that names each, and the list of them."""
    found = dict.fromkeys(
        Undrawn(where, character) for where, text in texts(form) for character in _undrawn(text, case)
    )
    if not found:
        return form, ()
    named = "；".join(f"{one.where} U+{ord(one.character):04X}" for one in found)
    note = f"{_clean(form.note, case)}\n{MISSING} 无法印出，请手写：{named}"
    rows = tuple(tuple(_clean_cell(cell, case) for cell in row) for row in form.rows)
    clean = msgspec.structs.replace(
        form, title=_clean(form.title, case), opening=_clean(form.opening, case), rows=rows, note=note
    )
    return clean, tuple(found)


def _clean_cell(cell: Cell, case: FontCase) -> Cell:
    return msgspec.structs.replace(cell, text=_clean(cell.text, case))


def _clean(text: str, case: FontCase) -> str:
    missing = set(_undrawn(text, case))
    return "".join(MISSING if character in missing else character for character in text)


def _undrawn(text: str, case: FontCase) -> Iterable[str]:
    return (one for one in text if ord(one) not in case.points and one not in _LAYOUT)


def _font_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
