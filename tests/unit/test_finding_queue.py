"""Findings wait gravest first, each home's in their order, and the cursor passes none that still waits."""

import msgspec
from desk_room import finding
from hypothesis import given
from hypothesis import strategies as st

from app.finding_queue import BATCH, MOST_WAITING, FindingQueue
from core.ids import HomeId
from rules.findings import FindingKind, Priority


def found(home: str, priority=Priority.P1, number=0, kind=FindingKind.INACTIVITY):
    one = finding(kind, priority)
    return msgspec.structs.replace(one, home_id=HomeId(home), id=f"{home}/{number}")


def ids(batch):
    return [one.id for one in batch.findings]


def test_a_life_hazard_that_comes_last_is_kept_first():
    queue = FindingQueue()
    queue.put([found(f"h{n}") for n in range(1_000)], 1)
    queue.take()
    queue.put([found("smoke", Priority.P0)], 2)
    assert ids(queue.take())[0] == "smoke/0"


def test_a_villages_incident_is_kept_before_all_that_it_may_hold():
    queue = FindingQueue()
    queue.put([found("h1", Priority.P0), found("area", Priority.P2, kind=FindingKind.INFRASTRUCTURE)], 1)
    assert ids(queue.take()) == ["area/0", "h1/0"]


def test_an_end_never_comes_before_its_beginning_however_grave_it_is():
    queue = FindingQueue()
    queue.put([found("h1", Priority.P3, 1), found("h2", Priority.P1, 1)], 1)
    queue.put([found("h1", Priority.P0, 2), found("h1", Priority.P2, 3)], 2)
    assert ids(queue.take()) == ["h1/1", "h1/2", "h1/3", "h2/1"]


def test_the_cursor_stays_before_an_entry_of_which_a_finding_still_waits():
    queue = FindingQueue()
    queue.put([found("ticket", Priority.P3), *(found(f"h{n}") for n in range(BATCH))], 7)
    queue.put([found("later")], 8)
    assert queue.take().kept_seq == 6
    assert queue.take().kept_seq == 8


def test_a_batch_is_no_larger_than_its_limit_even_of_one_home():
    queue = FindingQueue()
    queue.put([found("h1", number=n) for n in range(BATCH + 3)], 1)
    assert [len(queue.take().findings), len(queue.take().findings), len(queue)] == [BATCH, 3, 0]


def test_a_queue_that_is_full_says_so_until_enough_is_kept():
    queue = FindingQueue()
    queue.put([found("h1")] * MOST_WAITING, 1)
    assert queue.is_full
    queue.take()
    assert not queue.is_full


entries = st.lists(
    st.lists(st.tuples(st.sampled_from(["h1", "h2", "h3", "area"]), st.sampled_from(Priority)), max_size=40)
    | st.just(None),  # a batch is taken
    max_size=20,
)


@given(entries)
def test_every_finding_is_taken_once_in_its_homes_order_and_the_cursor_passes_none_that_waits(story):
    queue, seq, waiting, taken = FindingQueue(), 0, {}, []

    def take():
        batch = queue.take()
        ranks = [one.priority for one in batch.findings]
        for one in batch.findings:
            del waiting[one.id]  # a KeyError: taken twice
            taken.append(one)
        assert batch.kept_seq is None or all(batch.kept_seq < of for of in waiting.values())
        is_over = all(rank > Priority.P0 for rank in ranks) and bool(ranks)
        assert not (is_over and any(one.priority is Priority.P0 for one in told if one.id in waiting))

    told = []
    for entry in story:
        if entry is None:
            take()
            continue
        seq += 1
        new = [found(home, priority, f"{seq}.{n}") for n, (home, priority) in enumerate(entry)]
        waiting |= {one.id: seq for one in new}
        told += new
        queue.put(new, seq)
    while len(queue):
        take()
    assert waiting == {}
    assert sorted(one.id for one in taken) == sorted(one.id for one in told)
    for home in {one.home_id for one in told}:
        assert [one.id for one in taken if one.home_id == home] == [one.id for one in told if one.home_id == home]
