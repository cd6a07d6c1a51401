"""What a lesson leaves is packed, and comes back as it was."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from rules.habits.expected import BINS
from rules.habits.memory import Memory, Past

CURVES = st.lists(st.floats(0, 100, width=32), min_size=BINS, max_size=BINS).map(lambda values: array("f", values))
GAPS = st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**16 - 1)), max_size=300)


@given(st.lists(CURVES, min_size=4, max_size=4), GAPS)
def test_a_past_comes_back_as_it_was_kept(curves, gaps):
    past = Past({False: curves[0], True: curves[1]}, {False: curves[2], True: curves[3]}, gaps)
    memory = Memory()
    memory.keep(past)
    assert memory.past() == past


def test_nothing_learned_is_an_empty_past():
    past = Memory().past()
    assert not any(past.active[True])
    assert past.gaps == []
