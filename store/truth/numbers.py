"""Rows of what is known of phone numbers, found by a blind index: the numbers themselves stand nowhere here."""

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from registry.readiness import NumberState
from store.cipher import FieldCipher
from store.truth import tables

_table = tables.number_state
_GET = select(_table).where(_table.c.phone_blind == bindparam("wanted"))


class NumberRows:
    """Knowledge of numbers, bound to one transaction."""

    def __init__(self, connection: Connection, cipher: FieldCipher) -> None:
        self._connection = connection
        self._cipher = cipher

    def get(self, phone: str) -> NumberState:
        """Return what is known of a number, however it is written; nothing is known of an empty one."""
        row = self._connection.execute(_GET, {"wanted": self._blind(phone)}).mappings().first()
        if row is None:
            return NumberState()
        return NumberState(**{name: value for name, value in row.items() if name != "phone_blind"})

    def put(self, phone: str, state: NumberState) -> None:
        """Keep what is known of a number; nothing is kept of an empty one."""
        blind = self._blind(phone)
        if blind is None:
            return
        row = msgspec.structs.asdict(state)
        changed = self._connection.execute(update(_table).where(_table.c.phone_blind == blind).values(row))
        if changed.rowcount == 0:
            self._connection.execute(insert(_table).values(phone_blind=blind, **row))

    def _blind(self, phone: str) -> bytes | None:
        return self._cipher.blind_phone(phone, table="number_state")
