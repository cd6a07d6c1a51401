"""The tables of a sensor map as its TOML text writes them; refuses a wrong one with its line and a remedy."""

import re
import tomllib
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfoNotFoundError

import msgspec

from core.errors import ConfigurationError
from core.localtime import DEFAULT_ZONE_NAME, zone
from core.toml_source import A_DATE, no_toml
from registry.devices import LONGEST_HEARTBEAT_S
from registry.homes import ContactRole, DeviceRole
from registry.people import Capacity, Category
from rules.limit_values import LimitError, limit_value

T = TypeVar("T")

DATES = frozenset({"birth_date"})

_HOME_ID = re.compile(r"[a-z0-9_-]{1,40}")
_KNOWN = frozenset({"home", "person", "contact", "sensor"})


class MappedSensor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a sensor hangs and what its signal means."""

    role: DeviceRole
    room: str = ""
    heartbeat_s: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_HEARTBEAT_S)] | None = None  # it speaks at least so often
    address: str = ""  # what its messages are filed under; empty: care/<home>/<name>
    units: dict[str, str] = {}  # the install record: payload property -> unit or metric


class HomeTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[home]`."""

    id: str
    area: str = "shuren/qiaotou/g1"
    zone: str = DEFAULT_ZONE_NAME
    is_key_person: bool = False
    limits: dict[str, float] = {}


class PersonTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[person]`."""

    name: str = ""
    phone: str = ""
    birth_date: date | None = None
    categories: frozenset[Category] = frozenset({Category.ALONE})
    capacity: Capacity | None = None
    address: str = ""
    mobile_home_phone: bool = True


class ContactTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[contact]]`; their order in the file is the order of calls."""

    role: ContactRole
    name: str = ""
    phone: str = ""
    relation: str = ""
    is_registered_visitor: bool = False


def device_name(sensor: str) -> str:
    """Return a sensor's name as topics write it: BedroomABed -> bedroom_a_bed; may be empty."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", sensor)
    return re.sub(r"\W+", "_", words.lower()).strip("_")


class MapTables:
    """One TOML text, taken apart table by table."""

    def __init__(self, text: str, where: str) -> None:
        """Raise ConfigurationError when the text is not TOML or has a table that no map has."""
        self._lines = text.splitlines()
        self._where = where
        try:
            self._tables: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._error(*no_toml(error, text, "mend that line")) from error
        for name in self._tables.keys() - _KNOWN:
            raise self._error(
                f"unknown table `{name}`", self._line(rf"\[*{re.escape(name)}\b"), f"use {', '.join(sorted(_KNOWN))}"
            )

    def home(self) -> HomeTable:
        """Return `[home]`; its id is a piece of a topic and its zone is a known one."""
        if "home" not in self._tables:
            raise self._error("no [home]", None, 'add [home] with id = "h0123"')
        line = self._line(r"\[home\]")
        home = self._read(self._tables["home"], HomeTable, lambda key: self._key_line(line, key))
        if not _HOME_ID.fullmatch(home.id):
            raise self._error(
                f"id {home.id!r} cannot be part of a topic", self._key_line(line, "id"), "use a-z, 0-9, _ and -"
            )
        try:
            zone(home.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise self._error(
                f"no such zone: {home.zone!r}", self._key_line(line, "zone"), 'use an IANA name, e.g. "Asia/Shanghai"'
            ) from error
        for name, value in home.limits.items():
            try:
                limit_value(name, value)
            except LimitError as error:
                at = self._line(rf"{re.escape(name)}\s*=") or self._key_line(line, "limits")
                raise self._error(error.what, at, error.remedy) from error
        return home

    def person(self) -> PersonTable:
        """Return `[person]`, or a person of whom nothing is known."""
        line = self._line(r"\[person\]")
        return self._read(self._tables.get("person", {}), PersonTable, lambda key: self._key_line(line, key))

    def contacts(self) -> list[ContactTable]:
        """Return each `[[contact]]`."""
        found: list[ContactTable] = []
        for number, table in enumerate(self._tables.get("contact", [])):
            line = self._line(r"\[\[contact\]\]", number)
            found.append(self._read(table, ContactTable, lambda key, line=line: self._key_line(line, key)))
        return found

    def sensors(self) -> dict[str, MappedSensor]:
        """Return `[sensor]`, by the name the recording uses."""
        tables = self._tables.get("sensor")
        if not isinstance(tables, dict) or not tables:
            raise self._error("no sensors", None, 'add [sensor] with lines like X = { role = "interior_motion" }')
        named: dict[str, Any] = tables  # pyright: ignore[reportUnknownVariableType]  # TOML keys are text
        found: dict[str, MappedSensor] = {}
        taken: dict[str, str] = {}
        for name, table in named.items():
            line = self._line(rf"(\[sensor\.)?\"?{re.escape(name)}\"?(\]|\s*=|\.)")
            other = taken.setdefault(device_name(name), name)
            if other != name or not device_name(name):
                what = f"{name!r} and {other!r} would both be device {device_name(name)!r}"
                raise self._error(what, line, "give each sensor a name of its own, in letters and digits")
            found[name] = self._sensor(table, line)
        return found

    def _sensor(self, table: object, line: int | None) -> MappedSensor:
        return self._read(table, MappedSensor, lambda _: line)

    def _read(self, table: object, kind: type[T], line_of: Callable[[str], int | None]) -> T:
        try:
            return msgspec.convert(table, kind)
        except msgspec.ValidationError as error:
            text = str(error)
            blamed = re.search(r"\$\.(\w+)|field `(\w+)`", text)
            key = (blamed[1] or blamed[2]) if blamed else ""
            what = f"{key} is no date" if key in DATES else text
            raise self._error(what, line_of(key), _remedy(kind, key)) from error

    def _key_line(self, header: int | None, key: str) -> int | None:
        """Return the line of a key below a header, or the header's own."""
        after = self._lines[header or 0 :]
        for number, line in enumerate(after, start=(header or 0) + 1):
            if line.lstrip().startswith("["):
                break
            if key and re.match(rf"\s*{re.escape(key)}\s*=", line):
                return number
        return header

    def _line(self, pattern: str, skip: int = 0) -> int | None:
        hits = [number for number, line in enumerate(self._lines, start=1) if re.match(rf"\s*{pattern}", line)]
        return hits[skip] if len(hits) > skip else None

    def _error(self, what: str, line: int | None, remedy: str) -> ConfigurationError:
        where = self._where if line is None else f"{self._where}, line {line}"
        return ConfigurationError(what, where=where, remedy=remedy)


def _remedy(kind: type[object], key: str) -> str:
    choices = {
        "role": ContactRole if kind is ContactTable else DeviceRole,
        "capacity": Capacity,
        "categories": Category,
    }
    if key in DATES:
        return A_DATE
    if key == "heartbeat_s":
        return f"write whole seconds from 1 to {LONGEST_HEARTBEAT_S} (31 days), or leave it out: it promises nothing"
    if key in choices:
        return f"use one of {', '.join(choices[key])}"
    return f"use {', '.join(kind.__annotations__)}"
