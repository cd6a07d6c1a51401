"""What a resident does all day: a seamless line of activities from a seeded routine; touches no sensor."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from core.localtime import MINUTE_MS, to_ms


class ActivityKind(StrEnum):
    """One thing at a time, in one place."""

    SLEEP = "sleep"
    NIGHT_TOILET = "night_toilet"
    WASH = "wash"
    COOK = "cook"
    SIT = "sit"
    NAP = "nap"
    OUT = "out"
    # Only in scenarios:
    FALLEN = "fallen"  # on the bathroom floor, the tap running, until helpers come
    RESCUE = "rescue"  # helpers in the home; they shut the tap and leave with the person
    STILL = "still"  # not a move, not a sound


class Activity(msgspec.Struct, frozen=True):
    """What is done from `start_ms` (UTC) until just before `end_ms`."""

    kind: ActivityKind
    start_ms: int
    end_ms: int


class Routine(msgspec.Struct, frozen=True, kw_only=True):
    """A person's habits; minutes are local minutes of the day."""

    wake_minute: int
    bed_minute: int
    outings: float  # how likely each of the two daily outings is
    naps: float  # how likely a nap after lunch is


SHORTEST_MS: dict[ActivityKind, int] = {
    ActivityKind.OUT: 20 * MINUTE_MS,  # shorter could not be told from standing in the door
    ActivityKind.COOK: 15 * MINUTE_MS,
    ActivityKind.WASH: 10 * MINUTE_MS,
    ActivityKind.NIGHT_TOILET: 4 * MINUTE_MS,
}
"""Cut shorter by a scenario, they are sat through instead."""

LONGEST_OUTING_MINUTES = 165
"""Real outings of one person: median 1.2 h, p95 2.3 h (spec A3); well below every no-return limit."""


def dice(seed: str) -> Random:
    """Return dice that fall the same way for the same seed, on every machine."""
    return Random(seed)  # noqa: S311  # a pretended life, not a secret


def routine_of(rng: Random) -> Routine:
    """Draw a person's habits."""
    return Routine(
        wake_minute=rng.randint(5 * 60 + 20, 6 * 60 + 40),
        bed_minute=rng.randint(20 * 60 + 45, 21 * 60 + 45),
        outings=rng.uniform(0.4, 0.8),
        naps=rng.uniform(0.3, 0.9),
    )


def life(routine: Routine, seed: str, first_day: date, tz: ZoneInfo) -> Iterator[Activity]:
    """Yield a life without a gap from waking up on `first_day`, for ever; the same seed lives the same life."""
    day = first_day
    start_ms = _wake_ms(routine, seed, day, tz)
    while True:
        next_start_ms = _wake_ms(routine, seed, day + timedelta(days=1), tz)
        yield from _day(routine, dice(f"{seed}/{day}"), start_ms, next_start_ms, _local_ms(day, 0, tz))
        day, start_ms = day + timedelta(days=1), next_start_ms


def spliced(activities: Iterable[Activity], specials: Iterable[Activity]) -> Iterator[Activity]:
    """Yield the activities with the special ones put in; what they cover is cut away."""
    rest = sorted(specials, key=lambda special: special.start_ms)
    for activity in activities:
        left: Activity | None = activity
        while left is not None and rest and rest[0].start_ms < left.end_ms:
            special = rest[0]
            if left.start_ms < special.start_ms:
                yield _cut(left, left.start_ms, special.start_ms)
            if left.end_ms < special.end_ms:
                left = None
                break
            yield special
            rest.pop(0)
            left = _cut(left, max(left.start_ms, special.end_ms), left.end_ms) if left.end_ms > special.end_ms else None
        if left is not None:
            yield left


def _cut(activity: Activity, start_ms: int, end_ms: int) -> Activity:
    is_too_short = end_ms - start_ms < SHORTEST_MS.get(activity.kind, 0)
    return Activity(ActivityKind.SIT if is_too_short else activity.kind, start_ms, end_ms)


def _day(routine: Routine, rng: Random, start_ms: int, end_ms: int, midnight_ms: int) -> Iterator[Activity]:
    """Yield one day from waking up to the next waking up."""
    at_ms = start_ms
    for kind, until_ms in _plan(routine, rng, start_ms, midnight_ms):
        if until_ms > at_ms:
            yield Activity(kind, at_ms, until_ms)
            at_ms = until_ms
    for minutes in _toilet_minutes(rng, (end_ms - at_ms) // MINUTE_MS):
        trip_ms = at_ms + minutes * MINUTE_MS
        yield Activity(ActivityKind.SLEEP, at_ms, trip_ms)
        at_ms = trip_ms + 6 * MINUTE_MS
        yield Activity(ActivityKind.NIGHT_TOILET, trip_ms, at_ms)
    yield Activity(ActivityKind.SLEEP, at_ms, end_ms)


def _plan(routine: Routine, rng: Random, start_ms: int, midnight_ms: int) -> Iterator[tuple[ActivityKind, int]]:
    """Yield (activity, its end) from waking up to going to bed."""

    def at(minute: float) -> int:
        return midnight_ms + round(minute * MINUTE_MS)

    yield ActivityKind.WASH, start_ms + rng.randint(12, 20) * MINUTE_MS
    yield ActivityKind.SIT, start_ms + rng.randint(30, 45) * MINUTE_MS
    yield ActivityKind.COOK, start_ms + rng.randint(70, 95) * MINUTE_MS
    if rng.random() < routine.outings:
        leaves = rng.randint(8 * 60 + 20, 9 * 60 + 10)
        yield ActivityKind.SIT, at(leaves)
        yield ActivityKind.OUT, at(leaves + rng.randint(40, 100))
    lunch = rng.randint(11 * 60 + 5, 11 * 60 + 40)
    yield ActivityKind.SIT, at(lunch)
    yield ActivityKind.COOK, at(lunch + rng.randint(45, 65))
    nap_from = 12 * 60 + rng.randint(50, 75)
    yield ActivityKind.SIT, at(nap_from)
    if rng.random() < routine.naps:
        yield ActivityKind.NAP, at(nap_from + rng.randint(40, 80))
    if rng.random() < routine.outings:
        leaves = rng.randint(14 * 60 + 30, 15 * 60 + 10)
        yield ActivityKind.SIT, at(leaves)
        yield ActivityKind.OUT, at(leaves + rng.randint(45, LONGEST_OUTING_MINUTES - 45))
    dinner = rng.randint(17 * 60 + 30, 18 * 60)
    yield ActivityKind.SIT, at(dinner)
    yield ActivityKind.COOK, at(dinner + rng.randint(45, 65))
    bed = routine.bed_minute + rng.randint(-15, 15)
    yield ActivityKind.SIT, at(bed - 25)
    yield ActivityKind.WASH, at(bed)


def _toilet_minutes(rng: Random, night_minutes: int) -> list[int]:
    """Return how long the person sleeps before each walk to the toilet."""
    trips = rng.choice((1, 1, 2))
    share = night_minutes // (trips + 1)
    return [share + rng.randint(-25, 25) for _ in range(trips)]


def _wake_ms(routine: Routine, seed: str, day: date, tz: ZoneInfo) -> int:
    return _local_ms(day, routine.wake_minute + dice(f"{seed}/{day}/wake").randint(-15, 15), tz)


def _local_ms(day: date, minute: int, tz: ZoneInfo) -> int:
    return to_ms(datetime(day.year, day.month, day.day, tzinfo=tz) + timedelta(minutes=minute))
