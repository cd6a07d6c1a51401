"""Zigbee devices behind a Tasmota bridge, in each shape that its options give; contact 1 is OPEN."""

from collections.abc import Iterator
from typing import cast

from core.events import Metric
from core.log import ParkReason
from ingest.formats.json_body import JsonObject, inner_text
from ingest.formats.meaning import Installed, Meaning, unstated
from ingest.raw import Message, RawReading, UnreadableError

BODY = "ZbReceived"
_MARKS = ("LinkQuality", "Endpoint")
_ATTRIBUTES = {
    "Contact": Meaning(Metric.OPEN),
    "Occupancy": Meaning(Metric.MOTION),
    "Water": Meaning(Metric.WET),
    "Fire": Meaning(Metric.SMOKE),
    "CO": Meaning(Metric.CO),
    "PersonalAlarm": Meaning(Metric.SOS),
    "BatteryPercentage": Meaning(Metric.BATTERY_PERCENT),
    "Temperature": Meaning(Metric.TEMPERATURE_C),
    "ActivePower": Meaning(Metric.POWER_W),
}
_ZONE_STATUS = frozenset({"0500!00", "0500<00", "ZoneStatus", "ZoneStatusChange"})

Sent = list[tuple[str, str, JsonObject]]
"""(the bridge's address, the device's name or short address, its attributes)."""


def devices_of(body: JsonObject, address: str, last: str) -> Sent | None:
    """Return what a bridge's message says of each device; None when it speaks of the board itself.

    SetOption83 names the key, 89 gives each device a topic, 100 and 118 leave ZbReceived out of the body, 119 leaves
    the device's address out.
    """
    inside = body.get(BODY, body if last == BODY else None)
    if inside is None and _is_device(body):
        inside = body
    if (
        inside is None
        and body
        and all(isinstance(one, dict) and _is_device(cast("JsonObject", one)) for one in body.values())
    ):
        inside = body
    if inside is None:
        return None
    if not isinstance(inside, dict):
        raise UnreadableError(ParkReason.UNDECODABLE, f"{BODY} must be an object")
    fields = cast("JsonObject", inside)
    if _is_device(fields):
        bridge, _, key = address.rpartition("/")
        return [(bridge, inner_text(fields, "Name") or inner_text(fields, "Device") or key, fields)]
    return [
        (
            _bridge(address, key, cast("JsonObject", one)),
            inner_text(cast("JsonObject", one), "Name") or key,
            cast("JsonObject", one),
        )
        for key, one in fields.items()
        if isinstance(one, dict)
    ]


def readings_of(sent: Sent, installed: Installed, message: Message) -> tuple[RawReading, ...]:
    """Return the readings of what a bridge sent; raises UnreadableError when a zone's meaning is stated nowhere."""
    return tuple(
        RawReading(
            address=bridge,
            metric=meaning.metric,
            value=value,
            is_replay=message.retain,
            part=name,
            is_main=False,
        )
        for bridge, name, fields in sent
        for meaning, value in _values(fields, bridge, name, installed)
    )


def _values(
    fields: JsonObject, bridge: str, name: str, installed: Installed
) -> Iterator[tuple[Meaning, bool | float | str]]:
    for attribute, given in fields.items():
        meaning = _ATTRIBUTES.get(attribute)
        if attribute in _ZONE_STATUS:
            meaning = installed.meaning(f"{bridge}/{name}", attribute)
            if meaning is None:
                raise unstated(f"{name} {attribute}")
            given = _alarm(given)  # noqa: PLW2901  # the alarm bit stands for the whole
        if meaning is not None:
            yield meaning, meaning.value_of(given)


def _alarm(given: object) -> object:
    """Return bit 0 of an IAS zone status: a number, or its bytes as hex with the lowest first."""
    if isinstance(given, str) and len(given) >= 2:  # noqa: PLR2004  # one byte
        try:
            return bool(int(given[:2], 16) & 1)
        except ValueError:
            return given
    return bool(given & 1) if isinstance(given, int) and not isinstance(given, bool) else given


def _is_device(fields: JsonObject) -> bool:
    return any(mark in fields for mark in _MARKS) or isinstance(fields.get("Device"), str)


def _bridge(address: str, key: str, fields: JsonObject) -> str:
    """Return the bridge's address; with SetOption89 the topic ends in the device's own."""
    before, _, last = address.rpartition("/")
    own = {key, key.removeprefix("0x"), inner_text(fields, "Name"), inner_text(fields, "Device")}
    return before if last in own and before.count("/") else address
