"""A recording of real sensors, read as a stream; a line it cannot read stops it.

Either CSV (`local_time,sensor,value`) or as CASAS publishes it: `date time sensor value`, and perhaps an annotation.
"""

import csv
import gzip
import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TextIO
from zoneinfo import ZoneInfo

from core.errors import ConfigurationError
from core.events import Metric
from core.localtime import to_ms
from device_sim.messages import SimEvent
from device_sim.sensor_map import METRIC_OF_ROLE, SensorMap

HEADER = ["local_time", "sensor", "value"]

ON_WORDS = frozenset({"ON", "OPEN", "TRUE", "PRESENT", "WET", "1"})
OFF_WORDS = frozenset({"OFF", "CLOSE", "CLOSED", "FALSE", "ABSENT", "DRY", "0"})

_CASAS_COLUMNS = 4

_NUMBERS = frozenset({Metric.WATER_TOTAL_L, Metric.POWER_W, Metric.TEMPERATURE_C})


class Line(NamedTuple):
    """One line as it stands in the file; numbers count from 1."""

    number: int
    local_time: str
    sensor: str
    value: str


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a recording, plain or gzipped; raises ConfigurationError with file, line and remedy."""
    number = 0
    with _opened(path) as file:
        try:
            first = file.readline()
            lines = chain([first], file)
            for line in _casas_lines(path, lines) if _is_casas(first) else _csv_lines(path, lines):
                number = line.number
                yield line
        except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
            raise _error(path, number + 1, f"not readable ({error})", "restore the file") from error


def _csv_lines(path: Path, lines: Iterable[str]) -> Iterator[Line]:
    rows = csv.reader(lines)
    header = next(rows, [""])
    if header != HEADER:
        remedy = f"the header is {','.join(HEADER)}; or, as CASAS has them, lines of date, time, sensor and value"
        raise _error(path, 1, f"the header is {','.join(header)!r:.80}", remedy)
    for row in rows:
        if len(row) != len(HEADER):
            raise _error(path, rows.line_num, f"{len(row)} columns", "three columns: " + ", ".join(HEADER))
        yield Line(rows.line_num, *row)


def _casas_lines(path: Path, lines: Iterable[str]) -> Iterator[Line]:
    for number, text in enumerate(lines, 1):
        words = text.split(maxsplit=_CASAS_COLUMNS)
        if not words:
            continue  # their files end with an empty line
        if len(words) < _CASAS_COLUMNS:
            raise _error(path, number, f"{len(words)} columns", "four columns: date, time, sensor, value")
        day, time, sensor, value = words[:_CASAS_COLUMNS]
        yield Line(number, f"{day} {time}", sensor, value)


def _is_casas(first: str) -> bool:
    words = first.split(maxsplit=_CASAS_COLUMNS)
    if len(words) < _CASAS_COLUMNS:
        return False
    try:
        datetime.fromisoformat(f"{words[0]} {words[1]}")
    except ValueError:
        return False
    return True


def read_recording(path: Path, sensor_map: SensorMap) -> Iterator[SimEvent]:
    """Yield the events of a recording in order of time; raises ConfigurationError with file, line and remedy."""
    tz = sensor_map.tz
    devices = {
        sensor: (sensor_map.device_id(sensor), METRIC_OF_ROLE[mapped.role])
        for sensor, mapped in sensor_map.sensors.items()
    }
    last_ms: int | None = None
    for line in read_lines(path):
        if line.sensor not in devices:
            raise _error(path, line.number, f"no sensor {line.sensor!r} in the map", f"add it to {sensor_map.where}")
        device_id, metric = devices[line.sensor]
        try:
            at_ms = _local_ms(line.local_time, tz, last_ms)
            value = _value(line.value, metric)
        except ValueError as error:
            raise _error(path, line.number, str(error), "mend or remove the line") from error
        if last_ms is not None and at_ms < last_ms:
            raise _error(path, line.number, "earlier than the line before", "sort the file by local_time")
        last_ms = at_ms
        yield SimEvent(at_ms, device_id, metric, value)


def _local_ms(text: str, tz: ZoneInfo, last_ms: int | None) -> int:
    """Return the instant of a local time; in the hour that a zone repeats, the second one once the first has run."""
    local = datetime.fromisoformat(text)
    if local.tzinfo is not None:
        raise ValueError(f"a local time has no zone: {text!r:.60}")
    at_ms = to_ms(local.replace(tzinfo=tz))
    if last_ms is not None and at_ms < last_ms:
        return to_ms(local.replace(tzinfo=tz, fold=1))
    return at_ms


def _value(text: str, metric: Metric) -> bool | float:
    if metric in _NUMBERS:
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(f"{text!r:.60} is not a finite number")
        return number
    word = text.strip().upper()
    if word in ON_WORDS or word in OFF_WORDS:
        return word in ON_WORDS
    raise ValueError(f"{text!r:.60} says neither on nor off")


def _opened(path: Path) -> TextIO:
    """Return the open file; the caller closes it."""
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rt", encoding="utf-8", newline="")
        return path.open(encoding="utf-8", newline="")
    except FileNotFoundError as error:
        raise ConfigurationError(
            "there is no such recording",
            where=str(path),
            remedy="name a .csv or .csv.gz that is there; without one (make demo, without REPLAY) the village is shown",
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"the recording cannot be read ({error})", where=str(path), remedy="name a .csv or .csv.gz file"
        ) from error


def _error(path: Path, line: int, what: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(what, where=f"{path}, line {line}", remedy=remedy)
