"""A clock that is behind is put right once it is known to be; a buffer, a meter and a radio that dawdles are not."""

import json

from ingest_directory import DirectoryInMemory

from core.events import Flag, Metric, Reading
from core.ids import DeviceId
from core.localtime import HOUR_MS, MINUTE_MS
from ingest.admission import Admission
from ingest.clocks import DEVICES_KEPT, EVENTS_NEEDED, Clocks

NOW_MS = 1_767_225_600_000
PIR = DeviceId("h0001/pir")
BEHIND_MS = 10 * MINUTE_MS
EVERY_MS = 3 * MINUTE_MS


def heard(clocks: Clocks, lates_ms: list[int], every_ms: int = EVERY_MS, metric: Metric = Metric.MOTION) -> list[int]:
    """Return what is known of a device's clock after each of some events that come late by so much."""
    times = [NOW_MS + number * every_ms for number in range(len(lates_ms))]
    return [
        clocks.behind_ms(PIR, metric, at_ms - late_ms, at_ms) for at_ms, late_ms in zip(times, lates_ms, strict=True)
    ]


def test_events_that_come_late_by_the_same_time_again_and_again_come_from_a_clock_that_is_behind():
    found = heard(Clocks(), [BEHIND_MS] * (EVENTS_NEEDED + 2))
    assert found == [0] * (EVENTS_NEEDED - 1) + [BEHIND_MS] * 3


def test_what_is_known_of_a_clock_stays_the_same_while_the_radio_takes_its_seconds():
    found = heard(Clocks(), [BEHIND_MS + number % 5 * 1000 for number in range(EVENTS_NEEDED + 20)])
    assert set(found) == {0, BEHIND_MS}


def test_a_buffer_that_empties_is_no_clock():
    assert set(heard(Clocks(), [HOUR_MS - number * MINUTE_MS for number in range(20)], every_ms=MINUTE_MS)) == {0}
    assert set(heard(Clocks(), [HOUR_MS] * 20, every_ms=100)) == {0}


def test_a_meter_that_sends_ten_minutes_after_the_hour_has_a_good_clock():
    assert set(heard(Clocks(), [BEHIND_MS] * 30, every_ms=HOUR_MS, metric=Metric.WATER_TOTAL_L)) == {0}


def test_a_clock_that_was_set_right_is_believed_at_once():
    clocks = Clocks()
    assert heard(clocks, [BEHIND_MS] * EVENTS_NEEDED)[-1] == BEHIND_MS
    assert heard(clocks, [1000, 1000]) == [0, 0]


def test_a_buffer_behind_a_wrong_clock_is_put_right_by_the_clocks_error_alone():
    clocks = Clocks()
    heard(clocks, [BEHIND_MS] * EVENTS_NEEDED)
    assert heard(clocks, [BEHIND_MS + HOUR_MS]) == [BEHIND_MS]


def test_no_more_clocks_are_kept_than_there_is_room_for():
    clocks = Clocks()
    for number in range(DEVICES_KEPT + 5):
        clocks.behind_ms(DeviceId(f"h/{number}"), Metric.MOTION, NOW_MS - BEHIND_MS, NOW_MS)
    assert len(clocks) == DEVICES_KEPT


def test_an_event_of_a_clock_that_is_behind_has_its_true_time_and_a_flag_and_comes_once():
    door = Admission(DirectoryInMemory("care/h0001/pir"))

    def admitted(at_ms: int) -> tuple[Reading, ...]:
        payload = json.dumps({"ts": at_ms - BEHIND_MS, "motion": True}).encode()
        return door.admit("care/h0001/pir/event", payload, retain=False, received_at_ms=at_ms).readings

    told = [admitted(NOW_MS + number * EVERY_MS) for number in range(EVENTS_NEEDED + 1)]
    assert [(one.observed_at_ms - one.received_at_ms, one.flags) for (one,) in told] == [
        *[(-BEHIND_MS, Flag.LATE)] * (EVENTS_NEEDED - 1),
        *[(0, Flag.SKEWED)] * 2,
    ]
    payload = json.dumps({"ts": told[-1][0].received_at_ms - BEHIND_MS, "motion": True}).encode()
    later_ms = told[-1][0].received_at_ms + 5000
    assert door.admit("care/h0001/pir/event", payload, retain=False, received_at_ms=later_ms).readings == ()
    assert door.duplicates == 1


def test_what_a_broker_delivers_again_and_late_is_no_clock_and_no_other_reading():
    door = Admission(DirectoryInMemory("care/h0001/pir"))

    def admitted(number: int, late_ms: int) -> tuple[Reading, ...]:
        at_ms = NOW_MS + number * EVERY_MS
        payload = json.dumps({"ts": at_ms, "seq": number, "motion": True}).encode()
        return door.admit("care/h0001/pir/event", payload, retain=False, received_at_ms=at_ms + late_ms).readings

    numbers = range(2 * EVENTS_NEEDED)
    assert all(admitted(number, 1000) for number in numbers)
    assert not any(admitted(number, BEHIND_MS) for number in numbers)
    assert door.duplicates == len(numbers)
    (fresh,) = admitted(len(numbers), BEHIND_MS)  # not heard before: late, for nothing is known of its clock
    assert (fresh.observed_at_ms, fresh.flags) == (NOW_MS + len(numbers) * EVERY_MS, Flag.LATE)


def pir_said(door: Admission, at_ms: int, received_at_ms: int, **more: object) -> tuple[Reading, ...]:
    payload = json.dumps({"ts": at_ms, "motion": True} | more).encode()
    return door.admit("care/h0001/pir/event", payload, retain=False, received_at_ms=received_at_ms).readings


def test_what_was_put_right_and_is_delivered_again_much_later_is_no_other_reading():
    door = Admission(DirectoryInMemory("care/h0001/pir"))
    times = [NOW_MS + number * EVERY_MS for number in range(4 * EVENTS_NEEDED)]
    assert all(pir_said(door, at_ms - BEHIND_MS, at_ms, seq=number) for number, at_ms in enumerate(times))
    again = [pir_said(door, at_ms - BEHIND_MS, at_ms + HOUR_MS, seq=number) for number, at_ms in enumerate(times)]
    assert not any(again)
    assert len(pir_said(door, times[-1] + EVERY_MS - BEHIND_MS, times[-1] + EVERY_MS, seq=len(times))) == 1


def test_an_event_of_a_clock_that_is_ahead_comes_once_by_its_seq_and_without_one_each_time():
    door = Admission(DirectoryInMemory("care/h0001/pir"))
    ahead_ms = NOW_MS + HOUR_MS
    assert [len(pir_said(door, ahead_ms, NOW_MS + later_ms, seq=7)) for later_ms in (0, 1500, 3000)] == [1, 0, 0]
    assert [len(pir_said(door, ahead_ms, NOW_MS + later_ms)) for later_ms in (0, 1500)] == [1, 1]  # it stands still


def test_a_message_that_is_parked_for_a_bad_time_leaves_nothing_of_it_known():
    door = Admission(DirectoryInMemory("care/h0001/pir"))
    times = [NOW_MS + number * EVERY_MS for number in range(EVENTS_NEEDED + 1)]
    for at_ms in times[:-1]:
        assert pir_said(door, at_ms - BEHIND_MS, at_ms)
    behind = {"n": "motion", "vb": True, "t": (times[-1] - BEHIND_MS) / 1000}
    reset = {"n": "battery", "v": 7, "t": 300_000_000.0}
    pack = json.dumps([{"bn": ""} | behind, reset]).encode()
    refused = door.admit("care/h0001/pir/senml", pack, retain=False, received_at_ms=times[-1])
    assert refused.parked is not None
    assert refused.readings == ()
    assert len(pir_said(door, times[-1] - BEHIND_MS + 1000, times[-1] + 1000)) == 1
    assert len(pir_said(door, times[-1] - BEHIND_MS, times[-1])) == 1
