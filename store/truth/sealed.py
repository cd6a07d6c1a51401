"""One table of sealed JSON records with a few plain columns to find them by; knows no meaning of either."""

from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, insert, select, update

from core.errors import ConflictError
from store.cipher import FieldCipher
from store.truth.seals import Seals

T = TypeVar("T", bound=msgspec.Struct)


class SealedRows(Generic[T]):
    """Records of one kind, bound to one transaction; the table has `id` and `data`, and `version` if it is given."""

    def __init__(self, connection: Connection, cipher: FieldCipher, seals: Seals, table: Table, kind: type[T]) -> None:
        self._connection = connection
        self._cipher = cipher
        self._seals = seals
        self._table = table
        self._decoder = msgspec.json.Decoder(kind)

    def add(self, row_id: str, record: T, **plain: Any) -> None:  # noqa: ANN401 - columns of the table
        """Write a new record; raises ConflictError when the id is taken."""
        if self.get(row_id) is not None:
            raise ConflictError(f"{self._table.name} {row_id} is there already")
        self._connection.execute(insert(self._table).values(id=row_id, data=self.sealed(row_id, record), **plain))
        self._seals.touch(self._table, [row_id])

    def put(self, row_id: str, record: T, version: int, **plain: Any) -> None:  # noqa: ANN401 - columns of the table
        """Write version 1 of a record or the next version of a known one; raises ConflictError for any other."""
        if version == 1:
            self.add(row_id, record, version=1, **plain)
            return
        same = (self._table.c.id == row_id, self._table.c.version == version - 1)
        values = {"data": self.sealed(row_id, record), "version": version, **plain}
        if self._connection.execute(update(self._table).where(*same).values(values)).rowcount != 1:
            raise ConflictError(f"已有人先处理 / somebody was first: {self._table.name} {row_id} has moved on")
        self._seals.touch(self._table, [row_id])

    def get(self, row_id: str) -> T | None:
        """Return the record, or None."""
        found = self.list(self._table.c.id == row_id)
        return found[0] if found else None

    def list(self, *where: ColumnElement[bool], order: tuple[Any, ...] = ()) -> list[T]:
        """Return records, by id where no order is given."""
        query = select(self._table.c.id, self._table.c.data).where(*where).order_by(*order, self._table.c.id)
        return [self.opened(row.id, row.data) for row in self._connection.execute(query)]

    def sealed(self, row_id: str, record: T) -> bytes:
        """Return the record sealed for its row."""
        text = msgspec.json.encode(record).decode()
        return self._cipher.seal(text, table=self._table.name, column="data", row_id=row_id)

    def opened(self, row_id: str, data: bytes) -> T:
        """Return the record of a row's sealed bytes."""
        return self._decoder.decode(self._cipher.open(data, table=self._table.name, column="data", row_id=row_id))
