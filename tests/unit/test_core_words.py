"""Ids are the same in every replay; instants and local dates agree."""

from datetime import date, datetime

import pytest

from core.errors import ConfigurationError
from core.events import Metric, Reading
from core.ids import DERIVED_ID_CHARS, DeviceId, HomeId, derived_id
from core.localtime import from_ms, local_date, to_ms, zone
from core.text import Bilingual

SHANGHAI = zone("Asia/Shanghai")


def test_the_same_parts_give_the_same_id_and_their_boundaries_matter():
    assert derived_id("a", 1) == derived_id("a", 1)
    assert derived_id("ab", "c") != derived_id("a", "bc")
    assert len(derived_id("x")) == DERIVED_ID_CHARS


def test_an_instant_just_before_local_midnight_belongs_to_the_day_that_ends():
    at_ms = to_ms(datetime(2024, 1, 15, 23, 59, 59, 999_000, tzinfo=SHANGHAI))
    assert local_date(at_ms, SHANGHAI) == date(2024, 1, 15)
    assert local_date(at_ms + 1, SHANGHAI) == date(2024, 1, 16)
    assert to_ms(from_ms(at_ms, SHANGHAI)) == at_ms


def test_a_naive_datetime_has_no_instant():
    with pytest.raises(ValueError, match="naive"):
        to_ms(datetime(2024, 1, 1))  # noqa: DTZ001  # the very thing that must be refused


def test_a_reading_without_seq_is_keyed_apart_from_one_with_seq_zero():
    reading = Reading(HomeId("h1"), DeviceId("h1/pir"), Metric.MOTION, True, 1, 2)
    assert reading.key == ("h1/pir", "motion", 1, -1)


def test_a_configuration_error_names_the_place_and_the_remedy():
    error = ConfigurationError("port 0 is no port", where="shouwang.toml:3", remedy="give 1-65535")
    assert str(error) == "shouwang.toml:3: port 0 is no port. Remedy: give 1-65535"


def test_a_bilingual_sentence_shows_chinese_first():
    assert str(Bilingual("平安", "well")) == "平安 / well"
