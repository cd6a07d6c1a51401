"""What a hold, a ladder at rest, a dead provider or a fault of ours must not swallow."""

import msgspec
import pytest
from alerts_village import HOUR_MS, MIDNIGHT, MINUTE_MS, Village, incident
from desk_room import CONTACTS, Room, finding
from sqlalchemy import text

from alerts.attempts import CallNews
from alerts.ladder_file import parse_ladders
from alerts.model import AlertState, AttemptState, Outcome, PlaceCall, SendSms, Timer, TimerKind
from alerts.situation import Bundle
from core.errors import ConflictError
from core.ids import AlertId, ContactId, PersonId
from rules.findings import FindingKind, Priority

HOUR, MINUTE = 3600, 60
HEAD = 'version = 1\nchanged_by = "w"\nchanged_at = 2026-11-24\nwhy = "y"\n'


@pytest.fixture
def village(tmp_path):
    with Village.at(tmp_path / "truth.sqlite") as made:
        yield made


def fails(room: Room, attempt) -> None:
    """Let a provider refuse an attempt for good."""
    failed = msgspec.structs.replace(attempt, state=AttemptState.FAILED)
    room.attempts[attempt.key] = failed
    news = CallNews(state=AttemptState.FAILED, at_ms=room.now_ms)
    room.commit(room.desk.on_attempt(failed, room.situation(), news, now_ms=room.now_ms))


def live_calls(room: Room):
    return [one for one in room.situation().live_attempts() if isinstance(one.effect, PlaceCall)]


def test_a_graver_finding_gives_the_alert_its_sentence_when_its_hold_ends():
    room = Room()
    room.silence(2 * HOUR, FindingKind.INACTIVITY)
    room.find(finding(FindingKind.DOOR_LEFT_OPEN, Priority.P2))
    room.find(finding())
    assert str(room.alert.sentence.en) == "door_left_open"
    room.forward(2 * HOUR)
    assert (room.alert.priority, room.alert.sentence.en) == (Priority.P1, "inactivity")


def test_the_first_finding_that_anybody_is_told_of_gives_a_held_alert_its_sentence_and_its_gravity():
    room = Room()
    room.silence(2 * HOUR, FindingKind.INACTIVITY)
    room.find(finding())
    room.find(finding(FindingKind.WATER_RUNNING, Priority.P2))
    assert (room.alert.priority, room.alert.sentence.en) == (Priority.P2, "water_running")
    room.forward(2 * HOUR)
    assert (room.alert.priority, room.alert.sentence.en) == (Priority.P1, "inactivity")


def test_the_end_of_a_hold_withdraws_no_ticket_that_waits_for_the_morning_beside_it():
    room = Room(now_ms=MIDNIGHT)
    room.find(finding(FindingKind.DEVICE_SILENT, Priority.P3))
    room.silence(2 * HOUR, FindingKind.BATTERY_LOW)
    room.find(finding(FindingKind.BATTERY_LOW, Priority.P3))
    room.find(finding(FindingKind.BATTERY_LOW, Priority.P3, is_cleared=True))
    room.forward(9 * HOUR)
    assert room.alert.state is AlertState.CALLING_CONTACTS
    assert len(room.attempts) == 1


def test_two_times_of_one_morning_are_two_messages():
    early = f'{HEAD}[p3]\nloop_from = 0\nsteps = [{{ at_local = "07:30", stage = "contacts", sms = ["duty"] }}]\n'
    keys = []
    for ladders in (None, parse_ladders(early, where="x")):
        room = Room(now_ms=MIDNIGHT)
        if ladders is not None:
            room.desk.use_ladders(ladders)
        room.bundles = {"duty": Bundle("bundle:2024-03-06/ab", 2)}
        room.find(finding(FindingKind.DEVICE_SILENT, Priority.P3))
        room.forward(9 * HOUR)
        keys += list(room.attempts)
    assert keys == ["bundle:2024-03-06/ab/08:30/sms", "bundle:2024-03-06/ab/07:30/sms"]


def test_a_new_kind_rings_at_once_although_the_ladder_rests():
    room = Room()
    room.find(finding(FindingKind.DOOR_LEFT_OPEN, Priority.P2))
    room.forward(12 * HOUR)
    rang = len(room.rang)
    room.forward(HOUR)
    assert len(room.rang) == rang  # between two reminders
    room.find(finding(FindingKind.WATER_RUNNING, Priority.P2))
    assert room.called()[rang:] == ["resident"]


def test_numbers_that_all_fail_at_once_are_rung_again_only_after_the_pause_between_rounds():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    while calls := live_calls(room):
        for call in calls:
            fails(room, call)
        room.forward(0)
    assert room.called()[2:] == ["daughter", "son", "grid", "neighbour", "duty", "boss"]
    begun_s = room.now_ms // 1000
    room.forward(5 * MINUTE)
    assert room.rang[8] == (begun_s + 5 * MINUTE, "daughter")


def test_who_cannot_go_is_followed_at_once_although_the_board_shows_the_same_call():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    call = room.last_call("daughter")
    shown = {"id": "shown", "key": f"{call.key}+", "channel": "console", "state": AttemptState.SUBMITTED}
    beside = msgspec.structs.replace(call, **shown)
    room.attempts = {beside.key: beside, **room.attempts}
    room.press("daughter", "2")
    room.forward(0)
    assert room.called()[-1] == "son"


def test_a_message_that_fails_disturbs_nobody_before_the_next_morning():
    room = Room(now_ms=MIDNIGHT)
    room.find(finding(FindingKind.DEVICE_SILENT, Priority.P3))
    room.forward(9 * HOUR)
    (message,) = room.attempts.values()
    fails(room, message)
    room.forward(HOUR)
    assert len(room.attempts) == 1


def test_calls_that_no_provider_took_leave_the_number_free(village):
    village.find(0)
    (call,) = village.attempts()
    person = PersonId("p0")

    def rung():
        with village.truth.view() as unit:
            return unit.silences.tried_ms(person, [], MIDNIGHT - HOUR_MS)[0]

    assert rung() == {"": [MIDNIGHT]}
    village.desk.news_of(call.id, CallNews(state=AttemptState.FAILED, at_ms=MIDNIGHT, detail="refused"))
    assert rung() == {}


def test_a_call_that_another_channel_carries_meanwhile_counts_once(village):
    village.find(0)
    (call,) = village.attempts()
    with village.truth.transaction() as unit:
        unit.outbox.queue_beside(call, MIDNIGHT)
        assert unit.silences.tried_ms(PersonId("p0"), [], MIDNIGHT - HOUR_MS)[0] == {"": [MIDNIGHT]}


def test_who_takes_one_ticket_of_a_morning_leaves_the_message_that_speaks_of_all(village):
    for n in range(3):
        village.find(n, FindingKind.DEVICE_SILENT, Priority.P3)
    village.forward(8 * HOUR_MS + 30 * MINUTE_MS)
    (message,) = village.attempts()
    ticket = next(one for n in range(3) if (one := village.alert(n, is_ticket=True)).id == message.alert_id)
    village.desk.acknowledge(ticket.id, "account:li", ticket.version)
    assert [attempt.state for attempt in village.attempts()] == [AttemptState.NEW]


def test_an_incident_of_a_village_tells_those_who_serve_it_each_number_once(village):
    village.take(incident())
    village.forward(HOUR_MS)
    rung = [one.contact_id for one in village.attempts() if isinstance(one.effect, PlaceCall)]
    written = [one.contact_id for one in village.attempts() if isinstance(one.effect, SendSms)]
    assert written[0] == "duty0"
    assert set(rung) == {ContactId("grid0"), ContactId("duty0")}


def test_the_auditor_finds_the_one_alert_of_a_county_that_waits_for_nothing(village):
    with village.truth.transaction() as unit:
        connection = unit.alerts._connection  # a fault that no decision of ours makes
        village.find_in(unit, 0)
        oldest = unit.alerts.list(None)[0]
        for n in range(600):
            fresh = msgspec.structs.replace(
                oldest, id=AlertId(f"a{n}"), home_id=f"x{n}", opened_at_ms=oldest.opened_at_ms + 1 + n
            )
            timer = Timer(
                key=f"a{n}/t", alert_id=fresh.id, kind=TimerKind.NEXT_STEP, due_at_ms=fresh.opened_at_ms + HOUR_MS
            )
            unit.alerts.apply(village.change(fresh, timer))
        connection.execute(text("DELETE FROM timer WHERE alert_id = :id"), {"id": oldest.id})
        connection.execute(text("UPDATE attempt SET state = 'no_answer'"))
    assert village.desk.audit(village.clock.now_ms()) == 1
    with village.truth.view() as unit:
        assert unit.alerts.timers(oldest.id)


def test_the_auditor_passes_by_an_alert_that_cannot_be_read_and_counts_it(village):
    village.find(0)
    village.find(1)
    broken, other = village.alert(0), village.alert(1)
    with village.truth.transaction() as unit:
        connection = unit.alerts._connection  # faults that no decision of ours makes
        connection.execute(text("DELETE FROM timer"))
        connection.execute(text("UPDATE attempt SET state = 'no_answer'"))
        connection.execute(text("UPDATE alert SET ladder = '{}' WHERE id = :id"), {"id": broken.id})
    assert village.desk.audit(village.clock.now_ms()) == 1
    assert village.desk.timer_faults == 1
    with village.truth.view() as unit:
        assert unit.alerts.timers(other.id)


def test_one_alert_that_cannot_be_read_keeps_no_other_from_ringing_and_is_counted(village):
    village.find(0)
    village.find(1)
    broken = village.alert(0)
    with village.truth.transaction() as unit:
        unit.alerts._connection.execute(  # a fault that no decision of ours makes
            text("UPDATE alert SET ladder = '{}' WHERE id = :id"), {"id": broken.id}
        )
    village.forward(105_000)
    assert village.desk.timer_faults == 1
    assert [one.alert_id for one in village.attempts_of(1)] == [village.alert(1).id] * 2


def test_a_home_whose_contact_cannot_be_read_is_on_the_board_and_keeps_no_other_from_ringing(village):
    with village.truth.transaction() as unit:
        unit.people._connection.execute(  # a fault that no decision of ours makes
            text("UPDATE contact SET phone = x'00' WHERE id = 'daughter0'")
        )
    told = [msgspec.structs.replace(finding(at_ms=village.clock.now_ms()), home_id=f"h{n}", id=f"f{n}") for n in (0, 1)]
    village.take(*told)
    assert village.attempts_of(0) == []
    assert [one.contact_id for one in village.attempts_of(1)] == [None]
    with village.truth.view() as unit:
        assert unit.alerts.trace(village.alert(0).id)[-1].what == "nobody_to_call"


def test_a_timer_that_nothing_waits_for_is_removed_and_counted(village):
    village.find(0)
    alert = village.alert(0)
    village.desk.acknowledge(alert.id, "account:li", alert.version)
    with village.truth.transaction() as unit:
        unit.alerts._connection.execute(  # a fault that no decision of ours makes
            text("INSERT INTO timer (key, alert_id, kind, due_at_ms) VALUES ('stale', :id, 'next_step', 0)"),
            {"id": alert.id},
        )
    assert village.desk.run_timers(village.clock.now_ms()) == 1
    assert village.desk.timer_faults == 1
    assert village.desk.next_timer_ms() == MIDNIGHT + 30 * MINUTE_MS


def test_a_clerk_cannot_close_what_joined_after_they_looked_and_a_call_meanwhile_is_no_reason(village):
    village.find(0)
    seen = village.alert(0)
    (call,) = village.attempts()
    village.desk.news_of(call.id, CallNews(state=AttemptState.SUBMITTED, at_ms=MIDNIGHT))
    village.find(0, FindingKind.EMERGENCY, Priority.P0)
    with pytest.raises(ConflictError, match="more has been found"):
        village.desk.close(seen.id, Outcome.FALSE_OTHER, "", who="account:li", seen_version=seen.version)
    seen = village.alert(0)
    village.desk.news_of(village.attempts_of(0)[-1].id, CallNews(state=AttemptState.SUBMITTED, at_ms=MIDNIGHT))
    closed = village.desk.close(seen.id, Outcome.SEEN_WELL, "", who="account:li", seen_version=seen.version)
    assert closed.state is AlertState.CLOSED


def messages_at(room: Room) -> list[int]:
    return sorted(one.created_at_ms // 1000 for one in room.attempts.values() if isinstance(one.effect, SendSms))


def test_rounds_whose_calls_are_all_held_back_keep_the_pause_between_rounds_and_write_once_in_each():
    room = Room(contacts=(CONTACTS[4],), has_resident=False, now_ms=HOUR * 1000)
    begun = HOUR
    room.other_calls["contact:duty"] = [begun * 1000] * 3
    room.find(finding(FindingKind.SERVICE_DEAF, Priority.P2, at_ms=begun * 1000))
    room.forward(15 * MINUTE - 1)
    assert (messages_at(room), room.rang) == ([begun], [])
    room.forward(1)
    assert room.rang == [(begun + 15 * MINUTE, "duty")]  # as soon as the number may be rung
    room.forward(30 * MINUTE)
    assert messages_at(room) == [begun, begun + 45 * MINUTE]
    room.forward(3 * HOUR)
    assert len(messages_at(room)) == 3  # the rounds that the ladder has, and no more


def test_who_is_the_only_one_left_is_rung_again_after_the_pause_between_rounds():
    room = Room(contacts=(CONTACTS[0],))
    room.find(finding())
    room.forward(20 * MINUTE)
    assert room.rang[-1] == (20 * MINUTE, "daughter")
    room.forward(5 * MINUTE)
    assert room.rang[-2:] == [(20 * MINUTE, "daughter"), (25 * MINUTE, "daughter")]
