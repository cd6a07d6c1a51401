"""Examines a set-up as an operator would at 3 a.m.: each check says what it saw and what to do; changes nothing."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

from app.check import Check, loose
from app.doctor_people import examine_people
from app.doctor_phones import examine_phones
from app.doctor_ports import examine_broker, examine_console_port
from app.doctor_series import examine_series
from app.doctor_service import examine_service
from app.files import DataFiles
from app.ladder_files import read_ladders
from app.rules_files import loosened_words, read_rulebook
from app.settings import Settings, load_settings, process_environment
from core.errors import ConfigurationError, ShouwangError
from registry.homes import Home
from rules.rulebook import Rulebook
from store.journal import OLDEST_SQLITE

FREE_BYTES_MIN = 500_000_000
"""A county's journal grows by about 50 MB a day: ten days to notice and act."""


def examine(config: Path | None, data_dir: Path | None) -> list[Check]:
    """Return every check; the settings first, since the others need them."""
    try:
        settings = load_settings(config, process_environment(), data_dir=data_dir)
    except ConfigurationError as error:
        return [Check(f"settings: {error.where}: {error.what}", False, error.remedy)]
    return [Check("settings can be read", True), *_examined(settings)]


def standing_troubles(settings: Settings) -> list[Check]:
    """Return what keeps somebody from being rung, for whoever starts the service."""
    return [check for look in (examine_people, examine_phones) for check in look(settings) if not check.is_well]


def _examined(settings: Settings) -> Iterator[Check]:
    for check in (
        _sqlite,
        _data_dir,
        examine_service,
        _space,
        _key,
        _truth,
        _rules,
        _ladders,
        examine_people,
        examine_broker,
        examine_console_port,
        examine_phones,
        examine_series,
    ):
        yield from check(settings)


def _sqlite(_settings: Settings) -> Iterator[Check]:
    is_well = sqlite.sqlite_version_info >= OLDEST_SQLITE
    yield Check(f"SQLite {sqlite.sqlite_version}", is_well, "install pysqlite3 0.6.1 or newer")


def _data_dir(settings: Settings) -> Iterator[Check]:
    path = settings.data_dir
    nearest = next(parent for parent in (path, *path.resolve().parents) if parent.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        yield Check(f"data_dir {path} can be written", True)
    else:
        yield Check(f"data_dir {path} cannot be written", False, f"give this user write access to {nearest}")


def _space(settings: Settings) -> Iterator[Check]:
    path = next(parent for parent in (settings.data_dir, *settings.data_dir.resolve().parents) if parent.exists())
    disk = os.statvfs(path)
    free = disk.f_bavail * disk.f_frsize
    yield Check(f"{free // 1_000_000} MB free", free >= FREE_BYTES_MIN, "free some space: a full disk stops ingest")


def _key(settings: Settings) -> Iterator[Check]:
    files = DataFiles(settings.data_dir)
    if not files.key.exists() and not files.truth.exists():
        yield Check("the key file will be made at the first start; then back it up apart from the data", True)
        return
    yield _attempted("the key file can be used", files.cipher)


def _truth(settings: Settings) -> Iterator[Check]:
    files = DataFiles(settings.data_dir)
    if files.truth.exists():
        yield _attempted("the truth database opens with it", lambda: files.open_truth().close())


def _rules(settings: Settings) -> Iterator[Check]:
    rulebook = Rulebook()
    if settings.rules_file:
        try:
            rulebook = read_rulebook(settings.file_named_by("rules_file"))
        except ConfigurationError as error:
            yield Check(f"rules_file: {error.where}: {error.what}", False, error.remedy)
            return
        yield Check(f"rules v{rulebook.stamp.version} by {rulebook.stamp.changed_by} can be used", True)
    sound: list[Home] = []
    files = DataFiles(settings.data_dir)
    if files.truth.exists() and files.key.exists():
        with contextlib.suppress(ShouwangError):  # what is wrong with the database has been said
            for home in files.homes():
                try:
                    rulebook.parameters_of(home)
                    sound.append(home)
                except ConfigurationError as error:
                    yield Check(f"{error.where}: {error.what}; it keeps the limits it had", False, error.remedy)
    yield from (loose(*words) for words in loosened_words(rulebook, sound))


def _ladders(settings: Settings) -> Iterator[Check]:
    if not settings.ladders_file:
        return
    try:
        stamp = read_ladders(settings.file_named_by("ladders_file")).stamp
    except ConfigurationError as error:
        yield Check(f"ladders_file: {error.where}: {error.what}", False, error.remedy)
        return
    yield Check(f"ladders v{stamp.version} by {stamp.changed_by} can be used", True)


def _attempted(what: str, work: Callable[[], object]) -> Check:
    try:
        work()
    except ConfigurationError as error:
        return Check(f"{error.where}: {error.what}", False, error.remedy)
    except ShouwangError as error:
        return Check(f"{what}: {error}", False, "restore the data directory and its key file from one backup")
    return Check(what, True)
