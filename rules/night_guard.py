"""The hours that bound a silence by themselves: nobody is rung lightly by night, the morning's first sign is due."""

from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.localtime import MINUTE_MS
from rules.findings import Evidence
from rules.local_hours import is_between, next_hour_ms
from rules.parameters import RuleParameters
from rules.seeing import unseen_until_ms
from rules.sentences import clock, fact
from rules.state import HomeState

MORNINGS_KNOWN = 12
"""So many first signs must be known before the home's own morning is awaited: two weeks, as their count fades."""

LATE_PER_THOUSAND = 990


def held_until_ms(due_ms: int, graver_ms: Callable[[float], int], tz: ZoneInfo, parameters: RuleParameters) -> int:
    """Return when the first call of a silence may be made: by night only one that has passed so many times its limit.

    `graver_ms` gives the moment at which the silence passes a multiple of its limit.
    """
    p = parameters
    if p.night_call_times <= 1 or not is_between(due_ms, p.night_call_from_hour, p.night_call_until_hour, tz):
        return due_ms
    morning_ms = next_hour_ms(due_ms, p.night_call_until_hour, tz)
    return max(due_ms, min(graver_ms(p.night_call_times), morning_ms))


def missed_morning(state: HomeState, due_ms: int, tz: ZoneInfo) -> Evidence:
    """Return what is said of a morning without a first sign."""
    at = clock(due_ms, tz)
    if state.morning.firsts.count < MORNINGS_KNOWN:
        return fact(due_ms, f"当天早晨到{at}仍无任何活动", f"no first sign of the morning until {at}")
    return fact(
        due_ms,
        f"当天早晨到{at}仍无任何活动，比两个月来最晚的早晨还晚",
        f"no first sign of the morning until {at}, later than on any morning of two months",
    )


def morning_sign_ms(state: HomeState, tz: ZoneInfo, parameters: RuleParameters) -> int | None:
    """Return when a silence since before the morning calls because no first sign has come; None where it does not.

    Ten o'clock at first, or an hour after the latest morning so far; with two weeks known an hour after the latest of a
    hundred mornings, though that be sooner. Not when the person came home, or the home was seen again, after the
    morning had begun.
    """
    firsts, begins_ms = state.morning.firsts, state.morning.next_ms
    if not parameters.morning_sign_hour or begins_ms is None:
        return None
    if max(state.home_since_ms or 0, unseen_until_ms(state, parameters), state.watched_from_ms or 0) > begins_ms:
        return None
    latest_ms = begins_ms + firsts.percentile(LATE_PER_THOUSAND) * MINUTE_MS + parameters.morning_sign_ms
    if firsts.count >= MORNINGS_KNOWN:
        return max(latest_ms, _hour_after(begins_ms, parameters.day_starts_hour, tz) + parameters.morning_sign_ms)
    fixed_ms = _hour_after(begins_ms, parameters.morning_sign_hour, tz)
    return max(fixed_ms, latest_ms) if firsts.tops else fixed_ms


@lru_cache(maxsize=256)  # a town's mornings begin at one moment
def _hour_after(begins_ms: int, hour: int, tz: ZoneInfo) -> int:
    return next_hour_ms(begins_ms, hour, tz)
