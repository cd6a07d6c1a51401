"""The running service: everything started in the right order, stopped in the reverse; the composition root."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec

from alerts.dispatcher import Dispatcher
from api.application import create_app
from app.accounts import LocalAccounts
from app.adapters import admission_of, canary, embedded_broker, listening, parked_keeper, running, sessions
from app.aliyun_calls import AliyunCalls
from app.broker import EmbeddedBroker
from app.broker_watch import started
from app.callbacks import TwilioCallbacks
from app.changes import Changes
from app.console import DeskConsole
from app.console_gathering import people_ports
from app.console_homes import sources_of
from app.counting import policy_of
from app.desk_service import DeskService
from app.dispatch_rounds import DispatchRounds
from app.files import DataFiles
from app.health import Health, registry_of
from app.hearing import hearing_of
from app.hindsight import Hindsight
from app.interpreter import let_go, settle
from app.ladder_files import ladders_file
from app.ledger_building import ledger_console
from app.lines import Lines
from app.memory import awake_homes, limit_bytes
from app.outbox import TruthOutbox
from app.paper.served import paper_console, sheets_of
from app.pipeline import Pipeline
from app.private_file import write_private
from app.rules_files import RuleKeeper, rules_file
from app.server import quiet_server
from app.settings import Settings
from app.settling import Settling
from app.storage import add_watches, open_stores
from app.threads import Threads
from app.watches import Watches
from core.clock import Clock, ManualClock, SystemClock
from ingest.session import IngestSession, Tick
from rules.engine import Engine
from store.definitions import DefinitionFile
from store.journal import Journal

SETTLED_TOPIC = "shouwang/clock/settled"
_log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode


class Service:
    """One service process. `start`, then `wait` until something ends it, then `stop`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock: Clock = ManualClock() if settings.clock == "driven" else SystemClock()
        self.files = DataFiles(settings.data_dir)
        self.broker: EmbeddedBroker | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._fatal: asyncio.Future[Exception] | None = None
        self._settling = Settling(lambda: self.ingest.counters, settings.ack_wait_s)
        self.hearing = hearing_of(
            self._settling,
            lambda: self.ingest,
            lambda: self.broker,
            clock=self.clock,
            log_ms=lambda: self.pipeline.engine.log_ms,
        )
        self.base_url = settings.base_url

    async def start(self) -> None:
        """Open the stores, replay the journal, then listen; raises ConfigurationError with the remedy."""
        self._loop = asyncio.get_running_loop()
        self._fatal = self._loop.create_future()
        self._socket = listening(self.settings)
        port = self._socket.getsockname()[1]
        self.base_url = self.settings.public_base_url or f"http://{self.settings.http_host}:{port}"
        self._open_stores()
        self._build_desk()
        if not self.settings.mqtt_host:
            self.broker = embedded_broker(self.settings)
            await started(self.broker, takes_over=True)
        self._build_ingest()
        self._build_watches()
        if not isinstance(self.clock, ManualClock):
            await asyncio.to_thread(self.watches.clock.begin, self.journal.last()[1])
        await self.pipeline.recover()
        if self.pipeline.engine.is_deaf:
            self.hearing.goes_on(self.clock.now_ms() - (self.pipeline.engine.deaf_from_ms or self.clock.now_ms()))
        self._build_api()
        if self.settings.influx_url:
            self.watches.note_health(self.health.view)
        if self.settings.dead_man_url:
            self.watches.add_dead_man(self.settings.dead_man_url, self.console.problems)
        self._spawn(self.pipeline.run(), "pipeline")
        for projection in self._projections:
            self._spawn(projection.run(), f"projection-{projection.name}")
        for name, task in self.watches.tasks():
            self._spawn(task, name)
        self._spawn(self.parked.run(), "parked")
        self._spawn(self._server.serve_on(self._socket), "http")
        self._announce()
        settle()
        self._settling.begin()
        self.ingest.start()

    async def wait(self) -> None:
        """Return when a task has ended or ingest has failed; raises what ended it."""
        fatal = self._fatal
        if fatal is None:
            return
        ended = {*self._tasks, fatal}
        done, _ = await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            result = one.result()
            if isinstance(result, Exception):
                raise result

    async def stop(self) -> None:
        """Stop in reverse order; what is acknowledged is on the disk already, so a kill here loses nothing."""
        self.changes.close()  # an open page would be cut off by the server's end, and uvicorn would complain of it
        self._server.should_exit = True
        if self.broker is not None:
            self.broker.let_go()  # nothing starts it anew from here on
        await asyncio.to_thread(self.ingest.stop)
        for task in self._tasks:
            if task.get_name() != "http":
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.parked.close)
        await self.pipeline.save()
        for projection in self._projections:
            await projection.finish()
        await self.watches.close()
        self._lines.close()
        if self.broker is not None:
            await asyncio.to_thread(self.broker.stop)
        await asyncio.to_thread(self.hindsight.close)
        self._threads.shutdown()
        self.truth.close()
        self.journal.close()
        self._definitions.close()
        self.files.unlock()
        let_go()

    def _open_stores(self) -> None:
        self.files.lock()
        self._threads = Threads()
        self.truth = self.files.open_truth()
        self._stores = open_stores(self.settings, self.files, self.truth, self.clock)
        self.journal, self.series, self._projections = self._stores

    def _build_desk(self) -> None:
        self.policy = policy_of(self.settings)
        self.changes = Changes(self._loop)
        self.desk = DeskService(self.truth, self.clock, self.policy, on_change=self.changes.tell)
        self._lines = Lines(self.settings, self.base_url)
        outbox = TruthOutbox(self.truth, self.desk, self._threads.outbox, desk_number=self.settings.desk_number)
        self.dispatcher = Dispatcher(
            outbox, outbox, channels=self._lines.channels, routes=self._lines.routes, clock=self.clock
        )
        engine = Engine(awake=awake_homes(limit_bytes()))
        rules_at, ladders_at = self.settings.rules_file, self.settings.ladders_file
        rules = rules_file(Path(rules_at) if rules_at else None, self.files.last_good_rules)
        ladders = ladders_file(Path(ladders_at) if ladders_at else None, self.files.last_good_ladders)
        self.pipeline = Pipeline(
            engine,
            self.journal,
            self.truth,
            self.desk,
            outbox=outbox,
            rounds=DispatchRounds(self.dispatcher, self.desk, self.clock),
            clock=self.clock,
            executor=self._threads.desk,
            rules=RuleKeeper(engine, rules),
            ladders=ladders,
            on_settled=self._settled,
            hears=self.hearing.now,
        )

    def _build_ingest(self) -> None:
        is_driven = isinstance(self.clock, ManualClock)
        self._definitions = DefinitionFile(self.files.definitions)
        admission = admission_of(self.settings, self.truth, self.journal, self._definitions, self.clock)
        client_id = self.settings.mqtt_client_id or self.files.client_id(is_driven=is_driven)
        self.ingest = IngestSession(
            sessions(self.settings, self.broker, client_id),
            admission,
            self.journal,
            self.clock,
            on_committed=lambda _seq: self._on_loop(self.pipeline.wake),
            on_tick=lambda tick: self._on_loop(lambda: self.pipeline.wake(tick)),
            on_fatal=lambda error: self._on_loop(lambda: self._fail(error)),
        )
        self.parked = parked_keeper(self.files, self.truth, admission, self.ingest, self.clock)

    def _build_watches(self) -> None:
        self.watches = Watches(
            self.truth,
            self.desk,
            clock=self.clock,
            zone_name=self.settings.zone,
            desk_thread=self._threads.desk,
            threads=self._threads.looks,
        )
        add_watches(
            self.watches,
            self.settings,
            self._stores,
            self.truth,
            self.desk,
            pipeline=self.pipeline,
            ingest=self.ingest,
        )
        self.watches.add_ingest(self.ingest)
        if self.broker is not None:
            self.watches.add_broker(self.broker)
        if not isinstance(self.clock, ManualClock):  # driven, time stands still while nothing is heard
            self.watches.add_hearing(self.hearing)
        self.hindsight = Hindsight(Journal(self.files.journal))
        self._homes = sources_of(self.pipeline, self._threads.desk, self.series, self.hindsight, self.parked.identities)
        self.sheets = sheets_of(self.settings, self.files, self.truth, self.clock, self._homes)
        self.watches.add_sheets(self.sheets)
        if self.settings.canary_at:
            self.watches.add_canary(canary(self.settings, self.truth, self.desk, self.ingest))

    def _build_api(self) -> None:
        self.accounts = LocalAccounts(self.truth, self._threads.console)
        self.health = Health(
            self.truth,
            self.journal,
            self.pipeline,
            ingest=self.ingest,
            dispatcher=self.dispatcher,
            projections=self._projections,
            watches=self.watches,
            parked=self.parked,
            clock=self.clock,
            is_live_calls=self.settings.live_calls,
        )
        callbacks = TwilioCallbacks(self._lines.twilio, self.truth, self.desk, self.clock, self._threads.callbacks)
        reports = AliyunCalls(
            self.settings.aliyun_callback_token, self.truth, self.desk, self.clock, self._threads.callbacks
        )
        self.console = self._console()
        app = create_app(
            self.console,
            self.accounts,
            callbacks,
            registry_of(self.health),
            now_ms=self.clock.now_ms,
            secure_cookies=self.settings.secure_cookies,
            zone_name=self.settings.zone,
            language=self.settings.language,
            reports=reports,
            ledger=ledger_console(self.settings, self.truth, self.clock, self._threads, self.console),
            **people_ports(self.truth, self.clock, self.settings.zone, self._threads.console),
            press=paper_console(self.settings, self.sheets, self.truth, self.clock, self._threads),
        )
        self._server = quiet_server(app)

    def _console(self) -> DeskConsole:
        return DeskConsole(
            self.truth,
            self.desk,
            self._homes,
            parked=self.parked.parked,
            policy=self.policy,
            changes=self.changes,
            health=self.health,
            clock=self.clock,
            zone_name=self.settings.zone,
            executor=self._threads.console,
        )

    def _announce(self) -> None:
        told = running(self.settings, self.base_url, self._socket.getsockname()[1], self.broker)
        write_private(self.settings.data_dir / "service.json", _encode(told))

    def _settled(self, tick: Tick, next_ms: int | None) -> None:
        answer = {"tick": tick.tick, "now_ms": self.clock.now_ms(), "next_ms": next_ms}
        self.ingest.publish(SETTLED_TOPIC, _encode(answer))

    def _fail(self, error: Exception) -> None:
        self.health.fatal = str(error)
        if self._fatal is not None and not self._fatal.done():
            self._fatal.set_result(error)

    def _on_loop(self, work: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(self._loop.create_task(work, name=name))
