"""The password and access files that we write, read by a real Mosquitto: each device below its own prefix alone."""

import base64
import subprocess

import pytest
from mosquitto_secured import MosquittoBroker, needs_mosquitto
from mqtt_client import WAIT_S, client

from app.credentials import CredentialDesk
from app.mosquitto_files import password_hash
from app.settings import Settings
from core.clock import ManualClock
from core.errors import ConfigurationError
from registry.credentials import Credential, topics_of, username_of

pytestmark = needs_mosquitto
PIR, DOOR = "care/h1/pir", "care/h1/door"
INGEST = ("ingest", "a password of the service")


@pytest.fixture
def desk(truth, tmp_path):
    settings = Settings(
        data_dir=tmp_path,
        mqtt_host="127.0.0.1",
        mqtt_username=INGEST[0],
        mqtt_password=INGEST[1],
        mosquitto_dir=str(tmp_path / "mosquitto"),
    )
    desk = CredentialDesk(truth, ManualClock(1_790_000_000_000), settings)
    desk.publish()
    return desk


@pytest.fixture
def broker(desk, tmp_path):
    broker = MosquittoBroker(tmp_path / "mosquitto")
    yield broker
    broker.stop()


def credential(address):
    publish, subscribe = topics_of(address)
    return Credential(username=username_of(address), publish=publish, subscribe=subscribe)


def issued(desk, broker, address):
    token = desk.issue(credential(address), "account:zhang")
    broker.read_again()
    return token


@pytest.mark.parametrize("is_fifth", [False, True])
def test_a_device_speaks_below_its_own_prefix_and_for_nobody_else(broker, desk, is_fifth):
    token = issued(desk, broker, PIR)
    with client(broker, *INGEST) as ears, client(broker, "care-h1-pir", token, is_fifth=is_fifth) as device:
        assert ears.listen("#")
        assert device.is_in
        for foreign in (f"{DOOR}/event", "care/h1/pirate/event", "tele/board/SENSOR"):
            device.say(foreign, b"forged")
        device.say(f"{PIR}/event", b"mine")
        assert ears.hears() == (f"{PIR}/event", b"mine")
        assert ears.is_left_in_peace()


def test_a_device_hears_nobody(broker, desk):
    token, other = issued(desk, broker, PIR), issued(desk, broker, DOOR)
    with client(broker, "care-h1-pir", token) as spy, client(broker, "care-h1-door", other) as door:
        for topic in ("#", "care/#", f"{DOOR}/event", "$SYS/#"):
            spy.client.subscribe(topic, 1)
        door.say(f"{DOOR}/event", b"private")
        assert spy.is_left_in_peace()


def test_a_gateway_hears_its_own_commands(broker, desk):
    token = issued(desk, broker, "tasmota/board")
    with client(broker, "tasmota-board", token) as board, client(broker, *INGEST) as service:
        assert board.listen("cmnd/board/#")
        service.say("cmnd/board/POWER", b"OFF")
        assert board.hears() == ("cmnd/board/POWER", b"OFF")


def test_a_revoked_device_is_put_off_and_stays_out(broker, desk):
    token = issued(desk, broker, PIR)
    with client(broker, "care-h1-pir", token) as device:
        desk.revoke("care-h1-pir")
        broker.read_again()
        assert device.ended.wait(WAIT_S)
    with client(broker, "care-h1-pir", token) as late:
        assert not late.is_in


def test_nobody_comes_in_without_an_account(broker, desk):
    for username, password in (("care-h1-pir", "guessed"), ("ingest", "guessed"), ("", "")):
        with client(broker, username, password) as stranger:
            assert not stranger.is_in


def test_the_ingest_sessions_name_cannot_be_stolen_even_by_who_knows_it(broker, desk):
    token = issued(desk, broker, PIR)
    with client(broker, *INGEST, client_id="shouwang-ingest-secret", keeps_session=True) as ears:
        assert ears.listen("care/#")
        with client(broker, "care-h1-pir", token, client_id="shouwang-ingest-secret", keeps_session=True) as thief:
            assert thief.is_in
            assert thief.is_left_in_peace()
            thief.say(f"{PIR}/event", b"mine")
            assert ears.hears() == (f"{PIR}/event", b"mine")
        assert ears.is_in


def test_our_hash_is_the_one_that_mosquitto_passwd_writes(tmp_path):
    file = tmp_path / "passwd"
    subprocess.run(["/usr/bin/mosquitto_passwd", "-b", "-c", str(file), "one", "secret"], check=True)
    _, hashed = file.read_text().strip().split(":")
    _, kind, iterations, salt, digest = hashed.split("$")
    assert (kind, iterations) == ("7", "101")
    assert password_hash("secret", base64.b64decode(salt)) == hashed
    assert password_hash("secret") != password_hash("secret")
    assert len(base64.b64decode(digest)) == 64


def test_files_without_an_account_of_the_service_are_refused(truth, tmp_path):
    settings = Settings(data_dir=tmp_path, mqtt_host="127.0.0.1", mosquitto_dir=str(tmp_path / "mosquitto"))
    with pytest.raises(ConfigurationError, match="mqtt_username"):
        CredentialDesk(truth, ManualClock(0), settings).publish()
