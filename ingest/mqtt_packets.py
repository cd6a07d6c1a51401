"""MQTT packets of a subscriber, 3.1.1 and 5: bytes written and bytes read; keeps no state and touches no socket."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Version = Literal["3.1.1", "5"]

CONNACK, PUBLISH, PUBACK, SUBACK, UNSUBACK, PINGRESP, DISCONNECT = 2, 3, 4, 9, 11, 13, 14
"""Packet types that a broker sends to a subscriber at QoS 1; any other is a broken stream."""

PINGREQ = b"\xc0\x00"
GOODBYE = b"\xe0\x00"

QOS_1 = 1
REFUSED = 0x80
"""Reason codes from here on are failures, in SUBACK and in every packet of MQTT 5."""

MAX_LENGTH_BYTES = 4
MORE = 0x80
"""The bit of a length byte that says that another follows."""

MAX_TEXT_BYTES = 65_535

_ACK = b"\x40\x02"
_CLEAN_OFF_USER, _CLEAN_OFF_PASSWORD, _CLEAN = 0x80, 0x40, 0x02
_LEVELS: dict[Version, int] = {"3.1.1": 4, "5": 5}
_NEVER_EXPIRES = b"\x11\xff\xff\xff\xff"
_RECEIVE_MAXIMUM, _SERVER_KEEPALIVE, _MAXIMUM_QOS, _REASON = 0x21, 0x13, 0x24, 0x1F

# How the value of each property of MQTT 5 is written (section 2.2.2.2): its width, or what it is.
_WIDTHS = {
    **dict.fromkeys((0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), 1),
    **dict.fromkeys((0x13, 0x21, 0x22, 0x23), 2),
    **dict.fromkeys((0x02, 0x11, 0x18, 0x27), 4),
}
_TEXTS = frozenset({0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F})
_VARIABLE, _PAIR = 0x0B, 0x26

_WORDS_311 = {
    1: "it does not speak this version of MQTT",
    2: "it refuses this client id",
    3: "it is unavailable",
    4: "wrong user name or password",
    5: "not authorised",
}
_WORDS_5 = {
    0x84: "it does not speak this version of MQTT",
    0x85: "it refuses this client id",
    0x86: "wrong user name or password",
    0x87: "not authorised",
    0x88: "it is unavailable",
    0x89: "it is busy",
    0x8A: "banned",
    0x8B: "it shuts down",
    0x8D: "keepalive timeout",
    0x8E: "another session took this client id over",
    0x97: "quota exceeded",
    0x9C: "use another server",
    0x9D: "the server moved",
}


class MalformedError(Exception):
    """Bytes that no broker may send: the stream cannot be trusted any further."""


class Connack(NamedTuple):
    """A broker's answer. `refusal` empty: accepted; `keepalive_s` None: ours holds."""

    refusal: str
    is_resumed: bool
    keepalive_s: int | None = None
    receive_maximum: int = 65_535


def connect(
    version: Version,
    client_id: str,
    *,
    username: str,
    password: str,
    keepalive_s: int,
    receive_maximum: int,
    is_clean: bool = False,
) -> bytes:
    """Return a CONNECT for a session that the broker keeps for ever, or `is_clean`, only as long as the connection.

    `receive_maximum` is told in MQTT 5 only.
    """
    flags = (_CLEAN_OFF_USER if username else 0) | (_CLEAN_OFF_PASSWORD if password else 0) | (_CLEAN * is_clean)
    told = b""
    if version == "5":
        properties = _NEVER_EXPIRES + bytes([_RECEIVE_MAXIMUM]) + receive_maximum.to_bytes(2, "big")
        told = length_of(len(properties)) + properties
    head = text("MQTT") + bytes([_LEVELS[version], flags]) + keepalive_s.to_bytes(2, "big") + told
    words = [text(word) for word in (client_id, username, password) if word or word is client_id]
    return packet(0x10, head + b"".join(words))


def subscribe(version: Version, packet_id: int, filters: Iterable[str]) -> bytes:
    """Return a SUBSCRIBE at QoS 1; retained messages come with every one, marked as such."""
    wanted = b"".join(text(topic) + bytes([QOS_1]) for topic in filters)
    return packet(0x82, packet_id.to_bytes(2, "big") + (b"\x00" if version == "5" else b"") + wanted)


def unsubscribe(version: Version, packet_id: int, filters: Iterable[str]) -> bytes:
    """Return an UNSUBSCRIBE."""
    gone = b"".join(text(topic) for topic in filters)
    return packet(0xA2, packet_id.to_bytes(2, "big") + (b"\x00" if version == "5" else b"") + gone)


def publish(version: Version, topic: str, payload: bytes, packet_id: int, *, retain: bool = False) -> bytes:
    """Return a PUBLISH; `packet_id` 0 is QoS 0, any other QoS 1."""
    number = packet_id.to_bytes(2, "big") if packet_id else b""
    properties = b"\x00" if version == "5" else b""
    return packet(0x30 | (2 if packet_id else 0) | retain, text(topic) + number + properties + payload)


def acks(packet_ids: Iterable[int]) -> bytes:
    """Return a PUBACK for each, in order."""
    return b"".join([_ACK + packet_id.to_bytes(2, "big") for packet_id in packet_ids])


def connack(version: Version, body: bytes) -> Connack:
    """Read a CONNACK; raises MalformedError."""
    code = _byte(body, 1)
    if version == "3.1.1":
        refusal = _WORDS_311.get(code, f"code {code}") if code else ""
        return Connack(refusal, bool(body[0] & 1))
    found = properties(body, 2)
    is_refused = code >= REFUSED
    refusal = _WORDS_5.get(code, f"code {code:#04x}") if is_refused else ""
    if not refusal and found.get(_MAXIMUM_QOS) == 0:
        refusal = "it offers no QoS 1"
    keepalive_s, most = found.get(_SERVER_KEEPALIVE), found.get(_RECEIVE_MAXIMUM, 65_535)
    return Connack(
        refusal,
        bool(body[0] & 1),
        keepalive_s if isinstance(keepalive_s, int) else None,
        most if isinstance(most, int) else 65_535,
    )


def suback(version: Version, body: bytes) -> tuple[int, Sequence[int]]:
    """Read a SUBACK: the packet id and for each filter the QoS granted, or a failure; raises MalformedError."""
    _byte(body, 2 if version == "3.1.1" else 3)
    start = 2 if version == "3.1.1" else properties_end(body, 2)
    return int.from_bytes(body[:2], "big"), body[start:]


def disconnect_reason(body: bytes) -> str:
    """Return why a broker of MQTT 5 says goodbye."""
    code = body[0] if body else 0
    return _WORDS_5.get(code, f"code {code:#04x}")


def properties(body: bytes, at: int) -> dict[int, int | bytes]:
    """Return the properties of a packet of MQTT 5 by their number, of repeated ones the last; raises MalformedError."""
    size, at = variable(body, at)
    end = at + size
    if end > len(body):
        raise MalformedError("properties longer than their packet")
    found: dict[int, int | bytes] = {}
    while at < end:
        name, at = body[at], at + 1
        if name == _VARIABLE:
            found[name], at = variable(body, at)
            continue
        width = _WIDTHS.get(name)
        if width is not None:
            found[name], at = int.from_bytes(body[at : at + width], "big"), at + width
            continue
        if name not in _TEXTS and name != _PAIR:
            raise MalformedError(f"property {name:#04x} is not one of MQTT 5")
        for _ in range(2 if name == _PAIR else 1):
            start = at + 2
            at = start + int.from_bytes(body[at:start], "big")
            found[name] = body[start:at]
    if at != end:
        raise MalformedError("a property runs over the end of its list")
    return found


def properties_end(body: bytes, at: int) -> int:
    """Return where the properties of a packet end; raises MalformedError."""
    size, at = variable(body, at)
    if at + size > len(body):
        raise MalformedError("properties longer than their packet")
    return at + size


def variable(body: bytes, at: int) -> tuple[int, int]:
    """Return a variable byte integer and where it ends; raises MalformedError, also where the bytes end first."""
    value = shift = 0
    for index in range(at, at + MAX_LENGTH_BYTES):
        byte = _byte(body, index)
        value |= (byte & ~MORE) << shift
        if byte < MORE:
            return value, index + 1
        shift += 7
    raise MalformedError("a length of more than four bytes")


def packet(head: int, body: bytes) -> bytes:
    """Return a packet of this first byte."""
    return bytes([head]) + length_of(len(body)) + body


def length_of(size: int) -> bytes:
    """Return a variable byte integer."""
    if size < MORE:
        return bytes([size])
    return bytes([size & ~MORE & 0xFF | MORE]) + length_of(size >> 7)


def text(word: str) -> bytes:
    """Return a text with its length; raises ValueError for one that MQTT cannot carry."""
    data = word.encode()
    if len(data) > MAX_TEXT_BYTES:
        raise ValueError(f"a text of {len(data)} bytes; MQTT carries {MAX_TEXT_BYTES}")
    return len(data).to_bytes(2, "big") + data


def _byte(body: bytes, at: int) -> int:
    if at >= len(body):
        raise MalformedError("a packet that ends before its time")
    return body[at]
