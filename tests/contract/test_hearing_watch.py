"""Whom a deaf service tells, and when: once after minutes, graver after half an hour, and that it is over."""

from contextlib import closing

import msgspec
import pytest

from alerts.lifecycle import ENDED
from app.desk_service import DeskService
from app.hearing import Deafness, Hears
from app.hearing_watch import LONG_AFTER_MS, LOOK_EVERY_MS, TOLD_AFTER_MS, TOLD_WITHIN_MS, HearingWatch
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
            if NOW_MS + deaf_ms >= self.clock.now_ms():
                self.clock.advance_to_ms(NOW_MS + deaf_ms)
                self._looks(deaf_ms, Hears.DEAF)

    def goes_deaf_for(self, for_ms: int) -> None:
        for deaf_ms in range(LOOK_EVERY_MS, for_ms + 1, LOOK_EVERY_MS):
            self.clock.advance_to_ms(self.clock.now_ms() + LOOK_EVERY_MS)
            self._looks(deaf_ms, Hears.DEAF)

    def hears(self, for_ms: int) -> None:
        self._passes(for_ms, Hears.WELL)

    def waits(self, for_ms: int) -> None:
        """Be started, and not know yet."""
        self._passes(for_ms, Hears.WAITING)

    def _passes(self, for_ms: int, answer: Hears) -> None:
        for _ in range(for_ms // LOOK_EVERY_MS):
            self.clock.advance_to_ms(self.clock.now_ms() + LOOK_EVERY_MS)
            self._looks(None, answer)

    def _looks(self, deaf_ms: int | None, answer: Hears) -> None:
        self.ear.deaf_ms, self.ear.last = deaf_ms, answer
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
    place.hears(HOUR_MS)
    assert place.alerts() == []


def test_a_deaf_service_is_one_alert_however_long_it_lasts_and_graver_after_half_an_hour(place):
    place.deaf_until(TOLD_AFTER_MS)
    assert place.alerts() == [(Priority.P2, True)]
    place.deaf_until(LONG_AFTER_MS - LOOK_EVERY_MS)
    assert place.alerts() == [(Priority.P2, True)]
    place.deaf_until(5 * HOUR_MS)
    assert place.alerts() == [(Priority.P1, True)]


@pytest.mark.parametrize("lasting_ms", [TOLD_AFTER_MS, HOUR_MS])
def test_it_is_over_once_the_homes_have_been_heard_for_a_while(place, lasting_ms):
    place.deaf_until(lasting_ms)
    place.hears(TOLD_WITHIN_MS - LOOK_EVERY_MS)
    assert [is_open for _, is_open in place.alerts()] == [True]
    place.hears(2 * LOOK_EVERY_MS)
    assert [is_open for _, is_open in place.alerts()] == [False]


def test_a_link_that_comes_and_goes_is_told_once_and_graver_as_if_it_were_away_at_a_stretch(place):
    for _ in range(4):
        place.goes_deaf_for(50_000)
        place.hears(110_000)
    assert place.alerts() == [(Priority.P2, True)]
    for _ in range(40):
        place.goes_deaf_for(50_000)
        place.hears(110_000)
    assert place.alerts() == [(Priority.P1, True)]
    place.hears(TOLD_WITHIN_MS)
    assert place.alerts() == [(Priority.P1, False)]


def test_a_short_time_a_day_is_told_to_nobody(place):
    for _ in range(20):
        place.goes_deaf_for(TOLD_AFTER_MS - LOOK_EVERY_MS)
        place.hears(HOUR_MS)
    assert place.alerts() == []


def test_a_service_that_is_started_anew_while_deaf_tells_nothing_twice_and_nothing_over(place):
    place.deaf_until(TOLD_AFTER_MS)
    place.start()
    place.ear.deaf_ms, place.ear.last = None, Hears.WAITING
    place.watch.look(place.clock.now_ms())
    assert place.alerts() == [(Priority.P2, True)]
    place.ear.deaf_ms, place.ear.last = LONG_AFTER_MS, Hears.DEAF
    place.watch.look(NOW_MS + LONG_AFTER_MS)
    assert place.alerts() == [(Priority.P1, True)]


def test_restarts_do_not_hide_that_nothing_is_heard(place):
    for _ in range(30):
        place.start()
        place.waits(60_000)
        place.goes_deaf_for(90_000)
    assert place.alerts() == [(Priority.P1, True)]


def test_a_journal_without_room_has_an_alert_already_and_after_half_an_hour_becomes_as_grave(place):
    place.ear.why = Deafness.ROOM
    place.deaf_until(LONG_AFTER_MS - LOOK_EVERY_MS)
    assert place.alerts() == []
    place.deaf_until(5 * HOUR_MS)
    assert place.alerts() == [(Priority.P1, True)]
    assert "no home has been heard for 300 min" in place.watch.problems()[0]
    place.hears(TOLD_WITHIN_MS + LOOK_EVERY_MS)
    assert place.alerts() == [(Priority.P1, False)]


def test_what_a_release_before_remembered_is_read(place):
    place.deaf_until(TOLD_AFTER_MS)
    with place.truth.transaction() as unit:
        unit.cursors.set_blob("service_deaf", msgspec.json.encode({"since_ms": NOW_MS, "is_long": False}))
    place.start()
    place.hears(TOLD_WITHIN_MS)
    assert place.alerts() == [(Priority.P2, False)]


def test_that_it_hears_again_is_no_error_in_the_log(place, caplog):
    place.deaf_until(TOLD_AFTER_MS)
    place.hears(TOLD_WITHIN_MS + LOOK_EVERY_MS)
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("ERROR", "the service hears no home"),
        ("WARNING", "the service hears again"),
    ]
