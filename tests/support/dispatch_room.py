"""A dispatcher on a real database, with channels that do as they are told and a clock that only the test moves."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from alerts.attempts import CallNews
from alerts.dispatcher import Dispatcher
from alerts.model import Alert, AlertState, AttemptState, CallPurpose, Change, PlaceCall, SendSms
from alerts.ports import SendResult, Traits
from alerts.routing import parse_routes
from app.desk_service import DeskService
from app.outbox import TruthOutbox
from core.clock import ManualClock
from core.ids import AlertId, AttemptId, ContactId, EffectKey, HomeId, PersonId, derived_id
from core.text import Bilingual
from registry.homes import Contact, ContactRole
from registry.people import Category, Person
from rules.findings import FindingKind, Priority
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.policy import built_in_policy

NOON_MS = 1_793_000_000_000
MAINLAND, ABROAD = "+8613800000001", "+85291234567"
ROUTES = """
[[route]]
prefix = "+"
voice = ["twilio_voice", "aliyun_voice", "console"]
sms = ["twilio_sms", "console"]
"""


def result(state, *, retry_after_ms=None, is_misconfigured=False, provider_id="", detail="as told"):
    news = CallNews(state=state, at_ms=NOON_MS, provider_id=provider_id, detail=detail)
    return SendResult(news=news, retry_after_ms=retry_after_ms, is_misconfigured=is_misconfigured)


TAKEN = result(AttemptState.SUBMITTED, provider_id="CA1")
LOST = result(AttemptState.UNKNOWN, retry_after_ms=5_000, detail="the provider did not answer in time")
NOT_SENT = result(AttemptState.NEW, retry_after_ms=1_000, detail="no connection to the provider")
UNAUTHORIZED = result(AttemptState.NEW, retry_after_ms=60_000, is_misconfigured=True, detail="HTTP 401")

NO_WAY = msgspec.structs.replace(UNAUTHORIZED, is_of_number=True)


class ToldChannel:
    """Does as told, once for each word and the last word for ever; `gate` holds its requests while it is closed."""

    def __init__(self, name="twilio_voice", *, traits=None, refused="") -> None:
        self.name = name
        self.traits = traits or Traits(provider=name)
        self.answers = [TAKEN]
        self.found = [LOST]
        self.sent = []
        self.looked_up = []
        self.cancelled = []
        self.cancelled_at_ms = None
        self.gate = asyncio.Event()
        self.gate.set()
        self._refused = refused

    def refuses(self, to):
        return Bilingual("不", "no") if self._refused and to.startswith(self._refused) else None

    async def send(self, delivery, *, now_ms):
        self.sent.append((str(delivery.attempt.key), now_ms - NOON_MS))
        await self.gate.wait()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def look_up(self, delivery, *, now_ms):
        self.looked_up.append((str(delivery.attempt.key), now_ms - NOON_MS))
        return self.found.pop(0) if len(self.found) > 1 else self.found[0]

    async def cancel(self, attempt, *, now_ms):
        self.cancelled.append(attempt.provider_id)
        self.cancelled_at_ms = now_ms

    @property
    def keys(self):
        return [key for key, _ in self.sent]


class DispatchRoom:
    """One service's dispatcher; `restarted` is what a kill -9 leaves: the rows, and nothing else."""

    def __init__(self, folder, *channels: ToldChannel, routes=ROUTES, clock=None) -> None:
        self._folder = folder
        self._routes = routes
        self.channels = channels
        self.clock = clock or ManualClock(NOON_MS)
        self.truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        self.desk = DeskService(self.truth, self.clock, built_in_policy(), on_change=lambda _trace: None)
        self._threads = ThreadPoolExecutor(1)
        outbox = TruthOutbox(self.truth, self.desk, self._threads)
        self.dispatcher = Dispatcher(
            outbox, outbox, channels=channels, routes=parse_routes(routes, where="test"), clock=self.clock
        )

    def close(self):
        self._threads.shutdown()
        self.truth.close()

    def restarted(self, *channels: ToldChannel):
        self.close()
        return DispatchRoom(self._folder, *(channels or self.channels), routes=self._routes, clock=self.clock)

    def queue(self, *names: str, to=MAINLAND, priority=Priority.P1, alert=None, is_text=False, state=None):
        """Queue one attempt for each name, in an alert of its own unless one is named."""
        for name in names:
            self._queue(name, to, priority, alert or name, is_text=is_text, state=state)

    def _queue(self, name, to, priority, alert, *, is_text, state):
        alert_id, contact_id, home = AlertId(alert), ContactId(f"c-{name}"), HomeId(f"h-{alert}")
        common = {"key": EffectKey(name), "alert_id": alert_id, "contact_id": contact_id}
        common |= {"priority": priority, "not_before_ms": self.clock.now_ms()}
        if is_text:
            effect = SendSms(**common, template="alert@1", variables={"number": "7"})
        else:
            effect = PlaceCall(**common, purpose=CallPurpose.ASK_CONTACT)
        person = Person(
            id=PersonId(f"p-{alert}"),
            home_id=home,
            area="a",
            categories=frozenset({Category.ALONE}),
            name="",
            phone="",
            address="",
        )
        with self.truth.transaction() as unit:
            unit.people.put_person(person)
            unit.people.put_contact(
                Contact(id=contact_id, person_id=person.id, role=ContactRole.FAMILY, order=1, phone=to)
            )
            known = unit.alerts.get(alert_id)
            opened = Alert(
                id=alert_id,
                home_id=home,
                person_id=person.id,
                priority=priority,
                kinds=(FindingKind.INACTIVITY,),
                finding_ids=(),
                state=state or AlertState.CALLING_CONTACTS,
                opened_at_ms=self.clock.now_ms(),
                sentence=Bilingual("", ""),
                policy="p1@1",
                version=1 if known is None else known.version + 1,
            )
            unit.alerts.apply(Change(alert=opened, timers=(), effects=(effect,)))

    def attempt(self, name):
        with self.truth.view() as unit:
            return unit.outbox.get(AttemptId(derived_id("attempt", name)))

    def states(self):
        with self.truth.view() as unit:
            rows = [unit.outbox.of_alert(alert.id) for alert in unit.alerts.list(list(AlertState), 1_000)]
        return {str(one.key): (one.channel, one.state) for group in rows for one in group}

    async def drain(self, after_ms=0):
        """Carry out all that is due so long after noon."""
        self.clock.advance_to_ms(NOON_MS + after_ms)
        await self.dispatcher.drain(self.clock.now_ms())

    async def start(self, after_ms=0):
        """Start what is due without waiting for it, and let what is quick come to its end."""
        self.clock.advance_to_ms(NOON_MS + after_ms)
        await self.dispatcher.start_due(self.clock.now_ms())
        for _ in range(20):
            await asyncio.sleep(0)
            await asyncio.get_running_loop().run_in_executor(self._threads, lambda: None)


def in_room(folder, story, *channels: Callable[[], ToldChannel], **more):
    """Run a story; channels are made inside the loop that they wait in."""

    async def run():
        room = DispatchRoom(folder, *(make() for make in channels), **more)
        try:
            return await story(room, *room.channels)
        finally:
            await room.dispatcher.close()
            room.close()

    return asyncio.run(asyncio.wait_for(run(), 60))


def twilio(**more):
    """Return a maker of the voice provider with these traits."""
    return lambda: ToldChannel("twilio_voice", traits=Traits(provider="twilio", **more))


def aliyun(**more):
    """Return a maker of the provider for mainland numbers with these traits."""
    return lambda: ToldChannel("aliyun_voice", traits=Traits(provider="aliyun", **more))


def board():
    """Return the duty board, which shows and rings nobody."""
    return ToldChannel("console", traits=Traits(provider="console", rings=False))


def number(n):
    """Return the n-th mainland number."""
    return f"+861380000{n:04}"
