"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from app.settings import Settings, load_settings, process_environment

Config = Annotated[Path | None, typer.Option("--config", help="Settings file; default ./shouwang.toml if there")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where the data stand; overrides the settings")]


def settings_of(config: Path | None, data_dir: Path | None, **given: object) -> Settings:
    """Return the settings of this call; raises ConfigurationError."""
    return load_settings(config, process_environment(), data_dir=data_dir, **given)
