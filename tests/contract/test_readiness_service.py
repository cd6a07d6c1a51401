"""Readiness at work: a refusal marks the number everywhere it stands, a person left alone is one ticket."""

from datetime import date, timedelta

import msgspec
import pytest
from desk_room import CONTACTS, HOME, PERSON, finding
from gathered_lists import row, workbook
from register_kit import GRID
from rota_plans import local_ms, town_rota
from typer.testing import CliRunner

from alerts.attempts import CallNews
from alerts.model import AttemptState, PlaceCall
from alerts.service_findings import unreachable_finding
from app.accounts import LocalAccounts
from app.cli import app
from app.desk_service import DeskService
from app.doctor import examine
from app.files import DataFiles
from app.gatherer import Gatherer
from app.readiness_watch import ReadinessWatch
from app.rota_watch import RotaWatch
from core.clock import ManualClock
from core.ids import ContactId
from core.localtime import HOUR_MS
from registry.areas import Area, AreaTree
from registry.gathering import Source
from registry.homes import Home
from registry.people import Category, Person
from registry.readiness import NumberState
from rules.findings import FindingKind, Priority
from visits.policy import built_in_policy

NOW = local_ms("2026-03-02T12:00")
DAUGHTER = CONTACTS[0]


@pytest.fixture
def truth(tmp_path):
    truth = DataFiles(tmp_path).open_truth()
    with truth.transaction() as unit:
        unit.people.put_person(Person(id=PERSON, home_id=HOME, area="a", categories=frozenset({Category.ALONE})))
        unit.people.put_home(Home(id=HOME, person_id=PERSON, area="a"))
        unit.people.put_contact(DAUGHTER)
    yield truth
    truth.close()


def service(truth):
    clock = ManualClock(NOW)
    return DeskService(truth, clock, built_in_policy(), on_change=lambda _lines: None), clock


def call_of(truth, who):
    with truth.view() as unit:
        alert = unit.alerts.open_of_home(HOME, is_ticket=False)
        calls = [one for one in unit.outbox.of_alert(alert.id) if isinstance(one.effect, PlaceCall)]
    return next(one for one in calls if one.contact_id == who)


def refuse(desk, truth):
    desk.take_findings([finding(FindingKind.EMERGENCY, Priority.P0, at_ms=NOW)])
    news = CallNews(state=AttemptState.FAILED, at_ms=NOW, detail="HTTP 400 code 21211: not valid")
    desk.news_of(call_of(truth, "daughter").id, news)


def state(truth, phone):
    with truth.view() as unit:
        return unit.numbers.get(phone)


def test_a_refusal_marks_the_number_and_not_the_contact(truth, tmp_path):
    desk, _ = service(truth)
    refuse(desk, truth)
    assert state(truth, "+86 138-0000 0001").voice_bounced_at_ms == NOW
    with truth.transaction() as unit:
        unit.people.put_contact(msgspec.structs.replace(DAUGHTER, phone="+8613900000001"))
    assert state(truth, "+8613900000001") == NumberState()
    assert DAUGHTER.phone.encode() not in b"".join(p.read_bytes() for p in tmp_path.iterdir() if p.is_file())


def test_a_pressed_key_is_remembered_as_an_answer(truth):
    desk, _ = service(truth)
    desk.take_findings([finding(FindingKind.EMERGENCY, Priority.P0, at_ms=NOW)])
    desk.press(call_of(truth, "daughter").id, "2")
    assert state(truth, DAUGHTER.phone) == NumberState(answered_at_ms=NOW)


def test_a_person_whom_nobody_can_be_rung_for_is_one_ticket_until_somebody_can(truth):
    desk, _ = service(truth)
    watch = ReadinessWatch(truth, desk, "Asia/Shanghai")
    watch.look(NOW)
    assert watch.found.unreachable == ()
    refuse(desk, truth)
    for hour in range(1, 4):
        watch.look(NOW + hour * HOUR_MS)
        watch = ReadinessWatch(truth, desk, "Asia/Shanghai") if hour == 2 else watch
    with truth.view() as unit:
        ticket = unit.alerts.open_of_home(HOME, is_ticket=True)
        assert [one.is_cleared for one in unit.alerts.findings(ticket.id)] == [False]
    assert (ticket.kinds, ticket.priority) == ((FindingKind.CONTACT_UNREACHABLE,), Priority.P3)
    assert "1 people have no contact who can be rung" in watch.notices()[0]
    with truth.transaction() as unit:
        unit.people.put_contact(msgspec.structs.replace(DAUGHTER, phone="+8613900000001"))
    watch.look(NOW + 5 * HOUR_MS)
    with truth.view() as unit:
        assert unit.alerts.open_of_home(HOME, is_ticket=True) is None
    assert "1 contacts are to be confirmed" in watch.notices()[0]


def test_staff_whose_number_bounced_are_a_gap_of_the_rota(truth):
    desk, _ = service(truth)
    with truth.transaction() as unit:
        unit.rota.put(town_rota(), at_ms=NOW, by="clerk")
        unit.numbers.put("+8613800000002", NumberState(voice_bounced_at_ms=NOW))
    watch = RotaWatch(truth, desk)
    watch.look(NOW)
    (notice,) = watch.notices()
    assert "wang" in notice


def test_doctor_and_the_command_name_it_and_a_confirmation_mends_it(truth, tmp_path):
    def said(*arguments: str):
        done = CliRunner().invoke(app, ["contacts", *arguments, "--data-dir", str(tmp_path)])
        assert done.exit_code == 0
        return done.stdout

    desk, _ = service(truth)
    refuse(desk, truth)
    assert [one.is_well for one in examine(None, tmp_path) if "no contact who can be rung" in one.what] == [False]
    told = said("readiness")
    assert "p1  ! 没有可拨通的联系人 nobody can be rung" in told
    assert "daughter  family  0" in told
    assert DAUGHTER.phone[-8:] not in told
    LocalAccounts(truth).create("clerk", "a password of clerk")
    assert said("confirm", "daughter", "--as", "clerk") == "daughter is confirmed by clerk\n"
    assert "0 to be confirmed, 0 people without anybody" in said("readiness")
    assert said("readiness", "--due").startswith("1 contacts")
    assert [one.is_well for one in examine(None, tmp_path) if "no contact who can be rung" in one.what] == [True]
    with truth.view() as unit:
        assert unit.numbers.get(unit.people.contact(ContactId("daughter")).phone).confirmed_by == "account:clerk"


@pytest.fixture
def grid(truth):
    with truth.transaction() as unit:
        unit.entries.put_areas(
            AreaTree([Area("shuren", "树人镇"), Area("shuren/qiaotou", "桥头村"), Area(GRID, "第三网格")])
        )


@pytest.fixture
def imported(truth, grid):
    """Three people of a list, none of whom is activated yet, beside the one who is in service."""
    Gatherer(truth, ManualClock(NOW), "Asia/Shanghai").take(
        workbook(row(2, "王秀英"), row(4, "李桂兰"), row(6, "赵淑珍")), Source.GRID, where="list", actor="account:zhang"
    )
    with truth.view() as unit:
        return [one.id for one in unit.people.persons() if one.id != PERSON]


def tickets(truth):
    with truth.view() as unit:
        return [one.home_id for one in unit.alerts.gravest(100) if FindingKind.CONTACT_UNREACHABLE in one.kinds]


def test_people_of_a_list_who_are_not_activated_are_no_tickets_and_counted_nowhere(truth, tmp_path, imported):
    desk, _ = service(truth)
    watch = ReadinessWatch(truth, desk, "Asia/Shanghai")
    watch.look(NOW)
    assert len(imported) == 3
    assert watch.found.unreachable == ()
    assert tickets(truth) == []
    assert [one.is_well for one in examine(None, tmp_path) if "no contact who can be rung" in one.what] == [True]
    told = CliRunner().invoke(app, ["contacts", "readiness", "--data-dir", str(tmp_path)]).stdout
    assert "0 people without anybody" in told


def test_a_person_of_a_list_is_a_ticket_from_the_day_on_which_service_begins(truth, imported):
    desk, _ = service(truth)
    today = date(2026, 3, 2)
    with truth.transaction() as unit:
        first, second = (unit.people.person(one) for one in imported[:2])
        unit.people.put_person(msgspec.structs.replace(first, active_from=today))
        unit.people.put_person(msgspec.structs.replace(second, active_from=today + timedelta(days=1)))
    ReadinessWatch(truth, desk, "Asia/Shanghai").look(NOW)
    assert tickets(truth) == [first.home_id]


def test_a_home_with_sensors_is_in_service_though_its_entry_waits(truth, imported):
    desk, _ = service(truth)
    with truth.transaction() as unit:
        person = unit.people.person(imported[0])
        unit.people.put_home(Home(id=person.home_id, person_id=person.id, area=person.area))
    ReadinessWatch(truth, desk, "Asia/Shanghai").look(NOW)
    assert tickets(truth) == [person.home_id]


def test_a_ticket_that_was_opened_for_somebody_who_is_not_in_service_is_taken_back(truth, imported):
    desk, _ = service(truth)
    with truth.view() as unit:
        people = [unit.people.person(one) for one in imported]
    desk.take_findings([unreachable_finding(one.home_id, now_ms=NOW, since_ms=NOW) for one in people])
    with truth.transaction() as unit:
        unit.cursors.set_blob("people_without_contact", msgspec.json.encode({one.id: NOW for one in people}))
    assert len(tickets(truth)) == 3
    ReadinessWatch(truth, desk, "Asia/Shanghai").look(NOW + HOUR_MS)
    assert tickets(truth) == []
