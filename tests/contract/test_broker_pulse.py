"""The embedded broker lives and takes no message, as after a full disk or when it hangs: found by a message of our own."""

import os
import resource
import signal
import threading
from contextlib import closing, contextmanager
from itertools import count, pairwise

import pytest
from ingest_kit import PIR, WAIT_S, Gate, Publisher, kept_seqs, motion, running
from nats_broker import nats_broker
from small_disk import small_disk
from watched_broker import NOW_MS, WatchedBroker

from app import broker_probe
from app.broker_pulse import AFTER_A_MISS_S, MISSES, PROBE_EVERY_S
from app.broker_watch import FIRST_PAUSE_S
from app.folder_room import no_room
from core.clock import monotonic_s


@pytest.fixture
def impatient(monkeypatch):
    """Return what makes a probe wait a second only: while no answer can come, for a sound one may take longer."""

    @contextmanager
    def short():
        with monkeypatch.context() as shortened:
            shortened.setattr(broker_probe, "ANSWER_S", 1.0)
            yield

    return short


@pytest.fixture
def it(broker):
    return WatchedBroker(broker)


def probed(broker):
    return broker_probe.probe(broker.host, broker.port, broker.accounts.ingest, lambda: True)


def streams(broker, name):
    (account,) = (broker.log_file.parent / "jetstream" / "jetstream").iterdir()
    return account / "streams" / name


def kept_bytes(broker):
    return sum(one.stat().st_size for one in (streams(broker, "$MQTT_msgs") / "msgs").glob("*.blk"))


def consumers(broker):
    return list((streams(broker, "$MQTT_msgs") / "obs").iterdir())


def until(holds):
    pause, until_s = threading.Event(), monotonic_s() + WAIT_S
    while not holds():
        assert monotonic_s() < until_s
        pause.wait(0.02)


def hang(broker):
    os.kill(broker._process.pid, signal.SIGSTOP)
    return broker._process


def send_unpromised(broker, seq):
    """Send what a broker on a full disk does not promise; it breaks its store by that."""
    with closing(Publisher(broker)) as device:
        device.client.publish(f"{PIR}/event", motion(NOW_MS, seq) + b" " * 8_192, 1)
        until(lambda: "No space left" in broker.log_file.read_text("utf-8") or probed(broker))


def test_a_sound_broker_gives_our_message_back_and_keeps_nothing_of_it(broker):
    assert [probed(broker) for _ in range(50)] == [""] * 50
    until(lambda: not consumers(broker) and kept_bytes(broker) < 1_000)


def test_our_message_reaches_nobody_who_listens_to_everything(broker, publisher, journal):
    with running(broker, journal, topics=("#", "+/probe")) as session:
        assert probed(broker) == ""
        publisher.send(f"{PIR}/event", motion(NOW_MS, 1))
        session.until(lambda: kept_seqs(journal) == [1])
        assert journal.parked(10) == []


def test_no_device_may_speak_where_our_message_goes(broker):
    with closing(Publisher(broker, broker.accounts.device)) as device:
        device.client.publish(broker_probe.TOPIC, b"x", 1)
        until(lambda: 'Publish Violation - Subject "$shouwang.probe"' in broker.log_file.read_text("utf-8"))


def test_what_a_server_kept_of_a_probe_that_its_kill_cut_off_ends_with_the_next(broker, it, monkeypatch):
    """A subscription that stayed would keep each later message for ever."""
    with monkeypatch.context() as cut:
        cut.setattr(broker_probe.mqtt, "publish", lambda *_: it.kill() or b"")
        assert probed(broker) != ""
    it.until_it_runs()
    assert len(consumers(broker)) == 1
    assert [probed(broker) for _ in range(5)] == [""] * 5
    until(lambda: not consumers(broker) and kept_bytes(broker) < 1_000)


def test_one_that_hangs_is_stopped_after_two_misses_and_serves_again(broker, it, impatient, caplog):
    it.look()
    assert broker.takes
    hung = hang(broker)
    with impatient():
        it.look(after_s=PROBE_EVERY_S)
        assert (broker.takes, hung.poll(), it.watch.notices()) == (False, None, [])
        it.look(after_s=AFTER_A_MISS_S)
    assert hung.poll() == -signal.SIGKILL
    assert (broker.is_listening, broker.takes, it.watch.restarts) == (True, False, 1)
    assert "takes no message" in it.watch.notices()[0]
    it.look()
    assert (broker.takes, it.watch.notices()) == (True, [])
    assert "the embedded broker lives and takes no message (no answer to CONNECT: not within 1 s)" in caplog.text
    assert "the embedded broker takes messages again" in caplog.text


def test_a_single_miss_restarts_nothing(broker, it, impatient):
    hung = hang(broker)
    with impatient():
        it.look()
    assert not broker.takes
    hung.send_signal(signal.SIGCONT)
    it.look(after_s=AFTER_A_MISS_S)
    it.look(after_s=PROBE_EVERY_S)
    assert (broker.takes, broker._process, it.watch.restarts) == (True, hung, 0)


def test_one_that_is_behind_while_messages_come_through_it_is_left_alone(broker, it, impatient):
    hung, told = hang(broker), count()
    it.heard = lambda: next(told)
    with impatient():
        for _ in range(3):
            it.look(after_s=PROBE_EVERY_S)
    hung.send_signal(signal.SIGCONT)
    assert (broker._process, broker.takes, it.watch.restarts, it.watch.notices()) == (hung, True, 0, [])


def test_a_process_without_descriptors_says_nothing_of_its_broker(broker, it, caplog):
    sound, (soft, hard) = broker._process, resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        for _ in range(3):
            it.look(after_s=PROBE_EVERY_S)
        assert no_room(broker.log_file.parent) == ""
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (broker._process, broker.takes, it.watch.restarts) == (sound, True, 0)
    assert "cannot be asked" in caplog.text


def test_one_that_takes_nothing_after_each_start_is_started_less_and_less_often(broker, it, monkeypatch):
    monkeypatch.setattr("app.broker_pulse.probe", lambda *_: "the broker closed the connection")
    restarts = []
    while len(restarts) < 5:
        before = it.watch.restarts
        it.look(after_s=1)
        restarts += [it.now_s] if it.watch.restarts > before else []
    waited = [later - before for before, later in pairwise(restarts)]
    assert waited == sorted(waited)
    assert waited[-1] - waited[0] >= 10


def test_it_is_probed_no_more_often_than_it_has_to_be(broker, it, monkeypatch):
    probes = []
    monkeypatch.setattr("app.broker_pulse.probe", lambda *_: probes.append(it.now_s) or "")
    for _ in range(60):
        it.look(after_s=1)
    assert len(probes) == 60 / PROBE_EVERY_S


def test_a_stop_waits_for_no_probe(broker, it):
    hang(broker)
    looking = threading.Thread(target=it.look)
    looking.start()
    begun_s = monotonic_s()
    broker.stop()
    looking.join(WAIT_S)
    assert monotonic_s() - begun_s < broker_probe.ANSWER_S
    assert not broker.is_alive()


def test_after_a_full_disk_it_is_started_again_as_soon_as_there_is_room_and_keeps_what_it_had_promised(
    tmp_path, impatient, journal
):
    with small_disk(tmp_path / "disk", 12) as disk:
        broker = nats_broker(disk.folder)
        try:
            it = WatchedBroker(broker)
            with running(broker, journal):
                pass  # from here on the broker keeps messages for it
            with closing(Publisher(broker)) as device:
                device.send(f"{PIR}/event", motion(NOW_MS, 1))
            it.look()
            disk.fill()
            full = broker._process
            with impatient():
                send_unpromised(broker, 2)
                for _ in range(4):
                    it.look(after_s=PROBE_EVERY_S)
            assert (broker.takes, broker._process, it.watch.restarts) == (False, full, 0)
            assert "has no room" in it.watch.notices()[0]
            disk.give_back()
            with impatient():
                it.look(after_s=PROBE_EVERY_S)
            it.look()
            assert (broker.takes, it.watch.restarts, it.watch.notices()) == (True, 1, [])
            with closing(Publisher(broker)) as device:
                device.send(f"{PIR}/event", motion(NOW_MS, 3))
            with running(broker, journal) as session:
                session.until(lambda: {1, 3} <= set(kept_seqs(journal)))
        finally:
            broker.stop()


def test_what_passes_beside_a_broken_store_does_not_keep_it_from_a_restart(tmp_path, impatient, journal):
    """A message at QoS 0 is passed on and not kept: it comes through while every press at QoS 1 is lost."""
    with small_disk(tmp_path / "disk", 12) as disk:
        broker = nats_broker(disk.folder)
        try:
            it = WatchedBroker(broker)
            with running(broker, journal) as session, closing(Publisher(broker)) as device:
                device.send(f"{PIR}/event", motion(NOW_MS, 1))
                session.until(lambda: kept_seqs(journal) == [1])
                disk.fill()
                with impatient():
                    send_unpromised(broker, 2)
                disk.give_back()
                sent = count(3)

                def heard():
                    before = session.session.counters.received
                    device.client.publish(f"{PIR}/event", motion(NOW_MS, next(sent)), 0)
                    until(lambda: session.session.counters.received > before)
                    return session.session.received_from("main")

                it.heard = heard
                with impatient():
                    for _ in range(MISSES):
                        it.look(after_s=PROBE_EVERY_S)
                assert it.watch.restarts == 1
        finally:
            broker.stop()


def test_only_what_a_broker_had_kept_says_that_its_store_works_and_each_message_once(broker, publisher, journal):
    gate = Gate(journal)
    with running(broker, gate) as it:
        publisher.client.publish(f"{PIR}/event", motion(NOW_MS, 1), 0)
        it.until(lambda: it.session.counters.received == 1)
        assert it.session.received_from("main") == 0
        it.until(lambda: kept_seqs(journal) == [1])
        gate.open.clear()  # as a disk without room: nothing is acknowledged, and all of it comes again and again
        publisher.send(f"{PIR}/event", motion(NOW_MS, 2))
        it.until(lambda: it.session.counters.received > 3)
        assert it.session.received_from("main") == 1
        gate.open.set()


def test_one_that_ends_on_a_full_disk_is_started_when_there_is_room(tmp_path, caplog):
    with small_disk(tmp_path / "disk", 12) as disk:
        broker = nats_broker(disk.folder)
        try:
            it = WatchedBroker(broker)
            disk.fill()
            it.kill()
            it.look()
            it.look(after_s=FIRST_PAUSE_S)
            assert not broker.is_alive()
            assert "No space left on device" in caplog.text
            disk.give_back()
            it.until_it_runs()
            it.look()
            assert broker.takes
        finally:
            broker.stop()


def test_one_whose_log_the_disk_did_not_take_is_known_by_its_port(broker, it, monkeypatch):
    monkeypatch.setattr("app.broker.START_WAIT_S", 0.5)
    with monkeypatch.context() as silent:
        silent.setattr("app.broker_words.listening_port", lambda _folder: None)
        it.kill()
        it.look()
        it.look(after_s=FIRST_PAUSE_S)
        until(lambda: it.look() or broker.is_listening)
    it.look()
    assert (broker.takes, it.watch.restarts) == (True, 1)
