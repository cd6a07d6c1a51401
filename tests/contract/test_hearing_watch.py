"""Whom a deaf service tells, and when: once after minutes, graver after half an hour, and that it is over."""

from contextlib import closing

import pytest

from alerts.lifecycle import ENDED
from app.desk_service import DeskService
from app.hearing import Deafness, Hears
from app.hearing_watch import LONG_AFTER_MS, LOOK_EVERY_MS, TOLD_AFTER_MS, HearingWatch
from core.clock import ManualClock
from core.localtime import DAY_MS, HOUR_MS
from rules.findings import FindingKind, Priority
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.policy import built_in_policy

NOW_MS = 1_000 * DAY_MS


class Ear:
    """What the service says of its hearing, as the test has it."""

    def __init__(self) -> None:
        self.deaf_ms: int | None = None
        self.why = Deafness.BROKER
        self.last = Hears.WELL

    def deaf_for_ms(self) -> int | None:
        return self.deaf_ms


class Place:
    def __init__(self, folder) -> None:
        self.truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        self.clock = ManualClock(NOW_MS)
        self.desk = DeskService(self.truth, self.clock, built_in_policy(), on_change=lambda _lines: None)
        self.ear = Ear()
        self.start()

    def start(self) -> None:
        self.watch = HearingWatch(self.ear, self.truth, self.desk)

    def deaf_until(self, for_ms: int) -> None:
        for deaf_ms in range(0, for_ms + 1, LOOK_EVERY_MS):
            self.ear.deaf_ms, self.ear.last = deaf_ms, Hears.DEAF
            self.clock.advance_to_ms(NOW_MS + deaf_ms)
            self.watch.look(self.clock.now_ms())

    def hears(self) -> None:
        self.ear.deaf_ms, self.ear.last = None, Hears.WELL
        self.watch.look(self.clock.now_ms())

    def alerts(self):
        with self.truth.view() as unit:
            found = unit.alerts.list(None, 50)
        assert all(one.kinds == (FindingKind.SERVICE_DEAF,) for one in found)
        return [(one.priority, one.state not in ENDED) for one in found]

    def close(self) -> None:
        self.truth.close()


@pytest.fixture
def place(tmp_path):
    with closing(Place(tmp_path)) as place:
        yield place


def test_a_broker_that_is_back_within_minutes_is_told_to_nobody(place):
    place.deaf_until(TOLD_AFTER_MS - LOOK_EVERY_MS)
    place.hears()
    assert place.alerts() == []


def test_a_deaf_service_is_one_alert_however_long_it_lasts_and_graver_after_half_an_hour(place):
    place.deaf_until(TOLD_AFTER_MS)
    assert place.alerts() == [(Priority.P2, True)]
    place.deaf_until(LONG_AFTER_MS - LOOK_EVERY_MS)
    assert place.alerts() == [(Priority.P2, True)]
    place.deaf_until(5 * HOUR_MS)
    assert place.alerts() == [(Priority.P1, True)]


@pytest.mark.parametrize("lasting_ms", [TOLD_AFTER_MS, HOUR_MS])
def test_it_is_over_when_the_homes_are_heard_again(place, lasting_ms):
    place.deaf_until(lasting_ms)
    place.hears()
    assert [is_open for _, is_open in place.alerts()] == [False]


def test_a_service_that_is_started_anew_while_deaf_tells_nothing_twice_and_nothing_over(place):
    place.deaf_until(TOLD_AFTER_MS)
    place.start()
    place.ear.deaf_ms, place.ear.last = None, Hears.WAITING
    place.watch.look(place.clock.now_ms())
    assert place.alerts() == [(Priority.P2, True)]
    place.ear.deaf_ms, place.ear.last = TOLD_AFTER_MS, Hears.DEAF
    place.watch.look(NOW_MS + LONG_AFTER_MS)
    assert place.alerts() == [(Priority.P1, True)]


def test_a_journal_without_room_has_an_alert_already(place):
    place.ear.why = Deafness.ROOM
    place.deaf_until(5 * HOUR_MS)
    assert place.alerts() == []
    assert "no home has been heard for 300 min" in place.watch.problems()[0]
