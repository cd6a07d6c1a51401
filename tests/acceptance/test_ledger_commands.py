"""The ledger on the command line, as a village clerk meets it: record, sign, correct, follow up, hand in."""

import msgspec
import pytest
from command_line import printed
from visits_kit import POLICY, ZONE, incident, made

from app.accounts import LocalAccounts
from app.files import DataFiles
from app.township import settle
from core.errors import ConfigurationError, ConflictError
from core.ids import AlertId, PersonId
from core.localtime import zone
from device_sim.township import Plan
from visits.credit import Reached, visit_of
from visits.policy import built_in_policy

ANSWERS = "household=unchanged expression=unchanged movement=good illness=unchanged mood=good gas=unsafe water_heating=safe electricity=safe personal_hygiene=good home_hygiene=good indoors=good visited_signature=signed"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("township")
    truth = DataFiles(folder).open_truth()
    settle(truth, Plan(people=30, villages=2, months=2, seed=4), built_in_policy(), zone("Asia/Shanghai"))
    for name in ("wang", "li", "boss"):
        LocalAccounts(truth).create(name, f"a password of {name}")
    with truth.view() as unit:
        person = unit.people.persons("shuren/v001")[0].id
    truth.close()
    return folder, person


def test_a_visit_is_recorded_shown_signed_and_corrected(data):
    folder, person = data
    answers = [part for answer in ANSWERS.split() for part in ("--set", answer)]
    told = printed(
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
    assert visit_id in printed("visits", "unsigned", data_dir=folder)
    assert "signed" in printed("visits", "sign", visit_id, "--as", "wang", data_dir=folder)
    fixed = printed(
        "visits", "correct", visit_id, "--reason", "补写", "--set", "advice=每周陪聊", "--as", "li", data_dir=folder
    )
    assert " v3 " in fixed
    shown = printed("visits", "show", visit_id, data_dir=folder)
    assert "实施关爱服务建议: 每周陪聊" in shown
    assert "v3 account:li 补写" in shown
    assert "燃气安全：不安全" in printed("follow-ups", "list", "--area", "shuren/v001", data_dir=folder)
    with pytest.raises(ConflictError):
        printed("visits", "sign", visit_id, "--as", "wang", data_dir=folder)
    with pytest.raises(ConfigurationError, match="no answer"):
        printed("visits", "correct", visit_id, "--reason", "x", "--set", "colour=red", data_dir=folder)
    with pytest.raises(ConfigurationError, match="no record"):
        printed("visits", "show", "nothing", data_dir=folder)


def test_an_alerts_unsigned_call_is_refused_with_a_remedy_that_works_and_then_signed(data):
    folder, person = data
    truth = DataFiles(folder).open_truth()
    with truth.transaction() as unit:
        found = unit.people.person(person)
        spoke = made(
            Reached.WORKER_SPOKE_WITH_RESIDENT, "2025-11-20T10:00", by="account:li", is_registered_visitor=True
        )
        told = incident(spoke, person_id=found.id, alert_id=AlertId("a-told"), opened="2025-11-20T09:00")
        draft = visit_of(told, found, POLICY, ZONE)
        unit.visits.put(draft)
    truth.close()
    with pytest.raises(ConflictError, match=f"the visitor has not signed.*shouwang visits fill {draft.id}"):
        printed("visits", "sign", draft.id, "--as", "li", data_dir=folder)
    with pytest.raises(ConflictError, match=f"filled, not corrected.*shouwang visits fill {draft.id}"):
        printed("visits", "correct", draft.id, "--reason", "x", "--set", "mood=good", "--as", "li", data_dir=folder)
    filled = printed("visits", "fill", draft.id, "--set", "mood=good", "--as", "li", data_dir=folder)
    assert "has not signed" not in filled
    assert "v3 signed" in printed("visits", "sign", draft.id, "--as", "li", data_dir=folder)
    assert "account:li" in printed("visits", "show", draft.id, data_dir=folder)


def test_a_day_without_a_time_is_refused_and_a_second_visit_of_a_day_is_hinted_at(data):
    folder, person = data
    home = ("visits", "record", "--person", person, "--kind", "home", "--as", "li", "--at")
    with pytest.raises(ConfigurationError, match=r'has no time of day.*"2025-11-05 10:00"'):
        printed(*home, "2025-11-05", data_dir=folder)
    first = printed(*home, "2025-11-05 09:00", data_dir=folder)
    second = printed(*home, "2025-11-05 15:00", data_dir=folder)
    phone = printed(*home[:5], "phone", *home[6:], "2025-11-05 16:00", data_dir=folder)
    assert "another such record" not in first + phone
    assert f"leave this one unsigned {first.split()[0]} 09:00" in second
    with pytest.raises(ConfigurationError, match="has no time of day"):
        printed("visits", "correct", first.split()[0], "--reason", "x", "--at", "2025-11-05", data_dir=folder)


def test_the_list_names_each_record_by_the_id_that_show_takes(data):
    folder, _ = data
    first = printed("visits", "list", "--limit", "1", data_dir=folder).split()[0]
    assert printed("visits", "show", first, data_dir=folder).startswith(f"{first} v")


def test_a_late_entry_is_approved_and_a_double_entry_merged(data):
    folder, person = data
    first, second = (
        printed(
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
        printed("visits", "sign", visit_id, "--as", "wang", data_dir=folder)
    assert "v3" in printed("visits", "approve", first, "--as", "boss", data_dir=folder)
    assert "merged" in printed("visits", "merge", second, first, "--reason", "重复", "--as", "boss", data_dir=folder)


def test_the_due_board_is_told_by_village_with_the_rate_and_the_route_of_a_worker(data):
    folder, person = data
    told = printed("visits", "due", "--month", "2024-02", "--area", "shuren/v001", data_dir=folder)
    assert "月探访率 monthly rate" in told
    assert "people, " in told
    truth = DataFiles(folder).open_truth()
    with truth.view() as unit:
        worker = unit.people.workers_of([person])[person]
    truth.close()
    route = printed("visits", "due", "--month", "2024-02", "--worker", worker, data_dir=folder)
    assert route == "" or "shuren/v001/" in route
    assert printed("visits", "due", "--month", "2024-02", "--outstanding", data_dir=folder).count("[done]") == 0
    with pytest.raises(ConfigurationError, match="not a month"):
        printed("visits", "due", "--month", "2024-13", data_dir=folder)


def test_a_rate_of_nobody_is_no_rate(tmp_path):
    DataFiles(tmp_path / "data").open_truth().close()
    told = printed("visits", "due", "--month", "2024-02", data_dir=tmp_path / "data")
    assert "月探访率 monthly rate 0/0 (–)" in told


def test_an_area_or_a_worker_that_there_is_not_is_refused_with_the_nearest(data):
    folder, _ = data
    due = ("visits", "due", "--month", "2024-02")
    with pytest.raises(ConfigurationError, match=r"there is no area 'shuren/v00'.*did you mean shuren/v00"):
        printed(*due, "--area", "shuren/v00", data_dir=folder)
    with pytest.raises(ConfigurationError, match=r"there is no worker 'nobody'.*did you mean \S+\?"):
        printed(*due, "--worker", "nobody", data_dir=folder)


def test_a_follow_up_is_opened_and_closed(data):
    folder, person = data
    opened = printed(
        "follow-ups",
        "open",
        "--person",
        person,
        "--kind",
        "hazard",
        "--what",
        "屋顶漏雨",
        "--as",
        "wang",
        data_dir=folder,
    )
    closed = printed(
        "follow-ups", "step", opened.split()[0], "--step", "close", "--text", "已修", "--as", "wang", data_dir=folder
    )
    assert "closed" in closed
    assert "已修" in closed


def test_a_fact_is_told_and_voided(data):
    folder, person = data
    fact = printed(
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
        "--as",
        "wang",
        data_dir=folder,
    )
    assert fact.split()[0] in printed("standing", "show", person, data_dir=folder)
    printed(
        "standing",
        "tell",
        person,
        "--kind",
        "voided",
        "--on",
        "2025-01-06",
        "--voids",
        fact.split()[0],
        "--as",
        "wang",
        data_dir=folder,
    )
    assert "voided" in printed("standing", "show", person, data_dir=folder)


def test_a_special_period_is_told(data):
    folder, _ = data
    printed(
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
    listed = printed("special", "list", "2024", data_dir=folder)
    assert "极端天气：暴雨" in listed
    assert "春节" in listed
    with pytest.raises(ConfigurationError, match="no day"):
        printed("special", "add", "x", "--from", "soon", "--until", "2024-07-02", data_dir=folder)


def test_a_return_is_drawn_up_written_signed_received_and_closes_the_month(tmp_path):
    folder = tmp_path / "data"
    truth = DataFiles(folder).open_truth()
    settle(truth, Plan(people=10, villages=1, months=2, seed=4), built_in_policy(), zone("Asia/Shanghai"))
    with truth.transaction() as unit:
        homeless = unit.people.person(PersonId("t00001"))
        unit.people.put_person(msgspec.structs.replace(homeless, area=""))
    for name in ("wang", "boss"):
        LocalAccounts(truth).create(name, f"a password of {name}")
    truth.close()
    drafted = printed("return", "2024-02", "--out", str(tmp_path / "out"), data_dir=folder)
    assert "草稿 / draft" in drafted
    assert "! 1 人没有登记村" in drafted
    assert "树人镇 桥头村" in drafted
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".json", ".pdf", ".xlsx", ".sha256"}
    step = ("return", "2024-02", "--area", "shuren/v001", "--step")
    printed(*step, "sign", "--as", "wang", data_dir=folder)
    told = printed(
        *step, "receive", "--as", "boss", "--text", "2024-009", "--out", str(tmp_path / "out"), data_dir=folder
    )
    assert "镇已签收：2024-009" in told
    with pytest.raises(ConflictError, match="已上报结账"):
        printed(
            "visits",
            "record",
            "--person",
            "t00000",
            "--kind",
            "phone",
            "--at",
            "2024-01-20 10:00",
            "--as",
            "wang",
            data_dir=folder,
        )
    with pytest.raises(ConfigurationError, match="not a month"):
        printed("return", "february", data_dir=folder)
    with pytest.raises(ConfigurationError, match="nobody is registered"):
        printed("return", "2024-02", "--area", "shuren/qiaotou", data_dir=folder)
