"""A change that somebody wants to try: its limits as they would stand, what it changes, and what is wrong with it."""

import pytest
from lived_journal import KITCHEN, LIVING, WATER, home_of, lived, written
from typer.testing import CliRunner

from app.cli import app
from app.evaluation.proposals import Proposal, Trial, in_force, proposals, setting_of
from core.errors import ConfigurationError, ShouwangError
from core.localtime import HOUR_MS
from rules.presets import built_in_presets
from rules.rulebook import Layer, Rulebook, Stamp

BOOK = Rulebook(
    stamp=Stamp(version=3),
    everybody=(Layer("all", {"inactivity_day_ms": 6 * HOUR_MS}),),
    homes={"h1": (Layer("home h1", {"door_open_day_ms": HOUR_MS}),)},
)


def only(found: list[Proposal]) -> Proposal:
    (one,) = found
    return one


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("inactivity_day_ms=4 h", "inactivity_day_ms", 4 * HOUR_MS),
        ('inactivity_day_ms="4 h"', "inactivity_day_ms", 4 * HOUR_MS),
        ("inactivity_day_ms = 14_400_000", "inactivity_day_ms", 4 * HOUR_MS),
        ("inactivity_day_ms=4小时", "inactivity_day_ms", 4 * HOUR_MS),
        ("budget_first_per_30d=0.5", "budget_first_per_30d", 0.5),
        ("inactivity_personal=false", "inactivity_personal", 0),
    ],
)
def test_a_limit_is_written_as_in_a_rulebook_with_or_without_quotes(text, name, value):
    assert setting_of(text) == (name, value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inactivity_day_ms", "limit=value"),
        ("inactivity_dya_ms=4 h", "did you mean inactivity_day_ms"),
        ("inactivity_day_ms=4", "a unit is missing"),
        ("inactivity_day_ms=four hours", "is not a duration"),
        ("inactivity_personal=2", "neither on nor off"),
        ("evening_hour=25", "write 0 to 23"),
    ],
)
def test_a_wrong_limit_is_refused_with_its_remedy(text, said):
    with pytest.raises(ConfigurationError, match=said) as refused:
        setting_of(text)
    assert refused.value.where.startswith("--set")


def test_nothing_proposed_is_nothing_tried():
    assert proposals(home_of(), BOOK, Trial()) == []
    assert in_force(home_of(), BOOK).name == "在用 in force v3"


def test_single_limits_stand_over_everything_that_is_in_force_for_the_home():
    one = only(proposals(home_of(), BOOK, Trial(limits={"door_open_day_ms": 2 * HOUR_MS, "inactivity_personal": 0})))
    assert one.changed == {"inactivity_personal": ("1", "0"), "door_open_day_ms": ("1 h", "2 h")}
    assert one.parameters.inactivity_day_ms == 6 * HOUR_MS


def test_each_preset_is_a_proposal_of_its_own_with_the_single_limits_over_it():
    trial = Trial(presets=("day4_night8", "silence_12h"), limits={"inactivity_night_ms": 6 * HOUR_MS})
    first, second = proposals(home_of(), BOOK, trial)
    assert (first.name, second.name) == ("day4_night8 + set", "silence_12h + set")
    assert (first.parameters.inactivity_day_ms, second.parameters.inactivity_day_ms) == (4 * HOUR_MS, 12 * HOUR_MS)
    assert first.parameters.inactivity_night_ms == second.parameters.inactivity_night_ms == 6 * HOUR_MS
    assert first.parameters.door_open_day_ms == HOUR_MS


def test_a_rulebook_takes_the_place_of_the_one_in_force():
    book = Rulebook(stamp=Stamp(version=4), homes={"h1": (Layer("home h1", {"inactivity_personal": 0}),)})
    one = only(proposals(home_of(), BOOK, Trial(rulebook=book, rulebook_name="new.toml")))
    assert one.name == "new.toml v4"
    assert one.changed == {
        "inactivity_personal": ("1", "0"),
        "inactivity_day_ms": ("6 h", "5 h"),
        "door_open_day_ms": ("1 h", "10 min"),
    }


def test_what_the_registry_sets_is_named_as_standing_above_any_rulebook():
    home = home_of(limits={"inactivity_day_ms": 3 * HOUR_MS})
    one = only(proposals(home, BOOK, Trial(presets=("day4_night8",))))
    assert one.changed["inactivity_day_ms"] == ("3 h", "4 h")
    assert any("inactivity_day_ms = 3 h stands in the registry" in note.en for note in one.notes)
    book = Rulebook(stamp=Stamp(version=4), everybody=(Layer("all", {"inactivity_day_ms": 9 * HOUR_MS}),))
    one = only(proposals(home, BOOK, Trial(rulebook=book, rulebook_name="new.toml")))
    assert "inactivity_day_ms" not in one.changed
    assert any("stands in the registry" in note.en for note in one.notes)


@pytest.mark.parametrize(
    ("devices", "trial", "said"),
    [
        ((KITCHEN, LIVING), Trial(presets=("personal",)), "very limits"),
        ((KITCHEN, LIVING), Trial(presets=("water_12h_10l",)), "no water meter"),
        ((KITCHEN, LIVING), Trial(limits={"inactivity_day_ms": 4 * HOUR_MS}), "--set inactivity_personal=0"),
    ],
)
def test_a_change_that_can_change_little_says_why(devices, trial, said):
    book = Rulebook()
    one = only(proposals(home_of(*devices), book, trial))
    assert any(said in note.en for note in one.notes)


@pytest.mark.parametrize("preset", [preset.name for preset in built_in_presets()])
def test_every_preset_can_be_tried_on_a_home_with_a_meter(preset):
    assert only(proposals(home_of(KITCHEN, WATER), Rulebook(), Trial(presets=(preset,)))).name == preset


def test_two_limits_that_contradict_each_other_are_refused():
    with pytest.raises(ConfigurationError, match="day_starts_hour"):
        proposals(home_of(), BOOK, Trial(limits={"day_starts_hour": 23}))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["h1", "--preset", "day4_night9"], "did you mean day4_night8"),
        (["h1", "--set", "inactivity_dya_ms=4 h"], "did you mean inactivity_day_ms"),
        (["h1", "--rules", "nowhere.toml"], "nowhere.toml"),
        (["h9"], "registry list"),
        ([], "name a home"),
        (["--recording", "nowhere.csv"], "nowhere.csv: there is no such file"),
        (["h1", "--map", "flat.toml"], "add --recording FILE"),
        (["h1", "--json", "."], "cannot be written"),
    ],
)
def test_what_cannot_be_tried_says_what_to_write_instead(tmp_path, arguments, said):
    readings = [*lived(1)]
    written(tmp_path / "data", home_of(), readings, readings[-1].received_at_ms)
    result = CliRunner().invoke(app, ["rules", "backtest", *arguments, "--data-dir", str(tmp_path / "data")])
    assert isinstance(result.exception, ShouwangError)
    assert said in str(result.exception)


def test_a_home_of_which_nothing_was_ever_heard_has_no_history(tmp_path):
    files = written(tmp_path / "data", home_of(), [], 1_000)
    called = ["rules", "backtest", "h1", "--data-dir", str(tmp_path / "data")]
    assert "holds nothing from home h1" in str(CliRunner().invoke(app, called).exception)
    for file in tmp_path.glob("data/journal.sqlite*"):
        file.unlink()
    assert "no journal here" in str(CliRunner().invoke(app, called).exception)
    assert not files.journal.exists()
