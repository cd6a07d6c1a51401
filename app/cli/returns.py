"""The command return: each village's monthly return as files, and its steps; the same command twice is one return."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from api.ledger_wording import LEDGER_WORDS
from app.cli.clerks import clerk_of
from app.cli.options import Config, DataDir, Who, at_terminal, check_folder, handing_out, settings_of
from app.door import Door
from app.ledger_book import LedgerBook
from app.ledger_due import ServedFrom
from app.names import Says
from app.opened import opened_book
from app.paper.return_form import ReturnPaper
from app.return_files import files_of_return, says_of_return, write_files
from app.returning import Returning
from core.errors import ConfigurationError
from registry.access import Deed
from registry.areas import AreaTree, is_village
from visits.return_content import ReturnContent
from visits.returns import MonthlyReturn, ReturnStep, deadline_words
from visits.windows import month_of

MOST_NAMED = 40
"""Villages that a refusal names: a large town's; the number is always told."""


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
    every_village: Annotated[
        bool, typer.Option("--all-villages", help="Take the step for all of them at once")
    ] = False,
) -> None:
    """Draw up each village's monthly return (due before the 20th) and write it, or take a step for a named village."""
    _check_month(month)
    check_folder(out, where="--out")
    settings = settings_of(config, data_dir)
    with opened_book(settings) as book:
        returning = Returning(book)
        paper = ReturnPaper(book.zone, Path(settings.print_fonts) if settings.print_fonts else None)
        with book.truth.view() as unit:
            names = unit.entries.areas()
        villages = _villages(book, area)
        with book.truth.view() as unit:
            served = ServedFrom(unit, book.zone, month_of(month).from_date)
            begun = {village: served.of(village) for village in villages}
        if step is not None:
            _check_scope(step, area, villages, names, every_village=every_village)
        by = _actor(book, account, step, villages)
        for village in villages:
            row, content = returning.draft(month, village, by)
            if step is not None:
                row = returning.step(row.id, step, by=by, text=text)
                row, content = returning.read(row.id)
            is_red, words = deadline_words(month, book.today(), row, begun[village])
            mark = "! " if is_red else ""
            state = LEDGER_WORDS["return_state"][row.state]
            print(f"{row.id}  {_named(names, village)}  {state}  {len(content.records)} records  {mark}{words}")
            if out is not None:
                _hand_out(book, row, by, files_of_return(row, content, paper, _says(book, content, row)), out)


def _hand_out(book: LedgerBook, row: MonthlyReturn, by: str, files: Mapping[str, bytes], folder: Path) -> None:
    """Write and print the files; the audit chain says first, as the page's does, who is handed which."""
    with book.truth.transaction() as unit:
        for name, data in files.items():
            digest = hashlib.sha256(data).hexdigest()
            unit.audit.append(by, "printed.return", row.id, name, book.now_ms(), digest=digest)
    with handing_out(folder, where="--out"):
        for path in write_files(files, folder):
            print(f"    {path}")


def _check_month(month: str) -> None:
    try:
        month_of(month)
    except ValueError as error:
        raise ConfigurationError(str(error), where="the argument", remedy="write it as 2024-02") from error


def _villages(book: LedgerBook, area: str) -> list[str]:
    """Return the villages of an area that somebody is registered in, printing who stands outside every village."""
    with book.truth.view() as unit:
        places = unit.people.villages(area)
    _print_outside(places)
    villages = [place for place, _ in places if is_village(place)]
    if not villages:
        raise ConfigurationError("nobody is registered there", where="--area", remedy="shouwang registry list")
    return villages


def _named(names: AreaTree, village: str) -> str:
    """Return what people call a village, with the id that --area takes."""
    return village if names.shown(village) == village else f"{names.shown(village)} {village}"


def _check_scope(step: ReturnStep, area: str, villages: Sequence[str], names: AreaTree, *, every_village: bool) -> None:
    """Refuse a step whose villages nobody named, and one receipt number for several returns (ConfigurationError)."""
    told = "、".join(_named(names, one) for one in villages[:MOST_NAMED]) + (" …" if len(villages) > MOST_NAMED else "")
    concerned = f"{len(villages)} 个村 / {len(villages)} villages: {told}"
    if step is ReturnStep.RECEIVE and len(villages) > 1:
        raise ConfigurationError(
            f"一个回执号只属于一份月报 / a receipt's number is one return's ({concerned})",
            where="--step receive",
            remedy=f"逐村签收 / receive each village's: --area {villages[0]} --step receive --text NUMBER",
        )
    if not (every_village or is_village(area)):
        raise ConfigurationError(
            f"未指明是哪个村 / no village is named ({concerned})",
            where=f"--step {step}",
            remedy=f"指明一村 / name one: --area {villages[0]}；或全部 / or all of them: --all-villages",
        )


def _actor(book: LedgerBook, account: str, step: ReturnStep | None, villages: Sequence[str]) -> str:
    """Return who draws up or takes the step in all the villages, none of them touched yet: as the pages ask.

    Raises ConfigurationError for a step that nobody answers for (what signs is an account of the service, not the
    machine's) and for no account, ForbiddenError where a role or an area is another's.
    """
    if step is None and not account:
        return at_terminal()
    by = clerk_of(book.truth, account)
    door = Door(book.truth)
    for village in villages:
        if step is None:
            door.check(account, Deed.DECIDE, village)
        else:
            door.check_step(account, step, village)
    return by


def _says(book: LedgerBook, content: ReturnContent, row: MonthlyReturn) -> Says:
    with book.truth.view() as unit:
        return says_of_return(unit, row, content)


def _print_outside(places: Sequence[tuple[str, int]]) -> None:
    for place, count in places:
        if not place:
            print(f"! {count} 人没有登记村，不在任何月报里 / {count} people have no village: they stand in no return")
        elif not is_village(place):
            print(f"! {place} 不是村：{count} 人不在任何月报里 / is no village: its {count} people stand in no return")
