"""The nightly lesson of a home: yesterday is folded into the profile, and the limit is set anew from the tail."""

import math
from array import array
from collections.abc import Callable
from functools import lru_cache

import msgspec

from core.localtime import DAY_MS
from rules.habits.expected import BINS, POPULATION_CURVE, ExpectedClock
from rules.habits.memory import DayLog, Memory, Past, curve_of
from rules.habits.tail import fit_tail

PRIOR_DAYS = 4.0  # the population curve weighs as much as four days (spec A4.2)
CLASS_PRIOR_DAYS = 8.0  # working days and days of rest differ only when eight days of data say so
CURVE_BOUNDS = (0.005, 0.97)  # no half hour is ever certain to be silent or active
FEEDBACK_STEP = 0.05  # spec A4.8
FEEDBACK_BOUNDS = (math.log(0.7), math.log(1.8))
DRIFT_BINS = 5.0  # five half hours a day more or less than expected ...
DRIFT_DAYS = 5  # ... for five days are a changed routine
DRIFT_MEMORY_DAYS = 14
"""How long the profile forgets faster after a change was found."""

HALF_LIFE_DAYS = 30.0
DRIFT_HALF_LIFE_DAYS = 10.0


class Budget(msgspec.Struct, frozen=True):
    """What the operator sets for a home, and what is assumed before anything is learned."""

    first_per_30d: float  # false alarms of the first stage
    second_per_30d: float
    blend: float  # share of the clock that runs evenly, whatever the hour: keeps nights bounded
    prior_limit: float  # expected active bins missed, of people in general
    prior_days: float  # how many days of its own a home needs to outweigh it


class Lesson(msgspec.Struct, frozen=True):
    """What the night's lesson noticed besides the limit."""

    is_routine_changed: bool = False
    is_more_active: bool = False


def expected_clock(memory: Memory, blend: float, is_rest: Callable[[int], bool]) -> ExpectedClock:
    """Return the clock that the last lesson left; of nothing learned, that of people in general."""
    rates = array("f", memory.rates or _unlearned_rates())
    return ExpectedClock(rates[:BINS], rates[BINS:], is_rest, blend)


def _rates_of(past: Past) -> bytes:
    """Return the activity to expect per half hour, of working days and then of days of rest; float32."""
    common = _smooth(curve_of(past, PRIOR_DAYS))
    low, high = CURVE_BOUNDS
    rates = array("f")
    for is_rest in (False, True):
        active, seen = past.active[is_rest], past.seen[is_rest]
        own = _smooth([(active[i] + CLASS_PRIOR_DAYS * common[i]) / (seen[i] + CLASS_PRIOR_DAYS) for i in range(BINS)])
        rates.extend(-math.log(1.0 - min(max(chance, low), high)) for chance in own)
    return rates.tobytes()


@lru_cache(maxsize=1)  # there is one
def _unlearned_rates() -> bytes:
    return _rates_of(Memory().past())


def learn(memory: Memory, today: int, budget: Budget, is_rest: Callable[[int], bool]) -> Lesson:
    """Fold every finished day before `today` (days since 1970, local) and set the limits anew."""
    first = today - 1 if memory.folded_day is None else memory.folded_day + 1
    if memory.logs:
        first = min(first, max(memory.logs[0].day, (memory.folded_day or 0) + 1))
    lesson, past = Lesson(), memory.past()
    logs = {log.day: log for log in memory.logs}
    for day in range(max(first, today - DRIFT_MEMORY_DAYS), today):
        seen = _fold(memory, past, logs.get(day, DayLog(day)), is_rest=is_rest(day), today=today)
        lesson = seen if seen.is_routine_changed else lesson
        memory.feedback_ln -= FEEDBACK_STEP * budget.first_per_30d / 30.0
    memory.logs = [log for log in memory.logs if log.day >= today]
    memory.folded_day = today - 1
    memory.feedback_ln += FEEDBACK_STEP * memory.alarms
    memory.feedback_ln = min(max(memory.feedback_ln, FEEDBACK_BOUNDS[0]), FEEDBACK_BOUNDS[1])
    memory.alarms = 0
    memory.rates = _rates_of(past)
    memory.keep(past)
    _set_limits(memory, past, today, budget, expected_clock(memory, budget.blend, is_rest))
    return lesson


def _fold(memory: Memory, past: Past, log: DayLog, *, is_rest: bool, today: int) -> Lesson:
    lesson = _drift(memory, past, log)
    half_life = DRIFT_HALF_LIFE_DAYS if log.day < memory.drift_until_day else HALF_LIFE_DAYS
    keep = 0.5 ** (1.0 / half_life)
    for kind in (False, True):
        active, seen = past.active[kind], past.seen[kind]
        for i in range(BINS):
            active[i] *= keep
            seen[i] *= keep
            if kind is is_rest and log.seen >> i & 1:
                seen[i] += 1.0
                active[i] += log.active >> i & 1
    memory.days_learned += log.seen.bit_count() / BINS
    past.remember(log.gaps, today)
    return lesson


def _drift(memory: Memory, past: Past, log: DayLog) -> Lesson:
    """Count days that leave the profile in one direction; five in a row are a changed routine, told once."""
    chances = curve_of(past, PRIOR_DAYS, POPULATION_CURVE)
    expected = sum(chances[i] for i in range(BINS) if log.seen >> i & 1)
    shift = (log.active & log.seen).bit_count() - expected
    if abs(shift) <= DRIFT_BINS or memory.days_learned < DRIFT_MEMORY_DAYS:
        memory.drift_days = 0
        return Lesson()
    sign = 1 if shift > 0 else -1
    memory.drift_days = memory.drift_days + sign if memory.drift_days * sign > 0 else sign
    if abs(memory.drift_days) < DRIFT_DAYS or log.day < memory.drift_until_day:
        return Lesson()
    memory.drift_until_day = log.day + DRIFT_MEMORY_DAYS
    return Lesson(is_routine_changed=True, is_more_active=shift > 0)


def _set_limits(memory: Memory, past: Past, today: int, budget: Budget, clock: ExpectedClock) -> None:
    silences = [clock.between(start, start + length) for start, length in past.silences()]
    oldest = min((start // DAY_MS for start, _ in past.silences()), default=today)
    tail = fit_tail(silences, min(memory.days_learned, float(today - oldest)))
    own_share = memory.days_learned / (memory.days_learned + budget.prior_days)
    prior = budget.prior_limit
    if tail is None:
        memory.limit = memory.limit_second = prior
        return
    factor = math.exp(memory.feedback_ln)
    memory.limit = own_share * tail.threshold(budget.first_per_30d) * factor + (1.0 - own_share) * prior
    memory.limit_second = own_share * tail.threshold(budget.second_per_30d) * factor + (1.0 - own_share) * prior


def _smooth(values: list[float]) -> list[float]:
    """Return a circular weighted mean over five half hours, 1-2-3-2-1."""
    size = len(values)
    return [
        (values[i - 2] + 2 * values[i - 1] + 3 * values[i] + 2 * values[(i + 1) % size] + values[(i + 2) % size]) / 9.0
        for i in range(size)
    ]
