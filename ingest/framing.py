"""Whole socket reads into messages: all packets that a read completes come out together; it keeps half a packet."""

from typing import NamedTuple

from ingest.mqtt_packets import MAX_LENGTH_BYTES, MORE, PUBLISH, MalformedError, Version, variable
from ingest.raw import MAX_PAYLOAD_BYTES

Frame = tuple[int, str, bytes, bool]
"""One message: (packet id, topic, payload, retain). The id is 0 for QoS 0: nobody waits for an acknowledgement."""

KEPT_BYTES = MAX_PAYLOAD_BYTES + 65_536 + 16
"""Of a larger packet only so much is kept: its topic and more of its payload than ingest reads, which parks it."""

MAX_TOPICS = 65_536
"""Topics kept as text: some ten for each of 5,000 devices, 8 MB; beyond that all are forgotten and met again."""

NOT_UTF8 = "(not UTF-8)"
_RETAIN, _QOS_1, _QOS_BITS, _DUP = 1, 2, 6, 8


class Control(NamedTuple):
    """Any other packet: its type, and what follows its length."""

    kind: int
    body: bytes


class Framer:
    """Reads the stream of one connection; used by one thread."""

    def __init__(self, version: Version) -> None:
        self._has_properties = version == "5"
        self._rest = b""
        self._large: _LargeMessage | None = None
        self._topics: dict[bytes, str] = {}
        self.handed_over = 0  # messages at QoS 1, each counted when it comes first

    @property
    def kept_bytes(self) -> int:
        """Return how much of an unfinished packet is kept."""
        return len(self._rest) if self._large is None else len(self._large.kept)

    @property
    def topics(self) -> int:
        """Return how many topics are kept as text."""
        return len(self._topics)

    def feed(self, data: bytes) -> tuple[list[Frame], list[Control]]:
        """Return what these bytes complete, in order; raises MalformedError, and the stream is over.

        Costs well under a microsecond a message: every message of a county goes through here first.
        """
        frames: list[Frame] = []
        controls: list[Control] = []
        if self._large is not None:
            data = self._go_on(self._large, data, frames)
        elif self._rest:
            data = self._rest + data
        at, end = 0, len(data)
        while end - at > 1:
            head, size, body = data[at], data[at + 1], at + 2
            if size >= MORE:
                if end - at <= MAX_LENGTH_BYTES and min(data[at + 1 : end]) >= MORE:
                    break  # the length itself is still to come
                size, body = variable(data, at + 1)
            after = body + size
            if after > end:
                if size > KEPT_BYTES:
                    self._large = _LargeMessage(head, data[body:], after - end)
                    at = end
                break
            if head >> 4 == PUBLISH:
                frames.append(self._frame(data, head, body, after))
            else:
                controls.append(Control(head >> 4, data[body:after]))
            at = after
        self._rest = data[at:]
        return frames, controls

    def _frame(self, data: bytes, head: int, body: int, after: int) -> Frame:
        """Return the message that stands in `data` from `body` to `after`."""
        start = body + 2
        end = start + (data[body] << 8 | data[body + 1]) if start <= after else after + 1
        payload, packet_id = end, 0
        if qos := head & _QOS_BITS:
            payload += 2
            if qos == _QOS_1 and payload <= after:
                packet_id = data[end] << 8 | data[end + 1]
            if not packet_id:
                raise MalformedError("a message without a packet id, or of QoS 2, for which nobody asked")
            self.handed_over += not head & _DUP
        name = data[start:end]
        topic = self._topics.get(name)
        if topic is None:
            topic = self._new_topic(name)
        if self._has_properties:
            size, payload = (0, after + 1) if payload >= after else variable(data, payload)
            payload += size
        if payload > after:
            raise MalformedError("a message that is shorter than its parts")
        return packet_id, topic, data[payload:after], head & _RETAIN == _RETAIN

    def _new_topic(self, name: bytes) -> str:
        if not name:
            raise MalformedError("a message without a topic: nobody agreed to aliases")
        if len(self._topics) >= MAX_TOPICS:
            self._topics.clear()
        try:
            topic = name.decode()
        except UnicodeDecodeError:
            topic = NOT_UTF8
        self._topics[name] = topic
        return topic

    def _go_on(self, large: "_LargeMessage", data: bytes, frames: list[Frame]) -> bytes:
        """Take more of a large message, its frame once all of it has come; return what follows it."""
        rest = large.take(data)
        if not large.left:
            self._large = None
            kept = bytes(large.kept)
            frames.append(self._frame(kept, large.head, 0, len(kept)))
        return rest


class _LargeMessage:
    """A message of which the first bytes are kept and the rest is only counted; acknowledged like any other."""

    def __init__(self, head: int, kept: bytes, left: int) -> None:
        if head >> 4 != PUBLISH:
            raise MalformedError(f"a packet of type {head >> 4} of {len(kept) + left} bytes")
        self.head = head
        self.kept = bytearray(kept[:KEPT_BYTES])
        self.left = left

    def take(self, data: bytes) -> bytes:
        """Take what is its own of these bytes, and return the others."""
        own = data[: self.left]
        self.left -= len(own)
        self.kept += own[: KEPT_BYTES - len(self.kept)]
        return data[len(own) :]
