"""A device is missed by its promise, by its own learned clock, or not at all; behind a dead gateway it is the gateway."""

import msgspec
import pytest
from rules_walk import HOME_ID, at, home_of, motion, reading, walk

from core.events import Flag, Metric
from core.ids import DeviceId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.engine import Engine
from rules.findings import FindingKind

START = at("2024-01-01T08:00")


def watched(home=None):
    engine = Engine()
    engine.set_home(home or home_of())
    return engine


def reports(device, days, every_ms, metric=Metric.BATTERY_PERCENT, value=90):
    return [reading(device, metric, value, START + n * every_ms) for n in range(days * DAY_MS // every_ms)]


def silent(found):
    return [(one.at_ms, one.is_cleared) for one in found if one.kind is FindingKind.DEVICE_SILENT]


@pytest.mark.parametrize(
    ("every_ms", "metric", "limit_ms"),
    [
        (HOUR_MS, Metric.BATTERY_PERCENT, 3 * HOUR_MS),
        (3 * HOUR_MS, Metric.BATTERY_PERCENT, 9 * HOUR_MS),
        (10 * MINUTE_MS, Metric.BATTERY_PERCENT, 3 * HOUR_MS),  # the floor of a battery
        (MINUTE_MS, Metric.POWER_W, 15 * MINUTE_MS),  # the floor of the mains
        (10 * MINUTE_MS, Metric.POWER_W, 30 * MINUTE_MS),
    ],
)
def test_a_device_is_missed_after_three_times_its_own_interval(every_ms, metric, limit_ms):
    said = reports("kettle", 9, every_ms, metric)
    last_ms = said[-1].observed_at_ms
    found = walk(watched(), said, last_ms + 2 * DAY_MS)
    assert silent(found) == [(last_ms + limit_ms, False)]


@pytest.mark.parametrize(
    ("days", "every_ms"), [(6, HOUR_MS), (20, 5 * HOUR_MS), (20, DAY_MS)], ids=["too few days", "too seldom", "daily"]
)
def test_a_device_whose_clock_is_not_known_is_never_missed(days, every_ms):
    assert silent(walk(watched(), reports("kettle", days, every_ms), START + 60 * DAY_MS)) == []


def test_movement_alone_is_no_clock():
    moves = [one for n in range(24 * 12) for one in motion("kitchen", START + n * HOUR_MS)]
    assert silent(walk(watched(), moves, START + 40 * DAY_MS)) == []


def test_one_outage_is_no_habit():
    said = [one for one in reports("kettle", 12, HOUR_MS) if not 5 * DAY_MS < one.observed_at_ms - START < 6 * DAY_MS]
    engine = watched()
    assert silent(walk(engine, said, said[-1].observed_at_ms + 4 * HOUR_MS)) == [
        (said[-1].observed_at_ms + 3 * HOUR_MS, False)
    ]


def test_a_device_that_speaks_again_ends_it():
    said = reports("kettle", 9, HOUR_MS)
    back = reading("kettle", Metric.BATTERY_PERCENT, 90, said[-1].observed_at_ms + 8 * HOUR_MS)
    found = walk(watched(), [*said, back], back.observed_at_ms + HOUR_MS)
    assert [is_cleared for _, is_cleared in silent(found)] == [False, True]


def test_whoever_shows_movement_is_not_missed_for_the_word_that_does_not_come():
    said = reports("kitchen", 9, HOUR_MS)
    last_ms = said[-1].observed_at_ms
    moves = [one for n in range(1, 6 * 12) for one in motion("kitchen", last_ms + n * 10 * MINUTE_MS)]
    found = walk(watched(), [*said, *moves], last_ms + 20 * HOUR_MS)
    assert silent(found) == [(moves[-1].observed_at_ms + 3 * HOUR_MS, False)]


def radios(**beats):
    home = home_of(heartbeat_ms=5 * MINUTE_MS)
    devices = tuple(
        msgspec.structs.replace(one, heartbeat_ms=beats.get(one.id, one.heartbeat_ms)) for one in home.devices
    )
    return msgspec.structs.replace(home, devices=devices)


def test_a_dead_gateway_is_one_finding_that_counts_what_is_behind_it():
    home = radios(kitchen=10 * MINUTE_MS, hall=10 * MINUTE_MS, door=4 * MINUTE_MS)
    said = [
        reading(device, Metric.ONLINE, True, START + n * MINUTE_MS)
        for n in range(60)
        for device in ("kitchen", "hall", "door", "gateway")
    ]
    found = walk(watched(home), said, START + DAY_MS)
    told = [one for one in found if one.kind is FindingKind.DEVICE_SILENT]
    assert [(one.at_ms, "gateway" in one.sentence.en) for one in told] == [(START + 74 * MINUTE_MS, True)]
    assert any("9 devices behind it" in one.text.en for one in told[0].evidence)


def test_a_silent_gateway_is_dated_by_the_last_word_of_all_that_it_carries_and_says_so():
    home = radios(gateway=MINUTE_MS)
    devices = [
        msgspec.structs.replace(one, room="entryway" if one.id == "gateway" else one.room) for one in home.devices
    ]
    home = msgspec.structs.replace(home, devices=tuple(devices))
    said = [reading("gateway", Metric.ONLINE, True, START), *motion("kitchen", START + 4 * MINUTE_MS)]
    found = walk(watched(home), said, START + 20 * MINUTE_MS)
    told = [one for one in found if one.kind is FindingKind.DEVICE_SILENT and "nothing from" in one.sentence.en][-1]
    since_en = "nothing from gateway gateway (entryway) or from any device behind a gateway since 01-01 08:04: 3 min"
    assert told.sentence.en == since_en
    assert told.sentence.zh == "网关gateway（玄关）及经网关接入的设备自01-01 08:04起没有任何消息，已3分钟"


def test_a_gateway_that_carries_nothing_is_silent_by_itself_and_named():
    home = radios(gateway=MINUTE_MS)
    home = msgspec.structs.replace(home, devices=tuple(one for one in home.devices if one.id == "gateway"))
    said = [reading("gateway", Metric.ONLINE, True, START)]
    (told,) = [one for one in walk(watched(home), said, START + HOUR_MS) if one.kind is FindingKind.DEVICE_SILENT]
    assert told.sentence.en == "device gateway has been silent since 01-01 08:00: 3 min"


def test_a_bridge_that_says_goodbye_for_all_its_children_is_one_finding():
    home = radios(kitchen=10 * MINUTE_MS)
    gone_ms = START + HOUR_MS
    said = [reading(device, Metric.ONLINE, True, START) for device in ("gateway", "kitchen", "hall")]
    said += [reading("gateway", Metric.ONLINE, True, START + n * MINUTE_MS) for n in range(1, 60)]
    said += [reading("kitchen", Metric.ONLINE, True, START + n * MINUTE_MS) for n in range(1, 60)]
    said += [reading("gateway", Metric.BRIDGE_ONLINE, False, gone_ms)]
    said += [reading(device, Metric.ONLINE, False, gone_ms) for device in ("kitchen", "hall", "door")]
    said.sort(key=lambda one: one.observed_at_ms)
    told = [one for one in walk(watched(home), said, gone_ms + DAY_MS) if one.kind is FindingKind.DEVICE_SILENT]
    assert [one.at_ms for one in told] == [gone_ms + 10 * MINUTE_MS]
    assert "gateway" in told[0].sentence.en


def test_a_sensor_that_dies_behind_a_living_gateway_is_missed_by_itself():
    home = radios(kitchen=10 * MINUTE_MS)
    said = [reading("kitchen", Metric.ONLINE, True, START)]
    said += [reading("gateway", Metric.ONLINE, True, START + n * MINUTE_MS) for n in range(120)]
    told = silent(walk(watched(home), said, START + 119 * MINUTE_MS))
    assert told == [(START + 30 * MINUTE_MS, False)]


def test_a_meter_with_a_radio_of_its_own_is_missed_beside_its_homes_gateway():
    home = radios(water=10 * MINUTE_MS)
    said = [reading(device, Metric.ONLINE, True, START) for device in ("gateway", "water")]
    assert len(silent(walk(watched(home), said, START + DAY_MS))) == 2


def test_a_last_will_that_is_kept_by_the_broker_counts_and_a_device_that_is_back_ends_it():
    will = reading("hall", Metric.ONLINE, False, START, flags=int(Flag.REPLAY))
    back = reading("hall", Metric.ONLINE, True, START + HOUR_MS)
    found = silent(walk(watched(), [will, back], START + 2 * HOUR_MS))
    assert found == [(START + 10 * MINUTE_MS, False), (START + HOUR_MS, True)]


def test_a_removed_device_leaves_no_clock_and_no_slope_behind():
    engine = watched()
    said = reports("kettle", 9, HOUR_MS)
    walk(engine, said, said[-1].observed_at_ms)
    home = home_of()
    engine.set_home(msgspec.structs.replace(home, devices=tuple(one for one in home.devices if one.id != "kettle")))
    engine.on_time(said[-1].observed_at_ms + MINUTE_MS)
    state = engine.rules_of(HOME_ID).state
    assert (state.beats, state.batteries) == ({}, {})


def test_a_snapshot_keeps_clock_and_slope():
    said = reports("kettle", 9, HOUR_MS)
    engine, again = watched(), watched()
    walk(engine, said, said[-1].observed_at_ms)
    again.restore(engine.snapshot())
    due = silent(list(again.on_time(said[-1].observed_at_ms + DAY_MS)))
    assert due == [(said[-1].observed_at_ms + 3 * HOUR_MS, False)]


def test_of_two_silent_devices_of_one_room_each_ticket_names_its_own():
    home = home_of()
    twin = msgspec.structs.replace(next(one for one in home.devices if one.id == "kettle"), id=DeviceId("kettle-2"))
    home = msgspec.structs.replace(home, devices=(*home.devices, twin))
    said = sorted(
        [*reports("kettle", 9, HOUR_MS), *reports("kettle-2", 9, HOUR_MS)], key=lambda one: one.observed_at_ms
    )
    found = walk(watched(home), said, said[-1].observed_at_ms + 2 * DAY_MS)
    told = [one for one in found if one.kind is FindingKind.DEVICE_SILENT]
    assert ["kettle-2 (kettle)" in one.sentence.en for one in told] == [False, True]
    assert [{fact.device_id for fact in one.evidence if fact.grade == "fact"} - {None} for one in told] == [
        {"kettle"},
        {"kettle-2"},
    ]
