"""What the fuzzer feeds: for each convention messages that it speaks, spoilt in every way that a seed can name."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ingest import mqtt_packets as mqtt
from ingest.formats.conventions import Conventions
from ingest.framing import KEPT_BYTES
from ingest.raw import Message, UnreadableError

NOW_MS = 1_795_392_300_000
RECORDS = {
    "tasmota/b": {"Switch1": "open", "C1": "10 L", "SML.Total": "kWh", "DOOR": "not open"},
    "shelly/s": {"input:0": "sos", "input:2": "L", "bthomesensor:201": "open"},
    "alink/pk/dn": {"Door": "open", "Water": "m³"},
    "homie/d": {"n/p": "kWh"},
}

Spoken = tuple[str, Any]
"""A topic and a body: JSON, or a text as it is."""


class Known(msgspec.Struct, frozen=True):
    """A convention: definitions that it has heard, and messages that it speaks."""

    definitions: tuple[Spoken, ...]
    messages: tuple[Spoken, ...]


class Input(NamedTuple):
    """One input: a message for a decoder, or a stream with its cuts for the codec."""

    topic: str
    payload: bytes
    retain: bool = False
    cuts: tuple[int, ...] = ()

    @property
    def message(self) -> Message:
        """Return it as a message."""
        return Message(self.topic, self.payload, self.retain, NOW_MS)


DECODERS: dict[str, Known] = msgspec.json.decode(
    Path(__file__).with_name("fuzz_corpus.json").read_bytes(), type=dict[str, Known]
)
CODEC: dict[str, mqtt.Version] = {"mqtt 3.1.1": "3.1.1", "mqtt 5": "5"}

_STRANGE: tuple[object, ...] = (
    None, True, 1, -1, 0, 1e308, -1e-320, 10**400, 2**63, "", "ON", "é" * 300, "1e999", {}, [], {"a": 1}, [1], [[]],
    "{{ value }}", "{% for x in range(9) %}{{ x }}{% endfor %}", "{{ 'a' * 9999999 }}", "2026-11-23T08:00:00",
)  # fmt: skip
_PIECES = (
    b"",
    b"\x00",
    b"\xff",
    b"{",
    b"}" * 40,
    b"[" * 400,
    b"NaN",
    b"1e400",
    b'"',
    b"\\u0000",
    b"\xed\xa0\x80",
    b" " * 999,
)
_LARGE = 40_000


def warmed(known: Known) -> Conventions:
    """Return decoders that have heard a convention's definitions."""
    conventions = Conventions(lambda address: RECORDS.get(address, {}))
    for topic, body in known.definitions:
        try:
            conventions.decode(Message(topic, _bytes(body), True, NOW_MS))
        except UnreadableError:  # a definition need not give a reading
            continue
    return conventions


def inputs(name: str, chance: random.Random, count: int) -> Iterator[Input]:
    """Yield so many inputs for a decoder."""
    for _ in range(count):
        yield _stream(CODEC[name], chance) if name in CODEC else _message(DECODERS[name], chance)


def _message(known: Known, chance: random.Random) -> Input:
    topic, body = chance.choice(known.messages)
    way = chance.random()
    if way < 0.45:
        payload = _bytes(_disturbed(body, chance))
    elif way < 0.9:
        payload = _spoilt(_bytes(_disturbed(body, chance) if chance.random() < 0.3 else body), chance)
    elif way < 0.995:
        payload = chance.randbytes(chance.randrange(60))
    else:
        payload = chance.choice(_PIECES) * chance.randrange(1, 200) + _bytes(body) * chance.randrange(1, 200)
        payload = payload[:_LARGE]
    if chance.random() < 0.1:
        topic = _spoilt(topic.encode(), chance).decode("utf-8", "replace")
    return Input(topic, payload, chance.random() < 0.3)


def _stream(version: mqtt.Version, chance: random.Random) -> Input:
    packets = [_packet(version, chance) for _ in range(chance.randrange(1, 8))]
    stream = b"".join(packets)
    if chance.random() < 0.7:
        stream = _spoilt(stream, chance)
    if chance.random() < 0.002:
        stream += mqtt.publish(version, "t", bytes(KEPT_BYTES + 10), 1) + packets[0]
    cuts = tuple(chance.randrange(1, 60) for _ in range(chance.randrange(6)))
    return Input("", stream, cuts=cuts)


def _packet(version: mqtt.Version, chance: random.Random) -> bytes:
    way = chance.random()
    if way < 0.6:
        topic = chance.choice(("a", "care/h1/pir/event", "é/ü"))
        return mqtt.publish(version, topic, chance.randbytes(chance.randrange(200)), chance.randrange(65_536))
    if way < 0.7:
        return chance.randbytes(chance.randrange(1, 20))
    kind = chance.choice((0x20, 0x40, 0x90, 0xD0, 0xE0, 0x32))
    properties = chance.choice((b"\x00", b"\x03\x13\x00\x0a", b"\x06\x1f\x00\x03abc", b"\x05\x02\x00\x00\x00\x3c"))
    return mqtt.packet(kind, chance.randbytes(chance.randrange(4)) + properties + chance.randbytes(chance.randrange(3)))


def _disturbed(body: object, chance: random.Random) -> object:
    if chance.random() < 0.08:
        return chance.choice(_STRANGE)
    if isinstance(body, dict):
        items = [(name, _disturbed(value, chance)) for name, value in body.items() if chance.random() > 0.05]
        return dict(items)
    if isinstance(body, list):
        return [_disturbed(value, chance) for value in body]
    return body


def _spoilt(data: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        at, way = chance.randrange(len(spoilt) + 1), chance.randrange(5)
        if way == 0 and at < len(spoilt):
            spoilt[at] ^= 1 << chance.randrange(8)
        elif way == 1:
            del spoilt[at : at + chance.randrange(1, 9)]
        elif way == 2:
            spoilt[at:at] = chance.choice(_PIECES)
        elif way == 3:
            spoilt[at:at] = spoilt[: chance.randrange(30)]
        elif at < len(spoilt):
            spoilt[at] = chance.randrange(256)
    return bytes(spoilt)


def _bytes(body: object) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()
