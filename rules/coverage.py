"""How many minutes of each local day a home was seen: remote monitoring is credited for these and for no others."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from core.events import LIVENESS_METRICS
from core.localtime import DAY_MS, MINUTE_MS, from_ms, to_ms
from registry.homes import DeviceRole, Home
from rules.state import HomeState
from rules.watch_states import CoverageState, SeenDay

DAYS_KEPT = 35
"""A month, and some days for whoever writes its report late."""

SEEN, AWAY, BLIND, OUT = range(4)
"""What a stretch of time is: seen and at home, seen and away, not seen, not watched (suspended or under test)."""


class DayCoverage(msgspec.Struct, frozen=True):
    """One local day. `seen` includes `away`; both minutes seen and blind are None where nothing vouches for them."""

    day: date
    seen_min: int | None
    blind_min: int | None
    away_min: int


def follow(state: HomeState, at_ms: int, tz: ZoneInfo) -> None:
    """Note that the home has become seen, away, blind or unwatched; to be called after whatever may have moved it."""
    coverage, kind = state.coverage, _kind_of(state)
    if coverage.from_ms is None:
        coverage.from_ms, coverage.kind = at_ms, kind
    elif kind != coverage.kind:
        turned_ms = _turned_ms(state, kind, at_ms)
        _settle(coverage, turned_ms, tz)
        coverage.kind = kind


def days_of(state: HomeState, home: Home, now_ms: int, tz: ZoneInfo) -> tuple[DayCoverage, ...]:
    """Return the days known, oldest first, today as far as it has come."""
    copy = msgspec.convert(msgspec.to_builtins(state.coverage), CoverageState)
    if copy.from_ms is not None and now_ms > copy.from_ms:
        _settle(copy, now_ms, tz)
    is_vouched = vouches(home, state)
    return tuple(
        DayCoverage(
            date.fromordinal(day.ordinal),
            day.seen_ms // MINUTE_MS if is_vouched else None,
            day.blind_ms // MINUTE_MS if is_vouched else None,
            day.away_ms // MINUTE_MS,
        )
        for day in copy.days
    )


def vouches(home: Home, state: HomeState) -> bool:
    """Return whether the home's silence would be noticed: a promised heartbeat, or a gateway with a last will."""
    return any(device.heartbeat_ms for device in home.devices) or any(
        f"{device.id} {metric}" in state.values
        for device in home.devices
        if device.role is DeviceRole.GATEWAY
        for metric in LIVENESS_METRICS
    )


def _kind_of(state: HomeState) -> int:
    if state.suspension.is_suspended or state.suspension.is_tested:
        return OUT
    if state.is_blind:
        return BLIND
    return AWAY if state.is_away else SEEN


def _turned_ms(state: HomeState, kind: int, at_ms: int) -> int:
    """Return when it really turned: blind since the last word, away since the door; never before the stretch began."""
    turned_ms = at_ms
    if kind == BLIND:
        turned_ms = state.started_ms if state.last_word_ms is None else state.last_word_ms
    elif kind == AWAY and state.away_since_ms is not None:
        turned_ms = state.away_since_ms
    return max(min(turned_ms, at_ms), state.coverage.from_ms or 0)


def _settle(coverage: CoverageState, until_ms: int, tz: ZoneInfo) -> None:
    begin_ms = max(coverage.from_ms or until_ms, until_ms - (DAYS_KEPT + 1) * DAY_MS)
    for day, lasted_ms in _by_day(begin_ms, until_ms, tz):
        if not coverage.days or coverage.days[-1].ordinal < day:
            coverage.days = [*coverage.days, SeenDay(day)][-DAYS_KEPT:]
        today = next((one for one in reversed(coverage.days) if one.ordinal == day), None)
        if today is None:
            continue
        if coverage.kind in {SEEN, AWAY}:
            today.seen_ms += lasted_ms
        if coverage.kind == AWAY:
            today.away_ms += lasted_ms
        if coverage.kind == BLIND:
            today.blind_ms += lasted_ms
    coverage.from_ms = until_ms


def _by_day(begin_ms: int, until_ms: int, tz: ZoneInfo) -> Iterator[tuple[int, int]]:
    """Yield (ordinal of the local day, ms of it) of a stretch of time."""
    at_ms = begin_ms
    while at_ms < until_ms:
        today = from_ms(at_ms, tz).date()
        tomorrow = today + timedelta(days=1)
        midnight_ms = to_ms(datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=tz))
        end_ms = min(until_ms, midnight_ms)
        yield today.toordinal(), end_ms - at_ms
        at_ms = end_ms
