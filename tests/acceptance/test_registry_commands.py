"""The register and the audit chain on the command line: what is printed, what is refused, no name in clear."""

import getpass

import pytest
from command_line import HOME
from command_line import shouwang as typed
from gathered_lists import number, row, workbook

AREAS = """
[areas]
"shuren" = "树人镇"
"shuren/qiaotou" = "桥头村"
"shuren/qiaotou/g3" = "第三网格"
"""


@pytest.fixture
def shouwang(tmp_path):
    (tmp_path / "home.toml").write_text(HOME, "utf-8")
    (tmp_path / "areas.toml").write_text(AREAS, "utf-8")

    return lambda *arguments: typed(*arguments, "--data-dir", "data", cwd=tmp_path)


def test_a_person_is_registered_once_listed_masked_and_every_change_is_a_version(shouwang, tmp_path):
    assert shouwang("registry", "add", "home.toml").returncode == 0
    assert shouwang("registry", "add", "home.toml").returncode == 0
    (tmp_path / "home.toml").write_text(HOME.replace("1940-05-06", "1941-05-06"), "utf-8")
    shouwang("registry", "add", "home.toml")
    people = shouwang("registry", "people").stdout
    assert "李*" in people
    assert "李秀英" not in people
    assert "没有第一探访联系人" in people
    history = shouwang("registry", "history", "p-h0123").stdout
    assert "2 versions" in history
    assert "李秀英" not in history
    assert "13800000000" not in history


def test_the_areas_are_a_tree_and_a_branch_in_the_air_is_refused(shouwang, tmp_path):
    assert "3 areas" in shouwang("registry", "areas", "areas.toml").stdout
    (tmp_path / "areas.toml").write_text('[areas]\n"a/b" = "村"\n', "utf-8")
    refused = shouwang("registry", "areas", "areas.toml")
    assert (refused.returncode, "list a too" in refused.stderr) == (2, True)


def test_the_half_years_refresh_is_listed_by_stage(shouwang):
    shouwang("registry", "add", "home.toml")
    assert "never 1" in shouwang("registry", "due").stdout
    assert "nothing was due" in shouwang("registry", "snapshot").stdout


def test_the_chain_is_verified_offline_and_what_was_written_down_is_held_against_it(shouwang, tmp_path):
    shouwang("registry", "add", "home.toml")
    shouwang("registry", "history", "p-h0123")
    whole = shouwang("audit", "verify")
    expect = whole.stdout.split("--expect ")[1].strip()
    assert (whole.returncode, "whole: 3 rows" in whole.stdout) == (0, True)
    (tmp_path / "data" / "shouwang.key").rename(tmp_path / "elsewhere")
    assert shouwang("audit", "verify", "--expect", expect).returncode == 0
    other = shouwang("audit", "verify", "--expect", f"9:{expect.split(':')[1]}")
    assert (other.returncode, "broken at row 4" in other.stdout) == (1, True)
    assert shouwang("audit", "verify", "--expect", "x").returncode == 2


def test_who_did_what_is_listed_without_names(shouwang):
    shouwang("registry", "add", "home.toml")
    listed = shouwang("audit", "list").stdout
    assert "entry.registered  p-h0123" in listed
    assert "李" not in listed


def test_who_added_an_account_and_who_set_its_password_is_listed(shouwang, monkeypatch):
    monkeypatch.setenv("SHOUWANG_ACCOUNT_PASSWORD", "right horse battery")
    assert shouwang("account", "add", "li").returncode == 0
    assert shouwang("account", "add", "li", "--replace").returncode == 0
    listed = shouwang("audit", "list").stdout
    assert f"cli:{getpass.getuser()}  account.added  account:li" in listed
    assert f"cli:{getpass.getuser()}  account.password_set  account:li" in listed
    assert "horse" not in listed


def test_a_list_is_tried_then_taken_and_ends_with_what_was_not_taken_and_why(shouwang, tmp_path):
    shouwang("registry", "areas", "areas.toml")
    wrong = row(4, "李桂兰", 身份证号="512222193805010021")
    (tmp_path / "list.xlsx").write_bytes(workbook(row(2, "王秀英"), wrong, title="桥头村"))
    tried = shouwang("registry", "import", "list.xlsx", "--source", "health", "--dry-run")
    assert "would be: 1 new, 0 match, 0 conflict, 1 refused" in tried.stdout
    assert "0 people" in shouwang("registry", "people").stdout
    taken = shouwang("registry", "import", "list.xlsx", "--source", "health")
    assert (taken.returncode, "row 4 not taken: id_number: 身份证号校验码不符" in taken.stdout) == (0, True)
    assert "1 people" in shouwang("registry", "people").stdout
    for secret in ("王秀英", "李桂兰", number(2), "512222193805010021"):
        assert secret not in tried.stdout + taken.stdout
    assert "[bulk]" in shouwang("audit", "list").stdout
    assert shouwang("audit", "verify").returncode == 0


def test_a_list_is_read_by_a_map_and_one_of_which_nothing_can_be_taken_says_so(shouwang, tmp_path):
    (tmp_path / "list.xlsx").write_bytes(workbook(["王秀英", "1"], header=["甲", "乙"]))
    (tmp_path / "map.toml").write_text('[columns]\n"甲" = "name"\n"乙" = "id_number"\n', "utf-8")
    none = shouwang("registry", "import", "list.xlsx", "--source", "other", "--map", "map.toml")
    assert (none.returncode, "1 refused" in none.stdout) == (3, True)
    (tmp_path / "map.toml").write_text("甲 = 1", "utf-8")
    assert shouwang("registry", "import", "list.xlsx", "--source", "other", "--map", "map.toml").returncode == 2
    assert shouwang("registry", "import", "nothing.xlsx", "--source", "other").returncode == 2
