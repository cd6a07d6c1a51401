"""Commands of privacy and of keys: by an officer with a password, everything told in the chain, nobody named."""

import json
import zipfile
from pathlib import Path

import docx
import pytest
from command_line import shouwang
from ledger_kit import FORM
from privacy_town import PASSWORD, TRACES, PrivacyTown

from app.privacy.traces import Traces, found_in_files


class Desk:
    """The command line beside a town whose person's service has ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.town = PrivacyTown(folder / "data")
        self.town.live()
        self.town.end_service()
        self.town.close()
        self.wang = self.town.wang

    def run(self, *arguments: str, password: str = PASSWORD):
        return shouwang(*arguments, "--data-dir", "data", cwd=self.folder, SHOUWANG_ACCOUNT_PASSWORD=password)

    def actions(self) -> str:
        return self.run("audit", "list").stdout


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_two_officers_erase_somebody_and_nothing_is_left(desk):
    dry = desk.run("privacy", "erase", desk.wang, "--reason", "家属要求", "--as", "qian")
    assert dry.returncode == 0, dry.stderr
    assert "visit: 1 would be emptied" in dry.stdout
    assert "nothing was changed" in dry.stdout
    assert "with --ask it is asked for" in dry.stdout
    asked = desk.run("privacy", "erase", desk.wang, "--reason", "家属要求", "--as", "qian", "--ask")
    assert asked.returncode == 0, asked.stderr
    same = desk.run("privacy", "confirm", desk.wang, "--as", "qian")
    assert same.returncode == 2
    assert "somebody else must confirm" in same.stderr
    done = desk.run("privacy", "confirm", desk.wang, "--as", "sun")
    assert done.returncode == 0, done.stderr + done.stdout
    assert found_in_files(desk.folder / "data", Traces(TRACES)) == []
    assert "waits" not in desk.run("privacy", "requests", "--as", "sun").stdout
    verified = desk.run("audit", "verify")
    assert verified.stdout.startswith("whole"), verified.stdout
    assert all(one in desk.actions() for one in ("erasure.asked", "person.erased"))


def test_a_preview_says_that_the_erasure_would_be_refused(desk):
    desk.run("privacy", "hold", desk.wang, "--reason", "诉讼", "--as", "qian")
    dry = desk.run("privacy", "erase", desk.wang, "--reason", "家属要求", "--as", "qian")
    assert dry.returncode == 0, dry.stderr
    assert "would be refused now: 有保全要求，不得删除 / a legal hold forbids it" in dry.stdout
    assert "with --ask it is asked for" not in dry.stdout


def test_a_wrong_password_is_told_as_that_and_how_to_set_a_new_one(desk):
    told = desk.run("privacy", "requests", "--as", "qian", password="another").stderr
    assert "密码不对 / the password is wrong" in told
    assert "shouwang account add qian --replace" in told
    assert "没有此账号 / no such account" in desk.run("privacy", "requests", "--as", "nobody").stderr


@pytest.mark.parametrize(("name", "password"), [("clerk", PASSWORD), ("qian", "another"), ("nobody", PASSWORD)])
def test_nobody_but_an_officer_with_the_password_does_any_of_it(desk, name, password):
    for command in (
        ("privacy", "report", "--out", "r.md"),
        ("privacy", "export", desk.wang, "--out", "c.zip"),
        ("privacy", "erase", desk.wang, "--reason", "x", "--ask"),
        ("privacy", "confirm", desk.wang),
        ("privacy", "sweep"),
        ("keys", "rotate", "--forget-old"),
    ):
        done = desk.run(*command, "--as", name, password=password)
        assert done.returncode == 2, done.stdout
        assert f"--as {name}" in done.stderr
    assert not list(desk.folder.glob("[rc].*"))


def test_a_copy_holds_everything_and_says_who_took_it(desk):
    done = desk.run("privacy", "export", desk.wang, "--out", "copy.zip", "--as", "qian")
    assert done.returncode == 0, done.stderr
    assert (desk.folder / "copy.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(desk.folder / "copy.zip") as packed:
        told = json.loads(packed.read("everything.json"))
        cover = packed.read("README.md").decode()
        readings = packed.read("readings.csv").decode()
    assert told["person"][0]["name"] == FORM.name
    assert told["person"][0]["id_number"] == FORM.id_number
    assert len(told["entry_version"]) == 4
    assert told["visit_version"][0]["data"]["form"]["advice"].startswith("王秀英")
    assert {row["action"] for row in told["audit"]} >= {"entry.created", "entry.read"}
    assert "account:qian" in cover
    assert "motion" in readings
    assert "person.exported" in desk.actions()


@pytest.mark.parametrize("name", ["report.md", "report.docx"])
def test_the_report_tells_how_things_are_and_names_nobody(desk, name):
    desk.run("privacy", "export", desk.wang, "--out", "copy.zip", "--as", "qian")
    done = desk.run("privacy", "report", "--out", name, "--as", "qian")
    assert done.returncode == 0, done.stderr
    path = desk.folder / name
    if path.suffix == ".md":
        text = path.read_text("utf-8")
    else:
        document = docx.Document(str(path))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        text = "\n".join([*(one.text for one in document.paragraphs), *cells])
    assert "person.exported" in text
    assert "account:qian" in text
    assert "服务终止后 5 年" in text
    assert "密钥从未更换" in text
    assert not any(trace in text for trace in (*TRACES, "赵德福"))
    assert "privacy.reported" in desk.actions()


def test_what_is_past_its_time_is_listed_first_and_asked_for_then(desk):
    early = desk.run("privacy", "sweep", "--as", "qian")
    assert early.returncode == 0, early.stderr
    assert early.stdout.startswith("0 people"), "service ended less than five years ago"
    (desk.folder / "shouwang.toml").write_text("retention_years = 1")
    assert f"{desk.wang}  service ended 2024-02-16" in desk.run("privacy", "sweep", "--as", "qian").stdout
    held = desk.run("privacy", "hold", desk.wang, "--reason", "诉讼", "--as", "sun")
    assert held.returncode == 0, held.stderr
    assert f"{desk.wang}  held" in desk.run("privacy", "sweep", "--as", "qian").stdout
    desk.run("privacy", "release", desk.wang, "--as", "sun")
    done = desk.run("privacy", "sweep", "--do", "--as", "qian")
    assert "1 erasures asked for" in done.stdout
    assert "waits" in desk.run("privacy", "requests", "--as", "sun").stdout


def test_the_key_is_changed_and_the_old_one_kept_where_it_was_asked_to_be(desk):
    before = desk.run("keys", "show").stdout
    unsaid = desk.run("keys", "rotate", "--as", "qian")
    assert unsaid.returncode == 2
    assert "--old-key FILE" in unsaid.stderr
    done = desk.run("keys", "rotate", "--old-key", "old.key", "--as", "qian")
    assert done.returncode == 0, done.stderr
    assert (desk.folder / "old.key").read_text().startswith(before.strip())
    assert desk.run("keys", "show").stdout != before
    assert desk.run("audit", "verify").stdout.startswith("whole")
    assert "keys.rotated" in desk.actions()
    assert "account qian" not in desk.run("privacy", "requests", "--as", "qian").stderr
