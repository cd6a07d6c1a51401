"""When a limit that differs by day and by night is used up, to the millisecond; reads no clock."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import msgspec

from core.localtime import from_ms, to_ms, zone


class DayHours(msgspec.Struct, frozen=True):
    """Where the local day begins and ends; milliseconds after local midnight."""

    zone_name: str
    begins_ms: int
    ends_ms: int


class Limit(msgspec.Struct, frozen=True):
    """A duration that is `day_ms` long by day and `night_ms` by night; a span over both uses up a share of each."""

    day_ms: int
    night_ms: int
    cap_ms: int | None = None  # the longest it may last in all


def used_up_at_ms(start_ms: int, limit: Limit, hours: DayHours, pauses: Sequence[tuple[int, int]] = ()) -> int:
    """Return the first instant at which day time / day_ms + night time / night_ms reaches one, pauses left out.

    `pauses` are closed spans (from, to), in order and apart.
    """
    left = limit.day_ms * limit.night_ms  # in shares, so that no fraction is ever rounded away
    cap_left_ms = limit.cap_ms if limit.cap_ms is not None else left
    at_ms = start_ms
    waiting = [span for span in pauses if span[1] > start_ms]
    while True:
        if waiting and waiting[0][0] <= at_ms:
            at_ms = max(at_ms, waiting.pop(0)[1])
            continue
        is_day, end_ms = daypart(at_ms, hours)
        if waiting:
            end_ms = min(end_ms, waiting[0][0])
        cost = limit.night_ms if is_day else limit.day_ms
        need_ms = min(-(-left // cost), cap_left_ms)
        if at_ms + need_ms <= end_ms:
            return at_ms + need_ms
        left -= (end_ms - at_ms) * cost
        cap_left_ms -= end_ms - at_ms
        at_ms = end_ms


def daypart(at_ms: int, hours: DayHours) -> tuple[bool, int]:
    """Return whether it is day, and when that changes, UTC ms."""
    begins_ms, ends_ms, next_begins_ms = _bounds(from_ms(at_ms, zone(hours.zone_name)).date(), hours)
    if at_ms < begins_ms:
        return False, begins_ms
    return (True, ends_ms) if at_ms < ends_ms else (False, next_begins_ms)


@lru_cache(maxsize=4096)  # a year of days for ten different settings; most homes share one
def _bounds(on: date, hours: DayHours) -> tuple[int, int, int]:
    return (
        _instant_ms(on, hours.begins_ms, hours),
        _instant_ms(on, hours.ends_ms, hours),
        _instant_ms(on + timedelta(days=1), hours.begins_ms, hours),
    )


def _instant_ms(on: date, after_midnight_ms: int, hours: DayHours) -> int:
    """Return the instant at which the wall clock shows that hour, also on a day of 23 or 25 hours."""
    wall = datetime.combine(on, time()) + timedelta(milliseconds=after_midnight_ms)
    return to_ms(wall.replace(tzinfo=zone(hours.zone_name)))
