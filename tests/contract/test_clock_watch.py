"""Whom a clock that leaps, or is behind what was recorded, is told to; and that no ladder under way waits for it."""

from contextlib import closing

import pytest
from alarm_house import register
from desk_room import CONTACTS, finding

from alerts.lifecycle import ENDED
from alerts.model import AttemptState
from alerts.ports import Upkeep
from app.clock_watch import ClockWatch
from app.desk_service import DeskService
from app.hearing import CLOCK_BEHIND_MS
from app.hearing_watch import TOLD_AFTER_MS
from core.clock import Leap, ManualClock
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules.findings import FindingKind, Priority
from store.cipher import FieldCipher
from store.truth.database import Truth
from visits.policy import built_in_policy

NOW_MS = 20_000 * DAY_MS


class SetClock(ManualClock):
    """A clock of which the test says what it knows of itself."""

    leaps: tuple[Leap, ...] = ()
    lead_ms = 0


class Place:
    def __init__(self, folder) -> None:
        self.truth = Truth(folder / "truth.sqlite", FieldCipher(b"k" * 32))
        self.starts(NOW_MS)

    def starts(self, now_ms: int, log_ms: int = 0) -> int:
        """Start on a machine whose clock shows `now_ms`; return what was brought back."""
        self.clock = SetClock(now_ms)
        self.desk = DeskService(self.truth, self.clock, built_in_policy(), on_change=lambda _lines: None)
        self.watch = ClockWatch(self.clock, self.truth, self.desk)
        return self.watch.begin(log_ms)

    def looks(self, now_ms: int) -> None:
        self.clock.advance_to_ms(now_ms)
        self.watch.look(now_ms)

    def told(self):
        with self.truth.view() as unit:
            found = [one for one in unit.alerts.list(None, 50) if one.kinds == (FindingKind.SERVICE_DEAF,)]
        return [(one.priority, one.state not in ENDED) for one in found]


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    with closing(place.truth):
        yield place


def test_a_leap_of_minutes_is_told_once_and_stays_until_a_human_has_seen_it(place):
    place.clock.leaps = (Leap(1, NOW_MS, NOW_MS + TOLD_AFTER_MS),)
    for n in range(100):
        place.looks(NOW_MS + TOLD_AFTER_MS + n * MINUTE_MS)
    assert place.told() == [(Priority.P2, True)]


def test_a_shorter_leap_is_told_to_nobody(place):
    place.clock.leaps = (Leap(1, NOW_MS, NOW_MS + TOLD_AFTER_MS - 1),)
    place.looks(NOW_MS + HOUR_MS)
    assert place.told() == []


def test_a_clock_behind_what_was_recorded_is_told_once_over_restarts_and_that_it_is_over(place):
    log_ms = NOW_MS + 2 * HOUR_MS
    for n in range(3):
        place.starts(NOW_MS + n * HOUR_MS // 2, log_ms)
        place.looks(NOW_MS + n * HOUR_MS // 2)
        assert place.told() == [(Priority.P2, True)]
        assert "until it has caught up no silence is judged" in place.watch.problems()[0]
    place.looks(log_ms - CLOCK_BEHIND_MS)
    assert place.told() == [(Priority.P2, False)]
    assert place.watch.problems() == []


def test_a_clock_in_time_tells_nothing_and_moves_nothing(place):
    assert place.starts(NOW_MS, NOW_MS + CLOCK_BEHIND_MS) == 0
    place.looks(NOW_MS)
    assert (place.told(), place.watch.problems(), place.watch.notices()) == ([], [], [])


def test_a_lead_of_minutes_is_a_notice_that_says_what_a_restart_would_cost(place):
    place.clock.lead_ms = 90 * MINUTE_MS
    assert "set back by 90 min" in place.watch.notices()[0]
    place.clock.lead_ms = MINUTE_MS - 1
    assert place.watch.notices() == []


def test_a_ladder_under_way_goes_on_after_a_clock_was_set_back_while_nothing_ran(place):
    register(place.truth, CONTACTS)
    place.desk.take_findings([finding(at_ms=NOW_MS)])
    with place.truth.view() as unit:
        (alert,) = unit.alerts.list(None, 5)
        before = [one.due_at_ms - NOW_MS for one in unit.alerts.timers(alert.id)]
        (call,) = [one for one in unit.outbox.of_alert(alert.id) if one.state is AttemptState.NEW]
    assert before
    back_ms = NOW_MS - 8 * HOUR_MS
    assert place.starts(back_ms, NOW_MS) == len(before) + 1
    with place.truth.view() as unit:
        assert [one.due_at_ms - back_ms for one in unit.alerts.timers(alert.id)] == before
        assert unit.outbox.get(call.id).not_before_ms == call.not_before_ms - 8 * HOUR_MS
    assert place.starts(back_ms + MINUTE_MS, NOW_MS) == 0  # what was brought back once is due by the new time


def test_an_owner_keeps_the_time_that_was_left(place):
    register(place.truth, CONTACTS)
    place.desk.take_findings([finding(at_ms=NOW_MS)])
    with place.truth.view() as unit:
        (alert,) = unit.alerts.list(None, 5)
    place.desk.acknowledge(alert.id, "duty1", alert.version)
    back_ms = NOW_MS - 8 * HOUR_MS
    with place.truth.view() as unit:
        left_ms = unit.alerts.get(alert.id).ack_deadline_ms - NOW_MS
    place.starts(back_ms, NOW_MS)
    with place.truth.view() as unit:
        assert unit.alerts.get(alert.id).ack_deadline_ms - back_ms == left_ms
        assert [one.due_at_ms - back_ms for one in unit.alerts.timers(alert.id)] == [left_ms]


def test_what_was_brought_back_once_keeps_its_time_over_further_restarts(place):
    register(place.truth, CONTACTS)
    place.desk.take_findings([finding(at_ms=NOW_MS)])
    log_ms = NOW_MS + MINUTE_MS
    with place.truth.transaction() as unit:
        (alert,) = unit.alerts.list(None, 5)
        (timer,) = unit.alerts.timers(alert.id)
        unit.alerts.put_off(timer.key, log_ms + 5 * HOUR_MS)
    back_ms = log_ms - HOUR_MS
    for n in range(3):
        place.starts(back_ms + n * MINUTE_MS, log_ms)
        with place.truth.view() as unit:
            assert [one.due_at_ms for one in unit.alerts.timers(alert.id)] == [back_ms + 5 * HOUR_MS]
    for n in range(30):
        place.looks(back_ms + (2 + n) * MINUTE_MS)
    place.starts(back_ms - 2 * HOUR_MS, log_ms)  # set back once more, by as much as it has run since
    with place.truth.view() as unit:
        (due_ms,) = [one.due_at_ms for one in unit.alerts.timers(alert.id)]
    assert abs(due_ms - (back_ms - 2 * HOUR_MS) - (5 * HOUR_MS - 31 * MINUTE_MS)) <= MINUTE_MS


def test_what_is_due_by_a_clock_that_had_caught_up_is_brought_back_anew(place):
    register(place.truth, CONTACTS)
    place.starts(NOW_MS - HOUR_MS, NOW_MS)
    place.starts(NOW_MS + HOUR_MS, NOW_MS)  # killed before a look, and set back once more
    place.desk.take_findings([finding(at_ms=NOW_MS + HOUR_MS)])
    with place.truth.view() as unit:
        (alert,) = unit.alerts.list(None, 5)
        before = [one.due_at_ms for one in unit.alerts.timers(alert.id)]
    place.starts(NOW_MS - HOUR_MS // 2, NOW_MS + HOUR_MS)
    with place.truth.view() as unit:
        moved = [one.due_at_ms for one in unit.alerts.timers(alert.id)]
    assert moved == [due_ms - 3 * HOUR_MS // 2 for due_ms in before]


def test_a_step_and_a_look_up_that_were_overdue_when_the_service_was_killed_are_taken_at_once(place):
    register(place.truth, CONTACTS)
    place.desk.take_findings([finding(at_ms=NOW_MS)])
    log_ms, back_ms = NOW_MS + 30 * MINUTE_MS, NOW_MS - 8 * HOUR_MS
    with place.truth.transaction() as unit:
        (alert,) = unit.alerts.list(None, 5)
        (timer,) = unit.alerts.timers(alert.id)
        unit.alerts.put_off(timer.key, log_ms - 1)
        (call,) = [one for one in unit.outbox.of_alert(alert.id) if one.state is AttemptState.NEW]
        unit.outbox.claim(call.id, "twilio_voice", log_ms - 1)
        unit.outbox.keep(call.id, Upkeep(look_up_at_ms=log_ms - 1))
    place.starts(back_ms, log_ms)
    with place.truth.view() as unit:
        assert [one.due_at_ms for one in unit.alerts.timers(alert.id)] == [back_ms - 1]
        assert [one.id for one in unit.outbox.due(back_ms, 5)] == [call.id]
        assert unit.outbox.get(call.id).first_claimed_at_ms is None  # or it would fail over hours late
