"""Somebody registered today by an install file: nothing is owed of before, and the daughter it names is their contact."""

import re
from datetime import timedelta
from io import BytesIO

import msgspec
import pytest
from command_line import HOME, printed
from pypdf import PdfReader
from typer.testing import CliRunner

from app.accounts import LocalAccounts
from app.cli import app
from app.files import DataFiles
from core.clock import SystemClock
from core.errors import ConfigurationError
from core.localtime import local_date, zone
from registry.entries import Relation, obstacles
from registry.identity import Sex
from registry.people import Capacity, Category, Tier

DAUGHTER = '\n[[contact]]\nrole = "family"\nname = "王芳"\nrelation = "女儿"\nphone = "+8613800000001"\n'


@pytest.fixture
def register(tmp_path):
    def add(text: str):
        file = tmp_path / "home.toml"
        file.write_text(text, encoding="utf-8")
        printed("registry", "add", str(file), data_dir=tmp_path / "data")
        truth = DataFiles(tmp_path / "data").open_truth()
        with truth.view() as unit:
            found = unit.entries.versions(unit.people.persons()[0].id)
        truth.close()
        return found

    return add


def today():
    return local_date(SystemClock().now_ms(), zone("Asia/Shanghai"))


def test_who_is_registered_today_owes_no_visit_of_before(register, tmp_path):
    register(HOME)
    last_month = today().replace(day=1) - timedelta(days=1)
    told = printed("visits", "due", "--month", f"{last_month:%Y-%m}", data_dir=tmp_path / "data")
    assert "monthly rate 0/0" in told
    assert "当时尚未建档" in told
    assert "overdue" not in told + printed("visits", "due", "--month", f"{today():%Y-%m}", data_dir=tmp_path / "data")


def test_a_file_that_is_taken_again_begins_no_service_anew(register, tmp_path):
    register(HOME)
    truth = DataFiles(tmp_path / "data").open_truth()
    with truth.transaction() as unit:
        person = unit.people.persons()[0]
        unit.people.put_person(type(person)(**{name: getattr(person, name) for name in person.__struct_fields__} | {
            "active_from": today() - timedelta(days=90)
        }))  # fmt: skip
    truth.close()
    assert register(HOME)[-1].filed.person.active_from == today() - timedelta(days=90)


def test_a_file_that_is_taken_again_undoes_nothing_that_clerks_have_written_since(register, tmp_path):
    register(HOME)
    truth = DataFiles(tmp_path / "data").open_truth()
    with truth.transaction() as unit:
        clerks = msgspec.structs.replace(
            unit.people.persons()[0],
            id_number="110101194912310022",
            illness="高血压",
            disability_grade=2,
            capacity=Capacity.SEVERE,
            categories=frozenset({Category.CHILDLESS}),
            tier_override=Tier.KEY,
            tier_override_reason="村两委认定",
        )
        unit.people.put_person(clerks)
    truth.close()
    later = register(HOME.replace("+8613800000000", "+8613800000009"))[-1].filed.person
    assert later == msgspec.structs.replace(clerks, phone="+8613800000009")


def test_what_the_file_does_not_say_of_capacity_nobody_has_said(register, tmp_path):
    person = register(HOME)[-1].filed.person
    assert person.capacity is None
    assert "能力完好" not in printed("registry", "history", person.id, data_dir=tmp_path / "data")
    said = HOME.replace("[person]", '[person]\ncapacity = "intact"')
    assert register(said)[-1].filed.person.capacity is Capacity.INTACT


def test_a_file_that_says_able_takes_no_incapacity_back_that_a_clerk_found_since(register, tmp_path):
    said = HOME.replace("[person]", '[person]\ncapacity = "intact"')
    register(said)
    truth = DataFiles(tmp_path / "data").open_truth()
    with truth.transaction() as unit:
        unit.people.put_person(msgspec.structs.replace(unit.people.persons()[0], capacity=Capacity.SEVERE))
    truth.close()
    assert register(said)[-1].filed.person.capacity is Capacity.SEVERE


def test_the_daughter_of_the_file_is_first_visit_contact_and_emergency_contact(register, tmp_path):
    versions = register(HOME.replace("[sensor]", f"{DAUGHTER}\n[sensor]"))
    filed = versions[-1].filed
    assert (filed.entry.first_contact.name, filed.entry.first_contact.relation) == ("王芳", Relation.CHILD)
    assert obstacles(filed, today()) == ()
    emergency = filed.entry.form.emergency
    assert (emergency.name, emergency.sex, emergency.phone) == ("王芳", Sex.FEMALE, "+8613800000001")
    assert len(register(HOME.replace("[sensor]", f"{DAUGHTER}\n[sensor]"))) == 1
    out = tmp_path / "out"
    out.mkdir()
    printed("print", "annex1", filed.person.id, "--why", "存档", "--out", str(out), data_dir=tmp_path / "data")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(next(out.iterdir()).read_bytes())).pages)
    assert "王芳" in re.sub(r"\s", "", text)


def test_a_niece_is_proposed_and_waits_for_town_and_village(register):
    filed = register(HOME.replace("[sensor]", f"{DAUGHTER.replace('女儿', '侄女')}\n[sensor]"))[-1].filed
    assert filed.entry.first_contact.relation is Relation.RELATIVE
    assert [one.zh for one in obstacles(filed, today())] == ["第一探访联系人须由镇与村两委共同明确并写明日期（R12）"]


def test_a_person_is_named_either_way_and_a_source_in_chinese(register, tmp_path):
    person = register(HOME)[-1].filed.person.id
    truth = DataFiles(tmp_path / "data").open_truth()
    LocalAccounts(truth).create("li", "a password of li")
    truth.close()
    fact = ("--as", "li", "--kind", "refused", "--on", f"{today()}", "--purpose", "sensors")
    for named in ((person,), ("--person", person)):
        assert "refused" in printed("standing", "tell", *named, *fact, data_dir=tmp_path / "data")
        assert person in printed("standing", "show", *named, data_dir=tmp_path / "data")
        call = ("--as", "li", "--kind", "phone", "--at", f"{today() - timedelta(days=1)} 10:00")
        assert "unsigned" in printed("visits", "record", *named, *call, data_dir=tmp_path / "data")
    with pytest.raises(ConfigurationError, match="whose"):
        printed("standing", "show", data_dir=tmp_path / "data")
    file = tmp_path / "list.csv"
    file.write_text("姓名,证件\n王秀英,51222219380501002X\n", encoding="utf-8")
    done = CliRunner().invoke(
        app, ["registry", "import", str(file), "--source", "残联", "--dry-run", "--data-dir", str(tmp_path / "data")]
    )
    assert "证件 → id_number" in done.stdout
