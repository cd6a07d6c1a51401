"""Steps of simulated time, the brake on them, and activities that make room for a scenario."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sim_service import motions

from core.clock import ManualClock
from core.localtime import HOUR_MS, MINUTE_MS
from device_sim.activities import Activity, ActivityKind, spliced
from device_sim.pace import MAX_WAIT_MS, Pace
from device_sim.steps import MAX_STEP_MS, OVERDUE_STEP_MS, StepPlanner

T0 = 1_000_000
SIT, OUT, STILL, SLEEP = ActivityKind.SIT, ActivityKind.OUT, ActivityKind.STILL, ActivityKind.SLEEP


def planner(*times_ms: int, start_ms=None, until_ms=None, tail_ms=2 * HOUR_MS, max_step_ms=None):
    return StepPlanner(
        iter(motions(*times_ms)), start_ms=start_ms, until_ms=until_ms, tail_ms=tail_ms, max_step_ms=max_step_ms
    )


def times(plan, next_ms=lambda _now: None, limit=1_000):
    step, found = plan.first(), []
    while step is not None and len(found) < limit:
        found.append(step)
        step = plan.after(step.now_ms, next_ms(step.now_ms), None, has_acted=False)
    return found


def test_nothing_to_publish_and_no_start_is_nothing_to_do():
    assert planner().first() is None


def test_a_start_is_ticked_before_the_first_message_however_early_it_is():
    steps = times(planner(T0 + HOUR_MS, start_ms=T0))
    assert [s.now_ms for s in steps] == [T0, T0 + HOUR_MS - 1, T0 + HOUR_MS - 1 + MAX_STEP_MS]
    assert [len(s.messages) for s in steps] == [0, 0, 1]


def test_messages_after_the_end_are_left_out_and_time_stops_there():
    steps = times(planner(T0, T0 + 10, T0 + 5_000, until_ms=T0 + 4_000))
    assert [m.at_ms for s in steps for m in s.messages] == [T0, T0 + 10]
    assert steps[-1].now_ms == T0 + 4_000


def test_what_is_overdue_gets_a_second_at_a_time_until_the_tail_ends():
    steps = times(planner(T0, tail_ms=10_000), next_ms=lambda now: now - 1)
    waits = [b.now_ms - a.now_ms for a, b in pairwise(steps)]
    assert set(waits) == {OVERDUE_STEP_MS}
    assert steps[-1].now_ms <= T0 + 10_000


def test_nobody_is_waited_for_beyond_the_tail():
    plan = planner(T0, tail_ms=HOUR_MS)
    plan.after(T0 - 1, None, None, has_acted=False)
    assert plan.after(T0 + MINUTE_MS, T0 + HOUR_MS, None, has_acted=False).now_ms == T0 + HOUR_MS
    assert plan.after(T0 + MINUTE_MS, T0 + HOUR_MS + 1, None, has_acted=False) is None


def test_a_brake_cuts_even_a_jump_into_short_steps():
    steps = times(planner(T0, until_ms=T0 + HOUR_MS, max_step_ms=MINUTE_MS))
    assert max(b.now_ms - a.now_ms for a, b in pairwise(steps)) == MINUTE_MS


@given(
    st.lists(st.integers(0, 3 * HOUR_MS), min_size=1, max_size=40).map(sorted),
    st.lists(st.integers(0, 4 * HOUR_MS), max_size=8).map(sorted),
)
def test_every_message_is_published_once_within_a_minute_of_the_tick_before_it(offsets, deadlines):
    dues = [T0 + d for d in deadlines]
    steps = times(planner(*(T0 + o for o in offsets)), next_ms=lambda now: next((d for d in dues if d > now), None))
    assert [m.at_ms for s in steps for m in s.messages] == [T0 + o for o in offsets]
    for before, step in pairwise(steps):
        assert before.now_ms < step.now_ms
        assert all(before.now_ms < m.at_ms <= step.now_ms for m in step.messages)
        assert not step.messages or step.now_ms - before.now_ms <= MAX_STEP_MS
    met = {s.now_ms for s in steps}
    assert all(d in met for d in dues if steps[0].now_ms < d <= T0 + offsets[-1])


def test_the_brake_lets_simulated_time_pass_as_fast_as_it_was_told():
    async def story():
        clock = ManualClock(50_000)
        pace = Pace(clock, 60.0)
        assert pace.max_step_ms == 60 * MAX_WAIT_MS
        await pace.wait_for(T0)  # the first step anchors
        waiting = asyncio.create_task(pace.wait_for(T0 + 60_000))
        await asyncio.sleep(0)
        clock.advance_to_ms(50_999)
        await asyncio.sleep(0)
        was_early = waiting.done()
        clock.advance_to_ms(51_000)
        await asyncio.wait_for(waiting, 10)
        return was_early

    assert asyncio.run(story()) is False


def test_after_an_outage_the_brake_does_not_hurry_to_catch_up():
    async def story():
        clock = ManualClock(0)
        pace = Pace(clock, 1.0)
        await pace.wait_for(T0)
        clock.advance_to_ms(100_000)  # the service was away
        await pace.wait_for(T0 + 1_000)
        waiting = asyncio.create_task(pace.wait_for(T0 + 2_000))
        await asyncio.sleep(0)
        clock.advance_to_ms(100_999)
        await asyncio.sleep(0)
        was_early = waiting.done()
        clock.advance_to_ms(101_000)
        await asyncio.wait_for(waiting, 10)
        return was_early

    assert asyncio.run(story()) is False


def test_without_a_speed_nothing_is_waited_for_and_a_speed_of_nothing_is_refused():
    pace = Pace(ManualClock(0), None)
    assert pace.max_step_ms is None
    asyncio.run(asyncio.wait_for(pace.wait_for(T0 * T0), 1))
    with pytest.raises(ValueError, match="positive"):
        Pace(ManualClock(0), 0)


def test_a_scenario_is_put_in_and_what_it_covers_is_cut_away():
    day = [Activity(SLEEP, 0, 100), Activity(SIT, 100, 200), Activity(SIT, 200, 300)]
    assert list(spliced(day, [Activity(STILL, 50, 150), Activity(STILL, 150, 160)])) == [
        Activity(SLEEP, 0, 50),
        Activity(STILL, 50, 150),
        Activity(STILL, 150, 160),
        Activity(SIT, 160, 200),
        Activity(SIT, 200, 300),
    ]


def test_an_outing_that_a_scenario_leaves_too_short_is_sat_through():
    day = [Activity(OUT, 0, HOUR_MS)]
    special = Activity(STILL, 10 * MINUTE_MS, 30 * MINUTE_MS)
    assert [a.kind for a in spliced(day, [special])] == [SIT, STILL, OUT]


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), max_size=5),
)
def test_a_spliced_life_has_no_gap_and_no_overlap(lengths, specials):
    at_ms, day = 0, []
    for length in lengths:
        day.append(Activity(SIT, at_ms, at_ms + length))
        at_ms += length
    at_special_ms, put_in = 0, []
    for gap, length in specials:
        start_ms = at_special_ms + gap
        put_in.append(Activity(STILL, start_ms, start_ms + length))
        at_special_ms = start_ms + length
    found = list(spliced(day, put_in))
    assert all(a.end_ms == b.start_ms for a, b in pairwise(found))
    assert all(a.start_ms < a.end_ms for a in found)
    assert [a for a in found if a.kind is STILL] == [s for s in put_in if s.end_ms <= day[-1].end_ms]
