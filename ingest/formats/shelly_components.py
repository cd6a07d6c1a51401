"""What each component of a Shelly device says: values of known meaning, and values that need one from elsewhere."""

from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import NamedTuple

from core.events import Metric
from ingest.formats.device_time import device_time_ms
from ingest.formats.json_body import JsonObject, inner_list, inner_object
from ingest.formats.meaning import Meaning
from ingest.raw import MAX_TEXT_CHARS

SLOT = "bthomesensor:"
_POWER = Meaning(Metric.POWER_W)
_ENERGY = Meaning(Metric.ENERGY_TOTAL_WH)  # aenergy.total and total_act are Wh; by_minute is mWh and not read
_BATTERY = Meaning(Metric.BATTERY_PERCENT)
_TEMPERATURE = Meaning(Metric.TEMPERATURE_C)
_PRESENCE = Meaning(Metric.PRESENCE)
_ALERT = Meaning(Metric.DEVICE_ALERT)

BTHOME: dict[int, Meaning] = {
    0x01: _BATTERY,
    0x02: _TEMPERATURE,
    0x45: _TEMPERATURE,
    0x0A: Meaning(Metric.ENERGY_TOTAL_WH, 1000.0),
    0x4D: Meaning(Metric.ENERGY_TOTAL_WH, 1000.0),
    0x0B: _POWER,
    0x5C: _POWER,
    0x11: Meaning(Metric.OPEN),
    0x15: Meaning(Metric.BATTERY_LOW),
    0x17: Meaning(Metric.CO),
    0x1A: Meaning(Metric.OPEN),
    0x1B: Meaning(Metric.OPEN),
    0x1C: Meaning(Metric.GAS),
    0x20: Meaning(Metric.WET),
    0x21: Meaning(Metric.MOTION),
    0x23: Meaning(Metric.MOTION),
    0x25: _PRESENCE,
    0x29: Meaning(Metric.SMOKE),
    0x2B: Meaning(Metric.TAMPER),
    0x2D: Meaning(Metric.OPEN),
    0x47: Meaning(Metric.WATER_TOTAL_L),
    0x4E: Meaning(Metric.WATER_TOTAL_L),
    0x4F: Meaning(Metric.WATER_TOTAL_L),
    0x49: Meaning(Metric.WATER_FLOW_L_H, 1000.0),
}
"""BTHome object ids that mean something here; the others (humidity, light, a button) are read past."""


class Need(Enum):
    """Whose word a value needs that has no meaning of its own."""

    STATED = auto()  # the install record's or the discovery's: without it nobody hears the sensor
    OPTIONAL = auto()  # an input that may be a wall switch


class Field(NamedTuple):
    """One value of a component; `meaning` None must come from elsewhere."""

    meaning: Meaning | None
    given: object
    is_main: bool = True
    at_ms: int | None = None
    need: Need = Need.OPTIONAL


def fields_of(name: str, component: JsonObject) -> Iterator[Field]:
    """Yield what a component says; nothing for the device's own affairs (wifi, scripts, settings)."""
    reader = _READERS.get(kind_of(name))
    return reader(component, name.endswith(":0")) if reader else iter(())


def slot_meaning(object_id: int) -> Meaning | None:
    """Return what a Bluetooth slot stands for, or None for a quantity that nothing here asks for."""
    return BTHOME.get(object_id)


def _relay(component: JsonObject, is_main: bool) -> Iterator[Field]:  # noqa: FBT001  # all readers alike
    if "apower" in component:
        yield Field(_POWER, component["apower"], is_main)
    energy = inner_object(component, "aenergy")
    if "total" in energy:
        yield Field(_ENERGY, energy["total"], is_main)


def _meter(*names: tuple[str, Meaning]) -> Callable[[JsonObject, bool], Iterator[Field]]:
    def read(component: JsonObject, is_main: bool) -> Iterator[Field]:  # noqa: FBT001  # all readers alike
        for name, meaning in names:
            if name in component:
                yield Field(meaning, component[name], is_main)

    return read


def _alarm(metric: Metric) -> Callable[[JsonObject, bool], Iterator[Field]]:
    def read(component: JsonObject, _is_main: bool) -> Iterator[Field]:  # noqa: FBT001  # all readers alike
        if "alarm" in component:
            yield Field(Meaning(metric), component["alarm"])
        yield from _errors(component)

    return read


def _errors(component: JsonObject) -> Iterator[Field]:
    if "errors" in component:
        names = sorted(one for one in inner_list(component, "errors") if isinstance(one, str))
        yield Field(_ALERT, ",".join(names)[:MAX_TEXT_CHARS])


def _input(component: JsonObject, _is_main: bool) -> Iterator[Field]:  # noqa: FBT001  # all readers alike
    counts = inner_object(component, "counts")
    if "total" in counts:
        yield Field(None, counts["total"], is_main=False, need=Need.STATED)
    elif isinstance(component.get("state"), bool):
        yield Field(None, component["state"], is_main=False)


def _slot(component: JsonObject, _is_main: bool) -> Iterator[Field]:  # noqa: FBT001  # all readers alike
    if "value" in component:
        yield Field(None, component["value"], is_main=False, at_ms=_updated_ms(component), need=Need.STATED)


def _bluetooth(component: JsonObject, _is_main: bool) -> Iterator[Field]:  # noqa: FBT001  # all readers alike
    at_ms = _updated_ms(component)
    if "battery" in component:
        yield Field(_BATTERY, component["battery"], is_main=False, at_ms=at_ms)
    if "current_C" in component:
        yield Field(_TEMPERATURE, component["current_C"], is_main=False, at_ms=at_ms)


def _battery(component: JsonObject, is_main: bool) -> Iterator[Field]:  # noqa: FBT001  # all readers alike
    battery = inner_object(component, "battery")
    if "percent" in battery:
        yield Field(_BATTERY, battery["percent"], is_main)


def _room(component: JsonObject, is_main: bool) -> Iterator[Field]:  # noqa: FBT001  # all readers alike
    if "tC" in component:
        yield Field(_TEMPERATURE, component["tC"], is_main)


def _presence(component: JsonObject, is_main: bool) -> Iterator[Field]:  # noqa: FBT001  # all readers alike
    objects = component.get("num_objects")
    if isinstance(objects, int):
        yield Field(_PRESENCE, objects > 0, is_main)
    elif "value" in component:
        yield Field(_PRESENCE, component["value"], is_main=False)


def _updated_ms(component: JsonObject) -> int | None:
    stamp = component.get("last_updated_ts")
    return None if stamp is None else device_time_ms(stamp)


_READERS: dict[str, Callable[[JsonObject, bool], Iterator[Field]]] = {
    **dict.fromkeys(("switch", "cover", "light", "pm1", "cct", "rgb", "rgbw"), _relay),
    "em": _meter(("total_act_power", _POWER)),
    "emdata": _meter(("total_act", _ENERGY)),
    "em1": _meter(("act_power", _POWER)),
    "em1data": _meter(("total_act_energy", _ENERGY)),
    "smoke": _alarm(Metric.SMOKE),
    "flood": _alarm(Metric.WET),
    "input": _input,
    "bthomesensor": _slot,
    "bthomedevice": _bluetooth,
    "blutrv": _bluetooth,
    "devicepower": _battery,
    "temperature": _room,
    "presence": _presence,
    "presencezone": _presence,
}

_OWN_AFFAIRS = (
    "sys", "wifi", "eth", "ws", "cloud", "mqtt", "ble", "bthome", "blugw", "matter", "zigbee", "knx", "modbus",
    "awaiting_auth_code",
)  # fmt: skip
_SETTINGS = ("script", "ui", "plugs_ui", "number", "text", "enum", "boolean", "button", "group", "object", "service")
UNREAD: dict[str, str] = {
    **dict.fromkeys(_OWN_AFFAIRS, "the device's own affairs"),
    **dict.fromkeys(_SETTINGS, "settings and scripts"),
    **dict.fromkeys(("humidity", "illuminance", "voltmeter"), "other measure"),
    "thermostat": "its temperature comes as temperature:0",
}
"""Components that are read past, with the reason; the report names one that is in neither table."""


def is_read(name: str) -> bool:
    """Return whether a component's values are looked at."""
    return kind_of(name) in _READERS


def kind_of(name: str) -> str:
    """Return what kind of component a name is: `switch` of `switch:0`."""
    return name.partition(":")[0]
