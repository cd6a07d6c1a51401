"""The rota at work: ladders ring who is on duty, a gap reaches the supervisor once, plans rest sealed and kept."""

from datetime import date

import msgspec
import pytest
from desk_room import CONTACTS, HOME, PERSON, finding
from rota_plans import local_ms, town_rota

from alerts.canary import canary_home
from alerts.model import PlaceCall, SendSms
from app.desk_service import DeskService
from app.doctor import standing_troubles
from app.doctor_people import examine_people
from app.duty import contacts_for
from app.files import DataFiles
from app.readiness_watch import survey
from app.rota_watch import RotaWatch
from app.settings import Settings
from core.clock import ManualClock
from core.ids import ContactId, HomeId, PersonId
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import ContactRole, Home
from registry.people import Category, Person
from registry.rota import Rota
from rules.findings import FindingKind, Priority
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.policy import built_in_policy

MONDAY = local_ms("2026-03-02T12:00")
AWAY = '[[leave]]\nstaff = "li"\nfrom = 2026-03-03T00:00:00\nuntil = 2026-03-04T00:00:00\n'


@pytest.fixture
def truth(tmp_path):
    truth = Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))
    with truth.transaction() as unit:
        unit.people.put_person(Person(id=PERSON, home_id=HOME, area="a", categories=frozenset({Category.ALONE})))
        unit.people.put_home(Home(id=HOME, person_id=PERSON, area="a"))
        for contact in CONTACTS:
            unit.people.put_contact(contact)
    yield truth
    truth.close()


def put(truth, rota):
    with truth.transaction() as unit:
        return unit.rota.put(rota, at_ms=MONDAY, by="clerk")


def service(truth, now_ms=MONDAY):
    clock = ManualClock(now_ms)
    return DeskService(truth, clock, built_in_policy(), on_change=lambda _lines: None), clock


def rung(truth, home_id):
    with truth.view() as unit:
        alert = unit.alerts.open_of_home(home_id, is_ticket=False)
        return [(one.contact_id, type(one.effect)) for one in unit.outbox.of_alert(alert.id)]


def test_the_ladder_rings_who_is_on_duty_and_no_registered_duty_contact(truth):
    put(truth, town_rota())
    desk, _ = service(truth)
    desk.take_findings([finding(FindingKind.EMERGENCY, Priority.P0, at_ms=MONDAY)])
    called = [who for who, kind in rung(truth, HOME) if kind is PlaceCall]
    assert called == ["daughter", "staff-li"]
    with truth.view() as unit:
        assert unit.people.contact(ContactId("staff-li")).phone == "+8613800000001"


def test_without_a_rota_or_in_its_gap_the_registered_duty_contact_is_rung(truth):
    with truth.view() as unit:
        assert contacts_for(unit, HOME, PERSON, MONDAY) == CONTACTS
    put(truth, town_rota(AWAY))
    in_gap = local_ms("2026-03-03T12:00")
    with truth.view() as unit:
        duty = [c.id for c in contacts_for(unit, HOME, PERSON, in_gap) if c.role is ContactRole.DUTY]
        bosses = [c.id for c in contacts_for(unit, HOME, PERSON, in_gap) if c.role is ContactRole.SUPERVISOR]
    assert (duty, bosses) == (["duty"], ["staff-boss"])


def test_a_hand_over_between_two_steps_rings_the_next_person_and_keeps_the_words_for_the_first(truth):
    put(truth, town_rota())
    at_ms = local_ms("2026-03-02T17:28")
    desk, clock = service(truth, at_ms)
    desk.take_findings([finding(FindingKind.EMERGENCY, Priority.P0, at_ms=at_ms)])
    for minute in range(1, 8):
        clock.advance_to_ms(at_ms + minute * MINUTE_MS)
        desk.run_timers(clock.now_ms())
    called = [who for who, kind in rung(truth, HOME) if kind is PlaceCall]
    assert "staff-li" in called
    assert "staff-wang" in called
    with truth.view() as unit:
        alert = unit.alerts.open_of_home(HOME, is_ticket=False)
        (attempt,) = [one for one in unit.outbox.of_alert(alert.id) if one.contact_id == "staff-li" and _is_call(one)]
    desk.press(attempt.id, "1")
    with truth.view() as unit:
        last = unit.alerts.trace(alert.id)[-1]
    assert (last.what, last.who, last.text.zh) == ("acknowledged", "contact:staff-li", "值班人员接手")


def test_a_gap_reaches_the_supervisor_once_and_its_end_is_written_down(truth):
    put(truth, town_rota(AWAY))
    desk, clock = service(truth)
    watch = RotaWatch(truth, desk)
    for ten_minutes in range(6 * 24):
        clock.advance_to_ms(MONDAY + ten_minutes * 10 * MINUTE_MS)
        watch.look(clock.now_ms())
        if ten_minutes == 3:
            watch = RotaWatch(truth, desk)  # a restart remembers what was told
    with truth.view() as unit:
        (alert,) = unit.alerts.list()
        told = unit.alerts.findings(alert.id)
        first = unit.outbox.of_alert(alert.id)
    assert (alert.kinds, alert.priority) == ((FindingKind.ROTA_GAP,), Priority.P2)
    assert alert.opened_at_ms == MONDAY  # the gap begins on the next morning, 20 h ahead
    assert alert.home_id == HomeId(f"service:rota:desk:{local_ms('2026-03-03T08:30') // 60_000}")
    assert "(desk) 03-03 08:30–03-03 17:30" in alert.sentence.en
    assert [finding.is_cleared for finding in sorted(told, key=lambda one: one.at_ms)] == [False]
    assert {one.contact_id for one in first} == {"staff-boss"}
    assert isinstance(first[0].effect, SendSms)
    assert watch.notices() == [str(alert.sentence)]
    put(truth, town_rota())
    watch.look(clock.now_ms() + MINUTE_MS)
    assert watch.notices() == []
    with truth.view() as unit:
        assert [line.what for line in unit.alerts.trace(alert.id)][-1] == "finding_cleared"


def test_homes_without_a_rota_and_without_a_duty_contact_are_a_notice_until_a_rota_is_imported(truth):
    desk, _ = service(truth)
    watch = RotaWatch(truth, desk)
    watch.look(MONDAY)
    assert watch.notices() == []  # somebody is registered under `duty`
    with truth.transaction() as unit:
        unit.people.put_home(Home(id=HomeId("h8"), person_id=None, area="a"))
        unit.people.put_home(canary_home("Asia/Shanghai"))
    watch.look(MONDAY)
    (notice,) = watch.notices()
    for words in ("1户无人值班", "shouwang rota import rota.toml", "1 homes have nobody on duty", "Duty rota"):
        assert words in notice
    assert watch.gaps == 0  # there is no plan that could have one
    put(truth, town_rota())
    watch.look(MONDAY)
    assert watch.notices() == []
    put(truth, msgspec.structs.replace(town_rota(), lines=town_rota().lines[1:]))  # supervisors alone
    watch.look(MONDAY)
    assert "1 homes have nobody on duty" in watch.notices()[0]


def test_without_homes_a_missing_rota_is_no_notice(tmp_path):
    empty = Truth(tmp_path / "empty.sqlite", FieldCipher(b"k" * 32))
    watch = RotaWatch(empty, service(empty)[0])
    watch.look(MONDAY)
    assert watch.notices() == []
    empty.close()


def test_the_supervisor_is_rung_by_voice_when_the_message_is_not_answered(truth):
    put(truth, town_rota(AWAY))
    desk, clock = service(truth)
    RotaWatch(truth, desk).look(MONDAY)
    clock.advance_to_ms(MONDAY + HOUR_MS)
    desk.run_timers(clock.now_ms())
    with truth.view() as unit:
        (alert,) = unit.alerts.list()
        attempts = unit.outbox.of_alert(alert.id)
    assert {type(one.effect) for one in attempts} == {SendSms, PlaceCall}
    assert {one.contact_id for one in attempts} == {"staff-boss"}


def test_plans_are_kept_sealed_and_the_newest_holds(truth, tmp_path):
    assert put(truth, town_rota()) == 1
    assert put(truth, Rota()) == 2
    with truth.view() as unit:
        assert unit.rota.current() == Rota()
        assert unit.people.contact(ContactId("staff-li")) is None
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert "李敏".encode() not in on_disk
    assert b"+8613800000001" not in on_disk


def _is_call(attempt) -> bool:
    return isinstance(attempt.effect, PlaceCall)


def test_without_a_rota_the_registered_supervisor_hears_of_the_service_and_without_one_the_duty_desk(truth):
    hearing = HomeId("service:hearing")
    with truth.view() as unit:
        assert [(one.id, one.role) for one in contacts_for(unit, hearing, None, MONDAY)] == [("boss", ContactRole.DUTY)]
    with truth.transaction() as unit:
        boss = unit.people.contact(ContactId("boss"))
        unit.people.put_contact(msgspec.structs.replace(boss, phone=""))
    with truth.view() as unit:
        assert [one.id for one in contacts_for(unit, hearing, None, MONDAY)] == ["duty"]
    put(truth, town_rota())
    with truth.view() as unit:
        assert [one.id for one in contacts_for(unit, hearing, None, MONDAY)] == ["staff-boss"]


def test_where_nobody_of_the_rota_has_a_number_the_registered_supervisor_hears_of_the_service(truth):
    rota = town_rota()
    put(truth, msgspec.structs.replace(rota, staff=tuple(msgspec.structs.replace(one, phone="") for one in rota.staff)))
    with truth.view() as unit:
        assert [one.id for one in contacts_for(unit, HomeId("service:hearing"), None, MONDAY)] == ["boss"]


def test_doctor_says_that_nobody_would_hear_of_a_failing_service(tmp_path):
    settings, nobody = Settings(data_dir=tmp_path), "nobody can be rung when the service itself fails"
    truth = DataFiles(tmp_path).open_truth()
    assert any(nobody in str(check.what) for check in examine_people(settings) if not check.is_well)
    with truth.transaction() as unit:
        unit.people.put_person(Person(id=PERSON, home_id=HOME, area="a", categories=frozenset({Category.ALONE})))
        unit.people.put_home(Home(id=HOME, person_id=PERSON, area="a"))
        unit.people.put_contact(CONTACTS[-1])
    assert not any(nobody in str(check.what) for check in examine_people(settings))
    truth.close()


def desks(data_dir):
    return [check for check in examine_people(Settings(data_dir=data_dir)) if "on duty now" in check.what]


def test_doctor_counts_the_homes_whose_ladder_finds_nobody_on_duty(tmp_path):
    truth = DataFiles(tmp_path).open_truth()
    assert desks(tmp_path) == []  # nobody lives there yet
    daughter, boss = CONTACTS[0], CONTACTS[-1]
    with truth.transaction() as unit:
        for home in ("h1", "h2"):
            person = PersonId(f"p-{home}")
            unit.people.put_person(
                Person(id=person, home_id=HomeId(home), area="a", categories=frozenset({Category.ALONE}))
            )
            unit.people.put_home(Home(id=HomeId(home), person_id=person, area="a"))
            unit.people.put_contact(
                msgspec.structs.replace(daughter, id=ContactId(f"daughter-{home}"), person_id=person)
            )
        unit.people.put_contact(msgspec.structs.replace(boss, person_id=PersonId("p-h1")))
    (told,) = desks(tmp_path)
    assert not told.is_well
    assert "2户此刻无人值班" in told.what
    assert "2 homes have nobody on duty now" in told.what
    assert "1 of them no supervisor either" in told.what
    assert "shouwang rota import rota.toml" in told.remedy
    with truth.transaction() as unit:
        unit.people.put_contact(msgspec.structs.replace(CONTACTS[-2], person_id=PersonId("p-h1")))
    (told,) = desks(tmp_path)
    assert "1 homes have nobody on duty now" in told.what
    assert told in standing_troubles(Settings(data_dir=tmp_path))  # what a start says
    put(truth, town_rota())
    assert [told.is_well for told in desks(tmp_path)] == [True]
    truth.close()


def test_a_duty_contact_without_a_number_is_nobody_on_duty(truth):
    with truth.view() as unit:
        assert survey(unit, MONDAY, date(2026, 3, 2)).without_duty == 0
    with truth.transaction() as unit:
        duty = unit.people.contact(ContactId("duty"))
        unit.people.put_contact(msgspec.structs.replace(duty, phone=""))
    with truth.view() as unit:
        found = survey(unit, MONDAY, date(2026, 3, 2))
    assert (found.homes, found.without_duty, found.without_desk) == (1, 1, 0)
