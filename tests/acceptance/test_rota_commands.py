"""The rota as an operator meets it: imported from a file, refused with its line, shown, asked, given to a calendar."""

from pathlib import Path

import pytest
from command_line import printed
from rota_plans import ROTA_TOML

from app.accounts import LocalAccounts
from app.files import DataFiles
from core.errors import ConfigurationError

ROOT = Path(__file__).parents[2]


def test_a_rota_is_imported_shown_asked_and_given_to_a_calendar(tmp_path):
    (tmp_path / "rota.toml").write_text(ROTA_TOML, "utf-8")
    data = tmp_path / "data"
    with pytest.raises(ConfigurationError, match="there is no account clerk"):
        printed("rota", "import", str(tmp_path / "rota.toml"), "--as", "clerk", data_dir=data)
    truth = DataFiles(data).open_truth()
    LocalAccounts(truth).create("clerk", "a password of clerk")
    truth.close()
    told = printed("rota", "import", str(tmp_path / "rota.toml"), "--as", "clerk", data_dir=data)
    assert told == "rota v1: 4 staff, 2 lines\n0 gaps\n"
    who = printed("rota", "who", "--at", "2026-03-02T12:00", data_dir=data)
    assert "desk  duty  day  li 李敏" in who
    assert "manager  supervisor  all  boss 赵主任" in who
    assert "0 gaps" in printed("rota", "show", "--days", "14", data_dir=data)
    assert printed("rota", "ical", data_dir=data).startswith("BEGIN:VCALENDAR")


def test_a_wrong_file_changes_nothing_and_is_named_with_its_line(tmp_path):
    (tmp_path / "rota.toml").write_text(ROTA_TOML.replace("offset = 1", "ofset = 1"), "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        printed("rota", "import", str(tmp_path / "rota.toml"), data_dir=tmp_path / "data")
    assert refused.value.where.endswith("rota.toml, line 36")
    assert not (tmp_path / "data").exists()


def test_without_a_rota_the_command_says_what_to_do(tmp_path):
    (tmp_path / "empty.toml").write_text("staff = []\nline = []\n", "utf-8")
    printed("rota", "import", str(tmp_path / "empty.toml"), data_dir=tmp_path / "data")
    with pytest.raises(ConfigurationError, match="shouwang rota import"):
        printed("rota", "show", data_dir=tmp_path / "data")
    with pytest.raises(ConfigurationError) as refused:
        printed("rota", "who", data_dir=tmp_path / "data")
    assert "还没有值班表" in refused.value.what
    assert "docs/operations.md" in refused.value.remedy


def test_the_file_in_the_documents_is_a_rota_without_a_gap(tmp_path):
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (tmp_path / "rota.toml").write_text(text.split("```toml\n")[1].split("```")[0], "utf-8")
    told = printed("rota", "import", str(tmp_path / "rota.toml"), data_dir=tmp_path / "data")
    assert told == "rota v1: 2 staff, 1 lines\n0 gaps\n"
