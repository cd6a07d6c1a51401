"""A recorded home to be scored: its devices, its readings in order, and what its recording cannot tell."""

from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import msgspec

from core.events import Metric, Reading, Value
from core.ids import DeviceId, HomeId
from core.localtime import from_ms
from registry.homes import Device, DeviceRole, Home
from rules.inactivity import sees_only_meters


class Span(msgspec.Struct, frozen=True):
    """From a moment up to another, UTC ms, with the word it is known by."""

    from_ms: int
    until_ms: int
    label: str = ""


class Grown(msgspec.Struct, frozen=True):
    """From a moment on the home was this one: a device had come to it."""

    from_ms: int
    home: Home


class SensorUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a sensor of a recording was taken for, and how many of its lines were used."""

    sensor: str
    role: str  # "" when it was left out
    room: str = ""
    told: str  # how that was found: the map, or a guess from what
    used: int = 0
    unused: int = 0


class Recording(msgspec.Struct, kw_only=True):
    """One home as it was recorded; readings that arrived together are taken in together."""

    name: str
    home: Home
    readings: list[Reading]
    spans: list[Span] = []  # "silent": nothing was recorded; "away": nobody was home, witnessed or by rule
    outages: list[Span] = []  # the service was not listening: nothing was judged then, what it missed came late
    grown: list[Grown] = []  # in order of time
    order_ms: int = 0  # events nearer together than this may have happened in the other order
    until_ms: int | None = None  # it goes on until then though nothing more was heard; None: to the last reading
    skipped: Counter[str] = msgspec.field(default_factory=Counter[str])  # reason -> lines that could not be used
    skipped_at: dict[str, list[int]] = {}  # reason -> the first few of those lines
    sensors: list[SensorUse] = []
    source: str = ""  # its file
    notes: list[str] = []

    @property
    def ends_ms(self) -> int:
        """Return when the record ends."""
        return self.readings[-1].received_at_ms if self.until_ms is None else self.until_ms

    @property
    def is_metered(self) -> bool:
        """Return whether nothing but meters was recorded: judged slowly, pooled apart."""
        return sees_only_meters(self.home)

    def during(self, from_ms: int, until_ms: int) -> Iterator[Reading]:
        """Yield the readings from a moment up to another."""
        return (reading for reading in self.readings if from_ms <= reading.observed_at_ms < until_ms)


def reading_of(device: Device, metric: Metric, value: Value, at_ms: int) -> Reading:
    """Return a reading that arrived when it was observed."""
    return Reading(device.home_id, device.id, metric, value, at_ms, at_ms)


def device_of(home_id: HomeId, name: str, role: DeviceRole, *, room: str = "", beat_ms: int | None = None) -> Device:
    """Return a device of a recorded home."""
    return Device(
        id=DeviceId(f"{home_id}/{name}"),
        home_id=home_id,
        address=f"care/{home_id}/{name}",
        role=role,
        room=room,
        heartbeat_ms=beat_ms,
    )


def local_text(at_ms: int, tz: ZoneInfo) -> str:
    """Return a local time to the minute."""
    return from_ms(at_ms, tz).strftime("%Y-%m-%d %H:%M")
