"""Habits: the clock of expected activity, the tail of silences, a day's lesson, and what a budget promises."""

import random
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.localtime import DAY_MS, HOUR_MS, MINUTE_MS
from core.rest_days import is_rest_day
from rules.habits import observing
from rules.habits.expected import BIN_MS, BINS, ExpectedClock
from rules.habits.learning import Budget, expected_clock, learn
from rules.habits.memory import GAP_DAYS, Memory, curve_of
from rules.habits.tail import Tail, fit_tail

MONDAY = 19_786  # 2024-03-04
BUDGET = Budget(0.6, 0.5, 0.2, 10.0, 4.0)


def weekend(day):
    return (day + 3) % 7 >= 5


def day_number(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def clock_of(busy=1.0, calm=0.2):
    return ExpectedClock([busy] * BINS, [calm] * BINS, weekend)


@pytest.mark.parametrize(
    ("day", "is_rest"),
    [
        ("2024-02-12", True),  # a Monday of the Spring Festival
        ("2024-02-18", False),  # the Sunday worked for it
        ("2024-03-09", True),  # a Saturday
        ("2024-03-06", False),
        ("2031-06-07", True),  # no notice for that year yet: a Saturday is all that is known
    ],
)
def test_public_holidays_are_days_of_rest_and_worked_weekends_are_not(day, is_rest):
    assert is_rest_day(day_number(day), "Asia/Shanghai") is is_rest


def test_chinese_holidays_mean_nothing_in_another_country():
    assert not is_rest_day(day_number("2024-02-12"), "Europe/Madrid")


def test_an_hour_of_a_working_day_expects_two_bins_and_of_a_weekend_less():
    clock = clock_of()
    monday_ms, sunday_ms = MONDAY * DAY_MS, (MONDAY - 1) * DAY_MS
    assert clock.between(monday_ms + HOUR_MS, monday_ms + 2 * HOUR_MS) == pytest.approx(2.0)
    assert clock.between(sunday_ms + HOUR_MS, sunday_ms + 2 * HOUR_MS) == pytest.approx(0.4)
    assert clock.between(sunday_ms + 23 * HOUR_MS, monday_ms + HOUR_MS) == pytest.approx(2.4)
    assert clock.per_hour(monday_ms) == pytest.approx(2.0)


@given(st.integers(0, 6), st.integers(0, DAY_MS - 1), st.floats(0.01, 200.0))
def test_the_clock_reaches_exactly_what_it_measures(day, at_ms, amount):
    clock = clock_of()
    from_ms = (MONDAY + day) * DAY_MS + at_ms
    until_ms = clock.reach_ms(from_ms, amount)
    assert until_ms >= from_ms
    assert clock.between(from_ms, until_ms) == pytest.approx(amount, abs=1e-4)


def test_a_tail_keeps_its_budget_on_silences_of_the_kind_it_was_fitted_on():
    chance = random.Random(7)
    silences = [chance.expovariate(1.0) for _ in range(270)]
    tail = fit_tail(silences, 90.0)
    assert tail is not None
    limit = tail.threshold(0.6)
    rings_per_30d = sum(chance.expovariate(1.0) > limit for _ in range(300_000)) / 300_000 * 90  # three silences a day
    assert 0.3 <= rings_per_30d <= 1.2
    assert tail.threshold(0.1) > limit > tail.threshold(2.0)


def test_too_few_silences_make_no_tail():
    assert fit_tail([1.0] * 9, 30.0) is None
    assert fit_tail([2.0] * 100, 30.0) is None  # all alike: no excess to learn from
    assert fit_tail([1.0, 2.0, 3.0] * 30, 0.0) is None


def test_a_generous_budget_never_puts_the_limit_far_below_what_was_seen():
    assert Tail(8.0, 1.0, 0.1, 5.0).threshold(1_000.0) == 6.0


def live(memory, days, *, first=MONDAY, seed=3, wake=7, sleep=22, every_min=25):
    """Let somebody live so many days with signs about every `every_min` minutes from `wake` to `sleep`."""
    chance = random.Random(seed)
    for day in range(first, first + days):
        learn(memory, day, BUDGET, weekend)
        clock = expected_clock(memory, BUDGET.blend, weekend)
        at_ms = day * DAY_MS + wake * HOUR_MS
        while at_ms < day * DAY_MS + sleep * HOUR_MS:
            observing.on_sign(memory, at_ms, clock)
            at_ms += int(chance.expovariate(1.0 / every_min) * MINUTE_MS) + 1
    return memory


def test_the_profile_learns_when_somebody_sleeps_and_when_they_live():
    memory = live(Memory(), 30)
    curve = curve_of(memory.past(), 4.0)
    assert max(curve[2:12]) < 0.1
    assert min(curve[16:42]) > 0.5


def test_a_lively_home_gets_a_tight_limit_by_day_and_a_long_one_by_night():
    memory = live(Memory(), 40)
    clock = expected_clock(memory, BUDGET.blend, weekend)
    day_ms = (MONDAY + 42) * DAY_MS  # a Monday
    by_day_ms = clock.reach_ms(day_ms + 10 * HOUR_MS, memory.limit) - day_ms - 10 * HOUR_MS
    by_night_ms = clock.reach_ms(day_ms - HOUR_MS, memory.limit) - day_ms + HOUR_MS
    assert by_day_ms < 6 * HOUR_MS
    assert by_night_ms > by_day_ms + 3 * HOUR_MS


def test_an_absence_and_a_blind_stretch_are_never_learned_as_silence():
    stayed, left = Memory(), Memory()
    clock = expected_clock(stayed, BUDGET.blend, weekend)
    for memory in (stayed, left):
        observing.on_sign(memory, MONDAY * DAY_MS + 8 * HOUR_MS, clock)
    observing.pause(left, MONDAY * DAY_MS + 8 * HOUR_MS)
    for memory in (stayed, left):
        observing.on_sign(memory, MONDAY * DAY_MS + 18 * HOUR_MS, clock)
        learn(memory, MONDAY + 1, BUDGET, weekend)
    assert list(stayed.past().silences()) == [(MONDAY * DAY_MS + 8 * HOUR_MS, 10 * HOUR_MS)]
    assert list(left.past().silences()) == []
    assert stayed.days_learned == pytest.approx(21 / BINS)
    assert left.days_learned == pytest.approx(2 / BINS)


def test_silences_are_forgotten_after_ninety_days():
    memory = live(Memory(), 120)
    oldest_ms = min(start_ms for start_ms, _ in memory.past().silences())
    assert oldest_ms >= (MONDAY + 119 - 1 - GAP_DAYS) * DAY_MS


def test_alarms_above_the_budget_raise_the_limit_and_quiet_months_lower_it():
    rung, quiet = live(Memory(), 20), live(Memory(), 20)
    for day in range(MONDAY + 20, MONDAY + 40):
        rung.alarms = 1
        learn(rung, day, BUDGET, weekend)
        learn(quiet, day, BUDGET, weekend)
    assert rung.feedback_ln > 0.5
    assert quiet.feedback_ln < 0
    assert rung.limit > quiet.limit


def test_a_changed_routine_is_told_once_and_then_learned_faster():
    memory = live(Memory(), 30)
    told = 0
    for day in range(MONDAY + 30, MONDAY + 45):
        told += learn(memory, day, BUDGET, weekend).is_routine_changed
        clock = expected_clock(memory, BUDGET.blend, weekend)
        for minute in (0, 200, 420, 640, 860):  # hardly anything any more
            observing.on_sign(memory, day * DAY_MS + 7 * HOUR_MS + minute * MINUTE_MS, clock)
    assert told == 1


def test_what_is_remembered_survives_being_written_down_and_stays_small():
    memory = live(Memory(), 120)
    data = msgspec.msgpack.encode(memory)
    assert len(data) < 3_500
    again = msgspec.msgpack.decode(data, type=Memory)
    learn(memory, MONDAY + 120, BUDGET, weekend)
    learn(again, MONDAY + 120, BUDGET, weekend)
    assert again == memory


@given(st.lists(st.integers(0, 5 * DAY_MS), max_size=40))
def test_days_are_seen_from_the_first_sign_to_the_last_whatever_the_order_of_pauses(offsets):
    memory = Memory()
    clock = clock_of()
    for index, offset in enumerate(sorted(offsets)):
        at_ms = MONDAY * DAY_MS + offset
        if index % 5 == 4:
            observing.pause(memory, at_ms)
        else:
            observing.on_sign(memory, at_ms, clock)
    assert len(memory.logs) <= 3
    for log in memory.logs:
        assert log.active & ~log.seen == 0  # nothing is active that was not seen
        assert log.seen < 1 << BINS
        assert len(log.gaps) <= 3


def test_bins_are_half_hours():
    assert BIN_MS == 30 * MINUTE_MS
