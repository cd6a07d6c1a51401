"""Alink property posts: names are the maker's, so nothing is read without the install record."""

import pytest
from formats_kit import Ear

from core.log import ParkReason

TOPIC = "/sys/pk/box/thing/event/property/post"


def post(**params):
    return {"id": "1", "version": "1.0", "params": params, "method": "thing.event.property.post"}


def test_a_property_is_read_as_the_install_record_says_at_its_own_time():
    ear = Ear(alink__pk__box={"DoorState": "not open"})
    (one,) = ear.readings(TOPIC, post(DoorState={"value": 0, "time": 1_795_392_120_000}, Signal={"value": 3}))
    assert (one.address, one.part, one.value, one.observed_at_ms) == (
        "alink/pk/box",
        "DoorState",
        True,
        1_795_392_120_000,
    )


def test_a_bare_value_is_read_too():
    assert Ear(alink__pk__box={"Power": "kW"}).hear(TOPIC, post(Power=1.5)) == {"Power power": 1500.0}


def test_a_batch_gives_each_sample():
    ear = Ear(alink__pk__box={"Water": "m³"})
    samples = [{"value": n, "time": 1_795_392_120_000 + n} for n in (1, 2)]
    topic = "/sys/pk/box/thing/event/property/batch/post"
    found = ear.readings(topic, post(properties={"Water": samples}))
    assert [(one.value, one.observed_at_ms) for one in found] == [
        (1000.0, 1_795_392_120_001),
        (2000.0, 1_795_392_120_002),
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (post(DoorOpen={"value": 1}), ParkReason.UNKNOWN_MEANING),
        ({"params": [1]}, ParkReason.UNDECODABLE),
        ({"id": "1"}, ParkReason.UNDECODABLE),
    ],
)
def test_a_post_of_which_nothing_is_known_is_refused(body, reason):
    assert Ear().refusal(TOPIC, body)[0] is reason


@pytest.mark.parametrize(
    "topic", ["/sys/pk/box/thing/event/property/post_reply", "/sys//box/thing/event/property/post"]
)
def test_other_topics_are_not_its_own(topic):
    assert Ear().refusal(topic, post())[0] is ParkReason.UNKNOWN_TOPIC
