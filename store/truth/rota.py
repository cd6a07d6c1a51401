"""Rows of the duty rota: every imported plan is kept, the newest holds; names and phones of staff are sealed."""

import msgspec
from sqlalchemy import Connection, exists, func, insert, select

from core.ids import ContactId, HomeId
from registry.duty_contacts import staff_contact
from registry.homes import Contact, ContactRole
from registry.rota import Rota
from store.cipher import FieldCipher
from store.truth import tables

_ROTA = msgspec.json.Decoder(Rota)
_table = tables.rota
_CURRENT = select(_table).order_by(_table.c.version.desc()).limit(1)


class RotaRows:
    """The rota, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    def put(self, rota: Rota, *, at_ms: int, by: str) -> int:
        """Keep a plan in place of the one before; return its version, 1 for the first."""
        version = self.version() + 1
        text = msgspec.json.encode(rota).decode()
        sealed = self._cipher.seal(text, table="rota", column="data", row_id=str(version))
        row = {"version": version, "imported_at_ms": at_ms, "imported_by": by, "data": sealed}
        self._connection.execute(insert(_table).values(row))
        return version

    def version(self) -> int:
        """Return the version of the plan that holds; 0 when there is none."""
        return self._connection.scalar(select(func.max(_table.c.version))) or 0

    def current(self) -> Rota:
        """Return the plan that holds; an empty one before the first import."""
        row = self._connection.execute(_CURRENT).first()
        if row is None:
            return Rota()
        return _ROTA.decode(self._cipher.open(row.data, table="rota", column="data", row_id=str(row.version)))

    def homes_without_duty(self, *, but: HomeId) -> int:
        """Return how many homes have no registered `duty` contact for when the plan has none; one is not counted."""
        home, contact = tables.home, tables.contact
        has_one = exists().where(contact.c.person_id == home.c.person_id, contact.c.role == ContactRole.DUTY.value)
        query = select(func.count()).select_from(home).where(home.c.id != but, ~has_one)
        return int(self._connection.scalar(query) or 0)

    def contact(self, contact_id: ContactId) -> Contact | None:
        """Return one of the plan's people as a contact, or None."""
        return staff_contact(self.current(), contact_id)
