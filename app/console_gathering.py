"""Gathered lists behind the API: each question on a worker thread, every look and every change in the chain."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TypedDict, TypeVar

from api.registry_conversion import conflict_view, fate_view
from api.registry_views import ConflictView, GatheringView, PlanView
from app.console_registry import RegistryConsole, registry_console
from app.door import Door
from app.gatherer import Gatherer, Plan
from app.register import Who
from core.clock import Clock
from core.errors import ForbiddenError
from core.ids import PersonId
from registry.access import Deed, may
from registry.gathering import Outcome, Source
from registry.matching import OpenConflict
from store.truth.database import Truth

T = TypeVar("T")

THE_FILE = "the file"


class GatheringConsole:
    """Fits api.registry_ports.Gatherings."""

    def __init__(self, truth: Truth, gatherer: Gatherer, clock: Clock, executor: Executor) -> None:
        self._truth = truth
        self._gatherer = gatherer
        self._clock = clock
        self._executor = executor
        self._door = Door(truth)

    async def plan(
        self, content: bytes, source: Source, account: str, mapping: Mapping[str, str] | None = None
    ) -> PlanView:
        """Return the fate of every row."""
        await self._run(lambda: self._door.check(account, Deed.GATHER))
        plan = await self._run(lambda: self._gatherer.plan(content, source, mapping, where=THE_FILE))
        await self._run(lambda: self._note(account, "gathering.tried", plan.file_sha256[:16], ""))
        return _plan_view(plan)

    async def take(
        self, content: bytes, source: Source, account: str, mapping: Mapping[str, str] | None = None
    ) -> PlanView:
        """Take a list in."""
        await self._run(lambda: self._door.check(account, Deed.GATHER))
        gathering, plan = await self._run(
            lambda: self._gatherer.take(content, source, mapping, where=THE_FILE, actor=f"account:{account}")
        )
        return _plan_view(plan, gathering.id)

    async def latest(self, account: str) -> Sequence[GatheringView]:
        """Return lists, the latest first; none to who may take none."""
        if not may(await self._run(lambda: self._door.grants(account)), Deed.GATHER):
            return []
        return await self._run(self._latest)

    async def one(self, gathering_id: str, account: str) -> PlanView:
        """Return a list with the fate of its rows."""
        await self._run(lambda: self._door.check(account, Deed.GATHER))
        view = await self._run(lambda: self._one(gathering_id))
        await self._run(lambda: self._note(account, "gathering.read", gathering_id, ""))
        return view

    async def conflicts(self, account: str) -> Sequence[ConflictView]:
        """Return what nobody has decided and the account may."""
        return [conflict_view(one) for one in await self._run(lambda: self._conflicts(account))]

    async def reveal_conflicts(self, reason: str, account: str) -> Sequence[OpenConflict]:
        """Return what nobody has decided, in clear."""
        await self._run(lambda: self._note(account, "conflicts.revealed", "conflicts", reason))
        return await self._run(lambda: self._conflicts(account))

    async def decide(self, conflict_id: str, decided: str, *, why: str, account: str) -> None:
        """Let one of two values stand."""
        allowed = {one.id for one in await self._run(lambda: self._conflicts(account))}
        if conflict_id not in allowed and await self._run(lambda: self._door.grants(account)):
            raise ForbiddenError("没有可由您裁定的此矛盾项 / no such contradiction is yours to decide")
        await self._run(lambda: self._gatherer.decide(conflict_id, decided, Who(f"account:{account}", why)))

    async def close(self, person_id: str, outcome: Outcome, *, why: str, account: str) -> None:
        """Write down how looking for a named person ended."""
        await self._run(lambda: self._door.check_person(account, Deed.CHANGE, person_id))
        await self._run(lambda: self._gatherer.close(person_id, outcome, Who(f"account:{account}", why)))

    def _latest(self) -> list[GatheringView]:
        with self._truth.view() as unit:
            found = unit.gathering.latest()
        return [
            GatheringView(
                gathering_id=one.id,
                source=one.source,
                at_ms=one.at_ms,
                actor=one.actor,
                counts=one.counts,
                mapping=one.mapping,
            )
            for one in found
        ]

    def _one(self, gathering_id: str) -> PlanView:
        with self._truth.view() as unit:
            kept, rows = unit.gathering.get(gathering_id), unit.gathering.rows(gathering_id)
        return PlanView(
            gathering_id=kept.id,
            source=kept.source,
            counts=kept.counts,
            mapping=kept.mapping,
            rows=[fate_view(one) for one in rows],
        )

    def _conflicts(self, account: str) -> list[OpenConflict]:
        grants = self._door.grants(account)
        with self._truth.view() as unit:
            areas = {one.id: one.area for one in unit.people.persons()} if grants else {}
            found = unit.gathering.conflicts()
        return [one for one in found if may(grants, Deed.DECIDE, areas.get(PersonId(one.person_id), ""))]

    def _note(self, account: str, action: str, subject: str, detail: str) -> None:
        with self._truth.transaction() as unit:
            unit.audit.append(f"account:{account}", action, subject, detail, self._clock.now_ms())

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


class PeoplePorts(TypedDict):
    """What the application is given of the register and of gathered lists, by its parameters' names."""

    register: RegistryConsole
    gatherings: GatheringConsole


def people_ports(truth: Truth, clock: Clock, zone_name: str, executor: Executor) -> PeoplePorts:
    """Return what the API asks of the register and of gathered lists."""
    return {
        "register": registry_console(truth, clock, zone_name, executor),
        "gatherings": GatheringConsole(truth, Gatherer(truth, clock, zone_name), clock, executor),
    }


def _plan_view(plan: Plan, gathering_id: str = "") -> PlanView:
    return PlanView(
        gathering_id=gathering_id,
        source=plan.source,
        counts=plan.counts,
        mapping=plan.mapping,
        unknown=list(plan.columns.unknown),
        remarks=list(plan.remarks),
        rows=[fate_view(one) for one in plan.rows],
    )
