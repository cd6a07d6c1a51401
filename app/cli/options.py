"""Options that several commands share."""

import getpass
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.log_lines import log_in_zone
from app.settings import Settings, load_settings, process_environment
from core.errors import ConfigurationError
from core.ids import PersonId
from core.localtime import to_ms, zone

Config = Annotated[Path | None, typer.Option("--config", help="Settings file; default ./shouwang.toml if there")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where the data stand; overrides the settings")]

Whose = Annotated[str, typer.Argument(help="Whose: the person's id, e.g. p-h0123")]
PersonOption = Annotated[str, typer.Option("--person", help="Whose; the same as the argument")]
Who = Annotated[str, typer.Option("--as", help="Whose name is written down: an account's")]


def at_terminal() -> str:
    """Return who answers for what is done with the machine's account, without naming anybody else."""
    return f"cli:{getpass.getuser()}"


def settings_of(config: Path | None, data_dir: Path | None, **given: object) -> Settings:
    """Return the settings of this call, whose zone the log shows from then on; raises ConfigurationError."""
    settings = load_settings(config, process_environment(), data_dir=data_dir, **given)
    log_in_zone(settings.zone)
    return settings


def local_minute_ms(text: str, zone_name: str, *, where: str) -> int:
    """Return the instant of a local time such as "2026-03-02 14:00"; raises ConfigurationError naming the option."""
    try:
        local = datetime.fromisoformat(text)
        return to_ms(local if local.tzinfo is not None else local.replace(tzinfo=zone(zone_name)))
    except (ValueError, OverflowError) as error:  # the year 1 has no zone that reaches back
        raise ConfigurationError(
            f"{text!r} is no local time", where=where, remedy='write it as "2026-03-02 14:00"'
        ) from error


def check_writable(path: Path | None, *, where: str) -> None:
    """Refuse a report that could not be written, before the work that it tells of; raises ConfigurationError."""
    if path is not None and (path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK)):
        raise ConfigurationError("cannot be written there", where=f"{where} {path}", remedy="name a file in a folder")


def person_named(argument: str, option: str) -> PersonId:
    """Return whom a command is about, named either way; raises ConfigurationError for nobody and for two."""
    named = {text.strip() for text in (argument, option) if text.strip()}
    if len(named) != 1:
        raise ConfigurationError(
            "whose it is must be said once", where="the person", remedy="write their id, e.g. p-h0123: registry people"
        )
    return PersonId(named.pop())
