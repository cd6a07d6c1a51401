"""Our own convention: `care/<home>/<device>/event`, one reading or a pack (ours, or SenML), device time included."""

from collections.abc import Mapping
from difflib import get_close_matches

from core.events import Metric
from core.log import ParkReason
from ingest.formats import senml
from ingest.formats.device_time import device_time_ms
from ingest.formats.json_body import JsonObject, json_of
from ingest.formats.meaning import Installed, Meaning
from ingest.raw import Message, RawReading, UnreadableError, check_of

PREFIX = "care/"
FILTERS = ("care/#",)

MAX_TOPICS = 65_536
"""Ten sensors of six thousand homes, 12 MB; beyond it all are forgotten and taken apart again."""

_TOPIC_PARTS = 4
_ENDINGS = frozenset({"event", "senml"})
_METRICS = {metric.value: (metric, check_of(metric)) for metric in Metric if metric is not Metric.REMOVED}

WORDS = tuple(_METRICS)
"""The metrics that a native message may name; docs/operations.md explains each (vocabulary)."""

MAX_NAMES, MAX_NAME_CHARS = 5, 40
"""What a parked message says of names that we do not know: enough to see the mistyped one, whatever was sent."""


class Native:
    """Needs no definitions: the metric's name says the unit, and the install record what a counter's step is worth."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self._addresses: dict[str, tuple[str, str]] = {}  # of topics met before

    def speaks(self, topic: str) -> bool:
        """Return whether the topic belongs to this convention."""
        return topic.startswith(PREFIX)

    def decode(self, message: Message) -> tuple[RawReading, ...]:
        """Return the readings of one message; every known metric of every object in it. Raises UnreadableError."""
        topic = message.topic
        address, ending = self._addresses.get(topic) or self._address(topic)
        body = json_of(message.payload)
        found: list[RawReading] = []
        records: list[object] = body if isinstance(body, list) else [body]  # pyright: ignore[reportUnknownVariableType]  # JSON
        if ending == "senml" or senml.is_pack(records):
            found = senml.decode(records, address, message, self._installed)
        else:
            stated = self._stated(address) if self._installed.record(address) else None
            for record in records:
                _add(found, address, record, message.retain, stated)
        if not found:
            raise UnreadableError(ParkReason.UNDECODABLE, f"no metric that we know{_named(records)}")
        return tuple(found)

    def _stated(self, address: str) -> dict[str, Meaning]:
        """Return what the install record says of our own metrics; a line about another metric says nothing here."""
        found = {name: self._installed.meaning(address, name) for name in self._installed.record(address)}
        return {name: one for name, one in found.items() if one is not None and one.metric == name}

    def _address(self, topic: str) -> tuple[str, str]:
        parts = topic.split("/")
        if len(parts) != _TOPIC_PARTS or parts[3] not in _ENDINGS or not (parts[1] and parts[2]):
            raise UnreadableError(ParkReason.UNKNOWN_TOPIC, "expected care/<home>/<device>/event or /senml")
        known = self._addresses[topic] = (topic[: -len(parts[3]) - 1], parts[3])
        if len(self._addresses) > MAX_TOPICS:
            self._addresses.clear()
        return known


def _named(records: list[object]) -> str:
    """Return the names that say nothing to us, escaped and cut, so that a mistyped one is seen."""
    known: list[JsonObject] = [one for one in records if isinstance(one, dict)]  # pyright: ignore[reportUnknownVariableType]  # JSON
    names = dict.fromkeys(name for one in known for name in one if name not in {"ts", "seq"})
    told = ", ".join(f"{name!a:.{MAX_NAME_CHARS}}{_nearest(name)}" for name in list(names)[:MAX_NAMES])
    return f": {told}" if told else ""


def _nearest(name: str) -> str:
    """Return the metric that was probably meant, or nothing."""
    near = get_close_matches(name[:MAX_NAME_CHARS].lower(), WORDS, n=1)
    return f" (do you mean {near[0]}?)" if near else ""


def _add(
    found: list[RawReading],
    address: str,
    record: object,
    is_replay: bool,  # noqa: FBT001  # hot
    stated: Mapping[str, Meaning] | None,
) -> None:
    """Add every metric that we know of one object; a function call or a keyword costs as much as a value here."""
    if not isinstance(record, dict):
        raise UnreadableError(ParkReason.UNDECODABLE, "expected an object or a list of objects")
    fields: JsonObject = record  # pyright: ignore[reportUnknownVariableType]  # JSON keys are text
    stamp, seq = fields.get("ts"), fields.get("seq")
    if seq is not None and (isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq < 1 << 63):
        raise UnreadableError(ParkReason.ABSURD_VALUE, f"seq must be a whole number, not {seq!r:.60}")
    at_ms = None if stamp is None else device_time_ms(stamp)
    for name, value in fields.items():
        known = _METRICS.get(name)
        if known is not None:
            metric, check = known
            if stated is not None and name in stated:
                check = stated[name].value_of
            found.append(RawReading(address, metric, check(value), at_ms, seq, is_replay))
