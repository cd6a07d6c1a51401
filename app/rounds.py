"""Work that comes round: a look every so often, off the loop; a look that fails is logged, counted, and comes again."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor

from core.clock import Clock

_log = logging.getLogger(__name__)


class Rounds:
    """One task that looks at something; `look` is given the time, UTC ms, and blocks.

    `executor` None is the loop's own threads, where no other look keeps it waiting.
    """

    def __init__(
        self, name: str, look: Callable[[int], None], *, every_ms: int, clock: Clock, executor: Executor | None
    ) -> None:
        self.name = name
        self._look = look
        self._every_ms = every_ms
        self._clock = clock
        self._executor = executor
        self.faults = 0

    async def run(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        await self._clock.sleep_until_ms(1)  # a driven clock stands at 0 until its first tick
        while True:
            now_ms = self._clock.now_ms()
            try:
                await loop.run_in_executor(self._executor, self._look, now_ms)
            except Exception:  # noqa: BLE001  # one look ends here; the next one comes, and the count is on /metrics
                self.faults += 1
                _log.exception("a look of %s failed", self.name)
            await self._clock.sleep_until_ms(now_ms + self._every_ms)
