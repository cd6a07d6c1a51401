"""An address that never spoke is not adopted unless that is said; a strange role or room is named and taken."""

import pytest
from device_intake import adoption

from core.errors import NotFoundError
from registry.devices import Adoption
from registry.homes import DeviceRole


def test_a_mistyped_address_is_not_adopted_and_the_one_that_waits_is_named(intake):
    intake.hear("care/h1/sosbtn/event", b'{"sos":true}')
    intake.keeper.round()
    mistyped = Adoption(address="care/h1/sosbt", role=DeviceRole.SOS_BUTTON)
    with pytest.raises(NotFoundError, match=r"near it: care/h1/sosbtn\. Remedy: .*--unheard"):
        intake.desk.adopt("h1", mistyped, "account:zhang")
    with pytest.raises(NotFoundError, match="从未发过消息"):
        intake.desk.adopt("h1", Adoption(address="tasmota/x9", role=DeviceRole.LEAK), "account:zhang")
    real = Adoption(address="care/h1/sosbtn", role=DeviceRole.SOS_BUTTON)
    assert intake.desk.adopt("h1", real, "account:zhang").id == "h1/sosbtn"


def test_what_has_not_spoken_yet_is_adopted_when_that_is_said(intake):
    assert intake.desk.adopt("h1", adoption("care/h1/new"), "account:zhang").id == "h1/new"
    intake.desk.remove("h1/new", "account:zhang")  # its address is known from now on
    back = Adoption(address="care/h1/new", role=DeviceRole.LEAK)
    assert intake.desk.adopt("h1", back, "account:zhang").id == "h1/new"


@pytest.mark.parametrize(
    ("role", "room", "told"),
    [
        (DeviceRole.LEAK, "kichen", ["it tells of motion: probably interior_motion", "is kitchen (厨房) meant?"]),
        (DeviceRole.BED_MOTION, "主卧", []),  # one kind of sensor: where it hangs says which
        (DeviceRole.INTERIOR_MOTION, "Bedroom 2", []),
        (DeviceRole.INTERIOR_MOTION, "parlour", ["parlour is no usual room"]),
        (DeviceRole.INTERIOR_MOTION, "", []),
    ],
)
def test_a_role_unlike_what_was_heard_and_a_room_nobody_knows_are_named_and_taken(intake, role, room, told):
    intake.hear("care/h1/hall/event", b'{"motion":true}')
    intake.keeper.round()
    device = intake.desk.adopt("h1", Adoption(address="care/h1/hall", role=role, room=room), "account:zhang")
    doubts = intake.desk.doubts(device)
    assert len(doubts) == len(told)
    assert all(part in doubt.en and "注意" in doubt.zh for part, doubt in zip(told, doubts, strict=True))


def test_a_room_that_another_device_of_the_home_has_is_known(intake):
    intake.desk.adopt("h1", adoption("care/h1/one", room="parlour"), "account:zhang")
    assert intake.desk.doubts(intake.desk.adopt("h1", adoption("care/h1/two", room="parlour"), "account:zhang")) == []
