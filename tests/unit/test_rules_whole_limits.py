"""A rulebook's limits are as whole as the rules keep them: a time that is no whole millisecond stops a replay's clock."""

import pytest
from rules_walk import home_of

from rules.limit_values import LIMITS
from rules.rulebook_file import parse_rulebook

BOOK = """
version = 1
changed_by = "王主任"
changed_at = 2026-02-20
why = "试行"
[all]
preset = "day4_night8"
stove_ms = "30 min"
second_stage_ms = 600000
hot_c = 31
prior_days = 3
"""


@pytest.mark.parametrize("name", ["stove_ms", "second_stage_ms", "hot_c", "inactivity_day_ms", "prior_days"])
def test_a_limit_of_a_rulebook_is_whole_where_its_default_is(name):
    value = parse_rulebook(BOOK, where="rules.toml").in_force(home_of())[name].value
    assert type(value) is type(LIMITS[name])
