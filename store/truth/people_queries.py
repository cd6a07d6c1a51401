"""Statements of the registry that stand by themselves: a device's place, and who works for whom."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, insert, select

from core.errors import ConflictError
from core.ids import ContactId, HomeId, PersonId
from registry.homes import ContactRole, Device
from store.truth import tables

PERSONS_AT_ONCE = 500
"""Bound variables of one statement; SQLite takes some 32,000."""


def insert_device(connection: Connection, home_id: HomeId, position: int, device: Device) -> None:
    """Write a device of a home; raises ConflictError when its id or its address is another home's."""
    same = (tables.device.c.id == device.id) | (tables.device.c.address == device.address)
    other = connection.execute(select(tables.device).where(same)).first()
    if other is not None or device.home_id != home_id:
        owner = device.home_id if other is None else other.home_id
        raise ConflictError(f"device {device.id} at {device.address} is already registered in home {owner}")
    connection.execute(
        insert(tables.device).values(
            id=device.id,
            home_id=home_id,
            position=position,
            address=device.address,
            data=msgspec.json.encode(device).decode(),
        )
    )


def workers_of(connection: Connection, persons: Collection[PersonId]) -> dict[PersonId, ContactId]:
    """Return each person's grid worker, the first of their ladder; one worker has one id for all their people."""
    table, asked = tables.contact, set(persons)
    query = (
        select(table.c.id, table.c.person_id, table.c.phone_blind)
        .where(table.c.role == ContactRole.GRID_WORKER.value)
        .order_by(table.c.position.desc(), table.c.id.desc())
    )
    if len(asked) <= PERSONS_AT_ONCE:
        query = query.where(table.c.person_id.in_(sorted(asked)))
    rows = [row for row in connection.execute(query) if row.person_id in asked]
    named = {row.phone_blind: ContactId(row.id) for row in rows if row.phone_blind is not None}
    return {PersonId(row.person_id): named.get(row.phone_blind, ContactId(row.id)) for row in rows}
