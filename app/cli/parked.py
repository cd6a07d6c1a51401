"""Commands over messages that could not be read: parked list, show, retry; on the data, service or not."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer

from app.broker_users import LOG_FILE
from app.cli.options import Config, DataDir, at_terminal, settings_of
from app.devices import DeviceDesk
from app.files import DataFiles
from app.opened import clock_of, opened_truth
from app.refusal_watch import refused_lately
from app.refusals import REMEDY
from app.settings import Settings
from core.errors import ConfigurationError, NotFoundError
from core.localtime import from_ms, zone
from core.log import ParkReason
from core.park_words import PARK_REMEDIES, PARK_WORDS
from core.payload_text import SHOWN_BYTES, shown_payload
from core.text import printable
from store.parked import ParkedFile

MOST_AT_ONCE = 10_000
"""Messages that one call may ask for; the service reads some thousand a second."""

parked_app = typer.Typer(help="Messages that could not be read", invoke_without_command=True)

Limit = Annotated[int, typer.Option(help="How many, newest first")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(parked_app, name="parked")


@parked_app.callback()
def parked(
    context: typer.Context,
    config: Config = None,
    data_dir: DataDir = None,
    limit: Limit = 50,
) -> None:
    """List messages that could not be read, as `parked list` does."""
    if context.invoked_subcommand is None:
        list_parked(config, data_dir, limit)


@parked_app.command("list")
def list_parked(
    config: Config = None,
    data_dir: DataDir = None,
    limit: Limit = 50,
    reason: Annotated[ParkReason | None, typer.Option(help="Of one reason")] = None,
) -> None:
    """List messages that could not be read and wait, with the reason; none is dropped below the limit."""
    settings = settings_of(config, data_dir)
    if not DataFiles(settings.data_dir).journal.exists():
        print("0 parked messages")
        _print_refused(settings)
        return
    with _opened(settings) as file:
        counts, messages = file.counts(), file.waiting(limit, reason=reason)
    tz = zone(settings.zone)
    print(f"{sum(counts.values())} parked messages " + ", ".join(f"{k} {n}" for k, n in sorted(counts.items())))
    for message in messages:
        at = from_ms(message.received_at_ms, tz).strftime("%Y-%m-%d %H:%M:%S")
        payload, _ = shown_payload(message.payload[:120])
        print(printable(f"#{message.id} {at} {message.reason}: {message.detail}\n    {message.topic} {payload}"))
    _print_refused(settings)


@parked_app.command("show")
def show(parked_id: int, config: Config = None, data_dir: DataDir = None) -> None:
    """Show one message with its payload, why it was parked, and what mends it."""
    settings = settings_of(config, data_dir)
    with _opened(settings) as file:
        found = file.get(parked_id)
    if found is None:
        raise NotFoundError(f"no parked message {parked_id}")
    message, entry_seq = found
    words, remedy = PARK_WORDS[message.reason], PARK_REMEDIES[message.reason]
    at = from_ms(message.received_at_ms, zone(settings.zone)).strftime("%Y-%m-%d %H:%M:%S")
    print(f"#{message.id} {at} {'retained ' if message.retain else ''}{len(message.payload)} bytes")
    print(printable(message.topic))
    print(printable(f"{message.reason} {words.zh} {words.en}: {message.detail}\n{remedy.zh} {remedy.en}"))
    for one in message.unknown:
        print(printable(f"  {one.address}{f'/{one.part}' if one.part else ''}  {', '.join(one.metrics)}"))
    if entry_seq is not None:
        print(f"read since, in journal entry {entry_seq}" if entry_seq else "counted; nobody wants it")
    text, is_text = shown_payload(message.payload[:SHOWN_BYTES])
    print(text if is_text else f"(hexadecimal) {text}")


@parked_app.command("retry")
def retry(
    parked_ids: Annotated[list[int] | None, typer.Argument(help="Which; left out with --reason or --all")] = None,
    reason: Annotated[ParkReason | None, typer.Option(help="All of one reason")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait")] = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Ask the service to read messages again: each becomes readings exactly once, or waits with today's reason."""
    settings = settings_of(config, data_dir)
    if not (parked_ids or reason or everything):
        raise ConfigurationError("nothing was named", where="the arguments", remedy="name numbers, --reason or --all")
    with _opened(settings) as file:
        if parked_ids:
            found = [(number, file.get(number)) for number in parked_ids]
            waiting = [number for number, one in found if one is not None and one[1] is None]
        else:
            waiting = [one.id for one in file.waiting(MOST_AT_ONCE, reason=reason)]
    with opened_truth(settings) as truth:
        DeviceDesk(truth, clock_of(settings)).ask_retry(waiting, at_terminal())
    print(f"{len(waiting)} messages will be read again, by the running service or at its next start")


def _print_refused(settings: Settings) -> None:
    """Say what the embedded broker refused: nothing of that is parked."""
    if settings.mqtt_host:
        print(f"the broker at {settings.mqtt_host} is your own: what it refuses stands in its log, and is not parked")
        return
    refused = refused_lately(settings.data_dir / "broker" / LOG_FILE)
    if not refused:
        return
    times = sum(one.count for one in refused)
    print(f"refused by the broker since its start, nothing of it is kept: {times} messages or subscriptions")
    for one in refused:
        print(printable(f"    {one.count} × {one.words.en}"))
    print(f"    {REMEDY.en}")


@contextmanager
def _opened(settings: Settings) -> Generator[ParkedFile]:
    files = DataFiles(settings.data_dir)
    if not files.journal.exists():
        raise ConfigurationError(
            "there is no journal here yet", where=f"data_dir {settings.data_dir}", remedy="name another with --data-dir"
        )
    file = ParkedFile(files.journal)
    try:
        yield file
    finally:
        file.close()
