"""What devices say of themselves: a fall that one claims, a device that its bridge forgot, a cover that was opened."""

import pytest
from watched_home import BATHROOM, DOOR, HALL, KITCHEN, NINE, SECOND, Watched, device, moved, said
from watched_home import went_out as door_moved

from core.events import Flag, Metric
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole, Suspension, SuspensionReason
from rules.findings import FindingKind, Priority

RADAR = device("radar", DeviceRole.INTERIOR_MOTION, "bedroom")
SOS = device("sos", DeviceRole.SOS_BUTTON)
BEATING = device("beating", DeviceRole.INTERIOR_MOTION, "living_room", HOUR_MS)
FALL = FindingKind.FALL


def claimed(at_ms: int, words: str = "fall", **more: int):
    return said("radar", Metric.DEVICE_ALERT, words, at_ms, **more)


def lived_in() -> Watched:
    return Watched(RADAR, DOOR, HALL, KITCHEN, BATHROOM, SOS).take(moved("kitchen", NINE))


def test_a_fall_that_a_radar_claims_rings_the_person_at_once():
    (finding,) = lived_in().take([claimed(NINE + HOUR_MS)]).raised(FALL)
    assert (finding.priority, finding.at_ms) == (Priority.P1, NINE + HOUR_MS)
    assert "bedroom" in finding.sentence.en
    assert "跌倒" in finding.sentence.zh


def test_a_fall_among_other_alerts_of_a_device_is_a_fall_and_they_alone_are_none():
    assert len(lived_in().take([claimed(NINE + HOUR_MS, "battery,fall")]).raised(FALL)) == 1
    assert lived_in().take([claimed(NINE + HOUR_MS, "battery,falling_behind")]).raised(FALL) == []


def test_the_radars_own_word_that_all_is_well_ends_no_fall():
    home = lived_in().take([claimed(NINE + HOUR_MS), claimed(NINE + HOUR_MS + MINUTE_MS, "")])
    home.take(moved("radar", *(NINE + HOUR_MS + n * MINUTE_MS for n in range(2, 6))))
    assert home.cleared(FALL) == []


def test_one_other_room_ends_no_fall_and_two_within_ten_minutes_withdraw_it():
    home = lived_in().take([claimed(NINE + HOUR_MS), *moved("hall", NINE + HOUR_MS + MINUTE_MS)])
    assert home.cleared(FALL) == []
    (over,) = home.restart().take(moved("kitchen", NINE + HOUR_MS + 2 * MINUTE_MS)).cleared(FALL)
    assert over.clears_alert


def test_a_hand_at_the_door_withdraws_a_fall():
    (over,) = lived_in().take([claimed(NINE + HOUR_MS), *door_moved(NINE + HOUR_MS + MINUTE_MS)]).cleared(FALL)
    assert over.clears_alert


def test_signs_from_before_the_fall_do_not_answer_for_it():
    home = lived_in().take(moved("hall", NINE + HOUR_MS - SECOND * 5)).take([claimed(NINE + HOUR_MS)])
    assert home.take(moved("kitchen", NINE + HOUR_MS + MINUTE_MS)).cleared(FALL) == []


def test_a_second_fall_is_told_again_and_the_first_one_is_counted_off():
    home = lived_in().take([claimed(NINE + HOUR_MS), claimed(NINE + HOUR_MS + MINUTE_MS, "")])
    home.take([claimed(NINE + 2 * HOUR_MS), claimed(NINE + 2 * HOUR_MS + MINUTE_MS)])
    assert [one.at_ms for one in home.raised(FALL)] == [NINE + HOUR_MS, NINE + 2 * HOUR_MS]
    assert [one.clears_alert for one in home.cleared(FALL)] == [False]


def test_a_fall_that_only_a_retained_message_tells_rings_after_a_minute_unless_it_is_over():
    retained = claimed(NINE + HOUR_MS, flags=int(Flag.REPLAY))
    home = lived_in().take([retained]).until(NINE + 2 * HOUR_MS)
    assert [one.at_ms for one in home.raised(FALL)] == [NINE + HOUR_MS + MINUTE_MS]
    over = lived_in().take([retained, claimed(NINE + HOUR_MS + SECOND, "")]).until(NINE + 2 * HOUR_MS)
    assert over.raised(FALL) == []


def late_fall(home: Watched, came_ms: int, ago_ms: int, *words_s: tuple[str, int]) -> Watched:
    """Let a gateway bring a fall of so long ago with what its radar said so many seconds later."""
    told = [("fall", 0), *words_s]
    at_ms = came_ms - ago_ms
    more = {"arrived_ms": came_ms, "flags": int(Flag.LATE)}
    return home.take_batch([claimed(at_ms + s * SECOND, words, **more) for words, s in told], came_ms)


@pytest.mark.parametrize("ago_ms", [HOUR_MS // 2, 2 * HOUR_MS, 30 * HOUR_MS])
def test_a_fall_of_hours_ago_rings_whatever_its_radar_said_after_it(ago_ms):
    came_ms = NINE + 3 * HOUR_MS
    home = late_fall(Watched(RADAR, HALL, KITCHEN), came_ms, ago_ms, ("", 20))
    home.take([claimed(came_ms + 20 * SECOND, "")])
    assert len(home.restart().until(came_ms + MINUTE_MS).raised(FALL)) == 1
    assert len(home.until(came_ms + HOUR_MS).raised(FALL)) == 1


def test_a_second_fall_by_a_clock_that_was_set_back_rings_though_the_first_still_holds():
    home = lived_in().take([claimed(NINE + 3 * HOUR_MS), claimed(NINE + 3 * HOUR_MS + MINUTE_MS, "")])
    came_ms = NINE + 4 * HOUR_MS
    late_fall(home.until(came_ms), came_ms, 2 * HOUR_MS, ("", 20)).until(came_ms + MINUTE_MS)
    assert len(home.raised(FALL)) == 2


def test_signs_of_somebody_who_is_up_in_the_same_backlog_take_back_a_fall_of_hours_ago():
    came_ms = NINE + 3 * HOUR_MS
    home = late_fall(lived_in(), came_ms, 2 * HOUR_MS, ("", 20))
    for name, minutes in (("hall", 1), ("kitchen", 2)):
        at_ms = came_ms - 2 * HOUR_MS + minutes * MINUTE_MS
        home.take_batch([said(name, Metric.MOTION, True, at_ms, arrived_ms=came_ms, flags=int(Flag.LATE))], came_ms)
    assert home.restart().until(came_ms + HOUR_MS).raised(FALL) == []


def test_a_fall_that_states_weeks_ago_rings_says_so_and_is_not_answered_by_signs_from_before_it_came():
    home = lived_in().take(moved("hall", NINE + HOUR_MS - MINUTE_MS))
    came_ms = NINE + HOUR_MS
    stated = claimed(came_ms - 30 * DAY_MS, arrived_ms=came_ms, flags=int(Flag.LATE))
    home.take_batch([stated], came_ms).until(came_ms + MINUTE_MS)
    (finding,) = home.raised(FALL)
    assert "2024-02-04 10:00" in finding.sentence.en
    assert "clock" in finding.sentence.en
    assert "时钟" in finding.sentence.zh
    home.take(moved("kitchen", came_ms + 2 * MINUTE_MS))
    assert home.cleared(FALL) == []
    assert len(home.take(moved("hall", came_ms + 3 * MINUTE_MS)).cleared(FALL)) == 1


def test_a_fall_rings_in_a_home_that_is_suspended_for_somebody_fell_there():
    home = lived_in()
    home.register(suspensions=(Suspension(from_ms=NINE, until_ms=None, reason=SuspensionReason.HOSPITAL),))
    assert len(home.until(NINE + MINUTE_MS).take([claimed(NINE + HOUR_MS)]).raised(FALL)) == 1


def test_a_press_and_a_fall_no_longer_hold_after_a_day_and_their_alerts_stay_for_a_human():
    home = lived_in().take([said("sos", Metric.SOS, True, NINE + HOUR_MS), claimed(NINE + HOUR_MS)])
    home.until(NINE + HOUR_MS + DAY_MS - 1)
    assert {FindingKind.EMERGENCY, FALL} <= set(home.engine.home_status(home.home.id).open_kinds)
    home.restart().until(NINE + HOUR_MS + DAY_MS)
    assert not {FindingKind.EMERGENCY, FALL} & set(home.engine.home_status(home.home.id).open_kinds)
    assert [one.clears_alert for one in home.cleared(FindingKind.EMERGENCY, FALL)] == [False, False]


def test_a_press_after_that_day_pages_as_ever():
    home = lived_in().take([said("sos", Metric.SOS, True, NINE), said("sos", Metric.SOS, True, NINE + 2 * DAY_MS)])
    assert len(home.raised(FindingKind.EMERGENCY)) == 2


def test_a_device_that_its_bridge_forgot_is_told_and_no_longer_vouches_for_the_home():
    home = Watched(BEATING, HALL, start_ms=NINE).take([*moved("beating", NINE), *moved("hall", NINE + MINUTE_MS)])
    home.take([said("beating", Metric.REMOVED, True, NINE + HOUR_MS)]).until(NINE + 2 * HOUR_MS)
    (finding,) = home.raised(FindingKind.DEVICE_SILENT)
    assert (finding.priority, finding.at_ms) == (Priority.P3, NINE + HOUR_MS + 10 * MINUTE_MS)
    assert "pair it anew" in finding.sentence.en
    assert len(home.take(moved("beating", NINE + 3 * HOUR_MS)).cleared(FindingKind.DEVICE_SILENT)) == 1
    (_, later) = home.until(NINE + 8 * HOUR_MS).raised(FindingKind.DEVICE_SILENT)
    assert "pair it anew" not in later.sentence.en


def test_a_device_that_is_paired_anew_within_minutes_was_never_gone():
    home = Watched(KITCHEN, HALL).take([*moved("hall", NINE), said("hall", Metric.REMOVED, True, NINE + HOUR_MS)])
    home.take(moved("hall", NINE + HOUR_MS + 5 * MINUTE_MS)).until(NINE + 2 * HOUR_MS)
    assert home.raised(FindingKind.DEVICE_SILENT) == []


def test_a_home_whose_sensors_are_all_gone_by_their_bridges_word_is_blind_and_nobody_inactive():
    home = Watched(KITCHEN, HALL, start_ms=NINE).take([*moved("hall", NINE), *moved("kitchen", NINE + MINUTE_MS)])
    home.take([said(name, Metric.ONLINE, False, NINE + HOUR_MS) for name in ("hall", "kitchen")])
    home.until(NINE + 20 * HOUR_MS)
    assert home.raised(FindingKind.INACTIVITY) == []
    assert len(home.raised(FindingKind.HOME_BLIND)) == 1


def test_a_cover_that_was_opened_is_a_ticket_and_no_reason_to_doubt_what_the_sensor_shows():
    home = lived_in().take([said("hall", Metric.TAMPER, True, NINE + HOUR_MS)])
    (finding,) = home.raised(FindingKind.SENSOR_FAULT)
    assert finding.priority is Priority.P3
    assert home.engine.home_status(home.home.id).mode == "home"
    assert (
        len(home.take([said("hall", Metric.TAMPER, False, NINE + 2 * HOUR_MS)]).cleared(FindingKind.SENSOR_FAULT)) == 1
    )
