"""What many tests begin with and what is made once a process for them: a new database's schema, a password's hash.

A migration is 50 ms of work and a hash 100, both thousands of times. Only a database without any table is given the
schema; one of an earlier or a later release is migrated as ever. A hash costs what it costs in service: whoever
verifies a password works as long as ever.
"""

import functools

from argon2 import PasswordHasher
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, create_engine, text

from store.truth import migrating
from store.truth.version import version_of

VERSION = "alembic_version"
_migrate, _hash = migrating.migrate, PasswordHasher.hash


def install() -> None:
    """Let this process make them once."""
    migrating.migrate = _made_ready
    PasswordHasher.hash = _hash_made_ready


def _made_ready(connection: Connection) -> None:
    if connection.scalar(text("SELECT count(*) FROM sqlite_master")):
        _migrate(connection)
        return
    for statement in _statements():
        connection.exec_driver_sql(statement)


@functools.cache
def _statements() -> tuple[str, ...]:
    """Return what makes the tables of a new database, and the one row that the migrations leave in them."""
    engine = create_engine("sqlite://", module=sqlite)
    with engine.begin() as connection:
        _migrate(connection)
        made = connection.execute(
            text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
        )
        parts = [part for part in made if not part.name.startswith("sqlite_")]
        tables = {part.name for part in parts if part.type == "table"}
        assert {name for name in tables if connection.scalar(text(f"SELECT count(*) FROM {name}"))} == {VERSION}  # noqa: S608
        version = version_of(connection)
    engine.dispose()
    return (*(part.sql for part in parts), f"INSERT INTO {VERSION} VALUES ('{version}')")  # noqa: S608


def _hash_made_ready(hasher: PasswordHasher, password: str) -> str:
    return _hash_of(hasher.time_cost, hasher.memory_cost, hasher.parallelism, password)


@functools.cache
def _hash_of(time_cost: int, memory_cost: int, parallelism: int, password: str) -> str:
    return _hash(PasswordHasher(time_cost, memory_cost, parallelism), password)
