"""Zigbee2MQTT: state JSON, availability and the bridge; a unit that nobody stated is never guessed."""

from typing import Any

import msgspec

from core.events import Metric
from core.limits import LATE_AFTER_MS
from core.log import ParkReason
from ingest.formats.device_time import device_time_ms
from ingest.raw import RawReading, UnreadableError, checked_value

BASE = "zigbee2mqtt"

_INVERTED = {"contact"}  # contact true = CLOSED, the opposite of every other convention
_TRUTH: dict[str, Metric] = {
    "contact": Metric.OPEN,
    "occupancy": Metric.MOTION,
    "presence": Metric.PRESENCE,
    "water_leak": Metric.WET,
    "smoke": Metric.SMOKE,
    "gas": Metric.GAS,
    "carbon_monoxide": Metric.CO,
    "sos": Metric.SOS,
    "tamper": Metric.TAMPER,
    "battery_low": Metric.BATTERY_LOW,
}
_NUMBERS: dict[str, Metric] = {
    "battery": Metric.BATTERY_PERCENT,
    "temperature": Metric.TEMPERATURE_C,
    "power": Metric.POWER_W,
    "energy": Metric.ENERGY_TOTAL_WH,
    "water_consumed": Metric.WATER_TOTAL_L,
    "flow": Metric.WATER_FLOW_L_H,
    "flow_rate": Metric.WATER_FLOW_L_H,
}
_CONVENTION_UNITS = {"battery": "%", "temperature": "°C", "power": "W", "energy": "kWh"}
_SCALE = {"%": 1.0, "°C": 1.0, "W": 1.0, "kW": 1e3, "Wh": 1.0, "kWh": 1e3, "L": 1.0, "L/h": 1.0, "m³": 1e3, "m³/h": 1e3}
_EMERGENCY_ACTIONS = {"emergency", "sos"}
_decode_json = msgspec.json.Decoder().decode


class Zigbee2Mqtt:
    """Reads one base topic; remembers the units that `bridge/devices` states."""

    def __init__(self, units: dict[str, dict[str, str]] | None = None) -> None:
        self._units = dict(units or {})  # friendly name -> property -> unit; grows only with the bridge's own list

    def speaks(self, topic: str) -> bool:
        """Return whether the topic belongs to this convention."""
        return topic.startswith(BASE + "/")

    def decode(self, topic: str, payload: bytes, *, retain: bool, received_at_ms: int) -> tuple[RawReading, ...]:
        """Return the readings of one message; () for the bridge's own talk. Raises UnreadableError."""
        name = topic.removeprefix(BASE + "/")
        if name == "bridge/devices":
            self._learn(_json(payload))
            return ()
        if name == "bridge/state":
            return (_liveness(f"{BASE}/bridge", Metric.BRIDGE_ONLINE, payload),)
        if name.startswith("bridge/"):
            return ()
        if name.endswith("/availability"):
            return (_liveness(f"{BASE}/{name.removesuffix('/availability')}", Metric.ONLINE, payload),)
        return self._state(name, _json(payload), retain=retain, received_at_ms=received_at_ms)

    def _state(self, name: str, body: object, *, retain: bool, received_at_ms: int) -> tuple[RawReading, ...]:
        if not isinstance(body, dict):
            raise UnreadableError(ParkReason.UNDECODABLE, "expected an object")
        fields: dict[str, object] = body  # pyright: ignore[reportUnknownVariableType]  # JSON keys are text
        seen = fields.get("last_seen")
        at_ms = None if seen is None else device_time_ms(seen)
        is_replay = retain or (at_ms is not None and at_ms < received_at_ms - LATE_AFTER_MS)
        values = {metric: value for key, value in fields.items() for metric, value in self._values(name, key, value)}
        return tuple(
            RawReading(address=f"{BASE}/{name}", metric=metric, value=value, observed_at_ms=at_ms, is_replay=is_replay)
            for metric, value in values.items()
        )

    def _values(self, name: str, key: str, value: object) -> list[tuple[Metric, bool | float]]:
        if value is None:  # "not measured yet", which is nothing
            return []
        if key == "action":
            return [(Metric.SOS, True)] if value in _EMERGENCY_ACTIONS else []
        if (metric := _TRUTH.get(key)) is not None:
            truth = checked_value(metric, value)
            return [(metric, not truth if key in _INVERTED else truth)]
        if (metric := _NUMBERS.get(key)) is not None:
            if isinstance(value, int | float) and not isinstance(value, bool):
                value = round(value * self._scale(name, key), 6)
            return [(metric, checked_value(metric, value))]
        return []

    def _scale(self, name: str, key: str) -> float:
        unit = self._units.get(name, {}).get(key) or _CONVENTION_UNITS.get(key)
        if unit not in _SCALE:
            raise UnreadableError(
                ParkReason.UNKNOWN_UNIT,
                f"{key}: unit {unit or 'not stated'}; bridge/devices or the install record says",
            )
        return _SCALE[unit]

    def _learn(self, body: object) -> None:
        try:
            devices = msgspec.convert(body, list[_BridgeDevice])
        except msgspec.ValidationError as error:
            raise UnreadableError(ParkReason.UNDECODABLE, f"bridge/devices: {error}") from error
        for device in devices:
            exposes = device.definition.exposes if device.definition else []
            units = {item.property: item.unit for item in _leaves(exposes) if item.property and item.unit}
            if units:
                self._units[device.friendly_name] = units


class _Expose(msgspec.Struct):
    property: str = ""
    unit: str = ""
    features: list[Any] = []


class _Definition(msgspec.Struct):
    exposes: list[_Expose] = []


class _BridgeDevice(msgspec.Struct):
    friendly_name: str
    definition: _Definition | None = None


class _Availability(msgspec.Struct):
    state: str


_decode_availability = msgspec.json.Decoder(_Availability).decode


def _leaves(exposes: list[_Expose]) -> list[_Expose]:
    found: list[_Expose] = []
    for item in exposes:
        found.append(item)
        found.extend(_leaves(msgspec.convert(item.features, list[_Expose])))
    return found


def _json(payload: bytes) -> object:
    try:
        return _decode_json(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(ParkReason.UNDECODABLE, f"not JSON: {error}") from error


def _liveness(address: str, metric: Metric, payload: bytes) -> RawReading:
    text = payload.strip()
    if text.startswith(b"{"):
        try:
            state = _decode_availability(text).state
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnreadableError(ParkReason.UNDECODABLE, f"not an availability: {error}") from error
    else:
        state = text.decode("ascii", "replace")
    if state not in {"online", "offline"}:
        raise UnreadableError(ParkReason.UNDECODABLE, f"expected online or offline, not {state!r:.40}")
    return RawReading(address=address, metric=metric, value=state == "online")
