"""Readings a second from the broker through ingest, journal and rules, against a subscriber that only counts and acks.

Both have a session at the same embedded broker, and the same messages wait in it before either is measured: at one
fsync a message the broker takes them in more slowly than either takes them out. Another process publishes.
"""

import json
import resource
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from figures import print_figure
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from app.broker import EmbeddedBroker
from core.clock import SystemClock, monotonic_s
from core.events import Reading
from core.ids import DeviceId, HomeId
from core.log import ParkedMessage, Reread
from ingest.admission import Admission
from ingest.link import HOLD_SLACK_S
from ingest.session import IngestSession, SessionSettings
from registry.homes import Device, DeviceRole, Home
from rules.engine import Engine
from store.journal import Journal

HOMES = 200
MESSAGES = 15_000
ROUNDS = 4
TOPIC = "care/#"
WAIT_S = 30
TARGET = 0.4
"""Decoding, dedupe, journal and rules may cost one and a half times what paho costs. Measured on
two cores: 0.53-0.61 with the rules (0.67-0.88 with none); below 0.4 the hot path has become slow, not the machine."""


class Directory:
    """Every home has one motion sensor."""

    def __init__(self) -> None:
        self.devices = {
            f"care/h{home}/pir": Device(
                id=DeviceId(f"h{home}/pir"),
                home_id=HomeId(f"h{home}"),
                address=f"care/h{home}/pir",
                role=DeviceRole.INTERIOR_MOTION,
            )
            for home in range(HOMES)
        }

    def find(self, address: str) -> Device | None:
        """Return the sensor under an address."""
        return self.devices.get(address)

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


class LogWithRules:
    """The journal, and the rules behind it as the application has them: after the entry is durable."""

    def __init__(self, path: Path, directory: Directory, wanted: int) -> None:
        self._journal = Journal(path)
        self._engine = Engine()
        for device in directory.devices.values():
            self._engine.set_home(Home(id=device.home_id, person_id=None, area="bench", devices=(device,)))
        self._left = wanted
        self.done = threading.Event()

    def append(
        self,
        readings: Sequence[Reading],
        parked: Sequence[ParkedMessage] = (),
        *,
        log_time_ms: int,
        is_tick: bool = False,
        rereads: Sequence[Reread] = (),
    ) -> int:
        """Append, then judge; the last reading ends the measurement."""
        seq = self._journal.append(readings, parked, log_time_ms=log_time_ms, is_tick=is_tick, rereads=rereads)
        self._engine.on_readings(log_time_ms, tuple(readings))
        self._left -= len(readings)
        if self._left <= 0:
            self.done.set()
        return seq

    def recent_keys(self, limit: int) -> list[tuple[str, str, int, int]]:
        """Return what the journal knows."""
        return self._journal.recent_keys(limit)

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()


class Rates(NamedTuple):
    """Messages a second of the wall and of this process's own processor time."""

    wall: float
    processor: float


class Stopwatch:
    """Runs from its making."""

    def __init__(self) -> None:
        self._wall_s, self._processor_s = monotonic_s(), _processor_s()

    def rates(self) -> Rates:
        """Return the rates since its making."""
        return Rates(
            MESSAGES / (monotonic_s() - self._wall_s),
            MESSAGES / (_processor_s() - self._processor_s),
        )


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def ingest(broker: EmbeddedBroker, folder: Path, number: int) -> Rates:
    """Return readings a second through ingest, journal and rules."""
    directory = Directory()
    log = LogWithRules(folder / f"journal-{number}.db", directory, MESSAGES)
    account = broker.accounts.ingest
    session = IngestSession(
        SessionSettings(
            client_id=f"ingest-{number}",
            port=broker.port,
            username=account.username,
            password=account.password,
            topics=(TOPIC,),
            ack_wait_s=-HOLD_SLACK_S,  # no hold: this session was never broken off, so nothing comes again
        ),
        Admission(directory),
        log,
        SystemClock(),
        on_committed=lambda _seq: None,
        on_tick=lambda _tick: None,
        on_fatal=lambda _error: None,
    )
    start = Stopwatch()
    session.start()
    assert log.done.wait(WAIT_S), session.counters
    rates = start.rates()
    counters = session.counters
    session.stop()
    log.close()
    assert (counters.parked, counters.duplicates, counters.faults) == (0, 0, 0), counters
    return rates


def bare(broker: EmbeddedBroker, number: int) -> Rates:
    """Return messages a second through a paho client that counts and acknowledges."""
    done, left = threading.Event(), MESSAGES

    def count(client: Client, _data: object, message: MQTTMessage) -> None:
        nonlocal left
        left -= 1
        client.ack(message.mid, 1)
        if not left:
            done.set()

    client = paho(broker, f"bare-{number}")
    client.on_message = count
    client.on_connect = lambda client, *_: client.subscribe(TOPIC, 1)
    start = Stopwatch()
    client.connect(broker.host, broker.port)
    client.loop_start()
    assert done.wait(WAIT_S)
    rates = start.rates()
    client.disconnect()
    client.loop_stop()
    return rates


def paho(broker: EmbeddedBroker, client_id: str) -> Client:
    """Return a client as the ingest session makes one: persistent, acknowledging by itself."""
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, manual_ack=True)
    client.username_pw_set(broker.accounts.ingest.username, broker.accounts.ingest.password)
    return client


def leave_subscribed(broker: EmbeddedBroker, client_id: str) -> None:
    """Make a session that the broker keeps messages for."""
    client, ready = paho(broker, client_id), threading.Event()
    client.on_connect = lambda client, *_: client.subscribe(TOPIC, 1)
    client.on_subscribe = lambda *_: ready.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    assert ready.wait(WAIT_S)
    client.disconnect()
    client.loop_stop()


def one_round(broker: EmbeddedBroker, folder: Path, number: int) -> tuple[Rates, Rates]:
    """Return (ingest, bare) rates over the same stored messages; who goes first changes from round to round."""
    for name in ("ingest", "bare"):
        leave_subscribed(broker, f"{name}-{number}")
    account = broker.accounts.device
    words = [sys.executable, __file__, "publish", str(broker.port), account.username, account.password]
    subprocess.run(words, check=True, timeout=WAIT_S)
    if number % 2:
        rates = bare(broker, number)
        return ingest(broker, folder, number), rates
    return ingest(broker, folder, number), bare(broker, number)


def publish(port: int, username: str, password: str) -> None:
    """Send every message at QoS 1 as fast as the broker reads, then wait for its promises."""
    now_ms = SystemClock().now_ms()
    packets = b"".join(
        _publish_packet(
            f"care/h{seq % HOMES}/pir/event", {"ts": now_ms + seq // HOMES, "seq": seq, "motion": True}, seq
        )
        for seq in range(MESSAGES)
    )
    with socket.create_connection(("127.0.0.1", port)) as link:
        flags = b"\x04\xc2\x00\x3c"  # 3.1.1, clean, with user name and password, a minute's keepalive
        link.sendall(_packet(0x10, _text("MQTT") + flags + _text("bench") + _text(username) + _text(password)))
        assert link.recv(4)[3] == 0, "the broker refuses the publisher"
        sender = threading.Thread(target=link.sendall, args=(packets,))
        sender.start()
        left = 4 * MESSAGES  # a PUBACK has four bytes
        while left > 0:
            left -= len(link.recv(65_536)) or left
        sender.join()


def _publish_packet(topic: str, body: dict[str, object], number: int) -> bytes:
    packet_id = (number % 65_535 + 1).to_bytes(2, "big")
    return _packet(0x32, _text(topic) + packet_id + json.dumps(body).encode())


def _packet(kind: int, body: bytes) -> bytes:
    size = len(body)
    assert size < 1 << 14, "two length bytes carry no more"
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return bytes([kind]) + length + body


def _text(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()


def main() -> int:
    """Measure both, turn about; return 0 when the ratio holds."""
    with tempfile.TemporaryDirectory() as name:
        broker = EmbeddedBroker(Path(name) / "broker")
        broker.start()
        try:
            one_round(broker, Path(name), ROUNDS)  # the first after a start is slower: not counted
            pairs = [one_round(broker, Path(name), number) for number in range(ROUNDS)]
        finally:
            broker.stop()
    ours, theirs = zip(*pairs, strict=True)
    holds = [
        print_figure("end_to_end", "readings/s", [r.wall for r in ours], [r.wall for r in theirs], target=TARGET),
        print_figure(
            "end_to_end_processor",
            "readings/processor-second",
            [r.processor for r in ours],
            [r.processor for r in theirs],
            target=TARGET,
        ),
    ]
    return 0 if all(holds) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["publish"]:
        publish(int(sys.argv[2]), *sys.argv[3:5])
    else:
        sys.exit(main())
