"""The page on dependencies names what pyproject.toml names, with the licences that the packages declare."""

import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# What a package's metadata says in older words, and the SPDX name for it.
SPDX = {
    "BSD License": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
SAYS_NOTHING = {"pysqlite3": "Zlib"}  # its licence file is the zlib licence; its metadata is silent


def names(requirements: list[str]) -> list[str]:
    return [re.match(r"[A-Za-z0-9._-]+", requirement)[0] for requirement in requirements]


def rows(heading: str) -> dict[str, list[str]]:
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"]
    return {row[0]: row for row in cells[2:]}


GROUPS = {
    "At run time": names(PROJECT["dependencies"]),
    "For development": names(PROJECT["optional-dependencies"]["dev"]),
}


@pytest.mark.parametrize("heading", GROUPS)
def test_the_page_has_one_row_for_each_dependency_in_order(heading):
    assert list(rows(heading)) == GROUPS[heading]


@pytest.mark.parametrize("heading", GROUPS)
def test_every_row_says_what_for_under_which_licence_and_why(heading):
    assert [name for name, row in rows(heading).items() if len(row) != 4 or not all(row)] == []


@pytest.mark.parametrize(("heading", "name"), [(heading, name) for heading in GROUPS for name in GROUPS[heading]])
def test_the_licence_is_the_one_that_the_installed_package_declares(heading, name):
    assert rows(heading)[name][2] == declared(name)


def declared(name: str) -> str:
    about = metadata(name)
    if about["License-Expression"]:
        return about["License-Expression"]
    short = (about["License"] or "").strip()
    if "\n" in short:  # the whole licence stands where its name should: the classifier names it
        short = ""
    if short:
        return SPDX.get(short, short)
    prefix = "License :: OSI Approved :: "
    named = [line.removeprefix(prefix) for line in about.get_all("Classifier") or [] if line.startswith(prefix)]
    return SPDX[named[0]] if named else SAYS_NOTHING[name]
