"""A journal that is not whole: what is whole is kept, what is not is named and counted, and nothing is passed over."""

import random
import re
import shutil
from contextlib import closing

import pytest
from pysqlite3 import dbapi2 as sqlite

from core.errors import DurabilityError
from core.events import Metric, Reading
from core.ids import DeviceId, HomeId
from store.journal import Journal
from store.journal_check import verify
from store.journal_damage import DamageKind
from store.journal_recovery import mark_unreadable, recover
from store.journal_wal import read_tail


def reading(number: int) -> Reading:
    return Reading(HomeId("h1"), DeviceId("h1/pir"), Metric.MOTION, True, number, number + 5, number)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.sqlite"


def killed_journal(path, entries: int, *, readings: int = 20):
    """What a machine that lost its power leaves: the file, and a write-ahead log that was never checkpointed."""
    live = path.with_name("live.sqlite")
    journal = Journal(live)
    for number in range(entries):
        journal.append([reading(number * readings + n) for n in range(readings)], log_time_ms=number)
    for suffix in ("", "-wal"):
        shutil.copyfile(live.with_name(f"{live.name}{suffix}"), path.with_name(f"{path.name}{suffix}"))
    journal.close()
    return path.with_name(f"{path.name}-wal")


def checkpointed_journal(path, entries: int, *, readings: int = 20) -> None:
    journal = Journal(path)
    for number in range(entries):
        journal.append([reading(number * readings + n) for n in range(readings)], log_time_ms=number)
    journal.close()


def kept_seqs(path) -> list[int]:
    with closing(Journal(path)) as journal:
        return [entry.seq for entry in journal.read(0, 100_000) if entry.readings]


def flip(path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0x10]))


def test_a_whole_journal_is_recovered_as_it_is_and_nothing_is_told(path):
    killed_journal(path, 9)
    assert recover(path, taken_seq=9) == []
    assert kept_seqs(path) == list(range(1, 10))
    assert verify(path).is_whole


def test_an_end_that_is_cut_loses_the_last_entries_alone_and_says_so(path):
    wal = killed_journal(path, 9)
    with wal.open("r+b") as file:
        file.truncate(wal.stat().st_size - 100)
    (found,) = recover(path)
    assert (found.kind, found.entries) == (DamageKind.TAIL, 1)
    assert kept_seqs(path) == list(range(1, 9))
    with closing(Journal(path)) as journal:
        assert journal.damage(5) == [found]
        assert journal.damage_count().entries == 1
    assert path.with_name(f"{path.name}.torn-1").exists()


def test_a_bit_that_flipped_in_the_end_costs_what_stands_behind_it_and_is_counted(path):
    wal = killed_journal(path, 30)
    whole = read_tail(path).commits
    flip(wal, wal.stat().st_size // 2)
    tail = read_tail(path)
    (found,) = recover(path)
    assert 0 < tail.commits < whole
    assert found.entries == whole - tail.commits
    kept = kept_seqs(path)
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) + found.entries == 30


@pytest.mark.parametrize("seed", range(12))
def test_wherever_a_cut_or_a_flip_falls_no_entry_is_changed_and_none_is_lost_unsaid(path, seed):
    dice = random.Random(seed)
    wal = killed_journal(path, 25, readings=dice.choice([1, 20, 300]))
    if dice.random() < 0.5:
        with wal.open("r+b") as file:
            file.truncate(dice.randrange(33, wal.stat().st_size))
    else:
        flip(wal, dice.randrange(32, wal.stat().st_size))
    found = recover(path, taken_seq=25)
    with closing(Journal(path)) as journal:
        kept = [entry for entry in journal.read(0, 100) if entry.readings]
        last = journal.append([reading(1)], log_time_ms=99)
    assert [entry.seq for entry in kept] == list(range(1, len(kept) + 1))
    assert len(kept) == 25 or found
    assert all(one.readings[0].seq == number * len(one.readings) for number, one in enumerate(kept))
    assert last > 25


def test_an_entry_whose_bytes_have_changed_is_set_aside_whole_and_the_ones_around_it_are_read(path):
    checkpointed_journal(path, 5)
    with closing(sqlite.connect(path)) as other, other:
        other.execute("UPDATE entry SET records = x'90' WHERE seq = 3")
    assert recover(path) == []
    with closing(Journal(path)) as journal:
        assert [len(entry.readings) for entry in journal.read(0, 10)] == [20, 20, 0, 20, 20]
        (found,) = journal.damage(10)
        assert (found.kind, found.first_seq, found.entries, found.readings) == (DamageKind.ENTRY, 3, 1, 20)
        assert found.remains == b"\x90"
        assert [len(entry.readings) for entry in journal.read(0, 10)] == [20, 20, 0, 20, 20]
        assert journal.damage_count().found == 1


def test_half_a_row_is_damage_and_never_read_as_data(path):
    checkpointed_journal(path, 3)
    with closing(sqlite.connect(path)) as other, other:
        other.execute("UPDATE entry SET records = substr(records, 1, length(records) / 2) WHERE seq = 2")
    with closing(Journal(path)) as journal:
        assert [entry.seq for entry in journal.read(0, 10) if entry.readings] == [1, 3]
        assert [len(one.readings) for one in journal.read_home(HomeId("h1"), 0, 10)] == [20, 20]
        assert journal.damage_count().readings == 20


def test_an_entry_with_fewer_readings_than_were_written_is_damaged_though_its_checksum_fits(path):
    checkpointed_journal(path, 2)
    with closing(sqlite.connect(path)) as other, other:
        other.execute("UPDATE entry SET count = 21 WHERE seq = 2")
    with closing(Journal(path)) as journal:
        assert [entry.seq for entry in journal.read(0, 10) if entry.readings] == [1]


def test_a_damaged_tick_still_moves_time(path):
    with closing(Journal(path)) as journal:
        journal.append([], log_time_ms=500, is_tick=True)
    with closing(sqlite.connect(path)) as other, other:
        other.execute("UPDATE entry SET crc = crc + 1")
    with closing(Journal(path)) as journal:
        (entry,) = journal.read(0, 10)
        assert (entry.log_time_ms, entry.is_tick, entry.readings) == (500, True, ())


def test_a_home_is_told_of_a_damaged_entry_as_an_empty_one(path):
    checkpointed_journal(path, 1)
    with closing(sqlite.connect(path)) as other, other:
        other.execute("UPDATE entry SET crc = crc + 1")
    with closing(Journal(path)) as journal:
        assert [one.readings for one in journal.read_home(HomeId("h1"), 0, 1)] == [()]
        assert journal.damage_count().found == 1


def test_what_a_newer_release_has_written_stops_the_reader_and_is_not_taken_for_damage(path):
    import zlib  # noqa: PLC0415 - only this test makes a record of its own

    checkpointed_journal(path, 1)
    record = b"\x91\x98\xa2h1\xa2h1\xa7antenna\xc3\x01\x01\x01\x00"
    with closing(sqlite.connect(path)) as other, other:
        other.execute("UPDATE entry SET records = ?, crc = ?, count = 1", (record, zlib.crc32(record)))
    with closing(Journal(path)) as journal:
        with pytest.raises(DurabilityError, match="another release"):
            journal.read(0, 1)
        assert journal.damage_count().found == 0


def test_a_file_that_was_cut_is_copied_as_far_as_it_reads_and_kept_beside(path):
    checkpointed_journal(path, 400)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 3)
    found = recover(path, taken_seq=400)
    kept = kept_seqs(path)
    assert kept[:50] == list(range(1, 51))
    assert len(kept) + sum(one.entries for one in found) == 400
    assert {one.kind for one in found} <= {DamageKind.PAGES, DamageKind.MISSING}
    assert path.with_name(f"{path.name}.damaged-1").exists()
    assert verify(path).is_whole
    with closing(Journal(path)) as journal:
        assert journal.append([reading(1)], log_time_ms=500) == 401


def test_a_page_that_went_bad_in_the_middle_is_found_by_its_reader_and_the_next_start_goes_round_it(path):
    checkpointed_journal(path, 2_000)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    assert recover(path) == []  # its end is whole
    with closing(Journal(path)) as journal, pytest.raises(DurabilityError, match="cannot be read"):
        journal.read(0, 2_000)
    found = recover(path)
    kept = kept_seqs(path)
    assert kept[0] == 1
    assert kept[-1] == 2_000
    assert len(kept) + sum(one.entries for one in found) == 2_000
    assert 0 < sum(one.entries for one in found) < 200
    assert recover(path) == []


def test_a_file_that_is_no_journal_any_more_is_kept_beside_and_seqs_go_on_behind_what_was_taken(path):
    checkpointed_journal(path, 3)
    path.write_bytes(b"\0" * 20_000)
    assert recover(path, taken_seq=3)
    with closing(Journal(path)) as journal:
        assert journal.append([reading(1)], log_time_ms=500) == 4
    assert path.with_name(f"{path.name}.damaged-1").stat().st_size == 20_000


def test_a_kill_between_the_copy_and_its_taking_the_place_costs_nothing(path):
    checkpointed_journal(path, 3)
    path.replace(path.with_name(f"{path.name}.rescued"))
    assert recover(path, taken_seq=3) == []
    assert kept_seqs(path) == [1, 2, 3]


def test_entries_that_a_reader_had_taken_and_that_are_gone_are_told_and_no_new_one_is_passed_over(path):
    checkpointed_journal(path, 3)
    (found,) = recover(path, taken_seq=8)
    assert (found.kind, found.first_seq, found.last_seq, found.entries) == (DamageKind.MISSING, 4, 8, 5)
    with closing(Journal(path)) as journal:
        assert journal.last() == (8, 2)
        seq = journal.append([reading(1)], log_time_ms=50)
        assert [entry.seq for entry in journal.read(8, 10)] == [seq]
    assert recover(path, taken_seq=8) == []
    assert verify(path).is_whole


def test_a_mark_of_an_unreadable_page_lasts_until_the_next_start_only(path):
    checkpointed_journal(path, 3)
    mark_unreadable(path, "database disk image is malformed")
    (found,) = recover(path)
    assert (found.kind, found.entries) == (DamageKind.PAGES, 0)
    assert kept_seqs(path) == [1, 2, 3]
    assert recover(path) == []


def test_rows_that_somebody_took_out_are_missed(path):
    checkpointed_journal(path, 9)
    with closing(sqlite.connect(path)) as other, other:
        other.execute("DELETE FROM entry WHERE seq IN (4, 5)")
    verdict = verify(path)
    (fault,) = verdict.faults
    assert (fault.kind, fault.first_seq, fault.last_seq) == (DamageKind.MISSING, 4, 5)
    assert verdict.entries == 7


def test_a_trimmed_journal_is_whole(path):
    checkpointed_journal(path, 9)
    with closing(Journal(path)) as journal:
        assert journal.trim(4) == 4
    verdict = verify(path)
    assert verdict.is_whole
    assert (verdict.first_seq, verdict.last_seq, verdict.readings) == (5, 9, 100)


def test_a_bit_that_flipped_on_the_disk_is_found_by_verify_wherever_it_is(path):
    checkpointed_journal(path, 60, readings=40)
    with closing(sqlite.connect(path)) as other:
        other.execute("VACUUM")  # nothing stands there twice any more
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole, missed = path.read_bytes(), []
    leaves = 5 * 4096  # before them stand the tables' roots, with room in them that nobody reads
    places = [found.start() for found in re.finditer(b"h1/pir", whole) if found.start() > leaves]
    for at in random.Random(1).sample(places, 40):
        flip(path, at)
        if verify(path).is_whole:
            missed.append(at)
        path.write_bytes(whole)
    assert missed == []
