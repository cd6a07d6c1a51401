"""What ingest tests share: a publisher whose messages are on the broker's disk, and a session that tells what it does."""

import json
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from ingest_directory import DirectoryInMemory
from nats_broker import ACK_WAIT_S
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from app.broker import Account, Accounts
from core.clock import Clock, SystemClock, monotonic_s
from core.errors import DurabilityError
from core.events import Reading
from core.log import ParkedMessage, Reread
from ingest.admission import DEDUPE_KEYS, Admission
from ingest.ports import DeviceDirectory
from ingest.session import IngestSession, SessionSettings, Tick
from store.journal import Journal

PIR = "care/h1/pir"
WAIT_S = 60
"""How long a test waits for something to happen before it fails; a busy machine is slow, not wrong."""


class Broker(Protocol):
    """A real broker, whichever."""

    host: str
    port: int
    accounts: Accounts


class Publisher:
    """Publishes at QoS 1; a message is the broker's once `send` has returned."""

    def __init__(self, broker: Broker, account: Account | None = None) -> None:
        account = account or broker.accounts.simulator
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=f"publisher-{id(self)}")
        if account.username:
            self.client.username_pw_set(account.username, account.password)
        self.client.on_message = lambda _client, _data, message: self.heard.put((message.topic, message.payload))
        self._subscribed = threading.Event()
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        connected = threading.Event()
        self.client.on_connect = lambda *_: connected.set()
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()
        assert connected.wait(WAIT_S)

    def send(self, topic: str, *payloads: bytes, retain: bool = False) -> None:
        """Publish and return when the broker has promised every one."""
        sent = [self.client.publish(topic, payload, 1, retain) for payload in payloads]
        for info in sent:
            info.wait_for_publish(WAIT_S)
            assert info.is_published()

    def tick(self, now_ms: int, number: int) -> None:
        self.send("shouwang/clock", json.dumps({"now_ms": now_ms, "tick": number}).encode())

    def listen(self, topic: str) -> None:
        self.client.subscribe(topic, 1)
        assert self._subscribed.wait(WAIT_S)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class Gate:
    """The journal behind a door: it can refuse an append as a failing disk does, or make it wait."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.is_broken = False
        self.asked = threading.Event()
        self.open = threading.Event()
        self.open.set()

    def append(
        self,
        readings: Sequence[Reading],
        parked: Sequence[ParkedMessage] = (),
        *,
        log_time_ms: int,
        is_tick: bool = False,
        rereads: Sequence[Reread] = (),
    ) -> int:
        self.asked.set()
        assert self.open.wait(WAIT_S)
        if self.is_broken:
            raise DurabilityError("no space left on device")
        return self._journal.append(readings, parked, log_time_ms=log_time_ms, is_tick=is_tick, rereads=rereads)

    def recent_readings(self, limit: int) -> list[Reading]:
        return self._journal.recent_readings(limit)


def settings_of(broker: Broker, **settings) -> SessionSettings:
    """Return how the ingest session connects to a broker."""
    account = broker.accounts.ingest
    plain = {
        "host": broker.host,
        "port": broker.port,
        "client_id": "ingest",
        "username": account.username,
        "password": account.password,
        "ack_wait_s": ACK_WAIT_S,
    }
    return SessionSettings(**(plain | settings))


class RunningSession:
    """A session over a real broker and journal, with what it called back."""

    def __init__(
        self,
        broker: Broker,
        log: Gate | Journal,
        clock: Clock | None = None,
        *,
        directory: DeviceDirectory | None = None,
        admission: Admission | None = None,
        further: Sequence[SessionSettings] = (),
        must_connect: bool = True,
        **settings,
    ) -> None:
        self.ticks: queue.Queue[Tick] = queue.Queue()
        self.fatal: queue.Queue[Exception] = queue.Queue()
        self._committed = threading.Condition()
        if admission is None:
            admission = Admission(directory or DirectoryInMemory(PIR, "care/h1/door"), log.recent_readings(DEDUPE_KEYS))
        self.session = IngestSession(
            [settings_of(broker, **settings), *further],
            admission,
            log,
            clock or SystemClock(),
            on_committed=self._on_committed,
            on_tick=self.ticks.put,
            on_fatal=self.fatal.put,
        )
        self.session.start()
        if must_connect and settings.get("password") is None:
            self.until(lambda: self.session.counters.is_connected)

    def _on_committed(self, _seq: int) -> None:
        with self._committed:
            self._committed.notify_all()

    def until(self, holds: Callable[[], bool], *, wait_s: float = WAIT_S) -> None:
        """Return once it holds; looks again after every commit and now and then."""
        end_s = monotonic_s() + wait_s
        with self._committed:
            while not holds():
                assert monotonic_s() < end_s, self.session.counters
                self._committed.wait(0.02)


@contextmanager
def running(broker: Broker, log: Gate | Journal, clock: Clock | None = None, **settings) -> Iterator[RunningSession]:
    session = RunningSession(broker, log, clock, **settings)
    try:
        yield session
    finally:
        session.session.stop()


def motion(at_ms: int, seq: int) -> bytes:
    return json.dumps({"ts": at_ms, "seq": seq, "motion": True}).encode()


def kept_seqs(journal: Journal) -> list[int | None]:
    """Return the seq of every reading in the journal, in its order."""
    return [reading.seq for entry in journal.read(0, 1_000_000) for reading in entry.readings]
