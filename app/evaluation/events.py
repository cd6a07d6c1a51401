"""Reads any list of sensor values (time, sensor, value) as a home; refuses one of which it could use little."""

from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from statistics import median

import msgspec

from app.evaluation.csv_columns import Columns, columns_of
from app.evaluation.csv_text import Row, Table
from app.evaluation.csv_times import Times
from app.evaluation.date_order import DateOrder, date_order
from app.evaluation.guessing import guess, is_aside
from app.evaluation.maps import ScoringMap, Sensor, given_map
from app.evaluation.recordings import Recording, SensorUse, device_of
from app.evaluation.sensor_lines import Said, Unused, beat_of, taken
from core.errors import ConfigurationError
from core.events import Reading
from core.ids import HomeId
from core.localtime import DAY_MS, DEFAULT_ZONE_NAME, zone
from device_sim.map_tables import device_name
from registry.homes import Device, Home

EARLIEST_MS, LATEST_MS = 946_684_800_000, 4_102_444_800_000
"""2000 and 2100: a stamp outside is a clock that was never set."""

FURTHEST_MS = 6 * 365 * DAY_MS
"""From the middle of a recording: what is further away was stamped by a wrong clock."""

LEAST_LINES = 20
SAMPLED = 500
"""Values of a sensor, from which is told what they are."""

MOST_TIMELESS = 0.1
"""Of the lines: a few may be damaged; more, and the times of the others are read wrongly too."""

NO_TIME = "has no time"
TIME_REMEDY = "write every time as 2026-01-05 06:14:16 (in Excel: format the column as a date), export it again"
REMEDY = "name the sensors in a map (--map, or <name>.toml beside it) and mend those lines"
SEE = "docs/evaluation.md tells the forms"


def read_events(path: Path, name: str, table: Table, map_path: Path | None) -> Recording:
    """Return a home; raises ConfigurationError with file, line and remedy when most lines cannot be used."""
    given = given_map(path, map_path)
    zone_name = given.zone if given is not None else DEFAULT_ZONE_NAME
    columns = columns_of(path, table, Times(zone(zone_name)))
    rows = [(1, table.header), *table.rows] if columns.is_headless else table.rows
    order = date_order(path, ((line, _time_of(row, columns)) for line, row in rows))
    times = Times(zone(zone_name), order)
    unused = Unused()
    home_id = HomeId(device_name(name)[:40] or "home")
    readings, devices, uses = list[Reading](), list[Device](), list[SensorUse]()
    for sensor, said in sorted(_by_sensor(rows, columns, times, unused).items()):
        entry, told = _entry(sensor, said, given)
        if entry is None:
            _leave_out(said, unused, is_meant=given is not None or is_aside(sensor))
            uses.append(SensorUse(sensor=sensor, role="", told=told, unused=len(said)))
            continue
        device = device_of(home_id, _own_name(sensor, devices), entry.role, room=entry.room)
        found = taken(device, entry, said, columns.unit_of_all, unused)
        devices.append(msgspec.structs.replace(device, heartbeat_ms=beat_of(device, found.readings)))
        readings += found.readings
        uses.append(_use(sensor, entry, told, found.told, used=found.used, lines=len(said)))
    _refuse_if_little(path, unused, uses)
    readings.sort(key=attrgetter("observed_at_ms"))
    return Recording(
        name=name,
        home=Home(id=home_id, person_id=None, area="scored", devices=tuple(devices), zone_name=zone_name),
        readings=readings,
        skipped=unused.counts,
        skipped_at=unused.places,
        sensors=uses,
        source=str(path),
        notes=list(_notes(table, given, zone_name, order)),
    )


def _by_sensor(rows: list[Row], columns: Columns, times: Times, unused: Unused) -> dict[str, list[Said]]:
    """Return the lines of each sensor in order of time; those without a usable time are noted."""
    found: dict[str, list[Said]] = {}
    for line, row in rows:
        if len(row) <= max(columns.time, columns.sensor, columns.value, columns.date or 0, columns.unit or 0):
            unused.note("has too few columns", line)
            continue
        try:
            at_ms = times.ms(_time_of(row, columns))
        except ValueError:
            unused.note(NO_TIME, line, _time_of(row, columns))
            continue
        if not EARLIEST_MS <= at_ms < LATEST_MS:
            unused.note("has a clock that was never set", line)
        elif not row[columns.sensor]:
            unused.note("names no sensor", line)
        else:
            unit = "" if columns.unit is None else row[columns.unit]
            found.setdefault(row[columns.sensor], []).append(Said(at_ms, row[columns.value], line, unit))
    every = [said.at_ms for lines in found.values() for said in lines]
    middle_ms = median(every) if every else 0
    kept: dict[str, list[Said]] = {}
    for sensor, lines in found.items():
        for said in sorted(lines, key=attrgetter("at_ms")):
            if abs(said.at_ms - middle_ms) > FURTHEST_MS:
                unused.note("lies years away from the others", said.line)
            else:
                kept.setdefault(sensor, []).append(said)
    return kept


def _time_of(row: list[str], columns: Columns) -> str:
    time = row[columns.time] if columns.time < len(row) else ""
    is_split = columns.date is not None and columns.date < len(row)
    return f"{row[columns.date or 0]} {time}" if is_split else time


def _entry(sensor: str, said: list[Said], given: ScoringMap | None) -> tuple[Sensor | None, str]:
    """Return what a sensor means, None when it is left out; and how that was found."""
    if given is not None:
        return given.sensors.get(sensor), given.where if sensor in given.sensors else f"not in {given.where}"
    step = max(len(said) // SAMPLED, 1)
    role = guess(sensor, {each.word for each in said[::step]})
    if role is None:
        return None, "shows no person" if is_aside(sensor) else "nothing says what it is"
    return Sensor(role, room=device_name(sensor)), "guessed from its name and values"


def _own_name(sensor: str, devices: list[Device]) -> str:
    """Return a name that no other device of the home has."""
    name, taken_names = device_name(sensor) or "sensor", {device.id.partition("/")[2] for device in devices}
    tried = (name if number == 1 else f"{name}_{number}" for number in range(1, len(devices) + 2))
    return next(each for each in tried if each not in taken_names)


def _leave_out(said: list[Said], unused: Unused, *, is_meant: bool) -> None:
    for each in said:
        unused.note("belongs to a sensor that is left out", each.line, is_meant=is_meant)


def _use(sensor: str, entry: Sensor, told: str, how: str, *, used: int, lines: int) -> SensorUse:
    words = ", ".join(part for part in (told, how) if part)
    return SensorUse(sensor=sensor, role=str(entry.role), room=entry.room, told=words, used=used, unused=lines - used)


def _refuse_if_little(path: Path, unused: Unused, uses: list[SensorUse]) -> None:
    used = sum(use.used for use in uses)
    lines = used + unused.counts.total()
    is_timeless = unused.counts[NO_TIME] > MOST_TIMELESS * lines
    if used >= LEAST_LINES and used >= unused.unmeant and not is_timeless:
        return
    worst = unused.counts.most_common(3)
    first = NO_TIME if is_timeless else worst[0][0] if worst else ""
    reasons = "; ".join(f"{count} {_told(unused, reason)}" for reason, count in worst)
    lost = ", ".join(use.sensor for use in uses if not use.role)
    lost = f"; left out: {lost:.120}" if lost else ""
    line = unused.places[first][0] if first else 1
    what = f"only {used} lines of {lines} could be used: {reasons or 'there are no more'}{lost}"
    remedy = f"{TIME_REMEDY}; {SEE}" if first == NO_TIME else f"{REMEDY}; {SEE}"
    raise ConfigurationError(what, where=f"{path}, line {line}", remedy=remedy)


def _told(unused: Unused, reason: str) -> str:
    sample = f" {unused.samples[reason]!r:.40}" if unused.samples[reason] else ""
    return f"{reason}{sample} (line {', '.join(map(str, unused.places[reason]))})"


def _notes(table: Table, given: ScoringMap | None, zone_name: str, order: DateOrder) -> Iterator[str]:
    yield f"read as {table.told}"
    yield f"sensor map: {'guessed' if given is None else given.where}"
    yield f"times without an offset are those of {zone_name}"
    if order.told:
        yield order.told
