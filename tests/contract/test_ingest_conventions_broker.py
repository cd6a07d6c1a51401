"""Every convention through the real broker: a device may speak on its topics, and ingest listens to all of them."""

import pytest
from ingest_everywhere import EveryDevice
from ingest_kit import Publisher, running
from nats_broker import nats_broker

from app.broker import subject_of
from ingest.formats.conventions import FILTERS
from store.journal import Journal

RECORDS = {"alink/pk/dn": {"DoorOpen": "open"}}
SENT = [
    ("care/h1/door/event", b'{"open":true}', "care/h1/door"),
    ("zigbee2mqtt/h1/door", b'{"contact":false}', "zigbee2mqtt/h1/door"),
    ("homie/5/d/$state", b"ready", "homie/d"),
    ("homeassistant/device/gone/config", b"", "homeassistant/gone"),
    ("tele/board/LWT", b"Online", "tasmota/board"),
    ("stat/board/PIR1", b"ON", "tasmota/board/PIR1"),
    ("plug-aabb/online", b"true", "shelly/plug-aabb"),
    ("plug-aabb/status/switch:0", b'{"apower":7}', "shelly/plug-aabb/switch:0"),
    ("gw-aabb/events/rpc", b'{"method":"NotifyStatus","params":{"smoke:0":{"alarm":true}}}', "shelly/gw-aabb/smoke:0"),
    ("/sys/pk/dn/thing/event/property/post", b'{"params":{"DoorOpen":1}}', "alink/pk/dn/DoorOpen"),
]


def test_a_device_of_every_convention_is_heard_through_the_embedded_broker(tmp_path):
    broker = nats_broker(tmp_path)
    journal = Journal(tmp_path / "journal.db")
    publisher = Publisher(broker, broker.accounts.device)
    try:
        with running(broker, journal, directory=EveryDevice(RECORDS)) as session:
            for topic, payload, _ in SENT:
                publisher.send(topic, payload)
            session.until(lambda: session.session.counters.acked >= len(SENT))
        heard = {reading.device_id for entry in journal.read(0, 1000) for reading in entry.readings}
        assert {address.partition("/")[2] for _, _, address in SENT} <= heard
    finally:
        publisher.close()
        broker.stop()
        journal.close()


@pytest.mark.parametrize(
    ("topic_filter", "subject"),
    [
        ("care/#", "care.>"),
        ("+/events/rpc", "*.events.rpc"),
        ("/sys/+/+/thing/event/property/post", "/.sys.*.*.thing.event.property.post"),
        ("box/state", "box.state"),
    ],
)
def test_a_filter_has_its_subject_at_the_server(topic_filter, subject):
    assert subject_of(topic_filter) == subject
    assert len(FILTERS) == len(set(FILTERS))
