"""The embedded broker ends by itself and is started again, over the same store, as long as its owner wants it."""

import socket
import threading
from contextlib import closing

import pytest
from command_line import printed
from ingest_kit import PIR, Publisher, kept_seqs, motion, running
from watched_broker import NOW_MS, WatchedBroker

from app.broker import EmbeddedBroker
from app.broker_process import running_with
from app.broker_users import CONFIG_FILE
from app.broker_watch import FIRST_PAUSE_S, LONGEST_PAUSE_S, NOTICE_S, STEADY_S
from app.files import DataFiles
from app.refusal_watch import RefusalWatch
from core.errors import ConfigurationError


@pytest.fixture
def it(broker):
    return WatchedBroker(broker)


def test_a_message_promised_before_the_kill_is_taken_in_after_the_start(broker, publisher, journal, it):
    port, accounts = broker.port, broker.accounts
    with running(broker, journal):
        pass  # from here on the broker keeps messages for it
    publisher.send(f"{PIR}/event", motion(NOW_MS, 7))
    it.kill()
    assert it.until_it_runs() == FIRST_PAUSE_S
    assert (broker.port, broker.accounts, it.watch.restarts) == (port, accounts, 1)
    with running(broker, journal) as session:
        session.until(lambda: kept_seqs(journal) == [7])


def test_a_session_that_was_connected_hears_again_by_itself(broker, journal, it):
    with running(broker, journal) as session:
        it.kill()
        session.until(lambda: not session.session.counters.is_connected)
        it.until_it_runs()
        session.until(lambda: session.session.counters.is_connected, wait_s=60)
        with closing(Publisher(broker)) as later:
            later.send(f"{PIR}/event", motion(NOW_MS, 8))
        session.until(lambda: kept_seqs(journal) == [8])


def test_one_that_ends_again_and_again_is_put_off_longer_and_never_given_up(broker, it):
    waited = []
    for _ in range(7):
        it.kill()
        waited.append(it.until_it_runs())
    assert waited == [1, 2, 4, 8, 16, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    it.now_s += STEADY_S
    it.kill()
    assert it.until_it_runs() == FIRST_PAUSE_S


def test_the_board_says_that_it_is_away_and_for_an_hour_that_it_ends_repeatedly(broker, it):
    assert it.watch.notices() == []
    it.kill()
    it.look()
    assert "the embedded broker has ended" in it.watch.notices()[0]
    it.until_it_runs()
    assert it.watch.notices() == []  # once, and mended
    it.kill()
    it.until_it_runs()
    assert "ended 2 times within the hour" in it.watch.notices()[0]
    it.now_s += NOTICE_S
    assert it.watch.notices() == []


def test_how_it_ended_and_that_it_runs_again_is_logged(broker, it, caplog):
    it.kill()
    it.until_it_runs()
    assert [one.getMessage() for one in caplog.records] == [
        "the embedded broker has ended (signal 9) and is started again",
        f"the embedded broker runs again on port {broker.port}",
    ]


def test_one_whose_port_somebody_took_is_tried_until_the_port_is_free(broker, it, caplog):
    it.kill()
    it.look()
    with socket.create_server(("127.0.0.1", broker.port)):
        for _ in range(4):
            it.now_s += 2
            it.look()
        assert not broker.is_alive()
        assert "the embedded broker has ended" in it.watch.notices()[0]
        assert "address already in use" in caplog.text
    it.until_it_runs()
    assert it.watch.restarts == 1


def test_one_that_its_owner_let_go_is_not_started_again(broker, it):
    broker.let_go()
    it.kill()
    for _ in range(3):
        it.now_s += LONGEST_PAUSE_S
        it.look()
    assert not broker.is_alive()
    assert it.watch.notices() == []


def test_a_stop_while_it_is_being_started_again_leaves_none_behind(broker, it):
    for _ in range(5):
        broker.start()
        it.kill()
        it.look()
        it.now_s += LONGEST_PAUSE_S
        starting = threading.Thread(target=it.watch.look, args=(NOW_MS,))
        starting.start()
        broker.stop()
        starting.join(30)
        assert not broker.is_alive()
        assert running_with(broker.log_file.parent / CONFIG_FILE, "") == []


def test_what_it_refuses_is_followed_into_the_log_of_the_next_start(broker, it):
    with closing(RefusalWatch(broker.log_file)) as refusals:
        refusals.look(NOW_MS)
        it.kill()
        it.until_it_runs()
        with broker.log_file.open("a") as log:
            log.write(
                '[7] 2026/11/29 20:30:35.05 [ERR] 127.0.0.1:5 - mid:6 - "box" - Publish Violation - Subject "a.b"\n'
            )
        refusals.look(NOW_MS)
        assert refusals.refusals.messages == 1


def test_a_broker_that_was_stopped_has_not_ended_by_itself(tmp_path):
    broker = EmbeddedBroker(tmp_path / "broker")
    broker.start()
    assert broker.ending() == ""
    broker.stop()
    assert broker.ending() == ""


def test_none_is_started_alone_beside_a_service_that_keeps_its_own_running(tmp_path):
    files = DataFiles(tmp_path)
    files.lock()
    try:
        with pytest.raises(ConfigurationError, match="keeps its own broker running"):
            printed("broker", data_dir=tmp_path)
    finally:
        files.unlock()
    assert not (tmp_path / "broker").exists()
