"""The native convention: single readings, packs of ours and SenML packs (RFC 8428)."""

import pytest
from fixture_rows import NOW_MS
from formats_kit import Ear

from core.log import ParkReason
from ingest.raw import UnreadableError

TOPIC = "care/h1/gateway/senml"
NOW_S = NOW_MS // 1000


def said(payload, **more):
    return [
        (one.address, one.metric.value, one.value, one.observed_at_ms) for one in Ear().readings(TOPIC, payload, **more)
    ]


def test_base_fields_hold_until_they_are_replaced():
    pack = [
        {"bn": "water/", "bt": NOW_S, "bu": "m3", "n": "water_total", "v": 1.5},
        {"n": "water_total", "v": 1.75, "t": 60},
        {"bn": "door/", "bu": "", "n": "open", "vb": True, "t": 61},
    ]
    assert said(pack) == [
        ("care/h1/water", "water_total", 1500.0, NOW_MS),
        ("care/h1/water", "water_total", 1750.0, NOW_MS + 60_000),
        ("care/h1/door", "open", True, NOW_MS + 61_000),
    ]


def test_a_base_value_is_added_and_a_time_below_two_to_the_28_counts_from_arrival():
    assert said([{"bn": "meter/", "bv": 1000, "n": "energy_total", "u": "Wh", "v": 2, "t": -30}]) == [
        ("care/h1/meter", "energy_total", 1002.0, NOW_MS - 30_000)
    ]


def test_a_record_without_a_time_has_none():
    assert said([{"n": "motion", "vb": True}]) == [("care/h1/gateway", "motion", True, None)]


@pytest.mark.parametrize(
    ("metric", "unit", "value", "ours"),
    [
        ("water_total", "l", 7, 7.0), ("water_flow", "m3/s", 0.0001, 360.0), ("temperature", "Cel", 21.5, 21.5),
        ("battery", "%EL", 80, 80.0), ("energy_total", "J", 7200, 2.0), ("power", "kW", 1.5, 1500.0), ("power", "", 9, 9.0),
    ],
)  # fmt: skip
def test_senml_units_become_ours(metric, unit, value, ours):
    assert said([{"bver": 10, "n": metric, "u": unit, "v": value}])[0][2] == ours


def test_a_truth_may_be_written_as_a_number():
    assert said([{"bn": "", "n": "wet", "v": 1}])[0][2] is True


def test_a_senml_pack_is_known_by_its_fields_on_the_event_topic_too():
    found = Ear().readings("care/h1/door/event", [{"n": "open", "vb": True}])
    assert [(one.address, one.metric) for one in found] == [("care/h1/door", "open")]


def test_a_sum_alone_is_no_reading_but_the_rest_of_the_pack_is():
    assert len(said([{"bn": "", "n": "power", "s": 12.0}, {"n": "power", "v": 3}])) == 1


def test_a_retained_pack_is_state_only():
    (one,) = Ear().readings(TOPIC, [{"n": "motion", "vb": True}], retain=True)
    assert one.is_replay


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"n": "water_total", "u": "W", "v": 1}, ParkReason.UNKNOWN_UNIT),
        ({"n": "colour", "v": 1}, ParkReason.UNKNOWN_MEANING),
        ({"n": "care/h2/door/open", "vb": True}, ParkReason.UNKNOWN_DEVICE),  # a gateway speaks for its own home
        ({"n": "../h2/door/open", "vb": True}, ParkReason.UNKNOWN_DEVICE),
        ({"bver": 11, "n": "power", "v": 1}, ParkReason.UNDECODABLE),
        ({"n": "power", "v": 1, "must_": 1}, ParkReason.UNDECODABLE),
        ({"n": "power", "v": "1"}, ParkReason.ABSURD_VALUE),
        ({"n": "power", "v": 10**300}, ParkReason.ABSURD_VALUE),
        ({"n": "power", "bt": 1e300, "t": 1e300, "v": 1}, ParkReason.ABSURD_VALUE),
        ({"n": 7, "v": 1}, ParkReason.UNDECODABLE),
        ({"bn": "x", "n": "open"}, ParkReason.UNDECODABLE),
    ],
)
def test_a_record_that_may_not_be_read_refuses_the_pack_with_its_reason(record, reason):
    assert Ear().refusal(TOPIC, [record])[0] is reason


def test_a_pack_of_ours_whose_topic_is_senml_must_be_senml():
    assert Ear().refusal(TOPIC, {"motion": True})[0] is ParkReason.UNDECODABLE


@pytest.mark.parametrize("payload", [b'{"power":' + b"9" * 400 + b"}", b'{"motion":true,"ts":' + b"9" * 400 + b"}"])
def test_a_number_larger_than_any_float_is_absurd(payload):
    assert Ear().refusal("care/h1/meter/event", payload)[0] in {ParkReason.ABSURD_VALUE, ParkReason.ABSURD_TIME}


def test_json_nested_deeper_than_anybody_means_is_refused():
    assert Ear().refusal("care/h1/meter/event", b"[" * 100_000)[0] is ParkReason.UNDECODABLE


@pytest.mark.parametrize(
    ("wrong", "meant"), [("Motion", "motion"), ("temprature", "temperature"), ("water_totall", "water_total")]
)
def test_a_mistyped_metric_is_answered_with_the_one_that_was_probably_meant(wrong, meant):
    with pytest.raises(UnreadableError) as found:
        Ear().readings("care/h1/door/event", f'{{"{wrong}": 1}}'.encode())
    assert f"do you mean {meant}?" in found.value.detail


def test_a_name_that_is_near_no_metric_is_answered_with_none():
    with pytest.raises(UnreadableError) as found:
        Ear().readings("care/h1/door/event", b'{"zzzz": 1}')
    assert "do you mean" not in found.value.detail


def test_a_mistyped_metric_is_named_escaped_and_cut():
    with pytest.raises(UnreadableError, match=r"no metric that we know: 'opne' \(do you mean open\?\)"):
        Ear().readings("care/h1/door/event", b'{"ts": 1709000000000, "opne": true}')
    long = "\\u0007" + "x" * 5_000
    with pytest.raises(UnreadableError) as found:
        Ear().readings("care/h1/door/event", f'{{"{long}": 1}}'.encode())
    assert "\a" not in found.value.detail
    assert len(found.value.detail) < 100
