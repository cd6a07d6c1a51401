"""MQTT packets byte for byte as the standards print them, and what a broker may not send."""

import pytest

from ingest import mqtt_packets as mqtt
from ingest.framing import KEPT_BYTES, MAX_TOPICS, NOT_UTF8, Control, Framer
from ingest.mqtt_packets import Connack, MalformedError


def test_a_connect_of_3_1_1_asks_for_the_session_that_is_kept():
    said = mqtt.connect("3.1.1", "id", username="u", password="p", keepalive_s=30, receive_maximum=9)
    assert said == b"\x10\x14\x00\x04MQTT\x04\xc0\x00\x1e\x00\x02id\x00\x01u\x00\x01p"


def test_a_connect_of_5_asks_for_a_session_that_never_expires_and_bounds_what_is_in_flight():
    said = mqtt.connect("5", "id", username="", password="", keepalive_s=30, receive_maximum=2_048)
    assert said == b"\x10\x17\x00\x04MQTT\x05\x00\x00\x1e\x08\x11\xff\xff\xff\xff\x21\x08\x00\x00\x02id"


def test_a_subscription_asks_for_qos_1():
    assert mqtt.subscribe("3.1.1", 7, ["a/#", "b"]) == b"\x82\x0c\x00\x07\x00\x03a/#\x01\x00\x01b\x01"
    assert mqtt.subscribe("5", 7, ["b"]) == b"\x82\x07\x00\x07\x00\x00\x01b\x01"


@pytest.mark.parametrize(
    ("version", "packet_id", "expected"),
    [
        ("3.1.1", 0, b"\x30\x05\x00\x01thi"),
        ("3.1.1", 258, b"\x32\x07\x00\x01t\x01\x02hi"),
        ("5", 258, b"\x32\x08\x00\x01t\x01\x02\x00hi"),
    ],
)
def test_a_message_is_written_with_its_id(version, packet_id, expected):
    assert mqtt.publish(version, "t", b"hi", packet_id) == expected


def test_acknowledgements_go_out_together_and_in_order():
    assert mqtt.acks([1, 258]) == b"\x40\x02\x00\x01\x40\x02\x01\x02"


@pytest.mark.parametrize(("size", "written"), [(0, b"\x00"), (127, b"\x7f"), (128, b"\x80\x01"), (16_384, b"\x80\x80\x01"), (268_435_455, b"\xff\xff\xff\x7f")])  # fmt: skip
def test_a_length_is_written_and_read_as_the_standard_prints_it(size, written):
    assert mqtt.length_of(size) == written
    assert mqtt.variable(written + b"rest", 0) == (size, len(written))


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80\x80\x80\x80\x01"])
def test_a_length_that_ends_too_soon_or_never_is_refused(data):
    with pytest.raises(MalformedError):
        mqtt.variable(data, 0)


@pytest.mark.parametrize(
    ("version", "body", "answer"),
    [
        ("3.1.1", b"\x00\x00", Connack("", False)),
        ("3.1.1", b"\x01\x00", Connack("", True)),
        ("3.1.1", b"\x00\x05", Connack("not authorised", False)),
        ("3.1.1", b"\x00\x63", Connack("code 99", False)),
        ("5", b"\x01\x00\x00", Connack("", True)),
        ("5", b"\x00\x00\x06\x13\x00\x0a\x21\x00\x14", Connack("", False, 10, 20)),
        ("5", b"\x00\x87\x00", Connack("not authorised", False)),
        ("5", b"\x00\x00\x02\x24\x00", Connack("it offers no QoS 1", False)),
    ],
)
def test_what_the_broker_answers_is_understood(version, body, answer):
    assert mqtt.connack(version, body) == answer


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00", b"\x00\x00", b"\x00\x00\x05\x13", b"\x00\x00\x02\x7e\x00", b"\x00\x00\x02\x13\x00", b"\x00\x00\x03\x1f\x00\x09"],
)  # fmt: skip
def test_an_answer_that_is_none_is_refused(body):
    with pytest.raises(MalformedError):
        mqtt.connack("5", body)


def test_every_kind_of_property_is_passed_over():
    values = b"\x0b\x81\x01" + b"\x26\x00\x01a\x00\x01b" + b"\x1f\x00\x02no" + b"\x27\x00\x00\x01\x00" + b"\x13\x00\x09"
    assert mqtt.properties(bytes([len(values)]) + values, 0) == {
        0x0B: 129, 0x26: b"b", 0x1F: b"no", 0x27: 256, 0x13: 9
    }  # fmt: skip


def test_grants_of_a_subscription_are_read():
    assert mqtt.suback("3.1.1", b"\x00\x07\x01\x80") == (7, b"\x01\x80")
    assert mqtt.suback("5", b"\x00\x07\x03\x1f\x00\x00\x01\x87") == (7, b"\x01\x87")


@pytest.mark.parametrize(("body", "why"), [(b"", "code 0x00"), (b"\x8e", "took this client id over"), (b"\x8b\x00", "shuts down")])  # fmt: skip
def test_a_goodbye_says_why(body, why):
    assert why in mqtt.disconnect_reason(body)


def test_a_text_that_mqtt_cannot_carry_is_refused():
    with pytest.raises(ValueError, match="65535"):
        mqtt.text("x" * 65_536)


def test_messages_and_other_packets_of_one_read_come_out_together():
    stream = mqtt.publish("3.1.1", "a/b", b"1", 5, retain=True) + b"\xd0\x00" + mqtt.publish("3.1.1", "c", b"", 0)
    frames, controls = Framer("3.1.1").feed(stream)
    assert frames == [(5, "a/b", b"1", True), (0, "c", b"", False)]
    assert controls == [Control(mqtt.PINGRESP, b"")]


def test_properties_of_a_message_are_passed_over():
    body = mqtt.text("t") + b"\x00\x05" + b"\x05\x02\x00\x00\x00\x3c" + b"hi"
    assert Framer("5").feed(mqtt.packet(0x32, body)) == ([(5, "t", b"hi", False)], [])


@pytest.mark.parametrize(
    "stream",
    [
        b"\x32\x04\x00\x01t\x00",  # half a packet id
        b"\x32\x05\x00\x01t\x00\x00",  # a packet id of 0
        b"\x34\x05\x00\x01t\x00\x01",  # QoS 2, which nobody asked for
        b"\x36\x05\x00\x01t\x00\x01",  # QoS 3
        b"\x30\x01\x00",  # half a length of a topic
        b"\x30\x03\x00\x09t",  # a topic longer than its packet
        b"\x30\x02\x00\x00",  # no topic
        b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
        b"\x20\xff\xff\xff\x7f",  # a quarter of a gigabyte of no message
    ],
)
def test_what_no_broker_may_send_ends_the_stream(stream):
    with pytest.raises(MalformedError):
        Framer("3.1.1").feed(stream)


@pytest.mark.parametrize("body", [b"\x00\x01t\x00\x05", b"\x00\x01t\x00\x05\x09", b"\x00\x01t\x00\x05\x80"])
def test_properties_that_do_not_fit_their_message_end_the_stream(body):
    with pytest.raises(MalformedError):
        Framer("5").feed(mqtt.packet(0x32, body) + b"\xd0\x00")


def test_a_topic_that_is_no_text_has_a_name_to_be_parked_under():
    frames, _ = Framer("3.1.1").feed(b"\x30\x03\x00\x01\xff")
    assert frames == [(0, NOT_UTF8, b"", False)]


def test_of_a_message_beyond_every_limit_only_the_beginning_is_kept_and_the_next_is_read():
    large = mqtt.publish("3.1.1", "t", b"x" * 5_000_000, 9)
    framer, frames = Framer("3.1.1"), []
    stream = large + mqtt.publish("3.1.1", "t", b"next", 10)
    for start in range(0, len(stream), 60_000):
        found, _ = framer.feed(stream[start : start + 60_000])
        frames += found
        assert framer.kept_bytes <= KEPT_BYTES + 60_000
    assert [(frame[0], len(frame[2])) for frame in frames] == [(9, KEPT_BYTES - 5), (10, 4)]


def test_topics_without_end_are_forgotten_and_met_again():
    framer = Framer("3.1.1")
    for number in range(0, MAX_TOPICS + 2_000, 500):
        frames, _ = framer.feed(b"".join(mqtt.publish("3.1.1", f"t/{n}", b"", 0) for n in range(number, number + 500)))
        assert frames[-1][1] == f"t/{number + 499}"
        assert framer.topics <= MAX_TOPICS
