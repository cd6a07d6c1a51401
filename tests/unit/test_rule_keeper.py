"""The homes that the engine watches are those that the registry lists, no others."""

from pathlib import Path

import pytest
from rules_walk import HOME_ID, home_of, motion

from app.rules_files import RuleKeeper, rules_file
from core.errors import NotFoundError
from rules.engine import Engine

NINE = 1_709_600_400_000


def test_a_home_that_the_registry_no_longer_lists_is_watched_no_more(tmp_path: Path):
    engine = Engine()
    keeper = RuleKeeper(engine, rules_file(None, tmp_path / "last_good.toml"))
    keeper.set_homes([home_of()])
    engine.on_readings(NINE, motion("kitchen", NINE))
    assert engine.next_deadline_ms() is not None
    keeper.set_homes([])
    assert engine.home_ids() == set()
    assert engine.next_deadline_ms() is None
    assert engine.on_readings(NINE + 1, motion("kitchen", NINE + 1)) == ()
    with pytest.raises(NotFoundError):
        engine.rules_of(HOME_ID)


def test_a_home_that_is_listed_again_begins_anew(tmp_path: Path):
    engine = Engine()
    keeper = RuleKeeper(engine, rules_file(None, tmp_path / "last_good.toml"))
    keeper.set_homes([home_of()])
    engine.on_readings(NINE, motion("kitchen", NINE))
    keeper.set_homes([])
    keeper.set_homes([home_of()])
    assert engine.rules_of(HOME_ID).state.signs == []
