"""Time that the writers' clock leapt over stands in the journal as deaf, minute by minute, before what comes next."""

import tracemalloc
from contextlib import closing
from itertools import pairwise

import pytest

from core.clock import Leap
from core.errors import NoRoomError
from core.events import Flag, Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from store.journal import Journal
from store.journal_room import RoomLimits
from store.owed_ticks import MOST, PAUSE_MS

NOON = 1_800_000_000_000
ONE = Reading(HomeId("h1"), DeviceId("h1/pir"), Metric.MOTION, True, NOON, NOON, 1, int(Flag(0)))


class Clocked:
    """A journal and the leaps that its writers' clock knows."""

    def __init__(self, path, limits=None) -> None:
        self.leaps: list[Leap] = []
        self.journal = Journal(path, limits, lambda: self.leaps)

    def rows(self) -> list[tuple[int, int, bool]]:
        """(log time, readings, is deaf) of every entry."""
        return [(one.log_time_ms, len(one.readings), one.is_deaf) for one in self.journal.read(0, MOST + 10)]

    def close(self) -> None:
        self.journal.close()


@pytest.fixture
def clocked(tmp_path):
    with closing(Clocked(tmp_path / "journal.sqlite")) as clocked:
        clocked.journal.append([ONE], log_time_ms=NOON)
        yield clocked


def test_what_was_leapt_over_is_deaf_once_and_before_the_first_entry_after_it(clocked):
    clocked.leaps.append(Leap(1, NOON + 1_000, NOON + 1_000 + 150_000))
    clocked.journal.append([ONE], log_time_ms=NOON + 151_500)
    clocked.journal.append([], log_time_ms=NOON + 152_000, is_tick=True)
    assert clocked.rows()[1:] == [
        (NOON + 1_000, 0, True),
        (NOON + 61_000, 0, True),
        (NOON + 121_000, 0, True),
        (NOON + 151_000, 0, True),
        (NOON + 151_500, 1, False),
        (NOON + 152_000, 0, False),
    ]


def test_an_entry_whose_time_was_taken_before_the_leap_leaves_it_to_the_next(clocked):
    clocked.leaps.append(Leap(1, NOON + 1_000, NOON + HOUR_MS))
    clocked.journal.append([ONE], log_time_ms=NOON + 999)
    assert clocked.rows()[1:] == [(NOON + 999, 1, False)]
    clocked.journal.append([ONE], log_time_ms=NOON + HOUR_MS + 1)
    assert [is_deaf for _, _, is_deaf in clocked.rows()[2:]] == [True] * 61 + [False]


def test_a_second_leap_is_written_as_the_first_was(clocked):
    for number in (1, 2):
        from_ms = NOON + number * HOUR_MS
        clocked.leaps.append(Leap(number, from_ms, from_ms + MINUTE_MS))
        clocked.journal.append([], log_time_ms=from_ms + MINUTE_MS, is_tick=True)
    assert [is_deaf for _, _, is_deaf in clocked.rows()[1:]] == [True, True, False] * 2


def test_two_leaps_before_one_entry_are_both_deaf(clocked):
    clocked.leaps += [Leap(1, NOON, NOON + HOUR_MS), Leap(2, NOON + HOUR_MS + 5, NOON + HOUR_MS + 5 + MINUTE_MS)]
    clocked.journal.append([], log_time_ms=NOON + 2 * HOUR_MS, is_tick=True)
    times = [at_ms for at_ms, _, is_deaf in clocked.rows() if is_deaf]
    assert (len(times), times[0], times[-1]) == (61 + 2, NOON, NOON + HOUR_MS + 5 + MINUTE_MS)


@pytest.mark.parametrize("days", [10, 20, 60])
def test_a_leap_of_weeks_is_deaf_without_a_pause_from_its_first_moment(clocked, days):
    clocked.leaps.append(Leap(1, NOON + 1, NOON + 1 + days * DAY_MS))
    clocked.journal.append([], log_time_ms=NOON + 1 + days * DAY_MS, is_tick=True)
    times = [at_ms for at_ms, _, is_deaf in clocked.rows() if is_deaf]
    assert (times[0], times[-1]) == (NOON + 1, NOON + 1 + days * DAY_MS)
    assert max(later_ms - at_ms for at_ms, later_ms in pairwise(times)) <= PAUSE_MS
    assert len(times) <= MOST


def test_a_leap_of_decades_takes_no_memory(clocked):
    clocked.leaps.append(Leap(1, 0, 2 * NOON))
    tracemalloc.start()
    clocked.journal.append([], log_time_ms=2 * NOON, is_tick=True)
    most_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most_bytes < 20_000_000


def test_a_journal_ahead_of_the_leap_does_not_go_back_for_it(clocked):
    clocked.journal.append([], log_time_ms=NOON + HOUR_MS, is_tick=True)
    clocked.leaps.append(Leap(1, NOON + 5 * MINUTE_MS, NOON + 10 * MINUTE_MS))
    clocked.journal.append([], log_time_ms=NOON + 10 * MINUTE_MS, is_tick=True)
    assert {at_ms for at_ms, _, _ in clocked.rows()[1:]} == {NOON + HOUR_MS}


def test_a_clock_that_began_decades_ago_is_deaf_for_the_last_weeks_only(clocked):
    clocked.leaps.append(Leap(1, NOON + 1, 2 * NOON))
    clocked.journal.append([], log_time_ms=2 * NOON, is_tick=True)
    assert len(clocked.rows()) == MOST + 2


def test_what_was_leapt_over_is_written_when_there_is_room_again(tmp_path):
    full = RoomLimits(journal_bytes=1, reserve_bytes=0)
    with closing(Clocked(tmp_path / "journal.sqlite", full)) as clocked:
        clocked.leaps.append(Leap(1, NOON, NOON + MINUTE_MS))
        with pytest.raises(NoRoomError):
            clocked.journal.append([ONE], log_time_ms=NOON + MINUTE_MS)
        clocked.journal.append([], log_time_ms=NOON + MINUTE_MS + 5, is_tick=True)
        assert [is_deaf for _, _, is_deaf in clocked.rows()] == [True, True, False]


def test_a_leap_from_before_the_journal_was_opened_is_none_of_its_own(tmp_path):
    with closing(Journal(tmp_path / "j.sqlite", None, lambda: [Leap(3, NOON, NOON + HOUR_MS)])) as journal:
        journal.append([], log_time_ms=NOON + 2 * HOUR_MS, is_tick=True)
        assert [one.is_deaf for one in journal.read(0, 10)] == [False]
