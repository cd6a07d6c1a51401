"""A `mqtt_bind` or `http_host` that this machine does not have is named as that, where it stands; a taken port stays a taken port."""

import socket

import pytest
from command_line import printed

from app.doctor_ports import examine_broker, examine_console_port
from app.settings import load_settings
from core.errors import ConfigurationError


@pytest.mark.parametrize(("bind", "why"), [("192.0.2.7", "no such address"), ("nohost.invalid", "no address has this")])
@pytest.mark.parametrize("command", ["serve", "broker"])
def test_an_address_that_is_not_this_machines_is_named_with_file_and_line(tmp_path, bind, why, command):
    config = tmp_path / "town.toml"
    config.write_text(f'mqtt_port = 0\nhttp_port = 0\nmqtt_bind = "{bind}"\n', "utf-8")
    (check,) = examine_broker(load_settings(config, {}, data_dir=tmp_path / "data"))
    assert not check.is_well
    assert why in check.what
    assert "town.toml, line 3: mqtt_bind" in check.what
    with pytest.raises(ConfigurationError, match=rf"town\.toml, line 3: mqtt_bind.*{why}"):
        printed(command, "--config", str(config), data_dir=tmp_path / "data")


def test_an_address_of_the_console_that_is_not_this_machines_is_named_with_file_and_line(tmp_path):
    config = tmp_path / "town.toml"
    config.write_text('mqtt_port = 0\nhttp_port = 8080\nhttp_host = "192.0.2.7"\n', "utf-8")
    (check,) = examine_console_port(load_settings(config, {}, data_dir=tmp_path / "data"))
    assert "town.toml, line 3: http_host" in check.what
    assert "no such address" in check.what
    with pytest.raises(ConfigurationError, match=r"town\.toml, line 3: http_host.*no such address"):
        printed("serve", "--config", str(config), data_dir=tmp_path / "data")


def test_a_port_in_use_is_told_as_that(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = load_settings(None, {}, data_dir=tmp_path, mqtt_port=taken.getsockname()[1])
        (check,) = examine_broker(settings)
    assert "is in use by something else" in check.what


@pytest.mark.parametrize("setting", ["mqtt_bind", "http_host"])
def test_an_empty_address_is_refused_with_file_and_line_before_anything_is_started(tmp_path, setting):
    config = tmp_path / "town.toml"
    config.write_text(f'mqtt_port = 0\nhttp_port = 0\n{setting} = ""\n', "utf-8")
    settings = load_settings(config, {}, data_dir=tmp_path / "data")
    (check,) = (examine_broker if setting == "mqtt_bind" else examine_console_port)(settings)
    assert not check.is_well
    assert f"town.toml, line 3: {setting}" in check.what
    with pytest.raises(ConfigurationError, match=rf"town\.toml, line 3: {setting}.*names no address.*0\.0\.0\.0"):
        printed("serve", "--config", str(config), data_dir=tmp_path / "data")
    assert not (tmp_path / "data" / "broker").exists()
