"""A home that is registered without anybody to ring, or in an area that nobody else has: taken, and told."""

import pytest
from command_line import HOME, shouwang
from rota_plans import ROTA_TOML

CONTACT = '\n[[contact]]\nrole = "family"\nname = "王芳"\nphone = "+8613800000001"\n'
NO_PHONE = HOME.replace('phone = "+8613800000000"\n', "")


class Installer:
    """Somebody at the command line of one data directory."""

    def __init__(self, folder) -> None:
        self._folder = folder

    def types(self, *arguments: str) -> str:
        done = shouwang(*arguments, "--data-dir", "data", cwd=self._folder, SHOUWANG_ACCOUNT_PASSWORD="long enough 1")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def takes(self, text: str, *, home: str = "h0123", area: str = "shuren/qiaotou/g3") -> list[str]:
        """Register a home; return the warnings."""
        told = text.replace("h0123", home).replace("shuren/qiaotou/g3", area)
        told = told.replace("+8613800000000", f"+86138000{home[1:]}0")  # a number of their own
        (self._folder / "home.toml").write_text(told, "utf-8")
        return [line for line in self.types("registry", "add", "home.toml").splitlines() if line.startswith("! ")]


@pytest.fixture
def installer(tmp_path):
    return Installer(tmp_path)


def test_a_home_without_any_number_is_taken_and_told_that_nobody_can_be_rung(installer):
    [said] = installer.takes(NO_PHONE)
    assert "无人可呼叫" in said
    assert "nobody can be rung for this home: neither the resident nor a contact has a phone number" in said


def test_a_home_without_a_contact_is_told_that_only_the_resident_is_rung(installer):
    [said] = installer.takes(HOME)
    assert "no contact with a phone number: nobody is rung when the resident does not answer" in said
    assert "+86" not in said


def test_where_a_rota_has_a_number_the_warning_names_the_duty_desk(installer, tmp_path):
    (tmp_path / "rota.toml").write_text(ROTA_TOML, "utf-8")
    installer.types("account", "add", "clerk")
    installer.types("rota", "import", "rota.toml", "--as", "clerk")
    [said] = installer.takes(NO_PHONE)
    assert "only the duty desk is rung for this home" in said
    [said] = installer.takes(HOME)
    assert "only the duty desk is rung when the resident does not answer" in said


@pytest.mark.parametrize("text", [HOME + CONTACT, NO_PHONE + CONTACT])
def test_a_home_with_a_contact_who_can_be_rung_is_taken_without_a_word(installer, text):
    assert installer.takes(text) == []


def test_a_contact_that_the_register_has_counts_although_the_file_no_longer_names_them(installer):
    installer.takes(HOME + CONTACT)
    assert installer.takes(HOME) == []


def test_an_area_that_no_other_home_has_is_told_with_the_nearest(installer):
    assert installer.takes(HOME + CONTACT) == []  # the first of all: there is nothing to be near to
    [said] = installer.takes(HOME + CONTACT, home="h0124", area="Shuren Qiaotou")
    assert "区域 'Shuren Qiaotou' 是新的" in said
    assert "the area 'Shuren Qiaotou' is new" in said
    assert "nearest known: shuren/qiaotou" in said
    assert installer.takes(HOME + CONTACT, home="h0125") == []  # a second home in an area
    assert installer.takes(HOME + CONTACT, home="h0126", area="shuren/qiaotou") == []  # above a home's


def test_a_home_that_is_taken_again_is_no_other_home(installer):
    installer.takes(HOME + CONTACT, home="h0124", area="shuren/xihe/g1")
    for _ in range(2):
        [said] = installer.takes(HOME + CONTACT, area="shuren/qiaotuo/g3")
        assert "the area 'shuren/qiaotuo/g3' is new" in said


def test_an_area_of_an_account_or_of_the_tree_is_known(installer, tmp_path):
    installer.types("account", "add", "li")
    installer.types("account", "grant", "li", "village:shuren/qiaotou/g3")
    assert installer.takes(HOME + CONTACT) == []
    (tmp_path / "areas.toml").write_text('[areas]\n"shuren" = "树人镇"\n"shuren/xihe" = "西河村"\n', "utf-8")
    installer.types("registry", "areas", "areas.toml")
    assert installer.takes(HOME + CONTACT, home="h0124", area="shuren/xihe") == []
    [said] = installer.takes(HOME + CONTACT, home="h0125", area="shuren/xihee")
    assert "nearest known: shuren/xihe" in said
