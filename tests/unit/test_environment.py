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
