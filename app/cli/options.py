"""Options that several commands share."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.settings import Settings, load_settings, process_environment
from core.errors import ConfigurationError
from core.localtime import to_ms, zone

Config = Annotated[Path | None, typer.Option("--config", help="Settings file; default ./shouwang.toml if there")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where the data stand; overrides the settings")]


def settings_of(config: Path | None, data_dir: Path | None, **given: object) -> Settings:
    """Return the settings of this call; raises ConfigurationError."""
    return load_settings(config, process_environment(), data_dir=data_dir, **given)


def local_minute_ms(text: str, zone_name: str, *, where: str) -> int:
    """Return the instant of a local time such as "2026-03-02 14:00"; raises ConfigurationError naming the option."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{text!r} is no local time", where=where, remedy='write it as "2026-03-02 14:00"'
        ) from error
    return to_ms(local if local.tzinfo is not None else local.replace(tzinfo=zone(zone_name)))
