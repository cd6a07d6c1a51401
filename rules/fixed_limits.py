"""A fixed limit of silence by day and by night: how much of it is used up; exact to the millisecond."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.localtime import from_ms, to_ms
from rules.parameters import RuleParameters


def is_day(at_ms: int, tz: ZoneInfo, parameters: RuleParameters) -> bool:
    """Return whether a local time lies in the day part."""
    return parameters.day_starts_hour <= from_ms(at_ms, tz).hour < parameters.night_starts_hour


def used_share(from_at_ms: int, until_ms: int, tz: ZoneInfo, parameters: RuleParameters) -> float:
    """Return the share of the limit that a silence uses: day time / day limit + night time / night limit."""
    limits_ms = parameters.inactivity_day_ms, parameters.inactivity_night_ms
    return _share(from_at_ms, until_ms, tz, parameters, limits_ms=limits_ms)


def deadline_ms(from_at_ms: int, used: float, tz: ZoneInfo, parameters: RuleParameters) -> int:
    """Return when a silence that began at `from_at_ms`, with a share used before, has used all of its limit."""
    limits_ms = parameters.inactivity_day_ms, parameters.inactivity_night_ms
    cap_ms = from_at_ms + parameters.inactivity_cap_ms
    return _reach_ms(from_at_ms, 1.0 - used, tz, parameters, limits_ms=limits_ms, cap_ms=cap_ms)


def blind_deadline_ms(
    from_at_ms: int, tz: ZoneInfo, parameters: RuleParameters, used: float = 0.0, *, is_key_person: bool
) -> int:
    """Return when a home that cannot be seen since `from_at_ms` is to be asked after; night hours use up less.

    `used` is the share of the limit that dark stretches shortly before have used.
    """
    limits_ms = _blind_limits_ms(parameters, is_key_person=is_key_person)
    cap_ms = from_at_ms + max(limits_ms)
    return _reach_ms(from_at_ms, 1.0 - used, tz, parameters, limits_ms=limits_ms, cap_ms=cap_ms)


def blind_share(
    from_at_ms: int, until_ms: int, tz: ZoneInfo, parameters: RuleParameters, *, is_key_person: bool
) -> float:
    """Return the share of the blind limit that a dark stretch uses."""
    limits_ms = _blind_limits_ms(parameters, is_key_person=is_key_person)
    return _share(from_at_ms, until_ms, tz, parameters, limits_ms=limits_ms)


def _blind_limits_ms(parameters: RuleParameters, *, is_key_person: bool) -> tuple[int, int]:
    if is_key_person:
        return parameters.blind_key_day_ms, parameters.blind_key_night_ms
    return parameters.blind_day_ms, parameters.blind_night_ms


def _reach_ms(
    from_at_ms: int, share: float, tz: ZoneInfo, parameters: RuleParameters, *, limits_ms: tuple[int, int], cap_ms: int
) -> int:
    at_ms, left = from_at_ms, share
    while at_ms < cap_ms:
        by_day, edge_ms = _part_of_day(at_ms, tz, parameters)
        limit_ms = limits_ms[0] if by_day else limits_ms[1]
        share = (edge_ms - at_ms) / limit_ms
        if share >= left:
            return min(cap_ms, at_ms + round(left * limit_ms))
        left -= share
        at_ms = edge_ms
    return cap_ms


def _share(
    from_at_ms: int, until_ms: int, tz: ZoneInfo, parameters: RuleParameters, *, limits_ms: tuple[int, int]
) -> float:
    share, at_ms = 0.0, from_at_ms
    while at_ms < until_ms:
        by_day, edge_ms = _part_of_day(at_ms, tz, parameters)
        edge_ms = min(edge_ms, until_ms)
        share += (edge_ms - at_ms) / (limits_ms[0] if by_day else limits_ms[1])
        at_ms = edge_ms
    return share


def _part_of_day(at_ms: int, tz: ZoneInfo, parameters: RuleParameters) -> tuple[bool, int]:
    """Return whether a local time lies in the day part, and when the part that it lies in ends."""
    hours = parameters.day_starts_hour, parameters.night_starts_hour
    local = from_ms(at_ms, tz)
    for edge_ms in _edges_ms(local.date(), tz, hours):
        if edge_ms > at_ms:
            return hours[0] <= local.hour < hours[1], edge_ms
    raise AssertionError("a day has an edge within 48 hours")


@lru_cache(maxsize=512)  # a backlog of a month in some zones, with some limits of single homes
def _edges_ms(day: date, tz: ZoneInfo, hours: tuple[int, int]) -> tuple[int, ...]:
    """Return when day and night begin on a day and on the one after it."""
    days = day, day + timedelta(days=1)
    return tuple(to_ms(datetime(one.year, one.month, one.day, hour, tzinfo=tz)) for one in days for hour in hours)
