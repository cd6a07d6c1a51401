"""A home, its devices and the people to call; the read model that rules and alerts share."""

from enum import StrEnum

import msgspec

from core.ids import ContactId, DeviceId, HomeId, PersonId
from core.localtime import DEFAULT_ZONE_NAME


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
    address: str  # "care/<home>/<device>" or "zigbee2mqtt/<friendly name>"
    role: DeviceRole
    room: str = ""
    heartbeat_ms: int | None = None  # None: it speaks only when something happens, its silence says nothing
    units: dict[str, str] = {}  # payload property -> unit, from the install record; discovery wins


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


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """One home: where, whose, with which devices; `limits` override rule parameters for this home."""

    id: HomeId
    person_id: PersonId | None
    area: str
    devices: tuple[Device, ...] = ()
    zone_name: str = DEFAULT_ZONE_NAME
    is_key_person: bool = False
    limits: dict[str, float] = {}
