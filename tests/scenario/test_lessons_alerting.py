"""What other systems got wrong about alerting, one test for each lesson; the lesson's number stands in the name."""

import pytest
from desk_room import CONTACTS, HOME, PERSON, Room, finding

from alerts.attempts import CallNews
from alerts.ladder_file import parse_ladders
from alerts.model import AlertState, AttemptState, Outcome, PlaceCall
from app.desk_service import DeskService
from core.clock import ManualClock
from core.errors import ConflictError
from core.localtime import HOUR_MS, MINUTE_MS
from registry.homes import Home
from registry.people import Category, Person
from rules.findings import FindingKind, Priority
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.policy import built_in_policy

MINUTE = 60
MIDNIGHT = 1_709_654_400_000  # 2024-03-06 00:00 in Shanghai


class Desk:
    """A desk on a file that can be killed: opened again it has nothing but what is on the disk."""

    def __init__(self, path, now_ms=0) -> None:
        self._path = path
        self.clock = ManualClock(now_ms)
        self.start()
        with self.truth.transaction() as unit:
            alone = frozenset({Category.ALONE})
            unit.people.put_person(Person(id=PERSON, home_id=HOME, area="a/b", categories=alone, phone="+861"))
            unit.people.put_home(Home(id=HOME, person_id=PERSON, area="a/b"))
            for contact in CONTACTS:
                unit.people.put_contact(contact)

    def start(self) -> None:
        self.truth = Truth(self._path, FieldCipher(b"k" * 32))
        self.service = DeskService(self.truth, self.clock, built_in_policy(), on_change=lambda _lines: None)

    def kill(self) -> None:
        self.truth.close()
        self.start()

    def find(self, one, seq=1) -> None:
        self.service.take_findings([one], kept_seq=seq)

    def forward(self, seconds) -> None:
        until_ms = self.clock.now_ms() + seconds * 1000
        while (due_ms := self.service.next_timer_ms()) is not None and due_ms <= until_ms:
            self.clock.advance_to_ms(max(due_ms, self.clock.now_ms()))
            self.service.run_timers(self.clock.now_ms())
        self.clock.advance_to_ms(until_ms)

    def alert(self):
        with self.truth.view() as unit:
            return unit.alerts.open_of_home(HOME, is_ticket=False)

    def calls(self):
        with self.truth.view() as unit:
            alerts = unit.alerts.list(None)
            found = [attempt for alert in alerts for attempt in unit.outbox.of_alert(alert.id)]
        calls = [attempt for attempt in found if isinstance(attempt.effect, PlaceCall)]
        return sorted(calls, key=lambda attempt: (attempt.created_at_ms, attempt.key))


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path / "truth.sqlite")
    yield made
    made.truth.close()


def test_lesson_0_4_a_step_of_a_ladder_is_taken_although_the_service_was_dead_when_it_was_due(desk):
    desk.find(finding())
    desk.kill()
    desk.clock.advance_to_ms(3 * HOUR_MS)  # dead for three hours
    desk.kill()
    assert desk.service.next_timer_ms() == 105_000
    desk.service.run_timers(desk.clock.now_ms())
    assert [call.created_at_ms for call in desk.calls()] == [0, 3 * HOUR_MS]


def test_lesson_0_4_a_long_death_brings_one_late_step_and_no_flood(desk):
    desk.find(finding(FindingKind.EMERGENCY, Priority.P0))
    before = len(desk.calls())
    desk.clock.advance_to_ms(12 * HOUR_MS)
    desk.kill()
    desk.service.run_timers(desk.clock.now_ms())
    assert len(desk.calls()) - before <= 2  # contact 1 and contact 2 of one step


def test_lesson_0_4_the_deadline_of_an_owner_survives_a_restart(desk):
    desk.find(finding())
    desk.service.acknowledge(desk.alert().id, "account:li", desk.alert().version)
    desk.kill()
    desk.forward(30 * MINUTE)
    assert desk.alert().state is AlertState.CALLING_CONTACTS


def test_lesson_0_5_a_finding_that_is_replayed_after_a_kill_rings_nobody_twice(desk):
    for seq in (1, 1, 2):
        desk.find(finding(), seq)
        desk.kill()
    assert len(desk.calls()) == 1
    with desk.truth.view() as unit:
        assert len(unit.alerts.list(None)) == 1


def test_lesson_0_5_a_silence_and_what_it_holds_survive_a_kill(desk):
    with desk.truth.transaction() as unit:
        room = Room()
        room.silence(3600)
        unit.silences.put(room.silences[0])
    desk.find(finding())
    desk.kill()
    desk.forward(3600)
    assert [call.created_at_ms for call in desk.calls()] == [HOUR_MS]


def test_lesson_0_5_no_two_effects_of_many_rounds_share_a_key():
    room = Room()
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    room.forward(6 * 3600)
    room.find(finding(FindingKind.WATER_RUNNING, Priority.P0))
    room.forward(6 * 3600)
    assert len(room.attempts) > 100
    assert room.repeated == []


@pytest.mark.parametrize("state", [AlertState.ACKNOWLEDGED, AlertState.CALLING_CONTACTS])
def test_lesson_0_6_a_second_emergency_in_an_open_case_pages_whoever_has_it(state):
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    if state is AlertState.ACKNOWLEDGED:
        room.press("daughter", "1")
    rang = len(room.rang)
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    assert room.called()[rang:] == ["resident", "daughter", "duty"]


def test_lesson_0_6_an_acknowledgement_is_not_safety_it_expires_and_rings_by_voice():
    room = Room()
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    room.press("daughter", "1")
    room.forward(10 * MINUTE)
    assert room.alert.state is AlertState.CALLING_CONTACTS
    assert room.called()[-2:] == ["daughter", "son"]


def test_lesson_0_6_a_hold_never_swallows_a_hazard_of_another_kind():
    room = Room()
    room.silence(24 * 3600, FindingKind.INACTIVITY)
    room.find(finding())
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    assert room.called() == ["resident", "daughter", "duty"]


def test_lesson_3_2_a_blind_home_of_a_dark_village_is_held_and_on_the_board_not_dropped():
    room = Room()
    room.incidents.add("incident-1")
    room.find(finding(FindingKind.HOME_BLIND, Priority.P2, held_by="incident-1"))
    assert room.alert.state is AlertState.OPEN
    assert room.alert.sentence is not None
    room.incidents.clear()
    room.judge_holds()
    assert room.called() == ["resident"]


def test_lesson_3_3_late_data_that_show_life_withdraw_a_question_nobody_has_answered():
    room = Room()
    room.find(finding())
    room.find(finding(is_cleared=True, clears_alert=True))
    assert room.alert.state is AlertState.WITHDRAWN
    assert room.alert.closed_by == "system"
    assert [line.what for line in room.trace][-2:] == ["finding_cleared", "withdrawn"]  # logged, never deleted


def test_lesson_3_4_the_resident_is_asked_first_and_the_order_is_a_persons_own():
    town = parse_ladders(
        'version = 1\nchanged_by = "w"\nchanged_at = 2026-11-24\nwhy = "y"\n[person.p1.p1]\nloop_from = 1\nsteps = [\n'
        '  { stage = "resident", call = ["resident"] },\n'
        '  { after_s = 600, stage = "contacts", call = ["neighbour"] },\n'
        '  { after_s = 60, stage = "contacts", call = ["contact:1"] },\n]\n',
        where="ladders.toml",
    )
    room = Room(person_id="p1")
    room.desk.use_ladders(town)
    room.find(finding())
    room.forward(660)
    assert room.rang == [(0, "resident"), (600, "neighbour"), (660, "daughter")]
    assert room.alert.policy == "p1@1 + person.p1.p1@1"


def test_lesson_3_5_only_a_human_fact_closes_whatever_the_phones_and_sensors_do():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    room.news("daughter", AttemptState.ANSWERED)
    room.news("daughter", AttemptState.NO_ANSWER)  # voicemail: answered, no key
    room.find(finding(is_cleared=True, clears_alert=True))
    room.forward(24 * 3600)
    assert room.alert.state is AlertState.CALLING_CONTACTS
    closed = room.desk.close(room.situation(), outcome=Outcome.SEEN_WELL, note="", who="account:li", now_ms=room.now_ms)
    room.commit(closed)
    assert (room.alert.outcome, room.alert.closed_by) == (Outcome.SEEN_WELL, "account:li")


def test_lesson_3_5_an_owner_who_comes_second_is_refused_politely(desk):
    desk.find(finding())
    version = desk.alert().version
    desk.service.acknowledge(desk.alert().id, "account:li", version)
    with pytest.raises(ConflictError):
        desk.service.acknowledge(desk.alert().id, "account:wang", version)


def test_lesson_3_6_the_same_kind_again_only_updates_a_case_that_somebody_has():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    room.press("daughter", "1")
    rang = len(room.rang)
    room.find(finding(at_ms=1))
    assert (room.alert.state, len(room.rang)) == (AlertState.ACKNOWLEDGED, rang)
    assert len(room.alert.finding_ids) == 2


def test_lesson_3_9_the_story_says_which_ladder_who_was_rung_and_who_was_not_and_why():
    room = Room()
    room.other_calls["contact:daughter"] = [19 * MINUTE_MS] * 3
    room.find(finding())
    room.forward(21 * MINUTE)
    told = [line.what for line in room.trace]
    assert told.count("calling") == 3
    assert "suppressed_throttle" in told
    assert room.alert.policy == "p1@1"


def test_lesson_3_19_a_call_that_was_delivered_and_not_answered_is_no_success(desk):
    desk.find(finding())
    (call,) = desk.calls()
    desk.service.news_of(call.id, CallNews(state=AttemptState.SUBMITTED, at_ms=1))
    desk.service.news_of(call.id, CallNews(state=AttemptState.NO_ANSWER, at_ms=2))
    desk.forward(105)
    assert len(desk.calls()) == 2


def test_lesson_3_26_technical_faults_wait_for_half_past_eight_and_a_life_hazard_never_does():
    room = Room(now_ms=MIDNIGHT)
    room.find(finding(FindingKind.DEVICE_SILENT, Priority.P3))
    room.forward(8 * 3600)
    assert room.attempts == {}
    hazard = Room(now_ms=MIDNIGHT)
    hazard.find(finding(FindingKind.EMERGENCY, Priority.P0))
    assert hazard.called() == ["resident", "daughter", "duty"]


def test_lesson_3_26_one_worker_is_not_rung_without_end_for_one_case():
    room = Room(contacts=tuple(contact for contact in CONTACTS if contact.id == "grid"))
    room.find(finding())
    room.forward(24 * 3600)
    rung = [at_s for at_s, who in room.rang if who == "grid"]
    assert len(rung) > 20
    for at_s in rung:
        assert sum(at_s - 3600 < other <= at_s for other in rung) <= 7
