"""The interpreter of a service that has been loaded: what stays is not searched, and threads give way soon."""

import gc
import sys

from app.interpreter import SWITCH_S, let_go, settle


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
        let_go()
        sys.setswitchinterval(before_s)


def test_what_was_left_out_is_found_again_once_it_is_let_go():
    before_s = sys.getswitchinterval()
    settle()
    let_go()
    sys.setswitchinterval(before_s)
    assert gc.get_freeze_count() == 0
