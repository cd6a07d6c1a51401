"""The loop from the journal to the desk: entries in order, their findings gravest first, then what is due."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from alerts.ladder_book import LadderBook
from app.deadline_look import LOOK_EVERY_MS, DeadlineLook
from app.desk_service import DeskService
from app.dispatch_rounds import DispatchRounds
from app.finding_keeper import FindingKeeper
from app.finding_queue import FindingQueue
from app.hearing import Hears
from app.held_database import HeldDatabase
from app.kept_file import KeptFile
from app.outbox import TruthOutbox
from app.rules_files import RuleKeeper
from app.rules_snapshot import RulesSnapshot
from core.clock import Clock, ManualClock, monotonic_s
from core.errors import NoRoomError
from core.log import LogEntry
from ingest.session import Tick
from rules.engine import Engine
from rules.findings import arrived
from store.journal import Journal
from store.truth.database import Truth

T = TypeVar("T")

READ_ENTRIES = 64
"""Read at a time: at a town's rate some tens of milliseconds of rules, as long as its first finding waits."""

STEPS_AT_ONCE = 25
"""Steps of ladders between two looks at what the rules have found; as many take some 100 ms."""

STEP_EVERY_S = 0.2
"""How often steps are taken while readings pour in: nobody rings audibly later, and readings keep half of the time."""

LONGEST_WAIT_MS = 5_000
"""Another process (the command line) may have changed a timer: look at least this often."""

REFRESH_EVERY_S = 30.0
"""How soon a changed rules or ladders file is taken up while nothing comes in."""

DEAF_TICK_EVERY_MS = 60_000
"""So that after a kill it is known to the minute until when the service ran and was deaf (rules/deafness)."""

TICK_AGAIN_S = 5.0
"""A journal without room even for a tick is not asked at every beat."""

_log = logging.getLogger(__name__)


class Pipeline:
    """Owns the engine. Driven: the clock moves as the journal's ticks are taken. Otherwise it writes ticks itself."""

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        truth: Truth,
        desk: DeskService,
        *,
        outbox: TruthOutbox,
        rounds: DispatchRounds,
        clock: Clock,
        executor: Executor,
        rules: RuleKeeper,
        ladders: KeptFile[LadderBook],
        on_settled: Callable[[Tick, int | None], None],
        hears: Callable[[], Hears],
    ) -> None:
        self.engine = engine
        self._journal = journal
        self._truth = truth
        self._desk = desk
        self._outbox = outbox
        self._rounds = rounds
        self._clock = clock
        self._executor = executor
        self.rules = rules
        self.ladders = ladders
        desk.use_ladders(ladders.value)
        self._on_settled = on_settled
        self._hears = hears
        self._wake = asyncio.Event()
        self._ticks: list[Tick] = []
        self._seq = 0
        self._registry_version = -1
        self._look = DeadlineLook(engine.next_deadline_ms, 0 if isinstance(clock, ManualClock) else LOOK_EVERY_MS)
        self._kept = RulesSnapshot(truth, engine)
        self._refreshed_at_s, self._tick_after_s, self._stepped_at_s = monotonic_s(), 0.0, 0.0
        self._findings = FindingQueue()
        self._keeper = FindingKeeper(truth, desk, clock)
        self.held = HeldDatabase(clock)

    @property
    def seq(self) -> int:
        """Return the seq of the last journal entry that the rules have taken."""
        return self._seq

    @property
    def findings_waiting(self) -> int:
        """Return how many findings are not kept yet."""
        return len(self._findings)

    @property
    def finding_faults(self) -> int:
        """Return how many findings could not become alerts by a fault of ours."""
        return self._keeper.faults

    def problems(self) -> list[str]:
        """Return what was found and nobody is told of, and that nothing can be kept now."""
        return [*self._keeper.problems(), *self.held.problems()]

    @property
    def dispatch_faults(self) -> int:
        """Return how many rounds of the dispatcher broke off."""
        return self._rounds.faults

    @property
    def snapshot_seq(self) -> int:
        """Return the seq that a restart goes on after: what is older is not needed by the rules."""
        return self._kept.seq

    @property
    def step_faults(self) -> int:
        """Return how many steps of alerts failed by a fault of ours and were put off."""
        return self._desk.timer_faults

    def wake(self, tick: Tick | None = None) -> None:
        """Say that the journal has grown; from the loop's thread."""
        if tick is not None:
            self._ticks.append(tick)
        self._wake.set()

    async def recover(self) -> None:
        """Take up the last snapshot and replay the journal to its end, before anything new is taken in."""
        await self._run(self._restore)
        while await self._run(self._take_entries):
            pass
        if isinstance(self._clock, ManualClock):  # a snapshot that holds all leaves no entry to move it
            self._clock.advance_to_ms(await self._run(lambda: self._journal.last()[1]))

    async def run(self) -> None:
        """Work until cancelled."""
        dispatching = None if isinstance(self._clock, ManualClock) else asyncio.create_task(self._rounds.run())
        try:
            while True:
                self._wake.clear()
                with self.held.noted():  # whoever waited for the database has waited long enough; all is tried again
                    await self._catch_up()
                    await self._judge()
                    await self._keep()
                if not self.held.is_held:
                    await self._wait()
        finally:
            if dispatching is not None:
                dispatching.cancel()
            await self._rounds.close()

    async def save(self) -> None:
        """Write a snapshot, so that the next start replays nothing; a held database costs it a replay."""
        with self.held.noted():
            await self._run(self._snapshot)

    async def _catch_up(self) -> None:
        while await self._run(self._take_entries) | await self._run(self._keep_findings):
            await self._go_on()

    async def _go_on(self) -> None:
        """Take steps that are due while the journal goes on and on: of all work only a tick must wait for its end."""
        if isinstance(self._clock, ManualClock) or monotonic_s() - self._stepped_at_s < STEP_EVERY_S:
            return
        now_ms = self._clock.now_ms()
        await self._run(lambda: self._desk.run_timers(now_ms, STEPS_AT_ONCE))
        self._stepped_at_s = monotonic_s()  # after them: however many are due, readings have their turn
        if self._kept.is_old:
            await self._keep()

    async def _judge(self) -> None:
        if isinstance(self._clock, ManualClock):
            for tick in [tick for tick in self._ticks if tick.seq <= self._seq]:
                await self._settle(tick)
                self._ticks.remove(tick)
            return
        now_ms = self._clock.now_ms()
        due_ms, hears = await self._run(self._deadline_ms), self._hears()
        is_deaf, is_wanted = hears is Hears.DEAF, due_ms is not None and due_ms <= now_ms
        is_wanted |= is_deaf != self.engine.is_deaf or (is_deaf and now_ms - self.engine.log_ms >= DEAF_TICK_EVERY_MS)
        if hears is not Hears.WAITING and is_wanted and monotonic_s() >= self._tick_after_s:
            await self._run(lambda: self._tick(now_ms, is_deaf=is_deaf))
            await self._catch_up()
        while await self._run(lambda: self._desk.run_timers(now_ms, STEPS_AT_ONCE)) == STEPS_AT_ONCE:
            await self._catch_up()  # what has been found meanwhile may be graver than the steps that are due
        if monotonic_s() - self._refreshed_at_s >= REFRESH_EVERY_S:
            self._refreshed_at_s = monotonic_s()
            await self._run(self._refresh_homes)

    def _tick(self, now_ms: int, *, is_deaf: bool) -> None:
        try:
            self._journal.append((), log_time_ms=now_ms, is_tick=True, is_deaf=is_deaf)
        except NoRoomError:  # even the reserve is gone; alerts that are open go on, and health says why
            _log.exception("no deadline can be judged")
            self._tick_after_s = monotonic_s() + TICK_AGAIN_S

    async def _settle(self, tick: Tick) -> None:
        now_ms = self._clock.now_ms()
        while True:
            moved = await self._run(lambda: self._desk.run_timers(now_ms))
            await self._rounds.settle(now_ms)
            timer_ms = await self._run(self._desk.next_timer_ms)
            if not moved and (timer_ms is None or timer_ms > now_ms):
                break
        self._on_settled(tick, await self._run(self.next_due_ms))

    def next_due_ms(self) -> int | None:
        """Return when something will have to be done if nothing happens; blocking."""
        # what is due already and still waits is held back by the dispatcher, which knows until when
        attempt_ms = self._outbox.next_due_ms(after_ms=self._clock.now_ms())
        waiting = (self._deadline_ms(), self._desk.next_timer_ms(), attempt_ms)
        held_ms = self._rounds.next_wake_ms()
        return min((due_ms for due_ms in (*waiting, held_ms) if due_ms is not None), default=None)

    def _deadline_ms(self) -> int | None:
        """Return the rules' next deadline; soon, where it is too early to look again after more has been taken in."""
        return self._look.due_ms(self._seq, now_ms=self._clock.now_ms(), now_s=monotonic_s())

    async def _wait(self) -> None:
        if self._ticks:
            return
        if isinstance(self._clock, ManualClock):
            await self._wake.wait()
            return
        now_ms = self._clock.now_ms()
        due_ms = await self._run(self.next_due_ms)
        until_ms = min(due_ms if due_ms is not None else now_ms + LONGEST_WAIT_MS, now_ms + LONGEST_WAIT_MS)
        waking = asyncio.create_task(self._wake.wait())
        sleeping = asyncio.create_task(self._clock.sleep_until_ms(max(until_ms, now_ms + 20)))
        _, pending = await asyncio.wait({waking, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()

    async def _keep(self) -> None:
        if self._kept.is_due(self._seq):
            await self._run(self._snapshot)

    def _take_entries(self) -> int:
        if self._keeper.unkept is not None:  # another program held the database
            self._keep_findings()
        entries = () if self._findings.is_full else self._journal.read(self._seq, READ_ENTRIES)
        if entries:
            self._refresh_homes()
        for entry in entries:
            self._take(entry)
        return len(entries)

    def _take(self, entry: LogEntry) -> None:
        if isinstance(self._clock, ManualClock):
            self._clock.advance_to_ms(entry.log_time_ms)
        findings = self.engine.on_readings(entry.log_time_ms, entry.readings) if entry.readings else ()
        if entry.is_tick:
            findings += self.engine.on_time(entry.log_time_ms, is_deaf=entry.is_deaf)
        self._findings.put(arrived(findings, entry.log_time_ms), entry.seq)
        self._seq = entry.seq
        if isinstance(self._clock, ManualClock):
            while self._keep_findings():  # before the next entry moves the clock on
                pass

    def _keep_findings(self) -> int:
        batch = self._keeper.unkept or self._findings.take()
        if batch.findings:
            self._keeper.keep(batch)
        return len(batch.findings)

    def _refresh_homes(self) -> None:
        has_new_rules = self.rules.refresh()
        if self.ladders.refresh():
            self._desk.use_ladders(self.ladders.value)
        with self._truth.view() as unit:
            version = unit.people.version()
            if version == self._registry_version and not has_new_rules:
                return
            homes = unit.people.homes()
        self.rules.set_homes(homes)
        self._look.forget()
        self._registry_version = version

    def _restore(self) -> None:
        self._refresh_homes()
        self._seq = self._kept.restore(self._journal.last()[0])

    def _snapshot(self) -> None:
        if not self._findings and self._keeper.unkept is None:
            self._kept.write(self._seq)  # else whoever starts from it would never find again what is not kept yet

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)
