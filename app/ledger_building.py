"""The ledger put together for a running service: its policy, its secret, and who watches the homes."""

from pathlib import Path

from app.counting import policy_of
from app.ledger_book import LedgerBook
from app.ledger_console import LedgerConsole
from app.ledger_matters import Watcher
from app.settings import Settings
from app.threads import Threads
from core.clock import Clock
from core.localtime import zone
from store.truth.database import Truth


def ledger_console(settings: Settings, truth: Truth, clock: Clock, threads: Threads, watcher: Watcher) -> LedgerConsole:
    """Return the ledger behind the API."""
    book = LedgerBook(truth, clock, policy_of(settings), zone(settings.zone))
    fonts = Path(settings.print_fonts) if settings.print_fonts else None
    return LedgerConsole(
        book,
        threads.console,
        weather_secret=settings.weather_secret,
        watcher=watcher,
        fonts=fonts,
        prints=threads.prints,
    )
