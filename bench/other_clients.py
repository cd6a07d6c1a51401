"""paho and gmqtt behind the port of the ingest session, for the comparison of ADR 8; the product uses neither."""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import gmqtt
from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from core.clock import Clock
from ingest.framing import Frame
from ingest.lanes import Batch, Lane
from ingest.session import SessionSettings

LOOK_S = 0.2
logging.getLogger("gmqtt").setLevel(logging.ERROR)


class PahoLink:
    """paho with `manual_ack`, a loop thread of its own."""

    def __init__(self, settings: SessionSettings, lane: Lane, clock: Clock, on_subscribed: Callable[[], None]) -> None:
        self._settings, self._lane, self._clock = settings, lane, clock
        self.received, self.handed_over, self.is_subscribed = 0, 0, False
        self.refused: tuple[str, ...] = ()
        self._ended, self._room = threading.Event(), threading.Event()
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            clean_session=False,
            protocol=MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        if settings.username:
            self._client.username_pw_set(settings.username, settings.password)
        self._client.on_socket_open = lambda _client, _data, link: link.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )
        self._client.on_connect = lambda client, *_: client.subscribe([(topic, 1) for topic in settings.topics])
        self._client.on_subscribe = lambda *_: self._subscribed(on_subscribed)
        self._client.on_message = self._arrived
        self._client.on_disconnect = lambda *_: self._ended.set()

    def run(self) -> None:
        """Connect and return once disconnected."""
        self._client.connect(self._settings.host, self._settings.port)
        self._client.loop_start()
        self._ended.wait()
        self.is_subscribed = False
        self._client.loop_stop()

    def ack(self, packet_ids: Sequence[int]) -> bool:
        """Acknowledge each."""
        for packet_id in packet_ids:
            self._client.ack(packet_id, 1)
        return True

    def publish(self, topic: str, payload: bytes, qos: int) -> bool:
        """Send."""
        self._client.publish(topic, payload, qos)
        return True

    def listen(self, topics: tuple[str, ...]) -> None:
        """Hear nothing but the filters: what is measured announces nothing."""
        _ = topics

    def disconnect(self) -> None:
        """Say goodbye."""
        self._client.disconnect()

    def _subscribed(self, on_subscribed: Callable[[], None]) -> None:
        self.is_subscribed = True
        on_subscribed()

    def _arrived(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        while not self._lane.has_room(self._room.set):
            self._room.wait(LOOK_S)
            self._room.clear()
        self.received += 1
        frame = (message.mid, message.topic, message.payload, message.retain)
        self._lane.put(Batch(self, self._clock.now_ms(), [frame]))


class _Gmqtt(gmqtt.Client):
    """gmqtt without its own acknowledgement: it has none by hand, so its handler of QoS 1 makes way for ours."""

    def __init__(self, link: "GmqttLink", client_id: str) -> None:
        super().__init__(client_id, clean_session=False)
        self._link = link
        self._package_handler._handle_qos_1_publish_packet = self._take  # noqa: SLF001

    def acknowledge(self, packet_ids: Sequence[int]) -> None:
        for packet_id in packet_ids:
            self._package_handler._send_puback(packet_id)  # noqa: SLF001

    def _take(self, packet_id: int, payload: bytes, topic: str, properties: dict[str, Any]) -> None:
        self._link.arrived((packet_id, topic, payload, bool(properties["retain"])))


class GmqttLink:
    """gmqtt on an event loop of its own. It cannot stop reading, so nothing bounds the list: a bench may do that."""

    def __init__(self, settings: SessionSettings, lane: Lane, clock: Clock, on_subscribed: Callable[[], None]) -> None:
        self._settings, self._lane, self._clock, self._on_subscribed = settings, lane, clock, on_subscribed
        self.received, self.handed_over, self.is_subscribed = 0, 0, False
        self.refused: tuple[str, ...] = ()
        self._leaving = asyncio.Event()
        self._client: _Gmqtt | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self) -> None:
        """Connect and return once disconnected."""
        asyncio.run(self._run())

    def ack(self, packet_ids: Sequence[int]) -> bool:
        """Acknowledge each, on the loop."""
        if self._loop is None or self._client is None:
            return False
        self._loop.call_soon_threadsafe(self._client.acknowledge, packet_ids)
        return True

    def publish(self, topic: str, payload: bytes, qos: int) -> bool:
        """Publish nothing: the bench asks for none."""
        del topic, payload, qos
        return False

    def listen(self, topics: tuple[str, ...]) -> None:
        """Hear nothing but the filters: what is measured announces nothing."""
        _ = topics

    def disconnect(self) -> None:
        """Say goodbye."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._leaving.set)

    def arrived(self, frame: Frame) -> None:
        """Take one message."""
        self.received += 1
        self._lane.put(Batch(self, self._clock.now_ms(), [frame]))

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        client = self._client = _Gmqtt(self, self._settings.client_id)
        if self._settings.username:
            client.set_auth_credentials(self._settings.username, self._settings.password)
        client.on_connect = lambda client, *_: client.subscribe(
            [gmqtt.Subscription(topic, qos=1) for topic in self._settings.topics]
        )
        client.on_subscribe = self._subscribed
        await client.connect(self._settings.host, self._settings.port, version=4)
        await self._leaving.wait()
        self.is_subscribed, self._loop = False, None
        await client.disconnect()

    def _subscribed(self, *_: object) -> None:
        self.is_subscribed = True
        self._on_subscribed()
