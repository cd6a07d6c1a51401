"""TLS to a real Mosquitto: the town's own authority, client certificates, and what is refused without them."""

from pathlib import Path

import pytest
from certificates import Authority
from ingest_kit import PIR, Publisher, kept_seqs, motion, running
from mosquitto_broker import MISSING, Mosquitto, is_installed
from tcp_proxy import TcpProxy

from core.clock import SystemClock
from core.errors import ConfigurationError
from ingest.broker_account import SessionSettings

pytestmark = pytest.mark.skipif(not is_installed(), reason=MISSING)


@pytest.fixture
def town(tmp_path):
    return Authority(tmp_path / "town")


@pytest.fixture
def broker(tmp_path, town):
    """Two listeners: TLS that asks for a client's certificate, and a plain one for the test's own publisher."""
    own = town.pair("broker", address="127.0.0.1")
    broker = Mosquitto(
        tmp_path / "mosquitto",
        lines=(
            f"cafile {town.ca_file}",
            f"certfile {own.cert_file}",
            f"keyfile {own.key_file}",
            "require_certificate true",
        ),
        has_plain=True,
    )
    broker.start()
    yield broker
    broker.stop()


def of_town(town, name="ingest"):
    pair = town.pair(name)
    return {"tls": True, "ca_file": town.ca_file, "cert_file": pair.cert_file, "key_file": pair.key_file}


def published(broker, seqs):
    publisher, now_ms = Publisher(broker.plain), SystemClock().now_ms()
    publisher.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in seqs))
    publisher.close()


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_readings_come_over_tls_with_the_town_s_authority_and_a_client_certificate(broker, town, journal, version):
    with running(broker, journal, version=version, **of_town(town)) as it:
        published(broker, range(2_000))
        it.until(lambda: it.session.counters.acked == 2_000)
        assert it.session.counters.faults == 0
    assert kept_seqs(journal) == list(range(2_000))


def test_a_broker_of_another_authority_is_not_spoken_to(broker, town, journal, tmp_path, caplog):
    stranger = Authority(tmp_path / "stranger")
    given = of_town(town) | {"ca_file": stranger.ca_file}
    with running(broker, journal, must_connect=False, **given) as it:
        it.until(lambda: "CERTIFICATE_VERIFY_FAILED" in caplog.text)
        assert not it.session.counters.is_connected


def test_a_broker_under_another_name_is_not_spoken_to(broker, town, journal, caplog):
    with running(broker, journal, must_connect=False, host="localhost", **of_town(town)) as it:
        it.until(lambda: "Hostname mismatch" in caplog.text or "not valid for 'localhost'" in caplog.text)
        assert not it.session.counters.is_connected


def test_without_a_client_certificate_the_broker_refuses_and_it_is_said(broker, town, journal, caplog):
    with running(broker, journal, must_connect=False, tls=True, ca_file=town.ca_file) as it:
        it.until(lambda: "no connection to the broker main" in caplog.text)
        assert not it.session.counters.is_connected


def test_a_byte_that_changes_on_the_way_is_noticed_and_no_reading_is_wrong_or_lost(broker, town, journal):
    proxy = TcpProxy(broker)
    with running(proxy, journal, **of_town(town)) as it:
        proxy.corrupt(lambda data: data[:-20] + bytes([data[-20] ^ 1]) + data[-19:])
        published(broker, range(100))
        it.until(lambda: it.session.counters.connects == 2)
        it.until(lambda: it.session.counters.admitted == 100)
        assert it.session.counters.parked == 0
    proxy.close()
    assert sorted(kept_seqs(journal)) == list(range(100))


def test_certificates_that_cannot_be_used_are_named_at_the_start_with_their_remedy(town, tmp_path):
    pair, other = town.pair("ingest"), town.pair("other")
    for files in (
        {"ca_file": str(tmp_path / "nowhere.pem")},
        {"ca_file": town.ca_file, "cert_file": pair.cert_file, "key_file": other.key_file},
        {"ca_file": town.ca_file, "cert_file": pair.cert_file, "key_file": _locked(pair.key_file)},
    ):
        with pytest.raises(ConfigurationError, match=r"(nowhere\.pem|ingest\.pem).*Remedy"):
            SessionSettings(client_id="x", tls=True, **files).tls_context()


def _locked(key_file: str) -> str:
    from cryptography.hazmat.primitives import serialization as kinds  # noqa: PLC0415  # only this test locks a key

    path = Path(key_file)
    key = kinds.load_pem_private_key(path.read_bytes(), None)
    locked = path.with_suffix(".locked")
    locked.write_bytes(
        key.private_bytes(
            kinds.Encoding.PEM, kinds.PrivateFormat.PKCS8, kinds.BestAvailableEncryption(b"a pass phrase")
        )
    )
    return str(locked)
