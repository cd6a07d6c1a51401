"""What was kept under another time than it states: delivered again it is a copy, and no other event is taken for one."""

import json

import pytest
from ingest_directory import DirectoryInMemory

from core.events import Flag, Metric, Reading
from core.limits import OLDEST_OBSERVATION_MS
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.log import ParkReason
from ingest.admission import Admission
from ingest.clocks import EVENTS_NEEDED
from ingest.stated import REDELIVERED_WITHIN_MS, Noted, Stated

NOW_MS = 1_767_225_600_000
BEHIND_MS = 10 * MINUTE_MS
EVERY_MS = 3 * MINUTE_MS


def new_door() -> Admission:
    return Admission(DirectoryInMemory("care/h0001/pir"))


def said(door: Admission, at_ms: int, received_at_ms: int, **more: object) -> tuple[Reading, ...]:
    """Return the readings of one message that states a time: motion, unless more is said."""
    what = more if set(more) - {"seq"} else more | {"motion": True}
    payload = json.dumps({"ts": at_ms} | what).encode()
    return door.admit("care/h0001/pir/event", payload, retain=False, received_at_ms=received_at_ms).readings


# --- a clock that is behind


def test_a_slow_clock_whose_error_the_events_spacing_divides_loses_none_of_them():
    door = new_door()
    times = [NOW_MS + number * BEHIND_MS for number in range(40)]
    told = [one for at_ms in times for one in said(door, at_ms - BEHIND_MS, at_ms)]
    assert [one.observed_at_ms for one in told[EVENTS_NEEDED:]] == times[EVENTS_NEEDED:]
    assert (len(told), door.duplicates) == (40, 0)


def test_each_of_a_slow_clock_s_events_is_known_when_it_comes_again_also_those_from_before_it_was_put_right():
    door = new_door()
    times = [NOW_MS + number * BEHIND_MS for number in range(2 * EVENTS_NEEDED)]
    for at_ms in times:
        assert said(door, at_ms - BEHIND_MS, at_ms)
    again = [said(door, at_ms - BEHIND_MS, at_ms + HOUR_MS) for at_ms in times]
    assert not any(again)
    assert door.duplicates == len(times)


def test_what_a_clock_said_before_it_fell_behind_is_known_when_it_comes_again():
    door = new_door()
    assert said(door, NOW_MS, NOW_MS)
    for number in range(1, 2 * EVENTS_NEEDED):
        at_ms = NOW_MS + number * EVERY_MS
        assert said(door, at_ms - BEHIND_MS - 1, at_ms)
    assert said(door, NOW_MS, NOW_MS + HOUR_MS) == ()


def test_two_states_within_the_second_that_a_slow_clock_stamps_are_two_also_when_one_comes_again():
    door = new_door()
    for number in range(EVENTS_NEEDED):
        assert said(door, NOW_MS + number * EVERY_MS - BEHIND_MS, NOW_MS + number * EVERY_MS)
    stamp_ms, at_ms = NOW_MS + HOUR_MS - BEHIND_MS, NOW_MS + HOUR_MS
    told = [one for state in (True, False, False) for one in said(door, stamp_ms, at_ms, motion=state)]
    assert [(one.value, one.observed_at_ms, one.flags) for one in told] == [
        (True, at_ms, Flag.SKEWED),
        (False, at_ms, Flag.SKEWED),
    ]


# --- a clock that cannot be right, and may stand still

DEFAULT_MS = 2_085_978_496_000
"""2036-02-07T06:28:16Z: where an NTP client begins that was told nothing yet."""

LATER_MS = [0, 1500, MINUTE_MS, REDELIVERED_WITHIN_MS, REDELIVERED_WITHIN_MS + 1, 6 * HOUR_MS]


def counts(at_ms: int, later_ms: list[int] = LATER_MS, **more: object) -> list[int]:
    """Return how many readings each of some messages gives that are one another's equals and come later and later."""
    door = new_door()
    return [len(said(door, at_ms, NOW_MS + later, **more)) for later in later_ms]


@pytest.mark.parametrize("what", ["sos", "smoke", "gas", "co", "wet"])
def test_each_press_of_a_button_that_boots_with_one_date_and_one_seq_is_heard(what):
    assert counts(DEFAULT_MS, seq=1, **{what: True}) == [1] * len(LATER_MS)


def test_any_other_event_of_a_clock_that_stands_still_is_a_copy_only_while_a_broker_may_deliver_again():
    assert counts(DEFAULT_MS, seq=1) == [1, 0, 0, 0, 1, 1]
    assert counts(DEFAULT_MS, seq=1, smoke=False) == [1, 0, 0, 0, 1, 1]  # the end of an alarm is none


@pytest.mark.parametrize("stated_ms", [1000, DEFAULT_MS])
@pytest.mark.parametrize("what", ["smoke", "wet"])
def test_the_end_of_an_alarm_is_no_copy_of_its_beginning_where_a_clock_and_a_count_stand_still(what, stated_ms):
    door = new_door()
    steps = [(0, True), (2, False), (10, True), (12, False), (13, False)]
    told = [
        (one.value, one.observed_at_ms - NOW_MS)
        for at_min, value in steps
        for one in said(door, stated_ms, NOW_MS + at_min * MINUTE_MS, seq=1, **{what: value})
    ]
    assert told == [(value, at_min * MINUTE_MS) for at_min, value in steps[:-1]]


@pytest.mark.parametrize("what", ["open", "motion", "presence"])
def test_what_changes_is_no_copy_where_a_clock_and_a_count_stand_still(what):
    door = new_door()
    told = [
        one.value
        for at_min, value in enumerate([True, False, False, True, False])
        for one in said(door, DEFAULT_MS, NOW_MS + at_min * MINUTE_MS, seq=1, **{what: value})
    ]
    assert told == [True, False, True, False]


def test_a_fall_its_end_and_the_next_one_are_three_words_of_a_clock_that_stands_still():
    door = new_door()
    words = ["fall", "", "fall"]
    told = [one.value for n, word in enumerate(words) for one in said(door, 0, NOW_MS + n, seq=1, device_alert=word)]
    assert told == words


@pytest.mark.parametrize("what", ["smoke", "motion"])
def test_two_words_that_arrive_in_one_moment_are_two_where_a_clock_and_a_count_stand_still(what):
    door = new_door()
    told = [one.value for word in (True, False) for one in said(door, DEFAULT_MS, NOW_MS, seq=1, **{what: word})]
    assert told == [True, False]


def test_what_comes_again_and_again_is_counted_from_when_it_was_kept_not_from_its_last_copy():
    steps = range(0, 3 * REDELIVERED_WITHIN_MS, REDELIVERED_WITHIN_MS // 3 + MINUTE_MS)
    assert counts(DEFAULT_MS, list(steps), seq=1) == [1, 0, 0, 1, 0, 0, 1, 0]


@pytest.mark.parametrize("more", [{"seq": 1}, {}])
@pytest.mark.parametrize("what", ["sos", "smoke", "gas", "co", "wet"])
def test_an_alarm_in_time_that_is_stated_again_after_a_redelivery_s_time_comes_from_a_clock_that_stands_still(
    what, more
):
    assert counts(NOW_MS, **more, **{what: True}) == [1, 0, 0, 0, 1, 1]


def test_a_press_in_time_that_comes_again_too_late_for_a_copy_is_kept_as_it_arrives():
    door = new_door()
    told = [one for later in (0, HOUR_MS) for one in said(door, NOW_MS, NOW_MS + later, sos=True)]
    assert [(one.observed_at_ms - NOW_MS, one.flags) for one in told] == [(0, 0), (HOUR_MS, Flag.SKEWED)]


@pytest.mark.parametrize("more", [{"seq": 1}, {}])
def test_an_alarm_and_its_end_are_heard_each_time_from_a_clock_that_froze_in_time(more):
    door, steps = new_door(), [0, 2, 10, 12, 60, 62, 24 * 60, 24 * 60 + 30]
    told = [
        one
        for number, at_min in enumerate(steps)
        for one in said(door, NOW_MS, NOW_MS + at_min * MINUTE_MS, smoke=number % 2 == 0, **more)
    ]
    assert [(one.value, (one.received_at_ms - NOW_MS) // MINUTE_MS) for one in told] == [
        (number % 2 == 0, at_min) for number, at_min in enumerate(steps)
    ]
    ordered = [one.observed_at_ms for one in told]
    assert ordered == sorted(ordered)  # or a rule would take the end of an alarm for the older word
    alarms = [one.observed_at_ms for one in told if one.value]
    assert len(set(alarms)) == len(alarms)  # two alarms of one moment would be one finding


def test_each_press_of_a_button_that_counts_while_its_clock_stands_still_has_a_time_of_its_own():
    door = new_door()
    presses = [(0, 1), (1, 2), (10, 3), (60, 4), (24 * 60, 5)]
    told = [
        one for at_min, seq in presses for one in said(door, NOW_MS, NOW_MS + at_min * MINUTE_MS, seq=seq, sos=True)
    ]
    assert [(one.observed_at_ms - NOW_MS) // MINUTE_MS for one in told] == [at_min for at_min, _ in presses]
    assert said(door, NOW_MS, NOW_MS + 24 * 60 * MINUTE_MS + 1000, seq=5, sos=True) == ()  # delivered again


@pytest.mark.parametrize("alarm", [{"ts": NOW_MS + MINUTE_MS}, {"ts": 0}, {}])
def test_an_end_that_states_what_one_of_before_stated_is_heard_while_the_last_word_is_an_alarm(alarm):
    door, later_ms = new_door(), NOW_MS + HOUR_MS
    assert said(door, NOW_MS, NOW_MS, smoke=False)
    payload = json.dumps(alarm | {"smoke": True}).encode()
    door.admit("care/h0001/pir/event", payload, retain=False, received_at_ms=NOW_MS + MINUTE_MS)
    (end,) = said(door, NOW_MS, later_ms, smoke=False)  # its clock began anew where it had begun before
    assert (end.observed_at_ms, end.flags) == (later_ms, Flag.SKEWED)
    assert said(door, NOW_MS, later_ms + HOUR_MS, smoke=False) == ()  # nothing is left to end


def test_an_all_clear_in_time_does_not_make_a_copy_of_the_alarm_that_a_frozen_clock_states_with_the_same_seq():
    door = new_door()
    told = [one.value for value in (False, True) for one in said(door, NOW_MS, NOW_MS, seq=1, smoke=value)]
    assert told == [False, True]


def test_a_press_is_no_copy_of_what_the_broker_had_kept_of_it_for_whoever_subscribes():
    door = new_door()
    payload = json.dumps({"ts": NOW_MS, "sos": True}).encode()
    for retain in (True, False, False):
        admitted = door.admit("care/h0001/pir/event", payload, retain=retain, received_at_ms=NOW_MS + MINUTE_MS)
        assert len(admitted.readings) == (0 if door.duplicates else 1)
    assert door.duplicates == 1


def test_a_buffered_alarm_that_is_stated_again_after_a_redelivery_s_time_comes_from_a_clock_that_stands_still():
    door = new_door()
    pressed_ms = NOW_MS - 2 * HOUR_MS
    told = [one for later in LATER_MS for one in said(door, pressed_ms, NOW_MS + later, seq=1, sos=True)]
    assert [(one.observed_at_ms, one.flags) for one in told] == [
        (pressed_ms, Flag.LATE),
        (NOW_MS + LATER_MS[4], Flag.SKEWED),
        (NOW_MS + LATER_MS[5], Flag.SKEWED),
    ]


def test_a_buffered_end_of_an_alarm_is_a_copy_however_late_it_comes_again():
    assert counts(NOW_MS - HOUR_MS, seq=1, smoke=False) == [1, 0, 0, 0, 0, 0]  # it may not end the next one


def test_an_alarm_that_a_broker_kept_for_whoever_subscribes_is_heard_once_a_redelivery_s_time():
    door = new_door()
    payload = json.dumps({"ts": DEFAULT_MS, "seq": 1, "smoke": True}).encode()
    kept = [
        door.admit("care/h0001/pir/event", payload, retain=True, received_at_ms=NOW_MS + later).readings
        for later in LATER_MS
    ]
    assert [len(one) for one in kept] == [1, 0, 0, 0, 1, 1]


def test_a_press_that_was_parked_days_ago_is_heard_when_it_is_read_beside_one_of_today():
    door = new_door()
    assert said(door, DEFAULT_MS, NOW_MS, seq=1)
    assert said(door, DEFAULT_MS, NOW_MS - 24 * HOUR_MS, seq=1)  # a parked message is judged at its own arrival


@pytest.mark.parametrize("reset_ms", [0, 1, 946_684_800_000, NOW_MS - OLDEST_OBSERVATION_MS - 1])
def test_each_press_of_a_button_whose_clock_was_reset_is_heard_as_it_arrives(reset_ms):
    door = new_door()
    told = [one for later in LATER_MS for one in said(door, reset_ms, NOW_MS + later, seq=1, sos=True)]
    assert [(one.observed_at_ms - NOW_MS, one.flags) for one in told] == [(later, Flag.SKEWED) for later in LATER_MS]


def test_what_comes_with_an_alarm_of_a_reset_clock_keeps_the_alarm_from_nobody():
    door = new_door()
    told = said(door, 0, NOW_MS, seq=1, sos=True, battery=80)
    assert {one.metric: one.observed_at_ms for one in told} == {Metric.SOS: NOW_MS, Metric.BATTERY_PERCENT: NOW_MS}
    said(door, 0, NOW_MS + MINUTE_MS, seq=1, smoke=True)
    assert (
        said(door, 0, NOW_MS + 2 * MINUTE_MS, seq=1, smoke=False)[0].flags == Flag.SKEWED
    )  # or no alarm would ever end
    good, reset = {"n": "sos", "vb": True, "t": NOW_MS / 1000}, {"n": "battery", "v": 7, "t": 300_000_000.0}
    pack = json.dumps([{"bn": ""} | good, reset]).encode()
    admitted = door.admit("care/h0001/pir/senml", pack, retain=False, received_at_ms=NOW_MS)
    assert (admitted.parked, len(admitted.readings)) == (None, 2)


@pytest.mark.parametrize("what", [{"smoke": False}, {"wet": False, "battery": 80, "temperature": 21.5}])
def test_the_end_of_a_hazard_by_a_reset_clock_is_heard_though_its_beginning_is_not_known(what):
    told = said(new_door(), 0, NOW_MS, **what)
    assert {one.metric for one in told if not one.flags & Flag.UNDATED} == set(what) - {"temperature"}


@pytest.mark.parametrize("more", [{}, {"device_alert": "", "battery": 80}, {"wet": False}])
def test_any_other_message_of_a_reset_clock_is_parked(more):
    payload = json.dumps({"ts": 0, "seq": 1, "motion": True} | more).encode()
    refused = new_door().admit("care/h0001/pir/event", payload, retain=False, received_at_ms=NOW_MS)
    assert refused.parked is not None
    assert refused.parked.reason is ParkReason.ABSURD_TIME


@pytest.mark.parametrize("later_ms", [16 * MINUTE_MS, 30 * MINUTE_MS, 44 * MINUTE_MS])
def test_a_press_of_a_clock_that_stands_still_rings_after_a_start_on_a_clock_that_was_set_back(later_ms):
    stated_ms = NOW_MS - 10 * DAY_MS  # its maker's date, which a backlog might state as well
    kept = said(new_door(), stated_ms, NOW_MS, seq=1, sos=True)
    started_ms = NOW_MS - 30 * MINUTE_MS
    door = Admission(DirectoryInMemory("care/h0001/pir"), kept, now_ms=started_ms)
    assert said(door, stated_ms, started_ms + MINUTE_MS, seq=1, sos=True) == ()  # delivered again
    assert len(said(door, stated_ms, started_ms + later_ms, seq=1, sos=True)) == 1


def test_what_came_before_an_alarm_and_is_read_only_after_it_is_not_its_last_word():
    stated = Stated(8)
    for value, at_ms in ((True, NOW_MS), (False, NOW_MS - MINUTE_MS)):  # parked meanwhile, for nobody knew the device
        key = ("detector", Metric.SMOKE, at_ms, -1)
        stated.keep([Noted(key, key, value, at_ms)])
    assert stated.sounds(("detector", Metric.SMOKE, -1, -1))
