"""Rows of people, homes, devices and contacts; personal fields are sealed before SQL sees them."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Table, bindparam, delete, func, insert, or_, select, update

from core.errors import ConflictError, NotFoundError
from core.ids import ContactId, HomeId, PersonId
from registry.duty_contacts import is_staff
from registry.homes import Contact, ContactRole, Device, Home, Suspension
from registry.people import Person
from store.cipher import FieldCipher
from store.truth import tables
from store.truth.areas import EVERYWHERE, below
from store.truth.people_queries import insert_device, workers_of
from store.truth.rota import RotaRows
from store.truth.seals import Seals

SEALED = ("name", "id_number", "phone", "address", "illness")

_VERSION = "registry_version"
_DEVICE = msgspec.json.Decoder(Device)
_LIMITS = msgspec.json.Decoder(dict[str, float])
_SUSPENSIONS = msgspec.json.Decoder(tuple[Suspension, ...])
_DETAILS = msgspec.json.Decoder(dict[str, Any])
_PLAIN = {"id", "home_id", "area", *SEALED}

# What each decision asks is put together once: building a statement takes longer than the database needs for it.
_PERSON = select(tables.person).where(tables.person.c.id == bindparam("wanted"))
_HOME = select(tables.home).where(tables.home.c.id == bindparam("wanted"))
_DEVICES = (
    select(tables.device).where(tables.device.c.home_id == bindparam("wanted")).order_by(tables.device.c.position)
)
_CONTACT = select(tables.contact).where(tables.contact.c.id == bindparam("wanted"))
_CONTACTS = (
    select(tables.contact)
    .where(tables.contact.c.person_id == bindparam("wanted"))
    .order_by(tables.contact.c.position, tables.contact.c.id)
)


def registry_version(connection: Connection) -> int:
    """Return a number that grows with every change of the registry; 0 before the first."""
    return int(connection.scalar(select(tables.fact.c.value).where(tables.fact.c.name == _VERSION)) or 0)


def bump_version(connection: Connection) -> None:
    """Say within a transaction that the registry has changed."""
    fact, version = tables.fact, str(registry_version(connection) + 1)
    if connection.execute(update(fact).where(fact.c.name == _VERSION).values(value=version)).rowcount == 0:
        connection.execute(insert(fact).values(name=_VERSION, value=version))


class PeopleRows:
    """The registry, bound to one transaction; every put_* bumps `version()` in that transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher, seals: Seals) -> None:
        self._connection = connection
        self._cipher = cipher
        self._seals = seals

    def version(self) -> int:
        """Return a number that grows with every change of the registry; 0 before the first."""
        return registry_version(self._connection)

    def put_person(self, person: Person) -> None:
        """Insert or replace; raises ConflictError when the identity number belongs to somebody else."""
        namesake = self.find_person_by_id_number(person.id_number)
        if namesake is not None and namesake.id != person.id:
            raise ConflictError(f"person {namesake.id} already has the identity number of {person.id}")
        self._put(tables.person, self._person_row(person))
        self._seals.touch(tables.person, [person.id])

    def add_people(self, people: Sequence[Person]) -> None:
        """Insert people nobody knows yet, all in one statement; raises ConflictError when somebody is known."""
        if people:
            self._connection.execute(insert(tables.person), [self._person_row(person) for person in people])
            self._seals.touch(tables.person, [person.id for person in people])
            self._bump()

    def person(self, person_id: PersonId) -> Person | None:
        """Return the person with every field readable, or None."""
        row = self._connection.execute(_PERSON, {"wanted": person_id}).first()
        return None if row is None else self._person(row)

    def persons(self, area: str = "") -> list[Person]:
        """Return everybody of an area and below it by id; of no area: everybody."""
        return self._persons(below(tables.person.c.area, area))

    def persons_named(self, persons: Collection[PersonId]) -> list[Person]:
        """Return some people by id, with every field readable; as many as one page shows."""
        return self._persons(tables.person.c.id.in_(sorted(persons))) if persons else []

    def housemates(self, home_id: HomeId) -> list[PersonId]:
        """Return who lives in a home."""
        query = select(tables.person.c.id).where(tables.person.c.home_id == home_id).order_by(tables.person.c.id)
        return [PersonId(row.id) for row in self._connection.execute(query)]

    def unnamed_persons(self, area: str = "") -> list[Person]:
        """Return the same with empty personal fields: counting asks for no names, and opens none."""
        table = tables.person
        query = select(table.c.id, table.c.home_id, table.c.area, table.c.details)
        rows = self._connection.execute(query.where(below(table.c.area, area)).order_by(table.c.id)).all()
        return [self._unnamed(row) for row in rows]

    def villages(self, area: str = "") -> list[tuple[str, int]]:
        """Return each village (town/village) of an area with how many people are registered in it."""
        counts: dict[str, int] = {}
        query = select(tables.person.c.area, func.count()).where(below(tables.person.c.area, area))
        for place, count in self._connection.execute(query.group_by(tables.person.c.area)):
            village = "/".join(str(place).split("/")[:2])
            counts[village] = counts.get(village, 0) + int(count)
        return sorted(counts.items())

    def find_person_by_id_number(self, id_number: str) -> Person | None:
        """Return who has the identity number, however it is written; None for an empty or unknown one."""
        blind = self._cipher.blind_id_number(id_number)
        rows = self._persons(tables.person.c.id_number_blind == blind) if blind else []
        return rows[0] if rows else None

    def find_persons_by_phone(self, phone: str) -> list[Person]:
        """Return the people with that number, however it is written; a couple may share one."""
        blind = self._cipher.blind_phone(phone, table="person")
        return self._persons(tables.person.c.phone_blind == blind) if blind else []

    def put_home(self, home: Home) -> None:
        """Insert or replace with exactly these devices; raises ConflictError when another home has one of them."""
        self._put(
            tables.home,
            {
                "id": home.id,
                "person_id": home.person_id,
                "area": home.area,
                "zone_name": home.zone_name,
                "is_key_person": home.is_key_person,
                "limits": msgspec.json.encode(home.limits).decode(),
                "suspensions": self._sealed_suspensions(home),
                "test_until_ms": home.test_until_ms,
            },
        )
        self._connection.execute(delete(tables.device).where(tables.device.c.home_id == home.id))
        for position, device in enumerate(home.devices):
            insert_device(self._connection, home.id, position, device)

    def home(self, home_id: HomeId) -> Home | None:
        """Return the home with its devices, or None."""
        wanted = {"wanted": home_id}
        row = self._connection.execute(_HOME, wanted).first()
        if row is None:
            return None
        return self._home(row, [_DEVICE.decode(found.data) for found in self._connection.execute(_DEVICES, wanted)])

    def homes(self) -> list[Home]:
        """Return all homes by id, with their devices."""
        return self.homes_in(EVERYWHERE)

    def homes_in(self, areas: Sequence[str]) -> list[Home]:
        """Return the homes of some areas (one at least) by id, with their devices."""
        devices: dict[str, list[Device]] = {}
        by_home = select(tables.device).order_by(tables.device.c.home_id, tables.device.c.position)
        for row in self._connection.execute(by_home):
            devices.setdefault(row.home_id, []).append(_DEVICE.decode(row.data))
        where = or_(*(below(tables.home.c.area, area) for area in areas))
        rows = self._connection.execute(select(tables.home).where(where).order_by(tables.home.c.id))
        return [self._home(row, devices.get(row.id, [])) for row in rows]

    def device_at(self, address: str) -> Device | None:
        """Return the device whose messages are filed under the address, or None."""
        data = self._connection.scalar(select(tables.device.c.data).where(tables.device.c.address == address))
        return None if data is None else _DEVICE.decode(data)

    def put_contact(self, contact: Contact) -> None:
        """Insert or replace; raises NotFoundError when there is no such person."""
        if self._connection.scalar(select(tables.person.c.id).where(tables.person.c.id == contact.person_id)) is None:
            raise NotFoundError(f"no person {contact.person_id} for contact {contact.id}")
        self._put(
            tables.contact,
            {
                "id": contact.id,
                "person_id": contact.person_id,
                "role": contact.role.value,
                "position": contact.order,
                "is_registered_visitor": contact.is_registered_visitor,
                "name": self._seal("contact", "name", contact.id, contact.name),
                "phone": self._seal("contact", "phone", contact.id, contact.phone),
                "relation": self._seal("contact", "relation", contact.id, contact.relation),
                "phone_blind": self._cipher.blind_phone(contact.phone, table="contact"),
            },
        )

    def contact(self, contact_id: ContactId) -> Contact | None:
        """Return the contact, registered for a person or of the duty rota, or None."""
        if is_staff(contact_id):
            return RotaRows(self._connection, self._cipher).contact(contact_id)
        row = self._connection.execute(_CONTACT, {"wanted": contact_id}).first()
        return None if row is None else self._contact(row)

    def contacts(self, person_id: PersonId) -> list[Contact]:
        """Return a person's contacts, first visit contact first."""
        return [self._contact(row) for row in self._connection.execute(_CONTACTS, {"wanted": person_id})]

    def find_contacts_by_phone(self, phone: str) -> list[Contact]:
        """Return the contacts with that number; a grid worker stands beside many people."""
        blind = self._cipher.blind_phone(phone, table="contact")
        return self._contacts(tables.contact.c.phone_blind == blind) if blind else []

    def _put(self, table: Table, row: dict[str, Any]) -> None:
        changed = self._connection.execute(update(table).where(table.c.id == row["id"]).values(row))
        if changed.rowcount == 0:
            self._connection.execute(insert(table).values(row))
        self._bump()

    def _bump(self) -> None:
        bump_version(self._connection)

    def contacts_of_area(self, area: str, roles: Collection[ContactRole]) -> list[Contact]:
        """Return who serves an area and all below it in some roles, each number once, in the order of their ladders.

        An empty area is everywhere.
        """
        table, person = tables.contact, tables.person
        is_in_area = (person.c.area == area) | person.c.area.startswith(f"{area}/" if area else "", autoescape=True)
        is_asked = is_in_area & table.c.role.in_(sorted(role.value for role in roles))
        serving = select(func.min(table.c.id)).join(person, person.c.id == table.c.person_id).where(is_asked)
        return self._contacts(table.c.id.in_(serving.group_by(table.c.role, table.c.phone_blind)))

    def workers_of(self, persons: Collection[PersonId]) -> dict[PersonId, ContactId]:
        """Return each person's grid worker, the first of their ladder; one worker has one id for all their people."""
        return workers_of(self._connection, persons)

    def _person_row(self, person: Person) -> dict[str, Any]:
        details = {k: v for k, v in msgspec.to_builtins(person).items() if k not in _PLAIN}
        row: dict[str, Any] = {
            "id": person.id,
            "home_id": person.home_id,
            "area": person.area,
            "details": self._seal("person", "details", person.id, msgspec.json.encode(details).decode()),
            "id_number_blind": self._cipher.blind_id_number(person.id_number),
            "phone_blind": self._cipher.blind_phone(person.phone, table="person"),
        }
        for column in SEALED:
            row[column] = self._seal("person", column, person.id, getattr(person, column))
        return row

    def _persons(self, *where: ColumnElement[bool]) -> list[Person]:
        query = select(tables.person).where(*where).order_by(tables.person.c.id)
        return [self._person(row) for row in self._connection.execute(query)]

    def _person(self, row: Row[Any]) -> Person:
        opener = self._opener("person", row)
        fields = _DETAILS.decode(opener("details")) | {column: opener(column) for column in SEALED}
        return msgspec.convert(fields | {"id": row.id, "home_id": row.home_id, "area": row.area}, Person)

    def _unnamed(self, row: Any) -> Person:  # noqa: ANN401 - a row of four columns
        details = _DETAILS.decode(self._cipher.open(row.details, table="person", column="details", row_id=row.id))
        return msgspec.convert(details | {"id": row.id, "home_id": row.home_id, "area": row.area}, Person)

    def _sealed_suspensions(self, home: Home) -> bytes | None:
        text = msgspec.json.encode(home.suspensions).decode()
        return self._seal("home", "suspensions", home.id, text) if home.suspensions else None

    def _home(self, row: Row[Any], devices: list[Device]) -> Home:
        suspensions = self._opener("home", row)("suspensions") if row.suspensions else "[]"
        return Home(
            id=row.id,
            person_id=row.person_id,
            area=row.area,
            devices=tuple(devices),
            zone_name=row.zone_name,
            is_key_person=row.is_key_person,
            limits=_LIMITS.decode(row.limits),
            suspensions=_SUSPENSIONS.decode(suspensions),
            test_until_ms=row.test_until_ms,
        )

    def _contacts(self, *where: ColumnElement[bool]) -> list[Contact]:
        table = tables.contact
        query = select(table).where(*where).order_by(table.c.position, table.c.id)
        return [self._contact(row) for row in self._connection.execute(query)]

    def _contact(self, row: Row[Any]) -> Contact:
        opener = self._opener("contact", row)
        return Contact(
            id=row.id,
            person_id=row.person_id,
            role=ContactRole(row.role),
            order=row.position,
            name=opener("name"),
            phone=opener("phone"),
            relation=opener("relation"),
            is_registered_visitor=row.is_registered_visitor,
        )

    def _seal(self, table: str, column: str, row_id: str, text: str) -> bytes:
        return self._cipher.seal(text, table=table, column=column, row_id=row_id)

    def _opener(self, table: str, row: Row[Any]) -> Callable[[str], str]:
        return lambda column: self._cipher.open(getattr(row, column), table=table, column=column, row_id=row.id)
