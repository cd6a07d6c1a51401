"""Devices with credentials of their own at the real embedded broker: each below its own prefix, and nobody else's."""

import stat
from contextlib import contextmanager

import pytest
from ingest_kit import PIR, running
from mqtt_client import WAIT_S, client

from app.broker import EmbeddedBroker
from app.credentials import CredentialDesk
from app.settings import Settings
from core.clock import ManualClock
from core.errors import ConflictError, NotFoundError
from registry.credentials import Credential, topics_of, username_of
from store.cipher import FieldCipher
from store.journal import Journal
from store.truth.database import Truth

DOOR = "care/h1/door"


@pytest.fixture
def desk(tmp_path):
    truth = Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))
    yield CredentialDesk(truth, ManualClock(1_790_000_000_000), Settings(data_dir=tmp_path))
    truth.close()


def credential(address, **more):
    publish, subscribe = topics_of(address)
    return Credential(username=username_of(address), **{"publish": publish, "subscribe": subscribe} | more)


@contextmanager
def listener(broker, topic="#"):
    account = broker.accounts.ingest
    with client(broker, account.username, account.password) as one:
        assert one.listen(topic)
        yield one


def test_a_device_speaks_below_its_own_prefix_and_for_nobody_else(broker, desk):
    token = desk.issue(credential(PIR), "account:zhang")
    with listener(broker, "care/#") as ears, client(broker, "care-h1-pir", token) as device:
        assert device.is_in
        for foreign in (f"{DOOR}/event", "care/h1/pirate/event", "care/h2/pir/event", "tele/board/SENSOR"):
            device.say(foreign, b"forged")
        device.say(f"{PIR}/event", b"mine")
        assert ears.hears() == (f"{PIR}/event", b"mine")
        assert ears.is_left_in_peace()


def test_a_device_hears_nobody_not_even_by_a_wildcard_or_the_brokers_own_topics(broker, desk):
    token = desk.issue(credential(PIR), "account:zhang")
    other = desk.issue(credential(DOOR), "account:zhang")
    with client(broker, "care-h1-pir", token) as spy, client(broker, "care-h1-door", other) as door:
        for topic in ("#", "care/#", f"{DOOR}/event", "$MQTT/#", "$SYS/#", "+/+/+/+", "shouwang/#"):
            spy.client.subscribe(topic, 1)
        door.say(f"{DOOR}/event", b"private")
        assert spy.is_left_in_peace()


def test_a_gateway_has_everything_below_it_and_hears_its_own_commands(broker, desk):
    token = desk.issue(credential("zigbee2mqtt/h1"), "account:zhang")
    account = broker.accounts.ingest
    with (
        listener(broker, "zigbee2mqtt/#") as ears,
        client(broker, "zigbee2mqtt-h1", token) as gateway,
        client(broker, account.username, account.password) as service,
    ):
        assert gateway.listen("zigbee2mqtt/h1/+/set")
        gateway.say("zigbee2mqtt/h1/pir.2/availability", b"online")
        assert ears.hears() == ("zigbee2mqtt/h1/pir.2/availability", b"online")
        service.say("zigbee2mqtt/h1/plug/set", b"OFF")
        assert gateway.hears() == ("zigbee2mqtt/h1/plug/set", b"OFF")


def test_a_wrong_token_and_a_rotated_one_are_refused_and_the_connection_of_the_old_one_is_closed(broker, desk):
    first = desk.issue(credential(PIR), "account:zhang")
    with client(broker, "care-h1-pir", "guessed") as stranger:
        assert not stranger.is_in
    with client(broker, "care-h1-pir", first) as device:
        second = desk.rotate("care-h1-pir", "account:zhang")
        assert device.ended.wait(WAIT_S)
    with client(broker, "care-h1-pir", first) as late, client(broker, "care-h1-pir", second) as fresh:
        assert (late.is_in, fresh.is_in) == (False, True)


def test_a_revoked_device_is_put_off_at_once_and_stays_out_over_a_restart(broker, desk, tmp_path):
    token = desk.issue(credential(PIR), "account:zhang")
    kept = desk.issue(credential(DOOR), "account:zhang")
    with client(broker, "care-h1-pir", token) as device, client(broker, "care-h1-door", kept) as other:
        desk.revoke("care-h1-pir")
        assert device.ended.wait(WAIT_S)
        assert other.is_in
    broker.stop()
    broker.start()
    with client(broker, "care-h1-pir", token) as device, client(broker, "care-h1-door", kept) as other:
        assert (device.is_in, other.is_in) == (False, True)
    with pytest.raises(NotFoundError):
        desk.rotate("care-h1-pir", "account:zhang")


def test_issuing_a_credential_disturbs_no_connection_that_is_there(broker, desk, tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    with running(broker, journal) as it:
        token = desk.issue(credential(PIR), "account:zhang")
        with client(broker, "care-h1-pir", token) as device:
            assert device.is_in
            device.say(f"{PIR}/event", b'{"motion":true}')
            it.until(lambda: it.session.counters.admitted == 1)
        assert it.session.counters.connects == 1
    journal.close()


def test_a_device_cannot_take_the_ingest_sessions_place_without_its_secret_name_and_cannot_learn_it(
    broker, desk, tmp_path
):
    journal = Journal(tmp_path / "journal.sqlite")
    secret = "shouwang-ingest-5a2f0c1d9e8b7a6f5e4d3c2b"
    token = desk.issue(credential(PIR), "account:zhang")
    with running(broker, journal, client_id=secret) as it:
        for guess in ("ingest", "shouwang-ingest", "shouwang-ingest-", "shouwang", secret.upper()):
            with client(broker, "care-h1-pir", token, client_id=guess, keeps_session=True) as thief:
                for topic in ("$MQTT/sess/#", "$MQTT/JSA/#", "$SYS/#", "$JS/#"):
                    thief.client.subscribe(topic, 1)
                assert thief.is_left_in_peace()
        with client(broker, "care-h1-pir", token) as device:
            assert device.is_in
            device.say(f"{PIR}/event", b'{"motion":true}')
            it.until(lambda: it.session.counters.admitted == 1)
        assert it.session.counters.connects == 1
    journal.close()


def test_tokens_are_long_differ_and_stand_in_files_of_their_owner_only(broker, desk, tmp_path):
    tokens = {desk.issue(credential(f"care/h1/d{number}"), "account:zhang") for number in range(5)}
    assert {len(token) for token in tokens} == {43}
    for name in ("device-users.json", "nats-server.json"):
        mode = stat.S_IMODE((tmp_path / "broker" / name).stat().st_mode)
        assert mode == 0o600
    database = (tmp_path / "truth.sqlite").read_bytes() + (tmp_path / "truth.sqlite-wal").read_bytes()
    assert not any(token.encode() in database for token in tokens)


def test_the_shared_account_can_be_closed(tmp_path, desk):
    broker = EmbeddedBroker(tmp_path / "broker", has_shared_account=False)
    broker.start()
    try:
        token = desk.issue(credential(PIR), "account:zhang")
        shared = broker.accounts.device
        with client(broker, shared.username, shared.password) as old, client(broker, "care-h1-pir", token) as device:
            assert (old.is_in, device.is_in) == (False, True)
    finally:
        broker.stop()


def test_two_devices_never_have_a_topic_in_common(desk):
    desk.issue(credential("care/h1"), "account:zhang")
    for address in (PIR, "care/h1"):
        with pytest.raises(ConflictError):
            desk.issue(credential(address), "account:zhang")
    desk.revoke("care-h1")
    assert desk.issue(credential(PIR), "account:zhang")
    assert [(one.username, one.revoked_at_ms is None) for one in desk.known()] == [
        ("care-h1", False),
        ("care-h1-pir", True),
    ]
