"""The ingest session: a persistent QoS 1 subscription whose messages are acknowledged only once they are durable."""

import logging
import threading
from collections.abc import Callable, Iterable

import msgspec
from paho.mqtt.client import MQTTMessage, topic_matches_sub

from core.clock import Clock
from core.log import ParkedMessage
from ingest.admission import Admission
from ingest.committer import CLOCK_TOPIC, Committer, Frame, FrameQueue, Tick
from ingest.link import Link, SessionSettings
from ingest.ports import ReadingLog
from ingest.rereading import Rereading

__all__ = ["CLOCK_TOPIC", "Counters", "IngestSession", "SessionSettings", "Tick"]

BACKOFF_S = (1.0, 30.0)
"""Wait before connecting again, doubled up to the second: a broker's restart takes a second, a power cut longer."""

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
    is_connected: bool


class IngestSession:
    """Keeps a connection, takes messages in, commits and acknowledges; two threads of its own and paho's."""

    def __init__(
        self,
        settings: SessionSettings,
        admission: Admission,
        log: ReadingLog,
        clock: Clock,
        *,
        on_committed: Callable[[int], None],
        on_tick: Callable[[Tick], None],
        on_fatal: Callable[[Exception], None],
    ) -> None:
        """Prepare a session for `start`.

        Callbacks come from the committer's thread: `on_committed(seq)` after each durable entry, `on_tick` when a
        tick is durable (again when sent again), `on_fatal` once. Driven, `clock` starts at the log's last time.
        """
        self._settings = settings
        self._admission = admission
        self._clock = clock
        self._on_fatal = on_fatal
        self._queue = FrameQueue(settings.max_queued)
        self._committer = Committer(
            self._queue,
            admission,
            log,
            clock,
            on_committed=on_committed,
            on_tick=on_tick,
            is_driven=settings.is_driven,
            linger_ms=settings.linger_ms,
        )
        self._stopping = threading.Event()
        self._link: Link | None = None
        self._threads = [
            threading.Thread(target=self._commit, name="ingest-committer", daemon=True),
            threading.Thread(target=self._keep_connected, name="ingest-session", daemon=True),
        ]
        self._received = 0
        self._connects = 0
        self._faults = 0

    @property
    def counters(self) -> Counters:
        """What happened so far; may be read from any thread."""
        return Counters(
            received=self._received,
            admitted=self._admission.admitted,
            duplicates=self._admission.duplicates,
            parked=self._admission.parked + self._committer.parked,
            commits=self._committer.commits,
            acked=self._committer.acked,
            queued=len(self._queue),
            connects=self._connects,
            faults=self._faults,
            is_connected=self._link is not None and self._link.is_subscribed,
        )

    @property
    def held_up(self) -> str:
        """Why nothing is committed and acknowledged for now, e.g. a full disk; empty while all goes well."""
        return self._committer.held_up

    def start(self) -> None:
        """Start connecting and return at once; a broker that is away is tried again until `stop`."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Commit and acknowledge what has come, then disconnect; the broker keeps the rest for the next session."""
        self._queue.close()
        committer, network = self._threads
        _join(committer)
        self._leave()
        _join(network)

    def reread(self, messages: Iterable[ParkedMessage], on_settled: Callable[[int], None]) -> None:
        """Let parked messages through once more; `on_settled(id)` comes from the committer's thread for each."""
        for one in messages:
            rereading = Rereading(one, on_settled)
            self._queue.put(Frame(rereading, one.id, 1, one.topic, one.payload, one.retain, one.received_at_ms))

    def publish(self, topic: str, payload: bytes, qos: int = 1) -> None:
        """Send a message from any thread; without a connection it is dropped, and whoever waits for it asks again."""
        link = self._link
        if link is not None:
            link.publish(topic, payload, qos)

    def _commit(self) -> None:
        try:
            self._committer.run()
        except Exception as error:  # noqa: BLE001  # the committer's task ends here: fail-stop, and say so
            _log.exception("ingest stopped: nothing is acknowledged any more")
            self._faults += 1
            self._queue.close()
            self._leave()
            self._on_fatal(error)

    def _leave(self) -> None:
        self._stopping.set()
        link = self._link
        if link is not None:
            link.disconnect()

    def _keep_connected(self) -> None:
        shortest_s, longest_s = BACKOFF_S
        wait_s = shortest_s
        while not self._stopping.is_set():
            connects_before = self._connects
            link = self._link = Link(self._settings, self._receive, self._queue.hold, self._subscribed)
            try:
                link.run(self._stopping)
            except Exception as error:  # noqa: BLE001  # one connection's task ends here; the next is tried
                self._faults += 1
                _log.warning("no connection to the broker: %s", error)
            if self._connects > connects_before:
                wait_s = shortest_s
            self._stopping.wait(wait_s)
            wait_s = min(wait_s * 2, longest_s)

    def _subscribed(self) -> None:
        self._connects += 1

    def _receive(self, link: Link, message: MQTTMessage) -> None:
        self._received += 1
        try:
            self._enqueue(link, message)
        except Exception:  # noqa: BLE001  # it would end paho's thread without a word; the message comes again
            self._faults += 1
            _log.exception("a message could not be taken in")

    def _enqueue(self, link: Link, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "(not UTF-8)"
        if self._settings.is_driven and not self._is_ours(topic):
            link.ack(message.mid)
            return
        payload, now_ms = bytes(message.payload), self._clock.now_ms()
        self._queue.put(Frame(link, message.mid, message.qos, topic, payload, message.retain, now_ms))

    def _is_ours(self, topic: str) -> bool:
        return topic == CLOCK_TOPIC or any(topic_matches_sub(wanted, topic) for wanted in self._settings.topics)


def _join(thread: threading.Thread) -> None:
    if thread.is_alive() and thread is not threading.current_thread():
        thread.join(STOP_WAIT_S)
