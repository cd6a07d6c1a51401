"""What a home's sensors notice of its resident's activities; pure: a seed in, signals in order of time out."""

from collections.abc import Callable, Iterator
from random import Random

import msgspec

from core.ids import HomeId
from core.localtime import MINUTE_MS
from device_sim.activities import Activity, ActivityKind, dice
from device_sim.registration import sim_device
from registry.homes import Device, DeviceRole

GATEWAY, DOOR, BED, BATHROOM, KITCHEN, LIVING, HALL = "gateway", "door", "bed", "bathroom", "kitchen", "living", "hall"
WATER, POWER, KETTLE, COOKER = "water", "power", "kettle", "cooker"

HEARTBEAT_MS = 10 * MINUTE_MS

TAP_L_MIN, FLUSH_L = 5.0, 6.0
KETTLE_W, COOKER_W = 1_800.0, 550.0

_ROLES: tuple[tuple[str, DeviceRole, str], ...] = (
    (GATEWAY, DeviceRole.GATEWAY, "hall"),
    (DOOR, DeviceRole.OUTSIDE_DOOR, "hall"),
    (BED, DeviceRole.BED_MOTION, "bedroom"),
    (BATHROOM, DeviceRole.BATHROOM_MOTION, "bathroom"),
    (KITCHEN, DeviceRole.INTERIOR_MOTION, "kitchen"),
    (LIVING, DeviceRole.INTERIOR_MOTION, "living_room"),
    (HALL, DeviceRole.INTERIOR_MOTION, "hall"),
    (WATER, DeviceRole.WATER_METER, "kitchen"),
    (POWER, DeviceRole.POWER_METER, "hall"),
    (KETTLE, DeviceRole.APPLIANCE, "kitchen"),
    (COOKER, DeviceRole.APPLIANCE, "kitchen"),
)

_S = 1_000


class Signal(msgspec.Struct, frozen=True):
    """Something a sensor can notice: a truth value, litres drawn since the last signal, or an appliance's watts."""

    at_ms: int
    device: str  # the name within the home
    value: bool | float


def devices_of(home_id: HomeId) -> tuple[Device, ...]:
    """Return the devices of a simulated home; only the gateway promises a heartbeat."""
    return tuple(
        sim_device(home_id, name, role, room, heartbeat_ms=HEARTBEAT_MS if name == GATEWAY else None)
        for name, role, room in _ROLES
    )


def signals_of(activity: Activity, seed: str) -> list[Signal]:
    """Return what is noticed of one activity, in order of time and within its bounds."""
    rng = dice(f"{seed}/{activity.kind}/{activity.start_ms}")
    start_ms, end_ms = activity.start_ms, activity.end_ms
    found = [s for s in _NOTICED[activity.kind](rng, start_ms, end_ms) if start_ms <= s.at_ms < end_ms]
    found.sort(key=lambda signal: signal.at_ms)
    return found


def _moves(
    rng: Random, device: str, start_ms: int, end_ms: int, *, minutes: tuple[float, float], first_s: int = 5
) -> Iterator[Signal]:
    """Yield pulses, each true and then false, so often that no pause is longer than `minutes` allows."""
    at_ms = start_ms + rng.randint(first_s, first_s + 15) * _S
    while at_ms < end_ms - 2 * _S:
        yield Signal(at_ms, device, True)
        yield Signal(min(at_ms + rng.randint(20, 50) * _S, end_ms - 1), device, False)
        at_ms += round(rng.uniform(*minutes) * MINUTE_MS)


def _run(start_ms: int, end_ms: int, litres_per_minute: float) -> Iterator[Signal]:
    """Yield a running tap, a reading a minute."""
    for at_ms in range(start_ms + MINUTE_MS, end_ms, MINUTE_MS):
        yield Signal(at_ms, WATER, litres_per_minute)


def _heat(device: str, watts: float, start_ms: int, end_ms: int) -> Iterator[Signal]:
    if start_ms < end_ms:
        yield Signal(start_ms, device, watts)
        yield Signal(end_ms, device, 0.0)


def _sleep(rng: Random, start_ms: int, end_ms: int) -> Iterator[Signal]:
    yield from _moves(rng, BED, start_ms, end_ms, minutes=(15, 50))


def _nap(rng: Random, start_ms: int, end_ms: int) -> Iterator[Signal]:
    yield from _moves(rng, BED, start_ms, end_ms, minutes=(12, 35))


def _night_toilet(rng: Random, start_ms: int, end_ms: int) -> Iterator[Signal]:
    yield Signal(start_ms + 4 * _S, HALL, True)
    yield Signal(start_ms + 35 * _S, HALL, False)
    yield from _moves(rng, BATHROOM, start_ms, end_ms, minutes=(1.5, 2.5), first_s=10)
    yield Signal(start_ms + 3 * MINUTE_MS, WATER, FLUSH_L)
    yield Signal(start_ms + 3 * MINUTE_MS + 40 * _S, WATER, 1.0)


def _wash(rng: Random, start_ms: int, end_ms: int) -> Iterator[Signal]:
    yield from _moves(rng, BATHROOM, start_ms, end_ms, minutes=(2, 4))
    yield Signal(start_ms + 2 * MINUTE_MS, WATER, FLUSH_L)
    tap_ms = start_ms + 3 * MINUTE_MS
    yield from _run(tap_ms, min(tap_ms + rng.randint(4, 8) * MINUTE_MS, end_ms), TAP_L_MIN)


def _cook(rng: Random, start_ms: int, end_ms: int) -> Iterator[Signal]:
    yield from _moves(rng, KITCHEN, start_ms, end_ms, minutes=(3, 9))
    yield Signal(start_ms + MINUTE_MS, WATER, 1.5)
    boiled_ms = start_ms + rng.randint(5, 7) * MINUTE_MS
    yield from _heat(KETTLE, KETTLE_W, start_ms + 2 * MINUTE_MS, boiled_ms)
    cooked_ms = min(start_ms + rng.randint(20, 30) * MINUTE_MS, end_ms - MINUTE_MS)
    yield from _heat(COOKER, COOKER_W, start_ms + 4 * MINUTE_MS, cooked_ms)
    yield from _run(end_ms - 6 * MINUTE_MS, end_ms - 2 * MINUTE_MS, TAP_L_MIN)


def _sit(rng: Random, start_ms: int, end_ms: int) -> Iterator[Signal]:
    yield from _moves(rng, LIVING, start_ms, end_ms, minutes=(6, 28))
    visit_ms = start_ms + rng.randint(50, 100) * MINUTE_MS
    while visit_ms < end_ms - 5 * MINUTE_MS:
        yield from _moves(rng, BATHROOM, visit_ms, visit_ms + 4 * MINUTE_MS, minutes=(1.5, 3))
        yield Signal(visit_ms + 3 * MINUTE_MS, WATER, FLUSH_L)
        visit_ms += rng.randint(80, 140) * MINUTE_MS


def _out(rng: Random, start_ms: int, end_ms: int) -> Iterator[Signal]:
    """Out through the hall; nothing inside moves until the door opens again."""
    yield Signal(start_ms + 8 * _S, HALL, True)
    yield Signal(start_ms + 20 * _S, DOOR, True)
    yield Signal(start_ms + rng.randint(26, 38) * _S, DOOR, False)
    yield Signal(start_ms + 55 * _S, HALL, False)
    home_ms = end_ms - 3 * MINUTE_MS
    yield from _enter(rng, home_ms)
    yield Signal(home_ms + 75 * _S, LIVING, True)
    yield Signal(home_ms + 110 * _S, LIVING, False)


def _enter(rng: Random, at_ms: int) -> Iterator[Signal]:
    yield Signal(at_ms, DOOR, True)
    yield Signal(at_ms + 5 * _S, HALL, True)
    yield Signal(at_ms + rng.randint(9, 20) * _S, DOOR, False)
    yield Signal(at_ms + 40 * _S, HALL, False)


def _fallen(_: Random, start_ms: int, end_ms: int) -> Iterator[Signal]:
    """Into the bathroom, the tap on, one fall; from then on only the water meter turns."""
    yield Signal(start_ms + 3 * _S, HALL, True)
    yield Signal(start_ms + 9 * _S, BATHROOM, True)
    yield Signal(start_ms + 38 * _S, HALL, False)
    yield Signal(start_ms + 50 * _S, BATHROOM, False)
    yield from _run(start_ms, end_ms, TAP_L_MIN)


def _rescue(rng: Random, start_ms: int, end_ms: int) -> Iterator[Signal]:
    yield from _enter(rng, start_ms)
    yield from _moves(rng, BATHROOM, start_ms + MINUTE_MS, end_ms, minutes=(1.5, 3))


def _still(_rng: Random, _start_ms: int, _end_ms: int) -> Iterator[Signal]:
    yield from ()


_NOTICED: dict[ActivityKind, Callable[[Random, int, int], Iterator[Signal]]] = {
    ActivityKind.SLEEP: _sleep,
    ActivityKind.NIGHT_TOILET: _night_toilet,
    ActivityKind.WASH: _wash,
    ActivityKind.COOK: _cook,
    ActivityKind.SIT: _sit,
    ActivityKind.NAP: _nap,
    ActivityKind.OUT: _out,
    ActivityKind.FALLEN: _fallen,
    ActivityKind.RESCUE: _rescue,
    ActivityKind.STILL: _still,
}
