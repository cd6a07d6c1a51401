"""A service's watch over one home from a real broker to the alert, whose clock is moved by hand; ingest's own is not."""

import asyncio
from pathlib import Path

import msgspec
from alarm_house import AlarmHouse, Line, register
from desk_room import CONTACTS
from ingest_directory import device_at
from ingest_kit import PIR, WAIT_S, Publisher, RunningSession, kept_seqs, motion

from app.hearing import Hearing
from app.settling import Settling
from core.clock import Leap, ManualClock, SystemClock
from core.localtime import HOUR_MS, MINUTE_MS
from rules.engine import Engine
from rules.findings import Finding, FindingKind
from store.journal import Journal

LIMIT_MS = 5 * HOUR_MS
RESTS = 1_000
"""What the number of an end of movement is above that of its beginning."""
LIMITS = {"inactivity_personal": 0, "inactivity_day_ms": LIMIT_MS, "inactivity_night_ms": LIMIT_MS}


class HandClock:
    """Time that is moved by hand and is the machine's to whoever asks for its kind: the pipeline writes its own ticks."""

    def __init__(self, now_ms: int) -> None:
        self._clock = ManualClock(now_ms)
        self.now_ms = self._clock.now_ms
        self.sleep_until_ms = self._clock.sleep_until_ms
        self.leaps: tuple[Leap, ...] = ()
        self.lead_ms = 0
        self._leapt_ms = 0

    def advance(self, by_ms: int) -> None:
        self._clock.advance_to_ms(self.now_ms() + by_ms)

    def leap(self, by_ms: int) -> None:
        """Be set ahead, or go on after the machine stood still: no second passes."""
        number, from_ms = len(self.leaps) + 1, self.now_ms()
        self.leaps, self._leapt_ms = (*self.leaps, Leap(number, from_ms, from_ms + by_ms)), self._leapt_ms + by_ms
        self._clock.advance_to_ms(from_ms + by_ms)

    def seconds(self) -> float:
        return (self.now_ms() - self._leapt_ms) / 1000


class ListeningEngine(Engine):
    """The rules, and all they have found."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Finding] = []

    def on_readings(self, log_ms, readings):
        found = super().on_readings(log_ms, readings)
        self.found += found
        return found

    def on_time(self, now_ms, *, is_deaf=False):
        found = super().on_time(now_ms, is_deaf=is_deaf)
        self.found += found
        return found


class DeafHouse:
    """One home with one motion sensor; `log_of` may stand before the journal for ingest alone."""

    def __init__(self, folder: Path, broker, log_of=lambda journal: journal) -> None:
        self.clock = HandClock(SystemClock().now_ms())
        self.engine = ListeningEngine()
        self._looked = asyncio.Event()
        line = Line(api_base="", public_base_url="")
        self.house = AlarmHouse(
            folder, line, engine=self.engine, clock=self.clock, hears=self._hears, journal=self._journal
        )
        register(self.house.truth, CONTACTS)
        self.home = self._registered()
        self.journal = self.house.journal
        self.log = log_of(self.journal)
        self._broker = broker
        self.publisher = Publisher(broker)
        self.running = RunningSession(broker, self.log, self.clock)
        session = self.running.session
        settling = Settling(lambda: session.counters, 1.0, self.clock.seconds)
        self.hearing = Hearing(
            settling,
            lambda: session.counters,
            lambda: session.held_up,
            self.clock.seconds,
            takes=lambda: getattr(broker, "takes", True),  # a Mosquitto is no embedded one: nobody probes it
            leap=lambda: max(self.clock.leaps, default=None),
        )
        settling.begin()

    async def start(self) -> None:
        await self.house.start()

    async def says(self, seq: int) -> None:
        """Let somebody move; the broker has it then."""
        at_ms = self.clock.now_ms()
        rests = msgspec.json.encode({"ts": at_ms, "seq": seq + RESTS, "motion": False})
        await asyncio.to_thread(self.publisher.send, f"{PIR}/event", motion(at_ms, seq), rests)

    async def moved(self, seq: int) -> None:
        """Let somebody move, and wait until the rules have heard of it."""
        await self.says(seq)
        await self.until(lambda: seq + RESTS in kept_seqs(self.journal))
        await self.looked()

    async def passes(self, time_ms: int, step_ms: int = MINUTE_MS) -> None:
        """Let time go by, as a service lives through it: in steps, of which each is seen."""
        for _ in range(time_ms // step_ms):
            self.clock.advance(step_ms)
            await self.looked()

    async def looked(self) -> None:
        """Return once the pipeline has done what is due now, and sleeps."""
        for _ in range(3):  # the first may be under way, the second sees this moment, the third begins after it
            self._looked.clear()
            self.house.pipeline.wake()
            await asyncio.wait_for(self._looked.wait(), WAIT_S)

    async def until(self, holds) -> None:
        await asyncio.to_thread(self.running.until, holds)

    @property
    def ticks(self) -> list[tuple[int, bool]]:
        """(log time, is deaf) of every tick."""
        return [(one.log_time_ms, one.is_deaf) for one in self.journal.read(0, 100_000) if one.is_tick]

    def rung(self) -> list[Finding]:
        return [one for one in self.engine.found if one.kind is FindingKind.INACTIVITY and not one.is_cleared]

    def replayed(self) -> list[Finding]:
        """Return what fresh rules find in the journal."""
        engine = Engine()
        engine.set_home(self.home)
        found: list[Finding] = []
        for entry in self.journal.read(0, 100_000):
            if entry.readings:
                found += engine.on_readings(entry.log_time_ms, entry.readings)
            if entry.is_tick:
                found += engine.on_time(entry.log_time_ms, is_deaf=entry.is_deaf)
        return found

    async def close(self) -> None:
        self.publisher.close()
        await asyncio.to_thread(self.running.session.stop)
        await self.house.close()

    def _hears(self):
        self._looked.set()
        return self.hearing.now()

    def _journal(self, path):
        return Journal(path, None, lambda: self.clock.leaps)

    def _registered(self):
        with self.house.truth.transaction() as unit:
            home = msgspec.structs.replace(unit.people.homes()[0], devices=(device_at(PIR),), limits=LIMITS)
            unit.people.put_home(home)
        return home
