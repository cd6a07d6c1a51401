"""Reads recordings to be scored: windows of events (hh101), hourly registers (DAIAD), any list of sensor values."""

import csv
import math
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

from app.evaluation.csv_text import Row, Table, read_table
from app.evaluation.csv_times import Times
from app.evaluation.date_order import date_order
from app.evaluation.events import read_events
from app.evaluation.guessing import guess
from app.evaluation.maps import ScoringMap, given_map
from app.evaluation.recordings import Recording, SensorUse, Span, device_of, reading_of
from app.evaluation.window_order import outings_of
from core.errors import ConfigurationError
from core.events import Metric, Reading
from core.ids import HomeId
from core.localtime import DEFAULT_ZONE_NAME, HOUR_MS, MINUTE_MS, zone
from device_sim.map_tables import device_name
from registry.homes import Device, DeviceRole, Home

WATER_ZONE = "Europe/Madrid"  # the DAIAD homes are in Alicante
WINDOW_MS = 5 * MINUTE_MS
MAX_PULSES = 3
"""Pulses of a room within a window; more change nothing for rules that look at half hours."""


def read_dataset(path: Path, name: str, map_path: Path | None, *, every_household: bool) -> list[Recording]:
    """Return the homes of a file, told by its header; raises ConfigurationError with file, line and remedy."""
    table = read_table(path)
    if table.header[:1] == ["window_start"]:
        return [_windows(path, name, table)]
    if table.header == ["user_key", "local_time", "meter_litres"]:
        return _registers(path, table.rows, every_household=every_household)
    return [read_events(path, name, table, map_path)]


def _registers(path: Path, rows: list[Row], *, every_household: bool) -> list[Recording]:
    alone = _one_person_keys(path) if not every_household else None
    homes: dict[str, Recording] = {}
    times = Times(zone(WATER_ZONE), date_order(path, ((line, row[1]) for line, row in rows if len(row) > 1)))
    for number, row in rows:
        try:
            key, local_time, litres = row
            if alone is not None and key not in alone:
                continue
            at_ms, value = times.ms(local_time), float(litres)
        except ValueError as error:
            raise ConfigurationError(str(error), where=f"{path}, line {number}", remedy="mend the line") from error
        found = homes.get(key)
        if found is None:
            home_id = HomeId(key[:8])
            meter = device_of(home_id, "water", DeviceRole.WATER_METER, beat_ms=HOUR_MS)
            home = Home(id=home_id, person_id=None, area="scored", devices=(meter,), zone_name=WATER_ZONE)
            found = homes[key] = Recording(name=key[:8], home=home, readings=[], source=str(path))
        if not math.isfinite(value):
            found.skipped["not a finite number"] += 1
            continue
        found.readings.append(reading_of(found.home.devices[0], Metric.WATER_TOTAL_L, value, at_ms))
    for recording in homes.values():
        recording.readings.sort(key=attrgetter("observed_at_ms"))
    return list(homes.values())


def _one_person_keys(path: Path) -> frozenset[str] | None:
    """Return the keys of homes of one person, from daiad_households.csv beside the file; None when it is not there."""
    beside = path.parent / "daiad_households.csv"
    if not beside.is_file():
        return None
    with beside.open(encoding="utf-8", newline="") as file:
        return frozenset(row["user_key"] for row in csv.DictReader(file) if row.get("members") == "1")


def _windows(path: Path, name: str, table: Table) -> Recording:
    rooms = [word for word in table.header[1:] if word[:1].isupper() or not word.isascii()]
    home_id = HomeId(device_name(name)[:40] or "home")
    given = given_map(path, None)
    zone_name = DEFAULT_ZONE_NAME if given is None else given.zone
    devices = {
        room: device_of(home_id, device_name(room), _role_of(room, given), room=device_name(room)) for room in rooms
    }
    times = Times(zone(zone_name), date_order(path, ((line, row[0]) for line, row in table.rows)))
    windows = list[tuple[int, dict[str, int]]]()
    for number, row in table.rows:
        try:
            counts = {room: int(row[1 + index]) for index, room in enumerate(rooms)}
            windows.append((times.ms(row[0]), counts))
        except (ValueError, IndexError) as error:
            raise ConfigurationError(str(error), where=f"{path}, line {number}", remedy="mend the line") from error
    windows.sort(key=lambda window: window[0])
    doors = frozenset(room for room in rooms if devices[room].role is DeviceRole.OUTSIDE_DOOR)
    leaves, comes = outings_of(windows, doors)
    readings = list[Reading]()
    for index, (start_ms, counts) in enumerate(windows):
        door_at = 0.95 if index in leaves else 0.02 if index in comes else 0.5
        readings += _window_readings(start_ms, counts, devices, door_at)
    readings.sort(key=attrgetter("observed_at_ms"))
    home = Home(id=home_id, person_id=None, area="scored", devices=tuple(devices.values()), zone_name=zone_name)
    note = "order inside a window is unknown: the door is last before a quiet that doors enclose, first after it"
    spans = _annotations(path, times)
    uses = [SensorUse(sensor=room, role=str(devices[room].role), room=room, told="by its heading") for room in rooms]
    return Recording(
        name=name,
        home=home,
        readings=readings,
        spans=spans,
        order_ms=WINDOW_MS,
        sensors=uses,
        source=str(path),
        notes=[note],
    )


def _role_of(room: str, given: ScoringMap | None) -> DeviceRole:
    if given is not None and room in given.sensors:
        return given.sensors[room].role
    return guess(room, {"OPEN" if "Door" in room or "门" in room else "ON"}) or DeviceRole.INTERIOR_MOTION


def _window_readings(
    start_ms: int, counts: dict[str, int], devices: dict[str, Device], door_at: float
) -> Iterator[Reading]:
    seen = [room for room, count in counts.items() if count]
    for index, room in enumerate(seen):
        device = devices[room]
        if device.role is DeviceRole.OUTSIDE_DOOR:
            at_ms = start_ms + int(door_at * WINDOW_MS)
            yield reading_of(device, Metric.OPEN, True, at_ms)
            yield reading_of(device, Metric.OPEN, False, at_ms + 3_000)
            continue
        pulses = min(max(counts[room] // 2, 1), MAX_PULSES)
        for pulse in range(pulses):
            share = (pulse + (index + 0.5) / len(seen)) / pulses
            at_ms = start_ms + int((0.08 + 0.8 * share) * WINDOW_MS)
            yield reading_of(device, Metric.MOTION, True, at_ms)
            yield reading_of(device, Metric.MOTION, False, at_ms + 2_000)


def _annotations(path: Path, times: Times) -> list[Span]:
    beside = path.parent / f"{path.name.split('_')[0]}_annotations.csv"
    if not beside.is_file():
        return []
    with beside.open(encoding="utf-8", newline="") as file:
        return [Span(times.ms(row["start"]), times.ms(row["end"]), row["label"]) for row in csv.DictReader(file)]
