"""A reading as a line of line protocol, and the schema that dashboards stand on: measurements, tags, fields."""

from collections.abc import Mapping

from core.events import LIVENESS_METRICS, Reading
from core.ids import DeviceId, HomeId

MEASUREMENTS = ("readings", "liveness")
TAGS = ("home", "device", "metric")
FIELDS = {
    "value_num": "float",
    "value_bool": "boolean",
    "value_text": "string",
    "received_at_ms": "integer",
    "flags": "integer",
    "seq": "integer",
}
"""By their InfluxDB type. No tag and no field names a person: homes and devices are pseudonyms."""

SERVICE_MEASUREMENT = "service"
SERVICE_FIELDS = (
    "homes",
    "blind_homes",
    "open_alerts",
    "parked_messages",
    "parked_lines",
    "rules_lag",
    "problems",
    "storage_share",
)
"""Figures of the service itself, each minute, all floats, without tags; sent once, not journalled."""

NS_PER_MS = 1_000_000
SEQ_PLACES = 998_999
_TAG_ESCAPES = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})
_STORED = str.maketrans({"\\": "/", "\n": " ", "\r": " "})  # what line protocol has no escape for
_TEXT_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": " ", "\r": " "})


def line_of(reading: Reading, nth: int = 0) -> str:
    """Return one line: pseudonymous tags, typed fields, integer nanoseconds.

    What tells readings of one millisecond apart stands in the nanoseconds below it: of those with a seq one more than
    its rest by SEQ_PLACES; of those without, 0 for the first value, then the thousand above the others (`nth`).
    """
    measurement = "liveness" if reading.metric in LIVENESS_METRICS else "readings"
    tags = f"home={_tag(reading.home_id)},device={_tag(reading.device_id)},metric={_tag(reading.metric.value)}"
    fields = f"{_value(reading)},received_at_ms={reading.received_at_ms}i,flags={reading.flags}i"
    place = 0 if nth == 0 else SEQ_PLACES + 1 + nth % (NS_PER_MS - SEQ_PLACES - 1)
    if reading.seq is not None:
        fields += f",seq={reading.seq}i"
        place = 1 + reading.seq % SEQ_PLACES
    return f"{measurement},{tags} {fields} {reading.observed_at_ms * NS_PER_MS + place}"


def service_line(figures: Mapping[str, float], at_ms: int) -> str:
    """Return the service's own figures as a line."""
    fields = ",".join(f"{name}={float(figures[name])!r}" for name in SERVICE_FIELDS)
    return f"{SERVICE_MEASUREMENT} {fields} {at_ms * NS_PER_MS}"


def stored(name: HomeId | DeviceId) -> str:
    """Return an id as it stands in a tag: without what line protocol cannot carry."""
    return name.translate(_STORED)


def _tag(text: str) -> str:
    return text.translate(_STORED).translate(_TAG_ESCAPES)


def _value(reading: Reading) -> str:
    value = reading.value
    if isinstance(value, bool):
        return f"value_bool={'true' if value else 'false'}"
    if isinstance(value, str):
        return f'value_text="{value.translate(_TEXT_ESCAPES)}"'
    return f"value_num={float(value)!r}"
