"""Doctor beside a running service: its own ports are well, a stranger's are not."""

import socket
from contextlib import contextmanager

import msgspec
import pytest
from free_port import free_port
from nats_broker import left_behind, nats_broker
from provider_stand_in import stand_in

from app.doctor_ports import examine_broker, examine_console_port
from app.files import DataFiles
from app.running import RunningService, write_private
from app.settings import Settings


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def held(folder):
    files = DataFiles(folder)
    files.lock()
    yield files
    files.unlock()


@pytest.fixture
def running(tmp_path):
    """A service that holds the data directory."""
    with held(tmp_path) as files:
        yield files


def announce(folder, mqtt_port):
    told = RunningService(
        base_url="http://127.0.0.1:1",
        clock="system",
        mqtt_host="127.0.0.1",
        mqtt_port=mqtt_port,
        simulator_username="s",
        simulator_password="p",
    )
    write_private(folder / "service.json", b"" if mqtt_port < 0 else msgspec.json.encode(told))


def broker(folder, port):
    (check,) = examine_broker(Settings(data_dir=folder, mqtt_port=port))
    return check


def console(folder, port):
    (check,) = examine_console_port(Settings(data_dir=folder, http_port=port))
    return check


def test_the_broker_of_the_service_that_runs_here_is_its_own(tmp_path, running, taken):
    announce(tmp_path, taken)
    assert broker(tmp_path, taken).is_well


@pytest.mark.parametrize("mqtt_port", [1, -1, None])
def test_a_port_that_the_running_service_does_not_hold_is_a_strangers(tmp_path, running, taken, mqtt_port):
    if mqtt_port is not None:
        announce(tmp_path, mqtt_port)
    check = broker(tmp_path, taken)
    assert not check.is_well
    assert "mqtt_host" in check.remedy


def test_a_port_that_a_dead_service_held_is_a_strangers(tmp_path, taken):
    files = DataFiles(tmp_path)
    files.lock()
    announce(tmp_path, taken)
    files.unlock()
    assert not broker(tmp_path, taken).is_well


def test_the_broker_that_a_killed_service_left_behind_is_told_from_a_stranger(tmp_path, taken):
    port = free_port()
    left = nats_broker(tmp_path, port=port)
    left_behind(left)
    try:
        check = broker(tmp_path, port)
        also, strange = examine_broker(Settings(data_dir=tmp_path, mqtt_port=taken))
        with held(tmp_path):
            announce(tmp_path, port)
            assert "由正在运行的本服务使用" in broker(tmp_path, port).what
    finally:
        left.stop()
    assert (check.is_well, check.is_warning) == (True, True)
    assert "消息服务器还在运行，而服务没有运行" in check.what
    assert "our own broker runs without its service, which was killed" in check.what
    assert "start shouwang serve: it takes that broker over" in check.remedy
    assert also == check
    assert "something else" in strange.what
    assert list(examine_broker(Settings(data_dir=tmp_path, mqtt_port=port))) == []


def test_the_command_that_runs_the_broker_alone_is_told_from_a_service_that_was_killed(tmp_path):
    port = free_port()
    alone = nats_broker(tmp_path, port=port)
    try:
        check = broker(tmp_path, port)
    finally:
        alone.stop()
    assert (check.is_well, check.is_warning) == (True, True)
    assert "`shouwang broker` runs the broker alone, without a service" in check.what
    assert "that command stands down and ends, and the service takes over" in check.remedy


def test_the_console_is_its_own_when_it_answers_and_the_service_runs_here(tmp_path, running):
    with stand_in() as answering:
        port = int(answering.base.rpartition(":")[2])
        assert console(tmp_path, port).is_well
        running.unlock()
        assert not console(tmp_path, port).is_well


def test_a_console_port_on_which_something_else_sits_is_a_strangers(tmp_path, running, taken):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        check = console(tmp_path, silent.getsockname()[1])
    assert not check.is_well
    assert "被别的程序占用" in check.what


def test_looking_keeps_no_service_from_starting(tmp_path):
    files = DataFiles(tmp_path)
    files.lock()
    files.unlock()
    assert not files.is_locked()
    files.lock()
    assert DataFiles(tmp_path).is_locked()
    files.unlock()
