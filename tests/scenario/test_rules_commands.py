"""The rules commands as somebody new to them would call them: every slip is one line that says what to do."""

from pathlib import Path

import pytest
from lived_journal import KITCHEN, LIVING, at, home_of, lived, local, moved, said, written
from typer.testing import CliRunner

from app.cli import app
from core.errors import ConfigurationError, ShouwangError
from core.events import Metric
from rules.rehearsal import rehearse
from rules.rulebook import Rulebook
from rules.timetable import parse_timetable

RULES_DOC = Path(__file__).parents[2] / "docs" / "rules.md"
TIMETABLE = """[device]
kitchen = "interior_motion"
[[test]]
name = "one"
start = 2026-03-02T08:00:00
until = "20:00"
"""


@pytest.fixture
def data(tmp_path):
    written(tmp_path / "data", home_of(KITCHEN, LIVING), lived(9), at(9, 0))
    return str(tmp_path / "data")


def refused(*arguments: str) -> str:
    """Run a rules command that a person has to correct; return what it says."""
    result = CliRunner().invoke(app, ["rules", *arguments])
    assert isinstance(result.exception, ShouwangError), result.output
    told = str(result.exception)
    assert "\n" not in told
    assert "Errno" not in told
    return told


def test_asking_why_makes_no_data_directory_and_says_that_nothing_is_registered(tmp_path):
    told = refused("why", "h1", "--at", "2026-03-02 14:00", "--data-dir", str(tmp_path / "mistyped"))
    assert "nothing is registered in" in told
    assert "--data-dir" in told
    assert list(tmp_path.iterdir()) == []


def test_a_mistyped_home_is_answered_with_the_nearest_one(data):
    for command in (("show",), ("why", "--at", "2026-03-02 14:00"), ("backtest",)):
        assert "did you mean h1?" in refused(*command, "h11", "--data-dir", data)
    assert "shouwang registry list" in refused("show", "nobody", "--data-dir", data)


@pytest.mark.parametrize("time", ["yesterday", "14:30", "0001-01-01 00:00", "9999-12-31 23:59"])
def test_a_time_that_is_none_is_answered_with_how_to_write_one(data, time):
    told = refused("why", "h1", "--at", time, "--data-dir", data)
    assert "--at" in told
    assert "2026-03-" in told


def test_a_time_long_after_the_last_word_of_the_journal_is_no_silence(data):
    told = refused("why", "h1", "--at", local(11, 9), "--data-dir", data)
    assert local(9, 0) in told  # how far the journal goes
    shown = CliRunner().invoke(app, ["rules", "why", "h1", "--at", local(9, 9), "--data-dir", data])
    assert shown.exit_code == 0


@pytest.mark.parametrize("command", [["check"], ["test"], ["backtest", "h1", "--rules"], ["test", "--rules"]])
def test_a_file_that_is_missing_or_a_folder_is_called_so(tmp_path, data, command):
    file = ["x.toml"] if command == ["test", "--rules"] else []
    known = ["--data-dir", data] if "backtest" in command else []
    assert "there is no such file" in refused(*command, str(tmp_path / "no.toml"), *file, *known)
    assert "is a folder" in refused(*command, str(tmp_path), *file, *known)


def test_a_file_in_another_code_is_told_how_to_be_saved(tmp_path):
    (tmp_path / "gbk.toml").write_bytes('why = "试试"\n'.encode("gbk"))
    assert "UTF-8" in refused("check", str(tmp_path / "gbk.toml"))


def test_the_mark_that_an_editor_puts_before_a_text_is_passed_over(tmp_path, data):
    rules = 'version = 1\nchanged_by = "Li"\nchanged_at = 2026-03-01\nwhy = "试"\n'
    (tmp_path / "rules.toml").write_text(rules, encoding="utf-8-sig")
    result = CliRunner().invoke(app, ["rules", "check", str(tmp_path / "rules.toml"), "--data-dir", data])
    assert result.exit_code == 0
    assert "rules v1" in result.output


def test_a_cap_that_would_let_silence_last_for_days_is_refused_by_check_and_doctor(tmp_path, data):
    rules = 'version = 1\nchanged_by = "Li"\nchanged_at = 2026-03-01\nwhy = "x"\n[all]\ninactivity_personal = 0\n'
    file = tmp_path / "rules.toml"
    file.write_text(rules + 'inactivity_cap_ms = "300 h"\nmorning_sign_hour = 0\n', encoding="utf-8")
    told = refused("check", str(file), "--data-dir", data)
    assert "rules.toml, line 7: inactivity_cap_ms = 300 h：此限值守护生命，最多12 h" in told
    assert "写最多12 h" in told
    (tmp_path / "s.toml").write_text(f'data_dir = "{data}"\nrules_file = "{file}"\n', encoding="utf-8")
    result = CliRunner().invoke(app, ["doctor", "--config", str(tmp_path / "s.toml")])
    assert result.exit_code == 1
    assert "BAD  rules_file" in result.output


def test_a_guard_that_may_be_switched_off_is_said_aloud_by_check_and_doctor(tmp_path, data):
    rules = 'version = 1\nchanged_by = "Li"\nchanged_at = 2026-03-01\nwhy = "x"\n[home.h1]\nno_return_ms = "30 d"\n'
    file = tmp_path / "rules.toml"
    file.write_text(rules, encoding="utf-8")
    result = CliRunner().invoke(app, ["rules", "check", str(file), "--data-dir", data])
    assert result.exit_code == 0
    assert "!! 守护已放宽：no_return_ms（home h1）：出门一天以上不归也不提醒" in result.output
    (tmp_path / "s.toml").write_text(f'data_dir = "{data}"\nrules_file = "{file}"\n', encoding="utf-8")
    told = CliRunner().invoke(app, ["doctor", "--config", str(tmp_path / "s.toml")]).output
    assert "WARN 守护已放宽：no_return_ms（home h1）" in told


def test_two_limits_that_contradict_each_other_are_shown_on_the_line_that_stands_there(tmp_path):
    rules = 'version = 1\nchanged_by = "Li"\nchanged_at = 2026-03-01\nwhy = "x"\n[home.h1]\nno_return_ms = "5 h"\n'
    (tmp_path / "rules.toml").write_text(rules + "day_starts_hour = 23\n", encoding="utf-8")
    assert "rules.toml, line 7:" in refused("check", str(tmp_path / "rules.toml"))


def test_a_report_that_cannot_be_written_is_refused_before_the_work_and_not_after_it(tmp_path, data):
    out = str(tmp_path / "nowhere" / "out.json")
    for command in (["backtest", "h1", "--data-dir", data], ["evaluate", str(tmp_path / "home.csv")]):
        assert "cannot be written there" in refused(*command, "--json", out)
    assert "cannot be written there" in refused("backtest", "h1", "--data-dir", data, "--json", str(tmp_path))


def test_a_recording_that_is_missing_is_called_so(tmp_path):
    assert "there is no such file" in refused("backtest", "--recording", str(tmp_path / "no.csv"))


def test_a_limit_without_a_name_sets_nothing(data):
    assert "sets nothing" in refused("backtest", "h1", "--data-dir", data, "--set", "=4 h")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('readings = "09:00 kitchen motion"\nexpect = "none"', 'readings: write a list: ["09:00 kitchen motion"]'),
        ("readings = [3]\nexpect = []", "readings: write text in quotes"),
    ],
)
def test_a_timetable_whose_lines_have_the_wrong_shape_shows_the_right_one(lines, told):
    with pytest.raises(ConfigurationError) as refusal:
        parse_timetable(TIMETABLE + lines, where="t.toml")
    assert "t.toml, line 7:" in str(refusal.value)
    assert told in str(refusal.value)


def test_the_timetable_of_the_documentation_passes():
    blocks = [block for block in RULES_DOC.read_text("utf-8").split("```toml\n")[1:] if "[[test]]" in block]
    (timetable,) = (parse_timetable(block.split("```")[0], where="docs/rules.md") for block in blocks)
    outcomes = rehearse(timetable, Rulebook())
    assert len(outcomes) > 1
    assert [outcome.lines for outcome in outcomes if not outcome.has_passed] == []


def lines_told(*arguments: str) -> list[str]:
    """Run a rules command on a file with more than one slip; return a line for each that it names."""
    result = CliRunner().invoke(app, ["rules", *arguments])
    assert isinstance(result.exception, ConfigurationError), result.output
    return str(result.exception).split("\n")


def test_every_slip_of_a_rulebook_is_named_at_once_in_the_order_of_its_lines(tmp_path):
    rules = 'version = 1\nchanged_by = "Li"\nchanged_at = 2026-03-01\nwhy = "x"\n[home.h1]\nno_return = "5 h"\n'
    (tmp_path / "rules.toml").write_text(rules + 'came_in_ms = "soon"\n[tier.kee]\nfrost_c = 4\n', encoding="utf-8")
    told = lines_told("check", str(tmp_path / "rules.toml"))
    assert [line.partition("rules.toml, ")[2].partition(":")[0] for line in told] == ["line 6", "line 7", "line 8"]
    assert all("Remedy: " in line for line in told)


def test_every_slip_of_a_timetable_is_named_at_once(tmp_path):
    slips = 'readings = ["09:00 kichen motion", "25:00 kitchen motion"]\nexpect = ["14:00 inactivty P1"]\n'
    (tmp_path / "table.toml").write_text(TIMETABLE + slips, encoding="utf-8")
    told = lines_told("test", str(tmp_path / "table.toml"))
    assert [line.partition("table.toml, ")[2].partition(":")[0] for line in told] == ["line 7", "line 7", "line 8"]


def test_a_file_with_more_slips_than_anybody_reads_names_twenty_and_says_how_many_more(tmp_path):
    slips = "readings = [\n" + "".join(f'"{n:02}:00 kichen motion",\n' for n in range(23)) + ']\nexpect = "none"\n'
    (tmp_path / "table.toml").write_text(TIMETABLE + slips, encoding="utf-8")
    told = lines_told("test", str(tmp_path / "table.toml"))
    assert len(told) == 21
    assert told[-1] == "and 3 more"


def test_a_home_without_a_day_of_history_has_no_rate_and_is_told_so(tmp_path):
    written(tmp_path / "data", home_of(KITCHEN, LIVING), moved(KITCHEN, at(0, 9)), at(0, 9.1))
    result = CliRunner().invoke(app, ["rules", "backtest", "h1", "--data-dir", str(tmp_path / "data")])
    assert "less than a day of history" in result.output
    assert "000000" not in result.output


def test_why_knows_the_minute_of_the_very_first_message(tmp_path):
    first_ms = at(0, 9) + 42_000
    written(tmp_path / "data", home_of(KITCHEN, LIVING), [said(KITCHEN, Metric.MOTION, True, first_ms)], first_ms)
    data = str(tmp_path / "data")
    shown = CliRunner().invoke(app, ["rules", "why", "h1", "--at", local(0, 9), "--data-dir", data])
    assert shown.exit_code == 0, shown.exception
    assert "nothing had been received by then" in refused("why", "h1", "--at", local(0, 8.9), "--data-dir", data)


def test_a_recording_that_is_not_there_is_answered_with_what_to_name(tmp_path):
    told = refused("evaluate", str(tmp_path / "nope.csv"))
    assert "there is no such file" in told
    assert "name a .csv" in told
    demo = CliRunner().invoke(app, ["demo", "--replay", str(tmp_path / "nope")])
    assert "there is no such recording" in str(demo.exception)
    assert "without REPLAY" in str(demo.exception)
