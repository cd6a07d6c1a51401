"""A recorded flat of two days and more, written event by event, for what the evaluation makes of it."""

from collections.abc import Iterable

from app.evaluation.recordings import Recording, Span, device_of, reading_of
from core.events import Metric, Reading
from core.ids import HomeId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from registry.homes import DeviceRole, Home

HOME_ID = HomeId("flat")
MIDNIGHT_MS = 1_709_481_600_000  # 2024-03-04 00:00 in Shanghai
KITCHEN = device_of(HOME_ID, "kitchen", DeviceRole.INTERIOR_MOTION, room="kitchen")
LIVING = device_of(HOME_ID, "living", DeviceRole.INTERIOR_MOTION, room="living")
BATH = device_of(HOME_ID, "bath", DeviceRole.BATHROOM_MOTION, room="bath")
DOOR = device_of(HOME_ID, "door", DeviceRole.OUTSIDE_DOOR)
WATER = device_of(HOME_ID, "water", DeviceRole.WATER_METER)
POWER = device_of(HOME_ID, "power", DeviceRole.POWER_METER)


def at(hour: float, day: int = 0) -> int:
    """Return the UTC ms of a local hour."""
    return MIDNIGHT_MS + day * DAY_MS + round(hour * HOUR_MS)


def moved(device, *hours: float, day: int = 0) -> list[Reading]:
    """Return a pulse of a motion sensor at each hour."""
    return [
        reading_of(device, Metric.MOTION, value, at(hour, day) + offset)
        for hour in hours
        for value, offset in ((True, 0), (False, 2_000))
    ]


def opened(*hours: float, day: int = 0) -> list[Reading]:
    """Return the door opened and shut at each hour."""
    return [
        reading_of(DOOR, Metric.OPEN, value, at(hour, day) + offset)
        for hour in hours
        for value, offset in ((True, 0), (False, 4_000))
    ]


def busy(from_hour: float, until_hour: float, day: int = 0, *, rooms=(KITCHEN, LIVING)) -> list[Reading]:
    """Return somebody up and about: every five minutes in the next room."""
    times = range(at(from_hour, day), at(until_hour, day), 5 * MINUTE_MS)
    return [
        reading_of(rooms[index % len(rooms)], Metric.MOTION, value, at_ms + offset)
        for index, at_ms in enumerate(times)
        for value, offset in ((True, 0), (False, 2_000))
    ]


def flat(
    *parts: Iterable[Reading], devices=(KITCHEN, LIVING, BATH, DOOR), spans: list[Span] | None = None
) -> Recording:
    """Return the recording of some readings, in order of time."""
    readings = sorted((reading for part in parts for reading in part), key=lambda reading: reading.observed_at_ms)
    home = Home(id=HOME_ID, person_id=None, area="scored", devices=tuple(devices))
    return Recording(name="flat", home=home, readings=readings, spans=spans or [])
