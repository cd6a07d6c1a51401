"""Devices that publish as fast as a broker takes it, or at a rate: our own batches of QoS 1 over many connections."""

import json
import selectors
import socket
import sys
from collections.abc import Iterator

from core.clock import SystemClock, monotonic_s
from ingest import mqtt_packets as mqtt

WINDOW = 64
"""Messages of one device on their way: what a gateway with a backlog keeps in flight."""

BEAT_S = 0.002


class PublishingDevice:
    """One connection of a device with its messages still to send; a PUBACK each is counted, four bytes."""

    def __init__(self, host: str, port: int, *, account: tuple[str, str], name: str, packets: list[bytes]) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        username, password = account
        opening = mqtt.connect("3.1.1", name, username=username, password=password, keepalive_s=600, receive_maximum=1)
        clean = bytearray(opening)
        clean[clean.index(b"MQTT") + 5] |= 2  # nothing is kept for a device of a bench
        self.socket.sendall(clean)
        assert self.socket.recv(4)[3] == 0, "the broker refuses the publisher"
        self._packets = packets
        self._sent = 0
        self._confirmed_bytes = 0

    @property
    def is_done(self) -> bool:
        """Return whether the broker has promised every message."""
        return self._confirmed_bytes >= 4 * len(self._packets)

    def send(self, most: int) -> int:
        """Send up to so many more within the window; return how many."""
        free = WINDOW - (self._sent - self._confirmed_bytes // 4)
        chunk = self._packets[self._sent : self._sent + min(most, free)]
        if chunk:
            self.socket.sendall(b"".join(chunk))
            self._sent += len(chunk)
        return len(chunk)

    def confirm(self) -> None:
        """Take what the broker has promised."""
        self._confirmed_bytes += len(self.socket.recv(65_536))


def packets_of(device: int, count: int, *, pack: int, now_ms: int, step_ms: int) -> list[bytes]:
    """Return a motion sensor's messages: each a change, or a pack of changes, stamped by its own clock."""
    topic = f"care/h{device}/pir/event"
    return [
        mqtt.publish("3.1.1", topic, _body(number, pack, now_ms, step_ms), number % 65_535 + 1)
        for number in range(count)
    ]


def _body(number: int, pack: int, now_ms: int, step_ms: int) -> bytes:
    readings = [
        {"ts": now_ms + seq * step_ms, "seq": seq, "motion": seq % 2 == 0}
        for seq in range(number * pack, (number + 1) * pack)
    ]
    return json.dumps(readings[0] if pack == 1 else readings).encode()


def as_fast_as_it_goes(devices: list[PublishingDevice]) -> None:
    """Keep every device's window full until all is promised."""
    with selectors.DefaultSelector() as selector:
        for device in devices:
            selector.register(device.socket, selectors.EVENT_READ, device)
            device.send(WINDOW)
        left = len(devices)
        while left:
            for key, _ in selector.select():
                device: PublishingDevice = key.data
                device.confirm()
                device.send(WINDOW)
                if device.is_done:
                    selector.unregister(device.socket)
                    left -= 1


def at_a_rate(devices: list[PublishingDevice], per_s: float) -> None:
    """Send one message after another, each device in its turn, at so many a second."""
    turns = _turns(devices)
    begun_s, sent = monotonic_s(), 0
    with selectors.DefaultSelector() as selector:
        for device in devices:
            selector.register(device.socket, selectors.EVENT_READ, device)
        while not all(device.is_done for device in devices):
            due = int((monotonic_s() - begun_s) * per_s)
            for _ in range(due - sent):
                sent += next(turns).send(1)
            for key, _ in selector.select(BEAT_S):
                key.data.confirm()


def _turns(devices: list[PublishingDevice]) -> Iterator[PublishingDevice]:
    while True:
        yield from devices


def main() -> None:
    """Connect, say so, wait for a line, publish, say so."""
    host, port, username, password, devices, messages, pack, rate = sys.argv[1:]
    now_ms = SystemClock().now_ms()
    each = int(messages) // int(devices)
    step_ms = 1 if not float(rate) else round(1000 * int(devices) / float(rate))
    connected = [
        PublishingDevice(
            host,
            int(port),
            account=(username, password),
            name=f"device-{number}",
            packets=packets_of(number, each, pack=int(pack), now_ms=now_ms, step_ms=step_ms),
        )
        for number in range(int(devices))
    ]
    print("connected", flush=True)
    sys.stdin.readline()
    if float(rate):
        at_a_rate(connected, float(rate))
    else:
        as_fast_as_it_goes(connected)
    print("promised", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
