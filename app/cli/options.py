"""Options that several commands share."""

import contextlib
import getpass
import os
import tempfile
from collections.abc import Generator
from datetime import date, datetime
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

FILE_SUFFIXES = frozenset({".xlsx", ".pdf", ".docx", ".json", ".csv"})
"""A folder that is to be made is not called so: whoever writes it means a file, as other commands' --out takes."""

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


def begun_ms(text: str, zone_name: str) -> int:
    """Return when a visit began; a day without its time is no beginning, and midnight would be made up."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return local_minute_ms(text, zone_name, where="--at")
    raise ConfigurationError(
        f"{text!r} 没有写时间 has no time of day",
        where="--at",
        remedy=f'写明几点几分 write when it began: "{day} 10:00"',
    )


def check_writable(path: Path | None, *, where: str) -> None:
    """Refuse a report that could not be written, before the work that it tells of; raises ConfigurationError."""
    if path is None:
        return
    try:
        is_writable = not path.is_dir() and (os.access(path, os.W_OK) if path.exists() else _takes_files(path.parent))
    except OSError:  # a name that is too long, a folder that nobody may look into
        is_writable = False
    if not is_writable:
        raise ConfigurationError("cannot be written there", where=f"{where} {path}", remedy="name a file in a folder")


def check_folder(path: Path | None, *, where: str) -> None:
    """Refuse a folder that files could not be written into, nor made, before anything is; raises ConfigurationError."""
    if path is None:
        return
    try:
        there = next(one for one in (path.absolute(), *path.absolute().parents) if one.exists())
        is_writable = _takes_files(there)
    except OSError:
        is_writable = False
    if not is_writable:
        raise ConfigurationError(
            "不能写入 / is no folder that can be written into",
            where=f"{where} {path}",
            remedy="写一个可写的文件夹 / name a folder, there or to be made",
        )
    if path.suffix.lower() in FILE_SUFFIXES and not path.is_dir():
        raise ConfigurationError(
            "是文件名，这里要文件夹 / is a file's name, and a folder is meant",
            where=f"{where} {path}",
            remedy=f"写文件夹，文件名由命令定 / name the folder, the command names its files: {where} {path.parent}",
        )


@contextlib.contextmanager
def handing_out(path: Path, *, where: str) -> Generator[None]:
    """Name the file and the remedy where a disk refuses what is written for somebody; raises ConfigurationError."""
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"未能写入 / could not be written: {error.strerror}",
            where=f"{where} {error.filename2 or path}",
            remedy="腾出空间或换一个文件夹后再执行 / make room or name another folder, and do it again",
        ) from error


def _takes_files(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):  # rights alone do not tell: /proc takes none from anybody
            return True
    except OSError:
        return False


def person_named(argument: str, option: str) -> PersonId:
    """Return whom a command is about, named either way; raises ConfigurationError for nobody and for two."""
    named = {text.strip() for text in (argument, option) if text.strip()}
    if len(named) != 1:
        raise ConfigurationError(
            "whose it is must be said once", where="the person", remedy="write their id, e.g. p-h0123: registry people"
        )
    return PersonId(named.pop())
