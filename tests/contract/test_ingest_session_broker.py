"""The embedded broker as its owner sees it: one server over a folder, its accounts, its words when it cannot start."""

import os
import queue
import signal
import socket
import stat
import threading

import pytest
from ingest_kit import PIR, Publisher, kept_seqs, motion, running
from nats_broker import left_behind, started
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from app.broker import Account, EmbeddedBroker
from core.clock import ManualClock, SystemClock
from core.errors import ConfigurationError
from store.journal import Journal


def test_it_keeps_its_port_and_its_accounts_over_a_restart(broker, tmp_path):
    port, accounts = broker.port, broker.accounts
    broker.stop()
    assert not broker.is_alive()
    broker.start()
    assert broker.is_alive()
    assert broker.port == port
    assert EmbeddedBroker(tmp_path / "broker").accounts == accounts


def test_a_taken_port_is_named_with_its_remedy(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        broker = EmbeddedBroker(tmp_path, taken.getsockname()[1])
        with pytest.raises(ConfigurationError, match=r"port \d+.*address already in use.*Remedy"):
            broker.start()
    assert not broker.is_alive()


def test_the_server_of_a_killed_owner_is_stopped_by_the_next(broker, tmp_path):
    orphan = left_behind(broker)
    with started(tmp_path / "broker") as heir:
        assert orphan.wait(10) == 0 or orphan.returncode is not None
        assert heir.is_alive()


def test_a_server_whose_owner_was_killed_before_it_could_note_the_number_is_stopped_as_well(broker, tmp_path):
    (tmp_path / "broker" / "nats-server.pid").unlink()
    orphan = left_behind(broker)
    with started(tmp_path / "broker") as heir:
        assert orphan.poll() is not None
        assert heir.is_alive()


def test_a_process_that_merely_has_the_number_in_the_pid_file_is_left_alone(tmp_path):
    (tmp_path / "nats-server.pid").write_text(str(os.getpid()))
    with started(tmp_path) as heir:
        assert heir.is_alive()


def test_passwords_are_readable_by_their_owner_only(broker, tmp_path):
    modes = {name: (tmp_path / "broker" / name).stat().st_mode for name in ("accounts.json", "nats-server.json")}
    assert {stat.S_IMODE(mode) for mode in modes.values()} == {0o600}
    assert stat.S_IMODE((tmp_path / "broker").stat().st_mode) == 0o700  # its log, which names topics, is in there


def test_a_damaged_accounts_file_is_named(tmp_path):
    (tmp_path / "accounts.json").write_text("{")
    with pytest.raises(ConfigurationError, match=r"accounts\.json.*Remedy"):
        EmbeddedBroker(tmp_path)


@pytest.mark.parametrize("account", [Account("ingest", "guess"), Account("", "")])
def test_nobody_connects_without_the_password(broker, account):
    refused = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, client_id="stranger", reconnect_on_failure=False)
    if account.username:
        client.username_pw_set(account.username, account.password)
    client.on_connect = lambda _client, _data, _flags, reason, _properties: reason.is_failure and refused.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    assert refused.wait(30)
    client.loop_stop()


def test_a_device_may_not_listen(broker):
    granted = queue.Queue()
    device = Publisher(broker, broker.accounts.device)
    device.client.on_subscribe = lambda _client, _data, _mid, reasons, _properties: granted.put(
        [not reason.is_failure for reason in reasons]
    )
    device.client.subscribe("care/#", 1)
    assert granted.get(timeout=30) == [False]
    device.close()


def test_a_device_may_speak_but_not_move_the_clock(broker, tmp_path):
    journal = Journal(tmp_path / "journal.db")
    device, simulator = Publisher(broker, broker.accounts.device), Publisher(broker)
    with running(broker, journal, ManualClock(0), is_driven=True) as it:
        device.client.publish("shouwang/clock", b'{"now_ms": 5, "tick": 1}', 1)
        device.send(f"{PIR}/event", b'{"seq": 1, "motion": true}')
        simulator.tick(10, 2)
        assert it.ticks.get(timeout=30).tick == 2
    assert kept_seqs(journal) == [1]
    device.client.loop_stop()
    simulator.close()
    journal.close()


def test_what_it_promised_survives_kill_9_of_the_broker(broker, tmp_path):
    now_ms = SystemClock().now_ms()
    journal = Journal(tmp_path / "journal.db")
    with running(broker, journal):
        pass
    publisher = Publisher(broker)
    publisher.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in range(200)))
    os.kill(broker._process.pid, signal.SIGKILL)
    broker._process.wait()
    publisher.client.loop_stop()
    broker.start()
    with running(broker, journal) as it:
        it.until(lambda: it.session.counters.admitted == 200)
    assert kept_seqs(journal) == list(range(200))
    journal.close()
