"""The ingest session against the real broker: what it acknowledges is durable, what it cannot read is parked."""

import pytest
from ingest_kit import PIR, Gate, Publisher, kept_seqs, motion, running

from core.clock import SystemClock
from core.errors import DurabilityError
from core.log import ParkReason
from ingest.session import SessionSettings


@pytest.fixture
def now_ms():
    return SystemClock().now_ms()


def test_readings_reach_the_journal_in_order_and_are_acknowledged(broker, journal, publisher, now_ms):
    with running(broker, journal) as it:
        publisher.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in range(500)))
        it.until(lambda: it.session.counters.acked == 500)
        counters = it.session.counters
    assert kept_seqs(journal) == list(range(500))
    assert (counters.received, counters.admitted, counters.duplicates, counters.parked) == (500, 500, 0, 0)


def test_what_a_failing_disk_did_not_keep_is_delivered_to_the_next_session(broker, journal, publisher, now_ms):
    gate = Gate(journal)
    with running(broker, gate) as it:
        publisher.send(f"{PIR}/event", motion(now_ms, 1))
        it.until(lambda: it.session.counters.acked == 1)
        gate.is_broken = True
        publisher.send(f"{PIR}/event", motion(now_ms, 2), motion(now_ms, 3))
        assert isinstance(it.fatal.get(timeout=30), DurabilityError)
        it.until(lambda: not it.session.counters.is_connected)
        assert it.session.counters.acked == 1
    with running(broker, journal) as it:
        it.until(lambda: it.session.counters.admitted == 2)
    # Each exactly once. NATS delivers again when each message's own wait is over, so the order is not its promise;
    # the rules order by event time.
    assert sorted(kept_seqs(journal)) == [1, 2, 3]


def test_nothing_is_acknowledged_while_the_append_has_not_returned(broker, journal, publisher, now_ms):
    gate = Gate(journal)
    with running(broker, gate) as it:
        gate.open.clear()
        publisher.send(f"{PIR}/event", motion(now_ms, 1))
        assert gate.asked.wait(30)
        assert it.session.counters.acked == 0
        gate.open.set()
        it.until(lambda: it.session.counters.acked == 1)


def test_a_malformed_payload_is_parked_and_acknowledged_and_the_next_reading_goes_in(
    broker, journal, publisher, now_ms
):
    with running(broker, journal) as it:
        publisher.send(f"{PIR}/event", b"\xff{", b"[" * 5_000, motion(now_ms, 1))
        it.until(lambda: it.session.counters.acked == 3)
        assert it.session.counters.parked == 2
    assert kept_seqs(journal) == [1]
    assert [(m.payload, m.reason) for m in journal.parked(9)][-1] == (b"\xff{", ParkReason.UNDECODABLE)


def test_an_unknown_device_is_parked_and_acknowledged(broker, journal, publisher, now_ms):
    with running(broker, journal) as it:
        publisher.send("care/h9/pir/event", motion(now_ms, 1))
        it.until(lambda: it.session.counters.acked == 1)
    assert journal.parked_count() == {"unknown_device": 1}


def test_a_list_with_room_for_two_frames_loses_nothing_while_the_disk_is_slow(broker, journal, publisher, now_ms):
    gate = Gate(journal)
    with running(broker, gate, max_queued=2) as it:
        gate.open.clear()
        publisher.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in range(300)))
        assert gate.asked.wait(30)
        it.until(lambda: it.session.counters.queued >= 2)
        gate.open.set()
        it.until(lambda: it.session.counters.admitted == 300)
    assert kept_seqs(journal) == list(range(300))


def test_a_restarted_broker_is_found_again_and_what_came_meanwhile_is_committed(broker, journal, publisher, now_ms):
    with running(broker, journal) as it:
        publisher.send(f"{PIR}/event", motion(now_ms, 1))
        it.until(lambda: it.session.counters.acked == 1)
        broker.stop()
        it.until(lambda: not it.session.counters.is_connected)
        broker.start()
        late = Publisher(broker)
        late.send(f"{PIR}/event", motion(now_ms, 2))
        it.until(lambda: it.session.counters.admitted == 2)
        late.close()
        assert it.session.counters.connects == 2
    assert kept_seqs(journal) == [1, 2]


def test_after_a_resumed_session_older_readings_are_committed_before_newer_ones(broker, journal, publisher, now_ms):
    gate = Gate(journal)
    with running(broker, gate) as it:
        gate.is_broken = True
        publisher.send(f"{PIR}/event", *(motion(now_ms + seq, seq) for seq in range(3)))
        it.fatal.get(timeout=30)
    publisher.send(f"{PIR}/event", *(motion(now_ms + seq, seq) for seq in range(3, 6)))
    with running(broker, journal) as it:
        it.until(lambda: it.session.counters.admitted == 6)
    assert kept_seqs(journal) == list(range(6))


def test_messages_that_came_while_no_session_ran_are_not_lost(broker, journal, publisher, now_ms):
    with running(broker, journal):
        pass
    publisher.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in range(50)))
    with running(broker, journal) as it:
        it.until(lambda: it.session.counters.admitted == 50)
    assert kept_seqs(journal) == list(range(50))


def test_a_refused_session_says_so_and_goes_on_trying(broker, journal, caplog):
    with caplog.at_level("ERROR"), running(broker, journal, password="wrong") as it:
        it.until(lambda: caplog.text.count("refuses this session") >= 2)
        assert not it.session.counters.is_connected


def test_a_second_session_with_the_same_id_takes_the_place_of_the_first(broker, journal, publisher, now_ms):
    with running(broker, journal) as first:
        with running(broker, journal) as second:
            publisher.send(f"{PIR}/event", motion(now_ms, 1))
            second.until(lambda: first.session.counters.received + second.session.counters.received >= 1)
        first.until(lambda: first.session.counters.is_connected)
        publisher.send(f"{PIR}/event", motion(now_ms, 2))
        first.until(lambda: 2 in kept_seqs(journal))
    assert set(kept_seqs(journal)) == {1, 2}


def test_settings_are_printed_without_their_secrets():
    settings = SessionSettings(client_id="hidden-id", username="ingest", password="hidden-word")
    assert "hidden" not in f"{settings} {settings!r}"
