"""Our own convention: `care/<home>/<device>/event`, one reading or a pack, device time and sequence included."""

import msgspec

from core.events import Metric
from core.log import ParkReason
from ingest.formats.device_time import device_time_ms
from ingest.raw import RawReading, UnreadableError, checked_value

_TOPIC_PARTS = 4
_METRICS = {metric.value: metric for metric in Metric}
_decode_json = msgspec.json.Decoder().decode


def speaks(topic: str) -> bool:
    """Return whether the topic belongs to this convention."""
    return topic.startswith("care/")


def decode(topic: str, payload: bytes, *, retain: bool) -> tuple[RawReading, ...]:
    """Return the readings of one message; every known metric of every object in it. Raises UnreadableError."""
    parts = topic.split("/")
    if len(parts) != _TOPIC_PARTS or parts[-1] != "event" or not all(parts):
        raise UnreadableError(ParkReason.UNKNOWN_TOPIC, "expected care/<home>/<device>/event")
    address = "/".join(parts[:3])
    try:
        body: object = _decode_json(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(ParkReason.UNDECODABLE, f"not JSON: {error}") from error
    records: list[object] = body if isinstance(body, list) else [body]  # pyright: ignore[reportUnknownVariableType]  # JSON
    found = [reading for record in records for reading in _of_record(address, record, retain=retain)]
    if not found:
        raise UnreadableError(ParkReason.UNDECODABLE, "no metric that we know")
    return tuple(found)


def _of_record(address: str, record: object, *, retain: bool) -> list[RawReading]:
    if not isinstance(record, dict):
        raise UnreadableError(ParkReason.UNDECODABLE, "expected an object or a list of objects")
    fields: dict[str, object] = record  # pyright: ignore[reportUnknownVariableType]  # JSON keys are text
    stamp, seq = fields.get("ts"), fields.get("seq")
    if seq is not None and (isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq < 1 << 63):
        raise UnreadableError(ParkReason.ABSURD_VALUE, f"seq must be a whole number, not {seq!r:.60}")
    at_ms = None if stamp is None else device_time_ms(stamp)
    return [
        RawReading(
            address=address,
            metric=metric,
            value=checked_value(metric, fields[name]),
            observed_at_ms=at_ms,
            seq=seq,
            is_replay=retain,
        )
        for name, metric in _METRICS.items()
        if name in fields
    ]
