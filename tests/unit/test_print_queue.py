"""Documents have a queue with an end: who comes too late is refused, and whoever has gone holds no place."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.problem_codes import ProblemCode, RefusedError
from app.print_queue import PRINTS_MOST, PrintQueue


def test_beyond_the_limit_a_document_is_refused_until_one_is_made():
    async def story():
        goes_on = threading.Event()
        with ThreadPoolExecutor(2) as pool:
            queue = PrintQueue(pool)
            waiting = [asyncio.create_task(queue.made(lambda: goes_on.wait(60))) for _ in range(PRINTS_MOST)]
            await asyncio.sleep(0)
            with pytest.raises(RefusedError) as refused:
                await queue.made(lambda: True)
            assert refused.value.code is ProblemCode.TOO_MANY_PRINTS
            goes_on.set()
            assert await asyncio.gather(*waiting) == [True] * PRINTS_MOST
            assert await queue.made(lambda: "made") == "made"

    asyncio.run(story())


def test_whoever_has_gone_or_whose_document_failed_holds_no_place():
    async def story():
        goes_on = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            queue = PrintQueue(pool)
            hanging = asyncio.create_task(queue.made(lambda: goes_on.wait(60)))
            gone = [asyncio.create_task(queue.made(lambda: True)) for _ in range(PRINTS_MOST - 1)]
            await asyncio.sleep(0)
            for one in gone:
                one.cancel()
            await asyncio.gather(*gone, return_exceptions=True)
            failing = asyncio.create_task(queue.made(lambda: 1 // 0))
            goes_on.set()
            await hanging
            with pytest.raises(ZeroDivisionError):
                await failing
            assert queue._count == 0

    asyncio.run(story())
