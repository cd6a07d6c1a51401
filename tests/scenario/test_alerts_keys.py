"""What a key answers: all that its call had told, and nothing that was found since."""

import pytest
from desk_room import Room, finding

from alerts.keys import MoreFoundError
from alerts.model import AlertState, AttemptState, Outcome
from core.errors import ConflictError
from rules.findings import FindingKind, Priority

MINUTE = 60


def test_a_key_in_a_call_that_told_of_the_silence_alone_does_not_answer_the_fall_found_since():
    for digits in ("33", "1"):
        room = Room()
        room.find(finding())
        room.forward(20 * MINUTE)
        room.find(finding(FindingKind.FALL))
        room.press("daughter", digits)
        assert (room.alert.state, room.alert.owner) == (AlertState.CALLING_CONTACTS, "")
        assert room.trace[-1].what == "key_untold"
        room.forward(0)
        assert room.called()[-1] == "son"


def test_a_key_in_an_older_call_stops_none_of_the_calls_that_an_emergency_has_placed_since():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    older = room.last_call("daughter")
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    room.press("daughter", "1", call=older)
    assert room.alert.state is not AlertState.ACKNOWLEDGED
    still = [room.last_call(name).state for name in ("resident", "daughter", "duty")]
    assert still == [AttemptState.NEW] * 3
    room.press("daughter", "1")
    assert (room.alert.state, room.alert.owner) == (AlertState.ACKNOWLEDGED, "contact:daughter")


def test_who_is_still_on_the_line_is_told_first_what_was_found_since_and_their_key_counts_then():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    heard = room.alert.version
    room.find(finding(FindingKind.FALL))
    with pytest.raises(MoreFoundError, match=r"跌倒.* / more has been found since.*a fall"):
        room.press("daughter", "33", told_version=heard)
    assert room.alert.state is AlertState.CALLING_CONTACTS
    room.press("daughter", "1", told_version=room.alert.version)
    assert room.alert.owner == "contact:daughter"


def test_what_comes_out_of_a_hold_is_news_to_a_call_that_was_placed_before():
    room = Room()
    room.find(finding())
    room.silence(40 * MINUTE, FindingKind.FALL)
    room.find(finding(FindingKind.FALL, at_ms=1))
    room.forward(20 * MINUTE)
    call, heard = room.last_call("daughter"), room.alert.version
    room.forward(21 * MINUTE)
    assert not room.alert.holds
    with pytest.raises(MoreFoundError):
        room.press("daughter", "33", call=call, told_version=heard)


def test_the_residents_i_am_well_answers_every_kind_of_silence_also_one_that_was_found_since():
    room = Room()
    room.find(finding())
    room.find(finding(FindingKind.LOW_ACTIVITY, Priority.P2))
    room.press("resident", "1")
    assert room.alert.outcome is Outcome.WELL_CONFIRMED_BY_RESIDENT


def test_who_acknowledges_must_have_seen_the_kind_that_joined_last():
    room = Room()
    room.find(finding())
    seen = room.alert.version
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    with pytest.raises(ConflictError, match="more has been found since"):
        room.desk.acknowledge(room.situation(), who="account:li", now_ms=0, seen_version=seen)
    change = room.desk.acknowledge(room.situation(), who="account:li", now_ms=0, seen_version=room.alert.version)
    assert change.alert.owner == "account:li"


@pytest.mark.parametrize("told", [True, False])
def test_what_nobody_may_be_told_of_makes_no_answer_void_and_is_spoken_to_nobody(told):
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    heard = room.alert.version
    room.silence(120 * MINUTE, FindingKind.LOW_ACTIVITY)
    for at_ms in (1, 2, 3):  # it comes and goes
        room.find(finding(FindingKind.LOW_ACTIVITY, Priority.P2, at_ms=at_ms))
    assert room.alert.told_kinds == (FindingKind.INACTIVITY,)
    room.press("daughter", "1", told_version=heard if told else None)
    assert room.alert.owner == "contact:daughter"
    rung = len(room.called())
    room.forward(20 * MINUTE)
    assert len(room.called()) == rung


def test_what_an_outage_holds_leaves_the_boards_button_as_it_was_and_its_end_is_news():
    room = Room()
    room.find(finding())
    room.forward(20 * MINUTE)
    seen = room.alert.version
    room.incidents.add("outage")
    room.find(finding(FindingKind.HOME_BLIND, Priority.P2, at_ms=1, held_by="outage"))
    taken = room.desk.acknowledge(room.situation(), who="account:li", now_ms=room.now_ms, seen_version=seen)
    assert taken.alert.owner == "account:li"
    room.incidents.clear()
    room.judge_holds()
    with pytest.raises(MoreFoundError):
        room.desk.acknowledge(room.situation(), who="account:li", now_ms=room.now_ms, seen_version=seen)


def test_a_life_hazard_whose_signal_has_ended_is_not_closed_by_a_resident_who_has_only_taken_the_call():
    room = Room()
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    room.press("resident", "1")
    room.find(finding(FindingKind.EMERGENCY, Priority.P0, is_cleared=True, clears_alert=False))
    rung = len(room.called())
    room.forward(20 * MINUTE)
    assert room.alert.outcome is None
    assert len(room.called()) > rung
