"""One connection to the broker with a client of its own; it never acknowledges on behalf of another connection."""

import logging
import socket
import ssl
import threading
from collections.abc import Callable

import msgspec
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.formats.conventions import FILTERS

HOLD_SLACK_S = 1.0
"""Redelivery may start this long after `ack_wait`: the broker looks at its timers about once a second."""

KEEPALIVE_S = 30
"""A dead link is noticed within a minute: silence is what this service must not overlook."""

DEFAULT_MAX_QUEUED = 20_000
"""About a second at full rate and at most some 20 MB of sensor payloads; then the network waits for the disk."""

_LOOK_S = 1.0
_log = logging.getLogger(__name__)


class SessionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where and as whom to listen. `client_id` is a secret: whoever connects with it takes the session over.

    `ack_wait_s` is the broker's wait before it delivers again; `ca_file` empty means the system's certificates.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    client_id: str
    username: str = ""
    password: str = ""
    topics: tuple[str, ...] = FILTERS
    is_driven: bool = False
    max_queued: int = DEFAULT_MAX_QUEUED
    linger_ms: float = 2.0
    ack_wait_s: float = 5.0
    tls: bool = False
    ca_file: str = ""

    def __repr__(self) -> str:
        """Without the secrets: settings end up in logs."""
        return f"SessionSettings(host={self.host!r}, port={self.port}, topics={self.topics}, driven={self.is_driven})"


class Link:
    """One connection with a client of its own: an acknowledgement can never reach the connection after it."""

    def __init__(
        self,
        settings: SessionSettings,
        receive: Callable[["Link", MQTTMessage], None],
        hold: Callable[[float], None],
        subscribed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._receive = receive
        self._hold = hold
        self._on_subscribed = subscribed
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.is_subscribed = False
        # Driven and live subscriptions differ, and a persistent session would keep both: it needs another id.
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id + ("-driven" if settings.is_driven else ""),
            clean_session=False,
            protocol=MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        if settings.username:
            self._client.username_pw_set(settings.username, settings.password)
        if settings.tls:
            context = ssl.create_default_context(cafile=settings.ca_file or None)
            self._client.tls_set_context(context)  # pyright: ignore[reportUnknownMemberType]  # untyped in paho
        self._client.on_socket_open = _without_delay
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._arrived
        self._client.on_disconnect = self._disconnected

    def run(self, stopping: threading.Event) -> None:
        """Connect and return when the connection has ended; raises OSError when there is none to be had."""
        self._client.connect(self._settings.host, self._settings.port, keepalive=KEEPALIVE_S)
        self._client.loop_start()
        while not self._ended.wait(_LOOK_S) and not stopping.is_set():
            if self._thread is not None and not self._thread.is_alive():
                break  # the network thread died of a fault: deaf, though connected
        self._ended.wait(_LOOK_S if stopping.is_set() else 0)
        self.is_subscribed = False
        self._ended.set()
        self._client.disconnect()
        self._client.loop_stop()

    def ack(self, mid: int) -> bool:
        """Acknowledge a message; False when the connection has ended."""
        if self._ended.is_set():
            return False
        self._client.ack(mid, 1)
        return True

    def publish(self, topic: str, payload: bytes, qos: int) -> None:
        """Send, if the connection stands."""
        if self.is_subscribed:
            self._client.publish(topic, payload, qos)

    def disconnect(self) -> None:
        """Say goodbye after what is already on its way."""
        self._client.disconnect()

    def _filters(self) -> list[tuple[str, int]]:
        """Driven, one filter for all: brokers promise order within a filter only, and a tick must not overtake."""
        return [("#", 1)] if self._settings.is_driven else [(topic, 1) for topic in self._settings.topics]

    def _connected(
        self, client: Client, userdata: object, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        del userdata, properties
        self._thread = threading.current_thread()
        if reason.is_failure:
            _log.error("the broker refuses this session: %s", reason)
            self._ended.set()
            return
        if flags.session_present:
            self._hold(self._settings.ack_wait_s + HOLD_SLACK_S)
        client.subscribe(self._filters())

    def _subscribed(
        self, client: Client, userdata: object, mid: int, reasons: list[ReasonCode], properties: Properties | None
    ) -> None:
        del userdata, mid, properties
        if any(reason.is_failure for reason in reasons):
            _log.error("the broker refuses a subscription: it would leave homes unheard")
            client.disconnect()
            return
        self.is_subscribed = True
        self._on_subscribed()
        _log.info("listening to the broker")

    def _arrived(self, client: Client, userdata: object, message: MQTTMessage) -> None:
        del client, userdata
        self._receive(self, message)

    def _disconnected(
        self,
        client: Client,
        userdata: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        del client, userdata, flags, properties
        self.is_subscribed = False
        self._ended.set()
        _log.info("the connection to the broker ended: %s", reason)


def _without_delay(_client: Client, _given: object, link: object) -> None:
    """Send acknowledgements at once: with Nagle's algorithm each waits 40 ms for the broker's delayed TCP ACK."""
    if isinstance(link, socket.socket):  # TLS sockets are sockets too; a websocket wrapper is not
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
