"""A device that announces topics of its own is heard on them: at real brokers, over restarts, up to a limit."""

import json

import pytest
from ingest_directory import DirectoryInMemory
from ingest_kit import Publisher, running

from app.adapters import announced_room
from app.broker import Account
from app.credentials import CredentialDesk
from app.settings import Settings
from core.clock import ManualClock
from core.log import ParkReason
from ingest.admission import Admission
from ingest.formats.announced import MAX_ANNOUNCED
from ingest.formats.conventions import FILTERS
from registry.credentials import Credential, topics_of
from store.cipher import FieldCipher
from store.definitions import DefinitionFile
from store.journal import Journal
from store.truth.database import Truth

NOW_MS = 1_790_000_000_000
BOX = "homeassistant/box1"


def config(state="box1/state", availability="box1/status", number=1):
    door = {
        "p": "binary_sensor",
        "device_class": "door",
        "value_template": "{{ value_json.door }}",
        "unique_id": "door",
    }
    return json.dumps(
        {
            "dev": {"ids": f"box{number}"},
            "o": {"name": "acme"},
            "cmps": {"door": door},
            "state_topic": state,
            "availability_topic": availability,
        }
    ).encode()


@pytest.fixture
def device(broker, tmp_path):
    truth = Truth(tmp_path / "truth.sqlite", FieldCipher(b"k" * 32))
    publish, subscribe = topics_of(BOX)
    credential = Credential(username="box1", publish=publish, subscribe=subscribe)
    token = CredentialDesk(truth, ManualClock(NOW_MS), Settings(data_dir=tmp_path)).issue(credential, "account:zhang")
    truth.close()
    one = Publisher(broker, Account("box1", token))
    yield one
    one.close()


def kept(journal):
    return [(one.metric, one.value) for entry in journal.read(0, 100) for one in entry.readings]


def test_a_device_with_topics_of_its_own_is_heard_from_its_config_on_and_after_a_restart(broker, device, tmp_path):
    journal, definitions = Journal(tmp_path / "journal.sqlite"), DefinitionFile(tmp_path / "definitions.sqlite")

    def admission():
        return Admission(DirectoryInMemory(BOX), journal.recent_readings(100), FILTERS, definitions)

    with running(broker, journal, admission=admission()) as it:
        device.send("homeassistant/device/box1/config", config())
        it.until(lambda: it.session._admission.conventions.announced.topics == ("box1/state", "box1/status"))

        def is_heard():
            device.send("box1/state", b'{"door":"ON"}')  # until the broker has the new subscription
            return it.session.counters.admitted > 0

        it.until(is_heard)
    before = len(kept(journal))
    device.send("box1/state", b'{"door":"OFF"}')
    with running(broker, journal, admission=admission()) as it:
        it.until(lambda: ("open", False) in kept(journal)[before:])
        device.send("box1/status", b"offline")
        it.until(lambda: ("online", False) in kept(journal))
    journal.close()
    definitions.close()


def door(limit=MAX_ANNOUNCED):
    return Admission(DirectoryInMemory(BOX), topics=FILTERS, max_announced=limit)


def admit(admission, topic, payload):
    parked = admission.admit(topic, payload, retain=False, received_at_ms=NOW_MS).parked
    admission.keep_definitions()
    return parked


def test_above_the_limit_a_config_is_parked_with_what_to_do_and_a_device_that_goes_makes_room():
    admission, told = door(limit=2), []
    admission.on_announced = told.append
    assert admit(admission, "homeassistant/device/box1/config", config()) is None
    late = admit(admission, "homeassistant/device/box2/config", config("b2/state", "b2/status", 2))
    assert late.reason is ParkReason.UNKNOWN_TOPIC
    assert "2 topics are announced already; add a filter for it to mqtt_topics" in late.detail
    admit(admission, "homeassistant/device/box1/config", b"")
    assert admit(admission, "homeassistant/device/box3/config", config("b3/state", "b3/status", 3)) is None
    assert told == [("box1/state", "box1/status"), (), ("b3/state", "b3/status")]


@pytest.mark.parametrize("topic", ["shouwang/clock", "$SYS/broker", "box/#", "box/+/state", "x" * 301])
def test_nobody_has_us_listen_to_ourselves_to_the_broker_or_to_everybody(topic):
    admission = door()
    parked = admit(admission, "homeassistant/device/box1/config", config(topic))
    assert parked.reason is ParkReason.UNKNOWN_TOPIC
    assert topic not in admission.conventions.announced.topics


def test_what_a_filter_covers_already_is_not_asked_for_again():
    admission = door()
    admit(admission, "homeassistant/device/box1/config", config("zigbee2mqtt/x", "tele/x/LWT"))
    assert admission.conventions.announced.topics == ()


def test_the_embedded_brokers_room_is_what_its_flow_control_leaves(tmp_path):
    assert announced_room(Settings(data_dir=tmp_path), FILTERS) == 12
    assert announced_room(Settings(data_dir=tmp_path, mqtt_host="broker"), FILTERS) == MAX_ANNOUNCED
