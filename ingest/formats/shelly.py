"""Shelly Gen2 and later: statuses, notifications and the last will; a Bluetooth slot must have its meaning stated."""

from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from core.events import Metric
from core.log import ParkReason
from ingest.formats.device_time import device_time_ms
from ingest.formats.json_body import JsonObject, inner_list, inner_object, inner_text, object_of, text_of
from ingest.formats.learned import Learned
from ingest.formats.meaning import Installed, Meaning, truth_of, unstated
from ingest.formats.merging import one_for_each
from ingest.formats.shelly_components import SLOT, Field, Need, fields_of, slot_meaning
from ingest.raw import Message, RawReading, UnreadableError

FILTERS = ("+/online", "+/status/#", "+/events/rpc", "+/rpc")
ADDRESS = "shelly/"

MAX_SLOTS = 200_000
"""Bluetooth slots whose meaning is remembered: a county's, twenty a gateway."""

MAX_ROUTES = 50_000
"""Topics taken apart and remembered: every component of 5,000 devices."""

_NOTICES = frozenset({"NotifyStatus", "NotifyFullStatus"})
_PRESSES = frozenset({"single_push", "double_push", "triple_push", "long_push", "btn_down"})


class Shelly:
    """Reads devices under any topic prefix; remembers what the slots of Bluetooth gateways stand for."""

    def __init__(self, installed: Installed, learned: Learned) -> None:
        self._installed = installed
        self._learned = learned
        self._slots: dict[str, Meaning | None] = {}  # "<address>/<slot>"; None: a quantity nothing here asks for

    def speaks(self, topic: str) -> bool:
        """Return whether the topic has the shape that these devices use."""
        return _route(topic) is not None

    def decode(self, message: Message) -> tuple[RawReading, ...]:
        """Return the readings of one message; () for answers and settings. Raises UnreadableError."""
        route = _route(message.topic)
        if route is None:
            raise UnreadableError(ParkReason.UNKNOWN_TOPIC, "not a topic of a Shelly device")
        address, what = route
        if what == "online":
            return (_last_will(address, message),)
        if not message.payload:
            return ()
        if what == "rpc":
            return self._told(address, object_of(message.payload), message)
        return self._status(address, {what: object_of(message.payload)}, message, None)

    def _told(self, address: str, frame: JsonObject, message: Message) -> tuple[RawReading, ...]:
        """Read a notification below the device's own topic; `src` is a claim, good only to name an answer's device."""
        params = inner_object(frame, "params")
        method = inner_text(frame, "method")
        if message.topic.endswith("/events/rpc"):
            if method in _NOTICES:
                stamp = params.get("ts")
                return self._status(address, params, message, None if stamp is None else device_time_ms(stamp))
            if method == "NotifyEvent":
                return tuple(self._presses(address, inner_list(params, "events"), message))
        source = inner_text(frame, "src")
        components = inner_list(inner_object(frame, "result"), "components") if source else []
        learned = [
            self._learn(ADDRESS + source, cast("JsonObject", one)) for one in components if isinstance(one, dict)
        ]
        if any(learned):
            self._learned.note(message, f"{message.topic} {source}")
        return ()

    def _learn(self, address: str, component: JsonObject) -> bool:
        key, config = inner_text(component, "key"), inner_object(component, "config")
        number = config.get("obj_id")
        slot = f"{address}/{key}"
        has_room = slot in self._slots or len(self._slots) < MAX_SLOTS
        if not (key.startswith(SLOT) and isinstance(number, int) and has_room):
            return False
        self._slots[slot] = slot_meaning(number)
        return True

    def _status(
        self, address: str, components: JsonObject, message: Message, at_ms: int | None
    ) -> tuple[RawReading, ...]:
        """Read each component that is there; a notification holds only what changed."""
        missing: list[str] = []
        found = one_for_each(
            RawReading(
                address=address,
                metric=meaning.metric,
                value=value,
                observed_at_ms=field.at_ms if field.at_ms is not None else at_ms,
                is_replay=message.retain,
                part=name,
                is_main=field.is_main or name in self._installed.record(address),
            )
            for name, given in components.items()
            if isinstance(given, dict)
            for field, meaning, value in self._read(address, name, cast("JsonObject", given), missing)
        )
        if not found and missing and not self._installed.record(address):
            raise unstated(missing[0])
        return found

    def _read(
        self, address: str, name: str, component: JsonObject, missing: list[str]
    ) -> Iterator[tuple[Field, Meaning, bool | float | str]]:
        for field in fields_of(name, component):
            meaning = field.meaning
            if meaning is None:
                meaning = self._meaning(address, name, field, missing)
            if meaning is not None and field.given is not None:
                yield field, meaning, meaning.value_of(field.given)

    def _meaning(self, address: str, name: str, field: Field, missing: list[str]) -> Meaning | None:
        stated = self._installed.meaning(address, name, name)
        slot = f"{address}/{name}"
        if stated is None and slot not in self._slots:
            if field.need is Need.STATED:
                missing.append(name)
            return None
        return stated or self._slots[slot]

    def _presses(self, address: str, events: list[object], message: Message) -> Iterator[RawReading]:
        """Yield an SOS for a press of what the install record calls one; other presses mean nothing here."""
        for one in events:
            if not isinstance(one, dict):
                continue
            event = cast("JsonObject", one)
            name = inner_text(event, "component")
            meaning = self._installed.meaning(address, name, name) if inner_text(event, "event") in _PRESSES else None
            if meaning is not None and meaning.metric is Metric.SOS:
                stamp = event.get("ts")
                yield RawReading(
                    address=address,
                    metric=Metric.SOS,
                    value=True,
                    observed_at_ms=None if stamp is None else device_time_ms(stamp),
                    is_replay=message.retain,
                    part=name,
                )


@lru_cache(maxsize=MAX_ROUTES)
def _route(topic: str) -> tuple[str, str] | None:
    """Return (address, "online" | "rpc" | component) of a topic, or None when its shape is another's."""
    prefix, mark, component = topic.partition("/status/")
    if mark and prefix and ":" in component:
        return ADDRESS + prefix, component
    for ending, what in (("/online", "online"), ("/events/rpc", "rpc"), ("/rpc", "rpc")):
        if topic.endswith(ending) and len(topic) > len(ending):
            return ADDRESS + topic.removesuffix(ending), what
    return None


def _last_will(address: str, message: Message) -> RawReading:
    is_live = truth_of(text_of(message.payload))
    if is_live is None:
        raise UnreadableError(ParkReason.UNDECODABLE, f"expected true or false, not {message.payload!r:.40}")
    return RawReading(address=address, metric=Metric.ONLINE, value=is_live, is_replay=message.retain)
