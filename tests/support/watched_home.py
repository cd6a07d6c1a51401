"""A home of any devices, driven along its log; it may be stopped anywhere and go on from its snapshot."""

from collections.abc import Iterable

import msgspec
from rules_walk import HOME_ID, at

from core.events import Metric, Reading, Value
from core.ids import DeviceId
from core.localtime import MINUTE_MS
from registry.homes import Device, DeviceRole, Home
from rules.engine import Engine
from rules.findings import Finding, FindingKind
from rules.parameters import RuleParameters
from rules.rulebook import Rulebook, preset_layer

NINE = at("2024-03-05T09:00")
SECOND = 1000


def device(name: str, role: DeviceRole, room: str = "", beat_ms: int | None = None) -> Device:
    """Return a device of the home."""
    address = f"care/h1/{name}"
    return Device(id=DeviceId(name), home_id=HOME_ID, address=address, role=role, room=room, heartbeat_ms=beat_ms)


METER = device("water", DeviceRole.WATER_METER)
DOOR = device("door", DeviceRole.OUTSIDE_DOOR, "hall")
HALL = device("hall", DeviceRole.INTERIOR_MOTION, "hall")
KITCHEN = device("kitchen", DeviceRole.INTERIOR_MOTION, "kitchen")
BATHROOM = device("bathroom", DeviceRole.BATHROOM_MOTION, "bathroom")
BED = device("bed", DeviceRole.BED_MOTION, "bedroom")
GATEWAY = device("gateway", DeviceRole.GATEWAY, beat_ms=10 * MINUTE_MS)


def said(
    name: str, metric: Metric, value: Value, at_ms: int, *, arrived_ms: int | None = None, flags: int = 0
) -> Reading:
    """Return a reading that arrives the moment it is observed, or later."""
    return Reading(
        HOME_ID, DeviceId(name), metric, value, at_ms, at_ms if arrived_ms is None else arrived_ms, flags=flags
    )


def moved(name: str, *at_ms: int) -> list[Reading]:
    """Return a pulse of a motion sensor at each time."""
    return [
        said(name, Metric.MOTION, value, each + after)
        for each in at_ms
        for value, after in ((True, 0), (False, SECOND))
    ]


def went_out(at_ms: int) -> list[Reading]:
    """Return the front door opened and shut."""
    return [said("door", Metric.OPEN, True, at_ms - SECOND), said("door", Metric.OPEN, False, at_ms)]


def came_home(at_ms: int) -> list[Reading]:
    """Return the front door opened and shut, and somebody in the hall."""
    return [*went_out(at_ms), *moved("hall", at_ms + SECOND)]


def metered(litres: Iterable[float], start_ms: int, every_ms: int) -> list[Reading]:
    """Return the register of the water meter, told at even times."""
    return [said("water", Metric.WATER_TOTAL_L, each, start_ms + n * every_ms) for n, each in enumerate(litres)]


class Watched:
    """One home under the rules, with every finding so far."""

    def __init__(
        self, *devices: Device, start_ms: int = NINE, preset: str = "", cap_ms: int | None = None, **limits: float
    ) -> None:
        """`cap_ms`: a longest silence that no town may write, to see what comes before it."""
        self.home = Home(id=HOME_ID, person_id=None, area="a", devices=devices, limits=limits)
        book = Rulebook(None if cap_ms is None else RuleParameters(inactivity_cap_ms=cap_ms))
        self.engine = Engine(book.with_home(self.home, preset_layer(preset, "town")) if preset else book)
        self.engine.set_home(self.home)
        self.engine.on_time(start_ms)
        self.now_ms = start_ms
        self.findings: list[Finding] = []

    def take(self, readings: Iterable[Reading]) -> "Watched":
        """Judge each reading's moment, then take it in."""
        for one in sorted(readings, key=lambda reading: reading.observed_at_ms):
            self.until(one.received_at_ms)
            self.findings += self.engine.on_readings(one.received_at_ms, [one])
        return self

    def take_batch(self, readings: list[Reading], now_ms: int) -> "Watched":
        """Take readings that arrive together."""
        self.findings += self.engine.on_readings(now_ms, readings)
        return self

    def until(self, at_ms: int) -> "Watched":
        """Let time go on."""
        self.now_ms = max(self.now_ms, at_ms)
        self.findings += self.engine.on_time(at_ms)
        return self

    def register(self, **changed: object) -> "Watched":
        """Register the home anew with what has changed: devices, suspensions, a test."""
        self.home = msgspec.structs.replace(self.home, **changed)
        self.engine.set_home(self.home)
        return self

    def restart(self) -> "Watched":
        """Stop, and go on from the snapshot in a new engine."""
        data, self.engine = self.engine.snapshot(), Engine()
        self.engine.set_home(self.home)
        assert self.engine.restore(data)
        return self

    def raised(self, *kinds: FindingKind) -> list[Finding]:
        """Return what was raised so far, of these kinds."""
        return [one for one in self.findings if not one.is_cleared and one.kind in kinds]

    def cleared(self, *kinds: FindingKind) -> list[Finding]:
        """Return what was taken back so far, of these kinds."""
        return [one for one in self.findings if one.is_cleared and one.kind in kinds]

    @property
    def last_sign_at_ms(self) -> int | None:
        """When the newest sign of life was."""
        return self.engine.home_status(HOME_ID).last_sign_at_ms
