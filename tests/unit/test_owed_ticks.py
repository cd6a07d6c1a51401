"""Deaf ticks without room are remembered beside the journal, by whoever opens it next."""

from itertools import pairwise

import pytest

from core.clock import Leap
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from rules import deafness
from store.owed_ticks import MOST, PAUSE_MS, SIZE, SPANS_KEPT, OwedTicks


def test_what_is_owed_outlasts_a_restart_and_what_was_paid_is_forgotten(tmp_path):
    path = tmp_path / "journal.sqlite"
    owed = OwedTicks(path, 0)
    for at_ms in range(HOUR_MS, 2 * HOUR_MS + 1, 5_000):
        owed.owe(at_ms)
    again = OwedTicks(path, 0)
    assert list(again.times_ms(0, 0)) == list(range(HOUR_MS, 2 * HOUR_MS + 1, MINUTE_MS))
    again.paid()
    assert list(OwedTicks(path, 0).times_ms(0, 0)) == []


@pytest.mark.parametrize("days", [0.25, 30])
def test_a_leap_that_found_no_room_outlasts_a_restart_and_is_owed_once(tmp_path, days):
    path, leaps = tmp_path / "journal.sqlite", []
    owed = OwedTicks(path, HOUR_MS, lambda: leaps)
    owed.owe(2 * HOUR_MS)
    until_ms = 2 * HOUR_MS + MINUTE_MS + int(days * DAY_MS)
    leaps.append(Leap(1, 2 * HOUR_MS + MINUTE_MS, until_ms))
    owed.owe(until_ms + 1_000)
    owed.owe(until_ms + MINUTE_MS)
    for known in (owed, OwedTicks(path, HOUR_MS)):
        times = list(known.times_ms(HOUR_MS, until_ms + HOUR_MS))
        assert (times[0], times[-1], times) == (2 * HOUR_MS, until_ms + MINUTE_MS, sorted(set(times)))
        assert max(later_ms - at_ms for at_ms, later_ms in pairwise(times)) <= PAUSE_MS


def test_what_the_journal_has_gone_past_was_written_before_the_kill(tmp_path):
    path = tmp_path / "journal.sqlite"
    OwedTicks(path, 0).owe(HOUR_MS)
    assert OwedTicks(path, HOUR_MS).until_ms == 0


def test_a_file_that_is_not_whole_owes_nothing(tmp_path):
    path = tmp_path / "journal.sqlite"
    OwedTicks(path, 0).owe(HOUR_MS)
    file = tmp_path / "journal.sqlite-owed"
    file.write_bytes(file.read_bytes().replace(b"36", b"35"))
    assert OwedTicks(path, 0).until_ms == 0


def test_the_file_has_its_bytes_from_the_beginning_and_never_more(tmp_path):
    path = tmp_path / "journal.sqlite"
    owed = OwedTicks(path, 0)
    file = tmp_path / "journal.sqlite-owed"
    assert file.stat().st_size == SIZE
    for n in range(2 * SPANS_KEPT):
        owed.owe(1_800_000_000_000 + n * HOUR_MS)
    assert file.stat().st_size == SIZE
    assert len(list(owed.times_ms(0, 0))) == SPANS_KEPT


def test_a_month_without_room_is_written_as_its_last_weeks(tmp_path):
    owed = OwedTicks(tmp_path / "journal.sqlite", 0)
    for at_ms in (0, 31 * 24 * HOUR_MS):
        owed.owe(at_ms)
    owed._spans = [(0, owed.until_ms)]  # a try a minute would be as many fsyncs
    *_, last_ms = times_ms = list(owed.times_ms(0, 0))
    assert (len(times_ms), last_ms) == (MOST, owed.until_ms)


def test_the_journal_and_the_rules_hold_the_same_pause_for_a_service_that_did_not_run():
    assert PAUSE_MS == deafness.PAUSE_MS
