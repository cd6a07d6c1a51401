"""What was kept under another time than it states: delivered again it is a copy, and no other event is taken for one."""

import json

from ingest_directory import DirectoryInMemory

from core.events import Flag, Reading
from core.localtime import HOUR_MS, MINUTE_MS
from ingest.admission import Admission
from ingest.clocks import EVENTS_NEEDED

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
