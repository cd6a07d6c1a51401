"""The dispatcher's beat: a round at each, and at once when something was queued; a round that fails is counted."""

import asyncio
import contextlib
import logging

from alerts.dispatcher import Dispatcher
from alerts.pacing import BEAT_MS
from app.desk_service import DeskService
from core.clock import Clock

SHORTEST_MS = 20
"""Between two rounds, however much is queued: a round looks at all that is due, which takes some milliseconds."""

_log = logging.getLogger(__name__)


class DispatchRounds:
    """One task beside the pipeline's, so that a desk with much to decide rings nobody later."""

    def __init__(self, dispatcher: Dispatcher, desk: DeskService, clock: Clock) -> None:
        self._dispatcher = dispatcher
        self._desk = desk
        self._clock = clock
        self._queued = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.faults = 0
        desk.on_queued = self.wake

    def wake(self) -> None:
        """Say that something was queued; from any thread, also before and after `run`."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._queued.set)

    async def run(self) -> None:
        """Carry out what is due until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            now_ms = self._clock.now_ms()
            self._queued.clear()
            try:
                await self._dispatcher.hang_up(self._desk.take_hang_ups(), now_ms)
                await self._dispatcher.start_due(now_ms)
            except Exception:  # noqa: BLE001  # one round of the task ends here; the rows stay and the next round takes them
                self.faults += 1
                _log.exception("a round of the dispatcher failed")
            await self._clock.sleep_until_ms(now_ms + SHORTEST_MS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout((BEAT_MS - SHORTEST_MS) / 1000):
                    await self._queued.wait()

    async def settle(self, now_ms: int) -> None:
        """Carry out all that is due by a driven clock and wait for it."""
        await self._dispatcher.hang_up(self._desk.take_hang_ups(), now_ms)
        await self._dispatcher.drain(now_ms)

    def next_wake_ms(self) -> int | None:
        """Return when an attempt that was held back may go."""
        return self._dispatcher.next_wake_ms()

    async def close(self) -> None:
        """End what is under way; it stays claimed and is looked up after the next start."""
        await self._dispatcher.close()
