"""Alerts as stories: who is rung and when, what a key does, and that nobody is ever forgotten."""

import msgspec
import pytest
from desk_room import Room, finding

from alerts.ladder_file import parse_ladders
from alerts.model import AlertState, AttemptState, Outcome
from core.errors import ConflictError
from rules.findings import FindingKind, Priority

MINUTE = 60


def test_silence_asks_the_resident_twice_and_tells_the_family_after_twenty_minutes():
    room = Room()
    room.find(finding())
    assert room.alert.state is AlertState.ASKING_RESIDENT
    room.forward(20 * MINUTE - 1)
    assert room.rang == [(0, "resident"), (105, "resident")]
    room.forward(1)
    assert room.alert.state is AlertState.CALLING_CONTACTS
    assert room.rang[2:] == [(1200, "daughter")]


def test_each_contact_in_order_two_minutes_apart_then_grid_worker_duty_and_supervisor():
    room = Room()
    room.find(finding())
    room.forward(40 * MINUTE)
    assert room.called()[2:8] == ["daughter", "son", "grid", "neighbour", "duty", "boss"]


def test_a_resident_who_presses_one_closes_a_silence_with_a_human_fact():
    room = Room()
    room.find(finding())
    room.press("resident", "1")
    assert room.alert.state is AlertState.CLOSED
    assert room.alert.outcome is Outcome.WELL_CONFIRMED_BY_RESIDENT
    assert room.timers == ()


def test_a_resident_who_is_well_beside_a_running_tap_leaves_the_hazard_to_a_human():
    room = Room()
    room.find(finding(FindingKind.WATER_RUNNING, Priority.P2))
    room.press("resident", "1")
    assert room.alert.state is AlertState.ACKNOWLEDGED
    room.forward(60 * MINUTE)
    assert room.alert.state is AlertState.CALLING_CONTACTS


def test_only_a_pressed_key_is_a_human():
    room = Room()
    room.find(finding())
    room.news("resident", AttemptState.ANSWERED)
    room.news("resident", AttemptState.NO_ANSWER)
    assert room.alert.state is AlertState.ASKING_RESIDENT
    room.forward(20 * MINUTE)
    assert "daughter" in room.called()


def test_key_one_takes_the_alert_and_no_outcome_in_time_starts_the_ladder_again_by_voice():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    room.press("daughter", "1")
    assert (room.alert.state, room.alert.owner) == (AlertState.ACKNOWLEDGED, "contact:daughter")
    rang = len(room.rang)
    room.forward(30 * MINUTE - 1)
    assert len(room.rang) == rang
    room.forward(1)
    assert room.alert.state is AlertState.CALLING_CONTACTS
    assert room.called()[rang:] == ["daughter"]


def test_a_contact_who_cannot_go_is_followed_by_the_next_at_once():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    room.press("daughter", "2")
    room.forward(0)
    assert room.called()[-1] == "son"


def test_a_contact_who_spoke_to_the_person_closes_a_silence_but_not_a_life_hazard():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    room.press("daughter", "33")
    assert room.alert.outcome is Outcome.WELL_SPOKEN_TO
    hazard = Room()
    hazard.find(finding(FindingKind.EMERGENCY, Priority.P0))
    hazard.press("daughter", "33")
    assert hazard.alert.state is AlertState.ACKNOWLEDGED


def test_a_life_hazard_rings_resident_first_contact_and_duty_desk_at_once():
    room = Room()
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    assert room.rang == [(0, "resident"), (0, "daughter"), (0, "duty")]


def test_a_life_hazard_nobody_answers_is_never_given_up():
    room = Room()
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    room.forward(24 * 60 * MINUTE)
    assert len(room.rang) > 300


def test_the_same_kind_again_only_updates_and_a_new_kind_pages_again_whoever_has_it():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    room.press("daughter", "1")
    rang = len(room.rang)
    room.find(finding(at_ms=1))
    assert room.alert.state is AlertState.ACKNOWLEDGED
    room.find(finding(FindingKind.WATER_RUNNING, Priority.P0))
    assert (room.alert.priority, room.alert.owner) == (Priority.P0, "")
    assert room.called()[rang:] == ["resident", "daughter", "duty"]


def test_a_strong_sign_of_life_withdraws_an_alert_that_only_the_resident_was_asked_about():
    room = Room()
    room.find(finding())
    room.find(finding(is_cleared=True, clears_alert=False))
    assert room.alert.state is AlertState.ASKING_RESIDENT
    room.find(finding(is_cleared=True, clears_alert=True))
    assert room.alert.state is AlertState.WITHDRAWN
    assert room.trace[-1].what == "withdrawn"


def test_once_contacts_were_told_only_a_human_closes():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    room.find(finding(is_cleared=True, clears_alert=True))
    assert room.alert.state is AlertState.CALLING_CONTACTS


def test_a_second_finding_that_still_holds_keeps_the_alert_open():
    room = Room()
    room.find(finding(FindingKind.POWER_OUT, Priority.P2))
    room.find(finding(FindingKind.DOOR_LEFT_OPEN, Priority.P2))
    room.find(finding(FindingKind.DOOR_LEFT_OPEN, Priority.P2, is_cleared=True, clears_alert=True))
    assert room.alert.state is AlertState.ASKING_RESIDENT


def test_a_technical_fault_waits_for_the_morning_and_never_calls():
    room = Room(now_ms=1_709_654_400_000)  # 2024-03-06 00:00 in Shanghai
    room.find(finding(FindingKind.DEVICE_SILENT, Priority.P3))
    room.forward(8.5 * 3600 - 1)
    assert room.attempts == {}
    room.forward(1)
    assert [attempt.contact_id for attempt in room.attempts.values()] == ["duty"]
    room.forward(10 * 86_400)
    assert room.rang == []


def test_a_technical_ticket_ends_by_itself_when_the_device_speaks_again():
    room = Room()
    room.find(finding(FindingKind.DEVICE_SILENT, Priority.P3))
    room.find(finding(FindingKind.DEVICE_SILENT, Priority.P3, is_cleared=True, clears_alert=True))
    assert room.alert.state is AlertState.WITHDRAWN


def test_a_person_with_nobody_to_call_stays_on_the_desk_and_is_tried_again():
    room = Room(contacts=(), has_resident=False)
    room.find(finding())
    assert room.trace[-1].what == "nobody_to_call"
    room.forward(5 * 3600)
    assert room.alert.state is AlertState.OPEN


def test_a_clerk_takes_and_closes_and_nothing_happens_after():
    room = Room()
    room.find(finding())
    room.commit(room.desk.acknowledge(room.situation(), who="account:li", now_ms=room.now_ms))
    room.commit(
        room.desk.close(room.situation(), outcome=Outcome.SEEN_WELL, note="", who="account:li", now_ms=room.now_ms)
    )
    room.forward(86_400)
    assert len(room.rang) == 1
    with pytest.raises(ConflictError):
        room.desk.acknowledge(room.situation(), who="account:wang", now_ms=room.now_ms)


def test_a_key_pressed_after_the_end_is_written_down_and_changes_nothing():
    room = Room()
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    room.news("daughter", AttemptState.ANSWERED)
    late = next(a for a in room.attempts.values() if a.contact_id == "daughter")
    room.press("duty", "1")
    room.commit(room.desk.close(room.situation(), outcome=Outcome.SEEN_WELL, note="", who="account:li", now_ms=9))
    room.attempts[late.key] = late
    room.press("daughter", "1")
    assert room.alert.state is AlertState.CLOSED
    assert room.trace[-1].what == "key_pressed"


def test_the_auditor_pushes_on_an_alert_that_waits_for_nothing():
    room = Room()
    room.find(finding())
    room.timers, room.attempts = (), {}
    change = room.desk.audit(room.situation(), now_ms=room.now_ms)
    assert change is not None
    assert change.timers


def test_an_alert_of_before_ladders_were_kept_goes_on_on_the_ladder_that_ships():
    room = Room()
    room.find(finding())
    room.alert = msgspec.structs.replace(room.alert, ladder=None, policy="p1@1")
    room.forward(20 * MINUTE)
    assert room.called()[-1] == "daughter"


def test_a_round_under_way_keeps_its_ladder_and_the_next_round_takes_the_new_one():
    room = Room()
    room.find(finding())
    text = 'version = 9\nchanged_by = "w"\nchanged_at = 2026-11-24\nwhy = "y"\n[p1]\nloop_from = 0\n'
    steps = 'steps = [{ stage = "contacts", call = ["supervisor"] }]\n'
    room.desk.use_ladders(parse_ladders(text + steps, where="x"))
    room.forward(36 * MINUTE)
    assert room.called()[2:] == ["daughter", "son", "grid", "neighbour", "duty", "boss"]
    assert room.alert.policy == "p1@1"
    room.forward(5 * MINUTE - 1)
    assert len(room.called()) == 8
    room.forward(1)
    assert (room.called()[8:], room.alert.policy) == (["boss"], "p1@1 + p1@9")


def test_by_night_another_ladder_runs_until_the_first_round_that_begins_by_day():
    text = 'version = 1\nchanged_by = "w"\nchanged_at = 2026-11-24\nwhy = "y"\n[p1.night]\nloop_from = 0\n'
    steps = 'loop_after_s = 1800\nsteps = [{ stage = "contacts", call = ["duty"] }]\n'
    room = Room(now_ms=1_709_654_400_000 + 5 * 3_600_000)  # 05:00 in Shanghai
    room.desk.use_ladders(parse_ladders(text + steps, where="x"))
    room.find(finding())
    room.forward(59 * MINUTE)
    assert set(room.called()) == {"duty"}
    room.forward(2 * MINUTE)
    assert room.called()[-1] == "daughter"
