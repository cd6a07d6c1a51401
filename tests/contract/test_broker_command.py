"""`shouwang broker` runs the broker that the service would run: with its accounts, its rights, its limits."""

import json

import pytest
from broker_command import broker_command

from app.adapters import embedded_broker
from app.broker_users import CONFIG_FILE
from app.settings import load_settings


@pytest.mark.parametrize("shared", ["true", "false"])
def test_its_configuration_is_the_services_own_also_where_the_shared_account_is_closed(tmp_path, shared):
    more = {"SHOUWANG_MQTT_SHARED_ACCOUNT": shared, "SHOUWANG_ACK_WAIT_S": "7", "SHOUWANG_MQTT_TOPICS": "box/#"}
    with broker_command(tmp_path, **more):
        written = json.loads((tmp_path / "broker" / CONFIG_FILE).read_bytes())
    assert written == embedded_broker(load_settings(None, more, data_dir=tmp_path, mqtt_port=0))._config()
    assert ("device" in [one["user"] for one in written["authorization"]["users"]]) is (shared == "true")
