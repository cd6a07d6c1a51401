"""Commands on the journal of readings: is it whole, also a copy of it; and what has come in, also as it comes."""

import asyncio
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from app.cli.options import Config, DataDir, settings_of
from app.files import DataFiles
from core.clock import SystemClock
from core.errors import ConfigurationError
from core.events import Flag, Reading
from core.localtime import from_ms, zone
from core.log import LogEntry
from core.text import printable
from store.journal import Journal
from store.journal_check import Verdict, verify

journal_app = typer.Typer(help="The journal of readings: verify, tail", no_args_is_help=True)

READ_ENTRIES = 500
LOOK_MS = 300
"""How often --follow looks; a person reads no faster."""


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(journal_app, name="journal")


@journal_app.command("verify")
def journal_verify(
    file: Annotated[Path | None, typer.Argument(help="A journal, e.g. a backup; default: that of the data")] = None,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Read every entry against its checksum, on the data or on a copy; exit code 1 when something is not whole."""
    settings = settings_of(config, data_dir)
    path = file or DataFiles(settings.data_dir).journal
    is_closed = file is not None or not _is_served(settings.data_dir)
    verdict = verify(path, is_closed=is_closed)
    _print(verdict, path, zone(settings.zone))
    if not is_closed:
        print("a service runs on it: its very end was not judged (stop it, or verify a copy)")
    if not verdict.is_whole:
        print("keep this file, and restore the newest backup that verifies")
        raise typer.Exit(1)


@journal_app.command("tail")
def journal_tail(
    home: Annotated[str, typer.Option(help="Only of this home")] = "",
    device: Annotated[str, typer.Option(help="Only of this device")] = "",
    limit: Annotated[int, typer.Option(help="How many readings, the newest", min=0)] = 20,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as they come, until Ctrl-C")] = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Print the newest readings in the order in which they came in."""
    settings = settings_of(config, data_dir)
    path = DataFiles(settings.data_dir).journal
    if not path.exists():
        raise ConfigurationError("there is no journal", where=str(path), remedy="name the data with --data-dir")
    journal, tz = Journal(path), zone(settings.zone)
    try:
        seq = journal.last()[0]
        for reading in _newest(journal, seq, home, device, limit):
            print(_line(reading, tz), flush=True)
        if follow:
            asyncio.run(_follow(journal, seq, home, device, tz))
    except KeyboardInterrupt:
        pass
    finally:
        journal.close()


def _newest(journal: Journal, last_seq: int, home: str, device: str, limit: int) -> list[Reading]:
    found: list[Reading] = []
    until = last_seq
    while until > 0 and len(found) < limit:
        after = max(0, until - READ_ENTRIES)
        entries = [entry for entry in journal.read(after, READ_ENTRIES) if entry.seq <= until]
        found = [*_chosen(entries, home, device), *found]
        until = after
    return found[-limit:] if limit else []


async def _follow(journal: Journal, seq: int, home: str, device: str, tz: ZoneInfo) -> None:
    clock = SystemClock()
    while True:
        entries = journal.read(seq, READ_ENTRIES)
        for reading in _chosen(entries, home, device):
            print(_line(reading, tz), flush=True)
        if entries:
            seq = entries[-1].seq
        else:
            await clock.sleep_until_ms(clock.now_ms() + LOOK_MS)


def _chosen(entries: list[LogEntry], home: str, device: str) -> Iterator[Reading]:
    for entry in entries:
        for reading in entry.readings:
            if (not home or reading.home_id == home) and (not device or reading.device_id == device):
                yield reading


def _line(reading: Reading, tz: ZoneInfo) -> str:
    at = f"{from_ms(reading.observed_at_ms, tz):%Y-%m-%d %H:%M:%S}"
    value = reading.value if not isinstance(reading.value, bool) else str(reading.value).lower()
    flags = ",".join(flag.name.lower() for flag in Flag if flag and flag & reading.flags and flag.name)
    delay_s = (reading.received_at_ms - reading.observed_at_ms) // 1000
    late = f"  +{delay_s} s" if delay_s else ""
    told = f"{reading.metric}={value}{late}{f'  {flags}' if flags else ''}"
    return printable(f"{at}  {reading.home_id}  {reading.device_id}  {told}")


def _print(verdict: Verdict, path: Path, tz: ZoneInfo) -> None:
    for fault in verdict.faults:
        print(f"BAD  {fault.kind}: {fault.detail}")
    noted = verdict.noted
    if noted.found:
        print(f"set aside before: {noted.found} places, {noted.entries} entries, {noted.readings} readings")
    print(
        f"{'whole' if verdict.is_whole else 'NOT WHOLE'}: {path}: {verdict.entries} entries,"
        f" {verdict.readings} readings, {_parked_words(verdict)}"
    )
    if verdict.entries:
        begins, ends = from_ms(verdict.from_ms, tz), from_ms(verdict.until_ms, tz)
        print(f"entries {verdict.first_seq} to {verdict.last_seq}, {begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M}")


def _parked_words(verdict: Verdict) -> str:
    read = f", {verdict.parked_read} of them read since" if verdict.parked_read else ""
    unchecked = verdict.parked_unchecked
    older = f", {unchecked} of them unchecked: an older release wrote no checksum" if unchecked else ""
    return f"{verdict.parked} parked messages{read}{older}"


def _is_served(data_dir: Path) -> bool:
    lock = data_dir / "service.lock"
    if not lock.exists():
        return False
    with lock.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
