"""Definitions that sensors and bridges have told, kept over a restart; what is lost of them is told again."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

from core.errors import ConfigurationError, DurabilityError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS definition (
  number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, topic TEXT NOT NULL,
  payload BLOB NOT NULL) STRICT;
"""


class DefinitionFile:
    """One SQLite file; used by one thread after `load`."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; raises ConfigurationError when it is damaged."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite.connect(str(path), isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")  # what a power cut takes is told again
            self._connection.executescript(_SCHEMA)
        except sqlite.DatabaseError as error:
            self._connection.close()
            raise ConfigurationError(
                f"not a file of definitions ({error})", where=str(path), remedy="delete it: sensors tell it again"
            ) from error

    def load(self) -> Iterator[tuple[str, bytes]]:
        """Yield (topic, payload) in the order in which they came."""
        yield from self._connection.execute("SELECT topic, payload FROM definition ORDER BY number")

    def save(self, changes: Mapping[str, tuple[str, bytes]]) -> None:
        """Keep definitions by key in place of those before; an empty payload deletes. Raises DurabilityError."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for key, (topic, payload) in changes.items():
                self._connection.execute("DELETE FROM definition WHERE key = ?", (key,))
                if payload:
                    row = (key, topic, payload)
                    self._connection.execute("INSERT INTO definition (key, topic, payload) VALUES (?, ?, ?)", row)
            self._connection.execute("COMMIT")
        except sqlite.Error as error:
            raise DurabilityError(f"definitions could not be kept: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
