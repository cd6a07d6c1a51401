"""The command that runs users' own timetables of readings through the rules: rules test."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Config, settings_of
from app.cli.rulebooks import rulebook_of_settings
from app.kept_file import read_text
from app.rules_files import read_rulebook
from rules.rehearsal import Outcome, rehearse
from rules.timetable import parse_timetable


def add_to(rules_app: typer.Typer) -> None:
    """Register the command."""
    rules_app.command("test")(run_timetables)


def run_timetables(
    files: Annotated[list[Path], typer.Argument(help="Timetables: readings by the clock and expected findings")],
    rules: Annotated[
        Path | None, typer.Option(help="A rulebook to test under; default: the settings' rules_file")
    ] = None,
    config: Config = None,
) -> None:
    """Run timetables of readings and compare the findings with the expected ones; exit code 1 when one differs."""
    rulebook = read_rulebook(rules) if rules is not None else rulebook_of_settings(settings_of(config, None))
    timetables = [parse_timetable(read_text(file), where=str(file)) for file in files]
    failed = total = 0
    for timetable in timetables:
        print(timetable.where)
        for outcome in rehearse(timetable, rulebook):
            total += 1
            failed += not outcome.has_passed
            _print(outcome)
    print(f"{total - failed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


def _print(outcome: Outcome) -> None:
    if outcome.has_passed:
        print(f"  ok    {outcome.name}")
        return
    print(f"  FAIL  {outcome.name} (line {outcome.line}; - expected, + found)")
    for line in outcome.lines:
        print(f"        {line}")
