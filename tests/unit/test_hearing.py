"""The service is deaf after a minute without its broker or its journal, and hears again once the backlog is in."""

from types import SimpleNamespace

import msgspec
import pytest

from app.hearing import CLOCK_BEHIND_MS, DEAF_AFTER_S, SETTLES_AGAIN_AFTER_S, Deafness, Hearing, Hears, hearing_of
from app.settling import SETTLE_AT_MOST_S, Settling
from core.clock import Leap, ManualClock
from ingest.broker_account import MAIN_BROKER
from ingest.session import Counters

ACK_WAIT_S = 5.0
WAIT_S = 7.0
NOTHING = Counters(
    received=0, admitted=0, duplicates=0, parked=0, commits=0, acked=0, queued=0, connects=0, faults=0,
    is_connected=True,
)  # fmt: skip


class Watched:
    """A session's counters and its reason to stop, and the seconds that pass."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.seen, self.held_up = NOTHING, ""
        self.settling = Settling(lambda: self.seen, ACK_WAIT_S, lambda: self.now_s)
        self.takes = True
        self.leap: Leap | None = None
        self.behind_ms = 0
        self.hearing = Hearing(
            self.settling,
            lambda: self.seen,
            lambda: self.held_up,
            lambda: self.now_s,
            takes=lambda: self.takes,
            leap=lambda: self.leap,
            behind_ms=lambda: self.behind_ms,
        )
        self.settling.begin()

    def broker(self, *, is_there: bool) -> None:
        self.seen = msgspec.structs.replace(self.seen, brokers_away=() if is_there else (MAIN_BROKER,))

    def after(self, seconds: float, per_s: int = 0) -> Hears:
        answer = self.hearing.now()
        for _ in range(round(seconds)):
            self.now_s += 1
            self.seen = msgspec.structs.replace(self.seen, received=self.seen.received + per_s)
            answer = self.hearing.now()
        return answer


@pytest.fixture
def watched():
    watched = Watched()
    assert watched.after(WAIT_S + 1) is Hears.WELL
    return watched


def test_a_broker_that_is_back_within_a_minute_makes_nobody_deaf(watched):
    watched.broker(is_there=False)
    assert watched.after(DEAF_AFTER_S - 1) is Hears.WELL
    watched.broker(is_there=True)
    assert watched.after(DEAF_AFTER_S) is Hears.WELL


def test_without_its_broker_the_service_is_deaf_after_a_minute_and_says_since_when_and_why(watched):
    watched.broker(is_there=False)
    assert watched.after(DEAF_AFTER_S) is Hears.DEAF
    assert (watched.hearing.deaf_for_ms(), watched.hearing.why) == (60_000, Deafness.BROKER)
    assert watched.after(86_400) is Hears.DEAF


def test_a_broker_that_is_connected_and_takes_nothing_from_devices_makes_the_service_deaf_until_it_does(watched):
    watched.takes = False
    assert watched.after(DEAF_AFTER_S) is Hears.DEAF
    assert watched.hearing.why is Deafness.BROKER
    assert watched.after(86_400) is Hears.DEAF
    watched.takes = True
    assert watched.after(WAIT_S + 2) is Hears.WELL


def test_a_broker_that_misses_once_makes_nobody_deaf(watched):
    watched.takes = False
    assert watched.after(DEAF_AFTER_S / 2) is Hears.WELL
    watched.takes = True
    assert watched.after(DEAF_AFTER_S) is Hears.WELL


@pytest.mark.parametrize(("broker", "hears"), [(None, Hears.WELL), (True, Hears.WELL), (False, Hears.DEAF)])
def test_a_service_asks_its_own_broker_and_takes_another_at_its_word(watched, broker, hears):
    session = SimpleNamespace(counters=NOTHING, held_up="")
    embedded = None if broker is None else SimpleNamespace(takes=broker)
    watched.hearing = hearing_of(
        watched.settling, lambda: session, lambda: embedded, clock=ManualClock(), log_ms=lambda: 0
    )
    watched.hearing._seconds = lambda: watched.now_s
    assert watched.after(DEAF_AFTER_S) is hears


def test_a_journal_that_takes_no_readings_makes_the_service_deaf(watched):
    watched.held_up = "the disk is full"
    assert watched.after(DEAF_AFTER_S) is Hears.DEAF
    assert watched.hearing.why is Deafness.ROOM


def test_a_further_broker_that_is_away_makes_nobody_deaf(watched):
    watched.seen = msgspec.structs.replace(watched.seen, brokers_away=("north",))
    assert watched.after(3_600) is Hears.WELL


def test_the_backlog_is_taken_in_before_the_service_hears_again(watched):
    watched.broker(is_there=False)
    watched.after(3_600)
    watched.broker(is_there=True)
    assert watched.after(5 * WAIT_S, per_s=20_000) is Hears.DEAF
    assert watched.after(3, per_s=20) is Hears.WELL
    assert watched.hearing.deaf_for_ms() is None


def test_a_link_that_is_back_for_moments_only_does_not_end_a_deaf_stretch(watched):
    watched.broker(is_there=False)
    watched.after(DEAF_AFTER_S)
    for _ in range(50):
        watched.broker(is_there=True)
        assert watched.after(WAIT_S - 2) is Hears.DEAF
        watched.broker(is_there=False)
        assert watched.after(30) is Hears.DEAF
    assert watched.hearing.deaf_for_ms() > 1_000_000


def test_a_service_that_starts_without_its_broker_judges_nothing_and_is_deaf_after_a_minute():
    watched = Watched()
    watched.broker(is_there=False)
    assert watched.after(DEAF_AFTER_S - 1) is Hears.WAITING
    assert watched.after(1) is Hears.DEAF
    watched.after(3_600)
    watched.broker(is_there=True)
    assert watched.after(WAIT_S) is Hears.DEAF
    assert watched.after(SETTLE_AT_MOST_S) is Hears.WELL


def test_a_service_that_was_deaf_before_its_start_is_so_at_once_until_what_waited_has_come_in():
    watched = Watched()
    watched.hearing.goes_on(20 * 60_000)
    assert watched.after(1) is Hears.DEAF
    assert watched.hearing.deaf_for_ms() == 20 * 60_000 + 1_000
    assert watched.after(5 * WAIT_S, per_s=20_000) is Hears.DEAF
    assert watched.after(3, per_s=20) is Hears.WELL
    assert watched.hearing.deaf_for_ms() is None


def test_restarts_without_a_broker_do_not_hide_since_when_nothing_is_heard():
    watched = Watched()
    watched.broker(is_there=False)
    watched.hearing.goes_on(20 * 60_000)
    assert watched.after(10) is Hears.DEAF
    assert (watched.hearing.deaf_for_ms(), watched.hearing.why) == (20 * 60_000 + 10_000, Deafness.BROKER)


def test_after_a_leap_of_the_clock_nothing_is_judged_before_what_waited_has_come_in(watched):
    watched.leap = Leap(1, 0, 7_200_000)
    assert watched.after(5 * WAIT_S, per_s=20_000) is Hears.DEAF
    assert watched.hearing.why is Deafness.CLOCK
    assert watched.after(3, per_s=20) is Hears.WELL
    assert watched.after(3_600) is Hears.WELL


def test_a_leap_while_the_broker_is_away_changes_nothing_of_why_and_since_when(watched):
    watched.broker(is_there=False)
    watched.after(600)
    watched.leap = Leap(1, 0, 7_200_000)
    assert watched.after(1) is Hears.DEAF
    assert (watched.hearing.deaf_for_ms(), watched.hearing.why) == (601_000, Deafness.BROKER)


def test_while_the_clock_is_behind_what_was_recorded_the_service_is_deaf(watched):
    watched.behind_ms = CLOCK_BEHIND_MS + 1
    assert watched.after(DEAF_AFTER_S) is Hears.DEAF
    assert watched.hearing.why is Deafness.CLOCK
    assert watched.after(86_400) is Hears.DEAF
    watched.behind_ms = CLOCK_BEHIND_MS
    assert watched.after(WAIT_S + 2) is Hears.WELL


def test_a_service_that_was_stopped_for_a_while_lets_what_waited_come_in_before_it_judges(watched):
    watched.after(SETTLES_AGAIN_AFTER_S)
    watched.now_s += 7_200
    assert watched.hearing.now() is Hears.WAITING
    assert watched.after(WAIT_S - 2) is Hears.WAITING
    assert watched.after(4) is Hears.WELL


def test_a_service_so_busy_that_it_is_asked_once_in_two_minutes_judges_all_the_same(watched):
    answers = []
    for _ in range(60):
        watched.now_s += 120
        answers.append(watched.hearing.now())
    assert answers.count(Hears.WELL) > 40
