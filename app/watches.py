"""The service's looks at itself: auditor, rota, readiness, figures, canary, dead man; each a task of its own."""

from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from typing import Any

import httpx

from api.views import HealthView
from app import (
    canary,
    clock_watch,
    hearing_watch,
    journal_keeper,
    kpi,
    readiness_watch,
    refusal_watch,
    rota_watch,
    series_watch,
)
from app.auditor import Auditor
from app.broker import EmbeddedBroker
from app.broker_watch import BrokerWatch, rounds_of
from app.canary import Canary
from app.clock_watch import ClockWatch
from app.dead_man import DeadMan
from app.desk_service import DeskService
from app.hearing import Hearing
from app.hearing_watch import HearingWatch
from app.journal_keeper import JournalKeeper
from app.kpi import KpiWatch
from app.paper import sheets as sheets_of_villages
from app.paper.sheets import SheetMaker
from app.readiness_watch import ReadinessWatch
from app.refusal_watch import RefusalWatch
from app.register import Register
from app.rota_watch import RotaWatch
from app.rounds import Rounds
from app.series_watch import SeriesWatch
from core.clock import Clock, ManualClock
from core.localtime import HOUR_MS
from core.text import Bilingual
from ingest.broker_account import MAIN_BROKER
from ingest.session import Counters, IngestSession
from store.truth.database import Truth

SNAPSHOT_EVERY_MS = 6 * HOUR_MS
"""The half-year's snapshot tells of its day's end however late it is taken: there is no hurry."""


class Watches:
    """Built once; `tasks` are to be run, the rest is read by health."""

    def __init__(
        self, truth: Truth, desk: DeskService, *, clock: Clock, zone_name: str, desk_thread: Executor, threads: Executor
    ) -> None:
        self.rota = RotaWatch(truth, desk)
        self.readiness = ReadinessWatch(truth, desk, zone_name)
        self.kpi = KpiWatch(truth, zone_name)
        self.canary: Canary | None = None
        self.dead_man: DeadMan | None = None
        self.keeper: JournalKeeper | None = None
        self._register = Register(truth, clock, zone_name)
        self.series: SeriesWatch | None = None
        self._truth, self._desk = truth, desk
        self.hearing: HearingWatch | None = None
        self.refusals: RefusalWatch | None = None
        self.sheets: SheetMaker | None = None
        self.broker: BrokerWatch | None = None
        self._ingest: IngestSession | None = None
        self._client: httpx.AsyncClient | None = None
        self._clock = clock
        self._desk_thread = desk_thread
        self._threads = threads
        looks = (  # those that open many rows have threads that the desk does not wait for
            ("rota", self.rota.look, rota_watch.LOOK_EVERY_MS, desk_thread),
            ("readiness", self.readiness.look, readiness_watch.LOOK_EVERY_MS, threads),
            ("kpi", self.kpi.look, kpi.LOOK_EVERY_MS, threads),
            ("snapshot", self._snapshot, SNAPSHOT_EVERY_MS, threads),
        )
        self.rounds = [
            Rounds(name, look, every_ms=every_ms, clock=clock, executor=executor)
            for name, look, every_ms, executor in looks
        ]

        self.auditor = Auditor(desk, clock, threads)
        self.clock = ClockWatch(clock, truth, desk)
        if not isinstance(clock, ManualClock):  # driven, every step is taken before the clock moves on
            every_ms = clock_watch.LOOK_EVERY_MS
            self.rounds.append(self.auditor.rounds)
            self.rounds.append(Rounds("clock", self.clock.look, every_ms=every_ms, clock=clock, executor=threads))

    def _snapshot(self, _now_ms: int) -> None:
        self._register.take_due_snapshot("service")

    def add_canary(self, one: Canary) -> None:
        """Raise a test alarm each day."""
        self.canary = one
        every_ms = canary.LOOK_EVERY_MS
        self.rounds.append(Rounds("canary", one.look, every_ms=every_ms, clock=self._clock, executor=self._desk_thread))

    def add_keeper(self, keeper: JournalKeeper) -> None:
        """Keep the journal in its bounds."""
        self.keeper = keeper
        every_ms = journal_keeper.LOOK_EVERY_MS
        self.rounds.append(Rounds("storage", keeper.look, every_ms=every_ms, clock=self._clock, executor=self._threads))

    def add_hearing(self, hearing: Hearing) -> None:
        """Tell the supervisor when no home is heard."""
        self.hearing = HearingWatch(hearing, self._truth, self._desk)
        every_ms = hearing_watch.LOOK_EVERY_MS
        look = self.hearing.look
        self.rounds.append(Rounds("hearing", look, every_ms=every_ms, clock=self._clock, executor=self._threads))

    def add_broker(self, broker: EmbeddedBroker) -> None:
        """Start the embedded broker again when it has ended, and tell of what it refuses, as its log says."""
        self.broker = BrokerWatch(broker, heard=self._heard)
        self.rounds.append(rounds_of(self.broker))
        self.refusals = RefusalWatch(broker.log_file)
        every_ms, look = refusal_watch.LOOK_EVERY_MS, self.refusals.look
        self.rounds.append(Rounds("refusals", look, every_ms=every_ms, clock=self._clock, executor=self._threads))

    def add_sheets(self, sheets: SheetMaker) -> None:
        """Make each evening's sheets of the villages, and tell of those that could not be made."""
        self.sheets = sheets
        look_every_ms = sheets_of_villages.LOOK_EVERY_MS
        self.rounds.append(
            Rounds("sheets", sheets.look, every_ms=look_every_ms, clock=self._clock, executor=self._threads)
        )

    def _heard(self) -> int:
        return 0 if self._ingest is None else self._ingest.received_from(MAIN_BROKER)

    def add_ingest(self, ingest: IngestSession) -> None:
        """Tell of what the brokers do not let the service hear."""
        self._ingest = ingest

    def add_series(self, watch: SeriesWatch) -> None:
        """Look after the time series."""
        self.series = watch
        every_ms = series_watch.LOOK_EVERY_MS
        self.rounds.append(Rounds("series", watch.look, every_ms=every_ms, clock=self._clock, executor=self._threads))

    def note_health(self, view: Callable[[], HealthView]) -> None:
        """Send the service's own figures to where the time series stand, each minute."""

        def look(_now_ms: int) -> None:
            if self.series is not None:
                self.series.note(view(), 0.0 if self.keeper is None else self.keeper.usage.share)

        every_ms = series_watch.NOTE_EVERY_MS
        self.rounds.append(Rounds("figures", look, every_ms=every_ms, clock=self._clock, executor=self._threads))

    def add_dead_man(self, url: str, problems: Callable[[], Awaitable[list[str]]]) -> None:
        """Ping an external watchdog while `problems`, and the looks, name nothing."""

        async def all_problems() -> list[str]:
            return [*await problems(), *self.troubles()]

        self._client = httpx.AsyncClient()
        self.dead_man = DeadMan(url, all_problems, clock=self._clock, client=self._client)

    def tasks(self) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        """Return what is to be run until the service stops, by name."""
        found: list[tuple[str, Coroutine[Any, Any, None]]] = [(f"watch-{one.name}", one.run()) for one in self.rounds]
        return found if self.dead_man is None else [*found, ("dead-man", self.dead_man.run())]

    async def close(self) -> None:
        """Close the connection to the watchdog, and the broker's log."""
        if self.refusals is not None:
            self.refusals.close()
        if self._client is not None:
            await self._client.aclose()

    def troubles(self) -> list[str]:
        """Return what is so wrong that the external watchdog must not be told that all is well."""
        return [] if self.canary is None else self.canary.troubles()

    def problems(self) -> list[str]:
        """Return what stops the service from taking readings."""
        return [line for one in (self.keeper, self.hearing, self.clock) if one is not None for line in one.problems()]

    def notices(self) -> list[str]:
        """Return what somebody must mend while the work goes on."""
        watchdog = [] if self.dead_man is None else self.dead_man.notices()
        storage = [
            line
            for one in (self.clock, self.broker, self.keeper, self.series, self.refusals, self.sheets)
            if one is not None
            for line in one.notices()
        ]
        unheard = [] if self._ingest is None else unheard_notices(self._ingest.counters)
        return [*self.troubles(), *watchdog, *storage, *unheard, *self.rota.notices(), *self.readiness.notices()]

    def canary_ring_ms(self) -> int | None:
        """Return how long the last test alarm took to ring."""
        return None if self.canary is None or self.canary.last is None else self.canary.last.ring_ms

    def gauges(self) -> dict[str, float]:
        """Return the present as metrics."""
        found = self.readiness.found
        return {
            "shouwang_people_without_contact": len(found.unreachable),
            "shouwang_contacts_to_confirm": found.to_confirm,
            "shouwang_rota_gaps": self.rota.gaps,
            "shouwang_sheets_missing": 0 if self.sheets is None else len(self.sheets.missing),
            **canary.gauges_of(self.canary),
            **journal_keeper.gauges_of(self.keeper),
            **series_watch.gauges_of(self.series),
            **self.kpi.gauges(),
        }

    def counters(self) -> dict[str, float]:
        """Return what has been counted since the start, by metric."""
        dead_man, refused = self.dead_man, None if self.refusals is None else self.refusals.refusals
        return {
            "shouwang_broker_restarts_total": 0 if self.broker is None else self.broker.restarts,
            "shouwang_broker_messages_refused_total": 0 if refused is None else refused.messages,
            "shouwang_broker_subscriptions_refused_total": 0 if refused is None else refused.subscriptions,
            "shouwang_alerts_pushed_on_total": self.auditor.pushed_on,
            "shouwang_journal_trimmed_total": 0 if self.keeper is None else self.keeper.trimmed,
            **series_watch.counters_of(self.series),
            "shouwang_watch_faults_total": sum(one.faults for one in self.rounds),
            "shouwang_dead_man_pings_total": 0 if dead_man is None else dead_man.pings,
            "shouwang_dead_man_withheld_total": 0 if dead_man is None else dead_man.withheld,
            "shouwang_dead_man_unreached_total": 0 if dead_man is None else dead_man.unreached,
        }


def unheard_notices(seen: Counters) -> list[str]:
    """Return that brokers refuse topics which devices have announced, when they do: those devices are not heard.

    Which ones stands on the page of parked messages: a topic may hold a name, and every account reads notices.
    """
    count = len(seen.unheard)
    if not count:
        return []
    notice = Bilingual(
        f"代理不让收听设备自报的{count}个主题；请让本服务的帐号可读，主题见 /parked",
        f"{count} topics that devices announced are refused by the broker;"
        " let the service's account read them: /parked names them",
    )
    return [str(notice)]
