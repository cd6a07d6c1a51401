"""The console's questions about homes and rules, each on the thread that owns the answer; it changes nothing."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from api.conversion import reading_view
from api.home_views import (
    ActivityView,
    CoverageView,
    DeviceView,
    ExplanationView,
    HomeRulesView,
    HomeView,
    ReadingView,
)
from api.rule_views import PresetView, RulesView
from api.views import BilingualView
from app.console_activity import read_activity
from app.console_home_views import (
    NOTHING_RECEIVED,
    coverage_views,
    device_views,
    explanation_now,
    explanation_view,
    home_rules_view,
    home_view,
    judged_by,
)
from app.console_rules import preset_views, rules_view
from app.console_views import ConsoleViews, existing_home
from app.door import Door, Named
from app.hindsight import Hindsight
from app.pipeline import Pipeline
from app.rules_files import RuleKeeper
from core.clock import Clock
from core.errors import NotFoundError
from core.ids import HomeId
from registry.access import Deed, may
from registry.devices import Identity
from registry.homes import Home
from rules.engine import Engine
from rules.parameters import RuleParameters
from store.duckdb_series import DuckDbSeries
from store.truth.database import Truth, Unit
from visits.policy import CountingPolicy

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class HomeSources:
    """Where the console looks for a home: the engine with its own thread, its limits, the curves, the past."""

    engine: Engine
    engine_executor: Executor
    rules: RuleKeeper
    series: DuckDbSeries
    hindsight: Hindsight
    identities: Mapping[str, Identity] = field(default_factory=dict[str, Identity])  # what devices say they are


def sources_of(
    pipeline: Pipeline,
    executor: Executor,
    series: DuckDbSeries,
    hindsight: Hindsight,
    identities: Mapping[str, Identity],
) -> HomeSources:
    """Return where the console looks, of a running pipeline; `executor` is the one thread that owns its engine."""
    return HomeSources(
        engine=pipeline.engine,
        engine_executor=executor,
        rules=pipeline.rules,
        series=series,
        hindsight=hindsight,
        identities=identities,
    )


class HomesConsole(ConsoleViews):
    """The part of api.ports.Console that looks at homes; the engine is asked only on its own thread."""

    def __init__(
        self,
        truth: Truth,
        sources: HomeSources,
        *,
        policy: CountingPolicy,
        clock: Clock,
        zone_name: str,
        executor: Executor,
    ) -> None:
        super().__init__(truth, policy=policy, clock=clock, zone_name=zone_name)
        self._engine = sources.engine
        self._engine_executor = sources.engine_executor
        self._rules = sources.rules
        self._series = sources.series
        self._hindsight = sources.hindsight
        self._identities = sources.identities
        self._executor = executor
        self._door = Door(truth)

    async def check_watch(
        self,
        account: str,
        *,
        home_id: str = "",
        alert_id: str = "",
        attempt_id: str = "",
        person_id: str = "",
        acts: bool = False,
    ) -> None:
        """Raise ForbiddenError unless the account may see what is named, or act upon it; nothing named: every area."""
        named = Named(home_id=home_id, alert_id=alert_id, attempt_id=attempt_id, person_id=person_id)
        await self._run(lambda: self._door.check_watch(account, named, acts=acts))

    async def deeds(self, account: str) -> Collection[Deed]:
        """Return what the account may do in some area; without a role everything."""
        grants = await self._run(lambda: self._door.grants(account))
        return [deed for deed in Deed if may(grants, deed)]

    async def homes(self, account: str) -> Sequence[HomeView]:
        """Return the account's homes with what is known of them: one read of the database, one turn of the engine."""
        seen = await self._watched(account)
        homes, briefs, alerts = await self._view(lambda unit: self._homes(unit, seen))
        return await self._ask(
            lambda: [home_view(self._engine, home, briefs.get(home.id), alerts.get(home.id)) for home in homes]
        )

    async def home(self, home_id: str) -> HomeView:
        """Return one home."""
        home, person, alert_id = await self._view(lambda unit: self._home(unit, HomeId(home_id)))
        return await self._ask(lambda: home_view(self._engine, home, person, alert_id))

    async def devices(self, home_id: str) -> Sequence[DeviceView]:
        """Return a home's devices with how they are."""
        home = await self._registered(home_id)
        return await self._ask(lambda: device_views(self._engine, home, self._identities))

    async def readings(self, home_id: str, from_ms: int, until_ms: int, limit: int) -> Sequence[ReadingView]:
        """Return readings of a home."""
        home = await self._registered(home_id)
        found = await self._run(lambda: self._series.readings(home.id, from_ms, until_ms, limit))
        return [reading_view(reading) for reading in found]

    async def activity(self, home_id: str, day: date) -> ActivityView:
        """Return a home's day and its last four weeks."""
        home = await self._registered(home_id)
        return await self._run(lambda: read_activity(self._series, home, day, self._zone))

    async def explanation(self, home_id: str, at_ms: int | None) -> ExplanationView:
        """Return why a home rings or does not: now from the engine, a past minute from the journal."""
        home = await self._registered(home_id)
        if at_ms is None:
            return await self._ask(lambda: explanation_now(self._engine, home.id, self._clock.now_ms()))
        version, judge, parameters = await self._ask(lambda: self._judge(home))
        rules = await self._hindsight.rules_at(home, parameters, at_ms)
        return await self._run(lambda: explanation_view(rules, at_ms, judge, version=version, is_now=False))

    async def coverage(self, home_id: str) -> Sequence[CoverageView]:
        """Return how long a home was seen on each of the last days."""
        home = await self._registered(home_id)
        return await self._ask(lambda: coverage_views(self._engine, home.id))

    async def home_rules(self, home_id: str) -> HomeRulesView:
        """Return how a home is judged."""
        home = await self._registered(home_id)
        return await self._ask(lambda: home_rules_view(self._engine, home, self._clock.now_ms()))

    async def rules(self, account: str) -> RulesView:
        """Return the rulebook in force, of single homes the account's."""
        seen = await self._watched(account)
        theirs = None if "" in seen else {HomeId(one.home_id) for one in await self.homes(account)}
        return await self._ask(lambda: rules_view(self._rules, theirs))

    async def presets(self) -> Sequence[PresetView]:
        """Return every preset with its measurements."""
        return preset_views()

    def _judge(self, home: Home) -> tuple[int, BilingualView, RuleParameters]:
        """Return which rules a home is judged by now: its past is told again by the same."""
        try:
            version = self._engine.home_status(home.id).rules_version
            parameters = self._engine.rules_of(home.id).parameters
        except NotFoundError as error:
            raise NotFoundError(NOTHING_RECEIVED) from error
        return version, judged_by(version, self._engine.rulebook.stamp), parameters

    async def _watched(self, account: str) -> Sequence[str]:
        return await self._run(lambda: self._door.watched(account))

    async def _registered(self, home_id: str) -> Home:
        return await self._view(lambda unit: existing_home(unit, HomeId(home_id)))

    async def _view(self, work: Callable[[Unit], T]) -> T:
        def within() -> T:
            with self._truth.view() as unit:
                return work(unit)

        return await self._run(within)

    async def _ask(self, work: Callable[[], T]) -> T:
        """Ask the engine, after what its thread has in hand."""
        return await self._run(work, self._engine_executor)

    async def _run(self, work: Callable[[], T], executor: Executor | None = None) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor or self._executor, work)
