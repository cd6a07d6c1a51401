"""A home's file that is taken again: what it does not name stays, and the command says so."""

import msgspec
import pytest
from command_line import HOME, printed

from app.files import DataFiles
from core.ids import HomeId
from registry.homes import Device, DeviceRole, Home, Suspension, SuspensionReason

SOS = "zigbee2mqtt/h0123/sos"
PIR = "care/h0123/kitchen_pir"


class Installer:
    """Somebody at the command line of one data directory."""

    def __init__(self, folder) -> None:
        self._folder = folder
        self.takes()

    def types(self, *arguments: str) -> str:
        return printed(*arguments, data_dir=self._folder)

    def takes(self, text: str = HOME) -> str:
        self._folder.mkdir(exist_ok=True)
        (self._folder / "home.toml").write_text(text, "utf-8")
        return self.types("registry", "add", str(self._folder / "home.toml"))

    def home(self, suspension: Suspension | None = None) -> Home:
        """Return the registered home; declare a suspension first when one is given."""
        truth = DataFiles(self._folder).open_truth()
        with truth.transaction() as unit:
            found = unit.people.home(HomeId("h0123"))
            if suspension is not None:
                found = msgspec.structs.replace(found, suspensions=(suspension,))
                unit.people.put_home(found)
        truth.close()
        return found

    def device(self, name: str) -> Device:
        return next(one for one in self.home().devices if one.id == f"h0123/{name}")


@pytest.fixture
def installer(tmp_path):
    return Installer(tmp_path / "data")


def test_an_adopted_sos_button_stays_when_the_file_is_taken_again(installer):
    installer.types(
        "devices", "adopt", SOS, "--unheard", "--home", "h0123", "--role", "sos_button", "--heartbeat-s", "3600"
    )
    before = installer.device("sos")
    said = installer.takes()
    assert f"{SOS}  sos_button  文件中没有，保留 / kept, not in the file" in said
    assert f"{PIR}  interior_motion\n" in said
    assert installer.device("sos") == before
    assert (before.role, before.heartbeat_ms) == (DeviceRole.SOS_BUTTON, 3_600_000)


def test_a_device_that_the_file_names_keeps_what_the_file_does_not_say_of_it(installer):
    installer.types(
        "devices",
        "adopt",
        SOS,
        "--unheard",
        "--home",
        "h0123",
        "--role",
        "leak",
        "--heartbeat-s",
        "60",
        "--unit",
        "a=wet",
    )
    said = installer.takes(f'{HOME}\nsos = {{ role = "sos_button", address = "{SOS}" }}\n')
    assert "not in the file" not in said
    after = installer.device("sos")
    assert (after.role, after.heartbeat_ms, after.units) == (DeviceRole.SOS_BUTTON, 60_000, {"a": "wet"})


def test_a_device_adopted_under_another_name_is_the_one_of_its_address(installer):
    installer.types(
        "devices", "adopt", SOS, "--unheard", "--home", "h0123", "--role", "sos_button", "--heartbeat-s", "60"
    )
    installer.takes(f'{HOME}\nalarm = {{ role = "sos_button", address = "{SOS}" }}\n')
    assert [one.id for one in installer.home().devices] == ["h0123/kitchen_pir", "h0123/alarm"]
    assert installer.device("alarm").heartbeat_ms == 60_000


def test_a_replaced_device_stays_replaced(installer):
    installer.types("devices", "replace", "h0123/kitchen_pir", "zigbee2mqtt/new")
    installer.takes()
    assert installer.device("kitchen_pir").address == "zigbee2mqtt/new"


def test_a_declared_suspension_goes_on(installer):
    stay = Suspension(from_ms=1, until_ms=None, reason=SuspensionReason.HOSPITAL)
    installer.home(stay)
    installer.takes()
    assert installer.home().suspensions == (stay,)


def test_the_file_may_say_another_heartbeat_than_the_one_known(installer):
    gateway = '\ngw = { role = "gateway", heartbeat_s = %s }\n'
    installer.takes(HOME + gateway % 60)
    installer.takes(HOME + gateway % 90)
    assert installer.device("gw").heartbeat_ms == 90_000


def test_a_device_that_is_removed_stays_away_and_its_address_is_rejected(installer):
    installer.types("devices", "adopt", SOS, "--unheard", "--home", "h0123", "--role", "sos_button")
    assert f"{SOS} 已拒收 / is rejected" in installer.types("devices", "remove", "h0123/sos")
    assert "kept" not in installer.takes()
    assert [one.id for one in installer.home().devices] == ["h0123/kitchen_pir"]
    assert SOS in installer.types("devices", "inbox", "--state", "rejected")


def test_a_device_that_is_removed_is_not_put_back_by_the_file_that_names_it(installer):
    installer.types("devices", "remove", "h0123/kitchen_pir")
    said = installer.takes()
    assert (
        "h0123/kitchen_pir  已移除，不再恢复；要用请认领 / was removed and stays away; to use it, adopt it again"
        in said
    )
    assert installer.home().devices == ()
