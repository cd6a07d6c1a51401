"""Homie 5 and 4: a property is read by what its description says; a value that came before it is refused."""

from typing import cast

import msgspec

from core.events import Metric
from core.log import ParkReason
from ingest.formats.homie_properties import Clear, Property, compiled
from ingest.formats.json_body import JsonObject, inner_object, inner_text, object_of, text_of
from ingest.formats.learned import Learned
from ingest.formats.meaning import Installed, Meaning, unstated
from ingest.raw import MAX_TEXT_CHARS, PHYSICAL_RANGES, Message, RawReading, UnreadableError

FILTERS = ("homie/#",)
ROOT = "homie"
MAX_DEVICES = 200_000
"""Devices with a description: a county's homes with twenty each."""

MAX_PROPERTIES = 256
"""Properties of one device; the richest meter has some forty."""

MAX_ALERTS = 16
"""Alerts that one device may raise at once; their names are one text."""

_STATES = {"ready": True, "sleeping": True, "alert": True, "disconnected": False, "lost": False}
_ATTRIBUTES = {"$datatype": "datatype", "$unit": "unit", "$format": "format", "$name": "name"}
_NUMERALS = frozenset("0123456789+-.eE")


class _Device(msgspec.Struct):
    """What one device has said of itself; `clear` is made when the first value comes."""

    properties: dict[str, Property] = {}
    clear: dict[str, Clear] | None = None
    alerts: set[str] = set()
    root: str = ""


class Homie:
    """Reads both versions; remembers descriptions, alerts and which root a child hangs on."""

    def __init__(self, installed: Installed, learned: Learned) -> None:
        self._installed = installed
        self._learned = learned
        self._devices: dict[str, _Device] = {}  # by address

    def speaks(self, topic: str) -> bool:
        """Return whether the topic belongs to this convention."""
        return topic.startswith("homie/")

    def decode(self, message: Message) -> tuple[RawReading, ...]:
        """Return the readings of one message; () for descriptions and logs. Raises UnreadableError."""
        parts = message.topic.split("/")
        is_fifth = _is_fifth(message.topic)
        device, rest = (parts[2], parts[3:]) if is_fifth else (parts[1], parts[2:])
        if not device or not rest or device.startswith("$"):
            return ()
        address = f"{ROOT}/{device}"
        if rest[0].startswith("$"):
            return self._of_device(address, rest, message, is_fifth=is_fifth)
        if len(rest) == 3 and not is_fifth:  # noqa: PLR2004  # node/property/$attribute
            self._attribute(address, rest, message)
        is_value = len(rest) == 2 and not rest[1].startswith("$")  # noqa: PLR2004  # node/property
        return self._value(address, rest[0], rest[1], message) if is_value and message.payload else ()

    def _of_device(self, address: str, rest: list[str], message: Message, *, is_fifth: bool) -> tuple[RawReading, ...]:
        if rest[0] == "$state":
            return self._state(address, message, is_fifth=is_fifth)
        if rest[0] == "$alert" and len(rest) == 2:  # noqa: PLR2004  # $alert/<id>
            return (self._alert(address, rest[1], message),)
        if rest[0] == "$description":
            self._describe(address, message.payload)
            self._learned.note(message)
        return ()

    def _value(self, address: str, node: str, name: str, message: Message) -> tuple[RawReading, ...]:
        key = f"{node}/{name}"
        stated = self._installed.meaning(address, key, node)
        clear = Clear(stated) if stated is not None else self._clear(address).get(key)
        if clear is None:
            raise unstated(f"{address}/{key}")
        meaning = clear.meaning
        if meaning is None:
            return ()
        value = clear.words.get(text_of(message.payload)) if clear.words else _given(meaning, text_of(message.payload))
        if value is None:
            raise UnreadableError(ParkReason.ABSURD_VALUE, f"{key:.80}: not a value: {message.payload!r:.40}")
        return (
            RawReading(
                address=address,
                metric=meaning.metric,
                value=meaning.value_of(value),
                is_replay=message.retain,
                part=node,
                is_main=clear.is_main,
            ),
        )

    def _clear(self, address: str) -> dict[str, Clear]:
        device = self._devices.get(address)
        if device is None:
            return {}
        if device.clear is None:
            device.clear = compiled(device.properties)
        return device.clear

    def _state(self, address: str, message: Message, *, is_fifth: bool) -> tuple[RawReading, ...]:
        if not message.payload:
            self._devices.pop(address, None)
            return (RawReading(address=address, metric=Metric.REMOVED, value=True),)
        state = text_of(message.payload)
        if state == "init":
            return ()
        is_live = _STATES.get(state)
        if is_live is None or (is_fifth and state == "alert"):
            raise UnreadableError(ParkReason.UNDECODABLE, f"not a state of a device: {state!r:.40}")
        told = [RawReading(address=address, metric=Metric.ONLINE, value=is_live, is_replay=message.retain)]
        if state == "lost":  # the root's last will is its children's too
            told += [
                RawReading(address=child, metric=Metric.ONLINE, value=False, is_replay=message.retain)
                for child, one in self._devices.items()
                if one.root == address
            ]
        alerts = self._device(address).alerts
        if not is_fifth and (state == "alert") is not ("alert" in alerts):
            alerts.symmetric_difference_update({"alert"})
            told.append(_alerts(address, alerts, message))
        return tuple(told)

    def _alert(self, address: str, name: str, message: Message) -> RawReading:
        alerts = self._device(address).alerts
        if not message.payload:
            alerts.discard(name)
        elif len(alerts) < MAX_ALERTS:
            alerts.add(name)
        return _alerts(address, alerts, message)

    def _describe(self, address: str, payload: bytes) -> None:
        if not payload:
            self._device(address).properties = {}
            self._device(address).clear = None
            return
        body = object_of(payload)
        found: dict[str, Property] = {}
        for node, described in inner_object(body, "nodes").items():
            if isinstance(described, dict):
                found.update(_properties(node, cast("JsonObject", described)))
        if len(found) > MAX_PROPERTIES:
            raise UnreadableError(ParkReason.TOO_LARGE, f"{len(found)} properties; the limit is {MAX_PROPERTIES}")
        device = self._device(address)
        device.properties, device.clear = found, None
        root = inner_text(body, "root")
        device.root = f"{ROOT}/{root}" if root else ""

    def _attribute(self, address: str, rest: list[str], message: Message) -> None:
        node, name, attribute = rest
        text = text_of(message.payload)
        device = self._device(address)
        key = f"{node}/{name}"
        known = device.properties.get(key)
        if known is None and len(device.properties) >= MAX_PROPERTIES:
            raise UnreadableError(ParkReason.TOO_LARGE, f"more than {MAX_PROPERTIES} properties")
        known = known or Property(node, name, "")
        if attribute == "$settable":
            known = known._replace(is_settable=text == "true")
        elif attribute in _ATTRIBUTES:
            known = known._replace(**{_ATTRIBUTES[attribute]: text})
        else:
            return
        device.properties[key], device.clear = known, None
        self._learned.note(message)

    def _device(self, address: str) -> _Device:
        device = self._devices.get(address)
        if device is None:
            if len(self._devices) >= MAX_DEVICES:
                raise UnreadableError(ParkReason.TOO_LARGE, f"more than {MAX_DEVICES} devices")
            device = self._devices[address] = _Device()
        return device


def _is_fifth(topic: str) -> bool:
    return topic.startswith("homie/5/") and topic.count("/") > 2  # noqa: PLR2004  # homie/5/<device>/...


def _properties(node: str, described: JsonObject) -> dict[str, Property]:
    found: dict[str, Property] = {}
    for name, one in inner_object(described, "properties").items():
        if isinstance(one, dict):
            fields = cast("JsonObject", one)
            found[f"{node}/{name}"] = Property(
                node,
                name,
                inner_text(fields, "datatype"),
                inner_text(fields, "unit"),
                inner_text(fields, "format"),
                inner_text(fields, "name"),
                inner_text(described, "name"),
                fields.get("settable") is True,
            )
    return found


def _given(meaning: Meaning, text: str) -> bool | float | None:
    """Return a bare value: exactly true or false, or a number with a point; None for anything else."""
    if meaning.metric not in PHYSICAL_RANGES:
        return {"true": True, "false": False}.get(text)
    try:
        return float(text) if set(text) <= _NUMERALS else None
    except ValueError:
        return None


def _alerts(address: str, alerts: set[str], message: Message) -> RawReading:
    text = ",".join(sorted(alerts))[:MAX_TEXT_CHARS]
    return RawReading(address=address, metric=Metric.DEVICE_ALERT, value=text, is_replay=message.retain)
