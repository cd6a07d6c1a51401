"""Which topics a device may have: its own prefix, never everybody's, never another's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from core.errors import ConflictError
from registry.credentials import Credential, check, overlap, topics_of, username_of

LEVELS = st.lists(st.sampled_from(["a", "b", "+"]), min_size=1, max_size=4)
FILTERS = st.builds(lambda levels, has_rest: "/".join([*levels, "#"] if has_rest else levels), LEVELS, st.booleans())
TOPICS = st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=5).map("/".join)


@given(FILTERS, FILTERS, TOPICS)
def test_filters_that_match_one_topic_overlap(one, other, topic):
    if topic_matches_sub(one, topic) and topic_matches_sub(other, topic):
        assert overlap(one, other)
        assert overlap(other, one)


@pytest.mark.parametrize(
    ("one", "other", "is_shared"),
    [
        ("care/h1/#", "care/h1", True),
        ("care/h1/#", "care/h1/pir/#", True),
        ("care/h1/#", "care/h10/#", False),
        ("care/+/pir", "care/h1/door", False),
        ("care/+/pir", "care/h1/pir", True),
        ("a/b", "a/b/c", False),
        ("/sys/a/#", "/sys/b/#", False),
    ],
)
def test_what_overlaps(one, other, is_shared):
    assert overlap(one, other) is overlap(other, one) is is_shared


@pytest.mark.parametrize(
    "topic",
    [
        "#",
        "+/h1/#",
        "$SYS/#",
        "shouwang/clock",
        "",
        "/",
        "/#",
        "care/h1/#/x",
        "care/h1#",
        "care/a+b",
        "care/\n",
        "$share/g/care/#",
    ],
)
def test_no_device_has_what_is_everybodys_or_the_brokers(topic):
    with pytest.raises(ConflictError):
        check(Credential(username="d", publish=(topic,)), ())
    with pytest.raises(ConflictError):
        check(Credential(username="d", publish=("care/h1/d/#",), subscribe=(topic,)), ())


@pytest.mark.parametrize("username", ["", "ingest", "device", "simulator", "a b", "a:b", "-a", "a" * 101])
def test_some_names_are_no_devices(username):
    with pytest.raises(ConflictError):
        check(Credential(username=username, publish=("care/h1/d/#",)), ())


@pytest.mark.parametrize(
    ("address", "publish", "subscribe"),
    [
        ("care/h1/pir", ("care/h1/pir/#",), ()),
        ("zigbee2mqtt/h1", ("zigbee2mqtt/h1/#",), ("zigbee2mqtt/h1/#",)),
        ("tasmota/board", ("tele/board/#", "stat/board/#"), ("cmnd/board/#",)),
        ("shelly/shellyflood-aabb", ("shellyflood-aabb/#",), ("shellyflood-aabb/#",)),
        ("alink/pk/dn", ("/sys/pk/dn/thing/#",), ("/sys/pk/dn/thing/#",)),
    ],
)
def test_each_convention_has_its_own_prefix(address, publish, subscribe):
    assert topics_of(address) == (publish, subscribe)
    check(Credential(username=username_of(address), publish=publish, subscribe=subscribe), ())


@pytest.mark.parametrize("address", ["care", "care/", "mystery/x"])
def test_an_address_that_names_no_device_has_no_topics(address):
    with pytest.raises(ConflictError):
        topics_of(address)
