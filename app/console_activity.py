"""A home's day and its last four weeks, drawn from what its sensors changed to; whether it counts the rules decide."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from api.home_views import ActiveDayView, ActivityView, SpanView, StripView
from core.events import Reading
from core.localtime import MINUTE_MS, from_ms, to_ms
from registry.homes import Device, Home
from rules.grading import SIGNS_OF_LIFE, Grade, grade_of
from rules.seeing import SIGNLESS
from store.duckdb_series import Change, DuckDbSeries

STRIP_BIN_MS = 5 * MINUTE_MS
"""288 a day: two or three pixels each on a desk's screen; a shorter movement is drawn as wide as this."""

HALF_HOUR_MS = 30 * MINUTE_MS
"""The rules learn and judge by half hours."""

RASTER_DAYS = 28
"""Four of each day of the week."""


def read_activity(series: DuckDbSeries, home: Home, day: date, tz: ZoneInfo) -> ActivityView:
    """Return the day of every sensor and the four weeks that end with it; blocking."""
    begin_ms, until_ms = midnight_ms(day, tz), midnight_ms(day + timedelta(days=1), tz)
    first_ms = midnight_ms(day - timedelta(days=RASTER_DAYS - 1), tz)
    fine = _graded(series.changes(home.id, begin_ms, until_ms, STRIP_BIN_MS), home)
    coarse = series.changes(home.id, first_ms, until_ms, HALF_HOUR_MS)
    return ActivityView(
        home_id=home.id,
        day=day,
        from_ms=begin_ms,
        until_ms=until_ms,
        strips=[_strip(device, fine, until_ms) for device in _living(home)],
        days=list(_days(_graded(coarse, home), day, tz, begin_ms=coarse[0].from_ms if coarse else until_ms)),
    )


def midnight_ms(day: date, tz: ZoneInfo) -> int:
    """Return when a local day begins."""
    return to_ms(datetime(day.year, day.month, day.day, tzinfo=tz))


def _living(home: Home) -> list[Device]:
    return [device for device in home.devices if device.role not in SIGNLESS]


def _graded(changes: Iterable[Change], home: Home) -> dict[tuple[str, int], Grade]:
    """Return the strongest grade of each device and bin that shows life."""
    roles = {device.id: device.role for device in home.devices}
    found: dict[tuple[str, int], Grade] = {}
    for change in changes:
        role = roles.get(change.device_id)
        if role is None:  # a device that was taken out of the home
            continue
        at_ms = change.from_ms
        grade = grade_of(
            Reading(home.id, change.device_id, change.metric, change.value, at_ms, at_ms), role, change.before
        )
        key = (str(change.device_id), at_ms)
        if grade in SIGNS_OF_LIFE:
            found[key] = min(grade, found.get(key, grade))  # A is the strongest
    return found


def _strip(device: Device, graded: dict[tuple[str, int], Grade], end_ms: int) -> StripView:
    bins = sorted((at_ms, grade) for (device_id, at_ms), grade in graded.items() if device_id == device.id)
    return StripView(device_id=device.id, role=device.role, room=device.room, spans=list(_spans(bins, end_ms)))


def _spans(bins: Sequence[tuple[int, Grade]], end_ms: int) -> Iterator[SpanView]:
    """Yield bins that touch and have one grade as one span."""
    start = 0
    for index, (at_ms, grade) in enumerate(bins):
        following = bins[index + 1] if index + 1 < len(bins) else None
        if following != (at_ms + STRIP_BIN_MS, grade):
            yield SpanView(from_ms=bins[start][0], until_ms=min(at_ms + STRIP_BIN_MS, end_ms), grade=grade)
            start = index + 1


def _days(graded: dict[tuple[str, int], Grade], last: date, tz: ZoneInfo, *, begin_ms: int) -> Iterator[ActiveDayView]:
    """Yield the days up to the last; of those before `begin_ms`, the first record, nothing is claimed."""
    by_day: dict[date, set[int]] = {}
    for _, at_ms in graded:
        day = from_ms(at_ms, tz).date()
        by_day.setdefault(day, set()).add((at_ms - midnight_ms(day, tz)) // HALF_HOUR_MS)
    begin = from_ms(begin_ms, tz).date()
    for age in range(RASTER_DAYS - 1, -1, -1):
        day = last - timedelta(days=age)
        yield ActiveDayView(
            day=day,
            from_ms=midnight_ms(day, tz),
            half_hours=sorted(by_day.get(day, ())),
            is_recorded=day >= begin,
        )
