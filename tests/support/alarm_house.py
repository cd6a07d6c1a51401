"""The alerting half of a service on one folder: everything from the journal to the phone provider's real SDK.

The pipeline, the desk, the outbox, the dispatcher, Twilio's SDK and the HTTP application are those that ship. Only the
rules are told what to find, and there is no broker: whoever drives it writes the ticks.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from channel_kit import TOKEN as REPORTS_TOKEN
from channel_kit import aliyun_settings
from prometheus_client import CollectorRegistry

from alerts.channels.aliyun_api import AliyunApi
from alerts.channels.aliyun_sms import AliyunSms
from alerts.channels.aliyun_voice import AliyunVoice
from alerts.channels.console import Console
from alerts.channels.twilio_http import TwilioApi
from alerts.channels.twilio_settings import TwilioSettings
from alerts.channels.twilio_sms import TwilioSms
from alerts.channels.twilio_voice import TwilioVoice
from alerts.dispatcher import Dispatcher
from alerts.routing import built_in_routes
from api.application import create_app
from app.aliyun_calls import AliyunCalls
from app.callbacks import TwilioCallbacks
from app.desk_service import DeskService
from app.dispatch_rounds import DispatchRounds
from app.hearing import Hears
from app.ladder_files import ladders_file
from app.outbox import TruthOutbox
from app.pipeline import Pipeline
from app.rules_files import RuleKeeper, rules_file
from core.clock import ManualClock
from core.ids import HomeId, PersonId
from ingest.committer import Tick
from registry.homes import Contact, Home
from registry.people import Category, Person
from rules.engine import Engine
from rules.findings import Finding
from store.cipher import FieldCipher
from store.journal import Journal
from store.truth.database import Truth
from visits.policy import built_in_policy

SID, TOKEN = "AC" + "0" * 32, "token"
FROM = "+85212345678"
HOME, PERSON = HomeId("h1"), PersonId("p1")
RESIDENT = "+8613900000000"
CALLS_PER_S = 50.0
"""The pace of a provider has tests of its own; here it would only move seconds about."""


class ToldRules:
    """Rules that find at each time what they were told to find then; a replay of the journal finds it again."""

    is_deaf = False
    log_ms = 0

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = list(findings)
        self._found = set[str]()

    def on_readings(self, log_time_ms, _readings):
        self.log_ms = log_time_ms
        return ()

    def on_time(self, now_ms, *, is_deaf=False):
        self.is_deaf, self.log_ms = is_deaf, now_ms
        due = tuple(one for one in self.findings if one.at_ms <= now_ms and one.id not in self._found)
        self._found |= {one.id for one in due}
        return due

    def next_deadline_ms(self):
        return min((one.at_ms for one in self.findings if one.id not in self._found), default=None)

    def snapshot(self):
        return msgspec.json.encode(sorted(self._found))

    def restore(self, data):
        self._found = set(msgspec.json.decode(data))
        return True

    def refresh(self):
        return False

    def set_homes(self, homes):
        """The homes have nothing to say to rules that are told everything."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The way to the phone networks and back; an empty base: the account does not exist."""

    api_base: str
    public_base_url: str
    aliyun_base: str = ""
    request_timeout_s: float = 10.0


class AlarmHouse:
    """Made in the event loop it works in; `ticked` drives it in lock-step, `close` ends it."""

    def __init__(
        self,
        folder: Path,
        line: Line,
        findings: tuple[Finding, ...] = (),
        *,
        truth=Truth,
        journal=Journal,
        routes=None,
        more_channels=(),
        engine: Engine | None = None,
        clock=None,
        hears=lambda: Hears.WELL,
    ) -> None:
        """With an `engine` its rules judge the readings of the journal, and no finding is told beforehand."""
        self.clock = clock or ManualClock()
        self.truth = truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        self.journal = journal(folder / "journal.sqlite")
        self.rules = ToldRules(findings)
        self.desk = DeskService(self.truth, self.clock, built_in_policy(), on_change=lambda _trace: None)
        self.api = twilio(line) if line.api_base else None
        self._aliyun = aliyun(line) if line.aliyun_base else None
        self._desk_thread = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self._api_threads = ThreadPoolExecutor(2, thread_name_prefix="callbacks")
        outbox = TruthOutbox(self.truth, self.desk, self._desk_thread)
        channels = [Console(), *more_channels]
        channels += [] if self.api is None else [TwilioVoice(self.api), TwilioSms(self.api)]
        channels += [] if self._aliyun is None else [AliyunVoice(self._aliyun), AliyunSms(self._aliyun)]
        routes = routes or built_in_routes()
        self.dispatcher = Dispatcher(outbox, outbox, channels=channels, routes=routes, clock=self.clock)
        self.pipeline = Pipeline(
            engine or self.rules,
            self.journal,
            self.truth,
            self.desk,
            outbox=outbox,
            rounds=DispatchRounds(self.dispatcher, self.desk, self.clock),
            clock=self.clock,
            executor=self._desk_thread,
            rules=RuleKeeper(engine, rules_file(None, folder / "rules.toml")) if engine else self.rules,
            ladders=ladders_file(None, folder / "ladders.toml"),
            on_settled=self._settled,
            hears=hears,
        )
        callbacks = TwilioCallbacks(self.api, self.truth, self.desk, self.clock, self._api_threads)
        reports = AliyunCalls(REPORTS_TOKEN, self.truth, self.desk, self.clock, self._api_threads)
        # no route but the callbacks' is asked for anything here: the console and the accounts stay away
        self.app = create_app(None, None, callbacks, CollectorRegistry(), now_ms=self.clock.now_ms, reports=reports)
        self._answers: asyncio.Queue[int | None] = asyncio.Queue()
        self._ticks = 0
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Replay the journal, then work."""
        await self.pipeline.recover()
        self.start_running()

    def start_running(self) -> None:
        """Work, without a look at what the journal holds already."""
        self._running = asyncio.create_task(self.pipeline.run())

    async def ticked(self, now_ms: int) -> int | None:
        """Let it be `now_ms`, wait until all that is due has been done, and return when it wants the next tick."""
        self._ticks += 1
        seq = await asyncio.to_thread(self.journal.append, (), log_time_ms=now_ms, is_tick=True)
        self.pipeline.wake(Tick(now_ms, self._ticks, seq))
        answer = asyncio.create_task(self._answers.get())
        await asyncio.wait({answer, self._running}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            await self._running  # raises what ended it
        return await answer

    async def close(self) -> None:
        """End it in order."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        for api in (self.api, self._aliyun):
            if api is not None:
                api.close()
        self._desk_thread.shutdown()
        self._api_threads.shutdown()
        self.truth.close()
        self.journal.close()

    def _settled(self, _tick: Tick, next_ms: int | None) -> None:
        self._answers.put_nowait(next_ms)


def twilio(line: Line) -> TwilioApi:
    """Return the way to the stand-in of Twilio."""
    return TwilioApi(
        TwilioSettings(
            account_sid=SID,
            auth_token=TOKEN,
            from_number=FROM,
            api_base=line.api_base,
            public_base_url=line.public_base_url,
            request_timeout_s=line.request_timeout_s,
            calls_per_s=CALLS_PER_S,
        )
    )


def aliyun(line: Line) -> AliyunApi:
    """Return the way to the stand-in of Aliyun."""
    return AliyunApi(aliyun_settings(line.aliyun_base, request_timeout_s=line.request_timeout_s))


def register(truth: Truth, contacts: tuple[Contact, ...]) -> None:
    """Let one person live in one home, with these contacts."""
    alone = frozenset({Category.ALONE})
    with truth.transaction() as unit:
        unit.people.put_person(Person(id=PERSON, home_id=HOME, area="a/b/c", categories=alone, phone=RESIDENT))
        unit.people.put_home(Home(id=HOME, person_id=PERSON, area="a/b/c"))
        for contact in contacts:
            unit.people.put_contact(contact)
