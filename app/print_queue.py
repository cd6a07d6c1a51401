"""Documents wait here for one of few threads, with a limit: beyond it who asks is told to come again."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from api.problem_codes import ProblemCode, RefusedError

T = TypeVar("T")

PRINTS_MOST = 32
"""Under way and waiting, two made at a time: the last waits for a minute or two, and nobody waits longer."""


class PrintQueue:
    """Asked from the loop's thread; all who print share one."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._count = 0

    async def made(self, work: Callable[[], T]) -> T:
        """Return what was made; raises RefusedError(too_many_prints), and whatever the work raises."""
        if self._count >= PRINTS_MOST:
            raise RefusedError(ProblemCode.TOO_MANY_PRINTS)
        making = asyncio.get_running_loop().run_in_executor(self._executor, work)
        self._count += 1
        making.add_done_callback(self._is_over)  # also when whoever asked has gone
        return await making

    def _is_over(self, _made: "asyncio.Future[T]") -> None:
        self._count -= 1
