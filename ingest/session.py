"""The ingest session: a persistent QoS 1 subscription whose messages are acknowledged only once they are durable."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from core.clock import Clock, monotonic_s
from core.log import ParkedMessage
from ingest.admission import Admission
from ingest.backoff import Backoff
from ingest.broker_account import MAIN_BROKER, SessionSettings
from ingest.committer import Committer, Tick
from ingest.lanes import Lane, Lanes
from ingest.link import CLOCK_TOPIC, Link, RefusedError
from ingest.ports import ReadingLog
from ingest.rereading import REREAD_AT_ONCE, OnSettled, batch_of

__all__ = ["CLOCK_TOPIC", "Counters", "IngestSession", "SessionSettings", "Tick"]

STOP_WAIT_S = 10.0
"""The last batch's fsync takes milliseconds; a disk that needs longer than this is not waited for."""

_log = logging.getLogger(__name__)


class Counters(msgspec.Struct, frozen=True):
    """What a session has done since it was started. Messages: received, parked, acked, queued; readings: the others."""

    received: int
    admitted: int
    duplicates: int
    parked: int
    commits: int
    acked: int
    queued: int
    connects: int
    faults: int
    is_connected: bool  # to every broker
    brokers_away: tuple[str, ...] = ()
    in_hand: int = 0  # taken from the lists, and not all committed yet
    is_held: bool = False  # a broker delivers again what was on its way: nothing of it is committed yet
    holds: int = 0  # how often that was
    unheard: tuple[tuple[str, str], ...] = ()  # (broker, announced topic) that it does not let us hear

    @property
    def is_main_connected(self) -> bool:
        """Return whether the first broker is there: what the service itself publishes goes by it."""
        return MAIN_BROKER not in self.brokers_away


class Subscriber(Protocol):
    """One connection of some MQTT client: what a session needs of it, and what it may never do."""

    received: int
    handed_over: int  # of them, what the broker had kept; each counted once
    is_subscribed: bool
    refused: tuple[str, ...]  # of what it was told to listen to beside the filters

    def run(self) -> None:
        """Connect, put what comes into the lane, return after `disconnect`; raises what ended the connection."""
        ...

    def ack(self, packet_ids: Sequence[int]) -> bool:
        """Acknowledge, which it never does by itself; False when this very connection has ended."""
        ...

    def publish(self, topic: str, payload: bytes, qos: int) -> bool:
        """Send, or return False."""
        ...

    def listen(self, topics: tuple[str, ...]) -> None:
        """Hear these beside the filters, and no others; from any thread, also before `run`."""
        ...

    def disconnect(self) -> None:
        """Say goodbye after what is on its way; from any thread."""
        ...


Client = Callable[[SessionSettings, Lane, Clock, Callable[[], None]], Subscriber]
"""Makes a connection; it calls the last argument each time the broker has granted the subscriptions."""


class IngestSession:
    """Keeps a connection to each broker, commits and acknowledges; one thread for each, and one that commits."""

    def __init__(
        self,
        brokers: SessionSettings | Sequence[SessionSettings],
        admission: Admission,
        log: ReadingLog,
        clock: Clock,
        *,
        on_committed: Callable[[int], None],
        on_tick: Callable[[Tick], None],
        on_fatal: Callable[[Exception], None],
        client: Client = Link,
    ) -> None:
        """Prepare a session for `start`; raises ConfigurationError for certificates that cannot be used.

        Callbacks come from the committer's thread: `on_committed(seq)` after each durable entry, `on_tick` when a
        tick is durable (again when sent again), `on_fatal` once. Driven, there is one broker, and `clock` starts at
        the log's last time. What is published goes to the first broker.
        """
        brokers = [brokers] if isinstance(brokers, SessionSettings) else brokers
        first = brokers[0]
        self._admission = admission
        self._on_fatal = on_fatal
        self._lanes = Lanes()
        self._committer = Committer(
            self._lanes,
            admission,
            log,
            clock,
            on_committed=on_committed,
            on_tick=on_tick,
            is_driven=first.is_driven,
            linger_ms=first.linger_ms,
        )
        self._keepers = [_Keeper(one, self._lanes.add(one.max_queued), clock, client) for one in brokers]
        self._listen(admission.conventions.announced.topics)
        admission.on_announced = self._listen
        self._rereads = self._lanes.add(REREAD_AT_ONCE)
        self._committing = threading.Thread(target=self._commit, name="ingest-committer", daemon=True)
        self._faults = 0

    @property
    def counters(self) -> Counters:
        """What happened so far; may be read from any thread."""
        away = tuple(keeper.name for keeper in self._keepers if not keeper.is_connected)
        return Counters(
            received=sum(keeper.received for keeper in self._keepers),
            admitted=self._admission.admitted,
            duplicates=self._admission.duplicates,
            parked=self._admission.parked + self._committer.parked,
            commits=self._committer.commits,
            acked=self._committer.acked,
            queued=len(self._lanes),
            connects=sum(keeper.connects for keeper in self._keepers),
            faults=self._faults + sum(keeper.faults for keeper in self._keepers),
            is_connected=not away,
            brokers_away=away,
            in_hand=self._lanes.in_hand,
            is_held=self._lanes.is_held,
            holds=self._lanes.holds,
            unheard=tuple((keeper.name, topic) for keeper in self._keepers for topic in keeper.refused),
        )

    def received_from(self, broker: str) -> int:
        """Return how many messages one broker has handed over out of its store since the start.

        What is sent at QoS 0 is passed on and never kept: it comes through a broker that loses every other message.
        """
        return sum(keeper.handed_over for keeper in self._keepers if keeper.name == broker)

    @property
    def held_up(self) -> str:
        """Why nothing is committed and acknowledged for now, e.g. a full disk; empty while all goes well."""
        return self._committer.held_up

    def start(self) -> None:
        """Start connecting and return at once; a broker that is away is tried again until `stop`."""
        self._committing.start()
        for keeper in self._keepers:
            keeper.thread.start()

    def stop(self) -> None:
        """Commit and acknowledge what has come, then disconnect; the brokers keep the rest for the next session."""
        self._lanes.close()
        _join(self._committing)
        self._leave()
        for keeper in self._keepers:
            _join(keeper.thread)

    def reread(self, messages: Sequence[ParkedMessage], on_settled: OnSettled) -> None:
        """Let parked messages through once more; `on_settled` comes from the committer's thread for each."""
        self._rereads.put(batch_of(messages, on_settled))

    def publish(self, topic: str, payload: bytes, qos: int = 1) -> None:
        """Send a message from any thread; without a connection it is dropped, and whoever waits for it asks again."""
        self._keepers[0].publish(topic, payload, qos)

    def _listen(self, topics: tuple[str, ...]) -> None:
        for keeper in self._keepers:
            keeper.listen(topics)

    def _commit(self) -> None:
        try:
            self._committer.run()
        except Exception as error:  # noqa: BLE001  # the committer's task ends here: fail-stop, and say so
            _log.exception("ingest stopped: nothing is acknowledged any more")
            self._faults += 1
            self._lanes.close()
            self._leave()
            self._on_fatal(error)

    def _leave(self) -> None:
        for keeper in self._keepers:
            keeper.leave()


class _Keeper:
    """Keeps one broker's connection, one after another, until it is told to leave."""

    def __init__(self, settings: SessionSettings, lane: Lane, clock: Clock, client: Client) -> None:
        settings.tls_context()
        self.name = settings.name
        self._settings = settings
        self._lane = lane
        self._clock = clock
        self._client = client
        self._leaving = threading.Event()
        self._link: Subscriber | None = None
        self.thread = threading.Thread(target=self._run, name=f"ingest-{settings.name}", daemon=True)
        self._received_before = self._handed_over_before = 0
        self._announced: tuple[str, ...] = ()
        self.connects = 0
        self.faults = 0

    @property
    def is_connected(self) -> bool:
        link = self._link
        return link is not None and link.is_subscribed

    @property
    def received(self) -> int:
        link = self._link
        return self._received_before + (0 if link is None else link.received)

    @property
    def handed_over(self) -> int:
        link = self._link
        return self._handed_over_before + (0 if link is None else link.handed_over)

    @property
    def refused(self) -> tuple[str, ...]:
        link = self._link
        return () if link is None else link.refused

    def publish(self, topic: str, payload: bytes, qos: int) -> None:
        link = self._link
        if link is not None:
            link.publish(topic, payload, qos)

    def listen(self, topics: tuple[str, ...]) -> None:
        self._announced = topics
        link = self._link
        if link is not None:
            link.listen(topics)

    def leave(self) -> None:
        self._leaving.set()
        link = self._link
        if link is not None:
            link.disconnect()

    def _run(self) -> None:
        backoff = Backoff()
        while not self._leaving.is_set():
            link = self._link = self._client(self._settings, self._lane, self._clock, self._subscribed)
            link.listen(self._announced)
            begun_s = monotonic_s()
            self._attempt(link)
            stood_s = monotonic_s() - begun_s
            self._received_before += link.received
            self._handed_over_before, self._link = self._handed_over_before + link.handed_over, None
            self._leaving.wait(backoff.wait_s(stood_s))

    def _attempt(self, link: Subscriber) -> None:
        try:
            link.run()
        except RefusedError as refusal:
            _log.error("the broker %s refuses this session: %s", self.name, refusal)
        except Exception as error:  # noqa: BLE001  # one connection's task ends here; the next is tried
            self.faults += 1
            _log.warning("no connection to the broker %s: %s", self.name, error)

    def _subscribed(self) -> None:
        self.connects += 1


def _join(thread: threading.Thread) -> None:
    if thread.is_alive() and thread is not threading.current_thread():
        thread.join(STOP_WAIT_S)
