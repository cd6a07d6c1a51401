"""What several contracts are held against: a real broker, a journal, a truth database; a file may have its own."""

import pytest
from device_intake import Intake
from influx_script import InfluxScript
from ingest_kit import Publisher
from nats_broker import nats_broker
from two_villages import TwoVillages

from store.cipher import FieldCipher
from store.journal import Journal
from store.truth.database import Truth


@pytest.fixture
def broker(tmp_path):
    broker = nats_broker(tmp_path)
    yield broker
    broker.stop()


@pytest.fixture
def publisher(broker):
    publisher = Publisher(broker)
    yield publisher
    publisher.close()


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.db")
    yield journal
    journal.close()


@pytest.fixture
def truth(tmp_path):
    truth = Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))
    yield truth
    truth.close()


@pytest.fixture
def server():
    """A time-series server that follows a script."""
    server = InfluxScript()
    yield server
    server.stop()


@pytest.fixture
def villages(tmp_path):
    with TwoVillages.at(tmp_path) as villages:
        yield villages


@pytest.fixture
def intake(tmp_path):
    """A door that devices speak to, and the keeper of what nobody knows."""
    intake = Intake(tmp_path)
    yield intake
    intake.close()
