"""The plan's table: each of R1 to R36 has one row, and the test, page or command that it names is there."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from fastapi import APIRouter

from api import routes
from app.cli import every_command

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "plan.md").read_text("utf-8")
ROWS = re.findall(r"^\| R(\d+) \| (.+?) \| (.+?) \| (.+?) \|$", TABLE, re.MULTILINE)
TESTS = set(
    re.findall(r"def (test_\w+)", "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")))
)
PAGES = [
    re.compile(re.sub(r"\{\w+\}", "[^/]+", route.path))
    for module in iter_modules(routes.__path__)
    for route in getattr(import_module(f"api.routes.{module.name}"), "router", APIRouter()).routes
]


def commands(command, path="shouwang"):
    if not hasattr(command, "commands"):
        return {path}
    return {name for key, sub in command.commands.items() for name in commands(sub, f"{path} {key}")}


def test_each_requirement_has_exactly_one_row_in_order():
    assert [int(number) for number, *_ in ROWS] == list(range(1, 37))


@pytest.mark.parametrize("row", ROWS, ids=[f"R{number}" for number, *_ in ROWS])
def test_what_a_row_names_is_there(row):
    where = row[3]
    kind, name = re.fullmatch(r"(test|page|command) `(.+)`", where).groups()
    if kind == "test":
        assert name in TESTS
    elif kind == "page":
        assert any(page.fullmatch(name) for page in PAGES)
    else:
        assert name in commands(every_command())


def test_every_row_quotes_its_clause_and_says_what_is_done():
    assert all(clause.strip() and does.strip() for _, clause, does, _ in ROWS)
