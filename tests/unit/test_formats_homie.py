"""Homie 5 and 4: what a description makes clear, what stays unclear, and whose death a root's is."""

import pytest
from formats_kit import Ear

from core.log import ParkReason


def described(ear, **properties):
    """Describe device `d` with a node `n`."""
    body = {"homie": "5.0", "version": 1, "nodes": {"n": {"name": "", "properties": properties}}}
    ear.hear("homie/5/d/$description", body, retain=True)
    return ear


def boolean(**more):
    return {"datatype": "boolean", **more}


def number(unit="", **more):
    return {"datatype": "float", "unit": unit, **more}


@pytest.mark.parametrize(
    ("name", "stated", "payload", "heard"),
    [
        ("open", boolean(), "true", {"open": True}),
        ("open", boolean(format="closed,open"), "false", {"open": False}),
        ("door", boolean(format="open,closed"), "true", {"open": False}),
        ("closed", boolean(), "true", {"open": False}),
        ("contact", boolean(format="closed,open"), "true", {"open": True}),
        ("s1", boolean(name="Movement in the kitchen"), "true", {"motion": True}),
        ("water-leak", boolean(), "true", {"wet": True}),
        ("smoke", boolean(format="smoke,clear"), "true", {"smoke": False}),
        ("low-battery", boolean(), "true", {"battery_low": True}),
        ("lock", {"datatype": "enum", "format": "open,closed"}, "open", {"open": True}),
        ("relay", boolean(settable=True), "true", {}),
        ("humidity", number("%"), "40", {}),
        ("battery", number("%"), "87", {"battery": 87.0}),
        ("volume", number("L"), "12.5", {"water_total": 12.5}),
        ("gas-volume", number("m³"), "12.5", {}),
        ("flow", number("m³/h"), "0.5", {"water_flow": 500.0}),
        ("imported", number("kWh"), "61.25", {"energy_total": 61_250.0}),
        ("exported", number("kWh"), "61.25", {}),
        ("temperature", number("°F"), "68", {"temperature": 20.0}),
        ("setpoint", number("°C", settable=True), "21", {}),
        ("noise", number("dB"), "60", {}),
    ],
)
def test_a_property_is_read_by_datatype_unit_and_name(name, stated, payload, heard):
    ear = described(Ear(), **{name: stated})
    assert ear.hear(f"homie/5/d/n/{name}", payload) == {f"n {metric}": value for metric, value in heard.items()}


@pytest.mark.parametrize(("name", "stated"), [("contact", boolean()), ("water", number()), ("energy", number())])
def test_what_a_description_leaves_unclear_is_refused_until_the_install_record_says_it(name, stated):
    ear = described(Ear(), **{name: stated})
    assert ear.refusal(f"homie/5/d/n/{name}", "1")[0] is ParkReason.UNKNOWN_MEANING
    ear.install("homie/d", **{f"n/{name}": "open" if name == "contact" else "kWh"})
    assert len(ear.hear(f"homie/5/d/n/{name}", "true" if name == "contact" else "1")) == 1


def test_a_value_that_comes_before_its_description_is_refused():
    assert Ear().refusal("homie/5/d/n/open", "true")[0] is ParkReason.UNKNOWN_MEANING


@pytest.mark.parametrize("payload", ["True", "1", "yes", "nan", "1_0", " true", b"\xff"])
def test_a_value_that_is_not_written_as_homie_writes_it_is_refused(payload):
    ear = described(Ear(), open=boolean(), power=number("W"))
    reasons = {ParkReason.ABSURD_VALUE, ParkReason.UNDECODABLE}
    assert ear.refusal("homie/5/d/n/open", payload)[0] in reasons
    if payload != "1":
        assert ear.refusal("homie/5/d/n/power", payload)[0] in reasons


def test_of_two_doors_in_one_device_neither_speaks_for_it_but_every_leak_does():
    ear = described(Ear(), door1=boolean(name="door"), door2=boolean(name="door"), leak1=boolean(name="leak"))
    (door,) = ear.readings("homie/5/d/n/door1", "true")
    (leak,) = ear.readings("homie/5/d/n/leak1", "true")
    assert (door.is_main, leak.is_main) == (False, True)


def test_the_death_of_a_root_is_the_death_of_its_children():
    ear = Ear()
    ear.hear("homie/5/child/$description", {"root": "bridge", "nodes": {}}, retain=True)
    found = ear.readings("homie/5/bridge/$state", "lost")
    assert {(one.address, one.metric.value, one.value) for one in found} == {
        ("homie/bridge", "online", False),
        ("homie/child", "online", False),
    }


def test_alerts_are_told_together_and_end_when_they_are_deleted():
    ear = Ear()
    assert ear.hear("homie/5/d/$alert/battery", "low, at 8%") == {"device_alert": "battery"}
    assert ear.hear("homie/5/d/$alert/lid", "open") == {"device_alert": "battery,lid"}
    assert ear.hear("homie/5/d/$alert/battery", "") == {"device_alert": "lid"}
    assert ear.hear("homie/5/d/$alert/lid", "") == {"device_alert": ""}


def test_an_emptied_state_is_a_removed_device():
    assert Ear().hear("homie/5/d/$state", "") == {"removed": True}


@pytest.mark.parametrize(
    ("topic", "state", "heard"),
    [
        ("homie/5/d/$state", "disconnected", {"online": False}),
        ("homie/5/d/$state", "init", {}),
        ("homie/d/$state", "alert", {"online": True, "device_alert": "alert"}),
    ],
)
def test_states_say_whether_a_device_can_be_heard(topic, state, heard):
    assert Ear().hear(topic, state) == heard


def test_version_4_ends_its_alert_with_the_next_state():
    ear = Ear()
    ear.hear("homie/d/$state", "alert")
    assert ear.hear("homie/d/$state", "ready") == {"online": True, "device_alert": ""}
    assert ear.refusal("homie/5/d/$state", "alert")[0] is ParkReason.UNDECODABLE


def test_version_4_describes_a_property_attribute_by_attribute():
    ear = Ear()
    for attribute, text in (("$name", "Water meter"), ("$datatype", "float"), ("$unit", "m³"), ("$settable", "false")):
        assert ear.hear(f"homie/d/meter/total/{attribute}", text, retain=True) == {}
    assert ear.hear("homie/d/meter/total", "1.5") == {"meter water_total": 1500.0}
    for attribute in ("$nodes", "$name", "$fw/version", "$stats/uptime"):
        assert ear.hear(f"homie/d/{attribute}", "x", retain=True) == {}


@pytest.mark.parametrize(
    "topic", ["homie/5/d/n/open/set", "homie/5/d/n/open/$target", "homie/5/d/$log/info", "homie/5/$broadcast/x"]
)
def test_commands_targets_logs_and_broadcasts_are_no_readings(topic):
    assert described(Ear(), open=boolean()).hear(topic, "true") == {}


def test_a_description_without_bounds_is_refused():
    properties = {f"p{n}": boolean() for n in range(300)}
    assert (
        Ear().refusal("homie/5/d/$description", {"nodes": {"n": {"properties": properties}}})[0] is ParkReason.TOO_LARGE
    )
