"""Reads recordings to be scored: windows of events (hh101), hourly registers (DAIAD), any list of sensor values."""

import contextlib
import csv
import gzip
import itertools
import math
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from app.evaluation.maps import ScoringMap, sensors_of
from app.evaluation.recordings import Ordinals, Recording, Span, device_of, reading_of
from core.errors import ConfigurationError
from core.events import Metric, Reading, Value
from core.ids import HomeId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS, zone
from device_sim.map_tables import device_name
from device_sim.recording import OFF_WORDS, ON_WORDS
from device_sim.sensor_map import METRIC_OF_ROLE
from registry.homes import Device, DeviceRole, Home

WATER_ZONE = "Europe/Madrid"  # the DAIAD homes are in Alicante
EARLIEST_MS = 946_684_800_000  # 2000-01-01: an older stamp is a clock that was never set
WINDOW_MS = 5 * MINUTE_MS
QUIET_MS = 15 * MINUTE_MS
"""A window ends five minutes after it starts; so long after its start, ten minutes were quiet."""

MAX_PULSES = 3
"""Pulses of a room within a window; more change nothing for rules that look at half hours."""

STEADY_MS = (MINUTE_MS, 6 * HOUR_MS)
"""A meter that reports about this often, whether water flows or not, is missed when it does not."""

PULSE_MS = 2_000
"""How long a sensor that never says "off" is taken to be on: each of its lines is an event of its own."""

MAX_FALLS = 0.02
"""A register that was reset or replaced steps back once; a flow falls at every second line."""

LEAST_LINES = 20
NUMBERS = frozenset({Metric.WATER_TOTAL_L, Metric.WATER_FLOW_L_H, Metric.POWER_W, Metric.TEMPERATURE_C})


def read_dataset(path: Path, name: str, map_path: Path | None, *, every_household: bool) -> list[Recording]:
    """Return the homes of a file, told by its header; raises ConfigurationError with file, line and remedy."""
    header, rows = _rows(path)
    if header[:1] == ["window_start"]:
        return [_windows(path, name, header, rows)]
    if header == ["user_key", "local_time", "meter_litres"]:
        return _registers(path, rows, every_household=every_household)
    if header == ["local_time", "sensor", "value"]:
        return [_events(path, name, rows, map_path)]
    raise ConfigurationError(
        f"the header is {','.join(header)!r:.80}",
        where=f"{path}, line 1",
        remedy="use local_time,sensor,value | user_key,local_time,meter_litres | window_start,<room>,...",
    )


def _rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header, and every other row with the number of its line."""
    with _opened(path) as file:
        reader = csv.reader(file)
        try:
            header = next(reader, list[str]())
            rows = [(reader.line_num, row) for row in reader]
        except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
            raise _unreadable(path, reader.line_num + 1, error) from error
    return [word.strip().lstrip("\ufeff") for word in header], rows


def _opened(path: Path) -> TextIO:
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rt", encoding="utf-8", newline="")
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise _unreadable(path, 1, error) from error


def _unreadable(path: Path, line: int, error: Exception) -> ConfigurationError:
    return ConfigurationError(f"not readable ({error})", where=f"{path}, line {line}", remedy="restore the file")


def _events(path: Path, name: str, rows: list[tuple[int, list[str]]], map_path: Path | None) -> Recording:
    lines = [(number, row) for number, row in rows if row]
    home_id = HomeId(device_name(name)[:40] or "home")
    values: dict[str, set[str]] = {}
    for _, row in lines:
        if len(row) == len(("time", "sensor", "value")):
            values.setdefault(row[1], set()).add(row[2].strip().upper())
    mapped = sensors_of(path, map_path, values, _growing(lines))
    devices = {
        sensor: device_of(home_id, device_name(sensor), entry.role, room=entry.room)
        for sensor, entry in mapped.sensors.items()
    }
    pulsing = {sensor for sensor, words in values.items() if not any(_is_off(word) for word in words)}
    readings, skipped = _read_lines(lines, mapped, devices, pulsing)
    used = len(lines) - sum(skipped.values())
    if used < LEAST_LINES:
        raise ConfigurationError(
            f"only {used} lines could be used ({_reasons(skipped)})",
            where=str(path),
            remedy="check the values and the sensor map (docs/evaluation.md)",
        )
    readings.sort(key=_observed)
    readings, devices = _totals(readings, devices)
    home = Home(id=home_id, person_id=None, area="scored", devices=tuple(devices.values()), zone_name=mapped.zone)
    notes = [f"sensor map: {mapped.where}", *mapped.guesses]
    notes += [f"{sensor}: never says off, each line is an event" for sensor in sorted(pulsing & devices.keys())]
    return Recording(name=name, home=home, readings=readings, skipped=skipped, notes=notes)


def _reasons(skipped: Counter[str]) -> str:
    return "; ".join(f"{count} left out: {reason}" for reason, count in skipped.most_common(3)) or "there are no more"


def _read_lines(
    lines: list[tuple[int, list[str]]], mapped: ScoringMap, devices: dict[str, Device], pulsing: set[str]
) -> tuple[list[Reading], Counter[str]]:
    times, skipped, readings = Ordinals(zone(mapped.zone)), Counter[str](), list[Reading]()
    for _, row in lines:
        try:
            local_time, sensor, word = row
            device = devices[sensor]
            at_ms = times.ms(local_time)
            if at_ms < EARLIEST_MS:
                skipped["a clock that was never set"] += 1
                continue
            metric = mapped.sensors[sensor].metric or METRIC_OF_ROLE[device.role]
            readings.append(reading_of(device, metric, _value(word, metric), at_ms))
            if sensor in pulsing and metric not in NUMBERS:
                readings.append(reading_of(device, metric, False, at_ms + PULSE_MS))
        except KeyError:
            skipped["a sensor that the map leaves out"] += 1
        except ValueError as error:
            skipped[f"{error!s:.60}"] += 1
    return readings, skipped


def _totals(readings: list[Reading], devices: dict[str, Device]) -> tuple[list[Reading], dict[str, Device]]:
    """Give meters that report steadily a heartbeat: their silence is then blindness, not stillness."""
    beats: dict[str, Device] = {}
    for sensor, device in devices.items():
        times = [r.observed_at_ms for r in readings if r.device_id == device.id][:2000]
        steps = [b - a for a, b in itertools.pairwise(times)]
        is_meter = device.role in {DeviceRole.WATER_METER, DeviceRole.POWER_METER}
        usual_ms = statistics.median(steps) if len(steps) > LEAST_LINES else 0
        is_steady = STEADY_MS[0] <= usual_ms <= STEADY_MS[1] and sum(s <= 1.5 * usual_ms for s in steps) > 0.8 * len(
            steps
        )
        beat_ms = max(int(usual_ms), 10 * MINUTE_MS) if is_meter and is_steady else None
        beats[sensor] = msgspec.structs.replace(device, heartbeat_ms=beat_ms)
    return readings, beats


def _value(word: str, metric: Metric) -> Value:
    if metric in NUMBERS:
        number = float(word)
        if not math.isfinite(number) or number < 0 <= -number:
            raise ValueError("not a number that a meter gives")
        return number
    plain = word.strip().upper()
    if plain in ON_WORDS or plain in OFF_WORDS:
        return plain in ON_WORDS
    return float(plain) > 0  # a count of events, or the force of a signal


def _growing(lines: list[tuple[int, list[str]]]) -> set[str]:
    """Return the sensors whose numbers hardly ever fall from one line to the next in time, and grow in the end."""
    rows = sorted(row for _, row in lines if len(row) == len(("time", "sensor", "value")))
    numbers: dict[str, list[float]] = {}
    for _, sensor, word in rows:
        with contextlib.suppress(ValueError):
            number = float(word)
            numbers.setdefault(sensor, []).append(number)
    return {
        sensor
        for sensor, found in numbers.items()
        if found[-1] > found[0] and sum(b < a for a, b in itertools.pairwise(found)) <= MAX_FALLS * len(found)
    }


def _is_off(word: str) -> bool:
    try:
        return word in OFF_WORDS or float(word) <= 0
    except ValueError:
        return False


def _observed(reading: Reading) -> int:
    return reading.observed_at_ms


def _registers(path: Path, rows: list[tuple[int, list[str]]], *, every_household: bool) -> list[Recording]:
    alone = _one_person_keys(path) if not every_household else None
    homes: dict[str, Recording] = {}
    times = Ordinals(zone(WATER_ZONE))
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
            found = homes[key] = Recording(name=key[:8], home=home, readings=[])
        if not math.isfinite(value):
            found.skipped["not a finite number"] += 1
            continue
        found.readings.append(reading_of(found.home.devices[0], Metric.WATER_TOTAL_L, value, at_ms))
    for recording in homes.values():
        recording.readings.sort(key=_observed)
    return list(homes.values())


def _one_person_keys(path: Path) -> frozenset[str] | None:
    """Return the keys of homes of one person, from daiad_households.csv beside the file; None when it is not there."""
    beside = path.parent / "daiad_households.csv"
    if not beside.is_file():
        return None
    with beside.open(encoding="utf-8", newline="") as file:
        return frozenset(row["user_key"] for row in csv.DictReader(file) if row.get("members") == "1")


def _windows(path: Path, name: str, header: list[str], rows: list[tuple[int, list[str]]]) -> Recording:
    rooms = [word for word in header[1:] if word[:1].isupper()]
    home_id = HomeId(device_name(name)[:40] or "home")
    mapped = sensors_of(path, None, {room: {"OPEN"} if "Door" in room else {"ON"} for room in rooms})
    devices = {r: device_of(home_id, device_name(r), mapped.sensors[r].role, room=device_name(r)) for r in rooms}
    times, windows = Ordinals(zone(mapped.zone)), list[tuple[int, dict[str, int]]]()
    for number, row in rows:
        try:
            counts = {room: int(row[1 + index]) for index, room in enumerate(rooms)}
            windows.append((times.ms(row[0]), counts))
        except (ValueError, IndexError) as error:
            raise ConfigurationError(str(error), where=f"{path}, line {number}", remedy="mend the line") from error
    windows.sort(key=lambda window: window[0])
    readings, spans = list[Reading](), _annotations(path, times)
    for index, (start_ms, counts) in enumerate(windows):
        before_ms, before = windows[index - 1] if index else (start_ms - DAY_MS, dict[str, int]())
        after_ms, after = windows[index + 1] if index + 1 < len(windows) else (start_ms + DAY_MS, dict[str, int]())
        is_absence = any(
            span.label == "away" and start_ms < span.until_ms and span.from_ms < after_ms for span in spans
        )
        leaves = after_ms - start_ms >= QUIET_MS and (is_absence or _has_door(after, devices))
        comes = start_ms - before_ms >= QUIET_MS and _has_door(before, devices)
        door_at = 0.95 if leaves else 0.02 if comes else 0.5
        readings += _window_readings(start_ms, counts, devices, door_at)
    readings.sort(key=_observed)
    home = Home(id=home_id, person_id=None, area="scored", devices=tuple(devices.values()), zone_name=mapped.zone)
    note = "order inside a window is unknown: the door is last before a quiet that doors enclose, first after it"
    return Recording(name=name, home=home, readings=readings, spans=spans, notes=[note])


def _has_door(counts: dict[str, int], devices: dict[str, Device]) -> bool:
    return any(count and devices[room].role is DeviceRole.OUTSIDE_DOOR for room, count in counts.items())


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


def _annotations(path: Path, times: Ordinals) -> list[Span]:
    beside = path.parent / f"{path.name.split('_')[0]}_annotations.csv"
    if not beside.is_file():
        return []
    with beside.open(encoding="utf-8", newline="") as file:
        return [Span(times.ms(row["start"]), times.ms(row["end"]), row["label"]) for row in csv.DictReader(file)]
