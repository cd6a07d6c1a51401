"""Where commands write to: a place that takes no files is refused in one line, before anything is done for it."""

import pytest
from command_line import HOME, printed

from app.files import DataFiles
from core.errors import ConfigurationError


@pytest.fixture
def here(tmp_path):
    (tmp_path / "home.toml").write_text(HOME, encoding="utf-8")
    (tmp_path / "afile").touch()
    printed("registry", "add", str(tmp_path / "home.toml"), data_dir=tmp_path / "data")
    return tmp_path


@pytest.mark.parametrize("out", ["afile", "afile/x.pdf", "/proc/nope", "x" * 300])
@pytest.mark.parametrize(
    "words",
    [
        ("print", "annex1", "p-h0123", "--why", "存档"),
        ("print", "annex2", "v1", "--why", "存档"),
        ("print", "ledger", "--why", "半年台账"),
        ("return", "2024-02"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_place_that_takes_no_files_is_refused_before_anything_is_printed(here, words, out):
    place = out if out.startswith("/") else str(here / out)
    with pytest.raises(ConfigurationError, match=r"--out .* is no folder that can be written into\. Remedy"):
        printed(*words, "--out", place, data_dir=here / "data")
    truth = DataFiles(here / "data").open_truth()
    with truth.view() as unit:
        assert not [one for one in unit.audit.list(limit=1000) if one.action.startswith("printed.")]
        assert unit.returns.of_month("2024-02") == []
    truth.close()


@pytest.mark.parametrize("name", ["a.xlsx", "new/a.PDF", "a.docx", "a.json", "a.csv"])
@pytest.mark.parametrize("words", [("print", "ledger", "--why", "半年台账"), ("return", "2024-02")])
def test_a_files_name_is_refused_where_a_folder_is_meant_and_no_folder_is_called_so(here, words, name):
    place = here / name
    with pytest.raises(ConfigurationError, match=r"--out .* is a file's name, and a folder is meant\. Remedy"):
        printed(*words, "--out", str(place), data_dir=here / "data")
    assert not place.exists()


def test_a_folder_that_is_there_is_taken_whatever_it_is_called(here):
    (here / "year.csv").mkdir()
    printed("print", "ledger", "--why", "半年台账", "--out", str(here / "year.csv"), data_dir=here / "data")
    assert list((here / "year.csv").glob("ledger-*.xlsx"))


@pytest.mark.parametrize("out", ["afile/x.md", "/proc/nope.md"])
def test_a_report_is_refused_before_its_password_is_asked_for(here, out):
    place = out if out.startswith("/") else str(here / out)
    with pytest.raises(ConfigurationError, match="cannot be written there"):
        printed("privacy", "report", "--as", "qian", "--out", place, data_dir=here / "data")
