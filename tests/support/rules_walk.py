"""Drives an engine along a log as the pipeline does: deadlines first, then the readings of each moment."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from core.events import Metric, Reading, Value
from core.ids import DeviceId, HomeId
from core.localtime import to_ms, zone
from registry.homes import Device, DeviceRole, Home
from rules.engine import Engine
from rules.findings import Finding

HOME_ID = HomeId("h1")
SHANGHAI = zone("Asia/Shanghai")


def at(text: str) -> int:
    """Return the UTC ms of a local time in Shanghai."""
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


def home_of(heartbeat_ms: int | None = None, *, is_key_person: bool = False, **limits: float) -> Home:
    """Return a home with one device of each role that the rules know."""
    roles = {
        "kitchen": DeviceRole.INTERIOR_MOTION,
        "hall": DeviceRole.INTERIOR_MOTION,
        "bed": DeviceRole.BED_MOTION,
        "door": DeviceRole.OUTSIDE_DOOR,
        "entry": DeviceRole.OUTSIDE_DOOR_MOTION,
        "water": DeviceRole.WATER_METER,
        "kettle": DeviceRole.APPLIANCE,
        "sos": DeviceRole.SOS_BUTTON,
        "leak": DeviceRole.LEAK,
    }
    devices = [
        Device(id=DeviceId(name), home_id=HOME_ID, address=f"care/h1/{name}", role=role, room=name)
        for name, role in roles.items()
    ]
    devices.append(
        Device(
            id=DeviceId("gateway"),
            home_id=HOME_ID,
            address="care/h1/gateway",
            role=DeviceRole.GATEWAY,
            heartbeat_ms=heartbeat_ms,
        )
    )
    return Home(
        id=HOME_ID, person_id=None, area="a", devices=tuple(devices), is_key_person=is_key_person, limits=limits
    )


def reading(device: str, metric: Metric, value: Value, at_ms: int, **more) -> Reading:
    """Return a reading that arrives the moment it is observed."""
    return Reading(HOME_ID, DeviceId(device), metric, value, at_ms, at_ms, **more)


def motion(device: str, at_ms: int) -> list[Reading]:
    """Return one pulse of a motion sensor."""
    return [reading(device, Metric.MOTION, True, at_ms), reading(device, Metric.MOTION, False, at_ms + 1000)]


def door(is_open: Value, at_ms: int) -> Reading:
    """Return an edge of the front door."""
    return reading("door", Metric.OPEN, is_open, at_ms)


def walk(engine: Engine, readings: Iterable[Reading], until_ms: int) -> list[Finding]:
    """Return every finding of a log: each reading's moment is judged first, then the reading is taken in."""
    found: list[Finding] = []
    for one in readings:
        found += engine.on_time(one.observed_at_ms)
        found += engine.on_readings(one.observed_at_ms, [one])
    return found + list(engine.on_time(until_ms))


def recorded(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Yield (UTC ms, sensor, is on) of a recording in local_time,sensor,value."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield at(row["local_time"]), row["sensor"], row["value"] == "ON"


def recorded_home(sensors: Iterable[str]) -> Home:
    """Return a home with one device per recorded sensor; MainEntryway stands for the outside door."""
    roles = {"MainEntryway": DeviceRole.OUTSIDE_DOOR_MOTION, "BedroomABed": DeviceRole.BED_MOTION}
    roles["BedroomBBed"] = DeviceRole.BED_MOTION
    return Home(
        id=HOME_ID,
        person_id=None,
        area="a",
        devices=tuple(
            Device(
                id=DeviceId(sensor),
                home_id=HOME_ID,
                address=f"care/h1/{sensor}",
                role=roles.get(sensor, DeviceRole.INTERIOR_MOTION),
                room=sensor,
            )
            for sensor in sensors
        ),
    )
