"""Every setting, command, metric, rule and limit has its place in the documents, and the documents are up to date."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.metric_names import METRICS
from app.settings import Settings
from ingest.formats.native import WORDS
from registry.access import Deed, Grant, Role, may
from registry.homes import ContactRole, DeviceRole
from registry.people import Capacity, Category
from rules.findings import FindingKind
from rules.parameters import RuleParameters

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
RULES = (ROOT / "docs" / "rules.md").read_text("utf-8")


@pytest.mark.parametrize("name", [*Settings.model_fields, *METRICS])
def test_every_setting_and_metric_has_a_heading(name):
    assert f"### `{name}`" in OPERATIONS


@pytest.mark.parametrize("word", [*DeviceRole, *ContactRole, *Category, *Capacity, *WORDS])
def test_every_word_that_an_installer_may_write_has_a_row(word):
    assert f"| `{word}` |" in OPERATIONS


@pytest.mark.parametrize("kind", list(FindingKind))
def test_every_rule_has_a_heading(kind):
    assert f"\n## {kind.value}\n" in RULES


@pytest.mark.parametrize("limit", RuleParameters.__struct_fields__)
def test_every_limit_has_a_row(limit):
    assert f"| `{limit}` |" in RULES


def test_what_is_generated_is_up_to_date():
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"run make docs: {done.stderr.decode()}"


def test_the_readme_names_the_two_commands_and_the_limits_of_safety():
    readme = (ROOT / "README.md").read_text("utf-8")
    for words in ("make demo", "make test", "live_calls", "## Safety limits", "shouwang doctor"):
        assert words in readme


def test_the_account_of_the_readme_may_do_what_the_readme_promises_it():
    readme = (ROOT / "README.md").read_text("utf-8")
    (roles,) = re.findall(r"^shouwang account grant li ((?:[a-z]+ )+)", readme, re.MULTILINE)
    grants = [Grant(Role(role)) for role in roles.split()]
    assert may(grants, Deed.WATCH, "")  # the duty desk
    assert may(grants, Deed.CHANGE, "")  # one click adopts a sensor


def test_the_readmes_import_a_rota_after_the_home_and_say_where_its_file_is_shown():
    for name in ("README.md", "README.zh.md"):
        readme = (ROOT / name).read_text("utf-8")
        assert readme.index("shouwang registry add home.toml") < readme.index("shouwang rota import rota.toml")
        assert "docs/operations.md#duty-rota" in readme
    assert "\n## Duty rota\n" in OPERATIONS


def test_a_story_of_the_readmes_takes_no_port_of_the_service_that_it_has_just_started():
    for name in ("README.md", "README.zh.md"):
        commands = re.findall(r"serve --clock driven[^`\n]*", (ROOT / name).read_text("utf-8"))
        assert commands
        assert all("--http-port 0 --mqtt-port 0" in one for one in commands)
