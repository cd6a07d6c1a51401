"""The ladder on mainland phones: Aliyun rings and texts, keys come back as reports, another provider stands in."""

import pytest
from phone_story import NUMBERS, is_asked_in_vain, phone_story

from alerts.model import AlertState, AttemptState, Outcome
from alerts.routing import parse_routes
from app.kpi import report_of
from device_sim.aliyun_network import AliyunFault
from device_sim.phone_behaviour import RequestFault
from registry.rota import Span
from rules.findings import FindingKind, Priority

THANKED = "谢谢"
TWILIO_FIRST = """
[[route]]
prefix = "+"
voice = ["twilio_voice", "aliyun_voice", "console"]
sms = ["twilio_sms", "aliyun_sms", "console"]
"""
BOTH = ("aliyun", "twilio")


@pytest.fixture
def story(tmp_path):
    with phone_story(tmp_path, providers=("aliyun",)) as told:
        yield told


def test_a_resident_presses_a_key_and_nobody_else_is_disturbed(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    story.phone("resident").rings(between=("14:00", "14:00:02")).presses("1").hears(THANKED)
    story.plays_until("18:00")
    assert story.alert.outcome is Outcome.WELL_CONFIRMED_BY_RESIDENT
    assert story.attempts() == {"0/0/resident/call": ("aliyun_voice", AttemptState.ACKED)}
    story.nothing_else_rang()
    story.nothing_else_was_written()


def test_a_daughter_who_cannot_go_is_followed_within_seconds_by_a_son_who_goes(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:20:02")).presses("2").hears("长时间没有活动")
    story.phone("son").rings(between=("14:20:08", "14:20:15")).presses("1").hears(THANKED)
    story.plays_until("14:49")
    assert (story.alert.state, story.alert.owner) == (AlertState.ACKNOWLEDGED, "contact:son")
    story.nothing_else_rang()
    told = {text.content for text in story.mainland.texts}
    assert len(told) == 1  # the same number for all, no kind of finding, no name
    assert "【守望】编号" in told.pop()


def test_a_voicemail_that_heard_everything_has_acknowledged_nothing(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:20:02")).reaches_voicemail()
    story.phone("son").rings(between=("14:22", "14:22:02")).presses("1").hears(THANKED)
    story.plays_until("14:45")
    assert story.alert.owner == "contact:son"
    story.nothing_else_rang()


def test_who_is_engaged_is_passed_over_at_once(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:20:02")).is_busy()
    story.phone("son").rings(between=("14:20:02", "14:20:06")).presses("1").hears(THANKED)
    story.plays_until("14:45")
    assert story.alert.owner == "contact:son"
    story.nothing_else_rang()


def test_a_life_hazard_rings_three_phones_at_once_and_texts_are_template_and_variables(story):
    story.finds(FindingKind.EMERGENCY, Priority.P0, at="14:00")
    for name in ("resident", "duty"):
        story.phone(name).rings(between=("14:00:00", "14:00:02")).nobody_answers()
    story.phone("daughter").rings(between=("14:00:00", "14:00:02")).presses("1").hears(THANKED)
    story.plays_until("14:09")
    assert (story.alert.state, story.alert.owner) == (AlertState.ACKNOWLEDGED, "contact:daughter")
    story.nothing_else_rang()


@pytest.mark.parametrize(
    "faults", [{"is_doubling": True}, {"is_shuffling": True}, {"is_doubling": True, "is_shuffling": True}]
)
def test_reports_that_come_twice_and_out_of_order_change_nothing(story, faults):
    for number in NUMBERS.values():
        story.mainland.at(number).with_faults(**faults)
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:20:02")).presses("2")
    story.phone("son").rings(between=("14:20:05", "14:20:15")).presses("1").hears(THANKED)
    story.plays_until("14:49")
    assert story.alert.owner == "contact:son"
    story.nothing_else_rang()


def test_a_key_whose_report_is_late_still_takes_the_alert(story):
    story.mainland.at(NUMBERS["daughter"]).with_faults(delay_s=60)
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:20:02")).presses("1").hears(THANKED)
    story.plays_until("14:45")
    assert story.alert.owner == "contact:daughter"
    story.nothing_else_rang()


def test_a_call_of_which_no_report_comes_is_asked_about_and_the_ladder_goes_on(story):
    story.mainland.at(NUMBERS["resident"]).with_faults(is_silent=True)
    story.mainland.at(NUMBERS["daughter"]).with_faults(is_silent=True)
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.phone("daughter").rings(between=("14:20", "14:20:02")).presses("1")  # and nobody hears of the key
    story.phone("son").rings(between=("14:22", "14:22:02")).presses("1").hears(THANKED)
    story.plays_until("14:45")
    assert story.alert.owner == "contact:son"
    assert story.attempts()["0/2/contact:daughter/call"] == ("aliyun_voice", AttemptState.NO_ANSWER)
    story.nothing_else_rang()


@pytest.mark.parametrize("fault", [AliyunFault(), AliyunFault(hangs=True)])
def test_a_call_whose_answer_was_lost_rings_once_and_its_key_counts(story, fault):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    story.spoil_mainland_calls("resident", fault)
    story.phone("resident").rings(between=("14:00", "14:00:02")).presses("1").hears(THANKED)
    story.plays_until("18:00")
    assert story.attempts()["0/0/resident/call"] == ("aliyun_voice", AttemptState.ACKED)
    story.nothing_else_rang()


def test_a_number_that_does_not_exist_is_passed_over_at_once_and_marked(story):
    story.finds(FindingKind.INACTIVITY, at="14:00")
    is_asked_in_vain(story)
    story.mainland.at(NUMBERS["daughter"]).refused_with(21211)
    story.phone("son").rings(between=("14:20", "14:20:02")).presses("33")
    story.plays_until("14:21")
    assert story.attempts()["0/2/contact:daughter/call"] == ("aliyun_voice", AttemptState.FAILED)
    with story.house.truth.view() as unit:
        assert unit.numbers.get(NUMBERS["daughter"]).voice_bounced_at_ms is not None


@pytest.mark.parametrize(
    "fault",
    [
        AliyunFault(is_accepted=False, status=200, code="isv.AMOUNT_NOT_ENOUGH"),
        AliyunFault(is_accepted=False, status=403, code="isp.RAM_PERMISSION_DENY"),
        AliyunFault(is_accepted=False, status=200, code="isv.COMPLAINT_REJECT"),
        AliyunFault(is_accepted=False, status=200, code="isv.BUSINESS_LIMIT_CONTROL"),
        AliyunFault(is_accepted=False, status=429, code="Throttling.User"),
        AliyunFault(is_accepted=False, hangs=True),
        AliyunFault(is_accepted=False),
    ],
)
def test_another_provider_rings_within_fifteen_seconds_when_aliyun_cannot(tmp_path, fault):
    with phone_story(tmp_path, providers=BOTH) as story:
        story.finds(FindingKind.INACTIVITY, at="14:00")
        story.spoil_mainland_calls("resident", fault, times=20)
        story.phone("resident").rings(between=("14:00", "14:00:17")).presses("1").hears("祝您平安")
        story.plays_until("14:30")
        assert story.alert.outcome is Outcome.WELL_CONFIRMED_BY_RESIDENT
        assert [ring.to for ring in story.phones.rings] == [NUMBERS["resident"]]
        story.nothing_else_rang()


@pytest.mark.parametrize(
    "fault",
    [
        RequestFault(is_accepted=False, status=401, code=20003),
        RequestFault(is_accepted=False, status=403, code=21215),
        RequestFault(is_accepted=False, status=429, code=20429),
        RequestFault(is_accepted=False, hangs=True),
        RequestFault(is_accepted=False),
    ],
)
def test_aliyun_rings_within_fifteen_seconds_when_twilio_cannot(tmp_path, fault):
    with phone_story(tmp_path, providers=BOTH, routes=parse_routes(TWILIO_FIRST, where="test")) as story:
        story.finds(FindingKind.INACTIVITY, at="14:00")
        story.phones.spoil_next(fault, times=20, on="call", to=NUMBERS["resident"])
        story.phone("resident").rings(between=("14:00", "14:00:17")).presses("1").hears(THANKED)
        story.plays_until("14:30")
        assert story.alert.outcome is Outcome.WELL_CONFIRMED_BY_RESIDENT
        assert [ring.to for ring in story.mainland.rings] == [NUMBERS["resident"]]
        story.nothing_else_rang()


def test_a_sixth_call_of_an_hour_goes_by_the_other_provider(tmp_path):
    with phone_story(tmp_path, providers=BOTH) as story:
        for minute in ("00", "12", "24", "36", "48", "59"):
            story.finds(FindingKind.INACTIVITY, at=f"14:{minute}")
            story.phone("resident").rings(between=(f"14:{minute}:00", f"14:{minute}:02")).presses("1")
        story.plays_until("15:30")
        assert (len(story.mainland.rings), len(story.phones.rings)) == (5, 1)
        story.nothing_else_rang()


def test_a_morning_text_is_delivered_and_reported(story):
    story.finds(FindingKind.DEVICE_SILENT, Priority.P3, at="23:10")
    story.finds(FindingKind.BATTERY_LOW, Priority.P3, at="23:50")
    story.phone("duty").gets_text("有1项", between=("+1 08:30", "+1 08:30:01"))
    story.plays_until("+1 12:00")
    (state,) = {state for channel, state in story.attempts().values() if channel == "aliyun_sms"}
    assert state is AttemptState.DELIVERED
    story.nothing_else_rang()
    story.nothing_else_was_written()


def test_the_figures_count_an_old_message_from_its_arrival_and_a_call_by_another_provider_as_failover(tmp_path):
    with phone_story(tmp_path, providers=BOTH) as story:
        story.finds(FindingKind.EMERGENCY, Priority.P0, at="09:00")  # and it comes at noon, when the story starts
        story.spoil_mainland_calls("daughter", AliyunFault(is_accepted=False, hangs=True))
        for name in ("resident", "duty"):
            story.phone(name).rings(between=("12:00", "12:00:05")).nobody_answers()
        story.phone("daughter").rings(between=("12:00:00", "12:00:15")).presses("1")
        story.plays_until("12:01:50")
        with story.house.truth.view() as unit:
            found = report_of(unit, Span(story.alert.opened_at_ms, story.alert.opened_at_ms + 1))
        values = {one.name: (one.value, one.cases) for one in found.figures}
        assert values["first_call_p99"][0] <= 5
        assert values["failover_15s"] == (1, 1)
        assert values["first_time_call_failure"][1] == 3
        story.nothing_else_rang()
