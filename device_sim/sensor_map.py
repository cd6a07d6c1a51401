"""Which sensor of a recording hangs where and whose home it is, from a TOML file; guesses nothing."""

from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from core.errors import ConfigurationError
from core.events import Metric
from core.ids import ContactId, DeviceId, HomeId, PersonId
from core.localtime import zone
from device_sim.map_tables import ContactTable, HomeTable, MappedSensor, MapTables, PersonTable, device_name
from device_sim.registration import Registration, sim_device
from registry.homes import Contact, DeviceRole, Home
from registry.people import Person

METRIC_OF_ROLE: dict[DeviceRole, Metric] = {
    DeviceRole.INTERIOR_MOTION: Metric.MOTION,
    DeviceRole.BED_MOTION: Metric.MOTION,
    DeviceRole.BATHROOM_MOTION: Metric.MOTION,
    DeviceRole.OUTSIDE_DOOR_MOTION: Metric.MOTION,
    DeviceRole.OUTSIDE_DOOR: Metric.OPEN,
    DeviceRole.INTERIOR_DOOR: Metric.OPEN,
    DeviceRole.WATER_METER: Metric.WATER_TOTAL_L,
    DeviceRole.POWER_METER: Metric.POWER_W,
    DeviceRole.APPLIANCE: Metric.POWER_W,
    DeviceRole.LEAK: Metric.WET,
    DeviceRole.SMOKE_GAS_CO: Metric.SMOKE,
    DeviceRole.SOS_BUTTON: Metric.SOS,
    DeviceRole.CLIMATE: Metric.TEMPERATURE_C,
    DeviceRole.GATEWAY: Metric.ONLINE,
}
"""What the one value of a recorded sensor means."""


class SensorMap(msgspec.Struct, frozen=True):
    """A recording's home: who lives there, in which zone its local times are, and every sensor by name."""

    registration: Registration
    sensors: dict[str, MappedSensor]
    where: str  # the file, or how it came about; errors name it

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which the recording's local times are read."""
        return zone(self.registration.home.zone_name)

    def device_id(self, sensor: str) -> DeviceId:
        """Return the id under which a sensor is registered."""
        return DeviceId(f"{self.registration.home.id}/{device_name(sensor)}")


def load_sensor_map(path: Path) -> SensorMap:
    """Read a map; raises ConfigurationError with file, line and remedy."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the sensor map cannot be read ({error})", where=str(path), remedy="name a readable TOML file in UTF-8"
        ) from error
    return parse_sensor_map(text, where=str(path))


def shipped_sensor_map(name: str) -> SensorMap:
    """Read the map that comes with the program under this name, e.g. "tm000"; raises ConfigurationError."""
    where = f"device_sim/maps/{name}.toml"
    file = resources.files("device_sim") / "maps" / f"{name}.toml"
    if not file.is_file():
        raise ConfigurationError("no such sensor map", where=where, remedy="name a file, or leave the map out")
    return parse_sensor_map(file.read_text(encoding="utf-8"), where=where)


def parse_sensor_map(text: str, *, where: str) -> SensorMap:
    """Read a map from its text; raises ConfigurationError with `where`, line and remedy."""
    tables = MapTables(text, where)
    home = tables.home()
    person = tables.person()
    sensors = tables.sensors()
    return SensorMap(_registration(home, person, tables.contacts(), sensors), sensors, where)


def bare_sensor_map(home_id: str, sensors: dict[str, MappedSensor], *, where: str) -> SensorMap:
    """Return a map for a home of which nothing but its sensors is known; nobody can be called for it."""
    return SensorMap(_registration(HomeTable(id=home_id), PersonTable(), [], sensors), sensors, where)


def _registration(
    home: HomeTable, person: PersonTable, contacts: list[ContactTable], sensors: dict[str, MappedSensor]
) -> Registration:
    home_id, person_id = HomeId(home.id), PersonId(f"p-{home.id}")
    resident = Person(
        id=person_id,
        home_id=home_id,
        area=home.area,
        categories=person.categories,
        birth_date=person.birth_date,
        capacity=person.capacity,
        mobile_home_phone=person.mobile_home_phone,
        name=person.name,
        phone=person.phone,
        address=person.address,
    )
    return Registration(
        resident,
        Home(
            id=home_id,
            person_id=person_id,
            area=home.area,
            devices=tuple(
                sim_device(
                    home_id,
                    device_name(name),
                    s.role,
                    s.room,
                    heartbeat_ms=None if s.heartbeat_s is None else s.heartbeat_s * 1000,
                    address=s.address,
                    units=s.units,
                )
                for name, s in sensors.items()
            ),
            zone_name=home.zone,
            is_key_person=home.is_key_person,
            limits=home.limits,
        ),
        tuple(_contact(home.id, person_id, order, contact) for order, contact in enumerate(contacts, start=1)),
    )


def _contact(home_id: str, person_id: PersonId, order: int, contact: ContactTable) -> Contact:
    return Contact(
        id=ContactId(f"c-{home_id}-{order}"),
        person_id=person_id,
        role=contact.role,
        order=order,
        name=contact.name,
        phone=contact.phone,
        relation=contact.relation,
        is_registered_visitor=contact.is_registered_visitor,
    )
