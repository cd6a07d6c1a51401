"""That another program holds the database: since when, and how often it was waited for in vain; loses nothing by it."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from core.clock import Clock
from core.errors import BusyError
from core.localtime import DEFAULT_ZONE_NAME, from_ms, zone

_log = logging.getLogger(__name__)


class HeldDatabase:
    """Told by whoever tries again; `times`: how often in vain."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_ms: int | None = None
        self.times = 0

    @property
    def is_held(self) -> bool:
        """Return whether the last block found it held."""
        return self._since_ms is not None

    @contextmanager
    def noted(self) -> Generator[None]:
        """Take a BusyError for what it is: the block is to be run again. One that ends finds the database free."""
        begun_ms = self._clock.now_ms()
        try:
            yield
        except BusyError:
            self.times += 1
            if self._since_ms is None:
                self._since_ms = begun_ms
                _log.exception("another program holds the database: no alert moves on")
        else:
            self._since_ms = None

    def problems(self) -> list[str]:
        """Return that the database is held, and since when, by the clock of the duty room."""
        since_ms = self._since_ms
        if since_ms is None:
            return []
        at = f"{from_ms(since_ms, zone(DEFAULT_ZONE_NAME)):%H:%M}"
        zh = f"自{at}起另一程序占用数据库，报警无法推进，请结束该程序"
        return [f"{zh} another program holds the database since {at} and no alert moves on: end it"]
