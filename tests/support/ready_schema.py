"""The schema of a new truth database, migrated once a process and written again for each: a migration is 50 ms of work.

Only a database without any table is given it; one of an earlier or a later release is migrated as ever.
"""

import functools

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, create_engine, text

from store.truth import migrating
from store.truth.version import version_of

VERSION = "alembic_version"
_migrate = migrating.migrate


def install() -> None:
    """Let this process open new truth databases with the schema that the migrations have once made in it."""
    migrating.migrate = _made_ready


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
