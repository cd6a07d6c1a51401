"""One contract of the ingest session on every broker and version: NATS, and Mosquitto in MQTT 3.1.1 and 5."""

import pytest
from ingest_kit import PIR, Gate, Publisher, kept_seqs, motion, running, settings_of
from mosquitto_broker import MISSING, Mosquitto, is_installed
from nats_broker import nats_broker
from tcp_proxy import TcpProxy

from core.clock import SystemClock
from store.journal import Journal

needs_mosquitto = pytest.mark.skipif(not is_installed(), reason=MISSING)
BROKERS = [
    "nats 3.1.1",
    pytest.param("mosquitto 3.1.1", marks=needs_mosquitto),
    pytest.param("mosquitto 5", marks=needs_mosquitto),
]


def a_broker(folder, kind):
    if kind.startswith("nats"):
        return nats_broker(folder)
    broker = Mosquitto(folder / "mosquitto")
    broker.start()
    return broker


class Room:
    """A broker with a proxy before it, a journal, and a publisher that goes past the proxy."""

    def __init__(self, folder, kind) -> None:
        self.version = kind.split()[1]
        self.broker = a_broker(folder, kind)
        self.proxy = TcpProxy(self.broker)
        self.journal = Journal(folder / "journal.db")
        self.publisher = Publisher(self.broker)
        self.now_ms = SystemClock().now_ms()

    def running(self, log=None, **settings):
        return running(self.proxy, log or self.journal, version=self.version, **settings)

    def publish(self, *seqs: int, tail=b""):
        self.publisher.send(f"{PIR}/event", *(motion(self.now_ms, seq) + tail for seq in seqs))

    @property
    def kept(self):
        return kept_seqs(self.journal)

    def close(self):
        self.publisher.close()
        self.proxy.close()
        self.journal.close()
        self.broker.stop()


@pytest.fixture(params=BROKERS)
def room(tmp_path, request):
    room = Room(tmp_path, request.param)
    yield room
    room.close()


def test_readings_are_kept_in_order_and_acknowledged(room):
    with room.running() as it:
        room.publish(*range(300))
        it.until(lambda: it.session.counters.acked == 300)
        assert it.session.counters.faults == 0
    assert room.kept == list(range(300))


def test_a_session_is_resumed_with_all_that_came_meanwhile(room):
    with room.running():
        pass
    room.publish(*range(100))
    with room.running() as it:
        it.until(lambda: it.session.counters.admitted == 100)
    assert sorted(room.kept) == list(range(100))


def test_what_a_failing_disk_did_not_keep_comes_again(room):
    gate = Gate(room.journal)
    with room.running(gate) as it:
        gate.is_broken = True
        room.publish(*range(20))
        it.fatal.get(timeout=30)
        assert it.session.counters.acked == 0
    with room.running() as it:
        it.until(lambda: it.session.counters.admitted == 20)
    assert sorted(room.kept) == list(range(20))


def test_a_link_that_is_cut_within_a_message_loses_nothing(room):
    with room.running() as it:
        for cut in range(3):
            room.proxy.cut_after(1_000 + 7 * cut)
            room.publish(*range(cut * 40, cut * 40 + 40))
            it.until(lambda cut=cut: it.session.counters.connects == cut + 2)
        it.until(lambda: it.session.counters.admitted == 120)
    assert sorted(room.kept) == list(range(120))


def test_nothing_is_acknowledged_to_the_connection_after_the_one_it_came_by(room):
    gate = Gate(room.journal)
    with room.running(gate) as it:
        gate.open.clear()
        room.publish(1)
        assert gate.asked.wait(30)
        room.proxy.cut()
        it.until(lambda: it.session.counters.connects == 2)
        gate.open.set()
        it.until(lambda: it.session.counters.duplicates >= 1)  # it was delivered again, by NATS perhaps twice
        it.until(lambda: it.session.counters.acked == it.session.counters.received - 1)  # but never where it came first
    assert room.kept == [1]


def test_a_link_that_falls_silent_is_given_up_and_made_anew(room, monkeypatch):
    monkeypatch.setattr("ingest.link.KEEPALIVE_S", 2)
    with room.running() as it:
        room.proxy.fall_silent()
        room.publish(1)
        it.until(lambda: not it.session.counters.is_connected)
        room.proxy.speak_again()
        it.until(lambda: it.session.counters.admitted == 1)
    assert room.kept == [1]


def test_a_slow_link_is_waited_for(room):
    room.proxy.delay(0.2)
    with room.running() as it:
        room.publish(*range(50))
        it.until(lambda: it.session.counters.acked == 50)
        assert it.session.counters.connects == 1
    assert room.kept == list(range(50))


def test_a_broken_length_ends_the_connection_and_what_it_hid_comes_again(room, monkeypatch):
    monkeypatch.setattr("ingest.link.KEEPALIVE_S", 2)  # the swallowed stream shows by a ping that nobody answers
    with room.running() as it:
        room.proxy.corrupt(lambda data: data[:1] + b"\xff\xff\xff\x7f" + data[5:])
        room.publish(*range(10))
        it.until(lambda: it.session.counters.connects == 2)
        it.until(lambda: it.session.counters.admitted == 10)
    assert sorted(room.kept) == list(range(10))


NOISE = [b"\xf0\x00", b"\x00\x00", b"\x36\x07\x00\x01a\x00\x01{}", b"\x20\x02\x00\x00", b"\x32\x80\x80\x80\x80\x01"]


def test_noise_ends_the_connection_and_the_next_one_goes_on(room):
    with room.running() as it:
        for number, noise in enumerate(NOISE, 1):
            room.proxy.corrupt(lambda data, noise=noise: noise + data)
            room.publish(number)
            it.until(lambda number=number: it.session.counters.connects == number + 1)
        it.until(lambda: it.session.counters.admitted == len(NOISE))
    assert sorted(room.kept) == [1, 2, 3, 4, 5]


def test_while_the_disk_is_slow_the_network_is_not_read_and_memory_is_bounded(room):
    gate = Gate(room.journal)
    with room.running(gate, max_queued=100) as it:
        gate.open.clear()
        room.publish(*range(1_000), tail=b" " * 4_000)
        it.until(lambda: it.session.counters.queued >= 100)
        waiting = it.session.counters.queued
        gate.open.set()
        it.until(lambda: it.session.counters.admitted == 1_000)
    assert waiting < 100 + 65_536 // 4_000 + 1  # the mark, and one read more
    assert sorted(room.kept) == list(range(1_000))


def test_a_message_larger_than_a_sensor_speaks_is_parked_and_the_next_is_read(room):
    with room.running() as it:
        room.publisher.send(f"{PIR}/event", b"x" * 900_000)
        room.publish(1)
        it.until(lambda: it.session.counters.acked == 2)
    assert room.journal.parked_count() == {"too_large": 1}
    assert room.kept == [1]


@needs_mosquitto
def test_two_brokers_at_once_fill_one_journal_and_a_reading_that_both_bring_is_kept_once(tmp_path):
    journal, now_ms = Journal(tmp_path / "journal.db"), SystemClock().now_ms()
    north, south = a_broker(tmp_path / "north", "nats"), a_broker(tmp_path / "south", "mosquitto")
    further = settings_of(south, name="south", client_id="south", version="5")
    to_north, to_south = Publisher(north), Publisher(south)
    with running(north, journal, further=[further]) as it:
        to_north.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in range(40)))
        to_south.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in range(30, 70)))
        it.until(lambda: it.session.counters.acked == 80)
        assert it.session.counters.duplicates == 10
        to_south.close()
        south.stop()
        it.until(lambda: it.session.counters.brokers_away == ("south",))
        to_north.send(f"{PIR}/event", motion(now_ms, 70))  # the other goes on undisturbed
        it.until(lambda: it.session.counters.acked == 81)
        south.start()
        it.until(lambda: it.session.counters.is_connected)
    assert sorted(kept_seqs(journal)) == list(range(71))
    to_north.close()
    north.stop()
    south.stop()
    journal.close()
