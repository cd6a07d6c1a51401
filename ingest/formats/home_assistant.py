"""Home Assistant MQTT discovery: devices that describe themselves and speak on topics of their own; tells a removal."""

from collections.abc import Iterable, Iterator

import msgspec

from core.events import Metric
from core.log import ParkReason
from ingest.formats.announced import Announced
from ingest.formats.discovery_config import Availability, Entity, device_of, entities_of, introduction_of
from ingest.formats.json_body import object_of
from ingest.formats.learned import Learned
from ingest.formats.meaning import Installed
from ingest.formats.merging import one_for_each
from ingest.formats.templates import Payload
from ingest.raw import PHYSICAL_RANGES, Message, RawReading, UnreadableError

PREFIX = "homeassistant"
FILTERS = (PREFIX + "/#",)

MAX_ENTITIES = 400_000
"""Entities that are read: a county's homes with forty each."""

MAX_SHARING = 256
"""Entities that may share one topic, so that one message stays cheap; a device form has at most 128."""

_FORMS = (4, 5)  # <prefix>/<component>/[<node>/]<object>/config


class HomeAssistant:
    """Remembers entities by config and by topic, what their availabilities last said, and when they last said on."""

    def __init__(self, installed: Installed, learned: Learned, announced: Announced) -> None:
        self._installed = installed
        self._learned = learned
        self._announced = announced
        self._configs: dict[str, tuple[Entity, ...]] = {}
        self._speaking: dict[str, list[Entity]] = {}
        self._vouching: dict[str, list[Entity]] = {}
        self._live: dict[Availability, bool] = {}  # what each last said
        self._on_ms: dict[str, int] = {}  # "<address>/<part>" of an entity that never says off

    def speaks(self, topic: str) -> bool:
        """Return whether it is a config, or a topic that a config names."""
        return topic in self._speaking or topic in self._vouching or topic.startswith(PREFIX + "/")

    def discovered(self, topic: str) -> tuple[Entity, ...]:
        """Return the entities that a config topic has told of and that are read."""
        return self._configs.get(topic, ())

    def decode(self, message: Message) -> tuple[RawReading, ...]:
        """Return the readings of one message; () for a config that removes nothing. Raises UnreadableError."""
        if message.topic.startswith(PREFIX + "/") and message.topic.endswith("/config"):
            return self._configured(message)
        if not message.payload:
            return ()
        payload = Payload(message.payload)
        released: list[RawReading] = []
        said = [
            reading
            for one in self._speaking.get(message.topic, ())
            for reading in self._state(one, payload, message, released)
        ]
        vouching = self._vouching.get(message.topic)
        told = self._availability(vouching, payload, message) if vouching else []
        return (*told, *released, *one_for_each(said))

    def _state(
        self, one: Entity, payload: Payload, message: Message, released: list[RawReading]
    ) -> Iterator[RawReading]:
        stated = self._installed.meaning(one.address, one.part, one.part)
        factor = None if stated is None else self._installed.factor(one.address, one.part, one.part)
        if factor is not None and one.meaning is not None and factor.metric is one.metric:
            one = msgspec.structs.replace(one, meaning=factor)  # litres a pulse, a meter's factor
        value = one.value_of(payload)
        if value is None:
            return
        metric = one.metric
        if stated is not None and isinstance(value, bool) and stated.metric not in PHYSICAL_RANGES:
            metric, value = stated.metric, stated.value_of(value)
        if one.off_delay_s is not None and value is True and not message.retain:
            released += self._released(one, metric, one.off_delay_s, message.received_at_ms)
        yield _reading(one, metric, value, is_replay=message.retain)

    def _released(self, one: Entity, metric: Metric, off_delay_s: float, now_ms: int) -> list[RawReading]:
        """Return the end that a sensor never sends: `off_delay` after its last on, told with the next."""
        key = f"{one.address}/{one.part}"
        last_ms = self._on_ms.get(key)
        self._on_ms[key] = now_ms
        off_ms = now_ms if last_ms is None else last_ms + round(off_delay_s * 1000)
        return [_reading(one, metric, False, observed_at_ms=off_ms)] if off_ms < now_ms else []

    def _availability(self, vouching: list[Entity], payload: Payload, message: Message) -> list[RawReading]:
        devices: dict[str, bool] = {}
        told: list[RawReading] = []
        is_understood = message.topic in self._speaking
        for one in vouching:
            for stated in one.availability:
                is_live = stated.is_live(payload) if stated.topic == message.topic else None
                if is_live is None:
                    continue
                self._live[stated] = is_live
                is_understood = True
                if is_live and one.needs_all and not all(self._live.get(other) for other in one.availability):
                    continue
                devices[one.address] = is_live
                told.append(_reading(one, Metric.ONLINE, is_live, is_replay=message.retain, is_main=False))
        if not is_understood:
            raise UnreadableError(ParkReason.UNDECODABLE, f"no word of an availability: {payload.text!r:.40}")
        whole = [
            RawReading(address=address, metric=Metric.ONLINE, value=is_live, is_replay=message.retain)
            for address, is_live in devices.items()
        ]
        return whole + told

    def _configured(self, message: Message) -> tuple[RawReading, ...]:
        topic = message.topic
        if topic.count("/") + 1 not in _FORMS:
            raise UnreadableError(ParkReason.UNKNOWN_TOPIC, "expected <prefix>/<component>/[<node>/]<object>/config")
        before = self._configs.get(topic, ())
        if not message.payload:
            self._forget(topic)
            self._learned.note(message)
            return (*_removed(before), *self._gone(before, device_of(topic)))
        config = object_of(message.payload)
        found, refused = entities_of(topic, config)
        self._learned.introduce(*introduction_of(topic, config))
        self._remember(topic, found)
        unheard = self._listen(found)
        if found or before:
            self._learned.note(message)
        parts = {(one.address, one.part) for one in found}
        gone = [one for one in before if (one.address, one.part) not in parts]
        if not gone:
            self._complain(refused, unheard)
        return (*_removed(gone), *self._gone(gone, ""))

    def _complain(self, refused: list[UnreadableError], unheard: list[str]) -> None:
        """Raise what keeps an entity from being read; the others of the config are read all the same."""
        if refused:
            raise refused[0]
        if unheard:
            raise UnreadableError(ParkReason.UNKNOWN_TOPIC, unheard[0])

    def _listen(self, found: list[Entity]) -> list[str]:
        """Listen to where entities speak and who vouches for them; return why some of it cannot be heard."""
        topics = dict.fromkeys(topic for one in found for topic in _topics_of(one))
        return [why for topic in topics if (why := self._announced.hear(topic))]

    def _gone(self, entities: Iterable[Entity], otherwise: str) -> list[RawReading]:
        """Return that a device as a whole is gone: with its last entity, or where nobody knew what it had."""
        addresses = {one.address for one in entities} or ({otherwise} if otherwise else set[str]())
        left = {one.address for found in self._configs.values() for one in found} if addresses else set[str]()
        return [RawReading(address=address, metric=Metric.REMOVED, value=True) for address in sorted(addresses - left)]

    def _remember(self, topic: str, found: list[Entity]) -> None:
        self._forget(topic)
        if sum(map(len, self._configs.values())) + len(found) > MAX_ENTITIES:
            raise UnreadableError(ParkReason.TOO_LARGE, f"more than {MAX_ENTITIES} entities")
        for one in found:
            if len(self._speaking.get(one.state_topic, ())) >= MAX_SHARING:
                raise UnreadableError(
                    ParkReason.TOO_LARGE, f"more than {MAX_SHARING} entities on {one.state_topic:.80}"
                )
            self._speaking.setdefault(one.state_topic, []).append(one)
            for stated in one.availability:
                self._vouching.setdefault(stated.topic, []).append(one)
        if found:
            self._configs[topic] = tuple(found)

    def _forget(self, topic: str) -> None:
        for one in self._configs.pop(topic, ()):
            self._on_ms.pop(f"{one.address}/{one.part}", None)
            _drop(self._speaking, one.state_topic, one)
            for stated in one.availability:
                _drop(self._vouching, stated.topic, one)
                if stated.topic not in self._vouching:
                    self._live.pop(stated, None)
            for spoken in _topics_of(one):
                if spoken not in self._speaking and spoken not in self._vouching:
                    self._announced.drop(spoken)


def _topics_of(one: Entity) -> tuple[str, ...]:
    return (one.state_topic, *(stated.topic for stated in one.availability))


def _drop(index: dict[str, list[Entity]], topic: str, one: Entity) -> None:
    left = [other for other in index.get(topic, ()) if other is not one]
    if left:
        index[topic] = left
    else:
        index.pop(topic, None)


def _removed(entities: Iterable[Entity]) -> list[RawReading]:
    return [_reading(one, Metric.REMOVED, True, is_main=False) for one in entities]


def _reading(
    one: Entity,
    metric: Metric,
    value: bool | float | str,  # noqa: FBT001  # a reading's value
    *,
    is_replay: bool = False,
    is_main: bool | None = None,
    observed_at_ms: int | None = None,
) -> RawReading:
    return RawReading(
        address=one.address,
        metric=metric,
        value=value,
        observed_at_ms=observed_at_ms,
        is_replay=is_replay,
        part=one.part,
        is_main=one.is_main if is_main is None else is_main,
    )
