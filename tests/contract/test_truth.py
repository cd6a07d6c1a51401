"""The truth database keeps its promises: sealed fields, one open alert a home, whole changes, no lost update."""

import threading

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from desk_room import CONTACTS, HOME, PERSON, finding
from small_disk import small_disk
from sqlalchemy import text

from alerts.desk import Desk
from alerts.ladder_file import built_in_ladders
from alerts.model import AlertState, AttemptState
from alerts.situation import Situation
from core.errors import ConfigurationError, ConflictError, DurabilityError
from core.ids import HomeId, PersonId
from registry.homes import Home, Suspension, SuspensionReason
from registry.people import Category, Person
from rules.findings import FindingKind, Priority
from store.cipher import FieldCipher
from store.truth import tables
from store.truth.database import Truth
from store.truth.migrating import MIGRATIONS
from store.truth.version import HEAD, version_of

PERSONAL = {
    "name": "张桂英",
    "id_number": "510232194005060021",
    "phone": "+8613812345678",
    "address": "桥头村7号",
    "illness": "高血压",
}


def person() -> Person:
    return Person(id=PERSON, home_id=HOME, area="a", categories=frozenset({Category.ALONE}), **PERSONAL)


def opened(one=None, home=HOME):
    one = msgspec.structs.replace(one or finding(), home_id=home)
    desk = Desk(built_in_ladders())
    return desk.on_finding(one, Situation(alert=None, contacts=CONTACTS), person_id=PERSON, now_ms=1_000)


def test_the_migration_makes_exactly_the_tables_that_the_code_uses(truth):
    with truth._writer.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_the_release_knows_its_last_migration_without_reading_the_files(truth):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    with truth._writer.connect() as connection:
        assert version_of(connection) == HEAD


def test_a_database_of_a_newer_release_is_refused_and_stays_as_it_is(truth, tmp_path):
    with truth._writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"another release.*start the release that wrote it"):
            Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))


def test_personal_fields_come_back_and_stand_nowhere_in_clear(truth, tmp_path):
    with truth.transaction() as unit:
        unit.people.put_person(person())
        for contact in CONTACTS:
            unit.people.put_contact(msgspec.structs.replace(contact, name="王小芳"))
    with truth.view() as unit:
        assert unit.people.person(PERSON) == person()
        assert {contact.name for contact in unit.people.contacts(PERSON)} == {"王小芳"}
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (*PERSONAL.values(), "王小芳", CONTACTS[0].phone):
        assert secret.encode() not in on_disk


def test_a_person_is_found_by_a_number_however_it_is_written(truth):
    with truth.transaction() as unit:
        unit.people.put_person(person())
    with truth.view() as unit:
        assert [found.id for found in unit.people.find_persons_by_phone("138 1234 5678")] == [PERSON]
        assert unit.people.find_persons_by_phone("+8613800000000") == []


def test_a_field_that_was_moved_to_another_row_does_not_open():
    cipher = FieldCipher(b"k" * 32)
    sealed = cipher.seal("张桂英", table="person", column="name", row_id="p1")
    assert cipher.open(sealed, table="person", column="name", row_id="p1") == "张桂英"
    with pytest.raises(DurabilityError):
        cipher.open(sealed, table="person", column="name", row_id="p2")


def test_a_full_disk_is_told_with_the_file_and_what_to_do(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        truth = Truth(disk.folder / "truth.sqlite", FieldCipher(b"k" * 32))
        disk.fill()
        full = r"truth\.sqlite: .*full\. Remedy: .*free room on that disk"
        with pytest.raises(DurabilityError, match=full), truth.transaction() as unit:
            unit.audit.append("cli:x", "a", "b", "c" * 4_000_000, 0)
        truth.close()


def test_another_key_is_refused_at_the_door(truth, tmp_path):
    with pytest.raises(ConfigurationError, match="key"):
        Truth(tmp_path / "truth.sqlite", FieldCipher(b"x" * 32))


def test_a_key_file_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "key"
    FieldCipher.load(path, database=tmp_path / "none")
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="key"):
        FieldCipher.load(path, database=tmp_path / "none")


def test_a_change_is_written_whole_and_its_effects_once(truth):
    change = opened()
    with truth.transaction() as unit:
        unit.alerts.apply(change)
    with truth.view() as unit:
        assert unit.alerts.get(change.alert.id) == change.alert
        assert tuple(unit.alerts.timers(change.alert.id)) == change.timers
        assert [a.key for a in unit.outbox.of_alert(change.alert.id)] == [e.key for e in change.effects]
        assert tuple(unit.alerts.trace(change.alert.id)) == change.trace
    again = msgspec.structs.replace(change, alert=msgspec.structs.replace(change.alert, version=2))
    with truth.transaction() as unit:
        unit.alerts.apply(again)
    with truth.view() as unit:
        assert len(unit.outbox.of_alert(change.alert.id)) == len(change.effects)


def test_a_change_that_fails_half_way_leaves_nothing(truth):
    change = opened()

    def fail():
        with truth.transaction() as unit:
            unit.alerts.apply(change)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with truth.view() as unit:
        assert unit.alerts.get(change.alert.id) is None
        assert unit.outbox.next_due_ms() is None


def test_a_stale_version_and_a_second_open_alert_of_a_home_are_refused(truth):
    change = opened()
    with truth.transaction() as unit:
        unit.alerts.apply(change)
    stale = msgspec.structs.replace(change, alert=msgspec.structs.replace(change.alert, version=9))
    with pytest.raises(ConflictError), truth.transaction() as unit:
        unit.alerts.apply(stale)
    with pytest.raises(ConflictError), truth.transaction() as unit:
        unit.alerts.apply(opened(finding(at_ms=5)))


def test_alerts_of_one_home_are_listed_alone(truth):
    for home in ("h1", "h2"):
        with truth.transaction() as unit:
            unit.alerts.apply(opened(finding(at_ms=len(home), stage=1 if home == "h1" else 2), HomeId(home)))
    with truth.view() as unit:
        assert [alert.home_id for alert in unit.alerts.list(home_id=HomeId("h2"))] == ["h2"]
        assert len(unit.alerts.list()) == 2


def test_a_technical_ticket_stands_beside_the_homes_alert(truth):
    ticket = opened(finding(FindingKind.DEVICE_SILENT, Priority.P3))
    with truth.transaction() as unit:
        unit.alerts.apply(opened())
        unit.alerts.apply(ticket)
    with truth.view() as unit:
        assert unit.alerts.open_of_home(HOME, is_ticket=True).id == ticket.alert.id
        assert unit.alerts.open_of_home(HOME, is_ticket=False).id == opened().alert.id


def test_two_hundred_writers_at_once_lose_no_update(truth):
    def bump():
        for _ in range(25):
            with truth.transaction() as unit:
                unit.cursors.set_seq("n", unit.cursors.seq("n") + 1)

    threads = [threading.Thread(target=bump) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with truth.view() as unit:
        assert unit.cursors.seq("n") == 200


def test_of_many_claimants_one_gets_the_attempt(truth):
    change = opened()
    with truth.transaction() as unit:
        unit.alerts.apply(change)
        (attempt,) = unit.outbox.due(2_000, 10)
    got = []

    def claim():
        with truth.transaction() as unit:
            got.append(unit.outbox.claim(attempt.id, "console", 2_000))

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (claimed,) = [one for one in got if one is not None]
    assert (claimed.state, claimed.tries, claimed.channel) == (AttemptState.CLAIMED, 1, "console")


def test_the_registry_says_when_it_has_changed(truth):
    with truth.view() as unit:
        before = unit.people.version()
    with truth.transaction() as unit:
        unit.people.put_person(person())
    with truth.view() as unit:
        assert unit.people.version() > before
        assert unit.people.person(PersonId("nobody")) is None
        assert unit.people.home(HomeId("nowhere")) is None


def test_a_suspension_and_a_test_come_back_and_the_reason_stands_nowhere_in_clear(truth, tmp_path):
    in_hospital = Suspension(from_ms=1, until_ms=None, reason=SuspensionReason.HOSPITAL, author="clerk")
    home = Home(id=HOME, person_id=PERSON, area="a", suspensions=(in_hospital,), test_until_ms=7)
    plain = Home(id=HomeId("h2"), person_id=None, area="a")
    with truth.transaction() as unit:
        unit.people.put_home(home)
        unit.people.put_home(plain)
    with truth.view() as unit:
        assert unit.people.home(HOME) == home
        assert unit.people.homes() == sorted([home, plain], key=lambda one: one.id)
    assert all(b"hospital" not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_finding_is_remembered_once_and_its_end_apart_from_it(truth):
    one, end = finding(), finding(is_cleared=True)
    end = msgspec.structs.replace(end, id=one.id)
    with truth.transaction() as unit:
        unit.alerts.apply(opened(one))
        for _ in range(2):
            unit.alerts.remember_finding(one, opened(one).alert.id)
        assert unit.alerts.is_finding_known(one.id, False)
        assert not unit.alerts.is_finding_known(one.id, True)
        unit.alerts.remember_finding(end, opened(one).alert.id)
    with truth.view() as unit:
        assert unit.alerts.findings(opened(one).alert.id) in ([one, end], [end, one])
        assert unit.alerts.count_by_state()[AlertState.ASKING_RESIDENT] == 1
