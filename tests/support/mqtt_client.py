"""An MQTT client of a test: what it may do, what it hears, and whether it is still connected."""

import queue
import threading
from contextlib import contextmanager

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

WAIT_S = 20
QUIET_S = 0.5
"""A broker that would deliver does so within milliseconds; this long a silence is a refusal."""


class TestClient:
    """One connection; it never connects again by itself."""

    __test__ = False

    def __init__(self, port, username, password, client_id="", *, is_fifth=False, keeps_session=False) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.refusal = ""
        self._settled, self.ended = threading.Event(), threading.Event()
        self._subscribed: queue.Queue[list[bool]] = queue.Queue()
        session = {} if is_fifth else {"clean_session": not keeps_session}
        self.client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTv5 if is_fifth else MQTTv311,
            reconnect_on_failure=False,
            **session,
        )
        self.client.username_pw_set(username, password)
        self.client.on_connect = self._connected
        self.client.on_disconnect = lambda *_: (self.ended.set(), self._settled.set())
        self.client.on_subscribe = lambda _c, _d, _m, codes, _p: self._subscribed.put([c.is_failure for c in codes])
        self.client.on_message = lambda _c, _d, message: self.heard.put((message.topic, message.payload))
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self._settled.wait(WAIT_S)

    @property
    def is_in(self) -> bool:
        return not self.refusal and not self.ended.is_set()

    def say(self, topic, payload=b"x") -> None:
        self.client.publish(topic, payload, 1)

    def listen(self, topic) -> bool:
        """Subscribe; return whether the broker agrees."""
        self.client.subscribe(topic, 1)
        try:
            return not any(self._subscribed.get(timeout=WAIT_S))
        except queue.Empty:
            return False

    def hears(self, timeout_s=WAIT_S):
        return self.heard.get(timeout=timeout_s)

    def is_left_in_peace(self) -> bool:
        """Return whether nothing is delivered for a while."""
        try:
            self.heard.get(timeout=QUIET_S)
        except queue.Empty:
            return True
        return False

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _connected(self, _client, _data, _flags, reason, _properties) -> None:
        self.refusal = str(reason) if reason.is_failure else ""
        self._settled.set()


@contextmanager
def client(broker, username, password, **more):
    """Let one client be connected for a while."""
    one = TestClient(broker.port, username, password, **more)
    try:
        yield one
    finally:
        one.close()
