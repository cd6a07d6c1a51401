"""Why somebody is not told: each time a value with a reason and an end, and at the end nobody has been forgotten."""

import msgspec
import pytest
from desk_room import HOME, Room, finding

from alerts.model import AlertState, Outcome, SendSms, TimerKind
from alerts.silences import LONGEST_HOME_MS, LONGEST_MANY_MS, Silence, checked, ended
from alerts.situation import Bundle
from alerts.suppression import RECHECK_MS, SuppressionKind
from alerts.throttle import SMS, VOICE, free_at_ms
from core.errors import ConfigurationError, ConflictError
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.findings import FindingKind, Priority

MINUTE = 60
HOUR = 3600
MIDNIGHT = 1_709_654_400_000  # 2024-03-06 00:00 in Shanghai
POWER = FindingKind.POWER_OUT


def held(kind=FindingKind.HOME_BLIND, priority=Priority.P2, **more):
    return finding(kind, priority, held_by="incident-1", **more)


def in_an_incident():
    room = Room()
    room.incidents.add("incident-1")
    return room


def test_a_silenced_finding_opens_an_alert_and_rings_nobody_until_the_silence_ends():
    room = Room()
    room.silence(2 * HOUR, FindingKind.INACTIVITY)
    room.find(finding())
    assert room.alert.state is AlertState.OPEN
    room.forward(2 * HOUR - 1)
    assert room.rang == []
    room.forward(1)
    assert room.rang == [(2 * HOUR, "resident")]
    assert room.alert.state is AlertState.ASKING_RESIDENT


def test_the_story_says_who_silenced_it_why_until_when_and_what_comes_then():
    room = Room(now_ms=MIDNIGHT)
    room.silence(2 * HOUR)
    room.find(finding())
    (told,) = room.suppressed()
    assert (told.kind, told.until_ms, told.by) == (SuppressionKind.SILENCE, MIDNIGHT + 2 * HOUR_MS, "silence:s0")
    assert "li" in told.reason.zh
    assert "检修" in told.reason.en
    assert "2024-03-06 02:00" in told.ends_with.zh


def test_a_silence_of_one_kind_lets_another_kind_ring_at_once():
    room = Room()
    room.silence(2 * HOUR, FindingKind.INACTIVITY)
    room.find(finding())
    room.find(finding(FindingKind.WATER_RUNNING, Priority.P2))
    assert room.called() == ["resident"]
    assert room.alert.ladder.kind is FindingKind.WATER_RUNNING
    room.forward(2 * HOUR)
    assert room.alert.holds == ()


def test_no_silence_reaches_a_life_hazard():
    room = Room()
    room.silence(2 * HOUR)
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    assert room.called() == ["resident", "daughter", "duty"]


def test_what_does_not_hold_any_more_at_the_end_of_a_silence_is_withdrawn_with_a_line():
    room = Room()
    room.silence(2 * HOUR)
    room.find(finding())
    room.find(finding(is_cleared=True))
    room.forward(2 * HOUR)
    assert (room.alert.state, room.rang) == (AlertState.WITHDRAWN, [])
    assert room.trace[-1].what == "hold_ended"


def test_a_silence_that_is_ended_early_tells_at_once_what_still_holds():
    room = Room()
    silence = room.silence(2 * HOUR)
    room.find(finding())
    room.forward(10 * MINUTE)
    room.silences = [ended(silence, "account:li", room.now_ms)]
    room.judge_holds()
    assert room.rang == [(600, "resident")]


def test_a_second_silence_takes_over_from_the_first():
    room = Room()
    room.silence(HOUR)
    room.find(finding())
    room.silence(3 * HOUR)
    room.forward(HOUR)
    assert room.rang == []
    assert room.suppressed()[-1].by == "silence:s1"
    room.forward(2 * HOUR)
    assert room.called() == ["resident"]


def test_a_silence_does_not_stop_a_ladder_that_has_begun():
    room = Room()
    room.find(finding())
    room.silence(2 * HOUR)
    room.forward(20 * MINUTE)
    assert "daughter" in room.called()


def test_a_ticket_that_waits_for_the_morning_is_silenced_before_anybody_was_told():
    room = Room(now_ms=MIDNIGHT)
    room.find(finding(FindingKind.DEVICE_SILENT, Priority.P3))
    room.silence(12 * HOUR)
    room.forward(12 * HOUR)
    assert room.attempts == {}
    room.forward(24 * HOUR)
    assert len(room.attempts) == 1


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"home_id": "", "kinds": ()}, "--home"),
        ({"area": "a"}, "--area"),
        ({"reason": " "}, "--reason"),
        ({"author": ""}, "--reason"),
        ({"kinds": (FindingKind.EMERGENCY,)}, "--finding"),
        ({"until_ms": 0}, "--until"),
        ({"until_ms": LONGEST_HOME_MS + 1}, "--until"),
        ({"home_id": "", "area": "a", "until_ms": LONGEST_MANY_MS + 1}, "--until"),
    ],
)
def test_a_silence_without_author_reason_end_or_bounds_is_refused(fields, where):
    right = Silence(id="s", home_id=HOME, from_ms=0, until_ms=DAY_MS, author="li", reason="r")
    assert checked(right, 0) is right
    with pytest.raises(ConfigurationError) as caught:
        checked(msgspec.structs.replace(right, **fields), 0)
    assert caught.value.where == where


def test_a_silence_ends_once():
    silence = Silence(id="s", home_id=HOME, from_ms=0, until_ms=DAY_MS, author="li", reason="r")
    over = ended(silence, "account:li", 5)
    assert (over.is_active_at(4), over.is_active_at(5)) == (True, False)
    with pytest.raises(ConflictError):
        ended(over, "account:li", 6)


def test_an_incident_holds_its_members_alerts_until_it_ends_and_then_tells_what_still_holds():
    room = in_an_incident()
    room.find(held())
    room.forward(5 * HOUR)
    assert room.rang == []
    (told,) = room.suppressed()
    assert (told.kind, told.by, told.until_ms) == (SuppressionKind.INCIDENT, "incident:incident-1", None)
    room.incidents.clear()
    room.judge_holds()
    assert room.called() == ["resident"]


def test_an_incident_whose_end_nobody_told_us_is_noticed_within_ten_minutes():
    room = in_an_incident()
    room.find(held())
    room.incidents.clear()
    room.forward(RECHECK_MS / 1000)
    assert room.called() == ["resident"]


def test_a_finding_of_an_incident_that_is_over_is_told_at_once():
    room = Room()
    room.find(held())
    assert room.called() == ["resident"]


def test_silence_of_the_person_rings_although_the_village_is_dark():
    room = in_an_incident()
    room.find(held())
    room.find(finding())
    assert (room.called(), room.alert.priority) == (["resident"], Priority.P1)
    room.incidents.clear()
    room.judge_holds()
    assert room.alert.holds == ()


def test_what_an_incident_held_pages_again_when_somebody_has_the_alert_already():
    room = in_an_incident()
    room.find(finding(FindingKind.DOOR_LEFT_OPEN, Priority.P2))
    room.commit(room.desk.acknowledge(room.situation(), who="account:li", now_ms=room.now_ms))
    room.find(held())
    assert room.alert.state is AlertState.ACKNOWLEDGED
    room.incidents.clear()
    room.judge_holds()
    assert room.alert.state is AlertState.ASKING_RESIDENT


def test_a_kind_that_was_only_held_is_new_to_whoever_has_the_alert():
    room = in_an_incident()
    room.find(finding(FindingKind.DOOR_LEFT_OPEN, Priority.P2))
    room.find(held())
    room.commit(room.desk.acknowledge(room.situation(), who="account:li", now_ms=room.now_ms))
    room.find(finding(FindingKind.HOME_BLIND, Priority.P2, at_ms=9))
    assert (room.alert.state, room.alert.holds) == (AlertState.ASKING_RESIDENT, ())


def test_the_auditor_judges_a_held_alert_whose_timer_was_lost():
    room = in_an_incident()
    room.find(held())
    room.timers = ()
    room.commit(room.desk.audit(room.situation(), now_ms=room.now_ms))
    assert [timer.kind for timer in room.timers] == [TimerKind.HOLD_END]


def test_the_auditor_sees_through_a_hold_when_the_ladder_itself_waits_for_nothing():
    room = in_an_incident()
    room.find(finding())
    room.find(held())
    room.timers = tuple(timer for timer in room.timers if timer.kind is TimerKind.HOLD_END)
    room.attempts = {}
    assert room.desk.audit(room.situation(), now_ms=room.now_ms) is not None


def test_a_held_alert_that_a_clerk_closes_has_no_timer_left():
    room = in_an_incident()
    room.find(held())
    closed = room.desk.close(room.situation(), outcome=Outcome.SEEN_WELL, note="", who="account:li", now_ms=9)
    room.commit(closed)
    assert (room.timers, room.alert.holds) == ((), ())


@pytest.mark.parametrize(
    ("minutes_ago", "wait"),
    [
        ([], None),
        ([1, 2], None),
        ([1, 2, 14], 1),
        ([1, 2, 15], None),
        ([16, 17, 18, 20, 21, 22, 59], 1),
        ([*range(61, 61 + 14), 1], 106),
    ],
)
def test_a_number_is_rung_three_times_in_a_quarter_seven_in_an_hour_fifteen_in_three(minutes_ago, wait):
    now_ms = 10 * HOUR_MS
    free = free_at_ms([now_ms - ago * MINUTE_MS for ago in minutes_ago], VOICE, now_ms)
    assert (None if free is None else (free - now_ms) // MINUTE_MS) == wait


def test_a_number_is_written_to_five_times_in_a_quarter():
    assert free_at_ms([0, 1, 2, 3], SMS, 5) is None
    assert free_at_ms([0, 1, 2, 3, 4], SMS, 5) == 15 * MINUTE_MS


def test_a_contact_who_was_rung_often_enough_is_spared_and_the_next_is_rung_at_once():
    room = Room()
    room.other_calls["contact:daughter"] = [19 * MINUTE * 1000] * 3
    room.find(finding())
    room.forward(20 * MINUTE)
    (spared,) = room.suppressed()
    assert (spared.kind, spared.by) == (SuppressionKind.THROTTLE, "contact:daughter")
    assert spared.until_ms == 34 * MINUTE * 1000
    sms = [attempt for attempt in room.attempts.values() if isinstance(attempt.effect, SendSms)]
    assert {attempt.contact_id for attempt in sms} >= {"daughter"}  # who may not be rung may still be written to
    room.forward(2 * MINUTE)
    assert room.called()[2:] == ["son"]


def test_the_first_attempt_of_a_life_hazard_ignores_the_throttle_and_the_second_does_not():
    room = Room()
    room.other_calls["contact:daughter"] = [0] * 20
    room.find(finding(FindingKind.EMERGENCY, Priority.P0))
    assert "daughter" in room.called()
    room.forward(2 * MINUTE)
    assert room.called().count("daughter") == 1
    assert room.called()[-1] == "son"


def test_when_everybody_was_rung_often_enough_the_ladder_waits_for_the_first_who_may_be():
    room = Room(contacts=())
    room.other_calls["resident"] = [0, 0, 0]
    room.find(finding())
    assert room.rang == []
    room.forward(15 * MINUTE)
    assert room.rang[0] == (15 * MINUTE, "resident")


def test_technical_faults_of_a_night_are_one_message_in_the_morning_that_counts_them():
    room = Room(now_ms=MIDNIGHT)
    room.bundles = {"duty": Bundle("bundle:2024-03-06/ab", 7)}
    room.find(finding(FindingKind.DEVICE_SILENT, Priority.P3))
    (told,) = room.suppressed()
    assert (told.kind, told.until_ms) == (SuppressionKind.QUIET_HOURS, MIDNIGHT + 8 * HOUR_MS + 30 * MINUTE_MS)
    room.forward(8.5 * HOUR)
    (attempt,) = room.attempts.values()
    assert (attempt.key, attempt.effect.variables) == ("bundle:2024-03-06/ab/08:30/sms", {"count": "7"})
    assert room.trace[-1].what == "bundled"
