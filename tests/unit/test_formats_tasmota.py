"""Tasmota: what only the install record can say, boards with several sensors, and every shape of the Zigbee bridge."""

import pytest
from formats_kit import Ear

from core.log import ParkReason

SENSOR = "tele/board/SENSOR"


def test_a_switch_of_which_nobody_said_what_it_is_is_refused_and_not_guessed():
    assert Ear().refusal(SENSOR, {"Switch1": "ON"})[0] is ParkReason.UNKNOWN_MEANING
    assert Ear().refusal(SENSOR, {"COUNTER": {"C1": 4711}})[0] is ParkReason.UNKNOWN_MEANING


def test_the_install_record_says_polarity_and_pulses():
    ear = Ear(tasmota__board={"Switch1": "not open", "C1": "10 L"})
    assert ear.hear(SENSOR, {"Switch1": "ON", "COUNTER": {"C1": 4711}}) == {
        "Switch1 open": False,
        "C1 water_total": 47_110.0,
    }


def test_a_switch_that_the_record_leaves_out_is_left_out():
    ear = Ear(tasmota__board={"Switch1": "open"})
    assert ear.hear(SENSOR, {"Switch2": "ON"}) == {}


def test_two_doors_on_one_board_are_one_open_door_when_either_is_open():
    ear = Ear(tasmota__board={"Switch1": "open", "Switch2": "open"})
    found = ear.readings(SENSOR, {"Switch1": "OFF", "Switch2": "ON"})
    assert [(one.part, one.value, one.is_main) for one in found] == [("Switch2", True, True)]


def test_a_sensor_registered_as_a_part_of_its_board_has_a_record_of_its_own():
    ear = Ear()
    ear.install("tasmota/board/Switch2", Switch2="motion")
    (one,) = ear.readings(SENSOR, {"Switch1": "ON", "Switch2": "ON"})
    assert (one.address, one.part, one.metric, one.value) == ("tasmota/board", "Switch2", "motion", True)


def test_a_path_of_the_install_record_reads_a_meter_whose_names_are_free():
    ear = Ear(tasmota__board={"SML.Total_in": "kWh", "SML.Power_curr": "W"})
    said = ear.hear(SENSOR, {"SML": {"Total_in": 6.5, "Power_curr": 240}})
    assert list(said.values()) == [6500.0, 240.0]


def test_channels_of_a_plug_are_added_up():
    ear = Ear()
    assert ear.hear(SENSOR, {"ENERGY": {"Total": [1.5, 2.0], "Power": [20, 1800]}}) == {
        "energy_total": 3500.0,
        "power": 1820.0,
    }


def test_a_local_time_without_a_zone_is_no_time_and_one_with_it_is():
    ear = Ear(tasmota__board={"Switch1": "open"})
    (one,) = ear.readings(SENSOR, {"Time": "2026-11-23T08:01:02", "Switch1": "ON"})
    assert one.observed_at_ms is None
    (one,) = ear.readings(SENSOR, {"Time": "2026-11-23T08:01:02+08:00", "Switch1": "ON"})
    assert one.observed_at_ms == 1_795_392_062_000
    assert ear.refusal(SENSOR, {"Time": "soon", "Switch1": "ON"})[0] is ParkReason.ABSURD_TIME


def test_a_rooms_temperature_is_read_in_the_boards_unit_and_the_chips_own_is_not():
    ear = Ear()
    said = ear.hear(SENSOR, {"AM2301": {"Temperature": 68.0}, "ESP32": {"Temperature": 131.0}, "TempUnit": "F"})
    assert said == {"AM2301 temperature": 20.0}


@pytest.mark.parametrize("topic", ["stat/board/RESULT", "stat/board/STATUS8"])
def test_a_result_and_an_answered_status_are_read_as_telemetry_is(topic):
    ear = Ear(tasmota__board={"Switch1": "open"})
    body = {"Switch1": {"Action": "ON"}}
    assert ear.hear(topic, {"StatusSNS": body} if topic.endswith("8") else body) == {"Switch1 open": True}


@pytest.mark.parametrize(
    ("topic", "payload"),
    [("stat/board/PIR1", "ON"), ("stat/board/PIR", '{"State":"ON"}'), ("stat/board/PIR2", "1")],
)
def test_a_rule_may_publish_a_pir_in_several_ways(topic, payload):
    assert list(Ear().hear(topic, payload).values()) == [True]


def test_a_name_of_the_install_record_may_be_published_by_a_rule():
    ear = Ear(tasmota__board={"DOOR": "open"})
    assert ear.hear("stat/board/DOOR", "ON") == {"DOOR open": True}
    assert Ear().refusal("stat/board/DOOR", "ON")[0] is ParkReason.UNKNOWN_TOPIC


def test_the_other_order_of_fulltopic_and_topics_with_slashes_are_understood():
    for topic, address in (
        ("board/tele/LWT", "tasmota/board"),
        ("tele/h1/kitchen/plug/LWT", "tasmota/h1/kitchen/plug"),
    ):
        (one,) = Ear().readings(topic, "Online")
        assert (one.address, one.metric, one.value) == (address, "online", True)


def test_periodic_state_is_a_heartbeat_and_nothing_more():
    assert Ear().hear("tele/board/STATE", {"POWER": "ON", "Wifi": {"RSSI": 80}}) == {"online": True}


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        (SENSOR, {"ZbReceived": {"0x43D0": {"Device": "0x43D0", "Name": "door", "Contact": 1, "LinkQuality": 66}}}),
        (SENSOR, {"ZbReceived": {"door": {"Device": "0x43D0", "Name": "door", "Contact": 1, "LinkQuality": 66}}}),
        (SENSOR, {"0x43D0": {"Device": "0x43D0", "Name": "door", "Contact": 1, "LinkQuality": 66}}),
        ("tele/board/ZbReceived", {"0x43D0": {"Device": "0x43D0", "Name": "door", "Contact": 1, "LinkQuality": 66}}),
        ("tele/board/43D0/SENSOR", {"ZbReceived": {"0x43D0": {"Device": "0x43D0", "Name": "door", "Contact": 1}}}),
        ("tele/board/door/SENSOR", {"ZbReceived": {"Contact": 1, "Endpoint": 1, "LinkQuality": 66}}),
        ("tele/board/door/SENSOR", {"Contact": 1, "Endpoint": 1, "LinkQuality": 66}),
    ],
)
def test_a_zigbee_door_is_the_same_part_in_every_shape_of_the_options(topic, body):
    (one,) = Ear().readings(topic, body)
    assert (one.address, one.part, one.metric, one.value) == ("tasmota/board", "door", "open", True)
    assert not one.is_main


@pytest.mark.parametrize(("raw", "value"), [("010000FF0000", True), ("000000FF0000", False), (1, True), (4, False)])
def test_a_raw_zone_status_is_its_alarm_bit_and_means_what_the_record_says(raw, value):
    ear = Ear()
    body = {"ZbReceived": {"0x1": {"Name": "leak", "0500!00": raw, "LinkQuality": 1}}}
    assert ear.refusal(SENSOR, body)[0] is ParkReason.UNKNOWN_MEANING
    ear.install("tasmota/board/leak", **{"0500!00": "wet"})
    assert ear.hear(SENSOR, body) == {"leak wet": value}


def test_a_board_whose_discovery_is_deleted_is_removed():
    ear = Ear()
    ear.hear("tasmota/discovery/A1B2/config", {"t": "board"}, retain=True)
    (gone,) = ear.readings("tasmota/discovery/A1B2/config", "")
    assert (gone.address, gone.metric) == ("tasmota/board", "removed")
    assert ear.readings("tasmota/discovery/A1B2/config", "") == ()
