"""One connection against a broker that says odd things: refusals are said, limits are kept, nothing is believed."""

import pytest
from ingest_directory import DirectoryInMemory
from ingest_kit import PIR, kept_seqs, motion, running
from scripted_broker import ScriptedBroker

from app.watches import unheard_notices
from core.clock import SystemClock
from ingest import mqtt_packets as mqtt
from ingest.admission import Admission

CONNECT, SUBSCRIBE, PINGREQ, PUBLISH, PUBACK = 0x10, 0x80, 0xC0, 0x30, 0x40
ACCEPTED = {"3.1.1": b"\x20\x02\x00\x00", "5": b"\x20\x03\x00\x00\x00"}
GRANTED = {"3.1.1": b"\x90\x03\x00\x01\x01", "5": b"\x90\x04\x00\x01\x00\x01"}
WELL = {CONNECT: ACCEPTED["3.1.1"], SUBSCRIBE: GRANTED["3.1.1"], PINGREQ: b"\xd0\x00"}
ONE = {"topics": ("care/#",)}


@pytest.fixture
def said():
    """Make brokers with a script each, and close them."""
    brokers = []

    def make(script):
        brokers.append(ScriptedBroker(script))
        return brokers[-1]

    yield make
    for broker in brokers:
        broker.close()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (WELL | {CONNECT: b"\x20\x02\x00\x01"}, "does not speak this version"),
        (WELL | {CONNECT: b"\x20\x03\x00\x87\x00"}, "not authorised"),
        (WELL | {CONNECT: b"\x20\x05\x00\x00\x02\x24\x00"}, "offers no QoS 1"),
        (WELL | {SUBSCRIBE: b"\x90\x03\x00\x01\x80"}, "homes would be left unheard"),
        (WELL | {SUBSCRIBE: b"\x90\x03\x00\x01\x00"}, "homes would be left unheard"),
        (WELL | {SUBSCRIBE: b"\x90\x04\x00\x01\x01\x01"}, "nobody asked for"),
        (WELL | {SUBSCRIBE: b"\x90\x03\x00\x02\x01"}, "nobody asked for"),
        (WELL | {CONNECT: b"\x30\x03\x00\x01t"}, "before the broker has accepted"),
        (WELL | {CONNECT: b"\x90\x03\x00\x01\x01"}, "nobody asked for"),
        (WELL | {SUBSCRIBE: ACCEPTED["3.1.1"]}, "nobody asked for"),
        ({CONNECT: ACCEPTED["5"], SUBSCRIBE: GRANTED["5"] + b"\xe0\x01\x8b"}, "shuts down"),
    ],
)
def test_a_broker_that_does_not_serve_us_is_left_and_the_log_says_why(said, journal, caplog, script, words):
    version = "5" if script[CONNECT][1] > 2 and script[CONNECT][0] == 0x20 else "3.1.1"
    with running(said(script), journal, must_connect=False, version=version, **ONE) as it:
        it.until(lambda: words in caplog.text)
        assert it.session.counters.acked == 0


def test_a_broker_that_never_answers_is_left(said, journal, caplog, monkeypatch):
    monkeypatch.setattr("ingest.link.READY_S", 0.5)
    with running(said({}), journal, must_connect=False, **ONE) as it:
        it.until(lambda: "does not answer within" in caplog.text)


def test_a_broker_that_answers_no_ping_is_left_by_the_keepalive_it_asked_for(said, journal, caplog):
    asked = b"\x20\x06\x00\x00\x03\x13\x00\x01"  # its Server Keep Alive: one second
    script = {CONNECT: asked, SUBSCRIBE: GRANTED["5"]}
    with running(said(script), journal, version="5", **ONE) as it:
        it.until(lambda: "has not answered for 1 s" in caplog.text)
        it.until(lambda: it.session.counters.connects >= 2)


def test_a_message_of_qos_0_is_kept_and_nobody_waits_for_an_acknowledgement(said, journal):
    broker, now_ms = said(WELL), SystemClock().now_ms()
    with running(broker, journal, **ONE) as it:
        broker.say(mqtt.publish("3.1.1", f"{PIR}/event", motion(now_ms, 1), 0))
        broker.say(mqtt.publish("3.1.1", f"{PIR}/event", motion(now_ms, 2), 700))
        it.until(lambda: it.session.counters.admitted == 2)
        it.until(lambda: it.session.counters.acked == 1)
        while (heard := broker.heard.get(timeout=30))[0] != PUBACK:
            pass
        assert heard == (PUBACK, (700).to_bytes(2, "big"))
    assert kept_seqs(journal) == [1, 2]


def test_what_is_published_stays_within_what_the_broker_can_take(said, journal):
    script = {CONNECT: b"\x20\x06\x00\x00\x03\x21\x00\x02", SUBSCRIBE: GRANTED["5"], PINGREQ: b"\xd0\x00"}
    broker = said(script)
    with running(broker, journal, version="5", **ONE) as it:
        for number in range(4):
            it.session.publish("t", bytes([number]))
        sent = [broker.heard.get(timeout=30) for _ in range(4)]
        assert [kind for kind, _ in sent] == [CONNECT, SUBSCRIBE, PUBLISH, PUBLISH]
        broker.say(b"\x40\x02\x00\x02\x40\x02\x00\x03\xd0\x00" + mqtt.publish("5", "x", b"", 9))
        it.until(lambda: it.session.counters.acked == 1)  # so the answers before it have been read
        assert broker.heard.get(timeout=30)[0] == PUBACK
        it.session.publish("t", b"again")
        assert broker.heard.get(timeout=30)[1].endswith(b"again")


def test_an_announced_topic_that_the_broker_refuses_is_known_until_nobody_announces_it(said, journal):
    broker = said(WELL)
    admission = Admission(DirectoryInMemory(PIR))
    with running(broker, journal, admission=admission, **ONE) as it:
        admission.on_announced(("box1/state", "box1/status"))
        while broker.heard.get(timeout=30)[1][:2] != b"\x00\x02":
            pass
        broker.say(b"\x90\x04\x00\x02\x80\x01")
        it.until(lambda: it.session.counters.unheard == (("main", "box1/state"),))
        (notice,) = unheard_notices(it.session.counters)
        assert "1 topics that devices announced are refused by the broker" in notice
        assert "box1" not in notice  # it may hold a name; the page of parked messages says it to who may see that
        admission.on_announced(("box1/status",))
        it.until(lambda: it.session.counters.unheard == ())
        assert unheard_notices(it.session.counters) == []


def test_a_goodbye_is_said_when_the_session_ends(said, journal):
    broker = said(WELL)
    with running(broker, journal, **ONE):
        pass
    assert [broker.heard.get(timeout=30)[0] for _ in range(3)] == [CONNECT, SUBSCRIBE, 0xE0]
