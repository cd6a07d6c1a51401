"""Every timetable that ships as an example passes under the rules that ship."""

from pathlib import Path

import pytest

from rules.parameters import RuleParameters
from rules.rehearsal import rehearse
from rules.rulebook import rulebook_of
from rules.rulebook_file import parse_rulebook
from rules.timetable import parse_timetable

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = sorted((DOCS / "examples" / "rules").glob("*.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_timetable_that_ships_passes(path):
    timetable = parse_timetable(path.read_text(encoding="utf-8"), where=path.name)
    outcomes = rehearse(timetable, rulebook_of(RuleParameters()))
    assert [outcome.lines for outcome in outcomes if not outcome.has_passed] == []
    assert outcomes


def test_the_rulebook_that_ships_as_an_example_can_be_used_and_so_can_the_one_in_the_docs():
    path = DOCS / "examples" / "rulebooks" / "shuren.toml"
    assert parse_rulebook(path.read_text(encoding="utf-8"), where=path.name).stamp.version == 3
    shown = (DOCS / "rules.md").read_text(encoding="utf-8").partition("## The rulebook")[2]
    assert parse_rulebook(shown.partition("```toml\n")[2].partition("```")[0], where="docs/rules.md").stamp.version == 3
