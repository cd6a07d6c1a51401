"""The command return: each village's monthly return as files, and its steps; the same command twice is one return."""

from pathlib import Path
from typing import Annotated

import typer

from api.ledger_wording import LEDGER_WORDS
from app.cli.options import Config, DataDir, Who, settings_of, who_of
from app.opened import opened_book
from app.paper.return_form import ReturnPaper
from app.return_files import write_return
from app.returning import Returning
from core.errors import ConfigurationError
from registry.areas import is_village
from visits.returns import ReturnStep, deadline_words
from visits.windows import month_of


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("return")(make_return)


def make_return(
    month: Annotated[str, typer.Argument(help="The month in which it is handed in, e.g. 2024-02")],
    config: Config = None,
    data_dir: DataDir = None,
    out: Annotated[Path | None, typer.Option(help="Folder for PDF, XLSX, JSON and hashes")] = None,
    area: Annotated[str, typer.Option(help="One village, e.g. shuren/qiaotou; left out: all")] = "",
    step: Annotated[ReturnStep | None, typer.Option(help="Sign, receive, send back, reopen, close again")] = None,
    text: Annotated[str, typer.Option(help="The receipt's number, or the reason")] = "",
    account: Who = "",
) -> None:
    """Draw up the monthly return of each village (due before the 20th), take it a step further, write its files."""
    try:
        month_of(month)
    except ValueError as error:
        raise ConfigurationError(str(error), where="the argument", remedy="write it as 2024-02") from error
    by = who_of(account)
    settings = settings_of(config, data_dir)
    with opened_book(settings) as book:
        returning = Returning(book)
        paper = ReturnPaper(book.zone, Path(settings.print_fonts) if settings.print_fonts else None)
        with book.truth.view() as unit:
            places = unit.people.villages(area)
            names = unit.entries.areas()
        villages = [place for place, _ in places if is_village(place)]
        for place, count in places:
            if not is_village(place):
                print(_outside(place, count))
        if not villages:
            raise ConfigurationError("nobody is registered there", where="--area", remedy="shouwang registry list")
        for village in villages:
            row, content = returning.draft(month, village, by)
            if step is not None:
                row = returning.step(row.id, step, by=by, text=text)
                row, content = returning.read(row.id)
            is_red, words = deadline_words(month, book.today(), row)
            mark = "! " if is_red else ""
            state = LEDGER_WORDS["return_state"][row.state]
            print(f"{row.id}  {names.shown(village)}  {state}  {len(content.records)} records  {mark}{words}")
            files = () if out is None else write_return(row, content, out, paper, names.shown)
            for path in files:
                print(f"    {path}")


def _outside(place: str, count: int) -> str:
    if not place:
        return f"! {count} 人没有登记村，不在任何月报里 / {count} people have no village: they stand in no return"
    return f"! {place} 不是村：其中 {count} 人不在任何月报里 / is no village: its {count} people stand in no return"
