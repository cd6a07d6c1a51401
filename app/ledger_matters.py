"""The part of api.ledger_port.Ledger that stands beside visits: follow-ups, benefits, special periods, returns."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from api.home_views import ActivityView, CoverageView
from api.ledger_conversion import (
    NOBODY,
    benefit_view,
    follow_up_view,
    return_view,
    special_view,
)
from api.ledger_forms import (
    BenefitIn,
    BenefitStepIn,
    FollowUpIn,
    SpecialIn,
    StepIn,
)
from api.ledger_views import (
    BenefitView,
    FollowUpView,
    ReturnView,
    SpecialView,
)
from api.paper_ports import PaperFile, ReturnFileKind
from api.views import PersonBrief
from app.door import Door
from app.ledger_board import briefs_of, villages_of
from app.ledger_book import LedgerBook
from app.ledger_due import ServedFrom, served_from, special_periods
from app.matters import Matters
from app.paper.pdf import Printed
from app.paper.return_form import ReturnPaper
from app.print_queue import PrintQueue
from app.return_files import says_of_return, sheet_of
from app.returning import Returning
from app.weather import is_signed, warned
from core.errors import NotFoundError
from core.ids import PersonId, VisitId
from registry.access import Deed
from registry.areas import is_village
from store.truth.database import Unit
from visits.follow_ups import FollowUpId
from visits.return_content import ReturnContent
from visits.returns import MonthlyReturn, ReturnId, ReturnStep
from visits.special import SpecialPeriod

T = TypeVar("T")

MANY = 500
"""Unsigned records that one page lists: more than a village makes in a month."""


class Watcher(Protocol):
    """Who knows how well a home was seen, and when it showed life; the duty console fits."""

    async def coverage(self, home_id: str) -> Sequence[CoverageView]:
        """Return the last 35 days, oldest first."""
        ...

    async def activity(self, home_id: str, day: date) -> ActivityView:
        """Return the day and the four weeks that end with it."""
        ...


class MattersConsole:
    """What LedgerConsole is built on; each question and deed on a thread that may wait for the database.

    `prints`: the threads of documents, which take seconds each; None: the same.
    """

    def __init__(
        self,
        book: LedgerBook,
        executor: Executor,
        *,
        weather_secret: str = "",
        watcher: Watcher | None = None,
        fonts: Path | None = None,
        prints: PrintQueue | None = None,
    ) -> None:
        self._book = book
        self._watcher = watcher
        self._door = Door(book.truth)
        self._matters = Matters(book)
        self._returning = Returning(book)
        self._executor = executor
        self._prints = prints or PrintQueue(executor)
        self._weather_secret = weather_secret
        self._paper = ReturnPaper(book.zone, fonts)

    async def follow_ups(self, area: str, person_id: str | None, account: str) -> Sequence[FollowUpView]:
        """Return follow-ups."""
        if person_id:
            await self._allow(account, Deed.SEE, person_id)
        seen = () if person_id else await self._reach(account, Deed.SEE, area)

        def work(unit: Unit) -> list[FollowUpView]:
            rows = [row for place in seen for row in unit.follow_ups.open_in(place)]
            rows = unit.follow_ups.of(PersonId(person_id)) if person_id else sorted(rows, key=lambda row: row.due_on)
            briefs = briefs_of(unit, {row.person_id for row in rows}, self._book.today())
            return [follow_up_view(row, briefs.get(row.person_id, NOBODY), self._book.today()) for row in rows]

        return await self._view(work)

    async def open_follow_up(self, follow_up: FollowUpIn, account: str) -> FollowUpView:
        """Open one by hand."""
        await self._allow(account, Deed.CHANGE, follow_up.person_id)
        who, by = PersonId(follow_up.person_id), f"account:{account}"
        row = await self._run(
            lambda: self._matters.open(
                who, follow_up.kind, follow_up.what, by=by, need=follow_up.need, referred_to=follow_up.referred_to
            )
        )
        return follow_up_view(row, await self._brief(who), self._book.today())

    async def step_follow_up(self, follow_up_id: str, step: StepIn, account: str) -> FollowUpView:
        """Take one a step further."""
        known = await self._view(lambda unit: unit.follow_ups.get(FollowUpId(follow_up_id)))
        if known is not None:
            await self._allow(account, Deed.CHANGE, known.person_id)
        if step.visit_id is not None:
            await self._allow_visit(account, Deed.SEE, step.visit_id)
        row = await self._run(
            lambda: self._matters.step(
                FollowUpId(follow_up_id),
                step.step,
                on=step.on,
                by=f"account:{account}",
                text=step.text,
                visit_id=None if step.visit_id is None else VisitId(step.visit_id),
                version=step.version,
            )
        )
        return follow_up_view(row, await self._brief(row.person_id), self._book.today())

    async def benefits(self, area: str, account: str) -> Sequence[BenefitView]:
        """Return benefits under way."""
        seen = await self._reach(account, Deed.SEE, area)

        def work(unit: Unit) -> list[BenefitView]:
            rows = [row for place in seen for row in unit.eligibility.open_in(place)]
            briefs = briefs_of(unit, {row.person_id for row in rows}, self._book.today())
            return [benefit_view(row, briefs.get(row.person_id, NOBODY)) for row in rows]

        return await self._view(work)

    async def find_benefit(self, benefit: BenefitIn, account: str) -> BenefitView:
        """Write down that somebody may be entitled."""
        await self._allow(account, Deed.CHANGE, benefit.person_id)
        who, by = PersonId(benefit.person_id), f"account:{account}"
        row = await self._run(lambda: self._matters.find(who, benefit.benefit, by=by, note=benefit.note))
        return benefit_view(row, await self._brief(who))

    async def move_benefit(self, eligibility_id: str, step: BenefitStepIn, account: str) -> BenefitView:
        """Take an application a step further."""
        known = await self._view(lambda unit: unit.eligibility.get(eligibility_id))
        if known is not None:
            await self._allow(account, Deed.CHANGE, known.person_id)
        by = f"account:{account}"
        row = await self._run(
            lambda: self._matters.move(eligibility_id, step.state, on=step.on, by=by, version=step.version)
        )
        return benefit_view(row, await self._brief(row.person_id))

    async def specials(self, year: int, account: str) -> Sequence[SpecialView]:
        """Return a year's special periods."""
        await self._reach(account, Deed.SEE)
        found = await self._view(lambda unit: special_periods(unit, date(year, 1, 1), date(year, 12, 31)))
        return [special_view(one) for one in sorted(found, key=lambda period: (period.from_date, period.id))]

    async def put_special(self, period: SpecialIn, account: str) -> SpecialView:
        """Enter, change or withdraw a period; who has roles names an area of theirs, and changes none of others."""
        known = await self._view(lambda unit: unit.specials.get(period.id))
        for area in {period.area} if known is None else {period.area, known.area}:
            await self._run(partial(self._door.check, account, Deed.DECIDE, area))
        told = SpecialPeriod(**period.model_dump(), source=f"account:{account}")
        await self._run(lambda: self._matters.put_period(told))
        return special_view(told)

    def is_weather_signed(self, body: bytes, signature: str) -> bool:
        """Say whether a posted warning is signed with the town's secret."""
        return is_signed(body, signature, self._weather_secret)

    async def take_warning(self, body: bytes) -> None:
        """Take a weather warning."""
        await self._run(lambda: self._matters.put_period(warned(body)))

    async def returns(self, month: date, account: str) -> Sequence[ReturnView]:
        """Return each village's return."""
        seen = await self._reach(account, Deed.SEE)

        def work(unit: Unit) -> list[ReturnView]:
            rows = {row.area: row for row in unit.returns.of_month(f"{month:%Y-%m}")}
            served = ServedFrom(unit, self._book.zone, month)
            return [
                return_view(
                    month,
                    village,
                    rows.get(village),
                    len(unit.returns.held(rows[village])) if village in rows else 0,
                    self._book.today(),
                    served_from=served.of(village),
                )
                for village, _ in villages_of(unit, seen)
                if is_village(village)
            ]

        return await self._view(work)

    async def draft_return(self, month: date, area: str, account: str) -> ReturnView:
        """Draw up a return."""
        await self._run(lambda: self._door.check(account, Deed.DECIDE, area))
        row, content = await self._run(lambda: self._returning.draft(f"{month:%Y-%m}", area, f"account:{account}"))
        return await self._drawn(row, content)

    async def step_return(
        self, return_id: str, step: ReturnStep, *, version: int, text: str, account: str
    ) -> ReturnView:
        """Take a return a step further."""
        by = f"account:{account}"
        await self._run(lambda: self._check_step(ReturnId(return_id), step, account))
        await self._run(lambda: self._returning.step(ReturnId(return_id), step, by=by, text=text, version=version))
        return await self._drawn(*await self._run(lambda: self._returning.read(ReturnId(return_id))))

    async def return_file(self, return_id: str, kind: ReturnFileKind, account: str) -> PaperFile:
        """Return a return as a file."""
        row, content = await self._run(lambda: self._returning.read(ReturnId(return_id)))
        await self._run(lambda: self._door.check(account, Deed.REVEAL, row.area))
        printed = await self._prints.made(lambda: self._printed(row, content, kind))
        await self._run(lambda: self._note_file(row.id, printed.sha256, account))
        name = f"return-{row.month}-{row.area.replace('/', '-')}.{kind}"
        return PaperFile(name, printed.content, printed.sha256, tuple(str(one) for one in printed.undrawn))

    async def _drawn(self, row: MonthlyReturn, content: ReturnContent) -> ReturnView:
        month, records = date.fromisoformat(f"{row.month}-01"), len(content.records)
        begun = await self._view(lambda unit: served_from(unit, row.area, self._book.zone, month))
        return return_view(month, row.area, row, records, self._book.today(), served_from=begun)

    def _printed(self, row: MonthlyReturn, content: ReturnContent, kind: ReturnFileKind) -> Printed:
        with self._book.truth.view() as unit:
            says = says_of_return(unit, row, content)
        if kind == "xlsx":
            data = sheet_of(row, content, self._book.zone, says)
            return Printed(data, hashlib.sha256(data).hexdigest(), ())
        return self._paper.pdf(row, content, says)

    def _check_step(self, return_id: ReturnId, step: ReturnStep, account: str) -> None:
        """Raise ForbiddenError unless the step is the account's to take: the village signs, the town does the rest."""
        with self._book.truth.view() as unit:
            row = unit.returns.get(return_id)
        if row is None:
            raise NotFoundError(f"没有此月报 {return_id} / no return {return_id}")
        self._door.check_step(account, step, row.area)

    def _note_file(self, return_id: ReturnId, digest: str, account: str) -> None:
        with self._book.truth.transaction() as unit:
            unit.audit.append(f"account:{account}", "printed.return", return_id, "", self._book.now_ms(), digest=digest)

    async def _allow(self, account: str, deed: Deed, person_id: str) -> None:
        await self._run(lambda: self._door.check_person(account, deed, person_id))

    async def _allow_visit(self, account: str, deed: Deed, visit_id: str) -> None:
        await self._run(lambda: self._door.check_visit(account, deed, visit_id))

    async def _reach(self, account: str, deed: Deed, area: str = "") -> Sequence[str]:
        return await self._run(lambda: self._door.reach(account, deed, area))

    async def _brief(self, person_id: PersonId) -> PersonBrief:
        briefs = await self._view(lambda unit: briefs_of(unit, {person_id}, self._book.today()))
        return briefs.get(person_id, NOBODY)

    async def _view(self, work: Callable[[Unit], T]) -> T:
        def within() -> T:
            with self._book.truth.view() as unit:
                return work(unit)

        return await self._run(within)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)
