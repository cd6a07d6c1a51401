"""Tasmota: telemetry, results, rules and the last will; a switch means what the install record says, never a guess."""

import math
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import cast

from core.events import Metric
from core.log import ParkReason
from ingest.formats import tasmota_zigbee
from ingest.formats.device_time import device_time_ms
from ingest.formats.json_body import JsonObject, inner_object, inner_text, object_of, text_of
from ingest.formats.learned import Learned
from ingest.formats.meaning import Installed, Meaning, in_unit, truth_of, unstated
from ingest.formats.merging import one_for_each
from ingest.raw import Message, RawReading, UnreadableError

FILTERS = ("tele/#", "stat/#", "tasmota/discovery/+/config")
ADDRESS = "tasmota/"

MAX_DISCOVERED = 100_000
"""Boards whose discovery is remembered, so that its removal can name the board: a county's, several a home."""

MAX_ROUTES = 50_000
"""Topics taken apart and remembered: a board has some ten."""

_PREFIXES = frozenset({"tele", "stat"})
_BODIES = frozenset({"SENSOR", "RESULT", "STATUS8", "STATUS10", tasmota_zigbee.BODY})
_SILENT = frozenset(
    {"INFO", "STATUS", "UPTIME", "LOGGING", "POWER", "DIMMER", "COLOR", "EVENT", "MARGINS", "HASS_STATE"}
)
_DIGITS = "0123456789"
_LWT = {"Online": True, "Offline": False}
_INNER = ("Action", "State", "STATE")
_ENERGY = {"Power": Meaning(Metric.POWER_W), "Total": Meaning(Metric.ENERGY_TOTAL_WH, 1000.0)}
_MOTION = Meaning(Metric.MOTION)
_CHIPS = frozenset({"ESP32", "ESP8266"})  # their temperature is their own
LARGEST = 1e18
"""No channel of a board measures more; a sum of such numbers is finite."""

MAX_DEPTH = 8
"""Names in a path of an install record, e.g. `SML.Total_in`."""


class Tasmota:
    """Reads boards whatever the order of their FullTopic: `%prefix%/%topic%/` and `%topic%/%prefix%/`."""

    def __init__(self, installed: Installed, learned: Learned) -> None:
        self._installed = installed
        self._learned = learned
        self._boards: dict[str, str] = {}  # MAC of tasmota/discovery -> topic

    def speaks(self, topic: str) -> bool:
        """Return whether the topic belongs to this convention, or to a rule that the install record knows."""
        found = _taken_apart(topic)
        if found is None:
            return topic.startswith("tasmota/discovery/")
        device, last = found
        plain = last.rstrip(_DIGITS)
        is_ours = last in _BODIES or last in {"LWT", "STATE"} or plain in _SILENT or plain in {"PIR", "SWITCH"}
        return is_ours or last in self._installed.record(ADDRESS + device)

    def decode(self, message: Message) -> tuple[RawReading, ...]:
        """Return the readings of one message; () for what a board says of itself. Raises UnreadableError."""
        found = _taken_apart(message.topic)
        if found is None:
            return self._discovery(message)
        device, last = found
        address = ADDRESS + device
        if last == "LWT":
            return (_last_will(address, message),)
        if not message.payload:
            return ()  # a retained message was deleted
        if last == "STATE":
            object_of(message.payload)
            return (RawReading(address=address, metric=Metric.ONLINE, value=True, is_replay=message.retain),)
        if last in _BODIES:
            return self._body(address, last, object_of(message.payload), message)
        return self._published(address, last, message)

    def _published(self, address: str, last: str, message: Message) -> tuple[RawReading, ...]:
        """Read what a rule publishes under a name of its own: `stat/<board>/PIR1 ON`."""
        name = "Switch" + last.removeprefix("SWITCH") if last.startswith("SWITCH") else last
        meaning = self._installed.meaning(address, name, name)
        if meaning is None and last.rstrip(_DIGITS) == "PIR":
            meaning = _MOTION
        if meaning is None:
            if name == last:
                return ()  # a board's word about itself
            raise unstated(name)
        given: object = object_of(message.payload) if message.payload[:1] == b"{" else text_of(message.payload)
        value = meaning.value_of(_plain(given))
        return (RawReading(address=address, metric=meaning.metric, value=value, is_replay=message.retain, part=name),)

    def _body(self, address: str, last: str, body: JsonObject, message: Message) -> tuple[RawReading, ...]:
        body = inner_object(body, "StatusSNS") if last.startswith("STATUS") else body
        sent = tasmota_zigbee.devices_of(body, address, last)
        if sent is not None:
            return tasmota_zigbee.readings_of(sent, self._installed, message)
        at_ms = _time_ms(body)
        missing: list[str] = []
        found = one_for_each(
            RawReading(
                address=address,
                metric=meaning.metric,
                value=meaning.value_of(given),
                observed_at_ms=at_ms,
                is_replay=message.retain,
                part=part,
            )
            for part, given, meaning in self._meant(address, body, missing)
        )
        if not found and missing and not self._installed.record(address):
            raise unstated(missing[0])
        return found

    def _meant(self, address: str, body: JsonObject, missing: list[str]) -> Iterator[tuple[str, object, Meaning]]:
        record = self._installed.record(address)
        for name, given in body.items():
            for part, value, meaning in self._known(name, given, body):
                stated = self._installed.meaning(address, part, part) or meaning
                if stated is None:
                    missing.append(part)
                elif value is not None:
                    yield part, value, stated
        for path in record:
            if "." in path and (value := _at(body, path)) is not None:
                meaning = self._installed.meaning(address, path)
                if meaning is not None:
                    yield path, value, meaning

    def _known(self, name: str, given: object, body: JsonObject) -> Iterator[tuple[str, object, Meaning | None]]:
        """Yield (part, value, meaning) of one field; a meaning of None must come from the install record."""
        if name.startswith("Switch") and name[-1:].isdigit():
            yield name, _plain(given), None
            return
        if not isinstance(given, dict) or name in _CHIPS:
            return
        fields = cast("JsonObject", given)
        if name == "COUNTER":
            for counter, pulses in fields.items():
                if counter.rstrip(_DIGITS) == "C":
                    yield counter, pulses, None
        elif name == "ENERGY":
            for field, meaning in _ENERGY.items():
                if field in fields:
                    yield "", _sum(fields[field]), meaning
        elif "Temperature" in fields:
            unit = inner_text(body, "TempUnit") or "C"
            yield name, fields["Temperature"], in_unit(Metric.TEMPERATURE_C, unit, name)

    def _discovery(self, message: Message) -> tuple[RawReading, ...]:
        mac, _, what = message.topic.removeprefix("tasmota/discovery/").partition("/")
        if what != "config":
            return ()
        if not message.payload:
            gone = self._boards.pop(mac, "")
            self._learned.note(message)
            return (RawReading(address=ADDRESS + gone, metric=Metric.REMOVED, value=True),) if gone else ()
        config = object_of(message.payload)
        topic = inner_text(config, "t")
        if topic:
            self._learned.introduce(ADDRESS + topic, config.get("md"), "Tasmota", config.get("sw"))
        if topic and (mac in self._boards or len(self._boards) < MAX_DISCOVERED):
            self._boards[mac] = topic
            self._learned.note(message)
        return ()


@lru_cache(maxsize=MAX_ROUTES)
def _taken_apart(topic: str) -> tuple[str, str] | None:
    """Return (board, last word) of a topic in either order of FullTopic, or None."""
    parts = topic.split("/")
    if len(parts) < 3:  # noqa: PLR2004  # prefix, board, last word
        return None
    if parts[0] in _PREFIXES:
        return "/".join(parts[1:-1]), parts[-1]
    return ("/".join(parts[:-2]), parts[-1]) if parts[-2] in _PREFIXES else None


def _last_will(address: str, message: Message) -> RawReading:
    is_live = _LWT.get(text_of(message.payload))
    if is_live is None:
        raise UnreadableError(ParkReason.UNDECODABLE, f"expected Online or Offline, not {message.payload!r:.40}")
    return RawReading(address=address, metric=Metric.ONLINE, value=is_live, is_replay=message.retain)


def _time_ms(body: JsonObject) -> int | None:
    """Return the board's time, or None where it is a local one without its zone."""
    stamp = body.get("Time")
    if stamp is None:
        return None
    try:
        is_local = isinstance(stamp, str) and datetime.fromisoformat(stamp).tzinfo is None
    except ValueError:
        is_local = False
    return None if is_local else device_time_ms(stamp)


def _plain(given: object) -> object:
    """Return a switch's state, from {"Action": "ON"} or bare; a word that is no state is None."""
    if isinstance(given, dict):
        fields = cast("JsonObject", given)
        given = next((fields[name] for name in _INNER if name in fields), None)
    return given if not isinstance(given, str) or truth_of(given) is not None else None


def _sum(given: object) -> object:
    """Return the whole of a board with several channels, which are a list; anything else as it stands."""
    if not isinstance(given, list):
        return given
    channels = cast("list[object]", given)
    numbers = [one for one in channels if isinstance(one, int | float) and not isinstance(one, bool)]
    is_whole = bool(numbers) and len(numbers) == len(channels)
    return math.fsum(number for number in numbers if abs(number) < LARGEST) if is_whole else None


def _at(body: JsonObject, path: str) -> object:
    found: object = body
    for name in path.split(".", MAX_DEPTH):
        if not isinstance(found, dict):
            return None
        found = cast("JsonObject", found).get(name)  # pyright: ignore[reportUnnecessaryCast]  # narrowed once, not in the loop
    return found
