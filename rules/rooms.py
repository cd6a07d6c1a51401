"""What a room is for, told from the name that the install record gives it, in either language."""

from functools import lru_cache

from registry.homes import Device, DeviceRole

_KITCHEN = ("kitchen", "厨房", "灶")
_BEDROOM = ("bed", "卧", "睡房")
_UNLIVED = ("balcony", "outdoor", "outside", "garage", "store", "storage", "阳台", "室外", "车库", "储藏", "院")

MOTION_ROLES = frozenset({DeviceRole.INTERIOR_MOTION, DeviceRole.BED_MOTION, DeviceRole.BATHROOM_MOTION})


def is_kitchen(device: Device) -> bool:
    """Return whether a device stands in a kitchen."""
    return _is_named(device.room, _KITCHEN)


def is_bedroom(device: Device) -> bool:
    """Return whether a device stands where somebody sleeps."""
    return device.role is DeviceRole.BED_MOTION or _is_named(device.room, _BEDROOM)


def is_lived_in(device: Device) -> bool:
    """Return whether a device stands in a room that people live in."""
    return not _is_named(device.room, _UNLIVED)


@lru_cache(maxsize=1_024)  # names of rooms are few: every movement asks
def _is_named(room: str, words: tuple[str, ...]) -> bool:
    lower = room.lower()
    return any(word in lower for word in words)
