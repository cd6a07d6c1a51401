"""An alarm of a device that nobody registered rings nobody, so the board says that one waits until it is decided."""

import msgspec
import pytest
from device_intake import NOW_MS

from app.console_devices import inbox_view
from core.ids import DeviceId, HomeId
from core.localtime import MINUTE_MS
from core.log import ParkReason
from registry.devices import Adoption, InboxState
from registry.homes import Device, DeviceRole

BUTTON = "care/h1/sosbtn"


def told(intake):
    intake.keeper.round()
    return intake.keeper.notices()


def register(intake, address):
    """Write a device into the home by its file, past the inbox."""
    with intake.truth.transaction() as unit:
        home = unit.people.home(HomeId("h1"))
        device = Device(id=DeviceId("h1/x"), home_id=home.id, address=address, role=DeviceRole.SOS_BUTTON, room="")
        unit.people.put_home(msgspec.structs.replace(home, devices=(device,)))


def test_a_press_of_an_unregistered_button_is_on_the_board_in_both_languages_and_names_nobody(intake):
    intake.hear(f"{BUTTON}/event", b'{"sos":true}')
    (notice,) = told(intake)
    for words in ("未登记", "立即", "「设备」", "shouwang devices inbox", "nobody registered", "now", "smoke, SOS"):
        assert words in notice
    for secret in ("care/", "sosbtn", "h1"):
        assert secret not in notice


@pytest.mark.parametrize(
    "payload", [b'{"smoke":true}', b'{"gas":true}', b'{"co":true}', b'{"wet":true}', b'{"device_alert":"fall"}']
)
def test_every_alarm_counts_also_a_retained_one(intake, payload):
    intake.hear(f"{BUTTON}/event", payload, retain=True)
    assert len(told(intake)) == 1


@pytest.mark.parametrize(
    "payload", [b'{"sos":false}', b'{"smoke":false}', b'{"device_alert":""}', b'{"motion":true}', b"\x00no json"]
)
def test_what_signals_no_alarm_is_no_notice(intake, payload):
    intake.hear(f"{BUTTON}/event", payload)
    assert told(intake) == []


def test_it_stays_while_the_device_waits_whatever_it_says_next_and_over_a_restart(intake):
    intake.hear(f"{BUTTON}/event", b'{"smoke":true}')
    intake.keeper.round()
    intake.hear(f"{BUTTON}/event", b'{"smoke":false}')
    assert len(told(intake)) == 1
    (device,) = intake.desk.inbox()
    assert (device.metrics, device.alarmed) == (("smoke",), ("",))
    assert len(intake.new_keeper().notices()) == 1


def test_adopting_it_ends_the_notice(intake):
    intake.hear(f"{BUTTON}/event", b'{"sos":true}')
    assert len(told(intake)) == 1
    intake.desk.adopt("h1", Adoption(address=BUTTON, role=DeviceRole.SOS_BUTTON), "account:zhang")
    assert intake.keeper.notices() == []


def test_rejecting_it_ends_the_notice_and_what_it_says_then_is_no_news(intake):
    intake.hear(f"{BUTTON}/event", b'{"sos":true}')
    intake.keeper.round()
    intake.desk.reject(BUTTON, "account:zhang")
    intake.hear(f"{BUTTON}/event", b'{"sos":true}')
    assert told(intake) == []
    assert [one.state for one in intake.desk.inbox(InboxState.REJECTED)] == [InboxState.REJECTED]


def test_registering_it_by_the_file_of_its_home_ends_the_notice(intake):
    intake.hear(f"{BUTTON}/event", b'{"sos":true}')
    assert len(told(intake)) == 1
    register(intake, BUTTON)
    assert intake.keeper.notices() == []


def test_a_device_that_waited_long_and_then_sounds_is_a_notice(intake):
    intake.hear(f"{BUTTON}/event", b'{"online":true}')
    assert told(intake) == []
    intake.hear(f"{BUTTON}/event", b'{"sos":true}')
    assert len(told(intake)) == 1


def test_an_inbox_that_is_full_still_lists_an_alarm_and_no_more_than_its_reserve(intake):
    intake.keeper = intake.new_keeper(most=2, alarm_room=1)
    for n in range(3):
        intake.hear(f"care/h1/pir{n}/event", b'{"motion":true}')
    intake.hear("care/h1/one/event", b'{"sos":true}')
    intake.hear("care/h1/two/event", b'{"sos":true}')
    alarm, full = told(intake)
    assert "nobody registered signals" in alarm
    assert "2 more spoke" in full
    assert {one.address for one in intake.desk.inbox()} == {"care/h1/pir0", "care/h1/pir1", "care/h1/one"}


def test_what_has_signalled_an_alarm_stands_first_in_the_inbox_and_is_marked(intake):
    intake.hear(f"{BUTTON}/event", b'{"sos":true}')
    intake.clock.advance_to_ms(NOW_MS + MINUTE_MS)
    intake.hear("care/h1/pir/event", b'{"motion":true}')
    intake.keeper.round()
    first, second = (inbox_view(one, [], []) for one in intake.desk.inbox())
    assert (first.address, first.has_alarmed) == (BUTTON, True)
    assert (second.address, second.has_alarmed) == ("care/h1/pir", False)


def test_what_sounded_comes_back_from_the_file_of_parked_messages(intake):
    intake.hear(f"{BUTTON}/event", b'{"sos":true,"battery":90}')
    (message,) = intake.parked.open_after(0, 10, [ParkReason.UNKNOWN_DEVICE])
    (part,) = message.unknown
    assert (part.metrics, part.alarms) == (("sos", "battery"), ("sos",))
