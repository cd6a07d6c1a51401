"""A stream of readings from a broker through ingest, journal and rules, or to a bare subscriber."""

import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from app.deadline_look import DeadlineLook
from app.interpreter import settle
from core.clock import SystemClock, monotonic_s
from core.ids import DeviceId, HomeId
from ingest.admission import Admission
from ingest.lanes import Batch
from ingest.link import HOLD_SLACK_S, Link
from ingest.session import Client, IngestSession, SessionSettings
from ingest.window import Key
from registry.homes import Device, DeviceRole, Home
from rules.engine import Engine
from store.journal import Journal

WAIT_S = 300
READ_ENTRIES = 256
DELAYS_KEPT = 100_000
LOAD = Path(__file__).with_name("load.py")


class Broker(Protocol):
    """What a bench needs to know of a broker."""

    host: str
    port: int


class Directory:
    """Every home has one motion sensor."""

    def __init__(self, homes: int) -> None:
        self.devices = {
            f"care/h{home}/pir": Device(
                id=DeviceId(f"h{home}/pir"),
                home_id=HomeId(f"h{home}"),
                address=f"care/h{home}/pir",
                role=DeviceRole.INTERIOR_MOTION,
            )
            for home in range(homes)
        }

    def find(self, address: str) -> Device | None:
        """Return the sensor under an address."""
        return self.devices.get(address)

    def look(self) -> bool:
        """Return True: nothing of it changes."""
        return True

    def find_part(self, address: str, part: str) -> Device | None:
        """Return the part's device, or None."""
        return self.devices.get(f"{address}/{part}")

    def record(self, address: str) -> dict[str, str]:
        """Return the install record."""
        return self.devices[address].units

    def is_rejected(self, address: str) -> bool:
        """Return False: nobody was asked."""
        _ = address
        return False


class RulesBehind:
    """The rules behind the journal, in a thread of their own as the application has them: entries read, then judged."""

    def __init__(self, journal: Journal, directory: Directory, wanted: int) -> None:
        self._journal = journal
        self._engine = Engine()
        for device in directory.devices.values():
            self._engine.set_home(Home(id=device.home_id, person_id=None, area="bench", devices=(device,)))
        self._left = wanted
        self._grown = threading.Event()
        self._clock = SystemClock()
        self._engine.on_time(self._clock.now_ms())  # homes are taken up before anything is measured
        self.seq = 0
        self.delays_ms: list[int] = []
        self.done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wake(self, _seq: int) -> None:
        """Say that the journal has grown."""
        self._grown.set()

    def _run(self) -> None:
        look = DeadlineLook(self._engine.next_deadline_ms)
        while self._left > 0:
            self._grown.wait()
            self._grown.clear()
            while entries := self._journal.read(self.seq, READ_ENTRIES):
                for entry in entries:
                    self._engine.on_readings(entry.log_time_ms, entry.readings)
                    now_ms = self._clock.now_ms()
                    if len(self.delays_ms) < DELAYS_KEPT:
                        self.delays_ms += [now_ms - reading.received_at_ms for reading in entry.readings]
                    self._left -= len(entry.readings)
                self.seq = entries[-1].seq
            look.due_ms(self.seq, now_ms=self._clock.now_ms(), now_s=monotonic_s())
        self.done.set()


class Rates(NamedTuple):
    """Readings a second of the wall and of this process's own processor time."""

    wall: float
    processor: float


class Publishers:
    """The load in a process of its own, connected and waiting for its word."""

    def __init__(
        self, broker: Broker, account: tuple[str, str], *, devices: int, messages: int, pack: int = 1, per_s: float = 0
    ) -> None:
        words = [broker.host, broker.port, *account, devices, messages, pack, per_s]
        self._process = subprocess.Popen(
            [sys.executable, str(LOAD), *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._hear("connected")

    def go(self) -> None:
        """Let them publish."""
        self._tell()

    def end(self) -> None:
        """Wait until the broker has promised all, then let them go."""
        self._hear("promised")
        self._tell()
        assert self._process.wait(WAIT_S) == 0
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _tell(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def _hear(self, word: str) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == word


class Ingest:
    """The ingest session over a broker, with the rules behind it."""

    def __init__(
        self,
        settings: SessionSettings,
        folder: Path,
        *,
        homes: int,
        wanted: int,
        client: Client = Link,
        known: Iterable[Key] = (),
    ) -> None:
        directory = Directory(homes)
        self.journal = Journal(folder / f"{settings.client_id}.db")
        self.rules = RulesBehind(self.journal, directory, wanted)
        self.session = IngestSession(
            settings,
            Admission(directory, known),
            self.journal,
            SystemClock(),
            on_committed=self.rules.wake,
            on_tick=lambda _tick: None,
            on_fatal=lambda _error: None,
            client=client,
        )
        settle()
        self.session.start()
        until(lambda: self.session.counters.is_connected)

    def finish(self) -> None:
        """Wait for the last reading and stop."""
        assert self.rules.done.wait(WAIT_S), self.session.counters
        counters = self.session.counters
        self.session.stop()
        self.journal.close()
        assert (counters.parked, counters.duplicates, counters.faults) == (0, 0, 0), counters


class Bare:
    """The same client library, counting and acknowledging, and nothing else: it stands where the list stands."""

    def __init__(self, settings: SessionSettings, *, wanted: int, client: Client = Link) -> None:
        self._left = wanted
        self.done = threading.Event()
        subscribed = threading.Event()
        self._link = client(settings, self, SystemClock(), subscribed.set)  # type: ignore[arg-type]
        self._thread = threading.Thread(target=self._link.run, daemon=True)
        self._thread.start()
        assert subscribed.wait(WAIT_S)

    def has_room(self, _on_room: Callable[[], None]) -> bool:
        """Say that there is always room."""
        return True

    def hold(self, _seconds: float) -> None:
        """Hold nothing."""

    def put(self, batch: Batch) -> None:
        """Count and acknowledge."""
        batch.connection.ack([frame[0] for frame in batch.frames])
        self._left -= len(batch.frames)
        if self._left <= 0:
            self.done.set()

    def finish(self) -> None:
        """Wait for the last message and leave."""
        assert self.done.wait(WAIT_S)
        self._link.disconnect()
        self._thread.join(WAIT_S)


def settings_for(broker: Broker, client_id: str, account: tuple[str, str] = ("", "")) -> SessionSettings:
    """Return how a bench listens: a new session, so that nothing is held back."""
    return SessionSettings(
        host=broker.host,
        port=broker.port,
        client_id=client_id,
        username=account[0],
        password=account[1],
        topics=("care/#",),
        ack_wait_s=-HOLD_SLACK_S,
    )


def timed(listener: Ingest | Bare, publishers: Publishers, readings: int) -> Rates:
    """Return the rates from the first message sent to the last one done with."""
    wall_s, processor_s = monotonic_s(), _processor_s()
    publishers.go()
    listener.finish()
    rates = Rates(readings / (monotonic_s() - wall_s), readings / (_processor_s() - processor_s))
    publishers.end()
    return rates


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    pause, end_s = threading.Event(), monotonic_s() + WAIT_S
    while not holds():
        assert monotonic_s() < end_s
        pause.wait(0.01)


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
