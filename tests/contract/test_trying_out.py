"""A home is declared under test by whoever installs devices there, for hours at most; the chain says who did."""

import pytest
from command_line import HOME, printed

from app.files import DataFiles
from core.errors import ConfigurationError, ConflictError, NotFoundError
from core.ids import HomeId
from core.localtime import MINUTE_MS
from registry.homes import LONGEST_TEST_MS


@pytest.fixture
def data(tmp_path):
    (tmp_path / "home.toml").write_text(HOME, "utf-8")
    printed("registry", "add", str(tmp_path / "home.toml"), data_dir=tmp_path / "data")
    return tmp_path / "data"


def kept(data):
    """What the registry has of the home, its version, and the chain's rows of it, the newest first."""
    truth = DataFiles(data).open_truth()
    try:
        with truth.view() as unit:
            rows = unit.audit.list(subject="h0123")
            return unit.people.home(HomeId("h0123")), unit.people.version(), rows
    finally:
        truth.close()


def test_a_home_is_put_under_test_for_some_minutes_and_the_chain_says_who_did(data):
    before, version, _ = kept(data)
    told = printed("devices", "test", "h0123", "--minutes", "60", data_dir=data)
    home, newer, (row, *_) = kept(data)
    assert "测试" in told
    assert "smoke, gas, CO and SOS" in told
    assert (row.action, row.detail) == ("home.test_begun", "60 min")
    assert row.actor.startswith("cli:")
    assert home.test_until_ms == row.at_ms + 60 * MINUTE_MS
    assert home.devices == before.devices
    assert newer > version  # so a running service takes it up


def test_a_test_is_ended_before_its_time(data):
    printed("devices", "test", "h0123", "--minutes", "60", data_dir=data)
    told = printed("devices", "test", "h0123", "--end", data_dir=data)
    home, _, (row, *_) = kept(data)
    assert "no longer under test" in told
    assert (home.test_until_ms, row.action) == (None, "home.test_ended")
    with pytest.raises(ConflictError, match="h0123 is not under test"):
        printed("devices", "test", "h0123", "--end", data_dir=data)


@pytest.mark.parametrize("minutes", ["0", "-5", str(LONGEST_TEST_MS // MINUTE_MS + 1), "100000"])
def test_a_test_without_length_or_longer_than_the_rules_hold_one_is_refused_with_the_reason(data, minutes):
    with pytest.raises(ConfigurationError) as refused:
        printed("devices", "test", "h0123", "--minutes", minutes, data_dir=data)
    assert refused.value.where == "--minutes"
    assert "240" in refused.value.remedy
    assert kept(data)[0].test_until_ms is None


@pytest.mark.parametrize("given", [(), ("--minutes", "30", "--end")])
def test_how_long_or_that_it_ends_must_be_said_once(data, given):
    with pytest.raises(ConfigurationError, match="--minutes"):
        printed("devices", "test", "h0123", *given, data_dir=data)


def test_an_unknown_home_is_refused_with_the_nearest_ids(data):
    with pytest.raises(NotFoundError, match=r"没有此住户 h0132.*h0123.*/ no home h0132.*did you mean h0123"):
        printed("devices", "test", "h0132", "--minutes", "30", data_dir=data)
    with pytest.raises(NotFoundError, match="shouwang registry list"):
        printed("devices", "test", "zzzzz", "--minutes", "30", data_dir=data)


def test_a_name_that_is_no_account_declares_nothing(data):
    with pytest.raises(ConfigurationError, match="there is no account nobody"):
        printed("devices", "test", "h0123", "--minutes", "30", "--as", "nobody", data_dir=data)
    assert kept(data)[0].test_until_ms is None
