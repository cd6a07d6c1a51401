"""What commands refuse of an area that does not exist, of rights without a limit, and of a file in another encoding."""

import pytest
from command_line import HOME
from typer.testing import CliRunner

from app.accounts import LocalAccounts
from app.cli import app
from app.files import DataFiles


@pytest.fixture
def town(tmp_path):
    (tmp_path / "home.toml").write_text(HOME, encoding="utf-8")
    told = run(tmp_path, "registry", "add", str(tmp_path / "home.toml"))
    assert told.exit_code == 0
    truth = DataFiles(tmp_path / "data").open_truth()
    LocalAccounts(truth).create("li", "right horse battery")
    truth.close()
    return tmp_path


def run(folder, *words: str):
    return CliRunner().invoke(app, [*words, "--data-dir", str(folder / "data")])


def refused(folder, *words: str) -> str:
    done = run(folder, *words)
    assert done.exit_code != 0
    return str(done.exception)


def test_a_silence_of_an_area_in_which_nobody_lives_is_refused_with_the_nearest(town):
    words = ("silence", "add", "--until", "2099-01-01 10:00", "--reason", "x", "--as", "li", "--area")
    said = refused(town, *words, "shuren/qiaotuo")
    assert "no area 'shuren/qiaotuo'" in said
    assert "did you mean shuren/qiaotou?" in said


def test_rights_in_an_area_in_which_nobody_lives_are_refused_and_one_above_a_home_is_taken(town):
    assert "no area 'shuren/nowhere'" in refused(town, "account", "grant", "li", "village:shuren/nowhere")
    assert run(town, "account", "grant", "li", "village:shuren/qiaotou").exit_code == 0


def test_rights_for_everything_are_given_only_when_they_are_asked_for(town):
    assert "--everywhere" in refused(town, "account", "grant", "li")
    assert "EVERYTHING, EVERYWHERE" in run(town, "account", "grant", "li", "--everywhere").stdout
    assert "--everywhere" in refused(town, "account", "grant", "li", "town", "--everywhere")
    assert "ALL AREAS" in run(town, "account", "grant", "li", "town").stdout
    assert "town" in run(town, "account", "list").stdout
    run(town, "account", "grant", "li", "village:shuren/qiaotou", "duty")
    listed = run(town, "account", "list").stdout
    assert "村（社区） / village in shuren/qiaotou" in listed
    assert "值班 / duty desk in 所有区域 ALL AREAS" in listed
    run(town, "account", "grant", "li", "--everywhere")
    assert "no role: EVERYTHING, EVERYWHERE" in run(town, "account", "list").stdout


def test_a_file_in_gbk_is_refused_with_its_line_and_the_remedy(tmp_path):
    file = tmp_path / "gbk.toml"
    file.write_bytes('[home]\nid = "h1"\n# 王芳\n'.encode("gbk"))
    lines = tmp_path / "gbk.json"
    lines.write_bytes('{}\n{"vendor": "王芳"}\n'.encode("gbk"))
    for said, line in (
        (refused(tmp_path, "registry", "add", str(file)), 3),
        (str(CliRunner().invoke(app, ["formats", "report", str(lines)]).exception), 2),
    ):
        assert f"line {line}" in said
        assert "save it as UTF-8" in said
