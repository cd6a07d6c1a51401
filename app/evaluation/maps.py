"""Which sensor of a recording means what: a small map beside it, or a guess from names and values that is told."""

import csv
import re
import tomllib
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import msgspec

from core.errors import ConfigurationError
from core.events import Metric
from core.localtime import DEFAULT_ZONE_NAME, zone
from device_sim.map_tables import device_name
from registry.homes import DeviceRole

_DOOR = re.compile(r"(outside|front|main|entr\w*|exit|apartment|back)_?(door|entry\w*)|^d\d+$|entrance|^door$")
_ROOMS = (
    (re.compile(r"toilet|bath|shower|wc|washroom"), DeviceRole.BATHROOM_MOTION),
    (re.compile(r"(^|_)bed($|_|\d)"), DeviceRole.BED_MOTION),
)
_NUMBERS = (
    (re.compile(r"kettle|cooker|stove|oven|plug|microwave"), DeviceRole.APPLIANCE),
    (re.compile(r"power|watt|electric|mains"), DeviceRole.POWER_METER),
    (re.compile(r"water|meter|litre|liter|flow|basin|sink|shower|toilet|bidet|dish|wash|tap|faucet|kitchen"),
     DeviceRole.WATER_METER),
    (re.compile(r"temp|climate|^t\d+$"), DeviceRole.CLIMATE),
)  # fmt: skip
_BITS = frozenset({"0", "1"})
"""A sensor that says nothing else switches; a meter says more."""

_SWITCH_WORDS = frozenset({"ON", "OFF", "OPEN", "CLOSE", "CLOSED", "TRUE", "FALSE", "PRESENT", "ABSENT", "MOTION"})


class Sensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one sensor of a recording means."""

    role: DeviceRole
    room: str = ""
    metric: Metric | None = None  # None: what the role usually shows


class ScoringMap(msgspec.Struct, kw_only=True):
    """All sensors of a recording that are used."""

    sensors: dict[str, Sensor]
    zone: str = DEFAULT_ZONE_NAME
    where: str = "guessed"
    guesses: list[str] = []


def sensors_of(
    path: Path, map_path: Path | None, values: Mapping[str, set[str]], growing: Container[str] = ()
) -> ScoringMap:
    """Return the map of a recording: the one given, the one beside it (<name>.toml or .map.csv), or a guess.

    `growing` are the sensors whose numbers only grow: registers, where the others show a flow.
    """
    stem = path.name.removesuffix(".gz").removesuffix(".csv")
    beside = [path.parent / f"{stem}.toml", path.parent / f"{stem}.map.csv"]
    chosen = map_path or next((file for file in beside if file.is_file()), None)
    if chosen is not None:
        return _with_flows(_read(chosen), growing)
    found = ScoringMap(sensors={})
    for sensor, words in sorted(values.items()):
        role = guess(sensor, words)
        if role is None:
            found.guesses.append(f"{sensor}: left out, nothing says what it is")
            continue
        found.sensors[sensor] = Sensor(role, room=device_name(sensor))
        found.guesses.append(f"{sensor}: guessed {role}")
    return _with_flows(found, growing)


def guess(sensor: str, words: set[str]) -> DeviceRole | None:
    """Return what a sensor probably is, from its name and its values; None when nothing tells."""
    plain = device_name(sensor)
    if words & _SWITCH_WORDS or words <= _BITS:
        if _DOOR.search(plain):
            is_contact = bool(words & {"OPEN", "CLOSE", "CLOSED"}) or plain.endswith("door")
            return DeviceRole.OUTSIDE_DOOR if is_contact else DeviceRole.OUTSIDE_DOOR_MOTION
        if words & {"OPEN", "CLOSE", "CLOSED"}:
            return DeviceRole.INTERIOR_DOOR
        return next((role for pattern, role in _ROOMS if pattern.search(plain)), DeviceRole.INTERIOR_MOTION)
    return next((role for pattern, role in _NUMBERS if pattern.search(plain)), None)


def _with_flows(found: ScoringMap, growing: Container[str]) -> ScoringMap:
    """Take a water meter whose numbers also fall for one that shows a flow, unless its map says what it shows."""
    for name, sensor in found.sensors.items():
        if sensor.role is DeviceRole.WATER_METER and sensor.metric is None and name not in growing:
            found.sensors[name] = msgspec.structs.replace(sensor, metric=Metric.WATER_FLOW_L_H)
            found.guesses.append(f"{name}: its numbers fall too, taken for a flow in L/h")
    return found


def _read(path: Path) -> ScoringMap:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the sensor map cannot be read ({error})", where=str(path), remedy="name a readable file"
        ) from error
    if path.suffix == ".csv":
        return _read_csv(path, text)
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"not TOML: {error}", where=str(path), remedy="mend that line") from error
    given: dict[str, Any] = tables.get("sensor") or tables.get("sensors") or {}
    zone_name = str(tables.get("zone") or tables.get("home", {}).get("zone") or DEFAULT_ZONE_NAME)
    sensors = {name: _sensor(path, text, name, value) for name, value in given.items()}
    return _checked(path, ScoringMap(sensors=sensors, zone=zone_name, where=path.name))


def _read_csv(path: Path, text: str) -> ScoringMap:
    rows = [row for row in csv.reader(text.splitlines()) if row and row[0] != "sensor"]
    sensors = {row[0]: _sensor(path, text, row[0], dict(zip(("role", "room"), row[1:], strict=False))) for row in rows}
    return _checked(path, ScoringMap(sensors=sensors, where=path.name))


def _checked(path: Path, found: ScoringMap) -> ScoringMap:
    if not found.sensors:
        raise ConfigurationError(
            "no sensors", where=str(path), remedy='add [sensor] with lines like Kitchen = "interior_motion"'
        )
    try:
        zone(found.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            f"no such zone: {found.zone!r}", where=str(path), remedy='use an IANA name, e.g. "Europe/Madrid"'
        ) from error
    return found


def _sensor(path: Path, text: str, name: str, value: object) -> Sensor:
    try:
        return msgspec.convert({"role": value} if isinstance(value, str) else value, Sensor)
    except msgspec.ValidationError as error:
        line = next((number for number, line in enumerate(text.splitlines(), 1) if name in line), None)
        raise ConfigurationError(
            f"sensor {name}: {error}",
            where=str(path) if line is None else f"{path}, line {line}",
            remedy=f"use one of {', '.join(DeviceRole)}",
        ) from error
