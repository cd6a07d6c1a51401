"""A limit that guards a life has a bound that no file can pass; what may be loosened is said aloud."""

import msgspec
import pytest

from core.errors import ConfigurationError
from core.localtime import DAY_MS, HOUR_MS
from core.text import Bilingual
from rules.limit_bounds import LEAST, MOST, loosened
from rules.limit_values import HIGHEST, LIMITS, LONGEST_MS, LimitError, limit_value
from rules.parameters import RuleParameters
from rules.presets import built_in_presets, preset_limits
from rules.rulebook import warnings_of
from rules.rulebook_file import parse_rulebook

HEAD = 'version = 2\nchanged_by = "王"\nchanged_at = 2026-11-20\nwhy = "试"\n'


@pytest.mark.parametrize(
    ("line", "bound"),
    [
        ('inactivity_cap_ms = "300 h"', "12 h"),
        ('inactivity_cap_ms = "24 h"', "12 h"),
        ('inactivity_cap_meter_ms = "25 h"', "24 h"),
        ('inactivity_day_ms = "90小时"', "24 h"),
        ('inactivity_night_ms = "300 h"', "24 h"),
        ('second_stage_ms = "30 d"', "2 h"),
        ('bathroom_ms = "20 d"', "6 h"),
        ('bathroom_ms = "90 d"', "6 h"),
        ('emergency_backlog_ms = "2 s"', "10 min"),
        ('mute_ms = "1 s"', "2 h"),
        ('exit_quiet_ms = "1 s"', "2 min"),
        ("missed_heartbeats = 100000", "12"),
    ],
)
def test_a_limit_beyond_its_bound_is_refused_with_line_and_remedy_in_both_languages(line, bound):
    with pytest.raises(ConfigurationError) as refusal:
        parse_rulebook(f"{HEAD}[all]\n{line}\n", where="rules.toml")
    assert refusal.value.where == "rules.toml, line 6"
    assert "此限值守护生命" in refusal.value.what
    assert "guards a life" in refusal.value.what
    assert f"写最多{bound}" in refusal.value.remedy or f"写至少{bound}" in refusal.value.remedy
    assert f"write {bound} at the" in refusal.value.remedy


def test_every_default_lies_within_its_bounds_and_nothing_is_loosened_by_it():
    for name, value in LIMITS.items():
        assert limit_value(name, value) == value
    assert loosened(RuleParameters()) == ()


def test_every_bound_is_of_a_limit_that_exists_and_narrower_than_what_any_limit_may_be():
    for name, most in MOST.items():
        assert most < (LONGEST_MS if name.endswith("_ms") else HIGHEST)
        assert LEAST.get(name, 0) < most
        with pytest.raises(LimitError):
            limit_value(name, most + 1)
    for name, least in LEAST.items():
        with pytest.raises(LimitError):
            limit_value(name, least - 1)
    assert LEAST.keys() | MOST.keys() <= LIMITS.keys()


def test_the_presets_of_a_day_stay_possible_and_say_that_half_a_day_of_silence_no_longer_rings():
    for preset in built_in_presets():
        limits = preset_limits(preset.name)
        is_day = limits["inactivity_cap_ms"] == DAY_MS
        assert [one.name for one in loosened(RuleParameters(**limits))] == ["inactivity_cap_ms"] * is_day


# What takes a guard away and may be wanted all the same: (the limit, a value that takes it away).
LOOSE = [
    ("inactivity_floor_ms", 6 * HOUR_MS),
    ("budget_first_per_30d", 0.01),
    ("budget_first_meter_per_30d", 0.01),
    ("night_call_times", 9.0),
    ("morning_sign_hour", 0),
    ("no_return_ms", 20 * DAY_MS),
    ("no_return_cap_ms", 20 * DAY_MS),
    ("night_out_percent", 1),
    ("night_out_until_hour", 23),
    ("water_silent_l_h", 100_000),
    ("water_run_l_h", 100_000),
    ("stove_above_w", 100_000),
    ("stove_plug_w", 100_000),
    ("heater_w", 100_000),
    ("cold_danger_c", -40),
    ("hot_danger_c", 60),
]


@pytest.mark.parametrize(("name", "value"), LOOSE)
def test_a_guard_that_is_switched_off_is_allowed_and_told_with_the_table_that_does_it(name, value):
    assert limit_value(name, value) == value
    assert [one.name for one in loosened(msgspec.structs.replace(RuleParameters(), **{name: value}))] == [name]
    rulebook = parse_rulebook(f'{HEAD}[home.h1]\n{name} = {value}\n[area."a/b"]\nstove_ms = "30 min"\n', where="r.toml")
    ((layer, told),) = warnings_of(rulebook)
    assert (layer, told.name) == ("home h1", name)
    assert isinstance(told.said, Bilingual)
    assert told.said.zh
    assert told.said.en.isascii()


def test_a_stay_in_the_bathroom_may_not_be_longer_at_the_least_than_at_the_most():
    with pytest.raises(ConfigurationError, match="line 6: the shortest stay"):
        parse_rulebook(f'{HEAD}[all]\nbathroom_least_ms = "4 h"\n', where="rules.toml")
