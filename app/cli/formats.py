"""Commands about what sensors say: formats report; reads definitions and dumps, changes nothing."""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from core.errors import ConfigurationError
from ingest.formats.conventions import SPOKEN
from ingest.formats.report import Yielded, yielded
from ingest.raw import UnreadableError

formats_app = typer.Typer(help="What sensors say and how it is read", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(formats_app, name="formats")


@formats_app.callback()
def formats() -> None:
    """Keep the command in its group."""


@formats_app.command("report")
def report(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Zigbee2MQTT's bridge/devices, or definitions or Shelly dumps, a JSON a line, .gz or not"),
    ] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Only the totals, not each device")] = False,
) -> None:
    """Say what each convention is, or what each definition or dump in the files yields; exit code 1 for a leftover."""
    if not files:
        for one in SPOKEN:
            print(f"{one.name}\n    topics   {'  '.join(one.filters)}")
            print(f"    address  {one.address}\n    units    {one.units}")
        return
    totals = [_told(file, is_brief=brief) for file in files]
    if any(totals):
        raise typer.Exit(1)


def _told(file: Path, *, is_brief: bool) -> int:
    """Print what a file yields; return how many properties nobody can explain."""
    read, past, leftover, count, useful = 0, Counter[str](), 0, 0, 0
    for one in _yields(file):
        count += 1
        useful += bool(one.read)
        read += len(one.read)
        past += one.reasons()
        leftover += len(one.unexplained)
        if not is_brief or one.unexplained:
            print(f"{one.name}: {', '.join(one.read) or 'nothing'}{_shown(one)}")
    reasons = ", ".join(f"{reason} {number}" for reason, number in past.most_common())
    print(f"{file.name}: {count} read, {useful} yield something; {read} properties become readings")
    print(f"    read past: {reasons or 'nothing'}; unexplained: {leftover}")
    return leftover


def _shown(one: Yielded) -> str:
    past = ", ".join(f"{reason} {number}" for reason, number in one.reasons().most_common() if reason)
    unexplained = f"  UNEXPLAINED {', '.join(one.unexplained)}" if one.unexplained else ""
    return (f"  (past: {past})" if past else "") + unexplained


def _yields(file: Path) -> Iterator[Yielded]:
    for number, record in _records(file):
        try:
            yield yielded(record)
        except UnreadableError as error:
            raise ConfigurationError(
                error.detail, where=f"{file}, line {number}", remedy="name a bridge/devices list, definitions or dumps"
            ) from error


def _records(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, object); a whole file that is one list is Zigbee2MQTT's bridge/devices."""
    try:
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            f"is not in UTF-8 (byte {error.start + 1})",
            where=f"{file}, line {line}",
            remedy="save it as UTF-8",
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigurationError(f"cannot be read ({error})", where=str(file), remedy="name a readable file") from error
    is_list = text.lstrip().startswith("[")
    for number, line in enumerate([text] if is_list else text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found: Any = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(
                f"not JSON ({error})", where=f"{file}, line {number}", remedy="give one JSON a line"
            ) from error
        for one in found if is_list else [found]:
            yield number, _flat(one)


def _flat(record: object) -> dict[str, Any]:
    """Return a record; a device of bridge/devices with its definition written out."""
    fields = cast("dict[str, Any]", record) if isinstance(record, dict) else {}
    if "friendly_name" not in fields:
        return fields
    definition = fields.get("definition")
    inside = cast("dict[str, Any]", definition) if isinstance(definition, dict) else {}
    return {"vendor": fields["friendly_name"], "model": inside.get("model", ""), "exposes": inside.get("exposes", [])}
