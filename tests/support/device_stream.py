"""A device that publishes batch after batch at QoS 1, over a new connection whenever the broker goes, until it is told."""

import socket
import threading

from ingest_kit import PIR, motion

from core.clock import SystemClock
from ingest import mqtt_packets as mqtt

BATCH = 20
PATIENCE_S = 10.0


class DeviceStream:
    """`promised` are the readings of which the device has its acknowledgement; what it has not, it sends again."""

    def __init__(self, broker, ahead_ms: int = 0) -> None:
        self.promised: list[int] = []
        self._broker, self._now_ms = broker, SystemClock().now_ms() + ahead_ms
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._publish)
        self._thread.start()

    def end(self) -> None:
        self._enough.set()
        self._thread.join(60)

    def _publish(self) -> None:
        while not self._enough.is_set():
            try:
                with socket.create_connection((self._broker.host, self._broker.port), PATIENCE_S) as link:
                    self._open(link)
                    while not self._enough.is_set():
                        self._send(link)
            except OSError:
                self._enough.wait(0.1)

    def _open(self, link: socket.socket) -> None:
        account = self._broker.accounts.device
        said = mqtt.connect(
            "3.1.1", "device", username=account.username, password=account.password, keepalive_s=60, receive_maximum=1
        )
        link.sendall(said)
        _read(link, 4)

    def _send(self, link: socket.socket) -> None:
        first = len(self.promised)
        seqs = range(first, first + BATCH)
        packets = [
            mqtt.publish("3.1.1", f"{PIR}/event", motion(self._now_ms, seq), number)
            for number, seq in enumerate(seqs, 1)
        ]
        link.sendall(b"".join(packets))
        for seq in seqs:
            _read(link, 4)
            self.promised.append(seq)


def _read(link: socket.socket, count: int) -> None:
    left = count
    while left:
        data = link.recv(left)
        if not data:
            raise ConnectionResetError
        left -= len(data)
