"""Which sensor of a recording means what, as a small map beside it says; guesses nothing."""

import csv
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import msgspec

from core.errors import ConfigurationError
from core.events import Metric
from core.localtime import DEFAULT_ZONE_NAME, zone
from registry.homes import DeviceRole


class Sensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one sensor of a recording means."""

    role: DeviceRole
    room: str = ""
    metric: Metric | None = None  # None: what its unit and its numbers tell
    unit: str = ""  # of its numbers: L, m3, L/h, Wh, kWh, W ...; empty: what the recording says


class ScoringMap(msgspec.Struct, kw_only=True):
    """All sensors of a recording that are used."""

    sensors: dict[str, Sensor]
    where: str
    zone: str = DEFAULT_ZONE_NAME


def given_map(path: Path, map_path: Path | None) -> ScoringMap | None:
    """Return the map that was given, or the one beside a recording (<name>.toml or .map.csv); None without one."""
    stem = path.name.removesuffix(".gz").removesuffix(".csv")
    beside = [path.parent / f"{stem}.toml", path.parent / f"{stem}.map.csv"]
    chosen = map_path or next((file for file in beside if file.is_file()), None)
    return None if chosen is None else _read(chosen)


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
