"""Every limit says why it is what it is, in both languages, and names no document that a reader does not have."""

import re

import pytest

from api.limit_wording import LIMIT_WORDS_ZH, limit_why
from rules.limit_reasons import limit_reasons
from rules.parameters import RuleParameters


@pytest.mark.parametrize("name", RuleParameters.__struct_fields__)
def test_a_limit_has_its_reason_and_not_only_its_name(name):
    assert name in limit_reasons()
    assert name in LIMIT_WORDS_ZH
    words = limit_why(name)
    assert not re.search(r"\bspec\b", f"{words.zh} {words.en}")
