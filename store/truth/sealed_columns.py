"""Every sealed column with the place its values are bound to: whoever must open, count or erase them all asks here."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select

from store.cipher import FieldCipher
from store.truth.tables import metadata


class Sealed(NamedTuple):
    """The sealed columns of a table, and the columns whose values name a row's place."""

    columns: tuple[str, ...]
    key: tuple[str, ...] = ("id",)
    joint: str = "/"


SEALED_COLUMNS: Mapping[str, Sealed] = {
    "person": Sealed(("details", "name", "id_number", "phone", "address", "illness")),
    "contact": Sealed(("name", "phone", "relation")),
    "home": Sealed(("suspensions",)),
    "alert": Sealed(("outcome_note",)),
    "trace": Sealed(("text", "suppression"), ("alert_id", "position")),
    "silence": Sealed(("reason",)),
    "rota": Sealed(("data",), ("version",)),
    "device_credential": Sealed(("token",), ("username",)),
    "entry": Sealed(("data",), ("person_id",)),
    "entry_version": Sealed(("why", "data"), ("person_id", "version"), ":"),
    "child_contact": Sealed(("note",)),
    "gathered_row": Sealed(("detail",), ("gathering_id", "row"), ":"),
    "conflict": Sealed(("kept", "offered")),
    "verification": Sealed(("note",), ("person_id", "gathering_id"), ":"),
    "audit": Sealed(("detail",), ("number",)),
    "visit": Sealed(("note", "details")),
    "visit_version": Sealed(("data",), ("visit_id", "version")),
    "standing_fact": Sealed(("data",)),
    "follow_up": Sealed(("data",)),
    "eligibility": Sealed(("data",)),
    "monthly_return": Sealed(("data", "content")),
    "evaluation": Sealed(("data",), ("month", "person_id")),
    "erasure": Sealed(("reason",), ("person_id",)),
    "legal_hold": Sealed(("reason",), ("person_id",)),
}


def table_of(name: str) -> Table:
    """Return a table by its name."""
    return metadata.tables[name]


def place_of(name: str, row: Mapping[Any, Any]) -> str:
    """Return the place that a row's sealed values are bound to."""
    sealed = SEALED_COLUMNS[name]
    return sealed.joint.join(str(row[column]) for column in sealed.key)


def opened(cipher: FieldCipher, name: str, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row with its sealed columns in clear; what was erased is empty, bytes of an index are left out."""
    sealed = SEALED_COLUMNS.get(name, Sealed(()))
    found = {str(column): value for column, value in row.items() if not isinstance(value, bytes)}
    for column in sealed.columns:
        value = row[column]
        if value is not None:
            found[column] = cipher.open(value, table=name, column=column, row_id=place_of(name, row)) if value else ""
    return found


def everything_opened(connection: Connection, cipher: FieldCipher) -> Iterator[tuple[str, str, str, str]]:
    """Yield every sealed value of the database in clear: table, place, column, text. Takes some seconds of a county."""
    for name, sealed in SEALED_COLUMNS.items():
        columns = [table_of(name).c[column] for column in (*sealed.key, *sealed.columns)]
        for row in connection.execute(select(*columns).execution_options(yield_per=1000)).mappings():
            for column, text in opened(cipher, name, row).items():
                if column in sealed.columns and text:
                    yield name, place_of(name, row), column, str(text)
