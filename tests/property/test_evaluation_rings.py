"""Whatever rings there were: what comes and what goes makes up the difference, and nothing differs from itself."""

from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.backtesting import compared
from app.evaluation.ringing import Ring
from rules.findings import FindingKind

LENGTHS = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50), st.integers(1, 50)), max_size=12)


def in_order(lengths) -> list[Ring]:
    """One ring after another: quiet before it, silent until it rings, ringing until it ends."""
    found, at_ms = [], 0
    for gap, silent, ringing in lengths:
        since_ms = at_ms + gap
        at_ms = since_ms + silent + ringing
        found.append(
            Ring(
                at_ms=since_ms + silent,
                since_ms=since_ms,
                until_ms=at_ms,
                second_ms=None,
                kind=FindingKind.INACTIVITY,
            )
        )
    return found


@given(LENGTHS, LENGTHS)
def test_what_comes_and_what_goes_is_the_difference(before, after):
    old, new = in_order(before), in_order(after)
    change = compared(old, new)
    assert len(new) - len(old) == len(change.added) - len(change.dropped)
    assert [ring for ring in new if ring in change.added] == change.added
    assert [ring for ring in old if ring in change.dropped] == change.dropped


@given(LENGTHS, LENGTHS)
def test_looked_at_from_the_other_side_what_came_has_gone(before, after):
    there, back = compared(in_order(before), in_order(after)), compared(in_order(after), in_order(before))
    assert (there.added, there.dropped) == (back.dropped, back.added)


@given(LENGTHS)
def test_nothing_differs_from_itself(lengths):
    rings = in_order(lengths)
    assert compared(rings, rings).added == compared(rings, rings).dropped == []


@given(LENGTHS)
def test_beside_no_ring_at_all_every_ring_is_new(lengths):
    assert compared([], in_order(lengths)).added == in_order(lengths)
