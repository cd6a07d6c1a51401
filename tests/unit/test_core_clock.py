"""The manual clock stands until it is moved and wakes its sleepers; the system clock never goes back and knows its leaps."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from core.clock import LEAP_MS, LEAPS_KEPT, SLEWED, STEP_MS, TORN_S, Leap, ManualClock, SystemClock, monotonic_s
from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS

NOON = 1_800_000_000_000


class Machine:
    """A machine's two clocks, of which only one can be set."""

    def __init__(self) -> None:
        self.wall_ms, self.s = NOON, 50.0
        self.torn = 0
        self.clock = SystemClock(lambda: self.wall_ms, self.seconds)

    def seconds(self) -> float:
        if self.torn:
            self.torn -= 1
            self.s += 2 * TORN_S
            self.wall_ms += round(2000 * TORN_S)
        return self.s

    def passes(self, ms: int) -> int:
        self.wall_ms, self.s = self.wall_ms + ms, self.s + ms / 1000
        return self.clock.now_ms()

    def set_by(self, ms: int) -> int:
        self.wall_ms += ms
        return self.clock.now_ms()


def test_a_manual_clock_stands_until_it_is_moved_and_never_goes_back():
    clock = ManualClock(1_000)
    clock.advance_to_ms(5_000)
    clock.advance_to_ms(2_000)
    assert clock.now_ms() == 5_000


def test_moving_a_manual_clock_wakes_only_the_sleepers_that_are_due():
    async def story() -> tuple[bool, bool]:
        clock = ManualClock(0)
        early = asyncio.create_task(clock.sleep_until_ms(10))
        late = asyncio.create_task(clock.sleep_until_ms(20))
        await asyncio.sleep(0)
        clock.advance_to_ms(10)
        await asyncio.wait_for(early, 10)
        late_was_done = late.done()
        clock.advance_to_ms(20)
        await asyncio.wait_for(late, 10)
        return early.done(), late_was_done

    assert asyncio.run(story()) == (True, False)


def test_a_sleep_until_the_past_returns_at_once_on_both_clocks():
    async def story() -> None:
        await ManualClock(100).sleep_until_ms(100)
        await SystemClock().sleep_until_ms(0)

    asyncio.run(asyncio.wait_for(story(), 10))


def test_the_system_clock_tells_milliseconds_of_this_century():
    assert SystemClock().now_ms() > 1_700_000_000_000
    assert monotonic_s() <= monotonic_s()


def test_a_clock_that_is_set_back_goes_on_as_time_does_and_knows_its_lead():
    machine = Machine()
    machine.passes(HOUR_MS)
    assert machine.set_by(-8 * HOUR_MS) == NOON + HOUR_MS
    assert machine.clock.lead_ms == 8 * HOUR_MS
    assert abs(machine.passes(MINUTE_MS) - (NOON + HOUR_MS + MINUTE_MS)) <= MINUTE_MS * SLEWED
    assert not machine.clock.leaps


def test_a_lead_is_worked_off_within_a_day_for_each_minute_and_a_half():
    machine = Machine()
    machine.set_by(-80_000)
    before_ms = machine.clock.now_ms()
    for _ in range(24):
        now_ms = machine.passes(HOUR_MS)
        assert now_ms > before_ms
        before_ms = now_ms
    assert machine.clock.lead_ms == 0
    assert machine.clock.now_ms() == machine.wall_ms


def test_a_clock_that_is_put_right_again_gives_up_its_lead_and_has_not_leapt():
    machine = Machine()
    machine.set_by(-HOUR_MS)
    machine.set_by(HOUR_MS)
    assert (machine.clock.lead_ms, machine.clock.leaps, machine.clock.now_ms()) == (0, (), NOON)


def test_a_clock_that_is_set_ahead_is_followed_and_the_leap_is_known_with_its_ends():
    machine = Machine()
    machine.passes(MINUTE_MS)
    assert machine.set_by(3 * HOUR_MS) == NOON + MINUTE_MS + 3 * HOUR_MS
    assert machine.clock.leaps[-1] == Leap(1, NOON + MINUTE_MS, NOON + MINUTE_MS + 3 * HOUR_MS)
    machine.passes(HOUR_MS)
    machine.set_by(LEAP_MS)
    assert machine.clock.leaps[-1] == Leap(2, NOON + MINUTE_MS + 4 * HOUR_MS, NOON + 2 * MINUTE_MS + 4 * HOUR_MS)


def test_what_is_set_ahead_beyond_a_lead_is_the_leap():
    machine = Machine()
    machine.set_by(-HOUR_MS)
    machine.set_by(3 * HOUR_MS)
    assert (machine.clock.lead_ms, machine.clock.leaps) == (0, (Leap(1, NOON, NOON + 2 * HOUR_MS),))


def test_a_slewed_clock_that_nobody_asked_for_a_day_was_not_set():
    machine = Machine()
    machine.wall_ms -= round(DAY_MS * SLEWED / 2)
    machine.passes(DAY_MS)
    assert (machine.clock.lead_ms, machine.clock.leaps) == (0, ())


def test_a_thread_that_waits_between_the_two_clocks_finds_no_step():
    machine = Machine()
    machine.torn = 15
    machine.passes(MINUTE_MS)
    assert (machine.torn, machine.clock.lead_ms, machine.clock.leaps) == (0, 0, ())


def test_of_many_leaps_the_oldest_are_one_and_none_is_forgotten():
    machine = Machine()
    for _ in range(LEAPS_KEPT + 3):
        machine.set_by(HOUR_MS)
    leaps = machine.clock.leaps
    assert (len(leaps), leaps[0]) == (LEAPS_KEPT, Leap(4, NOON, NOON + 4 * HOUR_MS))
    assert leaps[-1].number == LEAPS_KEPT + 3


steps = st.lists(
    st.tuples(st.integers(0, DAY_MS), st.sampled_from([0, 400, -400, -9 * HOUR_MS, 5 * HOUR_MS, -STEP_MS - 1, DAY_MS])),
    max_size=30,
)


@given(steps)
def test_however_a_clock_is_set_its_time_never_goes_back_nor_stands_and_is_never_behind_the_machines(said):
    machine, before_ms, leapt_ms, leaps = Machine(), NOON, 0, 0
    for passed_ms, set_ms in said:
        now_ms = machine.passes(passed_ms)
        assert now_ms >= before_ms + passed_ms * (1 - SLEWED) - STEP_MS
        before_ms = machine.set_by(set_ms)
        assert before_ms >= now_ms
        assert before_ms >= machine.wall_ms
        leap = max(machine.clock.leaps, default=None)
        if leap is not None and leap.number > leaps:
            leaps, leapt_ms = leap.number, leapt_ms + leap.until_ms - leap.from_ms
            assert leap.until_ms == before_ms
    assert leapt_ms <= sum(max(set_ms, 0) for _, set_ms in said)
