"""A broker that reads a large store for long is waited for: whoever killed it meanwhile would never have it."""

import asyncio
import logging
import threading

import pytest
from ingest_kit import WAIT_S
from slow_server import SlowServer
from watched_broker import WatchedBroker

from app import broker as embedded
from app.broker import EmbeddedBroker
from app.broker_owner import is_owned
from app.broker_watch import FIRST_PAUSE_S, LONGEST_PAUSE_S, started
from core.clock import monotonic_s
from core.errors import ConfigurationError

A_LOOK_S = 0.2


@pytest.fixture
def slow(tmp_path, monkeypatch):
    """Make every server slow from here on, and whoever waits for it impatient."""
    monkeypatch.setattr(embedded, "START_WAIT_S", A_LOOK_S)
    return SlowServer(tmp_path / "slow", monkeypatch)


@pytest.fixture
def it(broker, slow):
    it = WatchedBroker(broker)
    it.kill()
    it.look()
    it.look(after_s=FIRST_PAUSE_S)
    return it


def until(holds):
    pause, until_s = threading.Event(), monotonic_s() + WAIT_S
    while not holds():
        assert monotonic_s() < until_s
        pause.wait(0.02)


def test_a_restarted_one_that_does_not_listen_yet_is_never_killed_and_serves_in_the_end(broker, it, slow):
    reading = broker._process
    for _ in range(20):
        it.look(after_s=10 * LONGEST_PAUSE_S)
    assert broker._process is reading
    assert (reading.poll(), it.watch.restarts) == (None, 0)
    slow.goes_on()
    until(lambda: it.look() or it.watch.restarts == 1)
    assert broker._process is reading
    assert it.watch.notices() == []


def test_the_board_and_the_log_say_that_it_reads_its_store_and_for_how_long(broker, it, slow, caplog):
    it.look(after_s=600)
    (notice,) = it.watch.notices()
    assert "已10分钟" in notice
    assert "has been reading its store for 10 min" in notice
    assert [one.getMessage() for one in caplog.get_records("setup")] == [
        "the embedded broker has ended (signal 9) and is started again",
        "the embedded broker does not listen yet: it reads its store, and is waited for",
    ]
    assert caplog.records == []  # each look would fill the log
    slow.goes_on()
    until(lambda: it.look() or it.watch.restarts == 1)
    assert f"runs again on port {broker.port}" in caplog.text


def test_one_that_ends_while_it_reads_is_started_again_and_its_end_is_told(broker, it, slow, caplog):
    broker._process.kill()
    broker._process.wait(WAIT_S)
    it.look()
    it.look(after_s=LONGEST_PAUSE_S)
    assert broker.is_alive()
    slow.goes_on()
    until(lambda: it.look() or it.watch.restarts == 1)
    assert caplog.text.count("has ended (signal 9) and is started again") == 1  # the second time; the first was before


def test_the_first_start_waits_for_a_large_store_and_says_so(tmp_path, slow, caplog):
    broker = EmbeddedBroker(tmp_path / "broker")
    starting = threading.Thread(target=broker.start)
    with caplog.at_level(logging.WARNING):
        starting.start()
        until(lambda: "it reads its store, and is waited for" in caplog.text)
    assert not broker.is_listening
    slow.goes_on()
    starting.join(WAIT_S)
    assert broker.is_listening
    broker.stop()


def test_a_first_start_that_takes_far_too_long_is_refused_with_the_remedy(tmp_path, slow, monkeypatch):
    monkeypatch.setattr(embedded, "FIRST_START_WAIT_S", 2 * A_LOOK_S)
    broker = EmbeddedBroker(tmp_path / "broker")
    with pytest.raises(ConfigurationError, match=r"does not listen after 0\.4 s.*Remedy: .*jetstream"):
        broker.start()
    assert not broker.is_alive()
    assert not is_owned(tmp_path / "broker")


def test_whoever_is_ended_while_it_waits_for_the_first_start_ends_at_once_and_leaves_none_behind(tmp_path, slow):
    broker = EmbeddedBroker(tmp_path / "broker")

    async def story():
        starting = asyncio.ensure_future(started(broker))
        await asyncio.to_thread(until, broker.is_alive)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting

    asyncio.run(asyncio.wait_for(story(), WAIT_S))
    assert not broker.is_alive()
    assert not is_owned(tmp_path / "broker")
