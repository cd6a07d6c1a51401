"""Paper as the running service makes it: the evening's sheets, and the press as the API asks it."""

from app.console_homes import HomeSources
from app.files import DataFiles
from app.paper.building import press_of
from app.paper.console import PaperConsole
from app.paper.last_signs import last_signs
from app.paper.sheets import SheetMaker
from app.settings import Settings
from app.threads import Threads
from core.clock import Clock
from store.truth.database import Truth


def sheets_of(settings: Settings, files: DataFiles, truth: Truth, clock: Clock, homes: HomeSources) -> SheetMaker:
    """Return what makes the evening's sheets."""
    return SheetMaker(
        truth,
        press_of(settings, truth, clock),
        files.sheets,
        signs=last_signs(truth, homes.engine, homes.engine_executor, settings.zone),
        zone_name=settings.zone,
        from_hour=settings.sheets_hour,
    )


def paper_console(settings: Settings, sheets: SheetMaker, truth: Truth, clock: Clock, threads: Threads) -> PaperConsole:
    """Return the press as the API asks it."""
    press = press_of(settings, truth, clock)
    return PaperConsole(truth, press, sheets, clock, threads.console, prints=threads.prints)
