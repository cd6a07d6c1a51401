"""The ledger on the command line, as a village clerk meets it: record, sign, correct, follow up, hand in."""

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.files import DataFiles
from app.township import settle
from core.errors import ConfigurationError, ConflictError
from core.localtime import zone
from device_sim.township import Plan
from visits.policy import built_in_policy

ANSWERS = "household=unchanged expression=unchanged movement=good illness=unchanged mood=good gas=unsafe water_heating=safe electricity=safe personal_hygiene=good home_hygiene=good indoors=good visited_signature=signed"


def shouwang(*arguments: str, data_dir):
    done = CliRunner().invoke(app, [*arguments, "--data-dir", str(data_dir)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("township")
    truth = DataFiles(folder).open_truth()
    settle(truth, Plan(people=30, villages=2, months=2, seed=4), built_in_policy(), zone("Asia/Shanghai"))
    with truth.view() as unit:
        person = unit.people.persons("shuren/v001")[0].id
    truth.close()
    return folder, person


def test_a_visit_is_recorded_shown_signed_and_corrected(data):
    folder, person = data
    answers = [part for answer in ANSWERS.split() for part in ("--set", answer)]
    told = shouwang(
        "visits",
        "record",
        "--person",
        person,
        "--kind",
        "home",
        "--at",
        "2025-11-03 10:00",
        "--as",
        "wang",
        *answers,
        data_dir=folder,
    )
    visit_id = told.split()[0]
    assert "unsigned" in told
    assert visit_id in shouwang("visits", "unsigned", data_dir=folder)
    assert "signed" in shouwang("visits", "sign", visit_id, "--as", "wang", data_dir=folder)
    fixed = shouwang(
        "visits", "correct", visit_id, "--reason", "补写", "--set", "advice=每周陪聊", "--as", "li", data_dir=folder
    )
    assert " v3 " in fixed
    shown = shouwang("visits", "show", visit_id, data_dir=folder)
    assert "实施关爱服务建议: 每周陪聊" in shown
    assert "v3 account:li 补写" in shown
    assert "燃气安全：不安全" in shouwang("follow-ups", "list", "--area", "shuren/v001", data_dir=folder)
    with pytest.raises(ConflictError):
        shouwang("visits", "sign", visit_id, data_dir=folder)
    with pytest.raises(ConfigurationError, match="no answer"):
        shouwang("visits", "correct", visit_id, "--reason", "x", "--set", "colour=red", data_dir=folder)
    with pytest.raises(ConfigurationError, match="no record"):
        shouwang("visits", "show", "nothing", data_dir=folder)


def test_a_late_entry_is_approved_and_a_double_entry_merged(data):
    folder, person = data
    first, second = (
        shouwang(
            "visits",
            "record",
            "--person",
            person,
            "--kind",
            "phone",
            "--at",
            at,
            "--met",
            met,
            "--as",
            "wang",
            data_dir=folder,
        ).split()[0]
        for at, met in (("2025-10-03 10:00", "person"), ("2025-10-03 09:50", "nobody"))
    )
    for visit_id in (first, second):
        shouwang("visits", "sign", visit_id, "--as", "wang", data_dir=folder)
    assert "v3" in shouwang("visits", "approve", first, "--as", "boss", data_dir=folder)
    assert "merged" in shouwang("visits", "merge", second, first, "--reason", "重复", "--as", "boss", data_dir=folder)


def test_the_due_board_is_told_by_village_with_the_rate_and_the_route_of_a_worker(data):
    folder, person = data
    told = shouwang("visits", "due", "--month", "2024-02", "--area", "shuren/v001", data_dir=folder)
    assert "月探访率 monthly rate" in told
    assert "people, " in told
    truth = DataFiles(folder).open_truth()
    with truth.view() as unit:
        worker = unit.people.workers_of([person])[person]
    truth.close()
    route = shouwang("visits", "due", "--month", "2024-02", "--worker", worker, data_dir=folder)
    assert route == "" or "shuren/v001/" in route
    assert shouwang("visits", "due", "--month", "2024-02", "--outstanding", data_dir=folder).count("[done]") == 0
    with pytest.raises(ConfigurationError, match="not a month"):
        shouwang("visits", "due", "--month", "2024-13", data_dir=folder)


def test_a_follow_up_a_fact_and_a_special_period_are_told(data):
    folder, person = data
    opened = shouwang(
        "follow-ups", "open", "--person", person, "--kind", "hazard", "--what", "屋顶漏雨", data_dir=folder
    )
    closed = shouwang("follow-ups", "step", opened.split()[0], "--step", "close", "--text", "已修", data_dir=folder)
    assert "closed" in closed
    assert "已修" in closed
    fact = shouwang(
        "standing",
        "tell",
        person,
        "--kind",
        "suspended",
        "--on",
        "2025-01-05",
        "--until",
        "2025-01-20",
        "--absence",
        "hospital",
        "--evidence",
        "证明",
        data_dir=folder,
    )
    assert fact.split()[0] in shouwang("standing", "show", person, data_dir=folder)
    shouwang(
        "standing",
        "tell",
        person,
        "--kind",
        "voided",
        "--on",
        "2025-01-06",
        "--voids",
        fact.split()[0],
        data_dir=folder,
    )
    assert "voided" in shouwang("standing", "show", person, data_dir=folder)
    shouwang(
        "special",
        "add",
        "storm-1",
        "--from",
        "2024-07-01",
        "--until",
        "2024-07-02",
        "--level",
        "red",
        "--title",
        "暴雨",
        data_dir=folder,
    )
    listed = shouwang("special", "list", "2024", data_dir=folder)
    assert "极端天气：暴雨" in listed
    assert "春节" in listed
    with pytest.raises(ConfigurationError, match="no day"):
        shouwang("special", "add", "x", "--from", "soon", "--until", "2024-07-02", data_dir=folder)


def test_a_return_is_drawn_up_written_signed_received_and_closes_the_month(tmp_path):
    folder = tmp_path / "data"
    truth = DataFiles(folder).open_truth()
    settle(truth, Plan(people=10, villages=1, months=2, seed=4), built_in_policy(), zone("Asia/Shanghai"))
    truth.close()
    drafted = shouwang("return", "2024-02", "--out", str(tmp_path / "out"), data_dir=folder)
    assert "draft" in drafted
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".json", ".xlsx", ".sha256"}
    shouwang("return", "2024-02", "--step", "sign", data_dir=folder)
    told = shouwang(
        "return", "2024-02", "--step", "receive", "--text", "2024-009", "--out", str(tmp_path / "out"), data_dir=folder
    )
    assert "镇已签收：2024-009" in told
    with pytest.raises(ConflictError, match="已上报结账"):
        shouwang(
            "visits", "record", "--person", "t00000", "--kind", "phone", "--at", "2024-01-20 10:00", data_dir=folder
        )
    with pytest.raises(ConfigurationError, match="not a month"):
        shouwang("return", "february", data_dir=folder)
    with pytest.raises(ConfigurationError, match="nobody is registered"):
        shouwang("return", "2024-02", "--area", "shuren/qiaotou", data_dir=folder)
