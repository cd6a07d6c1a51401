"""A journal of a made-up home with quiet habits, so that every ring in it is one that a test put there."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from rules_walk import SHANGHAI

from app.files import DataFiles
from core.events import Flag, Metric, Reading, Value
from core.ids import DeviceId, HomeId
from core.localtime import HOUR_MS, MINUTE_MS, to_ms
from registry.homes import Device, DeviceRole, Home
from store.journal import Journal

HOME = HomeId("h1")
FIRST_DAY = datetime(2026, 3, 2, tzinfo=SHANGHAI)
AWAKE = (7 * 60, 23 * 60)
EVERY_MINUTES = 30


def at(day: int, hour: float) -> int:
    """Return the UTC ms of an hour of a day, the first being day 0."""
    return to_ms(FIRST_DAY + timedelta(days=day, hours=hour))


def local(day: int, hour: float) -> str:
    """Return the same as a report writes it."""
    return f"{FIRST_DAY + timedelta(days=day, hours=hour):%Y-%m-%d %H:%M}"


def device(name: str, role: DeviceRole, beat_ms: int | None = None) -> Device:
    """Return a device of the home."""
    return Device(
        id=DeviceId(f"{HOME}/{name}"),
        home_id=HOME,
        address=f"care/{HOME}/{name}",
        role=role,
        room=name,
        heartbeat_ms=beat_ms,
    )


KITCHEN = device("kitchen", DeviceRole.INTERIOR_MOTION)
LIVING = device("living", DeviceRole.INTERIOR_MOTION)
WATER = device("water", DeviceRole.WATER_METER, HOUR_MS)
GATEWAY = device("gateway", DeviceRole.GATEWAY, 10 * MINUTE_MS)


def home_of(*devices: Device, **more) -> Home:
    """Return the home."""
    return Home(id=HOME, person_id=None, area="town/village", devices=devices or (KITCHEN, LIVING), **more)


def said(one: Device, metric: Metric, value: Value, at_ms: int, *, arrived_ms: int | None = None) -> Reading:
    """Return a reading; one that arrives later than it was observed is late."""
    arrived_ms = at_ms if arrived_ms is None else arrived_ms
    flags = int(Flag.LATE) if arrived_ms > at_ms + 5 * MINUTE_MS else 0
    return Reading(HOME, one.id, metric, value, at_ms, arrived_ms, flags=flags)


def moved(one: Device, at_ms: int, *, arrived_ms: int | None = None) -> list[Reading]:
    """Return a pulse of a motion sensor."""
    late_ms = 0 if arrived_ms is None else arrived_ms - at_ms
    return [
        said(one, Metric.MOTION, value, at_ms + after, arrived_ms=at_ms + after + late_ms)
        for value, after in ((True, 0), (False, 2_000))
    ]


def lived(days: int, quiet: Mapping[int, tuple[float, float]] | None = None) -> Iterator[Reading]:
    """Yield a sign every half hour from 7 to 23, but for a stretch between two hours of some days."""
    for day in range(days):
        low, high = (quiet or {}).get(day, (24.0, 24.0))
        for index, minute in enumerate(range(*AWAKE, EVERY_MINUTES)):
            if not low < minute / 60 < high:
                yield from moved((KITCHEN, LIVING)[index % 2], at(day, minute / 60))


def beats(one: Device, from_ms: int, until_ms: int) -> Iterator[Reading]:
    """Yield a device's heartbeats."""
    for at_ms in range(from_ms, until_ms, one.heartbeat_ms or HOUR_MS):
        yield said(one, Metric.ONLINE, True, at_ms)


BY_HAND_L = (12.0, 30.0, 12.0, 45.0, 12.0, 25.0, 12.0, 36.0)
"""No two draws in a row are alike: what a machine draws is (rules/water_cycle.py)."""


def metered(
    days: int, quiet: Mapping[int, tuple[float, float]] | None = None, metric: Metric = Metric.WATER_TOTAL_L
) -> Iterator[Reading]:
    """Yield an hourly register, or the flow, of some litres every other hour from 7 to 22, but for a stretch of days."""
    litres = 1_000.0
    for hour in range(days * 24):
        day, of_day = divmod(hour, 24)
        low, high = (quiet or {}).get(day, (24.0, 24.0))
        is_drawn = of_day in range(7, 22, 2) and not low <= of_day < high
        flow = BY_HAND_L[(of_day - 7) // 2] if is_drawn else 0.0
        yield said(WATER, metric, litres if metric is Metric.WATER_TOTAL_L else flow, at(day, of_day))
        litres += flow


def written(folder: Path, home: Home, readings: Iterable[Reading], until_ms: int) -> DataFiles:
    """Write a data directory: the home registered, its readings in a journal that ends with a tick."""
    files = DataFiles(folder)
    truth = files.open_truth()
    with truth.transaction() as unit:
        unit.people.put_home(home)
    truth.close()
    journal = Journal(files.journal)
    journal._writer.execute("PRAGMA synchronous=OFF")  # a test's journal need not survive a power cut
    for reading in sorted(readings, key=lambda one: one.received_at_ms):
        journal.append((reading,), log_time_ms=reading.received_at_ms)
    journal.append((), log_time_ms=until_ms, is_tick=True)
    journal.close()
    return files
