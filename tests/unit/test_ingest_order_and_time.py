"""Order, time and duplicates: what is the same reading, which time counts, and that the past rings nobody."""

import json

import msgspec
import pytest
from fixture_rows import NOW_MS
from ingest_directory import DirectoryInMemory
from watched_home import HALL, KITCHEN, METER, NINE, Watched, metered, moved

from core.events import Flag, Metric
from core.limits import LATE_AFTER_MS, MAX_SKEW_MS, OLDEST_OBSERVATION_MS
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.log import ParkReason
from ingest.admission import MAX_QUOTED, Admission
from ingest.window import Window
from rules.findings import FindingKind

DOOR = "care/h1/door"
OTHER = "care/h1/window"


def door() -> Admission:
    return Admission(DirectoryInMemory(DOOR, OTHER))


def told(admission, address=DOOR, *, now_ms=NOW_MS, **body):
    payload = json.dumps(body).encode()
    return admission.admit(f"{address}/event", payload, retain=False, received_at_ms=now_ms).readings


# --- duplicates: (device, metric, time, seq)


@pytest.mark.parametrize(
    ("address", "changed"),
    [(OTHER, {}), (DOOR, {"tamper": True, "open": None}), (DOOR, {"ts": NOW_MS + 1}), (DOOR, {"seq": 8})],
    ids=["device", "metric", "time", "seq"],
)
def test_a_reading_that_differs_in_device_metric_time_or_seq_is_another(address, changed):
    admission, body = door(), {"ts": NOW_MS, "seq": 7, "open": True}
    assert len(told(admission, **body)) == 1
    other = {name: value for name, value in (body | changed).items() if value is not None}
    assert len(told(admission, address, **other)) == 1
    assert admission.duplicates == 0


@pytest.mark.parametrize("later_ms", [0, 1, HOUR_MS])
def test_the_same_reading_is_the_same_whenever_it_comes_again(later_ms):
    admission, body = door(), {"ts": NOW_MS, "seq": 7, "open": True}
    told(admission, **body)
    assert told(admission, now_ms=NOW_MS + later_ms, **body) == ()
    assert admission.duplicates == 1


def test_a_repeated_seq_is_a_duplicate_whatever_value_it_brings():
    admission = door()
    told(admission, ts=NOW_MS, seq=7, open=True)
    assert told(admission, ts=NOW_MS, seq=7, open=False) == ()


def test_opened_and_closed_within_the_second_that_the_device_stamps_are_two_readings():
    admission, stamp = door(), NOW_MS // 1000
    values = [one.value for value in (True, False, False) for one in told(admission, ts=stamp, open=value)]
    assert values == [True, False]
    assert admission.duplicates == 1


def test_the_window_has_its_limit_and_forgets_the_oldest_first():
    window = Window(100)
    for seq in range(75):
        assert not window.has(("door", "open", NOW_MS, seq), value=True)
    assert window.has(("door", "open", NOW_MS, 0), value=True)  # met again: young again
    for seq in range(75, 120):
        assert not window.has(("door", "open", NOW_MS, seq), value=True)
        assert 50 <= len(window) <= 100
    assert window.has(("door", "open", NOW_MS, 0), value=True)
    assert all(window.has(("door", "open", NOW_MS, seq), value=True) for seq in range(90, 120))
    assert not window.has(("door", "open", NOW_MS, 1), value=True)


def test_what_was_kept_before_the_start_is_known_and_another_value_of_its_second_is_not():
    window = Window(100, [(("door", "open", NOW_MS, -1), True), (("door", "open", NOW_MS, 7), True)])
    assert window.has(("door", "open", NOW_MS, -1), value=True)
    assert not window.has(("door", "open", NOW_MS, -1), value=False)
    assert window.has(("door", "open", NOW_MS, 7), value=False)


def test_a_message_refused_for_one_bad_time_leaves_nothing_in_the_window():
    admission = door()
    good, bad = {"ts": NOW_MS, "seq": 1, "open": True}, {"ts": 5, "seq": 2, "open": True}
    pack = admission.admit(f"{DOOR}/event", json.dumps([good, bad]).encode(), retain=False, received_at_ms=NOW_MS)
    assert pack.parked is not None
    assert pack.parked.reason is ParkReason.ABSURD_TIME
    assert len(told(admission, **good)) == 1


@pytest.mark.parametrize("is_rejected", [False, True])
def test_what_is_said_of_a_stranger_quotes_no_more_of_its_address_than_can_be_read(is_rejected):
    address = f"care/{'王' * 20_000}/x"
    directory = DirectoryInMemory(DOOR)
    directory.rejected = {address} if is_rejected else set()
    _, parked = Admission(directory).admit(f"{address}/event", b'{"open":true}', retain=False, received_at_ms=NOW_MS)
    assert parked is not None
    quoted = address[: MAX_QUOTED - 1] + "…"
    assert parked.detail.count(quoted) == 2  # in both languages
    assert len(parked.detail) < 2 * MAX_QUOTED + 50
    assert [one.address for one in parked.unknown] == [address]  # it is adopted, or not, by the whole


# --- device clocks


@pytest.mark.parametrize(("ahead_ms", "flags"), [(MAX_SKEW_MS, 0), (MAX_SKEW_MS + 1, Flag.SKEWED), (400 * DAY_MS, Flag.SKEWED)])  # fmt: skip
def test_a_stamp_more_than_five_minutes_in_the_future_gives_way_to_the_arrival(ahead_ms, flags):
    (reading,) = told(door(), ts=NOW_MS + ahead_ms, open=True)
    assert reading.flags == flags
    assert reading.observed_at_ms == (NOW_MS if flags else NOW_MS + ahead_ms)


def test_a_future_clock_that_stands_still_does_not_swallow_what_it_stamps():
    admission = door()
    kept = [told(admission, ts=NOW_MS + DAY_MS, sos=True, now_ms=NOW_MS + n * 1000) for n in range(3)]
    assert [len(one) for one in kept] == [1, 1, 1]  # a button that is pressed again may not be taken for an echo


@pytest.mark.parametrize(("behind_ms", "flags"), [(LATE_AFTER_MS, 0), (LATE_AFTER_MS + 1, Flag.LATE), (DAY_MS, Flag.LATE)])  # fmt: skip
def test_a_buffered_reading_keeps_its_own_time_and_is_marked_late(behind_ms, flags):
    (reading,) = told(door(), ts=NOW_MS - behind_ms, open=True)
    assert (reading.observed_at_ms, reading.flags) == (NOW_MS - behind_ms, flags)


@pytest.mark.parametrize("at_ms", [0, 1, NOW_MS - OLDEST_OBSERVATION_MS - 1])
def test_a_clock_that_was_reset_is_parked(at_ms):
    _, parked = door().admit(
        f"{DOOR}/event", json.dumps({"ts": at_ms, "open": True}).encode(), retain=False, received_at_ms=NOW_MS
    )
    assert parked is not None
    assert parked.reason is ParkReason.ABSURD_TIME


def test_a_reading_without_a_time_has_its_arrival_s():
    (reading,) = told(door(), open=True)
    assert (reading.observed_at_ms, reading.flags) == (NOW_MS, Flag.NO_DEVICE_TIME)


def test_movement_beside_an_alarm_of_a_reset_clock_is_kept_and_no_sign_of_life():
    home, admission = Watched(HALL), Admission(DirectoryInMemory("care/h1/hall"))
    home.take(moved("hall", NINE)).until(NINE + 13 * HOUR_MS)
    assert home.raised(FindingKind.INACTIVITY)
    flushed_ms = NINE + 13 * HOUR_MS + MINUTE_MS
    body = {"ts": 300_000_000, "motion": True, "device_alert": "fall", "battery": 80}
    kept = told(admission, "care/h1/hall", now_ms=flushed_ms, **body)
    flags = {one.metric: one.flags for one in kept}
    assert flags == {
        Metric.MOTION: Flag.SKEWED | Flag.REPLAY | Flag.UNDATED,
        Metric.DEVICE_ALERT: Flag.SKEWED,
        Metric.BATTERY_PERCENT: Flag.SKEWED,
    }
    readings = [msgspec.structs.replace(one, home_id=home.home.id, device_id=HALL.id) for one in kept]
    home.take_batch(readings, flushed_ms).until(flushed_ms + MINUTE_MS)
    assert home.cleared(FindingKind.INACTIVITY) == []
    assert home.last_sign_at_ms == NINE
    home.take(moved("hall", flushed_ms + MINUTE_MS))  # and what it said does not hide what comes
    assert home.last_sign_at_ms == flushed_ms + MINUTE_MS


def test_a_register_of_a_reset_clock_makes_no_hand_at_the_tap_of_the_next_one():
    home, now_ms = Watched(METER, HALL).take(metered([1000.0, 1000.0], NINE, HOUR_MS)), NINE + 2 * HOUR_MS
    (old,) = metered([900.0], now_ms, 1)
    undated = msgspec.structs.replace(old, flags=int(Flag.SKEWED | Flag.REPLAY | Flag.UNDATED))
    home.take_batch([undated], now_ms).take(metered([1000.0], now_ms + HOUR_MS, 1))
    assert home.last_sign_at_ms is None


# --- order and the past


def buffered(readings, arrived_ms):
    """Return readings as they come out of a buffer: in reverse, each with its own time."""
    return [
        type(one)(
            one.home_id, one.device_id, one.metric, one.value, one.observed_at_ms, arrived_ms, one.seq, int(Flag.LATE)
        )
        for one in reversed(readings)
    ]


def test_a_day_s_backlog_that_comes_at_once_is_judged_by_its_own_times_and_rings_nobody():
    now = NINE + DAY_MS
    home = Watched(HALL, KITCHEN)
    day = [one for hour in (0, 1, 2, 18, 20, 23) for one in moved("kitchen", NINE + hour * HOUR_MS)]
    home.take_batch(buffered(day, now), now).until(now + MINUTE_MS)  # sixteen silent hours lie within it
    assert home.raised(FindingKind.INACTIVITY) == []
    assert home.last_sign_at_ms == NINE + 23 * HOUR_MS


def test_a_backlog_in_any_order_leaves_the_home_as_the_readings_in_time_would_have():
    day = [one for hour in range(20) for one in moved("kitchen", NINE + hour * HOUR_MS)]
    now = NINE + 20 * HOUR_MS
    at_once = Watched(HALL, KITCHEN).take_batch(buffered(day, now), now)
    in_time = Watched(HALL, KITCHEN).take_batch(list(day), now)
    assert at_once.engine.home_status(at_once.home.id) == in_time.engine.home_status(in_time.home.id)


def test_silence_that_goes_on_after_a_backlog_rings_by_the_last_sign_in_it():
    now = NINE + 10 * HOUR_MS
    home = Watched(HALL, KITCHEN).take_batch(buffered(moved("kitchen", NINE + HOUR_MS), now), now)
    home.until(now + 3 * DAY_MS)
    assert home.last_sign_at_ms == NINE + HOUR_MS
    assert len(home.raised(FindingKind.INACTIVITY, FindingKind.HOME_BLIND)) >= 1


# --- counters


def water_kinds():
    return [kind for kind in FindingKind if "water" in kind or "leak" in kind or "burst" in kind]


def test_a_register_that_is_reset_counts_from_its_new_base_and_is_no_burst():
    home = Watched(METER, KITCHEN)
    litres = [123_456.0, 123_460.0, 123_470.0, 0.0, 3.0, 9.0, 9.0]
    home.take(metered(litres, NINE + MINUTE_MS, 10 * MINUTE_MS)).until(NINE + 3 * HOUR_MS)
    assert home.raised(*water_kinds()) == []
    assert home.last_sign_at_ms is not None
    assert home.last_sign_at_ms > NINE + 31 * MINUTE_MS  # what is drawn after the reset is a sign of life again


def test_a_register_that_wraps_counts_from_its_new_base_and_is_no_burst():
    home = Watched(METER, KITCHEN)
    litres = [99_999_990.0, 99_999_998.0, 4.0, 12.0, 12.0]
    home.take(metered(litres, NINE + MINUTE_MS, 10 * MINUTE_MS)).until(NINE + 3 * HOUR_MS)
    assert home.raised(*water_kinds()) == []


def test_a_register_that_leaps_is_not_believed():
    home = Watched(METER, KITCHEN)
    home.take(metered([100.0, 104.0, 9_000_000.0, 9_000_001.0], NINE + MINUTE_MS, 10 * MINUTE_MS))
    assert home.until(NINE + 3 * HOUR_MS).raised(*water_kinds()) == []


def test_a_reset_register_s_readings_are_no_duplicates_of_those_before():
    admission = Admission(DirectoryInMemory("care/h1/meter"))
    values = [
        one.value
        for n, total in enumerate([5.0, 6.0, 0.0, 5.0, 6.0])
        for one in told(admission, "care/h1/meter", ts=NOW_MS + n, seq=n % 3, water_total=total)
    ]
    assert values == [5.0, 6.0, 0.0, 5.0, 6.0]
