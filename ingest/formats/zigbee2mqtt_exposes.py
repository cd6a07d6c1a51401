"""What a Zigbee2MQTT definition says of each property: a reading, or the reason why it is none; guesses no unit."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from core.events import Metric
from ingest.formats.meaning import UNITS, Meaning, in_unit
from ingest.raw import PHYSICAL_RANGES, UnreadableError

_PUBLISHED, _SETTABLE = 1, 2  # bits of `access`
TRUTHS: dict[str, Meaning] = {
    "contact": Meaning(Metric.OPEN, is_inverted=True),  # contact true = CLOSED, the opposite of every other convention
    "occupancy": Meaning(Metric.MOTION),
    "presence": Meaning(Metric.PRESENCE),
    "water_leak": Meaning(Metric.WET),
    "smoke": Meaning(Metric.SMOKE),
    "gas": Meaning(Metric.GAS),
    "carbon_monoxide": Meaning(Metric.CO),
    "sos": Meaning(Metric.SOS),
    "sos_alarm": Meaning(Metric.SOS),
    "tamper": Meaning(Metric.TAMPER),
    "battery_low": Meaning(Metric.BATTERY_LOW),
}
_FURTHER_TRUTHS = (
    (re.compile(r"active_water_leak|water_sensor|water_condition_alarm|water|water_leak_(wire|zone)_\d+"), Metric.WET),
    (re.compile(r"water_leak_both_zones|(input|channel)_\d+_leak_detect"), Metric.WET),
    (re.compile(r"(input|channel)_\d+_battery_low"), Metric.BATTERY_LOW),
    (re.compile(r"motion_status|pir_detection|mmwave_area\d+_occupancy|occupancy_alarm_\d+"), Metric.MOTION),
    (re.compile(r"heat"), Metric.SMOKE),  # a fire detector that feels heat
)
STATES: dict[str, tuple[Metric, dict[str, bool]]] = {
    "opening_state": (Metric.OPEN, {"open": True, "tilted": True, "closed": False}),
    "gas_sensor_state": (Metric.GAS, {"alarm": True, "normal": False}),
    "co_state": (Metric.CO, {"alarm": True, "normal": False}),
}
ALERTS: dict[str, dict[str, str]] = {
    "fall_status": {"fall_alarm": "fall", "normal": ""},
    "fall_down_status": {"fall": "fall", "none": ""},
}
NUMBERS: dict[str, tuple[Metric, str]] = {  # the metric, and the unit that the convention fixes: "" = none
    "battery": (Metric.BATTERY_PERCENT, "%"),
    "battery_value": (Metric.BATTERY_PERCENT, "%"),
    "temperature": (Metric.TEMPERATURE_C, "°C"),
    "local_temperature": (Metric.TEMPERATURE_C, "°C"),
    "room_temperature": (Metric.TEMPERATURE_C, "°C"),
    "power": (Metric.POWER_W, "W"),
    "total_power": (Metric.POWER_W, "W"),
    "total_active_power": (Metric.POWER_W, "W"),
    "energy": (Metric.ENERGY_TOTAL_WH, "kWh"),
    "energy_consumed": (Metric.ENERGY_TOTAL_WH, "kWh"),
    "water_consumed": (Metric.WATER_TOTAL_L, ""),
    "volume": (Metric.WATER_TOTAL_L, ""),
    "flow": (Metric.WATER_FLOW_L_H, ""),
    "flow_rate": (Metric.WATER_FLOW_L_H, ""),
    "instantaneous_flow_rate": (Metric.WATER_FLOW_L_H, ""),
}
_WATER_INPUT = re.compile(r"input_\d+_water_meter")
_PHASE = re.compile(r"(power|energy)_(a|b|c|x|y|z|phase_[abc]|l\d|main_switch|usb|tier_\d+|p\d)", re.IGNORECASE)
EMERGENCY_ACTIONS = frozenset({"emergency", "sos", "panic"})
_HAZARD_WORDS = re.compile(r"smoke|gas|carbon|leak|water|contact|occupancy|presence|motion|sos|flood|fall")
_BESIDE_A_HAZARD = re.compile(
    r"smoke_(alarm_silenced|state|unit|battery)|(motion|human_motion|presence)_(state|event|direction)|fall_.*"
    r"|.*_last_changed"
)
_REGISTERS = frozenset({Metric.WATER_TOTAL_L, Metric.ENERGY_TOTAL_WH})
_DIAGNOSTIC = re.compile(r"fault|self_?test|version|error|trouble|end_?of_?life|pre_?heat|warming|^test|reliability")


class Verdict(StrEnum):
    """Why a property is a reading, or why it is none."""

    READ = "read"
    PART = "a part"  # one of several meters in a device: read where the part is registered
    NO_UNIT = "no unit"  # read where the install record states it
    COMMAND = "command"  # never published
    SETTING = "setting"
    MEASURE = "other measure"  # a quantity that nothing here asks for: volts, lux, metres
    DIAGNOSTIC = "diagnostic"
    AMOUNT = "other amount"  # of one irrigation, of this month, fed back: no register of what was drawn
    STATE = "other state"
    UNEXPLAINED = "unexplained"


class Expose(msgspec.Struct):
    """One expose as the bridge lists it; a `features` holder without a property is a light, a switch or a cover."""

    type: str = ""
    name: str | None = None
    property: str | None = None
    unit: str | None = None
    description: str | None = None
    category: str | None = None
    endpoint: str | None = None
    access: int = _PUBLISHED
    values: list[Any] = []
    features: list["Expose"] = []


class Property(msgspec.Struct, frozen=True):
    """One property of a device. `meaning` None: not read, or its unit must come from the install record."""

    name: str
    verdict: Verdict
    metric: Metric = Metric.ONLINE  # says nothing where the property is not read
    meaning: Meaning | None = None
    is_main: bool = True
    words: Mapping[str, bool | str] | None = None

    @property
    def is_read(self) -> bool:
        """Return whether a value under this name becomes a reading, or is missed where it does not."""
        return self.verdict in {Verdict.READ, Verdict.PART, Verdict.NO_UNIT}


def properties_of(exposes: list[Expose]) -> list[Property]:
    """Return every property of a definition with its verdict; several sources of one metric become parts."""
    found = [_property(expose, is_inside=is_inside) for expose, is_inside in _leaves(exposes)]
    by_metric: dict[Metric, list[str]] = {}
    for one in found:
        if one.is_read:
            by_metric.setdefault(one.metric, []).append(one.name)
    return [_among(by_metric.get(one.metric, []), one) if one.is_read else one for one in found]


def _among(names: list[str], one: Property) -> Property:
    """Return a property as one of several: any truth speaks for the device, but of two meters only the plain one."""
    is_rival = len(names) > 1 and one.metric in PHYSICAL_RANGES
    first = next((name for name in NUMBERS if name in names), None)
    if not is_rival or one.name == first:
        return one
    return msgspec.structs.replace(one, verdict=Verdict.PART, is_main=False)


def _leaves(exposes: list[Expose], *, is_inside: bool = False) -> Iterator[tuple[Expose, bool]]:
    for expose in exposes:
        if expose.property:
            yield expose, is_inside
        else:
            yield from _leaves(expose.features, is_inside=True)


def _property(expose: Expose, *, is_inside: bool) -> Property:
    name = expose.property or ""
    if not expose.access & _PUBLISHED:
        return Property(name, Verdict.COMMAND)
    plain = name.removesuffix(f"_{expose.endpoint}") if expose.endpoint else name
    read: Property | None = None
    if expose.type == "binary":
        read = _truth(name, plain)
    elif expose.type == "enum":
        read = _state(expose, name, plain)
    elif expose.type == "numeric":
        read = _number(expose, name, plain)
    return read or Property(name, _reason(expose, plain, is_inside=is_inside))


def _truth(name: str, plain: str) -> Property | None:
    meaning = TRUTHS.get(plain)
    if meaning is None:
        metric = next((metric for pattern, metric in _FURTHER_TRUTHS if pattern.fullmatch(plain)), None)
        meaning = None if metric is None else Meaning(metric)
    return None if meaning is None else Property(name, Verdict.READ, meaning.metric, meaning)


def _state(expose: Expose, name: str, plain: str) -> Property | None:
    if plain in STATES:
        metric, words = STATES[plain]
        return Property(name, Verdict.READ, metric, words=words)
    if plain in ALERTS:
        return Property(name, Verdict.READ, Metric.DEVICE_ALERT, words=ALERTS[plain])
    if plain == "action" and any(value in EMERGENCY_ACTIONS for value in expose.values if isinstance(value, str)):
        return Property(name, Verdict.READ, Metric.SOS, words=dict.fromkeys(EMERGENCY_ACTIONS, True))
    return None


def _number(expose: Expose, name: str, plain: str) -> Property | None:
    if _WATER_INPUT.fullmatch(plain):
        return _in_unit(expose, name, Metric.WATER_TOTAL_L, is_part=True)
    phase = _PHASE.fullmatch(plain)
    known = NUMBERS.get(phase[1] if phase else plain) or NUMBERS.get(re.sub(r"_\d+$", "", plain))
    if known is None or (expose.access & _SETTABLE and not phase):
        return None
    if known[0] is Metric.WATER_TOTAL_L and "irrigation" in (expose.description or "").lower():
        return Property(name, Verdict.AMOUNT)
    return _in_unit(expose, name, known[0], is_part=phase is not None)


def _in_unit(expose: Expose, name: str, metric: Metric, *, is_part: bool) -> Property:
    try:
        meaning = in_unit(metric, expose.unit, name)
    except UnreadableError:
        return Property(name, Verdict.NO_UNIT, metric, is_main=not is_part)
    return Property(name, Verdict.PART if is_part else Verdict.READ, metric, meaning, is_main=not is_part)


def _reason(expose: Expose, plain: str, *, is_inside: bool) -> Verdict:
    if expose.access & _SETTABLE or expose.category == "config" or is_inside:
        return Verdict.SETTING
    if expose.category == "diagnostic" or expose.type in {"text", "list", "composite"} or _DIAGNOSTIC.search(plain):
        return Verdict.DIAGNOSTIC
    if expose.type == "numeric":
        return Verdict.AMOUNT if UNITS.get(expose.unit or "", (None,))[0] in _REGISTERS else Verdict.MEASURE
    if _HAZARD_WORDS.search(plain) and not _BESIDE_A_HAZARD.fullmatch(plain):
        return Verdict.UNEXPLAINED
    return Verdict.STATE if expose.type in {"binary", "enum"} else Verdict.UNEXPLAINED
