"""Settings in the environment: a variable with our prefix that nothing reads is refused, as in the file."""

import re
from pathlib import Path

import pytest

from app.environment import settings_in
from app.settings import Settings, load_settings
from core.errors import ConfigurationError

ROOT = Path(__file__).parents[2]


def test_a_mistyped_variable_is_refused_and_the_nearest_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(None, {"SHOUWANG_LIVE_CAL": "true"})
    assert caught.value.where == "the environment variable SHOUWANG_LIVE_CAL"
    assert "SHOUWANG_LIVE_CAL is not a setting" in str(caught.value)
    assert "SHOUWANG_LIVE_CALLS" in caught.value.remedy


def test_a_variable_like_no_other_is_refused_without_a_guess(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(None, {"SHOUWANG_QQQQQQ": "1"})
    assert caught.value.remedy == "docs/operations.md lists every setting"


def test_other_programs_variables_are_no_concern_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(None, {"PATH": "/bin", "MY_SHOUWANG_X": "1"}).live_calls is False


@pytest.mark.parametrize("service", ["SHOUWANG", "SHOUWANG_DUTY"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVICE_HOST", "10.0.0.1"),
        ("SERVICE_HOST", "fd00::1"),
        ("SERVICE_PORT", "80"),
        ("SERVICE_PORT_HTTP", "80"),
        ("PORT", "tcp://10.0.0.1:80"),
        ("PORT", "udp://10.0.0.1:80"),
        ("PORT", "tcp://[fd00::1]:80"),
        ("PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("PORT_80_TCP_PROTO", "tcp"),
        ("PORT_80_TCP_PORT", "80"),
        ("PORT_80_TCP_ADDR", "10.0.0.1"),
        ("PORT_53_UDP_ADDR", "fd00::1"),
    ],
)
def test_what_kubernetes_says_of_a_service_of_our_name_is_left_alone(service: str, name: str, value: str) -> None:
    assert settings_in({f"{service}_{name}": value}, Settings.model_fields) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHOUWANG_SERVICE_HOST", "a name"),
        ("SHOUWANG_SERVICE_PORT", "tcp"),
        ("SHOUWANG_SERVICE_PORTS", "80"),
        ("SHOUWANG_PORT", "80"),  # whoever writes this means http_port
        ("SHOUWANG_PORT", "http://10.0.0.1:80"),
        ("SHOUWANG_PORT_TCP", "tcp://10.0.0.1:80"),
        ("SHOUWANG_PORT_80_TCP", "true"),
        ("SHOUWANG_PORT_80_TCP_ADDRESS", "10.0.0.1"),
        ("SHOUWANG_PORT_80_TCP_PROTO", "http"),
        ("SHOUWANG_MQTT_PROT", "tcp://10.0.0.1:1883"),
    ],
)
def test_what_only_looks_like_it_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is not a setting"):
        settings_in({name: value}, Settings.model_fields)


def test_a_setting_is_read_though_kubernetes_could_have_written_it(tmp_path: Path) -> None:
    settings = load_settings(None, {"SHOUWANG_DATA_DIR": str(tmp_path), "SHOUWANG_MQTT_PORT": "1884"})
    assert settings.mqtt_port == 1884
    with pytest.raises(ConfigurationError, match="mqtt_port"):  # never passed over: ours would be another port then
        load_settings(None, {"SHOUWANG_DATA_DIR": str(tmp_path), "SHOUWANG_MQTT_PORT": "tcp://10.0.0.1:1883"})


def test_every_variable_that_the_project_itself_names_is_taken() -> None:
    files = ["Makefile", "Dockerfile", "docker-compose.yml", "README.md", "README.zh.md"]
    folders = ["docker", "docs", "app", "tests/support"]
    every = [ROOT / file for file in files] + [one for folder in folders for one in (ROOT / folder).rglob("*")]
    text = "\n".join(
        one.read_text("utf-8", errors="ignore") for one in every if one.is_file() and "__pycache__" not in one.parts
    )
    named = set(re.findall(r"\bSHOUWANG_[A-Z_]*[A-Z]\b", text))
    assert {"SHOUWANG_HTTP_PUBLISH", "SHOUWANG_ACCOUNT_PASSWORD", "SHOUWANG_SHARED"} <= named
    settings_in(dict.fromkeys(named, "1"), Settings.model_fields)
