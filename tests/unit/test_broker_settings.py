"""Brokers in the settings: each its own, wrong ones refused with file, line and remedy, secrets never derived back."""

import pytest

from app.settings import load_settings
from core.errors import ConfigurationError

FILE = """
mqtt_host = "10.0.0.1"
[[brokers]]
name = "north"
host = "10.0.0.2"
port = 8883
tls = true
ca_file = "town.pem"
cert_file = "ingest.pem"
key_file = "ingest.key"
version = "5"
topics = "box/# shed/+"
[[brokers]]
name = "south"
host = "10.0.0.3"
client_id = "chosen"
"""


def loaded(tmp_path, text, environ=None):
    file = tmp_path / "shouwang.toml"
    file.write_text(text)
    return load_settings(file, environ or {})


def test_every_further_broker_has_its_own_name_account_and_certificates(tmp_path):
    north, south = (one.session("secret") for one in loaded(tmp_path, FILE).brokers)
    assert (north.name, north.host, north.port, north.version) == ("north", "10.0.0.2", 8883, "5")
    assert (north.tls, north.ca_file, north.cert_file, north.key_file) == (True, "town.pem", "ingest.pem", "ingest.key")
    assert {"care/#", "box/#", "shed/+"} <= set(north.topics)
    assert south.client_id == "chosen"


def test_a_broker_s_secret_name_is_kept_and_tells_nothing_of_the_main_one_s(tmp_path):
    (north, _) = loaded(tmp_path, FILE).brokers
    assert north.session("secret").client_id == north.session("secret").client_id
    assert north.session("secret").client_id != north.session("another").client_id
    assert len(north.session("secret").client_id) == 22
    assert "secret" not in north.session("secret").client_id


def test_the_environment_names_brokers_as_json(tmp_path):
    settings = loaded(tmp_path, "", {"SHOUWANG_BROKERS": '[{"name": "east", "host": "h", "password": "p"}]'})
    assert [(one.name, one.password) for one in settings.brokers] == [("east", "p")]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (FILE.replace('"south"', '"north"'), "line 3", "two are called 'north'"),
        (FILE.replace('"south"', '"main"'), "line 3", "two are called 'main'"),
        (FILE.replace("8883", "0"), "line 6", r"brokers\.0\.port"),
        (FILE.replace('"10.0.0.3"', '""'), "line 15", r"brokers\.1\.host"),
        (FILE + 'hots = "x"\n', "line 17", r"brokers\.1\.hots"),
        ('clock = "driven"\n' + FILE, "line 4", "one broker"),
        ('mqtt_version = "5"\n', "line 1", "3.1.1 only"),
        ('mqtt_version = "4"\n', "line 1", "mqtt_version"),
    ],
)
def test_brokers_that_cannot_be_are_refused_with_the_line(tmp_path, text, where, what):
    with pytest.raises(ConfigurationError, match=what) as refused:
        loaded(tmp_path, text)
    assert where in refused.value.where
    assert "Remedy" in str(refused.value)


def test_what_is_not_json_in_the_environment_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="SHOUWANG_BROKERS"):
        loaded(tmp_path, "", {"SHOUWANG_BROKERS": "[{"})
