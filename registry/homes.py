"""A home, its devices and the people to call; the read model that rules and alerts share."""

from enum import StrEnum

import msgspec

from core.ids import ContactId, DeviceId, HomeId, PersonId
from core.localtime import DEFAULT_ZONE_NAME, HOUR_MS


class DeviceRole(StrEnum):
    """What a device's signal means for the person, whatever its make."""

    INTERIOR_MOTION = "interior_motion"
    BED_MOTION = "bed_motion"
    BATHROOM_MOTION = "bathroom_motion"
    OUTSIDE_DOOR = "outside_door"  # a contact: open, then closed
    OUTSIDE_DOOR_MOTION = "outside_door_motion"  # a motion sensor in the entryway that stands in for the contact
    INTERIOR_DOOR = "interior_door"  # room doors, cupboards, the refrigerator
    WATER_METER = "water_meter"
    POWER_METER = "power_meter"
    APPLIANCE = "appliance"  # a plug: kettle, cooker
    LEAK = "leak"
    SMOKE_GAS_CO = "smoke_gas_co"
    SOS_BUTTON = "sos_button"
    CLIMATE = "climate"
    GATEWAY = "gateway"


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One registered device; `address` is what its messages are filed under, e.g. "care/h0123/kitchen_pir"."""

    id: DeviceId
    home_id: HomeId
    address: str  # "care/<home>/<device>", "zigbee2mqtt/<friendly name>", … (docs/operations.md, sensors)
    role: DeviceRole
    room: str = ""
    heartbeat_ms: int | None = None  # None: it speaks only when something happens, its silence says nothing
    units: dict[str, str] = {}  # the install record: payload property -> "m³", "10 L" a pulse, "open", "not open"


class ContactRole(StrEnum):
    """Who a contact is to the person; escalation ladders name roles, never people."""

    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    GRID_WORKER = "grid_worker"  # 网格员
    DUTY = "duty"
    SUPERVISOR = "supervisor"


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One person who may be rung for another."""

    id: ContactId
    person_id: PersonId
    role: ContactRole
    order: int  # 1 = first visit contact (第一探访联系人)
    name: str = ""
    phone: str = ""  # E.164
    relation: str = ""
    is_registered_visitor: bool = False  # only a registered visitor's home visit counts (policy B3, C1)


class SuspensionReason(StrEnum):
    """Why nobody is expected at home."""

    HOSPITAL = "hospital"
    WITH_FAMILY = "with_family"  # at the children's
    HOLIDAY = "holiday"
    MOVED = "moved"
    DIED = "died"
    OTHER = "other"


class Suspension(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch declared by somebody in which nobody is watched over in this home; its hazards still are."""

    from_ms: int
    until_ms: int | None  # None: until somebody ends it
    reason: SuspensionReason
    author: str = ""  # the account that declared it

    def covers(self, at_ms: int) -> bool:
        """Return whether it holds at a moment; at `until_ms` it has ended."""
        return self.from_ms <= at_ms and (self.until_ms is None or at_ms < self.until_ms)


LONGEST_TEST_MS = 4 * HOUR_MS
"""A home left under test by mistake is watched over again the same day."""


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """One home: where, whose, with which devices; `limits` override rule parameters for this home."""

    id: HomeId
    person_id: PersonId | None
    area: str
    devices: tuple[Device, ...] = ()
    zone_name: str = DEFAULT_ZONE_NAME
    is_key_person: bool = False
    limits: dict[str, float] = {}
    suspensions: tuple[Suspension, ...] = ()
    test_until_ms: int | None = None  # devices are being tried out until then, from LONGEST_TEST_MS before at most

    def suspension_at(self, at_ms: int) -> Suspension | None:
        """Return the suspension that holds at a moment, or None."""
        return next((one for one in self.suspensions if one.covers(at_ms)), None)

    def is_tested_at(self, at_ms: int) -> bool:
        """Return whether the home is under test at a moment."""
        return self.test_until_ms is not None and self.test_until_ms - LONGEST_TEST_MS <= at_ms < self.test_until_ms
