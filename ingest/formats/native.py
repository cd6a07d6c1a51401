"""Our own convention: `care/<home>/<device>/event`, one reading or a pack (ours, or SenML), device time included."""

from collections.abc import Mapping

from core.events import Metric
from core.log import ParkReason
from ingest.formats import senml
from ingest.formats.device_time import device_time_ms
from ingest.formats.json_body import JsonObject, json_of
from ingest.formats.meaning import Installed, Meaning
from ingest.raw import Message, RawReading, UnreadableError, check_of

PREFIX = "care/"
FILTERS = ("care/#",)

_TOPIC_PARTS = 4
_ENDINGS = frozenset({"event", "senml"})
_METRICS = {metric.value: (metric, check_of(metric)) for metric in Metric if metric is not Metric.REMOVED}


class Native:
    """Needs no definitions: the metric's name says the unit, and the install record what a counter's step is worth."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed

    def speaks(self, topic: str) -> bool:
        """Return whether the topic belongs to this convention."""
        return topic.startswith(PREFIX)

    def decode(self, message: Message) -> tuple[RawReading, ...]:
        """Return the readings of one message; every known metric of every object in it. Raises UnreadableError."""
        parts = message.topic.split("/")
        if len(parts) != _TOPIC_PARTS or parts[3] not in _ENDINGS or not (parts[1] and parts[2]):
            raise UnreadableError(ParkReason.UNKNOWN_TOPIC, "expected care/<home>/<device>/event or /senml")
        address = message.topic[: -len(parts[3]) - 1]
        body = json_of(message.payload)
        records: list[object] = body if isinstance(body, list) else [body]  # pyright: ignore[reportUnknownVariableType]  # JSON
        if parts[3] == "senml" or senml.is_pack(records):
            found = senml.decode(records, address, message, self._installed)
        else:
            stated = self._stated(address) if self._installed.record(address) else {}
            found = [one for record in records for one in _of_record(address, record, message.retain, stated)]
        if not found:
            raise UnreadableError(ParkReason.UNDECODABLE, "no metric that we know")
        return tuple(found)

    def _stated(self, address: str) -> dict[str, Meaning]:
        """Return what the install record says of our own metrics; a line about another metric says nothing here."""
        found = {name: self._installed.meaning(address, name) for name in self._installed.record(address)}
        return {name: one for name, one in found.items() if one is not None and one.metric == name}


def _of_record(
    address: str,
    record: object,
    is_replay: bool,  # noqa: FBT001  # a reading's
    stated: Mapping[str, Meaning],
) -> list[RawReading]:
    if not isinstance(record, dict):
        raise UnreadableError(ParkReason.UNDECODABLE, "expected an object or a list of objects")
    fields: JsonObject = record  # pyright: ignore[reportUnknownVariableType]  # JSON keys are text
    stamp, seq = fields.get("ts"), fields.get("seq")
    if seq is not None and (isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq < 1 << 63):
        raise UnreadableError(ParkReason.ABSURD_VALUE, f"seq must be a whole number, not {seq!r:.60}")
    at_ms = None if stamp is None else device_time_ms(stamp)
    found: list[RawReading] = []
    for name, value in fields.items():
        known = _METRICS.get(name)
        if known is not None:
            found.append(
                RawReading(
                    address=address,
                    metric=known[0],
                    value=stated[name].value_of(value) if name in stated else known[1](value),
                    observed_at_ms=at_ms,
                    seq=seq,
                    is_replay=is_replay,
                )
            )
    return found
