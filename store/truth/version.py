"""Which migration a database has come to, read without the machinery that migrates."""

from sqlalchemy import Connection, text

HEAD = "0019"
"""The last migration of this release; a test holds it against the files."""


def version_of(connection: Connection) -> str:
    """Return the migration that a database has come to, empty for a new one."""
    known = text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'")
    if connection.scalar(known) is None:
        return ""
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""
