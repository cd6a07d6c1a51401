"""Commands of the audit chain: audit verify, offline on a database file; audit list."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Config, DataDir, settings_of
from app.files import DataFiles
from app.opened import opened_truth
from core.errors import ConfigurationError
from core.localtime import from_ms, zone
from store.cipher import FieldCipher, read_key
from store.truth.audit_file import verify_file

audit_app = typer.Typer(help="The audit chain: who saw and changed what", no_args_is_help=True)

BROKEN = 1
"""The exit code of a chain that does not hold."""

AUTHORS = "the rows that vouch for others were written with the key of this database"
AUTHORS_UNKNOWN = "not checked, for want of the key file: who wrote the rows that vouch for others (--key)"


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(audit_app, name="audit")


@audit_app.command("verify")
def verify(
    file: Annotated[Path | None, typer.Argument(help="A database file, or a copy of it; default: this data's")] = None,
    config: Config = None,
    data_dir: DataDir = None,
    key: Annotated[
        Path | None, typer.Option(help="The key file of that database; default: this data's, if any")
    ] = None,
    expect: Annotated[str, typer.Option(help="ROWS:HEAD as an earlier verify printed it")] = "",
) -> None:
    """Walk the whole chain, with or without a running service; what differs is named.

    The ledger's rows are held against it: table, row and column of whatever was changed by other hands. With the key
    file, that of the data directory or the one named, so is who wrote the rows that vouch for them.
    """
    path, key_file = file, key
    if path is None:
        files = DataFiles(settings_of(config, data_dir).data_dir)
        path, key_file = files.truth, key or (files.key if files.key.exists() else None)
    rows, head = _expected(expect)
    cipher = None if key_file is None else FieldCipher(read_key(key_file))
    verdict = verify_file(path, head=head, rows=rows, key=cipher)
    if verdict.broken_at is not None:
        print(f"broken at row {verdict.broken_at}: {verdict.why}")
        raise typer.Exit(BROKEN)
    print(f"whole: {verdict.rows} rows")
    print(AUTHORS if cipher is not None else AUTHORS_UNKNOWN)
    print(f"write down, and give to the next verify: --expect {verdict.rows}:{verdict.head}")


@audit_app.command("list")
def list_rows(
    config: Config = None,
    data_dir: DataDir = None,
    subject: Annotated[str, typer.Option(help="Only of this id")] = "",
    limit: Annotated[int, typer.Option(help="How many, newest first")] = 50,
) -> None:
    """List who did what to whom, the newest first; ids, no names."""
    settings = settings_of(config, data_dir)
    tz = zone(settings.zone)
    with opened_truth(settings) as truth, truth.view() as unit:
        rows = unit.audit.list(subject=subject, limit=limit)
        total = unit.audit.head()[0]
    for row in rows:
        marks = f"  [{', '.join(row.marks)}]" if row.marks else ""
        at = from_ms(row.at_ms, tz).strftime("%Y-%m-%d %H:%M:%S")
        print(f"#{row.number}  {at}  {row.actor}  {row.action}  {row.subject}{marks}")
    print(f"{total} rows in the chain")


def _expected(text: str) -> tuple[int | None, str]:
    if not text:
        return None, ""
    rows, _, head = text.partition(":")
    if not rows.isdigit() or len(head) != len("0" * 64):
        remedy = "give it as verify printed it"
        raise ConfigurationError(f"{text!r} is no ROWS:HEAD", where="--expect", remedy=remedy)
    return int(rows), head
