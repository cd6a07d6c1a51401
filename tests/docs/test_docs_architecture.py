"""The architecture page and the decisions say what is there: the alert's diagram, the rooms, the files they name."""

import re
import tomllib
from pathlib import Path

import pytest

from alerts.lifecycle import diagram

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
PAGES = [ROOT / "docs" / "architecture.md", *DECISIONS]
SECTIONS = ("Context", "Decision", "Consequences", "Enforced by")
ONE_PAGE_WORDS = 500
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ROOMS = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def test_the_diagram_of_an_alerts_life_is_the_one_that_the_table_gives():
    assert f"```mermaid\n{diagram()}\n```" in ARCHITECTURE


def test_every_room_of_the_wheel_is_in_the_table_of_rooms():
    assert set(re.findall(r"^\| `(\w+)/` \|", ARCHITECTURE, re.MULTILINE)) == set(ROOMS)


def test_the_directions_are_those_that_the_import_contract_holds():
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    flow = ARCHITECTURE.split("flowchart TD\n")[1].split("```")[0]
    drawn = [[side.split(" & ") for side in line.strip().split(" --> ")] for line in flow.splitlines() if "-->" in line]
    expected = [[room.strip() for room in layer.split("|")] for layer in layers]
    assert [drawn[0][0], *(below for _, below in drawn)] == expected


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_or_module_that_a_page_names_is_there(page):
    named = re.findall(r"`((?:[a-z_]+/)+[A-Za-z0-9_]+\.(?:py|toml|conf))`", page.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_is_one_page_with_context_decision_consequences_and_what_enforces_it(page):
    text = page.read_text("utf-8")
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == SECTIONS
    assert len(text.split()) <= ONE_PAGE_WORDS
    assert "tests/" in text.split("## Enforced by")[1]


def test_decisions_are_numbered_without_a_gap_and_their_titles_bear_their_number():
    numbers = [int(page.name[:4]) for page in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    for number, page in zip(numbers, DECISIONS, strict=True):
        assert page.read_text("utf-8").startswith(f"# {number}. ")


def test_the_changelog_has_the_release_of_the_project():
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    assert headings[:2] == ["Unreleased", PROJECT["project"]["version"]]
