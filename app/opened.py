"""The data of a command: the truth database that is there, and the clock that its service follows."""

from collections.abc import Generator
from contextlib import contextmanager

from app.counting import policy_of
from app.files import DataFiles
from app.ledger_book import LedgerBook
from app.settings import Settings
from core.clock import Clock, ManualClock, SystemClock
from core.errors import ConfigurationError
from core.localtime import zone
from store.journal import Journal
from store.truth.database import Truth


@contextmanager
def opened_truth(settings: Settings) -> Generator[Truth]:
    """Give the truth database, closed at the end; raises ConfigurationError when there is none."""
    files = DataFiles(settings.data_dir)
    if not files.truth.exists():
        raise ConfigurationError(
            "there is no data here yet", where=f"data_dir {settings.data_dir}", remedy="name another with --data-dir"
        )
    truth = files.open_truth()
    try:
        yield truth
    finally:
        truth.close()


@contextmanager
def opened_book(settings: Settings) -> Generator[LedgerBook]:
    """Give the ledger of the data that is there; raises ConfigurationError when there is none."""
    with opened_truth(settings) as truth:
        yield LedgerBook(truth, clock_of(settings), policy_of(settings), zone(settings.zone))


def clock_of(settings: Settings) -> Clock:
    """Return the clock that the service on this data follows: a replay's time is its journal's."""
    files = DataFiles(settings.data_dir)
    if not (files.is_driven() and files.journal.exists()):
        return SystemClock()
    journal = Journal(files.journal)
    try:
        return ManualClock(journal.last()[1])
    finally:
        journal.close()
