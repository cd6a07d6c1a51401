"""The manual clock stands until it is moved, never goes back, and wakes its sleepers."""

import asyncio

from core.clock import ManualClock, SystemClock, monotonic_s


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
        await asyncio.wait_for(early, 1)
        late_was_done = late.done()
        clock.advance_to_ms(20)
        await asyncio.wait_for(late, 1)
        return early.done(), late_was_done

    assert asyncio.run(story()) == (True, False)


def test_a_sleep_until_the_past_returns_at_once_on_both_clocks():
    async def story() -> None:
        await ManualClock(100).sleep_until_ms(100)
        await SystemClock().sleep_until_ms(0)

    asyncio.run(asyncio.wait_for(story(), 1))


def test_the_system_clock_tells_milliseconds_of_this_century():
    assert SystemClock().now_ms() > 1_700_000_000_000
    assert monotonic_s() <= monotonic_s()
