"""Brings a database to this release's schema."""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from core.errors import ConfigurationError

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

_migrating = threading.Lock()  # alembic keeps its environment in module globals


def migrate(connection: Connection) -> None:
    """Bring the schema to this release within the caller's transaction; ConfigurationError when it is newer."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        with _migrating:
            command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigurationError(
            f"the database was written by another release: {error}",
            where=str(connection.engine.url.database),
            remedy="start the release that wrote it, or restore the back-up made before the upgrade",
        ) from error
