"""Aliyun Alink property posts and their clones; makers name the properties, the install record says what they are."""

from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from core.log import ParkReason
from ingest.formats.device_time import device_time_ms
from ingest.formats.json_body import JsonObject, inner_object, object_of
from ingest.formats.meaning import Installed, unstated
from ingest.formats.merging import one_for_each
from ingest.raw import Message, RawReading, UnreadableError

FILTERS = ("/sys/+/+/thing/event/property/post", "/sys/+/+/thing/event/property/batch/post")
ADDRESS = "alink/"

MAX_ROUTES = 10_000
"""Topics taken apart and remembered: one a device."""

MAX_SAMPLES = 5_000
"""Values of one property in one batch: a day of one every 20 s."""

_ENDINGS = ("/thing/event/property/post", "/thing/event/property/batch/post")
_PARTS = 4  # "", sys, product key, device name


class Alink:
    """Needs no definitions but the install record."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed

    def speaks(self, topic: str) -> bool:
        """Return whether the topic belongs to this convention."""
        return _address(topic) is not None

    def decode(self, message: Message) -> tuple[RawReading, ...]:
        """Return the readings of one post. Raises UnreadableError."""
        address = _address(message.topic)
        if address is None:
            raise UnreadableError(ParkReason.UNKNOWN_TOPIC, "not an Alink property post")
        params = object_of(message.payload).get("params")
        if not isinstance(params, dict):
            raise UnreadableError(ParkReason.UNDECODABLE, "a property post has params")
        fields = cast("JsonObject", params)
        if message.topic.endswith(_ENDINGS[1]):
            return tuple(self._readings(address, inner_object(fields, "properties"), message))
        return one_for_each(self._readings(address, fields, message))

    def _readings(self, address: str, fields: JsonObject, message: Message) -> Iterator[RawReading]:
        record = self._installed.record(address)
        is_read = False
        for name, given in fields.items():
            meaning = self._installed.meaning(address, name, name)
            if meaning is None:
                continue
            is_read = True
            for value, at_ms in _samples(given):
                yield RawReading(
                    address=address,
                    metric=meaning.metric,
                    value=meaning.value_of(value),
                    observed_at_ms=at_ms,
                    is_replay=message.retain,
                    part=name,
                )
        if not is_read and not record:
            raise unstated(f"{address} {next(iter(fields), '')}")


def _samples(given: object) -> Iterator[tuple[object, int | None]]:
    """Yield (value, UTC ms) of `{"value":, "time":}`, of a list of them, or of a bare value."""
    if isinstance(given, list):
        samples = cast("list[object]", given)
        if len(samples) > MAX_SAMPLES:
            raise UnreadableError(ParkReason.TOO_LARGE, f"{len(samples)} samples; the limit is {MAX_SAMPLES}")
        for one in samples:
            yield _sample(one)
    else:
        yield _sample(given)


def _sample(given: object) -> tuple[object, int | None]:
    if not isinstance(given, dict):
        return given, None
    fields = cast("JsonObject", given)
    stamp = fields.get("time")
    return fields.get("value"), None if stamp is None else device_time_ms(stamp)


@lru_cache(maxsize=MAX_ROUTES)
def _address(topic: str) -> str | None:
    """Return `alink/<product key>/<device name>`, or None for another's topic."""
    if not topic.startswith("/sys/") or not topic.endswith(_ENDINGS):
        return None
    parts = topic.split("/", _PARTS)
    return f"{ADDRESS}{parts[2]}/{parts[3]}" if len(parts) > _PARTS and all(parts[1:_PARTS]) else None
