"""A reading as a line of line protocol, and the schema that dashboards stand on: measurements, tags, fields."""

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

NS_PER_MS = 1_000_000
_TAG_ESCAPES = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})
_STORED = str.maketrans({"\\": "/", "\n": " ", "\r": " "})  # what line protocol has no escape for
_TEXT_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": " ", "\r": " "})


def line_of(reading: Reading) -> str:
    """Return one line: pseudonymous tags, typed fields, integer nanoseconds.

    Two readings of one millisecond differ in their seq, so that stands in the nanoseconds below it: 0 for none, or
    one more than its last six digits.
    """
    measurement = "liveness" if reading.metric in LIVENESS_METRICS else "readings"
    tags = f"home={_tag(reading.home_id)},device={_tag(reading.device_id)},metric={_tag(reading.metric.value)}"
    fields = f"{_value(reading)},received_at_ms={reading.received_at_ms}i,flags={reading.flags}i"
    place = 0
    if reading.seq is not None:
        fields += f",seq={reading.seq}i"
        place = 1 + reading.seq % (NS_PER_MS - 1)
    return f"{measurement},{tags} {fields} {reading.observed_at_ms * NS_PER_MS + place}"


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
