"""SenML packs (RFC 8428, JSON) inside our own convention: many readings of one home's devices in one message."""

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from core.events import Metric
from core.log import ParkReason
from ingest.formats.device_time import device_time_ms
from ingest.formats.json_body import JsonObject
from ingest.formats.meaning import Installed, Meaning, in_unit
from ingest.raw import PHYSICAL_RANGES, Message, RawReading, UnreadableError

VERSION = 10
"""The version that RFC 8428 describes; a pack that claims a later one may mean something else."""

RELATIVE_BELOW_S = 1 << 28
"""RFC 8428, 4.5.3: a smaller time counts from now; the first absolute one lies in July 1978."""

MAX_RECORDS = 5_000
"""A day of one home at a record every 20 s; the payload's own limit comes first as a rule."""

LARGEST = 1e18
"""No time and no quantity of a home is larger, and sums of such numbers stay finite."""

MAX_UNITS = 1_024
"""Pairs of a metric and a unit kept resolved; some fifty exist."""

_PLAIN = {metric.value: Meaning(metric) for metric in Metric if metric is not Metric.REMOVED}
_FIELDS = frozenset({"bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"})
_MARKS = frozenset({"bn", "n", "bt", "bver"})


def is_pack(records: Sequence[object]) -> bool:
    """Return whether a list of objects is a SenML pack: its first record has a SenML name, time or version."""
    if not records or not isinstance(records[0], dict):
        return False
    return not _MARKS.isdisjoint(cast("JsonObject", records[0]))


def decode(records: Sequence[object], address: str, message: Message, installed: Installed) -> list[RawReading]:
    """Return a reading for each record that has a value; raises UnreadableError.

    A name is `<metric>` for the topic's own device, `<device>/<metric>` or `care/<home>/<device>/<metric>` for
    another of the same home. A sum (`s`) is no reading: it is an integral whose beginning nobody states.
    """
    if len(records) > MAX_RECORDS:
        raise UnreadableError(ParkReason.TOO_LARGE, f"{len(records)} SenML records; the limit is {MAX_RECORDS}")
    pack = _Pack(address, message, installed)
    return [reading for record in records for reading in pack.readings(record)]


class _Pack:
    """The base fields as they stand at a record: each holds until another replaces it."""

    def __init__(self, address: str, message: Message, installed: Installed) -> None:
        self._installed = installed
        self._address = address
        self._home = address.rpartition("/")[0] + "/"
        self._message = message
        self._name, self._unit, self._time_s, self._value = "", "", 0.0, 0.0

    def readings(self, record: object) -> list[RawReading]:
        if not isinstance(record, dict):
            raise UnreadableError(ParkReason.UNDECODABLE, "a SenML record is an object")
        fields = cast("JsonObject", record)
        self._rebase(fields)
        given = self._given(fields)
        if given is None:
            return []
        address, meaning = self._resolved(self._name + _text(fields, "n"), _text(fields, "u") or self._unit)
        return [
            RawReading(
                address=address,
                metric=meaning.metric,
                value=meaning.value_of(given),
                observed_at_ms=self._time_ms(fields),
                is_replay=self._message.retain,
            )
        ]

    def _rebase(self, fields: JsonObject) -> None:
        if not fields.keys() <= _FIELDS:
            name = next((name for name in fields if name not in _FIELDS and name.endswith("_")), None)
            if name is not None:
                raise UnreadableError(ParkReason.UNDECODABLE, f"SenML field {name:.40} must be understood and is not")
        if "bver" in fields and _number(fields, "bver") > VERSION:
            raise UnreadableError(ParkReason.UNDECODABLE, f"SenML version {fields['bver']!r:.20} is not known")
        self._name = _text(fields, "bn") if "bn" in fields else self._name
        self._unit = _text(fields, "bu") if "bu" in fields else self._unit
        self._time_s = _number(fields, "bt") if "bt" in fields else self._time_s
        self._value = _number(fields, "bv") if "bv" in fields else self._value

    def _given(self, fields: JsonObject) -> object:
        if "v" in fields:
            return _number(fields, "v") + self._value
        return fields.get("vb", fields.get("vs"))

    def _resolved(self, name: str, unit: str) -> tuple[str, Meaning]:
        before, _, last = name.rpartition("/")
        meaning = _in_unit(last, unit) if unit else _PLAIN.get(last)  # our metric's name states the unit
        if meaning is None:
            raise UnreadableError(ParkReason.UNKNOWN_MEANING, f"SenML name {name!r:.60} does not end in a metric")
        if not before:
            return self._address, self._stated(self._address, last, meaning)
        address = before if before.startswith("care/") else self._home + before
        if not address.startswith(self._home) or address.count("/") != self._home.count("/"):
            raise UnreadableError(ParkReason.UNKNOWN_DEVICE, f"SenML name {name!r:.60} is outside {self._home}")
        return address, self._stated(address, last, meaning)

    def _stated(self, address: str, name: str, meaning: Meaning) -> Meaning:
        """Return what the install record says a counter's step is worth, in place of the pack's own unit."""
        stated = self._installed.factor(address, name) if self._installed.record(address) else None
        return stated if stated is not None and stated.metric is meaning.metric else meaning

    def _time_ms(self, fields: JsonObject) -> int | None:
        seconds = self._time_s + (_number(fields, "t") if "t" in fields else 0.0)
        if seconds == 0:  # "now": the device states no time of its own
            return None
        if seconds < RELATIVE_BELOW_S:
            return self._message.received_at_ms + round(seconds * 1000)
        return device_time_ms(round(seconds * 1000))


@lru_cache(maxsize=MAX_UNITS)
def _in_unit(name: str, unit: str) -> Meaning | None:
    plain = _PLAIN.get(name)
    return plain if plain is None or plain.metric not in PHYSICAL_RANGES else in_unit(plain.metric, unit, name)


def _text(fields: JsonObject, name: str) -> str:
    value = fields.get(name, "")
    if isinstance(value, str):
        return value
    raise UnreadableError(ParkReason.UNDECODABLE, f"SenML {name} must be a text, not {value!r:.40}")


def _number(fields: JsonObject, name: str) -> float:
    value = fields[name]
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST:
        return value
    raise UnreadableError(ParkReason.ABSURD_VALUE, f"SenML {name} must be a number, not {value!r:.40}")
