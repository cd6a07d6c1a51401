"""Forms and lists on the command line: a file only its owner may read, its hash printed, every print in the chain."""

import openpyxl
import pytest
from command_line import HOME
from command_line import shouwang as typed


@pytest.fixture
def shouwang(tmp_path):
    (tmp_path / "home.toml").write_text(HOME.replace("李秀英", "李𪚥英"), "utf-8")

    def run(*arguments: str):
        return typed(*arguments, "--data-dir", "data", cwd=tmp_path)

    assert run("registry", "add", "home.toml").returncode == 0
    return run


def test_a_form_a_list_and_what_cannot_be_drawn_come_from_the_command_line(shouwang, tmp_path):
    form = shouwang("print", "annex1", "p-h0123", "--why", "存档", "--out", "out")
    assert form.returncode == 0, form.stderr
    assert (tmp_path / "out/annex1-p-h0123.pdf").read_bytes().startswith(b"%PDF")
    assert "姓名: U+2A6A5" in form.stdout
    word = shouwang("print", "annex1", "p-h0123", "--why", "存档", "--out", "out", "--docx")
    assert (tmp_path / "out/annex1-p-h0123.docx").read_bytes().startswith(b"PK"), word.stderr
    assert "1 people" in shouwang("print", "ledger", "--why", "半年台账", "--out", "out").stdout
    (book,) = (tmp_path / "out").glob("ledger-*.xlsx")
    page = openpyxl.load_workbook(book)["电子台账"]
    row = dict(zip(*((cell.value for cell in one) for one in page.iter_rows()), strict=True))
    assert row["姓名"] == "李𪚥英"
    assert row["联系电话"] == "+8613800000000"
    assert row["对象类别"] == "独居老年人"
    actions = shouwang("audit", "list").stdout
    assert "printed.annex1  p-h0123" in actions
    assert "printed.ledger  all" in actions
    assert shouwang("audit", "verify").returncode == 0


def test_nobody_and_nothing_are_said_so(shouwang):
    nobody = shouwang("print", "annex1", "p-none", "--why", "存档")
    assert nobody.returncode == 2
    assert "no person p-none" in nobody.stderr
    assert "Traceback" not in nobody.stderr
    nothing = shouwang("print", "sheets")
    assert nothing.stdout == "0 sheets\n"
