"""What was parked is read once more when it can be: exactly once, by its own times, and only what nobody took before."""

import threading

import pytest
from device_intake import NOW_MS, PIR, WAIT_S, Intake, adoption

from app.parked_keeper import WAITS_FOR_JOURNAL
from core.errors import BusyError, ConflictError, NotFoundError
from core.events import Flag
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.log import ParkReason
from ingest.admission import DEDUPE_KEYS
from ingest.window import Window
from registry.devices import InboxState
from registry.homes import DeviceRole
from store.parked import SETTLED_KEPT_MS, ParkedFile


def test_an_unknown_device_waits_in_the_inbox_with_what_it_says_of_itself(intake):
    bridge = b'[{"friendly_name":"h1/pir","software_build_id":"3.0.0_0029","definition":{"model":"RTCGQ11LM","vendor":"Aqara","exposes":[]}}]'
    intake.hear("zigbee2mqtt/bridge/devices", bridge, retain=True)
    intake.hear(PIR, b'{"occupancy":true,"battery":90}', at_ms=NOW_MS - HOUR_MS)
    intake.hear(PIR, b'{"occupancy":false}')
    intake.keeper.round()
    (device,) = intake.desk.inbox()
    assert (device.address, device.format, device.count) == (PIR, "Zigbee2MQTT", 2)
    assert (device.identity.model, device.identity.maker, device.identity.firmware) == (
        "RTCGQ11LM",
        "Aqara",
        "3.0.0_0029",
    )
    assert device.metrics == ("battery", "motion")
    assert (device.first_seen_ms, device.last_seen_ms) == (NOW_MS - HOUR_MS, NOW_MS)
    intake.keeper.round()
    assert intake.desk.inbox()[0].count == 2


def test_an_adopted_device_has_what_it_said_before_by_the_times_at_which_it_was_said(intake):
    intake.hear(PIR, b'{"occupancy":true}', at_ms=NOW_MS - HOUR_MS)
    intake.hear(PIR, b'{"occupancy":false}', at_ms=NOW_MS - HOUR_MS + MINUTE_MS)
    intake.keeper.round()
    assert intake.readings() == []
    device = intake.desk.adopt("h1", adoption(room="厨房"), "account:zhang")
    intake.keeper.round()
    told = [(one.device_id, one.value, one.observed_at_ms, one.received_at_ms) for one in intake.readings()]
    assert told == [
        (device.id, True, NOW_MS - HOUR_MS, NOW_MS),
        (device.id, False, NOW_MS - HOUR_MS + MINUTE_MS, NOW_MS),
    ]
    assert all(one.flags & Flag.LATE and one.flags & Flag.REREAD for one in intake.readings())
    assert intake.desk.inbox() == []
    assert intake.parked.counts() == {}
    (kept,) = intake.desk.inbox(InboxState.ADOPTED)
    assert (kept.decided_by, kept.device_id) == ("account:zhang", "h1/pir")


def test_a_message_is_read_again_once_however_often_the_registry_changes_and_the_service_starts(intake):
    intake.hear(PIR, b'{"occupancy":true}')
    intake.desk.adopt("h1", adoption(), "account:zhang")
    intake.keeper.round()
    for number in range(3):
        intake.desk.adopt("h1", adoption(f"care/h1/other{number}"), "account:zhang")
        intake.keeper.round()
    intake.keeper.close()
    intake.parked = ParkedFile(intake.journal_path)
    intake.keeper = intake.new_keeper()
    intake.keeper.round()
    assert len(intake.readings()) == 1


def test_of_a_pack_only_what_nobody_took_is_read_again_even_when_it_is_long_forgotten(intake):
    pack = b'[{"bn":"","n":"open","vb":true},{"n":"stranger/motion","vb":true}]'
    intake.desk.adopt("h1", adoption("care/h1/door", DeviceRole.OUTSIDE_DOOR), "account:zhang")
    intake.hear("care/h1/door/senml", pack)
    intake.admission._seen = Window(DEDUPE_KEYS)  # the dedupe window has moved on since
    intake.keeper.round()
    assert [one.address for one in intake.desk.inbox()] == ["care/h1/stranger"]
    intake.desk.adopt("h1", adoption("care/h1/stranger"), "account:zhang")
    intake.keeper.round()
    assert [(one.device_id, one.metric) for one in intake.readings()] == [
        ("h1/door", "open"),
        ("h1/stranger", "motion"),
    ]


def test_a_rejected_device_is_counted_and_stays_silent_and_may_still_be_adopted(intake):
    intake.hear(PIR, b'{"occupancy":true}')
    intake.keeper.round()
    intake.desk.reject(PIR, "account:zhang")
    intake.admission._directory.find(PIR)  # the registry has changed
    intake.hear(PIR, b'{"occupancy":false}')
    intake.keeper.round()
    assert intake.desk.inbox() == []
    (device,) = intake.desk.inbox(InboxState.REJECTED)
    assert device.count == 2
    assert [one.reason for one in intake.parked.waiting(10)] == [ParkReason.UNKNOWN_DEVICE]  # of before
    assert ParkReason.REJECTED_DEVICE not in intake.parked.counts()
    intake.desk.adopt("h1", adoption(), "account:zhang")
    intake.keeper.round()
    assert [one.value for one in intake.readings()] == [True]


def test_an_install_record_that_states_a_unit_lets_the_meter_be_read_from_its_first_message(intake):
    meter = "zigbee2mqtt/h1/water"
    intake.desk.adopt("h1", adoption(meter, DeviceRole.WATER_METER), "account:zhang")
    intake.hear(meter, b'{"water_consumed":1.5}')
    intake.keeper.round()
    assert intake.parked.counts() == {ParkReason.UNKNOWN_UNIT: 1}
    intake.desk.replace("h1/water", "zigbee2mqtt/h1/other", "account:zhang")
    intake.clock.advance_to_ms(NOW_MS + 1)
    intake.desk.replace("h1/water", meter, "account:zhang", units={"water_consumed": "m³"})
    intake.keeper.round()
    assert [(one.metric, one.value) for one in intake.readings()] == [("water_total", 1500.0)]
    assert intake.parked.counts() == {}


def test_a_door_closed_within_its_second_is_a_reading_also_when_the_service_starts_between(tmp_path):
    first = Intake(tmp_path)
    first.desk.adopt("h1", adoption("care/h1/door", DeviceRole.OUTSIDE_DOOR), "account:zhang")
    stamp = NOW_MS // 1000
    first.hear("care/h1/door/event", b'{"ts":%d,"open":true}' % stamp)
    first.close()
    second = Intake(tmp_path)
    second.hear("care/h1/door/event", b'{"ts":%d,"open":false}' % stamp)
    assert [one.value for one in second.readings()] == [True, False]
    second.close()


def test_what_a_disk_without_room_holds_back_is_not_given_again_before_it_has_come_back(intake):
    intake.hear(PIR, b'{"occupancy":true}')
    intake.keeper.round()
    intake.keeper.close()
    intake.parked = ParkedFile(intake.journal_path)
    intake.keeper = intake.new_keeper(settle_wait_s=0.01)
    intake.desk.adopt("h1", adoption(), "account:zhang")
    intake.gate.open.clear()
    with pytest.raises(TimeoutError):
        intake.keeper.round()
    for _ in range(3):
        intake.keeper.round()
    assert intake.keeper.notices() == [WAITS_FOR_JOURNAL]
    intake.gate.open.set()
    intake.hear(PIR, b'{"occupancy":false}')
    intake.hear(PIR, b'{"occupancy":true}', at_ms=NOW_MS + 1)
    intake.keeper.round()
    assert [one.value for one in intake.readings()] == [True, False, True]
    assert (intake.parked.counts(), intake.keeper.notices()) == ({}, [])


def test_what_was_parked_while_the_registry_was_busy_is_read_as_soon_as_it_can_be(tmp_path):
    intake = Intake(tmp_path, look_again_s=3600.0)  # whoever waits for the next look waits for ever
    intake.keeper.round()
    intake.registry.is_busy = True
    intake.hear(PIR, b'{"occupancy":true}')
    intake.desk.adopt("h1", adoption(), "account:zhang")
    for _ in range(2):
        with pytest.raises(BusyError):
            intake.keeper.round()
    assert intake.parked.counts() == {ParkReason.UNKNOWN_DEVICE: 1}
    intake.registry.is_busy = False
    intake.keeper.round()
    assert [one.value for one in intake.readings()] == [True]
    assert intake.parked.counts() == {}
    intake.close()


def test_what_was_asked_for_while_the_registry_was_busy_is_still_asked_for(intake):
    intake.hear("care/h1/pir/event", b'{"motion":true}')
    intake.keeper.round()
    before = intake.keeper.reread
    intake.desk.ask_retry([one.id for one in intake.parked.waiting(10)], "account:zhang")
    intake.registry.is_busy = True
    with pytest.raises(BusyError):
        intake.keeper.round()
    intake.registry.is_busy = False
    intake.keeper.round()
    assert intake.keeper.reread == before + 1


def test_a_message_that_is_given_twice_at_once_is_read_once(intake):
    intake.hear(PIR, b'{"occupancy":true}')
    intake.keeper.round()
    intake.desk.adopt("h1", adoption(), "account:zhang")
    waiting, back = intake.parked.waiting(10), threading.Semaphore(0)
    intake.put([*waiting, *waiting], lambda _id, _was_read: back.release())
    intake.put(waiting, lambda _id, _was_read: back.release())
    for _ in range(3):
        assert back.acquire(timeout=WAIT_S)
    intake.hear(PIR, b'{"occupancy":false}')  # the journal goes on
    assert [one.value for one in intake.readings()] == [True, False]


def test_what_still_cannot_be_read_stays_parked_with_the_reason_of_today(intake):
    intake.hear("care/h1/pir/event", b"not json")
    intake.hear("care/h1/pir/event", b'{"motion":true}')
    before = intake.parked.counts()
    intake.desk.ask_retry([one.id for one in intake.parked.waiting(10)], "account:zhang")
    intake.keeper.round()
    assert intake.parked.counts() == before == {ParkReason.UNDECODABLE: 1, ParkReason.UNKNOWN_DEVICE: 1}
    with intake.truth.view() as unit:
        assert unit.devices.retries() == []
    assert intake.keeper.reread == 4  # once because its decoders are new to this data, once because it was asked


def test_a_fixed_decoder_reads_everything_that_waits_once(intake):
    intake.hear("care/h1/pir/event", b'{"motion":true}')
    intake.keeper.round()
    before = intake.keeper.reread
    intake.keeper.round()
    assert intake.keeper.reread == before
    with intake.truth.transaction() as unit:
        unit.cursors.set_blob("parked_read_by", b"the decoders of another release")
    intake.keeper.round()
    assert intake.keeper.reread == before + 1


def test_the_allow_list_keeps_strangers_out_unless_somebody_says_otherwise(intake):
    intake.desk.allow("care/h1/*", "box 7", "account:zhang")
    with pytest.raises(ConflictError, match="allow-list"):
        intake.desk.adopt("h1", adoption(), "account:zhang")
    assert intake.desk.adopt("h1", adoption("care/h1/pir"), "account:zhang").id == "h1/pir"
    assert intake.desk.adopt("h1", adoption(name="pir2"), "account:zhang", is_anyway=True).id == "h1/pir2"
    intake.desk.disallow("care/h1/*")
    assert intake.desk.allowed() == []
    with pytest.raises(NotFoundError):
        intake.desk.disallow("care/h1/*")


def test_nobody_adopts_a_device_twice_or_into_a_home_that_is_not_there(intake):
    intake.desk.adopt("h1", adoption(), "account:zhang")
    for home, one in (("h1", adoption()), ("h1", adoption("care/h1/pir"))):
        with pytest.raises(ConflictError):
            intake.desk.adopt(home, one, "account:zhang")
    with pytest.raises(NotFoundError):
        intake.desk.adopt("h9", adoption("care/h9/pir"), "account:zhang")
    with pytest.raises(ConflictError, match="is a home's"):
        intake.desk.reject(PIR, "account:zhang")


def test_above_its_limit_the_oldest_go_and_are_counted_and_what_was_read_goes_after_a_week(intake):
    for number in range(5):
        intake.hear("care/h1/pir/event", b"not json %d" % number)
    assert intake.parked.trim(NOW_MS, max_open=3) == 2
    assert [one.payload[-1:] for one in intake.parked.waiting(10)] == [b"4", b"3", b"2"]
    intake.hear(PIR, b'{"occupancy":true}')
    (waiting,) = [one.id for one in intake.parked.waiting(10) if one.topic == PIR]
    intake.desk.adopt("h1", adoption(), "account:zhang")
    intake.keeper.round()
    message, entry = intake.parked.get(waiting)
    assert (message.topic, entry) == (PIR, intake.journal.last()[0])
    assert intake.parked.trim(NOW_MS + SETTLED_KEPT_MS + DAY_MS) == 0
    assert intake.parked.get(waiting) is None
