"""The interpreter of a service that has been loaded: what stays is not searched, and threads give way soon."""

import gc
import sys

from app.interpreter import SWITCH_S, settle


def test_what_stays_is_left_out_of_the_search_for_cycles_and_threads_give_way_soon():
    before_s = sys.getswitchinterval()
    try:
        settle()
        assert gc.get_freeze_count() > 10_000
        assert sys.getswitchinterval() <= SWITCH_S + 1e-6
        cycle = []
        cycle.append(cycle)
        del cycle
        assert gc.collect() >= 1  # what is new is still searched
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before_s)
