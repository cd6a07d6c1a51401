"""A number that a provider refuses for good is passed over, and yet rung when there is nobody else."""

from itertools import pairwise

import msgspec
import pytest
from alerts_village import HOUR_MS, MIDNIGHT, MINUTE_MS, Village
from desk_room import CONTACTS, Room, contact, finding
from rota_plans import town_rota

from alerts.attempts import CallNews
from alerts.model import AttemptState, PlaceCall, SendSms
from core.ids import ContactId
from registry.homes import ContactRole
from registry.readiness import NumberState
from registry.rota import on_duty
from rules.findings import FindingKind, Priority

MINUTE = 60
DAUGHTER = ContactId("daughter")
NIGHT_STAFF, DAY_STAFF = (
    f"staff-{next(spell.staff for spell in on_duty(town_rota(), at_ms) if spell.role is ContactRole.DUTY)}"
    for at_ms in (MIDNIGHT, MIDNIGHT + 9 * HOUR_MS)
)


@pytest.fixture
def village(tmp_path):
    with Village.at(tmp_path / "truth.sqlite") as made:
        yield made


def told(room: Room) -> list[str]:
    return [line.text.en for line in room.trace if line.what == "number_refused"]


def test_the_next_contact_is_rung_at_once_and_the_story_says_why():
    room = Room()
    room.dead_for_calls = {DAUGHTER}
    room.find(finding())
    room.forward(20 * MINUTE)
    assert room.called()[2:] == ["son"]
    assert told(room) == ["family is not rung: the provider refuses the number; check it"]
    written = {one.contact_id for one in room.attempts.values() if isinstance(one.effect, SendSms)}
    assert "daughter" in written  # her number takes messages


def test_a_number_that_takes_no_messages_is_rung_and_not_written_to():
    room = Room()
    room.dead_for_messages = {DAUGHTER}
    room.find(finding())
    room.forward(20 * MINUTE)
    assert room.called()[2:] == ["daughter"]
    written = {one.contact_id for one in room.attempts.values() if isinstance(one.effect, SendSms)}
    assert written == {"son", "neighbour", "grid", "duty", "boss"}


def test_a_dead_number_is_rung_all_the_same_when_there_is_nobody_else():
    room = Room(contacts=(contact("daughter", ContactRole.FAMILY, 1),), has_resident=False)
    room.dead_for_calls, room.dead_for_messages = {DAUGHTER}, {DAUGHTER}
    room.find(finding())
    assert room.called() == ["daughter"]


def test_a_dead_number_is_not_rung_while_who_answers_waits_for_the_next_round():
    pauses = []
    for contacts, dead in ((CONTACTS[:2], {CONTACTS[1].id}), (CONTACTS[:1], set())):
        room = Room(contacts=contacts)
        room.dead_for_calls = dead
        room.find(finding())
        room.forward(60 * MINUTE)
        assert "son" not in room.called()
        rung = [at_s for at_s, who in room.rang if who == "daughter"]
        pauses.append([later - earlier for earlier, later in pairwise(rung)])
    assert pauses[0] == pauses[1]  # a dead number beside her delays her by nothing


def test_where_every_number_is_dead_each_is_tried_in_its_turn_without_a_pause_between():
    family = tuple(contact(name, ContactRole.FAMILY, order) for order, name in enumerate(("a", "b", "c"), 1))
    room = Room(contacts=family, has_resident=False)
    room.dead_for_calls = room.dead_for_messages = {one.id for one in family}
    room.find(finding())
    room.forward(5 * MINUTE)
    assert room.called() == ["a", "b", "c"]


def test_who_is_only_written_to_keeps_no_dead_number_from_being_tried():
    """Three of a family are rung; a fourth has the message, and may sleep."""
    family = tuple(contact(name, ContactRole.FAMILY, order) for order, name in enumerate(("a", "b", "c", "d"), 1))
    room = Room(contacts=family, has_resident=False)
    room.dead_for_calls = room.dead_for_messages = {one.id for one in family[:3]}
    room.find(finding())
    room.forward(60 * MINUTE)
    assert {"a", "b", "c"} <= set(room.called())


def test_the_first_attempt_of_a_life_hazard_leaves_nobody_out():
    room = Room()
    room.dead_for_calls = {DAUGHTER}
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    assert room.called() == ["resident", "daughter", "duty"]
    room.forward(2 * MINUTE)
    assert room.called()[3:] == ["son"]


def test_a_provider_that_says_so_marks_the_number_and_the_next_alert_passes_it_over(village):
    village.find(0)
    village.forward(20 * MINUTE_MS)
    (call,) = [one for one in village.attempts_of(0) if one.contact_id == "daughter0" and is_call(one)]
    refused = CallNews(state=AttemptState.FAILED, at_ms=village.clock.now_ms(), detail="HTTP 400 code 21211: invalid")
    village.desk.news_of(call.id, refused)
    village.forward(HOUR_MS)
    rung = [one.contact_id for one in village.attempts_of(0) if is_call(one) and one.contact_id]
    assert rung.count("daughter0") == 1
    assert rung.count("son0") > 1
    with village.truth.transaction() as unit:  # somebody has reached her and written it down
        phone = unit.people.contact(ContactId("daughter0")).phone
        known = unit.numbers.get(phone)
        unit.numbers.put(phone, msgspec.structs.replace(known, confirmed_at_ms=village.clock.now_ms() + 1))
    village.forward(HOUR_MS)
    rung = [one.contact_id for one in village.attempts_of(0) if is_call(one) and one.contact_id]
    assert rung.count("daughter0") > 1


def test_somebody_on_duty_whose_number_is_dead_leaves_the_registered_duty_contact_in_place(village):
    with village.truth.transaction() as unit:
        unit.rota.put(town_rota(), at_ms=MIDNIGHT, by="li")
        phone = unit.people.contact(ContactId(NIGHT_STAFF)).phone
    village.find(0, FindingKind.EMERGENCY, Priority.P0)
    assert NIGHT_STAFF in [one.contact_id for one in village.attempts_of(0)]
    with village.truth.transaction() as unit:
        unit.numbers.put(phone, NumberState(voice_bounced_at_ms=MIDNIGHT))
    village.find(1, FindingKind.EMERGENCY, Priority.P0)
    assert "duty1" in [one.contact_id for one in village.attempts_of(1)]


def test_staff_on_duty_are_spared_as_any_other_number_is(village):
    with village.truth.transaction() as unit:
        unit.rota.put(town_rota(), at_ms=MIDNIGHT, by="li")
    for n in range(3):
        village.find(n, FindingKind.EMERGENCY, Priority.P0)
    village.forward(14 * MINUTE_MS)  # the ladder comes to the desk a second time after six minutes
    rung = [one for one in village.attempts() if is_call(one) and one.contact_id == NIGHT_STAFF]
    assert [one.created_at_ms for one in rung] == [MIDNIGHT] * 3
    village.forward(HOUR_MS)
    rung = [one for one in village.attempts() if is_call(one) and one.contact_id == NIGHT_STAFF]
    assert len(rung) > 3


def test_tickets_of_a_night_are_one_message_to_the_staff_on_duty(village):
    with village.truth.transaction() as unit:
        unit.rota.put(town_rota(), at_ms=MIDNIGHT, by="li")
    for n in range(3):
        village.find(n, FindingKind.DEVICE_SILENT, Priority.P3)
    village.forward(8 * HOUR_MS + 30 * MINUTE_MS)
    (message,) = village.attempts()
    assert message.effect.variables == {"count": "3"}
    assert message.contact_id == DAY_STAFF


def is_call(one) -> bool:
    return isinstance(one.effect, PlaceCall)
