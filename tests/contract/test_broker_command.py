"""`shouwang broker` runs the broker that the service would run, with its rights, until a service takes it over."""

import json

import pytest
from broker_command import broker_command
from command_line import printed
from nats_broker import started
from service_process import ServiceProcess

from app import broker_owner
from app.adapters import embedded_broker
from app.broker import EmbeddedBroker
from app.broker_process import running_with
from app.broker_users import CONFIG_FILE
from app.settings import load_settings
from core.errors import ConfigurationError


@pytest.mark.parametrize("shared", ["true", "false"])
def test_its_configuration_is_the_services_own_also_where_the_shared_account_is_closed(tmp_path, shared):
    more = {"SHOUWANG_MQTT_SHARED_ACCOUNT": shared, "SHOUWANG_ACK_WAIT_S": "7", "SHOUWANG_MQTT_TOPICS": "box/#"}
    with broker_command(tmp_path, **more):
        written = json.loads((tmp_path / "broker" / CONFIG_FILE).read_bytes())
    assert written == embedded_broker(load_settings(None, more, data_dir=tmp_path, mqtt_port=0))._config()
    assert ("device" in [one["user"] for one in written["authorization"]["users"]]) is (shared == "true")


def test_it_stands_down_for_a_service_which_then_keeps_the_only_broker_running(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    service = ServiceProcess(data, clock="system")
    with broker_command(data) as command:
        service.start()
        try:
            assert "takes the broker over: this command stands down" in command.says("stands down")
            assert command.ended() == 0
            (pid,) = running_with((data / "broker").resolve() / CONFIG_FILE, "")
            assert (data / "broker" / broker_owner.OWNER_FILE).read_text() == str(service._process.pid)
            assert service.stop() == 0
        finally:
            service.end()
    assert "has ended" not in (tmp_path / "service.log").read_text("utf-8")
    assert running_with((data / "broker").resolve() / CONFIG_FILE, str(pid)) == []


def test_one_that_does_not_stand_down_keeps_its_broker_and_the_service_says_how_to_end_it(tmp_path, monkeypatch):
    monkeypatch.setattr(broker_owner, "STANDS_DOWN_WITHIN_S", 0.5)
    with broker_command(tmp_path) as command:
        command.hold()
        with pytest.raises(ConfigurationError, match=rf"does not stand down.*Remedy: .*kill -9 {command.pid}"):
            EmbeddedBroker(tmp_path / "broker").start(takes_over=True)
        assert len(running_with((tmp_path / "broker").resolve() / CONFIG_FILE, "")) == 1


def test_the_broker_of_one_that_was_killed_is_taken_over_by_whoever_comes(tmp_path):
    with broker_command(tmp_path) as command:
        (orphan,) = running_with((tmp_path / "broker").resolve() / CONFIG_FILE, "")
        command.kill()
        with started(tmp_path / "broker") as heir:
            assert running_with((tmp_path / "broker").resolve() / CONFIG_FILE, "") == [heir._process.pid]
            assert heir._process.pid != orphan


def test_a_second_one_is_refused_and_ends_nobodys_broker(tmp_path):
    with broker_command(tmp_path) as command:
        with pytest.raises(ConfigurationError, match=rf"another process keeps this broker running: {command.pid}"):
            printed("broker", data_dir=tmp_path)
        assert len(running_with((tmp_path / "broker").resolve() / CONFIG_FILE, "")) == 1


def test_whoever_did_not_get_the_broker_of_another_lets_it_be_when_it_stops(broker, tmp_path):
    second = EmbeddedBroker(tmp_path / "broker")
    with pytest.raises(ConfigurationError, match="another process keeps this broker running"):
        second.start()
    second.stop()
    assert broker.is_alive()
    assert broker_owner.is_owned(tmp_path / "broker")
    broker.stop()
    assert not broker_owner.is_owned(tmp_path / "broker")


def test_a_broker_that_cannot_start_is_nobodys(tmp_path):
    broker = EmbeddedBroker(tmp_path, port=1, host="192.0.2.7")
    with pytest.raises(ConfigurationError):
        broker.start()
    assert not broker_owner.is_owned(tmp_path)


def test_who_cannot_look_whether_a_service_waits_goes_on(broker, tmp_path):
    (tmp_path / "broker" / broker_owner.HEIR_FILE).mkdir()  # it cannot be opened, as without a descriptor left
    assert not broker.is_wanted()
