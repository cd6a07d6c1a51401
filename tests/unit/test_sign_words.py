"""What evidence calls a room and a sign, in both languages."""

import pytest

from core.events import Metric
from rules.sign_words import room_words, seen_words


@pytest.mark.parametrize("written", ["living_room", "LivingRoom", "living room", "客厅"])
def test_a_usual_room_has_its_name_in_both_languages_however_it_was_written(written):
    assert (room_words(written).zh, room_words(written).en) == ("客厅", "living room")


def test_any_other_room_is_called_as_the_install_record_has_it():
    assert (room_words("东厢房").zh, room_words("East wing").en) == ("东厢房", "East wing")


@pytest.mark.parametrize("metric", [Metric.OPEN, Metric.MOTION, Metric.WATER_TOTAL_L, Metric.POWER_W])
def test_a_sign_is_told_in_words_and_not_by_the_name_of_its_metric(metric):
    assert metric not in (seen_words(metric).zh, seen_words(metric).en)
    assert seen_words(metric).zh != seen_words(metric).en
