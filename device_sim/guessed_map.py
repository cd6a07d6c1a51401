"""A sensor map guessed from names and values, for a recording that came without one; says what it guessed."""

import re
from pathlib import Path

from core.errors import ConfigurationError
from device_sim.map_tables import MappedSensor, device_name
from device_sim.recording import OFF_WORDS, ON_WORDS, read_lines
from device_sim.sensor_map import SensorMap, bare_sensor_map
from registry.homes import DeviceRole

MAX_SENSORS = 1_000
"""A home has a few hundred sensors at most; more names than this are another kind of file."""

_OUTSIDE = r"main|front|entry|entrance|outside|exit|door_?way"
_BY_NAME: tuple[tuple[str, DeviceRole], ...] = (
    (r"water|meter_l|litre|liter|flow", DeviceRole.WATER_METER),
    (r"kettle|cooker|stove_?w|plug", DeviceRole.APPLIANCE),
    (r"power|watt|electric", DeviceRole.POWER_METER),
    (r"temp|climate", DeviceRole.CLIMATE),
)


def guessed_sensor_map(path: Path, home_id: str) -> tuple[SensorMap, list[str]]:
    """Read the recording once; return a map and a sentence for each sensor, to be shown to the user.

    Raises ConfigurationError for a file that cannot be read, or a value that no sensor of ours gives.
    """
    values: dict[str, set[str]] = {}
    for line in read_lines(path):
        kinds = values.setdefault(line.sensor, set())
        kinds.add(_kind(line.value))
        if len(values) > MAX_SENSORS:
            raise ConfigurationError(
                f"more than {MAX_SENSORS} sensors", where=f"{path}, line {line.number}", remedy="give a sensor map"
            )
    sensors = {name: MappedSensor(role=_role(path, name, kinds)) for name, kinds in sorted(values.items())}
    if len({device_name(name) for name in sensors}) < len(sensors):
        raise ConfigurationError(
            "two sensors differ only in punctuation or case", where=str(path), remedy="give a sensor map, rename one"
        )
    said = [
        f"{name}: guessed {sensor.role.value} (care/{home_id}/{device_name(name)})" for name, sensor in sensors.items()
    ]
    return bare_sensor_map(home_id, sensors, where=f"the map guessed from {path.name}"), said


def _kind(value: str) -> str:
    word = value.strip().upper()
    if word in {"OPEN", "CLOSE", "CLOSED"}:
        return "door"
    if word in (ON_WORDS | OFF_WORDS) - {"0", "1"}:
        return "switch"
    return "number" if re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?", word) else "word"


def _role(path: Path, name: str, kinds: set[str]) -> DeviceRole:
    plain = device_name(name)
    if kinds == {"number"}:
        for pattern, role in _BY_NAME:
            if re.search(pattern, plain):
                return role
        raise _unguessable(path, name, "nothing says what its numbers count")
    if kinds == {"door"}:
        return DeviceRole.OUTSIDE_DOOR if re.search(_OUTSIDE, plain) else DeviceRole.INTERIOR_DOOR
    if kinds == {"switch"}:
        return _motion_role(plain)
    raise _unguessable(path, name, "its values are neither on/off, open/close nor numbers")


def _unguessable(path: Path, name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"sensor {name} cannot be guessed: {why}",
        where=str(path),
        remedy="give a sensor map, or remove the sensor's lines",
    )


def _motion_role(plain: str) -> DeviceRole:
    if re.search(r"(^|_)bed($|_|\d)", plain):
        return DeviceRole.BED_MOTION
    if re.search(r"bath|toilet|shower|wc", plain):
        return DeviceRole.BATHROOM_MOTION
    if re.search(r"(main|front|outside).*(entry|door)|entrance|exit", plain):
        return DeviceRole.OUTSIDE_DOOR_MOTION
    return DeviceRole.INTERIOR_MOTION
