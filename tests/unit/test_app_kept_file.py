"""A town's file in force: a broken one changes nothing, over a restart too, and a version means one text."""

import pytest

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
