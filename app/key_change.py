"""The change of the key file: whole or not at all, however it is interrupted; the next start ends what was begun."""

import os
from collections.abc import Callable
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

from core.errors import ConfigurationError
from store.cipher import FieldCipher, create_key, read_key
from store.folders import sync_folder
from store.truth.database import Truth, Unit

NEXT = ".next"
"""What the key file is called until the database is turned to it."""


def settle(key: Path, database: Path) -> None:
    """End a change that was interrupted after the database was turned; one that was interrupted before is no change."""
    fresh = _next_of(key)
    if not fresh.exists() or not database.exists():
        return
    if _key_id_of(database) == FieldCipher(read_key(fresh)).key_id:
        _put_in_place(fresh, key)


def change(truth: Truth, key: Path, by: str, at_ms: int, told: Callable[[str], None]) -> str:
    """Make a fresh key and turn the database to it; return its id. `told` hears of each step as it is done.

    The caller holds the data directory, and has put the old key away where its back-ups are.
    """
    fresh = _next_of(key)
    if fresh.exists():
        fresh.unlink()  # of a change that never reached the database: nothing is sealed with it
    create_key(fresh)
    told("a fresh key is written")
    master = FieldCipher(read_key(fresh))

    def tell(unit: Unit) -> None:
        unit.audit.append(by, "keys.rotated", f"key:{master.key_id}", "", at_ms)
        told("the database is about to be turned")

    truth.turn_keys(master, tell)
    told("the database is turned")
    _put_in_place(fresh, key)
    told("the key file is in place")
    return master.key_id


def put_away(key: Path, target: Path) -> None:
    """Copy the key file to where the back-ups that it opens are kept; raises ConfigurationError where a file is."""
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        if target.exists() and target.read_bytes() == key.read_bytes():
            return  # put away before an interruption
        raise ConfigurationError(
            f"the old key cannot be written there: {error.strerror}", where=f"--old-key {target}", remedy="name another"
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(key.read_bytes())
        file.flush()
        os.fsync(file.fileno())


def _next_of(key: Path) -> Path:
    return key.with_name(key.name + NEXT)


def _put_in_place(fresh: Path, key: Path) -> None:
    try:
        fresh.replace(key)
    except FileNotFoundError:
        return  # another process has just done it
    sync_folder(key.parent)


def _key_id_of(database: Path) -> str:
    connection = sqlite.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT value FROM fact WHERE name = 'key_id'").fetchone()
    finally:
        connection.close()
    return "" if row is None else str(row[0])
