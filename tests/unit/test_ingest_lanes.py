"""The bounded lists between brokers and committer, and the wait before a broker is tried again."""

import random
import threading

import pytest

from ingest.backoff import FIRST_S, LONGEST_S, STABLE_S, Backoff
from ingest.lanes import MAX_HELD, Batch, Lanes


class Nobody:
    """A connection that is gone."""

    def ack(self, _packet_ids) -> bool:
        return False


def batch(*numbers: int) -> Batch:
    return Batch(Nobody(), 0, [(number, "t", b"", False) for number in numbers])


def numbers(taken):
    return [frame[0] for one in taken for batch in one.batches for frame in batch.frames]


def test_a_full_list_has_no_room_and_says_once_when_it_has():
    lanes, told = Lanes(), []
    lane = lanes.add(3)
    lane.put(batch(1, 2))
    assert lane.has_room(lambda: told.append("early"))
    lane.put(batch(3, 4))
    assert not lane.has_room(lambda: told.append("room"))
    assert (len(lane), told) == (4, [])
    assert numbers(lanes.take()) == [1, 2, 3, 4]
    lane.put(batch(5))
    lanes.take()
    assert told == ["room"]


def test_a_list_that_is_held_may_hold_all_that_a_broker_can_have_in_flight_and_no_more():
    lanes = Lanes()
    lane = lanes.add(3)
    lane.hold(1_000)
    lane.put(batch(*range(MAX_HELD - 1)))
    assert lane.has_room(lambda: None)
    lane.put(batch(1))
    (taken,) = lanes.take()
    assert taken.is_held
    assert sum(len(one.frames) for one in taken.batches) == MAX_HELD


def test_what_is_held_and_what_was_taken_last_is_known_until_it_is_committed():
    lanes = Lanes()
    lane = lanes.add(9)
    lane.hold(1_000)
    assert (lanes.is_held, lanes.holds) == (True, 1)
    lane.put(batch(*range(MAX_HELD)))
    lanes.take()
    assert (lanes.is_held, lanes.in_hand, len(lanes)) == (True, MAX_HELD, 0)
    lane.put(batch(1))
    lanes.take()
    assert (lanes.is_held, lanes.in_hand) == (False, 1)
    lanes.close()
    assert (lanes.take(), lanes.in_hand) == (None, 0)


def test_one_broker_s_hold_does_not_keep_back_what_another_brings():
    lanes = Lanes()
    north, south = lanes.add(9), lanes.add(9)
    north.hold(1_000)
    north.put(batch(1))
    south.put(batch(2))
    assert numbers(lanes.take()) == [2]
    assert len(north) == 1


def test_what_is_still_held_when_it_closes_is_left_to_the_broker_and_the_rest_is_taken():
    lanes = Lanes()
    north, south = lanes.add(9), lanes.add(9)
    north.hold(1_000)
    north.put(batch(1))
    south.put(batch(2))
    lanes.close()
    assert numbers(lanes.take()) == [2]
    assert lanes.take() is None
    south.put(batch(3))
    assert lanes.take() is None


def test_closing_wakes_the_committer_and_makes_room_for_the_network_to_leave():
    lanes, room = Lanes(), threading.Event()
    lane = lanes.add(1)
    lane.put(batch(1))
    assert not lane.has_room(room.set)
    done = []
    thread = threading.Thread(target=lambda: done.extend([lanes.take(), lanes.take()]))
    thread.start()
    lanes.close()
    thread.join(30)
    assert room.is_set()
    assert [numbers(done[0]), done[1]] == [[1], None]


@pytest.mark.parametrize("seed", range(5))
def test_waits_are_spread_over_all_that_is_allowed_and_never_exceed_it(seed):
    backoff = Backoff(random.Random(seed))
    waits = [backoff.wait_s(0) for _ in range(400)]
    assert waits[0] <= FIRST_S
    assert max(waits) <= LONGEST_S
    late = waits[10:]
    assert min(late) < 0.1 * LONGEST_S
    assert max(late) > 0.9 * LONGEST_S  # full jitter: anything from nothing to the longest


def test_only_a_connection_that_stood_shortens_the_wait_again():
    longest = [max(_second_wait(stood_s, seed) for seed in range(200)) for stood_s in (STABLE_S - 1, STABLE_S)]
    assert longest[0] > FIRST_S >= longest[1]


def _second_wait(stood_s: float, seed: int) -> float:
    backoff = Backoff(random.Random(seed))
    backoff.wait_s(0)
    return backoff.wait_s(stood_s)
