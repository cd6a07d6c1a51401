"""Sensors that are missing: whether one of them would have shown what a rule waits for, learned from who showed it."""

from core.ids import DeviceId
from registry.homes import DeviceRole
from rules.deadlines import NO_WITNESSES, faulty_devices
from rules.watch import View

LEAST_SHARE = 0.01
"""A sensor that was the first to show it less often than once in a hundred times is not waited for: a guest room's
flat battery must not blunt what the other rooms say."""

TIMES_KNOWN = 100
"""Before so many times nobody knows, and any sensor may have been the one."""

TIMES_KEPT = 2_000
"""Beyond them all counts are halved: furniture moves, and so do people's ways."""

_SAY_NOTHING = NO_WITNESSES | {DeviceRole.WATER_METER}


def needs_a_reached(view: View, first: dict[str, int]) -> bool:
    """Return whether a sensor that a pet reaches is known to be the one that would show it, and alone proves nobody."""
    reached = set(view.state.reach.reached)
    return bool(reached) and sum(first.values()) >= TIMES_KNOWN and is_relied_on(first, reached)


def missing_now(view: View) -> set[str]:
    """Return the sensors of rooms that are silent or at fault."""
    return {name for name in faulty_devices(view.state) if _shows_a_room(name, view)} if view.state.open else set()


def missing_since(view: View, since_ms: int) -> set[str]:
    """Return the sensors of rooms that are silent or at fault, or were at any time since a moment (log's clock)."""
    back = {name for name, back_ms in view.state.back_ms.items() if back_ms > since_ms and _shows_a_room(name, view)}
    return back | missing_now(view)


def is_relied_on(first: dict[str, int], gone: set[str]) -> bool:
    """Return whether one of some sensors is needed, by the counts of who was the first to show it."""
    total = sum(first.values())
    if not gone or total < TIMES_KNOWN:
        return bool(gone)
    return sum(first.get(name, 0) for name in gone) >= LEAST_SHARE * total


def note_first(first: dict[str, int], name: str, view: View) -> None:
    """Count who was the first to show it; not while a sensor proves nobody, for then another comes first."""
    if view.state.reach.reached or missing_now(view):
        return
    first[name] = first.get(name, 0) + 1
    if sum(first.values()) > TIMES_KEPT:
        for each in list(first):
            first[each] //= 2


def _shows_a_room(name: str, view: View) -> bool:
    device = view.devices.get(DeviceId(name))
    return device is not None and device.role not in _SAY_NOTHING
