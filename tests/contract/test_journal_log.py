"""The journal as its users see it: order, durability across a reopen, damage that is named, bounded re-reading."""

import pytest

from core.errors import DurabilityError
from core.events import Flag, Metric, Reading
from core.ids import DeviceId, HomeId
from core.log import ParkedMessage, ParkReason, Reread
from store.journal import Journal


def reading(number: int) -> Reading:
    return Reading(HomeId("h1"), DeviceId("h1/pir"), Metric.MOTION, True, number, number + 5, number, int(Flag.LATE))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "var" / "journal.db"


@pytest.fixture
def journal(path):
    journal = Journal(path)
    yield journal
    journal.close()


def test_an_empty_journal_has_neither_entries_nor_time(journal):
    assert journal.last() == (0, 0)
    assert journal.read(0, 10) == []


def test_readings_come_back_as_they_went_in_after_a_reopen(path):
    first = Journal(path)
    first.append([reading(1), reading(2)], log_time_ms=10)
    first.append([], log_time_ms=20, is_tick=True)
    first.close()
    second = Journal(path)
    entries = second.read(0, 10)
    second.close()
    assert [entry.readings for entry in entries] == [(reading(1), reading(2)), ()]
    assert [(entry.log_time_ms, entry.is_tick) for entry in entries] == [(10, False), (20, True)]


def test_log_time_never_goes_back_even_across_a_reopen(path):
    first = Journal(path)
    first.append([], log_time_ms=100, is_tick=True)
    first.close()
    second = Journal(path)
    second.append([reading(1)], log_time_ms=40)
    assert second.last()[1] == 100
    second.close()


def test_a_reader_goes_on_after_its_cursor_and_no_further_than_its_limit(journal):
    seqs = [journal.append([reading(number)], log_time_ms=number) for number in range(5)]
    assert [entry.seq for entry in journal.read(seqs[1], 2)] == seqs[2:4]


def test_a_parked_message_is_kept_whole_with_its_reason(journal):
    message = ParkedMessage(
        received_at_ms=7, topic="care/x/y/event", payload=b"\xff{", reason=ParkReason.UNDECODABLE, detail="not JSON"
    )
    journal.append([], [message], log_time_ms=7)
    (kept,) = journal.parked(10)
    assert (kept.payload, kept.reason, kept.detail, kept.topic) == (b"\xff{", message.reason, "not JSON", message.topic)
    assert journal.parked_count() == {"undecodable": 1}


def test_recent_readings_are_the_last_ones_oldest_first(journal):
    for number in range(0, 1200, 2):
        journal.append([reading(number), reading(number + 1)], log_time_ms=number)
    assert journal.recent_readings(5) == [reading(number) for number in range(1195, 1200)]
    assert len(journal.recent_readings(10_000)) == 1200


def test_what_was_settled_already_is_no_reason_to_stop(journal):
    message = ParkedMessage(received_at_ms=7, topic="t", payload=b"{", reason=ParkReason.UNDECODABLE, detail="")
    journal.append([], [message], log_time_ms=7)
    again = Reread(parked_id=journal.parked(1)[0].id)
    first = journal.append([reading(1)], log_time_ms=8, rereads=[again, again])
    assert journal.append([], log_time_ms=9, rereads=[again]) == first + 1
    assert journal.append([reading(2)], log_time_ms=10) == first + 2
    assert journal.parked_count() == {}


def of(home: str, at_ms: int) -> Reading:
    return Reading(HomeId(home), DeviceId(f"{home}/pir"), Metric.MOTION, True, at_ms, at_ms)


def test_a_home_is_read_alone_in_stretches_and_each_stretch_tells_where_it_ends(journal):
    for n in range(1, 8):
        journal.append([of("h1", n), of("h10", n)] if n % 2 else [of("h10", n)], log_time_ms=n)
    found = [entry for seq in (0, 4) for entry in journal.read_home(HomeId("h1"), seq, 4)]
    assert [(entry.log_time_ms, entry.readings) for entry in found] == [
        (1, (of("h1", 1),)),
        (3, (of("h1", 3),)),
        (4, ()),  # the end of the first stretch
        (5, (of("h1", 5),)),
        (7, (of("h1", 7),)),
    ]
    assert [entry.before_ms for entry in found] == [1, 2, 3, 4, 6]


def test_the_entry_that_ends_a_pause_of_the_whole_journal_is_told_though_it_holds_nothing_of_the_home(journal):
    for at_ms in (10, 20, 500, 510):
        journal.append([of("h2", at_ms)], log_time_ms=at_ms)
    (entry,) = journal.read_home(HomeId("h1"), 0, 10, pause_ms=100)
    assert (entry.before_ms, entry.log_time_ms, entry.readings) == (20, 500, ())
    assert journal.read_home(HomeId("h1"), 0, 10) == []


def test_a_log_time_is_found_in_a_journal_whose_beginning_was_trimmed(journal):
    seqs = [journal.append([reading(n)], log_time_ms=10 * (n // 2)) for n in range(12)]
    journal.trim(seqs[3])
    assert journal.seq_before(20) == 0
    assert journal.seq_before(21) == seqs[5]
    assert journal.seq_before(50) == seqs[9]
    assert journal.seq_before(1_000) == seqs[11]


def test_an_empty_journal_has_no_entry_before_any_time(journal):
    assert journal.seq_before(1) == 0


def test_trimming_keeps_the_newest_entry_so_that_seq_and_time_go_on(journal):
    last = [journal.append([reading(number)], log_time_ms=number) for number in range(4)][-1]
    journal.trim(last)
    assert [entry.seq for entry in journal.read(0, 10)] == [last]
    assert journal.append([reading(9)], log_time_ms=9) == last + 1


def test_a_closed_journal_promises_nothing(path):
    journal = Journal(path)
    journal.close()
    with pytest.raises(DurabilityError):
        journal.append([reading(1)], log_time_ms=1)


def test_one_home_is_read_out_of_a_county_with_every_tick_and_the_end_of_each_stretch(journal):
    others = [Reading(HomeId(name), DeviceId(f"{name}/pir"), Metric.MOTION, True, 1, 1) for name in ("h2", "h10")]
    for number in range(9):
        own = [reading(number)] if number in {2, 7} else []
        journal.append([*own, *others], log_time_ms=number, is_tick=number == 4)
    found = [entry for seq in (0, 6) for entry in journal.read_home(HomeId("h1"), seq, 6, with_ticks=True)]
    assert [entry.seq for entry in found if entry.readings] == [3, 8]
    assert [entry.readings for entry in found if entry.readings] == [(reading(2),), (reading(7),)]
    assert {5, 6} <= {entry.seq for entry in found}  # the tick, and the end of the first stretch
    assert [entry.seq for entry in found if entry.is_tick] == [5]
    assert journal.read_home(HomeId("h1"), 9, 6) == []


def test_a_deaf_tick_is_read_as_one_and_the_next_tick_as_any_other(journal):
    journal.append([], log_time_ms=10, is_tick=True, is_deaf=True)
    journal.append([], log_time_ms=20, is_tick=True)
    assert [(one.is_tick, one.is_deaf) for one in journal.read(0, 10)] == [(True, True), (True, False)]
    told = journal.read_home(HomeId("h1"), 0, 10, with_ticks=True)
    assert [(one.is_tick, one.is_deaf) for one in told] == [(True, True), (True, False)]
