"""What simulated devices say: events, and the same as MQTT messages of our own convention; sends nothing."""

from collections.abc import Iterable, Iterator

import msgspec

from core.events import Metric
from core.ids import DeviceId

_encode = msgspec.json.Encoder().encode


class SimEvent(msgspec.Struct, frozen=True):
    """One value that a device observed at a time, UTC ms; it has no sequence number yet."""

    at_ms: int
    device_id: DeviceId  # "<home>/<device>"
    metric: Metric
    value: bool | float


class SimMessage(msgspec.Struct, frozen=True):
    """One MQTT message that is due at a time, UTC ms."""

    at_ms: int
    topic: str
    payload: bytes


def messages_of(events: Iterable[SimEvent]) -> Iterator[SimMessage]:
    """Yield each event as one message `care/<home>/<device>/event`; `seq` counts from 1 for each device."""
    last_seq: dict[DeviceId, int] = {}
    for event in events:
        seq = last_seq.get(event.device_id, 0) + 1
        last_seq[event.device_id] = seq
        body = {"ts": event.at_ms, "seq": seq, event.metric.value: event.value}
        yield SimMessage(event.at_ms, f"care/{event.device_id}/event", _encode(body))
