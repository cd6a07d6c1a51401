"""Who of a village in the dark is looked for first."""

import msgspec
import pytest

from alerts.outage import Affected, by_risk
from core.ids import AlertId, HomeId
from rules.findings import Priority

USUAL = Affected(
    home_id=HomeId("h"),
    alert_id=AlertId("a"),
    priority=Priority.P2,
    is_open=True,
    is_held=True,
    is_key_person=False,
    since_ms=100,
)


def home(name: str, **more) -> Affected:
    return msgspec.structs.replace(USUAL, home_id=HomeId(name), alert_id=AlertId(f"{name}-{more}"), **more)


@pytest.mark.parametrize(
    "greater",
    [
        home("first", is_key_person=True, priority=Priority.P3),
        home("first", priority=Priority.P1),
        home("first", since_ms=99),
    ],
)
def test_a_key_person_then_the_gravest_then_the_longest_unseen_comes_first(greater):
    assert [one.home_id for one in by_risk([home("a"), greater, home("b")])] == ["first", "a", "b"]


def test_what_has_ended_stands_last_however_grave_it_was():
    ended = home("a", is_open=False, is_key_person=True, priority=Priority.P0)
    assert [one.home_id for one in by_risk([ended, home("b")])] == ["b", "a"]


def test_a_home_with_two_alerts_stands_there_once_with_the_graver_one_that_is_open():
    two = [home("a", priority=Priority.P3), home("a"), home("a", priority=Priority.P0, is_open=False)]
    assert [one.priority for one in by_risk(two)] == [Priority.P2]
