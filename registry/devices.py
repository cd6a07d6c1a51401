"""Devices that nobody registered yet: what they say of themselves, who may be adopted, and how one becomes a home's."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from core.errors import ConflictError
from core.ids import DeviceId
from registry.homes import Device, DeviceRole, Home

MAX_WAITING = 2_000
"""Devices in the inbox: a county's fitters leave a few dozen; more is a neighbour's network or somebody who plays."""

ALARM_ROOM = 200
"""More of them, for those that signal an alarm: none is overlooked because a neighbour's network fills the list."""

MAX_ADDRESS_CHARS = 300
"""The longest address of any convention stays below; a longer one is not shown, its messages are kept all the same."""

MAX_METRICS = 32
"""Of one device in the inbox: more than any device measures."""

MAX_TEXT_CHARS = 100
"""Of a model, a maker, a firmware, a room: what is longer is cut."""

MAX_DEVICES = 200
"""Devices of one home: a large flat has thirty."""

NEAR_SHOWN = 3
"""Addresses that may have been meant: a fitter compares them with the label in hand."""

LONGEST_HEARTBEAT_S = 31 * 86_400
"""A device that speaks less than monthly promises nothing that a rule could hold it to."""

_FORMATS = {
    "care": "native",
    "zigbee2mqtt": "Zigbee2MQTT",
    "homie": "Homie",
    "homeassistant": "Home Assistant",
    "tasmota": "Tasmota",
    "shelly": "Shelly",
    "alink": "Alink",
}
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_.\-]+")


class InboxState(StrEnum):
    """Where a device that came unasked stands."""

    WAITING = "waiting"
    ADOPTED = "adopted"
    REJECTED = "rejected"


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a device says of itself; empty where its convention does not tell."""

    model: str = ""
    maker: str = ""
    firmware: str = ""


class InboxDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that nobody registered when it spoke."""

    address: str
    identity: Identity = Identity()
    parts: tuple[str, ...] = ()  # sensors in it that could be registered apart from it
    metrics: tuple[str, ...] = ()
    alarmed: tuple[str, ...] = ()  # parts that have signalled an alarm since it waits; "" is the device itself
    first_seen_ms: int
    last_seen_ms: int
    count: int  # messages that were parked for it
    state: InboxState = InboxState.WAITING
    decided_by: str = ""
    decided_at_ms: int | None = None
    device_id: str = ""  # of the one that it became

    @property
    def format(self) -> str:
        """The convention it speaks."""
        return format_of(self.address)


class AllowedAddress(msgspec.Struct, frozen=True):
    """A line of the allow-list: an address, or a pattern of addresses with * and ?."""

    pattern: str
    note: str = ""
    added_by: str = ""
    added_at_ms: int = 0


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """A place whose device was changed: from `at_ms` on another address speaks for it."""

    device_id: DeviceId
    at_ms: int
    old_address: str
    new_address: str
    who: str


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decides when a device is taken into a home."""

    address: str
    role: DeviceRole
    room: str = ""
    name: str = ""  # of the device in its home; empty: the last word of its address
    heartbeat_ms: int | None = None
    units: dict[str, str] = {}
    is_unheard: bool = False  # said on purpose: its address has not spoken yet


def format_of(address: str) -> str:
    """Return the name of the convention that files devices below such an address."""
    return _FORMATS.get(address.partition("/")[0], "unknown")


def identity_in(address: str) -> Identity:
    """Return what an address itself tells: a Shelly names its model there, an Alink device its product."""
    words = address.split("/")
    if words[0] == "shelly" and "-" in words[-1]:
        return Identity(model=words[-1].rpartition("-")[0][:MAX_TEXT_CHARS], maker="Shelly")
    return Identity(model=words[1][:MAX_TEXT_CHARS]) if words[0] == "alink" and len(words) > 1 else Identity()


_ROLES = (  # the first whose metric a device has spoken of
    ("bridge_online", DeviceRole.GATEWAY),
    ("smoke", DeviceRole.SMOKE_GAS_CO),
    ("gas", DeviceRole.SMOKE_GAS_CO),
    ("co", DeviceRole.SMOKE_GAS_CO),
    ("wet", DeviceRole.LEAK),
    ("sos", DeviceRole.SOS_BUTTON),
    ("water_total", DeviceRole.WATER_METER),
    ("water_flow", DeviceRole.WATER_METER),
    ("open", DeviceRole.INTERIOR_DOOR),
    ("motion", DeviceRole.INTERIOR_MOTION),
    ("presence", DeviceRole.INTERIOR_MOTION),
    ("energy_total", DeviceRole.POWER_METER),
    ("power", DeviceRole.APPLIANCE),
    ("temperature", DeviceRole.CLIMATE),
)


def suggested_role(metrics: Iterable[str]) -> DeviceRole | None:
    """Return what a device most probably is, for whoever adopts it to check; None: it has not shown."""
    told = set(metrics)
    return next((role for metric, role in _ROLES if metric in told), None)


_KINDS = (  # roles that one kind of sensor can have: where it hangs says which
    frozenset(
        {
            DeviceRole.INTERIOR_MOTION,
            DeviceRole.BED_MOTION,
            DeviceRole.BATHROOM_MOTION,
            DeviceRole.OUTSIDE_DOOR_MOTION,
        }
    ),
    frozenset({DeviceRole.OUTSIDE_DOOR, DeviceRole.INTERIOR_DOOR}),
    frozenset({DeviceRole.POWER_METER, DeviceRole.APPLIANCE}),
)


def is_of_kind(role: DeviceRole, probable: DeviceRole) -> bool:
    """Return whether a device that probably has one role can have the other."""
    return role is probable or any(role in kind and probable in kind for kind in _KINDS)


def nearest_waiting(address: str, waiting: Iterable[InboxDevice]) -> tuple[str, ...]:
    """Return the addresses that wait and that somebody who wrote another one may have meant, the nearest first."""
    return tuple(get_close_matches(address, [one.address for one in waiting], n=NEAR_SHOWN))


def suggested_home(address: str, home_ids: Iterable[str]) -> str:
    """Return the home whose id stands in an address, as installers write it; empty: none does."""
    words = set(re.split(r"[/_\-]", address))
    return next((home_id for home_id in home_ids if home_id in words), "")


def is_allowed(address: str, allowed: Iterable[AllowedAddress]) -> bool:
    """Return whether an allow-list lets an address in; an empty list lets everything in."""
    patterns = [one.pattern for one in allowed]
    return not patterns or any(fnmatchcase(address, pattern) for pattern in patterns)


def adopted(home: Home, adoption: Adoption) -> tuple[Home, Device]:
    """Return the home with the device in it; raises ConflictError when the home has one of this name or is full."""
    if len(home.devices) >= MAX_DEVICES:
        raise ConflictError(f"home {home.id} has {MAX_DEVICES} devices already")
    word = _NOT_IN_AN_ID.sub("_", adoption.name or adoption.address.rpartition("/")[2]).strip("_") or "device"
    device = Device(
        id=DeviceId(f"{home.id}/{word[:MAX_TEXT_CHARS]}"),
        home_id=home.id,
        address=adoption.address,
        role=adoption.role,
        room=adoption.room.strip()[:MAX_TEXT_CHARS],
        heartbeat_ms=adoption.heartbeat_ms,
        units=adoption.units,
    )
    if any(other.id == device.id for other in home.devices):
        raise ConflictError(f"home {home.id} already has a device {device.id}: give this one another name")
    return msgspec.structs.replace(home, devices=(*home.devices, device)), device


def replaced(home: Home, device_id: str, address: str, units: dict[str, str] | None = None) -> tuple[Home, Device]:
    """Return the home where another address speaks for a device's place, and the device as it was.

    The place keeps its id, so its habits and its curve go on. Raises ConflictError when the home has no such device.
    """
    before = next((device for device in home.devices if device.id == device_id), None)
    if before is None:
        raise ConflictError(f"home {home.id} has no device {device_id}")
    after = msgspec.structs.replace(before, address=address, units=before.units if units is None else units)
    devices = tuple(after if device.id == device_id else device for device in home.devices)
    return msgspec.structs.replace(home, devices=devices), before
