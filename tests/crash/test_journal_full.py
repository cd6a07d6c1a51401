"""A disk that is full: nothing is acknowledged, the reason is said, and all goes on when there is room again."""

import subprocess
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from ingest_kit import PIR, Publisher, kept_seqs, motion, running
from nats_broker import nats_broker
from small_disk import small_disk

from core.clock import SystemClock
from core.errors import NoRoomError
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from core.localtime import HOUR_MS, MINUTE_MS
from store.journal import Journal
from store.journal_check import verify
from store.journal_recovery import recover
from store.journal_room import MB, RoomLimits

ROOT = Path(__file__).parents[2]


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def readings(count: int = 300) -> list[Reading]:
    return [Reading(HomeId("h1"), DeviceId("h1/pir"), Metric.MOTION, True, n, n, n) for n in range(count)]


def fill_with_entries(journal: Journal) -> list[int]:
    promised: list[int] = []
    while True:
        try:
            promised.append(journal.append(readings(), log_time_ms=1))
        except NoRoomError:
            return promised


def test_a_full_disk_keeps_every_promise_and_the_next_append_works_when_there_is_room(disk):
    path = disk.folder / "journal.sqlite"
    disk.fill(leave=2 * MB)
    with closing(Journal(path)) as journal:
        promised = fill_with_entries(journal)
        with pytest.raises(NoRoomError):
            journal.append(readings(), log_time_ms=1)
        assert [entry.seq for entry in journal.read(0, 10_000)] == promised
        disk.give_back()
        assert journal.append(readings(), log_time_ms=1) == promised[-1] + 1
    assert recover(path, taken_seq=promised[-1] + 1) == []
    assert verify(path).is_whole


def test_readings_stop_before_the_disk_is_full_and_ticks_still_find_room(disk):
    path = disk.folder / "journal.sqlite"
    with closing(Journal(path, RoomLimits(reserve_bytes=MB))) as journal:
        promised = fill_with_entries(journal)
        assert journal.usage().free_bytes > 0
        assert "disk_reserve_mb" in journal.usage().refusal
        tick = journal.append([], log_time_ms=2, is_tick=True)
    assert tick == promised[-1] + 1


def deaf_tick(journal: Journal, at_ms: int) -> int | None:
    try:
        return journal.append([], log_time_ms=at_ms, is_tick=True, is_deaf=True)
    except NoRoomError:
        return None


def test_a_deaf_tick_that_found_no_room_stands_before_the_first_readings_that_do(disk):
    disk.fill(leave=2 * MB)
    with closing(Journal(disk.folder / "journal.sqlite")) as journal:
        promised, deaf_ms = fill_with_entries(journal), 1_000
        while (seq := deaf_tick(journal, deaf_ms)) is not None:  # the last page or two still take one
            promised.append(seq)
            deaf_ms += 1
        assert deaf_tick(journal, deaf_ms + 500) is None
        disk.give_back()
        journal.append(readings(), log_time_ms=9_000)
        journal.append([], log_time_ms=9_001, is_tick=True)
        told = journal.read(promised[-1], 10)
        assert [(one.log_time_ms, one.is_deaf, len(one.readings)) for one in told] == [
            (deaf_ms, True, 0),
            (deaf_ms + 500, True, 0),
            (9_000, False, 300),
            (9_001, False, 0),
        ]


def deaf_until_refused(journal: Journal, at_ms: int, until_ms: int) -> None:
    while deaf_tick(journal, at_ms) is not None:  # the last page or two still take one
        pass
    for tick_ms in range(at_ms, until_ms + 1, MINUTE_MS):
        assert deaf_tick(journal, tick_ms) is None


def test_deaf_ticks_without_room_outlast_kills_and_none_stands_for_a_time_that_nothing_ran(disk):
    path, back_ms = disk.folder / "journal.sqlite", 10 * HOUR_MS
    with closing(Journal(path)) as journal:
        disk.fill(leave=2 * MB)
        fill_with_entries(journal)
        disk.fill()
        deaf_until_refused(journal, HOUR_MS, 3 * HOUR_MS)
        last_seq = journal.last()[0]
    disk.fill()
    with closing(Journal(path)) as journal:  # still no room, hours later
        deaf_until_refused(journal, 8 * HOUR_MS, 9 * HOUR_MS)
    disk.give_back()
    with closing(Journal(path)) as journal:
        last_seq = min(last_seq, journal.last()[0])
        journal.append(readings(), log_time_ms=back_ms)
        *ticks, heard = journal.read(last_seq, 10_000)
        assert (heard.log_time_ms, heard.is_tick) == (back_ms, False)
        assert all(one.is_deaf for one in ticks)
        times_ms = [one.log_time_ms for one in ticks]
        pauses_ms = [after - before for before, after in pairwise(times_ms)]
        assert (times_ms[0], times_ms[-1]) == (HOUR_MS, 9 * HOUR_MS)
        assert [one for one in pauses_ms if one > MINUTE_MS] == [5 * HOUR_MS]
    with closing(Journal(path)) as journal:
        seq = journal.append([], log_time_ms=back_ms, is_tick=True)
        assert [one.seq for one in journal.read(heard.seq, 10)] == [seq]


def test_a_journal_at_its_own_limit_refuses_readings_and_takes_them_again_once_it_is_trimmed(tmp_path):
    path = tmp_path / "journal.sqlite"
    with closing(Journal(path, RoomLimits(journal_bytes=3 * MB, reserve_bytes=0))) as journal:
        promised = fill_with_entries(journal)
        assert "journal_max_mb" in journal.usage().refusal
        assert path.stat().st_size < 5 * MB
        assert journal.trim(promised[-1] // 2) > 0
        for _ in range(len(promised) // 4):
            journal.append(readings(), log_time_ms=1)
        assert path.stat().st_size < 5 * MB  # what was freed is used again


def test_a_disk_that_fails_in_another_way_than_being_full_ends_the_journal_and_loses_no_promise(tmp_path):
    path = tmp_path / "journal.sqlite"
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/support/journal_filler.py"), str(path), "600000"],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
        cwd=ROOT,
    )
    *promised, stopped, first, second, third = done.stdout.split()
    assert (stopped, first, second, third) == ("DurabilityError",) * 4
    recover(path)
    with closing(Journal(path)) as journal:
        assert [entry.seq for entry in journal.read(0, 10_000)][: len(promised)] == [int(seq) for seq in promised]


def test_ingest_on_a_full_disk_acknowledges_nothing_says_why_and_loses_nothing(disk, tmp_path):
    broker = nats_broker(tmp_path)
    publisher, now_ms = Publisher(broker), SystemClock().now_ms()
    try:
        with closing(Journal(disk.folder / "journal.sqlite", RoomLimits(reserve_bytes=2 * MB))) as journal:
            with running(broker, journal) as it:
                publisher.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in range(20)))
                it.until(lambda: it.session.counters.acked == 20)
                disk.fill()
                journal.usage()
                publisher.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in range(20, 60)))
                it.until(lambda: "disk_reserve_mb" in it.session.held_up)
                assert it.session.counters.acked == 20
                disk.give_back()
                it.until(lambda: it.session.counters.admitted == 60 and not it.session.held_up)
            assert sorted(kept_seqs(journal)) == list(range(60))
    finally:
        publisher.close()
        broker.stop()


def test_an_ingest_that_is_stopped_while_the_disk_is_full_leaves_all_to_the_broker(disk, tmp_path):
    broker = nats_broker(tmp_path)
    publisher, now_ms = Publisher(broker), SystemClock().now_ms()
    try:
        with closing(Journal(disk.folder / "journal.sqlite", RoomLimits(reserve_bytes=2 * MB))) as journal:
            disk.fill()
            journal.usage()
            with running(broker, journal) as it:
                publisher.send(f"{PIR}/event", *(motion(now_ms, seq) for seq in range(30)))
                it.until(lambda: it.session.held_up)
            assert it.fatal.empty()
            assert it.session.counters.acked == 0
            disk.give_back()
            with running(broker, journal) as it:
                it.until(lambda: it.session.counters.admitted == 30)
            assert sorted(kept_seqs(journal)) == list(range(30))
    finally:
        publisher.close()
        broker.stop()
