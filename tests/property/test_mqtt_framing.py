"""However a stream is cut, the same messages come out; whatever bytes come, they are messages or the stream is over."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import mqtt_packets as mqtt
from ingest.framing import Control, Framer

VERSIONS = st.sampled_from(["3.1.1", "5"])
MESSAGES = st.lists(
    st.tuples(
        st.integers(0, 65_535),
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
        st.one_of(st.binary(max_size=20), st.integers(100, 400).map(bytes)),
        st.booleans(),
    ),
    max_size=20,
)


@given(version=VERSIONS, messages=MESSAGES, cuts=st.lists(st.integers(0, 4_000), max_size=30), data=st.data())
def test_a_stream_gives_the_same_messages_however_it_is_cut(version, messages, cuts, data):
    packets = [
        mqtt.publish(version, topic, payload, number, retain=retain) for number, topic, payload, retain in messages
    ]
    pings = sorted(data.draw(st.lists(st.integers(0, len(packets)), max_size=3)), reverse=True)
    for at in pings:
        packets.insert(at, b"\xd0\x00")
    stream = b"".join(packets)
    framer, frames, controls = Framer(version), [], []
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    for start, end in pairwise(places):
        found, others = framer.feed(stream[start:end])
        frames += found
        controls += others
    assert frames == messages
    assert controls == [Control(mqtt.PINGRESP, b"")] * len(pings)


def read(version, chunks):
    framer, frames = Framer(version), []
    for chunk in chunks:
        found, controls = framer.feed(chunk)
        frames += found
        for control in controls:
            if control.kind == mqtt.CONNACK:
                mqtt.connack(version, control.body)
            elif control.kind == mqtt.SUBACK:
                mqtt.suback(version, control.body)
            elif control.kind == mqtt.DISCONNECT:
                mqtt.disconnect_reason(control.body)
    return frames


@settings(max_examples=2_000)
@given(version=VERSIONS, chunks=st.lists(st.binary(min_size=1, max_size=80), max_size=6))
def test_any_bytes_are_messages_or_malformed_and_nothing_else(version, chunks):
    try:
        frames = read(version, chunks)
    except mqtt.MalformedError:
        return
    assert sum(len(payload) for _, _, payload, _ in frames) <= sum(map(len, chunks))
    assert all(0 <= packet_id <= 65_535 and topic for packet_id, topic, _, _ in frames)


@settings(max_examples=1_000)
@given(version=VERSIONS, messages=MESSAGES.filter(bool), data=st.data())
def test_a_stream_in_which_bytes_have_changed_is_read_or_over_and_nothing_is_waited_for_beyond_its_length(
    version, messages, data
):
    stream = bytearray(
        b"".join(mqtt.publish(version, topic, payload, number) for number, topic, payload, _ in messages)
    )
    for _ in range(data.draw(st.integers(1, 4))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    framer = Framer(version)
    try:
        frames, _ = framer.feed(bytes(stream))
    except mqtt.MalformedError:
        return
    assert framer.kept_bytes <= len(stream)
    assert len(frames) <= len(stream) // 4


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_every_packet_may_come_byte_by_byte(version):
    packets = [mqtt.publish(version, "a/b", bytes(size), 1) for size in (0, 1, 120, 121, 122, 127, 128, 16_370, 16_384)]
    chunks = [bytes([byte]) for byte in b"".join(packets)]
    assert [len(frame[2]) for frame in read(version, chunks)] == [0, 1, 120, 121, 122, 127, 128, 16_370, 16_384]
