"""One connection to a broker: the MQTT of a subscriber; it never acknowledges by itself, nor for another connection."""

import logging
import threading
from collections.abc import Callable, Sequence

from paho.mqtt.client import topic_matches_sub

from core.clock import Clock, monotonic_s
from ingest import mqtt_packets as mqtt
from ingest.broker_account import SessionSettings
from ingest.framing import Control, Frame, Framer
from ingest.lanes import Batch, Lane
from ingest.wire import Wire

CLOCK_TOPIC = "shouwang/clock"
"""Where a recording drives the clock; only listened to by a driven session."""

HOLD_SLACK_S = 1.0
"""Redelivery may start this long after `ack_wait`: the broker looks at its timers about once a second."""

KEEPALIVE_S = 30
"""A dead link is noticed within a minute: silence is what this service must not overlook."""

READY_S = 15.0
"""From the connection to the subscription; a broker that needs longer is tried again."""

RECEIVE_MAXIMUM = 65_535
"""Messages in flight that a broker of MQTT 5 may have: all that packet ids can number."""

GOODBYE_S = 1.0
_LOOK_S = 1.0
_SUBSCRIPTION_ID = 1
_log = logging.getLogger(__name__)


class RefusedError(Exception):
    """A broker that answers, and says no."""


class Link:
    """One connection with an identity of its own: an acknowledgement can never reach the connection after it."""

    def __init__(self, settings: SessionSettings, lane: Lane, clock: Clock, on_subscribed: Callable[[], None]) -> None:
        self._settings = settings
        self._lane = lane
        self._clock = clock
        self._on_subscribed = on_subscribed
        self._framer = Framer(settings.version)
        self._wire: Wire | None = None
        self._lock = threading.Lock()
        self._is_accepted = False
        self._is_leaving = False
        self._keepalive_s = KEEPALIVE_S
        self._receive_maximum = 0
        self._next_id = _SUBSCRIPTION_ID
        self._unconfirmed = 0
        self._pinged_s = self._ping_due_s = 0.0
        self._announced: tuple[str, ...] = ()  # beside the filters
        self._asked: dict[int, tuple[str, ...]] = {}  # by packet id: announced topics whose answer is still to come
        self._heard: frozenset[str] = frozenset()  # announced topics that were asked for
        self.received = self.handed_over = 0
        self.is_subscribed = False
        self.refused: tuple[str, ...] = ()  # announced topics that the broker does not let us hear

    def run(self) -> None:
        """Connect, listen, and return once `disconnect` has been called.

        Raises OSError, MalformedError or RefusedError when there is no connection to be had, or it ends by itself.
        """
        settings = self._settings
        wire = self._wire = Wire(settings.host, settings.port, settings.tls_context())
        try:
            wire.send(
                mqtt.connect(
                    settings.version,
                    # A persistent session keeps its subscriptions; driven ones differ, so they need another id.
                    settings.client_id + ("-driven" if settings.is_driven else ""),
                    username=settings.username,
                    password=settings.password,
                    keepalive_s=KEEPALIVE_S,
                    receive_maximum=RECEIVE_MAXIMUM,
                )
            )
            self._listen(wire)
        finally:
            with self._lock:
                self.is_subscribed = False
                self._wire = None
            wire.close()

    def ack(self, packet_ids: Sequence[int]) -> bool:
        """Acknowledge messages in order; False when the connection has ended."""
        wire = self._wire
        return wire is not None and wire.send(mqtt.acks(packet_ids))

    def publish(self, topic: str, payload: bytes, qos: int) -> bool:
        """Send, if the connection stands and the broker can take one more; False otherwise."""
        with self._lock:
            wire = self._wire
            if wire is None or not self.is_subscribed or self._unconfirmed >= self._receive_maximum:
                return False
            if qos:
                self._next_id = self._next_id % RECEIVE_MAXIMUM + 1
                self._unconfirmed += 1
            return wire.send(mqtt.publish(self._settings.version, topic, payload, self._next_id if qos else 0))

    def listen(self, topics: tuple[str, ...]) -> None:
        """Hear announced topics beside the filters, and no others; a broker that refuses one is told of, and kept."""
        with self._lock:
            self._announced = topics
            if self.is_subscribed:
                self._ask()

    def disconnect(self) -> None:
        """Say goodbye after what is already on its way."""
        with self._lock:
            if self._is_leaving:
                return
            self._is_leaving = True
            if self._wire is not None:
                self._wire.send(mqtt.GOODBYE)

    def _listen(self, wire: Wire) -> None:
        begun_s = monotonic_s()
        self._ping_due_s = begun_s + READY_S
        left_s: float | None = None
        while True:
            wants_more = self._lane.has_room(wire.wake)
            data = wire.wait(_LOOK_S, wants_more=wants_more)
            if data:
                self._take(data, wire)
            now_s = monotonic_s()
            if self._is_leaving:
                left_s = left_s or now_s
                if wire.is_drained or now_s - left_s > GOODBYE_S:
                    return
            if not self.is_subscribed and now_s - begun_s > READY_S:
                raise TimeoutError(f"the broker does not answer within {READY_S:g} s")
            self._keep_alive(wire, now_s, is_reading=wants_more)

    def _keep_alive(self, wire: Wire, now_s: float, *, is_reading: bool) -> None:
        """Ping by the clock, whatever else comes: a broken length could swallow all that follows it, unnoticed."""
        if self._pinged_s:
            if not is_reading:
                self._pinged_s = now_s  # the answer stands behind what is not read yet
            elif now_s - self._pinged_s > self._keepalive_s:
                raise TimeoutError(f"the broker has not answered for {self._keepalive_s} s")
        elif now_s >= self._ping_due_s:
            wire.send(mqtt.PINGREQ)
            self._pinged_s, self._ping_due_s = now_s, now_s + self._keepalive_s / 2

    def _take(self, data: bytes, wire: Wire) -> None:
        frames, controls = self._framer.feed(data)
        for control in controls:
            self._answer(control, wire)
        if not frames:
            return
        if not self._is_accepted:
            raise mqtt.MalformedError("a message before the broker has accepted the connection")
        self.received += len(frames)
        self.handed_over = self._framer.handed_over
        if self._settings.is_driven:
            frames = self._ours(frames, wire)
        self._lane.put(Batch(self, self._clock.now_ms(), frames))

    def _ours(self, frames: list[Frame], wire: Wire) -> list[Frame]:
        """Return what a driven session listens to, and let the rest of its one filter for all go."""
        wanted = (CLOCK_TOPIC, *self._settings.topics, *self._announced)
        ours: list[Frame] = []
        others: list[Frame] = []
        for frame in frames:
            (ours if any(topic_matches_sub(one, frame[1]) for one in wanted) else others).append(frame)
        wire.send(mqtt.acks(packet_id for packet_id, *_ in others if packet_id))
        return ours

    def _answer(self, control: Control, wire: Wire) -> None:
        kind, body = control
        if kind == mqtt.CONNACK and not self._is_accepted:
            self._accepted(mqtt.connack(self._settings.version, body), wire)
        elif kind == mqtt.SUBACK and self._is_accepted:
            self._subscribed(*mqtt.suback(self._settings.version, body))
        elif kind == mqtt.UNSUBACK and self._is_accepted:
            pass
        elif kind == mqtt.PINGRESP:
            self._pinged_s = 0.0
        elif kind == mqtt.PUBACK:
            with self._lock:
                self._unconfirmed -= 1
        elif kind == mqtt.DISCONNECT and self._settings.version == "5":
            raise RefusedError(mqtt.disconnect_reason(body))
        else:
            raise mqtt.MalformedError(f"a packet of type {kind} that nobody asked for")

    def _accepted(self, answer: mqtt.Connack, wire: Wire) -> None:
        if answer.refusal:
            raise RefusedError(answer.refusal)
        self._is_accepted = True
        self._receive_maximum = answer.receive_maximum
        self._keepalive_s = answer.keepalive_s or KEEPALIVE_S
        self._ping_due_s = monotonic_s() + self._keepalive_s / 2
        if answer.is_resumed:
            self._lane.hold(self._settings.ack_wait_s + HOLD_SLACK_S)
        wire.send(mqtt.subscribe(self._settings.version, _SUBSCRIPTION_ID, self._filters()))

    def _ask(self) -> None:
        """Ask for announced topics that were not asked for yet; the caller has the lock."""
        wire, wanted = self._wire, frozenset(self._announced)
        fresh, gone = tuple(sorted(wanted - self._heard)), tuple(sorted(self._heard - wanted))
        if wire is None or self._settings.is_driven:  # driven, one filter hears everything
            return
        if fresh:
            self._next_id = self._next_id % RECEIVE_MAXIMUM + 1
            self._asked[self._next_id] = fresh
            wire.send(mqtt.subscribe(self._settings.version, self._next_id, fresh))
        if gone:
            self._next_id = self._next_id % RECEIVE_MAXIMUM + 1
            wire.send(mqtt.unsubscribe(self._settings.version, self._next_id, gone))
        self._heard = wanted
        self.refused = tuple(topic for topic in self.refused if topic in wanted)

    def _filters(self) -> Sequence[str]:
        """Driven, one filter for all: brokers promise order within a filter only, and a tick must not overtake."""
        return ("#",) if self._settings.is_driven else self._settings.topics

    def _subscribed(self, packet_id: int, granted: Sequence[int]) -> None:
        with self._lock:
            announced = self._asked.pop(packet_id, ())
            refused = [topic for topic, one in zip(announced, granted, strict=False) if one != mqtt.QOS_1]
            self.refused += tuple(topic for topic in refused if topic in self._heard)
        if announced:
            if refused:
                _log.error("the broker %s does not let us hear %d announced topics", self._settings.name, len(refused))
            return
        if packet_id != _SUBSCRIPTION_ID or len(granted) != len(self._filters()):
            raise mqtt.MalformedError("the answer to a subscription that nobody asked for")
        if any(one != mqtt.QOS_1 for one in granted):
            raise RefusedError("it grants no subscription at QoS 1, so that homes would be left unheard")
        with self._lock:
            self.is_subscribed = True
            self._ask()
        self._on_subscribed()
        _log.info("listening to the broker %s", self._settings.name)
