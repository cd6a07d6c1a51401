"""The made-up township as somebody tries the ledger on: one command, whole in the database, never among real people."""

from datetime import date
from itertools import pairwise

import pytest
from command_line import printed

from app.files import DataFiles
from core.errors import ConfigurationError


def test_a_township_is_made_up_written_down_and_judged_and_is_not_made_twice(tmp_path):
    size = ("--people", "60", "--villages", "4", "--months", "3", "--seed", "5")
    told = printed("township", "generate", *size, data_dir=tmp_path / "data")
    assert told.startswith("60 people in 4 villages")
    truth = DataFiles(tmp_path / "data").open_truth()
    with truth.view() as unit:
        assert sum(count for _, count in unit.people.villages("shuren")) == 60
        assert len(unit.people.persons("shuren/v001")) == dict(unit.people.villages())["shuren/v001"]
        visits = unit.visits.list(from_date=date(2024, 1, 1))
        numbers = [(visit.person_id, visit.number) for visit in visits if visit.number]
        assert len(numbers) == len(set(numbers)) > 50
        assert unit.visits.versions(visits[0].id) == [visits[0]]
        assert unit.standing.all()
        assert unit.follow_ups.open_in("shuren")
    truth.close()
    listed = printed("visits", "list", "--limit", "1000", data_dir=tmp_path / "data").splitlines()
    assert any("KEY-HALFMONTH: counts" in line for line in listed)
    bare = [one for one, below in pairwise(listed) if one[0] + below[0] == "22"]
    assert bare == []  # each record says what it counts for and why
    assert "60 people" in printed("visits", "due", "--month", "2024-02", data_dir=tmp_path / "data")
    with pytest.raises(ConfigurationError, match="registered there already"):
        printed("township", "generate", *size, data_dir=tmp_path / "data")


def test_a_first_month_that_is_none_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ConfigurationError, match="no month"):
        printed("township", "generate", "--first-month", "2024-13", data_dir=tmp_path / "data")
    assert not (tmp_path / "data").exists()
