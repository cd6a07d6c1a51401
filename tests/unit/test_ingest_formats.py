"""The door: event time and its flags, packs, duplicates, and every way a payload can be refused."""

import json
from datetime import datetime

import pytest
from fixture_rows import NOW_MS
from ingest_directory import DirectoryInMemory

from core.events import Flag, Metric
from core.localtime import to_ms
from core.log import ParkReason
from ingest.admission import Admission


def admission(*addresses: str) -> Admission:
    return Admission(DirectoryInMemory(*addresses))


def test_a_state_seen_long_before_it_arrived_is_marked_as_a_replay():
    door = admission("zigbee2mqtt/h1/pir")
    old = b'{"occupancy":true,"last_seen":"2026-11-22T20:15:00+08:00"}'
    (reading,) = door.admit("zigbee2mqtt/h1/pir", old, retain=False, received_at_ms=NOW_MS).readings
    assert reading.flags & Flag.REPLAY


def test_a_buffered_native_reading_keeps_its_event_time_and_is_late_but_no_replay():
    door = admission("care/h1/pir")
    payload = b'{"ts":"2026-11-23T03:10:00+08:00","seq":8841,"motion":true}'
    (reading,) = door.admit("care/h1/pir/event", payload, retain=False, received_at_ms=NOW_MS).readings
    assert reading.observed_at_ms == to_ms(datetime.fromisoformat("2026-11-23T03:10:00+08:00"))
    assert reading.flags == Flag.LATE


def test_a_device_clock_far_ahead_is_replaced_by_the_time_of_arrival_and_flagged():
    door = admission("care/h1/pir")
    payload = json.dumps({"ts": NOW_MS + 300_001, "motion": True}).encode()
    (reading,) = door.admit("care/h1/pir/event", payload, retain=False, received_at_ms=NOW_MS).readings
    assert (reading.observed_at_ms, reading.flags) == (NOW_MS, Flag.SKEWED)


def test_a_pack_gives_one_reading_for_each_metric_of_each_object():
    door = admission("care/h1/meter")
    pack = json.dumps([{"ts": NOW_MS + n, "seq": n, "water_total": n, "power": 2 * n} for n in range(3)]).encode()
    readings = door.admit("care/h1/meter/event", pack, retain=False, received_at_ms=NOW_MS).readings
    assert [(r.metric, r.value, r.seq) for r in readings if r.metric is Metric.WATER_TOTAL_L] == [
        (Metric.WATER_TOTAL_L, float(n), n) for n in range(3)
    ]
    assert len(readings) == 6


def test_the_same_message_delivered_again_gives_nothing_and_is_counted():
    door = admission("care/h1/pir")
    payload = json.dumps({"ts": NOW_MS, "seq": 1, "motion": True}).encode()
    first = door.admit("care/h1/pir/event", payload, retain=False, received_at_ms=NOW_MS)
    again = door.admit("care/h1/pir/event", payload, retain=False, received_at_ms=NOW_MS + 9)
    assert (len(first.readings), again.readings, door.duplicates) == (1, (), 1)


def test_keys_known_from_before_a_restart_are_duplicates():
    payload = json.dumps({"ts": NOW_MS, "motion": True}).encode()
    before = admission("care/h1/pir")
    (reading,) = before.admit("care/h1/pir/event", payload, retain=False, received_at_ms=NOW_MS).readings
    after = Admission(DirectoryInMemory("care/h1/pir"), [reading])
    assert after.admit("care/h1/pir/event", payload, retain=False, received_at_ms=NOW_MS) == ((), None)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("care/h1/pir/event", b"\xff", ParkReason.UNDECODABLE),
        ("care/h1/pir/event", b"{", ParkReason.UNDECODABLE),
        ("care/h1/pir/event", b"7", ParkReason.UNDECODABLE),
        ("care/h1/pir/event", b"[]", ParkReason.UNDECODABLE),
        ("care/h1/pir/event", b'{"colour":1}', ParkReason.UNDECODABLE),
        ("care/h1/pir", b"{}", ParkReason.UNKNOWN_TOPIC),
        ("elsewhere", b"{}", ParkReason.UNKNOWN_TOPIC),
        ("care/h1/other/event", b'{"motion":true}', ParkReason.UNKNOWN_DEVICE),
        ("care/h1/pir/event", b'{"motion":1}', ParkReason.ABSURD_VALUE),
        ("care/h1/pir/event", b'{"temperature":1000}', ParkReason.ABSURD_VALUE),
        ("care/h1/pir/event", b'{"water_total":-1}', ParkReason.ABSURD_VALUE),
        ("care/h1/pir/event", b'{"motion":true,"seq":-1}', ParkReason.ABSURD_VALUE),
        ("care/h1/pir/event", b'{"motion":true,"ts":"2026-11-23T08:00:00"}', ParkReason.ABSURD_TIME),
        ("care/h1/pir/event", b'{"motion":true,"ts":0}', ParkReason.ABSURD_TIME),
        ("zigbee2mqtt/h1/water", b'{"water_consumed":1.5}', ParkReason.UNKNOWN_UNIT),
        ("zigbee2mqtt/h1/water/availability", b"perhaps", ParkReason.UNDECODABLE),
        ("zigbee2mqtt/bridge/devices", b'{"a":1}', ParkReason.UNDECODABLE),
        ("care/h1/pir/event", b" " * 300_000, ParkReason.TOO_LARGE),
    ],
)
def test_a_message_that_cannot_be_read_is_parked_whole_with_its_reason(topic, payload, reason):
    door = admission("care/h1/pir", "zigbee2mqtt/h1/water")
    readings, parked = door.admit(topic, payload, retain=False, received_at_ms=NOW_MS)
    assert readings == ()
    assert parked is not None
    assert (parked.reason, parked.payload, parked.topic) == (reason, payload, topic)
    assert parked.detail


@pytest.mark.parametrize("is_rejected", [False, True])
def test_of_a_long_address_the_reason_quotes_only_the_beginning(is_rejected):
    directory = DirectoryInMemory("care/h1/pir")
    address = f"care/{'h' * 30_000}/pir"
    directory.rejected = {address} if is_rejected else set()
    topic = f"{address}/event"
    parked = Admission(directory).admit(topic, b'{"motion":true}', retain=False, received_at_ms=NOW_MS).parked
    assert parked is not None
    assert ("was rejected" in parked.detail, "care/hhh" in parked.detail) == (is_rejected, True)
    assert len(parked.detail) < 500
    assert parked.topic == topic
