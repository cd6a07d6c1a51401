"""Scripts a phone network can read, and callbacks that say something about an attempt."""

from xml.etree import ElementTree as ET

import pytest

from alerts.channels.faults import without_numbers
from alerts.channels.twilio_callbacks import NO_KEY_PRESSED, pressed_key, sms_news, status_news
from alerts.channels.twilio_twiml import CHINESE, ENGLISH, call_script, farewell
from alerts.model import AttemptState
from device_sim.phone_script import ScriptError, read_script

URL = "https://care.example.cn/callbacks/twilio/t1/gather?said=3&x=1"


def parsed(text):
    return ET.fromstring(text)  # noqa: S314 - our own script


def test_a_script_asks_for_one_key_reads_twice_and_hangs_up():
    root = parsed(call_script([(CHINESE, "您好"), (ENGLISH, "Hello")], URL, key_wait_s=7))
    assert [verb.tag for verb in root] == ["Gather", "Gather", "Hangup"]
    gather = root[0]
    assert {name: gather.get(name) for name in ("numDigits", "input", "timeout", "action", "method")} == {
        "numDigits": "1",
        "input": "dtmf",
        "timeout": "7",
        "action": URL,
        "method": "POST",
    }
    assert [(say.get("language"), say.get("voice"), say.text) for say in gather] == [
        ("zh-CN", "Polly.Zhiyu-Neural", "您好"),
        ("en-US", "Polly.Joanna-Neural", "Hello"),
    ]


def test_a_farewell_hangs_up_and_words_cannot_become_verbs():
    root = parsed(farewell((CHINESE, "<Dial>+1</Dial> & \x00再见\x1b")))
    assert [verb.tag for verb in root] == ["Say", "Hangup"]
    assert root[0].text == "<Dial>+1</Dial> & 再见"


def test_the_network_reads_what_the_channel_writes():
    verbs = read_script(call_script([(CHINESE, "您好")], URL, key_wait_s=7, readings=1))
    assert [(verb.name, verb.said, verb.action, verb.key_wait_s) for verb in verbs[:1]] == [
        ("gather", ("您好",), URL, 7)
    ]
    assert verbs[1].name == "hangup"


@pytest.mark.parametrize("text", ["", "no", "<Html/>", "<Response><Dial/></Response>"])
def test_what_is_no_script_is_told(text):
    with pytest.raises(ScriptError):
        read_script(text)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", AttemptState.SUBMITTED),
        ("initiated", AttemptState.SUBMITTED),
        ("ringing", AttemptState.RINGING),
        ("in-progress", AttemptState.ANSWERED),
        ("completed", AttemptState.NO_ANSWER),
        ("busy", AttemptState.BUSY),
        ("no-answer", AttemptState.NO_ANSWER),
        ("failed", AttemptState.FAILED),
        ("canceled", AttemptState.CANCELED),
    ],
)
def test_a_call_status_has_one_meaning(status, state):
    news = status_news({"CallSid": "CA1", "CallStatus": status, "SequenceNumber": "3"}, 7)
    assert (news.state, news.sequence, news.provider_id, news.at_ms) == (state, 3, "CA1", 7)
    assert (news.detail == NO_KEY_PRESSED) == (status == "completed")


@pytest.mark.parametrize(
    ("status", "state"),
    [("sent", AttemptState.SUBMITTED), ("delivered", AttemptState.DELIVERED), ("undelivered", AttemptState.FAILED)],
)
def test_a_text_status_has_one_meaning_and_a_failure_its_code(status, state):
    news = sms_news({"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": "30003"}, 7)
    assert (news.state, news.sequence, news.provider_id) == (state, -1, "SM1")
    assert news.detail == ("undelivered, ErrorCode 30003" if state is AttemptState.FAILED else "")


def test_an_unknown_status_says_nothing():
    assert status_news({"CallStatus": "teleported"}, 7) is None
    assert status_news({}, 7) is None
    assert sms_news({"MessageStatus": "teleported"}, 7) is None


@pytest.mark.parametrize("sequence", ["", "-1", "x", "²", "1.5"])
def test_a_sequence_that_is_no_number_gives_no_order(sequence):
    assert status_news({"CallStatus": "ringing", "SequenceNumber": sequence}, 7).sequence == -1


@pytest.mark.parametrize(("digits", "key"), [("1", "1"), ("*", "*"), ("", ""), ("12", ""), ("x", ""), ("１", "")])
def test_only_one_key_of_a_phone_counts(digits, key):
    assert pressed_key({"Digits": digits}) == key


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Invalid 'To' Phone Number: +8613800000001", "Invalid 'To' Phone Number: [number]"),
        ("HTTP 400 code 21211: 138-0000-0001 is bad", "HTTP 400 code 21211: [number] is bad"),
        ("line one\nline two", "line one line two"),
        ("no number", "no number"),
    ],
)
def test_errors_lose_their_numbers(words, shown):
    assert without_numbers(words) == shown
