"""Zigbee2MQTT: state JSON, availability and the bridge; a unit that nobody stated is never guessed."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from core.events import Metric
from core.limits import LATE_AFTER_MS
from core.log import ParkReason
from ingest.formats.device_time import device_time_ms
from ingest.formats.json_body import JsonObject, inner_object, inner_text, object_of, text_of
from ingest.formats.learned import Learned
from ingest.formats.meaning import Installed, Meaning, in_unit, no_unit, truth_of
from ingest.formats.zigbee2mqtt_exposes import (
    EMERGENCY_ACTIONS,
    NUMBERS,
    TRUTHS,
    Expose,
    Property,
    Verdict,
    properties_of,
)
from ingest.raw import PHYSICAL_RANGES, Message, RawReading, UnreadableError

BASE = "zigbee2mqtt"
FILTERS = (BASE + "/#",)
MAX_TABLES = 2_000
"""Different device definitions kept read; there are some 4,500 models in the world and a few dozen in a town."""

MAX_DEVICES = 200_000
"""Devices with a definition: a county's homes with twenty each; a bridge that lists more is broken."""

MAX_ROUTES = 50_000
"""Topics taken apart and remembered: those of 5,000 devices and their availability, ten times over."""

_EITHER = frozenset({"gas"})  # a truth of an alarm, but a number of a gas meter or of a concentration
_MEANT_BY_DEFINITION = frozenset({"volume", "total_power", "total_active_power", "energy_consumed", "battery_value"})
_LIVE = {"online": True, "offline": False}
_OUR_TALK = frozenset({"set", "get"})

Values = dict[tuple[Metric, str], bool | float | str]
"""By metric and part; the device's own value has no part."""


class Table(msgspec.Struct, frozen=True):
    """The properties of one definition, and how many of them state the same truth where that is more than one."""

    properties: Mapping[str, Property]
    shared: Mapping[Metric, int] = {}


class _Definition(msgspec.Struct):
    model: object = None
    vendor: object = None
    exposes: msgspec.Raw = msgspec.Raw(b"[]")


class _BridgeDevice(msgspec.Struct):
    friendly_name: str
    definition: _Definition | None = None
    software_build_id: object = None


_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_device = msgspec.json.Decoder(_BridgeDevice).decode
_decode_exposes = msgspec.json.Decoder(list[Expose]).decode


class Zigbee2Mqtt:
    """Reads every bridge below `zigbee2mqtt/`; remembers what each bridge's `bridge/devices` states."""

    def __init__(self, installed: Installed, learned: Learned) -> None:
        self._installed = installed
        self._learned = learned
        self._tables: dict[str, Table] = {}  # by address; shrinks with the bridges' own lists

    def speaks(self, topic: str) -> bool:
        """Return whether the topic belongs to this convention."""
        return topic.startswith(BASE + "/")

    def decode(self, message: Message) -> tuple[RawReading, ...]:
        """Return the readings of one message; () for the bridge's own talk. Raises UnreadableError."""
        kind, address = _route(message.topic)
        if kind == "state":
            return self._state(address, message) if message.payload else ()
        if kind == "availability":
            return (_liveness(address, Metric.ONLINE, message),)
        if kind == "bridge/devices":
            return self._learn(address, message)
        if kind == "bridge/state":
            return (_liveness(f"{address}/bridge", Metric.BRIDGE_ONLINE, message),)
        return self._event(address, message) if kind == "bridge/event" else ()

    def _event(self, base: str, message: Message) -> tuple[RawReading, ...]:
        event = object_of(message.payload)
        name = inner_text(inner_object(event, "data"), "friendly_name")
        return (_removed(f"{base}/{name}"),) if event.get("type") == "device_leave" and name else ()

    def _state(self, address: str, message: Message) -> tuple[RawReading, ...]:
        if message.payload[:1] == b"{":
            fields = object_of(message.payload)
        else:
            address, fields = self._attribute(address, message)
        seen = fields.get("last_seen")
        at_ms = None if seen is None else device_time_ms(seen)
        is_replay = message.retain or (at_ms is not None and at_ms < message.received_at_ms - LATE_AFTER_MS)
        return tuple(
            RawReading(
                address=address,
                metric=metric,
                value=value,
                observed_at_ms=at_ms,
                is_replay=is_replay,
                part=part,
                is_main=not part,
            )
            for (metric, part), value in self._values(address, fields).items()
        )

    def _attribute(self, address: str, message: Message) -> tuple[str, JsonObject]:
        """Return device and field of a topic `<device>/<field>`, as `output: attribute` sends them."""
        device, _, name = address.rpartition("/")
        table = self._tables.get(device, _DEFAULT)
        if name not in table.properties and device not in self._tables:
            raise UnreadableError(ParkReason.UNDECODABLE, "expected an object")
        text = text_of(message.payload)
        try:
            return device, {name: float(text)}
        except ValueError:
            return device, {name: text}

    def _values(self, address: str, fields: JsonObject) -> Values:
        table = self._tables.get(address, _DEFAULT)
        shared, record = table.shared, self._installed.record(address)
        values: Values = {}
        truths: dict[Metric, list[bool]] = {}
        for name, given in fields.items():
            one = table.properties.get(name)
            if one is None or given is None:  # None is "not measured yet", which is nothing
                continue
            if one.words is not None:
                metric, value = one.metric, one.words.get(given) if isinstance(given, str) else None
            else:
                stated = self._stated(address, one) if name in record else None
                metric, value = _value(one, stated, given, is_defined=table is not _DEFAULT)
            if value is None:
                continue
            is_shared = bool(shared) and metric in shared
            if is_shared:
                truths.setdefault(metric, []).append(value is True)
            values[metric, "" if one.is_main and not is_shared else name] = value
        for metric, stated in truths.items():
            if any(stated) or len(stated) == shared[metric]:  # no part left out could be the true one
                values[metric, ""] = any(stated)
        return values

    def _stated(self, address: str, one: Property) -> Meaning | None:
        """Return what the install record says: a unit where discovery knows none, a step's worth in any case."""
        if one.meaning is None:
            return self._installed.meaning(address, one.name)
        return self._installed.factor(address, one.name)

    def _learn(self, base: str, message: Message) -> tuple[RawReading, ...]:
        try:
            devices = [_decode_device(raw) for raw in _decode_list(message.payload)]
            tables = {
                f"{base}/{one.friendly_name}": _table(bytes(one.definition.exposes))
                for one in devices
                if one.definition
            }
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UnreadableError(ParkReason.UNDECODABLE, f"bridge/devices: {error}") from error
        if len(self._tables) + len(tables) > MAX_DEVICES:
            raise UnreadableError(ParkReason.TOO_LARGE, f"definitions of more than {MAX_DEVICES} devices")
        prefix = base + "/"
        gone = [address for address in self._tables if address.startswith(prefix) and address not in tables]
        for address in gone:
            del self._tables[address]
        self._tables.update(tables)
        for one in devices:
            if one.definition:
                told = (one.definition.model, one.definition.vendor, one.software_build_id)
                self._learned.introduce(prefix + one.friendly_name, *told)
        if tables or gone:
            self._learned.note(message)
        return tuple(_removed(address) for address in gone)


def _value(
    one: Property, stated: Meaning | None, given: object, *, is_defined: bool
) -> tuple[Metric, bool | float | str | None]:
    """Return a value as the install record states it, or else the definition."""
    meaning = stated if stated is not None and stated.metric is one.metric else one.meaning
    if meaning is None:
        raise no_unit(one.name)
    if not is_defined and one.name in _EITHER and truth_of(given) is None:
        return meaning.metric, None
    return meaning.metric, meaning.value_of(given)


def _default_table() -> Table:
    """Return what the convention itself fixes, for a device whose definition has not come."""
    table = {name: Property(name, Verdict.READ, meaning.metric, meaning) for name, meaning in TRUTHS.items()}
    for name, (metric, unit) in NUMBERS.items():
        if name not in _MEANT_BY_DEFINITION:
            meaning = in_unit(metric, unit, name) if unit else None
            table[name] = Property(name, Verdict.READ if unit else Verdict.NO_UNIT, metric, meaning)
    words = dict.fromkeys(EMERGENCY_ACTIONS, True)
    table["action"] = Property("action", Verdict.READ, Metric.SOS, words=words)
    return Table(table)


_DEFAULT = _default_table()


@lru_cache(maxsize=MAX_TABLES)
def _table(exposes: bytes) -> Table:
    """Return the table of a definition; devices of one model share it. Raises msgspec.DecodeError.

    What the convention itself fixes holds for names that the definition does not mention.
    """
    found = properties_of(_decode_exposes(exposes))
    mentioned = {one.name for one in found}
    read = {one.name: one for one in found if one.is_read}
    truths = Counter(one.metric for one in read.values() if one.words is None and one.metric not in PHYSICAL_RANGES)
    further = {name: one for name, one in _DEFAULT.properties.items() if name not in mentioned}
    return Table(further | read, {metric: count for metric, count in truths.items() if count > 1})


@lru_cache(maxsize=MAX_ROUTES)
def _route(topic: str) -> tuple[str, str]:
    """Return what a topic carries and the address it speaks of."""
    base, bridge, word = topic.partition("/bridge/")
    if bridge:
        return f"bridge/{word}", base
    device, _, last = topic.rpartition("/")
    if last == "availability":
        return last, device
    is_ours = last in _OUR_TALK or device.endswith(("/set", "/get"))
    return ("command", device) if is_ours else ("state", topic)


def _liveness(address: str, metric: Metric, message: Message) -> RawReading:
    text = message.payload.strip()
    state = inner_text(object_of(text), "state") if text[:1] == b"{" else text_of(text)
    is_live = _LIVE.get(state)
    if is_live is None:
        raise UnreadableError(ParkReason.UNDECODABLE, f"expected online or offline, not {state!r:.40}")
    return RawReading(address=address, metric=metric, value=is_live, is_replay=message.retain)


def _removed(address: str) -> RawReading:
    return RawReading(address=address, metric=Metric.REMOVED, value=True)
