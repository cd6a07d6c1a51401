"""A town's file in force: a broken one changes nothing, over a restart too, and a version means one text."""

import pytest

from alerts.ladder_file import built_in_ladders
from api.language import Language, Speaker
from app.ladder_files import ladders_file
from app.rules_files import rules_file

HEAD = 'changed_by = "w"\nchanged_at = 2026-11-24\nwhy = "y"\n'


@pytest.fixture(params=[ladders_file, rules_file])
def keep(request, tmp_path):
    return lambda: request.param(tmp_path / "town.toml", tmp_path / "in-force.toml")


def write(tmp_path, text):
    (tmp_path / "town.toml").write_text(text, encoding="utf-8")


def test_a_changed_file_is_taken_up_once(keep, tmp_path):
    write(tmp_path, f"version = 1\n{HEAD}")
    file = keep()
    assert (file.value.stamp.version, file.refresh()) == (1, False)
    write(tmp_path, f"version = 2\n{HEAD}")
    assert (file.refresh(), file.refresh(), file.value.stamp.version) == (True, False, 2)


def test_a_broken_file_changes_nothing_is_counted_and_named_and_a_restart_keeps_what_was_good(keep, tmp_path):
    write(tmp_path, f"version = 1\n{HEAD}")
    file = keep()
    write(tmp_path, f"version = 2\n{HEAD}[nonsense]\n")
    assert (file.refresh(), file.value.stamp.version, file.refusals) == (False, 1, 1)
    (told,) = file.notices()
    assert "town.toml, line 5" in told
    chinese, english = Speaker(Language.ZH).told(told), Speaker(Language.EN).told(told)
    assert "仍用第1版" in chinese
    assert "stay:" not in chinese
    assert english.startswith("the ")
    assert "town.toml, line 5" in english
    assert keep().value.stamp.version == 1
    write(tmp_path, f"version = 2\n{HEAD}")
    assert (file.refresh(), file.notices()) == (True, [])


def test_a_file_that_is_gone_is_told_with_what_is_in_force_and_what_to_do_in_each_language(keep, tmp_path):
    write(tmp_path, f"version = 7\n{HEAD}")
    file = keep()
    (tmp_path / "town.toml").unlink()
    assert (file.refresh(), file.value.stamp.version, file.refusals) == (False, 7, 1)
    (told,) = file.notices()
    chinese, english = Speaker(Language.ZH).told(told), Speaker(Language.EN).told(told)
    for said in (chinese, english):
        assert str(tmp_path / "town.toml") in said
        assert str(tmp_path / "in-force.toml") in said
    assert "文件不见了" in chinese
    assert "仍用第7版" in chinese
    assert "请放回" in chinese
    assert "is gone" in english
    assert "v7 stay" in english
    assert "put it back" in english
    assert keep().notices() == [told]  # after a restart, too
    write(tmp_path, f"version = 7\n{HEAD}")
    assert (file.refresh(), file.notices()) == (False, [])


def test_a_copy_that_is_not_what_is_in_force_is_not_named(keep, tmp_path):
    write(tmp_path, f"version = 7\n{HEAD}")
    file = keep()
    (tmp_path / "in-force.toml").write_text(f"version = 6\n{HEAD}", encoding="utf-8")
    (tmp_path / "town.toml").unlink()
    file.refresh()
    (told,) = file.notices()
    assert "v7 stay" in told
    assert "in-force.toml" not in told


def test_a_file_that_was_never_there_leaves_what_ships_and_names_no_copy(keep, tmp_path):
    (told,) = keep().notices()
    chinese, english = Speaker(Language.ZH).told(told), Speaker(Language.EN).told(told)
    assert "仍用出厂的" in chinese
    assert "those that ship stay" in english
    assert "in-force.toml" not in told


def test_another_text_under_the_same_version_is_refused(keep, tmp_path):
    write(tmp_path, f"version = 1\n{HEAD}")
    file = keep()
    write(tmp_path, f"version = 1\n# other\n{HEAD}")
    assert file.refresh() is False
    assert "write version = 2" in file.problem


def test_without_a_file_what_ships_is_in_force(tmp_path):
    for make in (ladders_file, rules_file):
        file = make(None, tmp_path / "in-force.toml")
        assert (file.refresh(), file.value.stamp.version) == (False, 0)


TOO_LONG = f"version = 4\n{HEAD}[p0]\nack_deadline_s = 86400\n[area.a.p1]\nack_deadline_s = 900\n"


def test_a_file_that_an_older_release_took_and_this_one_refuses_leaves_the_ladders_that_ship(tmp_path):
    write(tmp_path, TOO_LONG)
    (tmp_path / "in-force.toml").write_text(TOO_LONG, encoding="utf-8")
    file = ladders_file(tmp_path / "town.toml", tmp_path / "in-force.toml")
    assert file.value is built_in_ladders()
    (told,) = file.notices()
    assert "town.toml, line 6: the owner of a P0 cannot be silent so long. Remedy: write 1800 at most" in told
    write(tmp_path, TOO_LONG.replace("86400", "1800"))
    assert (file.refresh(), file.value.stamp.version, file.notices()) == (True, 4, [])


def test_a_file_that_is_refused_leaves_the_town_its_ladders_of_before(tmp_path):
    write(tmp_path, TOO_LONG)
    (tmp_path / "in-force.toml").write_text(f"version = 3\n{HEAD}", encoding="utf-8")
    file = ladders_file(tmp_path / "town.toml", tmp_path / "in-force.toml")
    assert (file.value.stamp.version, file.refusals) == (3, 1)
