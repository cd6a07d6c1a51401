"""The press behind the API: each print on a thread that nothing else waits for, who asked and why in the chain."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from api.paper_ports import PaperFile, PaperFormat
from app.door import Door
from app.paper.pdf import Printed
from app.paper.press import Press
from app.paper.sheets import SheetMaker
from app.print_queue import PrintQueue
from core.clock import Clock
from registry.access import Deed
from store.truth.database import Truth

T = TypeVar("T")


class PaperConsole:
    """Fits api.paper_ports.Press. `prints`: threads of documents alone, which take seconds; None: the executor."""

    def __init__(
        self,
        truth: Truth,
        press: Press,
        sheets: SheetMaker,
        clock: Clock,
        executor: Executor,
        *,
        prints: PrintQueue | None = None,
    ) -> None:
        self._truth = truth
        self._door = Door(truth)
        self._press = press
        self._sheets = sheets
        self._clock = clock
        self._executor = executor
        self._prints = prints or PrintQueue(executor)

    async def annex1(self, person_id: str, paper_format: PaperFormat, *, reason: str, account: str) -> PaperFile:
        """Return a person's registration form."""
        is_docx, who = paper_format == "docx", f"account:{account}"
        await self._run(lambda: self._door.check_person(account, Deed.REVEAL, person_id))
        printed = await self._prints.made(lambda: self._press.annex1(person_id, who, reason, as_docx=is_docx))
        return _file(f"annex1-{person_id}.{paper_format}", printed)

    async def annex2(self, visit_id: str, paper_format: PaperFormat, *, reason: str, account: str) -> PaperFile:
        """Return a visit's record."""
        is_docx, who = paper_format == "docx", f"account:{account}"
        await self._run(lambda: self._door.check_visit(account, Deed.REVEAL, visit_id))
        printed = await self._prints.made(lambda: self._press.annex2(visit_id, who, reason, as_docx=is_docx))
        return _file(f"annex2-{visit_id}.{paper_format}", printed)

    async def sheet(self, village: str, *, reason: str, account: str) -> PaperFile:
        """Return a village's sheet as it is now."""
        await self._run(lambda: self._door.check(account, Deed.REVEAL, village))
        printed = await self._prints.made(lambda: self._sheet(village, reason, account))
        return _file(f"sheet-{village.replace('/', '_')}.pdf", printed)

    async def ledger(self, area: str, *, reason: str, account: str) -> PaperFile:
        """Return an area's electronic ledger."""
        await self._run(lambda: self._door.check(account, Deed.REVEAL, area))
        printed, _ = await self._prints.made(lambda: self._press.ledger(area, f"account:{account}", reason))
        return _file(f"ledger-{area.replace('/', '_') or 'all'}.xlsx", printed)

    def _sheet(self, village: str, reason: str, account: str) -> Printed:
        now_ms = self._clock.now_ms()
        printed = self._sheets.sheet(village, now_ms)
        with self._truth.transaction() as unit:
            unit.audit.append(f"account:{account}", "printed.sheet", village, reason, now_ms, digest=printed.sha256)
        return printed

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


def _file(name: str, printed: Printed) -> PaperFile:
    return PaperFile(name, printed.content, printed.sha256, tuple(str(one) for one in printed.undrawn))
