"""What the alerting commands say to words that they cannot take: what is wrong, where, and what to write instead."""

import pytest
from command_line import HOME, printed
from rota_plans import ROTA_TOML

from app.files import DataFiles
from core.errors import ShouwangError
from core.ids import PersonId

LADDERS = """
version = 1
changed_by = "w"
changed_at = 2026-11-24
why = "y"
[person.p-h0123.p1]
ack_deadline_s = 900
"""


def shouwang(folder, *arguments: str) -> str:
    """Return what a command prints, or what is wrong with its words."""
    try:
        return printed(*arguments, data_dir=folder)
    except ShouwangError as error:
        return str(error)


def written(folder, text):
    path = folder / "words.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        ('birth_date = "1940-5-6"', "line 9", "birth_date is no date"),
        ("birth_date = 1940-02-30", "line 9", "not TOML"),
        ("birth_date = 1940-13-06", "line 9", "1940-13-06 不是日期 / is no date"),
        ("birth_date = 1940/5/6  # by her card", "line 9", "1940/5/6 不是日期 / is no date"),
        ("birth_date = 1940", "line 9", "birth_date is no date"),
    ],
)
def test_a_date_that_no_calendar_has_is_told_as_it_is_to_be_written(tmp_path, wrong, line, words):
    said = shouwang(tmp_path, "registry", "add", written(tmp_path, HOME.replace("birth_date = 1940-05-06", wrong)))
    assert line in said
    assert words in said
    assert "as 1940-05-06, without quotation marks" in said


def test_a_birth_date_that_is_still_to_come_is_refused_with_its_line(tmp_path):
    said = shouwang(tmp_path, "registry", "add", written(tmp_path, HOME.replace("1940-05-06", "2940-05-06")))
    assert "words.toml, line 9, [person]: birth_date" in said
    assert "is after today" in said
    assert "0 homes" in shouwang(tmp_path, "registry", "list")


def test_somebody_younger_than_sixty_is_registered_and_that_is_said_at_once(tmp_path):
    said = shouwang(tmp_path, "registry", "add", written(tmp_path, HOME.replace("1940-05-06", "2010-05-06")))
    assert "! 未满60周岁" in said
    assert "younger than 60" in said
    assert "1 homes" in shouwang(tmp_path, "registry", "list")


def test_a_number_that_somebody_else_has_is_registered_and_that_is_said_without_it(tmp_path):
    home = written(tmp_path, f'{HOME}[[contact]]\nrole = "family"\nphone = "+8613800000001"\n')
    assert "!" not in shouwang(tmp_path, "registry", "add", home)
    assert "!" not in shouwang(tmp_path, "registry", "add", home)
    said = shouwang(tmp_path, "registry", "add", written(tmp_path, HOME.replace("h0123", "h0124")))
    assert "! 该电话也是 p-h0123 的电话" in said
    assert "13800000000" not in said


@pytest.mark.parametrize("phone", ["13800000000", "138 0000 0000", "86 13800000000", "0086-138-0000-0000"])
def test_a_mainland_number_without_its_country_code_is_completed_and_that_is_said(tmp_path, phone):
    said = shouwang(tmp_path, "registry", "add", written(tmp_path, HOME.replace("+8613800000000", phone)))
    assert "1个号码已补为 +国家码" in said
    truth = DataFiles(tmp_path).open_truth()
    with truth.view() as unit:
        assert unit.people.person(PersonId("p-h0123")).phone == "+8613800000000"
    truth.close()


@pytest.mark.parametrize("command", [("rota", "import"), ("registry", "add"), ("registry", "areas")])
def test_a_file_that_is_not_there_is_named_with_what_to_do(tmp_path, command):
    said = shouwang(tmp_path, *command, "nofile.toml")
    assert said == "nofile.toml: 没有这个文件 / there is no such file. Remedy: 写对文件名 / name another"


def test_a_visit_that_is_still_to_come_is_refused_by_the_options_name(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOUWANG_ACCOUNT_PASSWORD", "a long password")
    shouwang(tmp_path, "registry", "add", written(tmp_path, HOME))
    shouwang(tmp_path, "account", "add", "li")
    said = shouwang(tmp_path, "visits", "record", "p-h0123", "--kind", "home", "--at", "2999-01-01 10:00", "--as", "li")
    assert said.startswith("--at: 探访时间不能晚于现在 / a visit that is still to come cannot be written down")
    assert "Remedy: 写已经开始的时间 / write when it began" in said


@pytest.mark.parametrize("phone", ["8888888", "call the shop", "+86 123", "13800000000 转 3"])
def test_a_number_that_nobody_can_ring_is_refused_and_not_repeated(tmp_path, phone):
    said = shouwang(tmp_path, "registry", "add", written(tmp_path, HOME.replace("+8613800000000", phone)))
    assert "[person], phone" in said
    assert "Remedy: 手机写11位" in said
    assert phone not in said


def test_the_figures_without_a_month_are_those_of_this_month(tmp_path):
    shouwang(tmp_path, "registry", "add", written(tmp_path, HOME))
    said = shouwang(tmp_path, "kpi")
    assert "(Asia/Shanghai)" in said.splitlines()[0]
    assert "first_call_p99" in said


@pytest.mark.parametrize("at", ["noon", "2026-13-40", "25:00", "12"])
def test_a_time_that_is_none_is_told_as_it_is_to_be_written(tmp_path, at):
    shouwang(tmp_path, "rota", "import", written(tmp_path, ROTA_TOML))
    said = shouwang(tmp_path, "rota", "who", "--at", at)
    assert f"{at!r} 不是时间" in said
    assert 'write "2026-03-02 12:00", or "12:00"' in said


@pytest.mark.parametrize("at", ["2026-03-02T12:00", "2026-03-02 12:00", "12:00"])
def test_a_time_of_today_or_of_a_day_says_who_is_on_duty(tmp_path, at):
    shouwang(tmp_path, "rota", "import", written(tmp_path, ROTA_TOML))
    said = shouwang(tmp_path, "rota", "who", "--at", at)
    assert " 12:00 Asia/Shanghai" in said
    assert "manager" in said


def test_a_table_for_somebody_who_is_not_registered_is_named_with_who_may_be_meant(tmp_path):
    shouwang(tmp_path, "registry", "add", written(tmp_path, HOME))
    assert "!" not in shouwang(tmp_path, "ladder", "check", written(tmp_path, LADDERS))
    said = shouwang(tmp_path, "ladder", "check", written(tmp_path, LADDERS.replace("p-h0123", "p0123")))
    assert "[person.p0123] 没有登记这个人（写编号，不写姓名），是不是 p-h0123" in said
    named = LADDERS.replace("p-h0123", '"李秀英"') + '[area."nowhere".p2]\nrounds = 3\n'
    said = shouwang(tmp_path, "ladder", "check", written(tmp_path, named))
    assert "write the id, not a name" in said
    assert "no home is registered in the area nowhere" in said


def test_a_ladder_of_nobody_is_answered_with_who_may_be_meant(tmp_path):
    shouwang(tmp_path, "registry", "add", written(tmp_path, HOME))
    assert "is p-h0123 meant?" in shouwang(tmp_path, "ladder", "explain", "p0123")
    assert "h0123  p-h0123" in shouwang(tmp_path, "registry", "list")
