"""The due board on the command line: who is owed what in a month, the rate, a worker's route; changes nothing."""

from typing import Annotated

import typer

from app.areas import check_area, check_worker
from app.cli.options import Config, DataDir, settings_of
from app.ledger_due import board_rows, month_rows
from app.opened import opened_book
from core.errors import ConfigurationError
from visits.due_board import OUTSTANDING, BoardRow, ordered, route_of
from visits.due_windows import WindowState


def visits_due(
    month: Annotated[str, typer.Option(help="e.g. 2024-02")],
    config: Config = None,
    data_dir: DataDir = None,
    area: Annotated[str, typer.Option(help="A town, village or grid, e.g. shuren/qiaotou")] = "",
    worker: Annotated[str, typer.Option(help="The route of one worker: their contact id")] = "",
    outstanding: Annotated[bool, typer.Option("--outstanding", help="Only who is still owed a visit")] = False,
) -> None:
    """List what each person is owed in a month; key persons' home visits are never satisfied by monitoring."""
    settings = settings_of(config, data_dir)
    with opened_book(settings) as book, book.truth.view() as unit:
        try:
            found = month_rows(unit, month, book.today(), book.policy, area)
        except ValueError as error:
            raise ConfigurationError(str(error), where="--month", remedy="write it as 2024-02") from error
        rows = board_rows(unit, found, book.today())
        if not rows:  # what was served there once stays readable when everybody has moved on
            check_area(unit, area, "--area")
        if worker not in {row.worker for row in rows}:
            check_worker(unit, worker, "--worker")
    if worker:
        stops = route_of(rows, worker)
        if not stops:
            print("没有要去的人家 / no home to go to")
        for stop in stops:
            print(f"{stop[0].area}  {stop[0].home_id}: " + "; ".join(f"{r.person_id} {r.due.sentence}" for r in stop))
        return
    for row in ordered(rows):
        if not outstanding or row.risk in OUTSTANDING:
            _print_row(row)
    rate = found.rate
    print(
        f"月探访率 monthly rate {rate.contacted}/{rate.active} ({'–' if rate.share is None else f'{rate.share:.1%}'})"
    )
    print(f"{len(rows)} people, {sum(row.due.owed for row in rows)} visits owed in {month}")


def _print_row(row: BoardRow) -> None:
    due = row.due
    print(f"{row.person_id}  {due.tier}  {due.sentence}  [{row.risk}]")
    for window in (*due.windows, *due.specials):
        span = f"{window.window.from_date:%m-%d}..{window.window.until_date:%m-%d}"
        why = f"  {window.why}" if window.state is WindowState.NOT_REQUIRED else ""
        print(f"    {window.window.obligation} {span}  {window.state}  owed {window.owed}, done {window.done}{why}")
    for words in (due.warning, due.suggestion):
        if words is not None:
            print(f"    ! {words}")
