"""Rows of cursors and snapshots of projections; moved in the transaction that did the work, never apart from it."""

from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from store.truth import tables


class CursorRows:
    """Cursors and snapshots by name, bound to one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seq(self, name: str) -> int:
        """Return the seq of the last entry that was worked on; 0 before the first."""
        return self._connection.scalar(select(tables.cursor.c.seq).where(tables.cursor.c.name == name)) or 0

    def set_seq(self, name: str, seq: int) -> None:
        """Move a cursor."""
        self._put(tables.cursor, {"name": name, "seq": seq})

    def blob(self, name: str) -> bytes | None:
        """Return a snapshot, or None when none was kept."""
        return self._connection.scalar(select(tables.snapshot.c.data).where(tables.snapshot.c.name == name))

    def set_blob(self, name: str, data: bytes) -> None:
        """Keep a snapshot in place of the one before."""
        self._put(tables.snapshot, {"name": name, "data": data})

    def _put(self, table: Table, row: dict[str, Any]) -> None:
        if self._connection.execute(update(table).where(table.c.name == row["name"]).values(row)).rowcount == 0:
            self._connection.execute(insert(table).values(row))
