"""What Chinese readers are told of findings and of what is waited for holds no English word."""

import re

import pytest

from rules.deadlines import AGAIN, SECOND_STAGE, SILENT_WATER, Inner
from rules.explaining import INNER_WORDS, detail_zh_of
from rules.findings import FindingKind
from rules.kind_words import KIND_WORDS
from rules.meter_fault import FROZEN

ENGLISH = re.compile(r"[A-Za-z]{2,}")


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_is_called_in_chinese_without_an_english_word(kind):
    assert not ENGLISH.search(KIND_WORDS[kind].zh)


@pytest.mark.parametrize("inner", Inner)
def test_every_inner_move_is_told_in_chinese_without_an_english_word(inner):
    assert not ENGLISH.search(INNER_WORDS[inner].zh)


@pytest.mark.parametrize("detail", [SECOND_STAGE, SILENT_WATER, AGAIN, f"{AGAIN} 2", FROZEN, ""])
def test_the_detail_of_what_is_waited_for_is_told_in_chinese(detail):
    assert not ENGLISH.search(detail_zh_of(detail))


def test_the_id_of_a_device_stays_as_it_is():
    assert detail_zh_of("h1/kitchen") == " h1/kitchen"
