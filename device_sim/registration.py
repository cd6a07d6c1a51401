"""Everything to register before a simulated home may speak: a person, the home, its contacts; stores nothing."""

from datetime import date

import msgspec

from core.ids import DeviceId, HomeId
from registry.homes import Contact, Device, DeviceRole, Home
from registry.people import Person, Tier, tier_of


class Registration(msgspec.Struct, frozen=True):
    """One home with the person who lives there and the people to call."""

    person: Person
    home: Home
    contacts: tuple[Contact, ...] = ()


def is_key_person(person: Person, on: date) -> bool:
    """Return whether the person is of the key tier on a day."""
    return tier_of(person, on).tier is Tier.KEY


def sim_device(
    home_id: HomeId,
    name: str,
    role: DeviceRole,
    room: str,
    *,
    heartbeat_ms: int | None = None,
    address: str = "",
    units: dict[str, str] | None = None,
) -> Device:
    """Return a device "<home>/<name>" that speaks on `care/<home>/<name>/event`, unless it has another address."""
    return Device(
        id=DeviceId(f"{home_id}/{name}"),
        home_id=home_id,
        address=address or f"care/{home_id}/{name}",
        role=role,
        room=room,
        heartbeat_ms=heartbeat_ms,
        units=units or {},
    )
