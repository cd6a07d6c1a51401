"""The command that takes a gathered list in: registry import; prints rows and reasons, never a name or a number."""

import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Config, DataDir, at_terminal, settings_of
from app.cli.registry import registry_app
from app.files import DataFiles
from app.gatherer import Gatherer
from app.opened import clock_of
from core.errors import ConfigurationError
from registry.gathering import SYNONYMS, Fate, Source, source_named
from registry.matching import Judged

SOURCE_HELP = "Who gave the list: health 卫健, disabled_federation 残联, grid 网格员, other 其他"
NOTHING_TAKEN = 3
"""The exit code of a list of which not one row could be taken."""


def add_to(app: typer.Typer) -> None:
    """Register the command beside those of the register."""
    _ = app
    registry_app.command("import")(import_list)


def import_list(
    file: Annotated[Path, typer.Argument(help=".xlsx or .csv (UTF-8, GBK or GB18030)")],
    source: Annotated[Source, typer.Option(parser=source_named, help=SOURCE_HELP)],
    config: Config = None,
    data_dir: DataDir = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell each row's fate and change nothing")] = False,
    map_file: Annotated[Path | None, typer.Option("--map", help='TOML: \\[columns] with "header" = "field"')] = None,
) -> None:
    """Take in each row of a list that can be taken, and tell why of each other; exit code 3 when none could be."""
    settings = settings_of(config, data_dir)
    mapping = None if map_file is None else _mapping(map_file)
    content = _content(file)
    truth = DataFiles(settings.data_dir).open_truth()
    try:
        gatherer = Gatherer(truth, clock_of(settings), settings.zone)
        if dry_run:
            plan = gatherer.plan(content, source, mapping, where=str(file))
        else:
            gathering, plan = gatherer.take(content, source, mapping, where=str(file), actor=at_terminal())
            print(f"taken as {gathering.id}")
    finally:
        truth.close()
    for remark in plan.remarks:
        print(f"    {remark}")
    print("columns: " + ", ".join(f"{header} → {field}" for header, field in plan.mapping.items()))
    if plan.columns.unknown:
        print("left out: " + ", ".join(plan.columns.unknown))
    print("would be: " if dry_run else "taken: ", end="")
    print(", ".join(f"{count} {fate}" for fate, count in plan.counts.items()))
    if dry_run:
        _print_fates(plan.rows)
    _print_refused(plan.rows)
    if plan.rows and plan.counts[Fate.REFUSED] == len(plan.rows):
        raise typer.Exit(NOTHING_TAKEN)


def _print_fates(rows: Sequence[Judged]) -> None:
    for one in rows:
        if one.fate is not Fate.REFUSED:
            differ = f"  differs in {', '.join(d.field for d in one.differences)}" if one.differences else ""
            adds = f"  adds {', '.join(one.fills)}" if one.fills and one.fate is not Fate.NEW else ""
            print(f"row {one.row}: {one.fate}{differ}{adds}")


def _print_refused(rows: Sequence[Judged]) -> None:
    refused = [one for one in rows if one.fate is Fate.REFUSED]
    for one in refused:
        for problem in one.problems:
            print(f"row {one.row} not taken: {problem.field}: {problem.sentence}")
    if refused:
        reasons = Counter(problem.field for one in refused for problem in one.problems)
        print("not taken, by field: " + ", ".join(f"{field} {count}" for field, count in reasons.most_common()))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"cannot be read: {error.strerror}", where=str(file), remedy="name an .xlsx or a .csv"
        ) from error


def _mapping(file: Path) -> dict[str, str]:
    try:
        columns = tomllib.loads(file.read_text("utf-8"))["columns"]
        return {str(header): str(field) for header, field in columns.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError) as error:
        remedy = f'write [columns] and lines such as "姓名" = "name"; fields: {", ".join(SYNONYMS)}'
        raise ConfigurationError("it is no map of columns", where=str(file), remedy=remedy) from error
