"""Feeds a time-series store from the journal by the store's own cursor; a store that is away only falls behind."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from core.clock import SystemClock
from core.errors import ConfigurationError
from store.journal import Journal
from store.series_port import RetryLaterError, SeriesSink

REMEMBERED_ENTRIES = 64
"""Of those before the cursor: some seconds, in which a device may have said another value of the same moment."""

ENTRIES_AT_ONCE = 500
"""A few thousand readings: one transaction of some tens of milliseconds."""

LINGER_MS = 250
"""Between rounds, so that a store which likes large batches gets them; the console is never further behind."""

STOPPED_LOOK_MS = 60_000
"""A store that refuses us is asked again each minute, so that a mended token needs no restart."""

_log = logging.getLogger(__name__)


class Projection:
    """One sink, one thread."""

    def __init__(self, journal: Journal, sink: SeriesSink, name: str) -> None:
        self._journal = journal
        self.sink = sink
        self.name = name
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"projection-{name}")
        self._clock = SystemClock()
        self.failures = 0
        self.skipped = 0
        self.problem = ""
        self.waits_for = ""  # a store that is away: what it misses now it gets later
        self.is_stopped = False  # the store refuses us until a person acts
        self.cursor = sink.cursor()
        self._has_begun = False

    async def run(self) -> None:
        """Follow the journal until cancelled."""
        while True:
            wait_ms = LINGER_MS
            try:
                while await self._in_thread():
                    self.problem, self.waits_for, self.is_stopped = "", "", False
            except RetryLaterError as error:
                self.failures += 1
                self.waits_for = f"{self.name}: {error}"
                wait_ms = error.retry_after_ms
            except ConfigurationError as error:
                if not self.is_stopped:
                    _log.error("the projection %s stands still: %s", self.name, error)  # its words say all
                self.failures += 1
                self.problem, self.is_stopped = str(error), True
                wait_ms = STOPPED_LOOK_MS
            except Exception as error:  # noqa: BLE001  # one round ends here; the cursor stands and says where to go on
                self.failures += 1
                self.problem = f"{self.name}: {error}"
                _log.exception("the projection %s failed", self.name)
                wait_ms = 30_000
            await self._clock.sleep_until_ms(self._clock.now_ms() + wait_ms)

    async def finish(self) -> None:
        """Take what is still in the journal, then close the store."""
        try:
            while await self._in_thread():
                pass
        except (RetryLaterError, ConfigurationError) as error:
            _log.warning("the projection %s stops behind the journal: %s", self.name, error)
        await asyncio.get_running_loop().run_in_executor(self._executor, self.sink.close)
        self._executor.shutdown()

    async def _in_thread(self) -> int:
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._round)

    def _round(self) -> int:
        if not self._has_begun:
            before = self._journal.read(max(self.cursor - REMEMBERED_ENTRIES, 0), REMEMBERED_ENTRIES)
            self.sink.remember([entry for entry in before if entry.seq <= self.cursor])
            self._has_begun = True
        entries = self._journal.read(self.cursor, ENTRIES_AT_ONCE)
        if entries:
            if self.cursor and entries[0].seq > self.cursor + 1:  # forgotten to make room before this store came
                self.skipped += entries[0].seq - self.cursor - 1
                _log.error("the projection %s missed %d entries", self.name, entries[0].seq - self.cursor - 1)
            self.sink.write(entries)
            self.cursor = entries[-1].seq
        return len(entries)
