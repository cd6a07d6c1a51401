"""Lives through a year of one village in a process that is killed: visits, returns, receipts, files; argument: a folder.

Prints a line after each deed that it was promised; started again on the same folder it goes on where it stood.
"""

import sys
from pathlib import Path

from ledger_town import BOSS, GENERAL, VILLAGE, WANG, LedgerTown
from visits_kit import ZONE

from app.paper.return_form import ReturnPaper
from app.return_files import files_of_return, write_files
from core.localtime import from_ms
from visits.returns import ReturnState, ReturnStep, new_return

PAPER = ReturnPaper(ZONE)
MONTHS = [f"2024-{number:02d}" for number in range(2, 13)]


def main(folder: Path) -> None:
    town = LedgerTown(folder)
    for month in MONTHS:
        for day in ("01", "05", "09", "13"):
            town.clock.advance_to_ms(max(town.clock.now_ms(), town.entry(f"{month}-{day}T12:00").started_at_ms))
            for person in ("p1", GENERAL):
                record(town, f"{month}-{day}T10:00", person)
        hand_in(town, month, folder / "out")
    print("done", flush=True)


def record(town, begins, person) -> None:
    draft = town.book.record(town.entry(begins, person, key=begins), WANG)
    if draft.signed_at_ms is None:
        final = town.book.sign(draft.id, WANG)
        print("signed", final.id, final.version, final.number, flush=True)


def hand_in(town, month, out) -> None:
    town.clock.advance_to_ms(max(town.clock.now_ms(), town.entry(f"{month}-15T12:00").started_at_ms))
    with town.truth.view() as unit:
        row = unit.returns.get(new_return(month, VILLAGE, by=WANG, at_ms=0).id)
    if row is None or row.state is ReturnState.DRAFT:
        row, _ = town.returning.draft(month, VILLAGE, WANG)
        row = town.returning.step(row.id, ReturnStep.SIGN, by=WANG)
    if row.state is ReturnState.SIGNED:
        row = town.returning.step(row.id, ReturnStep.RECEIVE, by=BOSS, text=f"{month}-1")
        print("received", row.id, flush=True)
    write_files(files_of_return(*town.returning.read(row.id), PAPER), out)
    print("written", month, from_ms(town.clock.now_ms(), ZONE).date(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
