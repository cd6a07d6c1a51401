"""Home Assistant discovery configs, in component and in device form: what each entity says, in which topic, how."""

from collections.abc import Iterator
from typing import cast

import msgspec

from core.events import Metric
from core.log import ParkReason
from ingest.formats.json_body import JsonObject, inner_object, inner_text
from ingest.formats.meaning import Meaning, in_unit
from ingest.formats.templates import Payload, rendering
from ingest.raw import UnreadableError

MAX_COMPONENTS = 128
"""Entities of one device; the richest have some forty."""

LONGEST_DELAY_S = 86_400
"""A sensor that stays on for longer than a day is not one that forgets to say off."""

MAX_NAME_CHARS = 200
"""An identifier; longer is no name."""

_LONG = {
    "~": "base", "avty": "availability", "avty_mode": "availability_mode", "avty_t": "availability_topic",
    "avty_tpl": "availability_template", "cmps": "components", "dev": "device", "dev_cla": "device_class",
    "exp_aft": "expire_after", "frc_upd": "force_update", "o": "origin", "off_dly": "off_delay", "p": "platform",
    "pl_avail": "payload_available", "pl_not_avail": "payload_not_available", "pl_off": "payload_off",
    "pl_on": "payload_on", "stat_t": "state_topic", "t": "topic", "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement", "val_tpl": "value_template", "ids": "identifiers",
    "mdl": "model", "mf": "manufacturer", "sw": "sw_version",
}  # fmt: skip
"""The abbreviations of what is read here."""

_TRUTHS: dict[str, Metric] = {
    **dict.fromkeys(("door", "window", "opening", "garage_door"), Metric.OPEN),
    **dict.fromkeys(("motion", "occupancy", "presence"), Metric.MOTION),
    "moisture": Metric.WET,
    "smoke": Metric.SMOKE,
    "gas": Metric.GAS,
    "carbon_monoxide": Metric.CO,
    "safety": Metric.SOS,
    "tamper": Metric.TAMPER,
    "battery": Metric.BATTERY_LOW,
    "problem": Metric.DEVICE_ALERT,
    "connectivity": Metric.ONLINE,
}
_NUMBERS: dict[str, Metric] = {
    "battery": Metric.BATTERY_PERCENT,
    "water": Metric.WATER_TOTAL_L,
    "volume_flow_rate": Metric.WATER_FLOW_L_H,
    "energy": Metric.ENERGY_TOTAL_WH,
    "power": Metric.POWER_W,
    "temperature": Metric.TEMPERATURE_C,
}
_HAZARDS = frozenset({Metric.WET, Metric.SMOKE, Metric.GAS, Metric.CO, Metric.SOS})
_NOTHING = frozenset({"", "None", "unknown", "unavailable"})


class Availability(msgspec.Struct, frozen=True):
    """A topic that says whether entities can be heard."""

    topic: str
    template: str = ""
    available: str = "online"
    unavailable: str = "offline"

    def is_live(self, payload: Payload) -> bool | None:
        """Return what a payload says, or None; raises UnreadableError."""
        text = rendering(self.template)(payload) if self.template else payload.text
        return {self.available: True, self.unavailable: False}.get(text)


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """One entity that is read: where it is filed, where it speaks, and what its words mean."""

    address: str
    part: str
    metric: Metric
    state_topic: str
    template: str = ""
    meaning: Meaning | None = None  # of a number
    on: str = "ON"
    off: str = "OFF"
    off_delay_s: float | None = None  # it never says off: a repeated on after this is a new event
    is_main: bool = True
    availability: tuple[Availability, ...] = ()
    needs_all: bool = False  # of its availabilities

    def value_of(self, payload: Payload) -> bool | float | str | None:
        """Return the value a payload holds for this entity, None where it holds none; raises UnreadableError."""
        text = rendering(self.template)(payload) if self.template else payload.text.strip()
        if text in _NOTHING and text not in {self.on, self.off}:
            return None
        if self.meaning is not None:
            return self.meaning.value_of(_number(text, self.part))
        truth = {self.on: True, self.off: False}.get(text)
        if truth is None:
            detail = f"{self.part:.60}: {text!r:.40} is neither {self.on!r:.20} nor {self.off!r:.20}"
            raise UnreadableError(ParkReason.ABSURD_VALUE, detail)
        if self.metric is Metric.DEVICE_ALERT:
            return "problem" if truth else ""
        return truth


def entities_of(topic: str, config: JsonObject) -> tuple[list[Entity], list[UnreadableError]]:
    """Return the entities of one config message that are read, and a refusal for each that should be and cannot.

    `topic` is `<prefix>/<component>/[<node>/]<object>/config`; component `device` is the device form.
    """
    words = topic.split("/")
    config = _long(config)
    address = "homeassistant/" + _device_id(config, words[-2])
    found: list[Entity] = []
    refused: list[UnreadableError] = []
    for name, platform, component in _components(words, config):
        try:
            entity = _entity(address, name, platform, component)
        except UnreadableError as error:
            refused.append(error)
        else:
            found += [] if entity is None else [entity]
    metrics = [one.metric for one in found]
    return [msgspec.structs.replace(one, is_main=_speaks(one, metrics)) for one in found], refused


def introduction_of(topic: str, config: JsonObject) -> tuple[str, object, object, object]:
    """Return a config's device with what it says of itself: address, model, maker, firmware."""
    config = _long(config)
    device = _long(inner_object(config, "device"))
    return (
        "homeassistant/" + _device_id(config, topic.split("/")[-2]),
        device.get("model"),
        device.get("manufacturer"),
        device.get("sw_version"),
    )


def device_of(topic: str) -> str:
    """Return the address of a config's device where nothing but the topic is known."""
    return "homeassistant/" + topic.split("/")[-2]


def _speaks(one: Entity, metrics: list[Metric]) -> bool:
    return metrics.count(one.metric) == 1 or one.metric in _HAZARDS


def _components(words: list[str], config: JsonObject) -> Iterator[tuple[str, str, JsonObject]]:
    """Yield (name, platform, options) of each entity; in the device form with what all share."""
    if words[1] != "device":
        yield words[-2], words[1], config
        return
    components = inner_object(config, "components")
    if len(components) > MAX_COMPONENTS:
        raise UnreadableError(ParkReason.TOO_LARGE, f"{len(components)} components; the limit is {MAX_COMPONENTS}")
    shared = {name: value for name, value in config.items() if name not in {"components", "device", "origin"}}
    for name, one in components.items():
        if isinstance(one, dict):
            options = _long(cast("JsonObject", one))
            yield name, inner_text(options, "platform"), shared | options


def _entity(address: str, name: str, platform: str, options: JsonObject) -> Entity | None:
    kind = inner_text(options, "device_class")
    metric = {"binary_sensor": _TRUTHS, "sensor": _NUMBERS}.get(platform, {}).get(kind)
    topic = _topic(options, "state_topic")
    if metric is None or not topic:
        return None
    template = inner_text(options, "value_template")
    if template:
        rendering(template)  # refuses now what would be refused with every message
    part = (inner_text(options, "unique_id") or name)[:MAX_NAME_CHARS]
    delay = options.get("off_delay")
    return Entity(
        address=address,
        part=part,
        metric=metric,
        state_topic=topic,
        template=template,
        meaning=in_unit(metric, options.get("unit_of_measurement"), part) if platform == "sensor" else None,
        on=_word(options, "payload_on", "ON"),
        off=_word(options, "payload_off", "OFF"),
        off_delay_s=float(delay) if isinstance(delay, int | float) and 0 < delay < LONGEST_DELAY_S else None,
        availability=tuple(_availabilities(options)),
        needs_all=inner_text(options, "availability_mode") == "all",
    )


def _availabilities(options: JsonObject) -> Iterator[Availability]:
    stated = options.get("availability")
    several = cast("list[object]", stated) if isinstance(stated, list) else []
    alone = {
        **options,
        "topic": options.get("availability_topic"),
        "value_template": options.get("availability_template"),
    }
    for one in [alone, *several][:MAX_COMPONENTS]:
        if not isinstance(one, dict):
            continue
        fields = _long(cast("JsonObject", one))
        topic = _topic({"base": options.get("base"), **fields}, "topic")
        template = inner_text(fields, "value_template")
        if topic:
            if template:
                rendering(template)
            yield Availability(
                topic,
                template,
                _word(fields, "payload_available", "online"),
                _word(fields, "payload_not_available", "offline"),
            )


def _topic(options: JsonObject, name: str) -> str:
    base, topic = inner_text(options, "base"), inner_text(options, name)
    if base and topic.startswith("~"):
        topic = base + topic[1:]
    if base and topic.endswith("~"):
        topic = topic[:-1] + base
    return topic


def _word(options: JsonObject, name: str, default: str) -> str:
    """Return a payload as the text it renders to: `false` in a config is the word False."""
    value = options.get(name, default)
    return str(value)[:MAX_NAME_CHARS] if isinstance(value, str | bool | int | float) else default


def _device_id(config: JsonObject, default: str) -> str:
    device = _long(inner_object(config, "device"))
    stated = device.get("identifiers")
    first = next(iter(cast("list[object]", stated)), None) if isinstance(stated, list) else stated
    return (str(first) if isinstance(first, str | int) and first else default)[:MAX_NAME_CHARS]


def _long(options: JsonObject) -> JsonObject:
    return {_LONG.get(name, name): value for name, value in options.items()}


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UnreadableError(ParkReason.ABSURD_VALUE, f"{name:.60}: not a number: {text!r:.40}") from None
