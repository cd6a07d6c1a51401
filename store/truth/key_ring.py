"""The keys of a database as they rest in it, and their change with the key file's; holds none in clear."""

from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from core.errors import ConfigurationError, StaleKeyError
from store.cipher import FieldCipher, Ring
from store.truth import tables
from store.truth.rota import RotaRows

FIELD, INDEX = "field", "index"

_ring = tables.key_ring
_fact = tables.fact
_KEY_ID = "key_id"


def opened_cipher(connection: Connection, cipher: FieldCipher) -> FieldCipher:
    """Return the cipher with the database's keys, which a new database is given; ConfigurationError: not its key file.

    A database of before there was a ring is given a fresh key for what is written from now on; the keys that were
    derived from its key file go on opening what rests there.
    """
    known = connection.scalar(select(_fact.c.value).where(_fact.c.name == _KEY_ID))
    if known is not None and known != cipher.key_id:
        raise ConfigurationError(
            f"the database was sealed with key {known}, the key file holds {cipher.key_id}",
            where=str(connection.engine.url.database),
            remedy=f"restore the key file with id {known} from its back-up",
        )
    found = list(connection.execute(select(_ring).order_by(_ring.c.place)))
    if found:
        fields = [cipher.unwrap(row.wrapped, row.id, FIELD) for row in found if row.use == FIELD]
        index = next(cipher.unwrap(row.wrapped, row.id, INDEX) for row in found if row.use == INDEX)
        return cipher.with_ring(Ring(tuple(fields), index))
    own = cipher.own_ring
    ring = Ring.fresh() if known is None else Ring(Ring.fresh(own.fields).fields, own.index)
    _put(connection, cipher, ring)
    return cipher.with_ring(ring)


def check_in_force(connection: Connection, cipher: FieldCipher) -> None:
    """Raise StaleKeyError when the keys were changed since the cipher was opened.

    What it wrote would be filed under an index that nobody looks in: a number twice, and nobody would know.
    """
    known = connection.scalar(select(_fact.c.value).where(_fact.c.name == _KEY_ID))
    head = connection.scalar(select(_ring.c.id).where(_ring.c.place == 0))
    if known != cipher.key_id or head != cipher.ring.fields[0].id.hex():
        raise StaleKeyError(
            "数据库密钥已更换，请重新运行 / the keys of the database were changed meanwhile: start again"
        )


def turn(connection: Connection, cipher: FieldCipher, master: FieldCipher) -> FieldCipher:
    """Let a new key file's key open the database in place of the old one's; return the cipher from now on.

    What is written from now on is sealed with a fresh key. The keys before it are wrapped anew, so that the old key
    file opens nothing here any more; what they sealed rests as it is, because the chain vouches for those bytes. The
    index has a fresh key too, and every number is filed under it; a number that stands nowhere is forgotten.
    """
    ring = Ring.fresh(cipher.ring.fields)
    _put(connection, master, ring)
    turned = master.with_ring(ring)
    _file_numbers_anew(connection, cipher, turned)
    return turned


def _put(connection: Connection, cipher: FieldCipher, ring: Ring) -> None:
    told = [(FIELD, one) for one in ring.fields] + [(INDEX, ring.index)]
    rows = [
        {"id": one.id.hex(), "use": use, "place": place, "wrapped": cipher.wrap(one, use)}
        for place, (use, one) in enumerate(told)
    ]
    connection.execute(delete(_ring))
    connection.execute(insert(_ring), rows)
    if connection.execute(update(_fact).where(_fact.c.name == _KEY_ID).values(value=cipher.key_id)).rowcount == 0:
        connection.execute(insert(_fact).values(name=_KEY_ID, value=cipher.key_id))


def _file_numbers_anew(connection: Connection, old: FieldCipher, new: FieldCipher) -> None:
    phones = {one.phone for one in RotaRows(connection, old).current().staff}
    for table in (tables.person, tables.contact):
        phones |= _file_table_anew(connection, old, new, table)
    _move(connection, tables.number_state, "phone_blind", _moves(old, new, phones, "number_state"))
    _move(connection, tables.attempt, "to_blind", _moves(old, new, phones, "attempt"))


def _file_table_anew(connection: Connection, old: FieldCipher, new: FieldCipher, table: Table) -> set[str]:
    """Set the blind columns of people or contacts; return their numbers."""
    rows: list[dict[str, Any]] = []
    phones: set[str] = set()
    has_id_number = "id_number" in table.c
    for row in connection.execute(select(table)):
        phone = old.open(row.phone, table=table.name, column="phone", row_id=row.id)
        found: dict[str, Any] = {"same": row.id, "phone_blind": new.blind_phone(phone, table=table.name)}
        if has_id_number:
            number = old.open(row.id_number, table=table.name, column="id_number", row_id=row.id)
            found["id_number_blind"] = new.blind_id_number(number)
        rows.append(found)
        phones.add(phone)
    if rows:
        columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "same"}
        connection.execute(update(table).where(table.c.id == bindparam("same")).values(columns), rows)
    return phones


def _moves(old: FieldCipher, new: FieldCipher, phones: set[str], table: str) -> dict[bytes, bytes]:
    pairs = ((old.blind_phone(one, table=table), new.blind_phone(one, table=table)) for one in phones)
    return {was: now for was, now in pairs if was is not None and now is not None}


def _move(connection: Connection, table: Table, column: str, moves: dict[bytes, bytes]) -> None:
    """Set an index of numbers; of one that stands nowhere, the row or the index goes."""
    index = table.c[column]
    held = set(connection.scalars(select(index).where(index.is_not(None)).distinct()))
    for was in held:
        if was in moves:
            connection.execute(update(table).where(index == was).values({column: moves[was]}))
        elif index.nullable:
            connection.execute(update(table).where(index == was).values({column: None}))
        else:
            connection.execute(delete(table).where(index == was))
