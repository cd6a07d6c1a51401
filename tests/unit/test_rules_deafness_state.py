"""Deaf time that lies behind a moment: never more than there was, however many stretches became one."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from core.localtime import HOUR_MS, MINUTE_MS
from rules.deafness_state import STRETCHES_KEPT, DeafState, counted_ms, note

Spans = list[tuple[int, int]]
LENGTHS = st.tuples(st.integers(1, 3 * HOUR_MS), st.integers(1, 3 * HOUR_MS))


def kept(spans: Spans) -> DeafState:
    state = DeafState()
    for from_ms, until_ms in spans:
        state.from_ms = from_ms
        note(state, until_ms)
    return state


def really_ms(spans: Spans, at_ms: int) -> int:
    return sum(max(until_ms - max(from_ms, at_ms), 0) for from_ms, until_ms in spans)


def flapping(count: int, deaf_ms: int, heard_ms: int) -> Spans:
    each = deaf_ms + heard_ms
    return [(n * each + heard_ms, (n + 1) * each) for n in range(count)]


@given(st.lists(LENGTHS, min_size=1, max_size=4 * STRETCHES_KEPT), st.integers(0, 100 * HOUR_MS))
def test_no_moment_is_given_more_deaf_time_than_lies_behind_it(lengths, at_ms):
    spans, end_ms = [], 0
    for heard_ms, deaf_ms in lengths:
        spans.append((end_ms + heard_ms, end_ms + heard_ms + deaf_ms))
        end_ms = spans[-1][1]
    state = kept(spans)
    assert counted_ms(state, at_ms) - at_ms <= really_ms(spans, at_ms)
    assert len(state.stretches) <= STRETCHES_KEPT


def test_a_day_of_flapping_is_known_to_the_hour():
    spans = flapping(540, 100_000, 60_000)
    state = kept(spans)
    for at_ms in range(0, 24 * HOUR_MS, 17 * MINUTE_MS):
        lacking_ms = really_ms(spans, at_ms) - (counted_ms(state, at_ms) - at_ms)
        assert 0 <= lacking_ms <= HOUR_MS


def test_one_long_night_is_not_spread_over_the_hours_of_flapping_after_it():
    night = [(0, 8 * HOUR_MS)]
    spans = night + [
        (from_ms + 8 * HOUR_MS, until_ms + 8 * HOUR_MS) for from_ms, until_ms in flapping(200, 47_000, 113_000)
    ]
    at_ms = 10 * HOUR_MS
    assert counted_ms(kept(spans), at_ms) - at_ms <= really_ms(spans, at_ms)


def test_stretches_of_a_snapshot_from_before_are_read():
    old = msgspec.msgpack.encode([None, False, [(1, 5), (9, 12)]])
    state = msgspec.msgpack.decode(old, type=DeafState)
    assert counted_ms(state, 2) == 2 + 3 + 3
