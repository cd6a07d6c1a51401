"""What printing costs the service that watches: nothing that stays, and a form that cannot be set ends nothing."""

import resource
from pathlib import Path

import pytest

from app.paper.fonts import FontCase, font_case
from app.paper.pdf import TypesettingError, pdf_of
from app.paper.village_sheet import SheetPerson, village_sheet

AT_MS = 1_706_000_000_000
MOST_BYTES = 20_000_000


def sheet_of(village: str):
    people = tuple(
        SheetPerson(
            name=f"{village}甲{number:03}",
            address=f"{village}{number}组{number}号",
            phone=f"+86138{number:08}",
            tier="重点",
            last_sign=f"11-29 07:{number % 60:02} 厨房",
            contacts=(f"1 王芳 女儿 138{number:08}", f"2 周平 邻居 139{number:08}"),
            open_matters=("燃气不安全",),
        )
        for number in range(150)
    )
    return village_sheet(village, "2026-11-29 18:00", people)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()


def test_the_sheets_of_one_village_after_another_leave_nothing_in_the_memory_of_the_service():
    pdf_of(sheet_of("桥头村"), font_case(), AT_MS)  # what is read once: the font's characters
    before = resident_bytes()
    for number in range(4):
        pdf_of(sheet_of(f"{number}号村"), font_case(), AT_MS)
    assert resident_bytes() - before < MOST_BYTES


def test_a_form_that_cannot_be_set_is_an_error_of_ours_that_says_why():
    nowhere = FontCase(folders=(), families=("No Such Family",), points=font_case().points)
    with pytest.raises(TypesettingError, match="a form could not be set"):
        pdf_of(sheet_of("桥头村"), nowhere, AT_MS)
