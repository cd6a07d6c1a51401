"""What a Homie property stands for, by datatype, unit and name; ids are free, so the doubtful stays unclear."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from core.events import Metric
from ingest.formats.meaning import UNITS, Meaning, in_unit
from ingest.raw import PHYSICAL_RANGES

_TRUTHS: dict[str, Metric] = {
    **dict.fromkeys(("open", "opened", "opening", "closed", "door", "window", "gate", "contact"), Metric.OPEN),
    **dict.fromkeys(("motion", "movement", "pir", "occupancy", "occupied"), Metric.MOTION),
    **dict.fromkeys(("presence", "present"), Metric.PRESENCE),
    **dict.fromkeys(("wet", "leak", "leakage", "moisture", "flood"), Metric.WET),
    **dict.fromkeys(("smoke", "fire"), Metric.SMOKE),
    **dict.fromkeys(("gas",), Metric.GAS),
    **dict.fromkeys(("co", "monoxide"), Metric.CO),
    **dict.fromkeys(("sos", "panic", "emergency", "help"), Metric.SOS),
    **dict.fromkeys(("tamper", "tampered"), Metric.TAMPER),
}
_OF_ANYTHING = frozenset({"state", "value", "status", "alarm", "detected", "active", "alert", "triggered"})
_CLOSED_WORDS = frozenset({"closed", "close", "shut"})
_OPEN_WORDS = frozenset({"open", "opened", "ajar"})
_QUIET_WORDS = frozenset({"clear", "dry", "idle", "ok", "normal", "none", "no", "vacant", "off", "absent", "inactive"})
_METERED = frozenset({"water", "energy", "power", "battery", "consumption", "meter", "volume", "flow"})
_NOT_DRAWN = frozenset(
    {"gas", "produced", "export", "exported", "returned", "feed", "setpoint", "target", "rain", "oil"}
)
_HAZARDS = frozenset({Metric.SMOKE, Metric.GAS, Metric.CO, Metric.WET, Metric.SOS})
_WORDS = re.compile(r"[a-z]+")


class Property(NamedTuple):
    """A property as its description states it; `name` holds the words of node and property."""

    node: str
    id: str
    datatype: str
    unit: str = ""
    format: str = ""
    name: str = ""
    node_name: str = ""
    is_settable: bool = False


class Clear(NamedTuple):
    """What is clear about a property; `meaning` None: it is clear that nothing here asks for it."""

    meaning: Meaning | None
    is_main: bool = True
    words: Mapping[str, bool] | None = None


def compiled(properties: Mapping[str, Property]) -> dict[str, Clear]:
    """Return what is clear, by `<node>/<property>`; what is missing from the answer is unclear.

    Of several properties of one metric none speaks for the device, except that a hazard always does.
    """
    clear = {key: found for key, one in properties.items() if (found := _meant(one)) is not None}
    metrics = [one.meaning.metric for one in clear.values() if one.meaning is not None]
    return {
        key: one._replace(is_main=metrics.count(one.meaning.metric) == 1 or one.meaning.metric in _HAZARDS)
        if one.meaning is not None
        else one
        for key, one in clear.items()
    }


def _meant(one: Property) -> Clear | None:
    if one.is_settable:
        return Clear(None)  # a switch or a setpoint
    if one.datatype in {"integer", "float"}:
        return _number(one)
    if one.datatype == "boolean":
        return _truth(one)
    if one.datatype == "enum":
        labels = frozenset(one.format.split(","))
        if labels and labels <= _OPEN_WORDS | _CLOSED_WORDS:
            return Clear(Meaning(Metric.OPEN), words={label: label in _OPEN_WORDS for label in labels})
    return Clear(None)


def _truth(one: Property) -> Clear | None:
    words = _words(one.id, one.name)
    if words <= _OF_ANYTHING:
        words = _words(one.node, one.node_name)
    if "battery" in words and "low" in words:
        return Clear(Meaning(Metric.BATTERY_LOW))
    metric = next((_TRUTHS[word] for word in sorted(words) if word in _TRUTHS), None)
    if metric is None:
        return Clear(None)
    false_label, _, true_label = one.format.lower().partition(",")
    if metric is Metric.OPEN:
        is_labelled = {false_label, true_label} & (_OPEN_WORDS | _CLOSED_WORDS)
        if "contact" in words and not is_labelled:
            return None  # makers disagree whether a contact that is true is open or closed
        is_inverted = true_label in _CLOSED_WORDS or false_label in _OPEN_WORDS
        return Clear(Meaning(metric, is_inverted=is_inverted if is_labelled else "closed" in words))
    return Clear(Meaning(metric, is_inverted=true_label in _QUIET_WORDS))


def _number(one: Property) -> Clear | None:
    words = _words(one.id, one.name, one.node, one.node_name)
    known = UNITS.get(one.unit)
    if known is None:
        return None if words & _METERED and not one.unit else Clear(None)
    metric = known[0]
    is_asked_for = not words & _NOT_DRAWN and (metric is not Metric.BATTERY_PERCENT or "battery" in words)
    return Clear(in_unit(metric, one.unit, one.id) if is_asked_for and metric in PHYSICAL_RANGES else None)


def _words(*texts: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(" ".join(texts).lower()))
