"""The ladder as phones see it: who rings when, what a key or a voicemail does, and that nothing else rings."""

import pytest
from dispatch_room import ROUTES, ToldChannel
from phone_story import NUMBERS, is_asked_in_vain, phone_story

from alerts.model import AlertState, AttemptState, Outcome
from alerts.routing import parse_routes
from device_sim.phone_behaviour import RequestFault
from rules.findings import FindingKind, Priority

THANKED, UNDERSTOOD, WELL = "谢谢", "明白", "祝您平安"


@pytest.fixture
def story(tmp_path):
    with phone_story(tmp_path) as told:
        yield told


def test_a_resident_who_is_well_says_so_and_nobody_else_is_disturbed(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    story.phone("resident").rings(between=("14:00", "14:01")).presses("1").hears(WELL)
    story.plays_until("18:00")
    assert story.alert.outcome is Outcome.WELL_CONFIRMED_BY_RESIDENT
    story.nothing_else_rang()
    story.nothing_else_was_written()


def test_a_daughter_who_cannot_go_is_followed_at_once_by_a_son_who_goes_and_has_spoken_to_the_mother(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:21")).presses("2").hears(UNDERSTOOD)
    story.phone("son").rings(between=("14:20", "14:21")).presses("33").hears(THANKED)
    story.plays_until("18:00")
    assert (story.alert.outcome, story.alert.closed_by) == (Outcome.WELL_SPOKEN_TO, "contact:son")
    story.nothing_else_rang()


def test_a_voicemail_that_heard_everything_has_acknowledged_nothing(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:21")).reaches_voicemail()
    story.phone("son").rings(between=("14:22", "14:23")).presses("1").hears(THANKED)
    story.plays_until("14:45")
    assert (story.alert.state, story.alert.owner) == (AlertState.ACKNOWLEDGED, "contact:son")
    story.nothing_else_rang()


def test_who_is_busy_is_passed_over_at_once_and_rung_again_in_the_next_round(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:21")).is_busy()
    story.phone("son").rings(between=("14:20", "14:21")).is_busy()
    for name in ("grid", "neighbour"):
        story.phone(name).rings(between=("14:20", "14:21")).is_busy()
    story.phone("duty").rings(between=("14:20", "14:21")).nobody_answers()
    story.phone("boss").rings(between=("14:30", "14:31")).nobody_answers()
    story.phone("daughter").rings(between=("14:35", "14:36")).presses("1").hears(THANKED)
    story.plays_until("15:00")
    assert story.alert.owner == "contact:daughter"
    story.nothing_else_rang()


def test_a_life_hazard_rings_three_phones_at_once_and_who_takes_it_stops_the_others(story):
    story.finds(FindingKind.EMERGENCY, Priority.P0, at="14:00")
    for name in ("resident", "duty"):
        story.phone(name).rings(between=("14:00:00", "14:00:02")).is_hung_up()
    story.phone("daughter").rings(between=("14:00:00", "14:00:02")).presses("1").hears(THANKED)
    story.plays_until("14:09")
    assert story.alert.state is AlertState.ACKNOWLEDGED
    story.nothing_else_rang()


def test_a_second_kind_rings_again_although_somebody_is_on_the_way(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    story.finds(FindingKind.WATER_RUNNING, Priority.P0, at="14:30")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:21")).presses("1").hears(THANKED)
    story.phone("resident").rings(between=("14:30", "14:31")).nobody_answers()
    story.phone("duty").rings(between=("14:30", "14:31")).nobody_answers()
    story.phone("daughter").rings(between=("14:30", "14:31")).presses("1").hears(THANKED)
    story.plays_until("14:39")
    assert (story.alert.priority, story.alert.owner) == (Priority.P0, "contact:daughter")
    story.nothing_else_rang()


def test_a_key_on_the_line_after_more_was_found_is_no_answer_until_all_of_it_was_told(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    story.finds(FindingKind.FALL, at="14:20:07")  # she has picked up, and hears of the silence
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:20:02")).presses("11").hears("刚才又有新的情况").hears("跌倒")
    story.plays_until("14:40")
    assert (story.alert.state, story.alert.owner) == (AlertState.ACKNOWLEDGED, "contact:daughter")
    story.nothing_else_rang()


def test_who_takes_an_alert_and_reports_nothing_is_rung_again_half_an_hour_later(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:21")).presses("1").hears(THANKED)
    story.phone("daughter").rings(between=("14:50", "14:51")).presses("33").hears(THANKED)
    story.plays_until("18:00")
    assert story.alert.outcome is Outcome.WELL_SPOKEN_TO
    story.nothing_else_rang()


def test_a_silence_holds_an_alert_and_its_end_rings(story):
    story.is_silenced(until="16:00")
    story.finds(FindingKind.INACTIVITY, at="14:00")
    story.plays_until("15:59")
    story.nothing_else_rang()
    story.phone("resident").rings(between=("16:00", "16:01")).presses("1").hears(WELL)
    story.plays_until("18:00")
    assert story.alert.state is AlertState.CLOSED
    story.nothing_else_rang()


def test_a_resident_who_was_rung_three_times_in_a_quarter_is_spared_and_the_daughter_is_rung(story):
    for minute in ("00", "03", "06"):
        story.finds(FindingKind.INACTIVITY, at=f"14:{minute}")
        story.phone("resident").rings(between=(f"14:{minute}", f"14:{minute}:10")).presses("1").hears(WELL)
    story.finds(FindingKind.INACTIVITY, at="14:09")
    story.phone("daughter").rings(between=("14:09", "14:10")).presses("33").hears(THANKED)
    story.plays_until("18:00")
    story.nothing_else_rang()


def test_technical_faults_of_a_night_are_one_message_at_half_past_eight_and_no_call(story):
    story.finds(FindingKind.DEVICE_SILENT, Priority.P3, at="23:10")
    story.finds(FindingKind.BATTERY_LOW, Priority.P3, at="23:50")
    story.phone("duty").gets_text("有1项", between=("+1 08:30", "+1 08:30:01"))
    story.plays_until("+1 12:00")
    story.nothing_else_rang()
    story.nothing_else_was_written()


@pytest.mark.parametrize("fault", [RequestFault(status=500), RequestFault(hangs=True)])
def test_a_call_whose_answer_was_lost_rings_once_and_its_key_counts(story, fault):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    story.spoil_calls("resident", fault)
    story.phone("resident").rings(between=("14:00", "14:01")).presses("1").hears(WELL)
    story.plays_until("18:00")
    assert story.attempts()["0/0/resident/call"] == ("twilio_voice", AttemptState.ACKED)
    story.nothing_else_rang()


def test_a_call_that_vanished_in_a_black_hole_is_carried_by_another_provider_within_seconds(tmp_path):
    other, routes = ToldChannel("aliyun_voice"), parse_routes(ROUTES, where="test")
    with phone_story(tmp_path, routes=routes, more_channels=(other,)) as story:
        story.finds(FindingKind.EMERGENCY, Priority.P0, at="14:00")
        story.spoil_calls("daughter", RequestFault(hangs=True, is_accepted=False))
        for name in ("resident", "duty"):
            story.phone(name).rings(between=("14:00", "14:01")).nobody_answers()
        story.plays_until("14:01:59")
        assert [key.partition(":")[2] for key in other.keys] == ["0/0/contact:daughter/call+"]
        assert story.attempts()["0/0/contact:daughter/call"] == ("twilio_voice", AttemptState.CANCELED)
        story.nothing_else_rang()


def test_a_key_is_thanked_for_when_the_provider_asks_again_because_the_answer_was_lost(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    story.loses_next_answer("gather")
    story.phone("resident").rings(between=("14:00", "14:01")).presses("1").hears(WELL)
    story.plays_until("18:00")
    assert story.alert.outcome is Outcome.WELL_CONFIRMED_BY_RESIDENT
    story.nothing_else_rang()


def test_a_call_that_comes_too_late_does_not_ring_whom_the_next_step_has_rung_a_second_before(tmp_path):
    with phone_story(tmp_path) as story:
        story.finds(FindingKind.INACTIVITY, at="14:00")
        for _ in range(2):  # the provider takes nothing until the second question is due at 14:01:45
            story.spoil_calls("resident", RequestFault(hangs=True, is_accepted=False))
        story.phone("resident").rings(between=("14:02:00", "14:02:10")).nobody_answers()
        story.phone("daughter").rings(between=("14:20", "14:21")).presses("1").hears(THANKED)
        story.plays_until("14:45")
        assert story.attempts()["0/0/resident/call"] == ("twilio_voice", AttemptState.CANCELED)
        story.nothing_else_rang()


def test_a_call_that_is_repeated_late_rings_to_its_end_before_the_next_step_rings_the_same_phone(tmp_path):
    with phone_story(tmp_path) as story:
        story.finds(FindingKind.INACTIVITY, at="14:00")
        story.spoil_calls("resident", RequestFault(hangs=True, is_accepted=False))
        story.phone("resident").rings(between=("14:01:00", "14:01:10")).nobody_answers()
        story.phone("resident").rings(between=("14:01:45", "14:02:15")).nobody_answers()
        story.phone("daughter").rings(between=("14:20", "14:21")).presses("1").hears(THANKED)
        story.plays_until("14:45")
        first, second = [ring.at_ms for ring in story.phones.rings if ring.to == NUMBERS["resident"]]
        assert second - first >= 45_000
        story.nothing_else_rang()
